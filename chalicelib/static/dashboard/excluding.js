// Taking votes out of the counts and putting them back: what both pages with unusual votes do.

import { HOUR } from "./calendar.js";
import { Trouble } from "./client.js";
import { h, refill, table } from "./dom.js";
import { askForKey } from "./keyform.js";
import { seconds } from "./series.js";

const UNKNOWN_BALLOT = { kind: "", choices: [] }; // until the tally or the summary has come

export const total = (counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);

/**
 * The panel of unusual votes, and what fills it. `ballot()`: of the site. `read(panel)`: reads what is to be shown,
 * shows it, and returns what is to be said.
 */
export class Panel {
  constructor(app, ballot, read) {
    this.app = app;
    this.ballot = ballot;
    this.read = read;
    this.exclusions = `v1/sites/${app.route.site}/exclusions`;
    this.place = h("div", {});
    this.said = h("p", { class: "note", role: "status" });
    this.found = h("div", {});
    this.busy = false;
  }

  /** The whole panel: a button to look with, or a form for the key. */
  section() {
    const { words } = this.app;
    if (this.app.key()) this.offer();
    else this.ask();
    return h(
      "section",
      { class: "panel unusual", "aria-labelledby": "unusual" },
      h("h2", { id: "unusual" }, words.unusual.title),
      h("p", { class: "note" }, words.unusual.about),
      this.place,
      this.said,
      this.found,
    );
  }

  ask() {
    const { words } = this.app;
    askForKey(this.app, this.place, words.unusual.keyNeeded, words.unusual.key, "admin-key");
  }

  /** The button, and what was found. */
  offer(...findings) {
    const look = this.button("look", this.app.words.unusual.look, () => this.tried(() => this.read(this)));
    const had = this.found.contains(document.activeElement);
    refill(this.place, [h("div", { class: "controls" }, look)]);
    refill(this.found, findings);
    if (had && !this.found.contains(document.activeElement)) look.focus(); // what was pressed is gone
  }

  button(key, text, onclick) {
    return h("button", { type: "button", "data-key": key, onclick }, text);
  }

  /** Do this and say what it returns, or why it was not possible. */
  async tried(act) {
    const { words, format } = this.app;
    if (this.busy) return;
    this.busy = true;
    this.said.textContent = words.loading;
    try {
      this.said.textContent = await act();
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      const refused =
        trouble.status === 401 ? words.keyRefused : format.say(words.refused, { detail: trouble.message });
      this.said.textContent = trouble.status ? refused : words.silent;
      if ([401, 403].includes(trouble.status)) this.ask();
    } finally {
      this.busy = false;
    }
  }

  /** Ask for a change until all votes are moved: very many votes take more than one answer. */
  change(message, ask) {
    return this.tried(async () => {
      let answer = await ask();
      while (!answer.complete) answer = await ask();
      await this.read(this);
      return this.app.format.say(message, { n: this.app.format.number(total(answer.exclusion.votes)) });
    });
  }

  exclude(rule) {
    return this.change(this.app.words.unusual.gone, () => this.app.client.post(this.exclusions, rule));
  }

  undo(one) {
    const path = `${this.exclusions}/${one.exclusion}`;
    return this.change(this.app.words.unusual.back, () => this.app.client.remove(path));
  }

  /** The exclusions of the site that are not undone, the newest first. */
  async listed() {
    const { exclusions } = await this.app.client.surely(this.exclusions);
    return exclusions.filter((one) => one.state !== "restored");
  }

  /** A table of exclusions, or nothing. `withArticles`: name the article of each. */
  excluded(found, withArticles) {
    const { words, format } = this.app;
    const rows = found.map((one) => [
      withArticles ? this.link(one.article) : this.choices(one.votes),
      this.button(one.exclusion, words.unusual.undo, () => this.undo(one)),
      ...(withArticles ? [this.choices(one.votes)] : []),
      this.hours(one),
      format.moment(seconds(one.made_at)),
    ]);
    const { hours, at, undo } = words.unusual;
    const headings = [words.choice, undo, hours, at];
    if (withArticles) headings.splice(0, 2, words.article, undo, words.choice);
    return found.length
      ? [
          h("h3", {}, words.unusual.excluded),
          h("div", { class: "scroll" }, table(words.unusual.excluded, headings, rows)),
        ]
      : [];
  }

  /** A link to an article's page. */
  link(article, title = article) {
    const to = { article, range: "" };
    const onclick = (event) => this.app.follow(event, to);
    return h("a", { href: this.app.address(to), onclick }, title);
  }

  /** Counts by something, each with its name. */
  named(counts, name) {
    return Object.entries(counts)
      .map(([one, n]) => `${name(one)}: ${this.app.format.number(n)}`)
      .join(", ");
  }

  choices(counts) {
    return this.named(counts, (choice) => this.app.nameOf(this.ballot() ?? UNKNOWN_BALLOT, choice));
  }

  /** From the beginning of the first hour to the end of the last one. */
  hours(one) {
    const { format } = this.app;
    return `${format.moment(seconds(one.first_hour))} – ${format.moment(seconds(one.last_hour) + HOUR)}`;
  }
}
