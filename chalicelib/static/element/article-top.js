// The module that registers <article-top>: the leaderboard of a site, for its readers.

import { pause, SLOW_MS, verdict } from "./answers.js";
import { addressOf, ID, make, reflect, upgrade } from "./attributes.js";
import { HOME, wordsFor } from "./language.js";
import { warn } from "./warn.js";
import { sentence } from "./words.js";

/** Attributes that the service is asked with, and all that are also properties. (`lang` is one of every element.) */
const ASKED = ["order", "window", "limit", "section", "author"],
  PROPERTIES = ["site", "endpoint", "noun", ...ASKED];
const PATIENCE_MS = 10_000;
const LINK = /^https?:\/\//i;
/** The line says how many have voted, and nothing about the reader. */
const NO_VOTE = { chosen: null, closed: false, upcoming: false, mean: 0 };

const style = new CSSStyleSheet();
style.replaceSync(
  ":host{display:block}:host([hidden]){display:none!important}ol{margin:0;padding-inline-start:1.75em}li{margin-block:.4em}a,span{display:block}a{color:var(--article-top-link,LinkText);width:fit-content;min-height:24px}a:focus-visible{outline:3px solid;outline-offset:2px}",
);

/** The elements that are on the page. */
const present = new Set();

/**
 * The articles of a site that readers voted on most, or liked best: a list of links.
 *
 * @tag article-top
 * @attr {string} site - The id of the publisher's site.
 * @attr {'voters' | 'net' | 'approval' | 'stars' | 'controversial' | 'rising'} order - What articles are ranked by.
 * @attr {'hour' | 'day' | 'week' | 'month' | 'all'} window - Which votes count.
 * @attr {number} limit - How many articles are shown at most, from 1 to 100.
 * @attr {string} section - Only articles of this section.
 * @attr {string} author - Only articles of this author.
 * @attr {'users' | 'readers' | 'people'} noun - What voters are called. By default the site decides.
 * @attr {string} endpoint - The service's address. By default the one that the script came from.
 * @attr {string} lang - The language of the words. By default that of the closest element with a lang.
 * @prop {string} site - The id of the publisher's site.
 * @prop {string} endpoint - The service's address. By default the one that the script came from.
 * @slot - What is shown until the list arrives, and if it does not arrive or is empty.
 * @csspart list - The list.
 * @csspart item - An article.
 * @csspart link - Its title, which leads to it.
 * @csspart line - How many have voted on it.
 * @cssprop [--article-top-link=LinkText] - The colour of titles.
 */
export class ArticleTop extends HTMLElement {
  static observedAttributes = [...PROPERTIES, "lang"];

  static {
    // The language can change on any element around ours.
    new MutationObserver(() => present.forEach((one) => one.#adapt())).observe(document, {
      subtree: true,
      attributeFilter: ["lang"],
    });
  }

  #root = this.attachShadow({ mode: "open" });
  #url = "";
  #turn;
  #board;
  #text;
  #asked;

  constructor() {
    super();
    this.#root.append(make("slot"));
  }

  connectedCallback() {
    upgrade(this, PROPERTIES);
    present.add(this);
    this.#adapt();
  }

  disconnectedCallback() {
    present.delete(this);
    this.#url = "";
    this.#turn = null;
  }

  attributeChangedCallback() {
    this.#adapt();
  }

  /** Do what the attributes say. It waits until the page has set all of them. */
  async #adapt() {
    await null;
    if (!this.isConnected) return;
    const given = (name) => this.getAttribute(name) ?? "";
    const site = given("site"),
      known = ID.test(site);
    if (!known) warn("site", site, "article-top");
    const asked = new URLSearchParams(ASKED.flatMap((name) => (given(name) ? [[name, given(name)]] : [])));
    const home = addressOf(given("endpoint")) ?? HOME;
    const url = known ? `${home}/v1/sites/${site}/leaderboard?${asked}` : "";
    if (url !== this.#url) {
      this.#url = url;
      this.#board = null;
      this.#show();
      this.#read(url);
    }
    const words = (this.#asked = wordsFor(this.closest("[lang]")?.getAttribute("lang") || "en"));
    const text = await words;
    if (words !== this.#asked) return; // another language was asked for in the meantime
    this.#text = text;
    this.#show();
  }

  /** Read the leaderboard, until it is there or refused, or another one is asked for. */
  async #read(url) {
    const turn = (this.#turn = {}); // of two readings, the later one
    for (let attempt = 0; url && turn === this.#turn; attempt++) {
      let status, wait;
      try {
        const answer = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
        status = answer.status;
        wait = answer.headers.get("Retry-After");
        const body = await answer.json();
        if (turn !== this.#turn) return;
        if (answer.ok) {
          this.#board = body;
          return this.#show();
        }
        if (verdict(status) !== "unknown") console.warn(`<article-top>: ${body.detail}`);
      } catch {}
      if (verdict(status) !== "unknown") return;
      await new Promise((resolve) => setTimeout(resolve, pause(attempt, wait, ...SLOW_MS)));
    }
  }

  /** Show the list, or the page's own content. Only text and checked addresses reach the page. */
  #show() {
    const listed = this.#text && this.#board?.entries?.filter(({ title, url }) => title && LINK.test(url));
    if (!listed?.length) return this.#root.replaceChildren(make("slot"));
    const { words, lang } = this.#text,
      noun = this.getAttribute("noun") || this.#board.noun;
    this.#root.adoptedStyleSheets = [style];
    this.#root.replaceChildren(
      make(
        "ol",
        { part: "list", role: "list" },
        ...listed.map(({ title, url, total }) =>
          make(
            "li",
            { part: "item" },
            make("a", { part: "link", href: url, dir: "auto" }, title),
            make(
              "span",
              { part: "line", lang, dir: words.dir },
              sentence(words, lang, words[noun]?.others ? noun : "users", { ...NO_VOTE, voters: total }),
            ),
          ),
        ),
      ),
    );
  }
}

reflect(ArticleTop, PROPERTIES);
if (!customElements.get("article-top")) customElements.define("article-top", ArticleTop);
