// The words of a language and the style, which come in one file: fetched once for each language of a page.

import { pause, SLOW_MS } from "./answers.js";
import { warn } from "./warn.js";
import { adopt } from "./words.js";

// The service that the script came from: the part of its address before /embed/v1/.
export const HOME = import.meta.url.replace(/\/embed\/v1\/.*/, "");

export const sheet = new CSSStyleSheet();
// These rules keep room for the line and the buttons until the style arrives. The style begins with the same rules.
sheet.replaceSync(
  ":host{display:block}p{margin:0 0 .5rem}#choices{margin:-.25rem;min-height:52px}.compact{display:flex;align-items:center}.compact p{margin:0}",
);

const packs = {};

/** A language's words and the style. It asks until they arrive. Until then the fallback is shown. */
async function pack(language) {
  for (let attempt = 0; ; await new Promise((resolve) => setTimeout(resolve, pause(attempt++, 0, ...SLOW_MS)))) {
    try {
      const words = await (await fetch(`${HOME}/embed/v1/words/${language}.json`, { credentials: "omit" })).json();
      sheet.replaceSync(words.style);
      return words;
    } catch {}
  }
}

/** Words for a language tag, with the page's own words over ours. `lang`: the language that they are in. */
export async function wordsFor(tag) {
  try {
    [tag] = Intl.getCanonicalLocales(tag);
  } catch {
    tag = "en";
  }
  const [language] = tag.split("-");
  // The service sends English if it does not have the language.
  let words = await (packs[language] ??= pack(language)),
    { lang } = words;
  if (lang === language) lang = tag;
  /** @type {NodeListOf<HTMLScriptElement>} */
  const scripts = document.querySelectorAll("script[type='application/json'][data-article-vote]");
  for (const script of scripts) {
    const of = script.dataset.articleVote;
    if (of !== language && of !== tag) continue;
    try {
      words = adopt(words, JSON.parse(script.text));
      lang = tag;
    } catch {
      warn("data-article-vote", of);
    }
  }
  // Engines disagree on the digits of some languages. So the words name the digits of each region.
  if (words.digits && !tag.includes("-u-")) lang += `-u-nu-${words.digits[tag.slice(-2)] ?? words.digits[""]}`;
  return { words, lang };
}
