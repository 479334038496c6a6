// The words of a language, and the style that comes with them: fetched once for each language of a page.

import { pause, SLOW_MS } from "./answers.js";
import { warn } from "./warn.js";
import { adopt } from "./words.js";

// The service that the script came from: what stands before /embed/v1/ in its address.
export const HOME = import.meta.url.replace(/\/embed\/v1\/.*/, "");

export const sheet = new CSSStyleSheet();
// What keeps the room for line and buttons until the style is there; it begins with the same rules.
sheet.replaceSync(
  ":host{display:block}p{margin:0 0 .5rem}#choices{margin:-.25rem;min-height:52px}.compact{display:flex;align-items:center}.compact p{margin:0}",
);

const packs = {};

/** A language's words and the style. Asked for until they are there: the fallback stays meanwhile. */
async function pack(language) {
  for (let attempt = 0; ; await new Promise((resolve) => setTimeout(resolve, pause(attempt++, 0, ...SLOW_MS)))) {
    try {
      const words = await (await fetch(`${HOME}/embed/v1/words/${language}.json`, { credentials: "omit" })).json();
      sheet.replaceSync(words.style);
      return words;
    } catch {}
  }
}

/** Words for a language tag, the page's own over the service's; `lang` is the language that they are in. */
export async function wordsFor(tag) {
  try {
    [tag] = Intl.getCanonicalLocales(tag);
  } catch {
    tag = "en";
  }
  const [language] = tag.split("-");
  // English where the service does not speak the language.
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
  // Engines disagree on the digits of some languages: the words say which, by region.
  if (words.digits && !tag.includes("-u-")) lang += `-u-nu-${words.digits[tag.slice(-2)] ?? words.digits[""]}`;
  return { words, lang };
}
