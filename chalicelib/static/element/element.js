// The class of <article-vote>: its attributes, properties, events and methods. `view.js` shows the line and buttons.

import { articles } from "./article.js";
import { reflect, upgrade } from "./attributes.js";
import { keep, listen, names } from "./memory.js";
import { makeView } from "./view.js";

/** Attributes that are also properties. The first two are flags. (`lang` is a property of every element.) */
const PROPERTIES = ["readonly", "live", "site", "article", "endpoint", "noun", "layout"],
  FLAGS = 2;

/** Something was kept or removed under this name: by another tab, or by `forget`. Without a name: under any. */
function heard(name) {
  for (const one in articles) if (!name || name === one) articles[one].heard(!name);
}

listen(heard);

// The language can change on any element around ours.
new MutationObserver(() => {
  for (const one in articles) articles[one].views.forEach((view) => view.adapt());
}).observe(document, { subtree: true, attributeFilter: ["lang"] });

/**
 * The voting line under an article, with its buttons.
 *
 * @tag article-vote
 * @attr {string} site - The id of the publisher's site.
 * @attr {string} article - The id of the article.
 * @attr {string} endpoint - The service's address. By default the one that the script came from.
 * @attr {string} lang - The language of the words. By default that of the closest element with a lang.
 * @attr {'users' | 'readers' | 'people'} [noun=users] - What voters are called.
 * @attr {'buttons' | 'compact' | 'reactions' | 'stars'} layout - How the choices look. By default the ballot decides.
 * @attr {boolean} readonly - Show the votes, but take none. The value "false" means that the attribute is not there.
 * @attr {boolean} live - Read the tally again while the element is in sight. "false" means that it is not there.
 * @prop {string} site - The id of the publisher's site.
 * @prop {string} article - The id of the article.
 * @prop {string} endpoint - The service's address. By default the one that the script came from.
 * @prop {'users' | 'readers' | 'people'} noun - What voters are called.
 * @prop {'buttons' | 'compact' | 'reactions' | 'stars'} layout - How the choices look. By default the ballot decides.
 * @prop {boolean} readonly - Show the votes, but take none.
 * @prop {boolean} live - Read the tally again while the element is in sight.
 * @fires {CustomEvent<VoteDetail>} vote-cast - The service acknowledged the vote.
 * @fires {CustomEvent<VoteDetail>} vote-retracted - The service acknowledged the retraction.
 * @fires {CustomEvent<RefusalDetail>} vote-refused - The vote was not taken.
 * @slot - What is shown until the tally arrives, and if it does not arrive.
 * @csspart line - The sentence.
 * @csspart note - Why a vote is not settled, or why it was refused.
 * @csspart choices - The row of choices.
 * @csspart choice - A choice: a button, or the label of a star.
 * @csspart chosen - The reader's choice. It is a choice, too.
 * @csspart icon - The icon of a choice.
 * @csspart name - The name of a choice.
 * @csspart count - The count of a choice.
 * @csspart retract - The button that takes a star vote back.
 * @cssprop [--article-vote-accent=light-dark(#1a56b0, #8ab4f8)] - The colour of the chosen choice and the focus ring.
 * @cssprop [--article-vote-on-accent=light-dark(#fff, #0b1a33)] - The colour of text on the accent.
 * @cssprop [--article-vote-border=currentColor] - The border of buttons.
 * @cssprop [--article-vote-radius=22px] - The corners of buttons.
 */
export class ArticleVote extends HTMLElement {
  static observedAttributes = [...PROPERTIES, "lang"];

  /**
   * Erase what this browser keeps for the sites of this page. Votes stay counted.
   * @returns {void}
   */
  static forget() {
    names().forEach((name) => keep(name));
    heard();
  }

  #view = makeView(this, this.attachShadow({ mode: "open" }));

  connectedCallback() {
    upgrade(this, PROPERTIES);
    this.#view.adapt();
  }

  /** Called by `moveBefore`. Nothing is built again, so the focus stays. */
  connectedMoveCallback() {
    this.#view.adapt();
  }

  disconnectedCallback() {
    this.#view.stand();
  }

  attributeChangedCallback() {
    this.#view.adapt();
  }

  /**
   * Make the reader's vote this choice. Resolves when the outcome is known: true if the vote is stored.
   * @param {string} choice
   * @returns {Promise<boolean>}
   */
  vote(choice) {
    return this.#view.choose(choice);
  }

  /**
   * Take the reader's vote back. Resolves like `vote`.
   * @returns {Promise<boolean>}
   */
  retract() {
    return this.#view.choose(null);
  }

  /**
   * Read the tally now, past all caches.
   * @returns {Promise<void>}
   */
  refresh() {
    return this.#view.renew();
  }
}

reflect(ArticleVote, PROPERTIES, FLAGS);
