// <article-vote>: the class. Attributes and properties in; `view.js` makes the line and its buttons of them.

import { articles } from "./article.js";
import { keep, listen, names } from "./memory.js";
import { makeView } from "./view.js";

/** Attributes that are properties, too; the first are there or not. (`lang` is a property of every element.) */
const PROPERTIES = ["readonly", "live", "site", "article", "endpoint", "noun", "layout"], FLAGS = 2;

/** Something was kept or removed under this name, or under any. */
function heard(name) {
  for (const one in articles) if (!name || name === one) articles[one].heard(!name);
}

listen(heard);

// The language may change on any element around ours.
new MutationObserver(() => {
  for (const one in articles) articles[one].views.forEach((view) => view.adapt());
}).observe(document, { subtree: true, attributeFilter: ["lang"] });

export class ArticleVote extends HTMLElement {
  static observedAttributes = [...PROPERTIES, "lang"];

  /** Erase whatever this browser keeps for the sites of this page. Votes stay counted, but nobody here holds them. */
  static forget() {
    names().forEach((name) => keep(name));
    heard();
  }

  #view = makeView(this, this.attachShadow({ mode: "open" }));

  connectedCallback() {
    // What was set before the element was defined hides the property: set it again.
    for (const name of PROPERTIES) {
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }
    this.#view.adapt();
  }

  /** Moved by `moveBefore`: nothing is made anew, so the focus stays. */
  connectedMoveCallback() {
    this.#view.adapt();
  }

  disconnectedCallback() {
    this.#view.stand();
  }

  attributeChangedCallback() {
    this.#view.adapt();
  }

  /** Make the reader's vote this choice. Resolves when that is settled: true if it stands. */
  vote(choice) {
    return this.#view.choose(choice);
  }

  /** Take the reader's vote back. Resolves as `vote` does. */
  retract() {
    return this.#view.choose(null);
  }

  /** Read the tally now, past all caches. */
  refresh() {
    return this.#view.renew();
  }
}

PROPERTIES.forEach((name, index) => Object.defineProperty(ArticleVote.prototype, name, {
  get() {
    const value = this.getAttribute(name);
    // Frameworks write readonly="false" for one that is not there.
    return index < FLAGS ? (value ?? "false") !== "false" : value ?? "";
  },
  set(value) {
    if (typeof value === "boolean") this.toggleAttribute(name, value);
    else if (value == null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  },
}));
