// <article-vote>: attributes in, the line and its buttons out. What is shown comes from `article.js`; no state here
// but the nodes. Only textContent and attributes are ever set, so that no text can become markup or script.

import { SLOW_MS, pause } from "./answers.js";
import { articleAt, articles } from "./article.js";
import { keep, listen, names } from "./memory.js";
import { siteAt } from "./site.js";
import { choice as choiceOf, view } from "./state.js";
import { warn } from "./warn.js";
import { adopt, decimal, label, sentence, text } from "./words.js";

const ID = /^[a-z\d][\w.~:-]{0,127}$/i; // of an article; the ids of sites are some of these
const ADDRESS = /^(https?:\/)?\/\S+$/;
const LAYOUTS = ["buttons", "compact", "reactions", "stars"];

// The service that the script came from: what stands before /embed/v1/ in its address.
const HOME = import.meta.url.replace(/\/embed\/v1\/.*/, "");
const packs = {};

/** Something was kept or removed under this name, or under any. */
function heard(name) {
  for (const one in articles) if (!name || name === one) articles[one].heard();
}

listen(heard);

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) /** @type {ArticleVote} */ (target).inSight(isIntersecting);
});

/** A file that stands beside the script, read with `as`. Asked for until it is there: the fallback stays meanwhile. */
async function file(name, as) {
  for (let attempt = 0;; attempt += 1) {
    try {
      const answer = await fetch(`${HOME}/embed/v1/${name}`, { credentials: "omit" });
      if (answer.ok) return await answer[as]();
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, pause(attempt, 0, ...SLOW_MS)));
  }
}

const sheet = new CSSStyleSheet();
// What keeps the room for line and buttons until the style sheet is there; it begins with the same rules.
sheet.replaceSync(":host{display:block}p{margin:0 0 .5rem}#choices{min-height:44px}.compact{display:flex;align-items:center}.compact p{margin:0}");
const style = file("article-vote.css", "text").then((text) => sheet.replaceSync(text));

/** Words for a language tag, the page's own over the service's; `lang` is the language that they are in. */
async function wordsFor(tag) {
  try {
    [tag] = Intl.getCanonicalLocales(tag);
  } catch {
    tag = "en";
  }
  const [language] = tag.split("-");
  // English where the service does not speak the language.
  let words = await (packs[language] ??= file(`words/${language}.json`, "json")), { lang } = words;
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
  return { words, lang };
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

/** A button with the choice's sign, name and count. */
function button(name, icon) {
  const count = make("span", { part: "count" });
  const control = make("button", { type: "button", part: "choice" },
    icon ? make("i", { part: "icon", "aria-hidden": true }, icon) : "", make("span", { part: "name" }, name), count);
  return [control, control, (mine, number) => {
    control.setAttribute("aria-pressed", mine);
    count.textContent = number;
  }];
}

/** A radio button that looks like a star: lit up to the chosen one. */
function star(name) {
  const control = make("input", { type: "radio", name: "star", "aria-label": name });
  const glyph = make("span", { "aria-hidden": true });
  return [make("label", { part: "choice" }, control, glyph), control, (mine, number, lit) => {
    control.checked = mine;
    glyph.textContent = lit ? "★" : "☆";
  }];
}

export class ArticleVote extends HTMLElement {
  static observedAttributes = ["site", "article", "endpoint", "lang", "noun", "layout", "readonly", "live"];

  /** Erase whatever this browser keeps for the sites of this page. Votes stay counted, but nobody here holds them. */
  static forget() {
    names().forEach((name) => keep(name));
    heard();
  }

  #root = this.attachShadow({ mode: "open" });
  #article;
  #asked;   // the words that were asked for last
  #text;    // {words, lang}, once they are there
  #built;   // what the nodes were built for
  #nodes;   // those that change
  #seen;
  #talks;   // a screen reader is told what becomes of a click, and of nothing else

  connectedCallback() {
    this.attributeChangedCallback();
    sight.observe(this);
  }

  disconnectedCallback() {
    sight.unobserve(this);
    this.#stand();
  }

  attributeChangedCallback() {
    // Not at once: a page that sets one attribute after the other means them all.
    queueMicrotask(() => this.isConnected && this.#start());
  }

  /** Make the reader's vote this choice. Resolves when that is settled: true if it stands. */
  async vote(choice) {
    await null; // an element that was only just put on the page knows its article by then
    if (!this.#article || this.hasAttribute("readonly")) return false;
    this.#talks = true;
    return this.#article.choose(choice === null ? null : `${choice}`, this);
  }

  /** Take the reader's vote back. Resolves as `vote` does. */
  retract() {
    return this.vote(null);
  }

  /** Read the tally now, past all caches. */
  async refresh() {
    await this.#article?.site.read([this.#article]);
  }

  /** For the observer of this module: whether the element is in sight, so that `live` is worth a request. */
  inSight(seen) {
    this.#seen = seen;
    this.#article?.site.watch(this, seen && this.hasAttribute("live") && this.#article);
  }

  async #start() {
    const [site, id, endpoint] = ["site", "article", "endpoint"].map((name) => this.getAttribute(name) ?? "");
    const wrong = !ID.test(site) ? "site" : !ID.test(id) && "article";
    if (wrong) warn(wrong, wrong === "site" ? site : id);
    const home = ADDRESS.test(endpoint) ? endpoint.replace(/\/+$/, "") : HOME;
    this.#stand(wrong ? null : articleAt(siteAt(`${home}/v1/sites/${site}`), id));
    this.inSight(this.#seen);
    const asked = this.#asked = wordsFor(/** @type {HTMLElement} */ (this.closest("[lang]"))?.lang || "en");
    const [found] = await Promise.all([asked, style]);
    if (asked !== this.#asked) return; // another language is wanted by now
    this.#text = found;
    this.show();
  }

  /** Stand for this article from now on, or for none. */
  #stand(article) {
    if (article === this.#article) return;
    this.#article?.elements.delete(this);
    this.#article?.site.watch(this);
    this.#article = article;
    try {
      this.#root.adoptedStyleSheets = [sheet];
    } catch {} // in another document, where the sheet is a stranger
    // The page's own content in the line's place, with room for the buttons, so that nothing moves when they come.
    this.#built = "";
    this.#root.replaceChildren(make("div", { id: "box", class: this.getAttribute("layout") }, make("p", {}, make("slot")),
      article ? make("div", { id: "choices" }) : ""));
    article?.elements.add(this);
    article?.site.want(article);
  }

  /** Bring the nodes up to date with the article. */
  show() {
    const { state, trouble } = this.#article?.now() ?? {};
    if (!state?.tally || !this.#text) return;
    const { words, lang } = this.#text;
    const seen = view(state);
    const { kind, chosen, closed } = seen;
    const still = closed || this.hasAttribute("readonly");
    const noun = this.getAttribute("noun");
    this.#build(kind, seen.choices);
    const { line, note, status, controls, retract } = this.#nodes;
    line.textContent = sentence(words, lang, words[noun]?.others ? noun : "users", seen, !still);
    note.textContent = trouble && (words.troubles[trouble] ?? words.troubles.other);
    if (this.#talks) status.textContent = `${line.textContent} ${note.textContent}`;
    this.#talks &&= state.wish ?? state.next;
    seen.choices.forEach((choice, index) => {
      const [node, control, update] = controls[index];
      control.disabled = still;
      node.part.toggle("chosen", choice === chosen);
      update(choice === chosen, decimal(lang, seen.counts[choice]), choice <= chosen);
    });
    if (retract) retract.hidden = still || chosen === null;
  }

  /** Make the nodes, unless those that there are serve. */
  #build(kind, choices) {
    const { words, lang } = this.#text;
    let layout = this.getAttribute("layout");
    if (!LAYOUTS.includes(layout) || (layout === "stars" && kind !== "stars")) {
      layout = LAYOUTS.includes(kind) ? kind : LAYOUTS[0];
    }
    const built = [layout, lang, ...choices].join();
    if (built === this.#built && words === this.#nodes.words) return;
    this.#built = built;
    const stars = layout === "stars";
    const line = make("span", { part: "line" }), note = make("b", { part: "note" });
    const status = make("span", { class: "hidden", role: "status" });
    const controls = choices.map((choice) => {
      const made = (stars ? star : button)(label(words, lang, kind, choice), text(words.icons, choice));
      // For radio buttons as for others, a click on the chosen one takes the vote back.
      made[1].onclick = () => this.vote(choiceOf(this.#article.now().state) === choice ? null : choice);
      return made;
    });
    const retract = stars && make("button", { type: "button", part: "retract", "aria-label": words.retract }, "×");
    if (retract) retract.onclick = () => {
      this.retract();
      controls[0][1].focus(); // the button is about to go
    };
    this.#root.replaceChildren(make("div", { id: "box", class: layout, lang, dir: words.dir }, make("p", {}, line, " ", note),
      status, make("div", { id: "choices", part: "choices", role: "group", "aria-label": words.group },
        ...controls.map(([node]) => node), retract || "")));
    this.#nodes = { line, note, status, controls, retract, words };
  }
}
