// Which votes of an article stand out, with the evidence; and those that an editor excluded, which can be undone. It
// needs an admin key, and reads all votes, so it is asked for.

import { LEAST_ALONE } from "../build/facts.js";
import { Trouble } from "./client.js";
import { h, refill, table } from "./dom.js";
import { askForKey } from "./keyform.js";
import { seconds } from "./series.js";

const MOST_ODDS = 1e9;
const UNKNOWN_BALLOT = { kind: "", choices: [] }; // until the tally has come

/** The panel. Without a key, and with one that may not look, it asks for an admin key. `ballot()`: the article's. */
export function unusual(app, ballot) {
  const { words, format } = app;
  const path = `v1/sites/${app.route.site}/articles/${app.route.article}/suspicions`;
  const exclusions = `v1/sites/${app.route.site}/exclusions`;
  const place = h("div", { class: "unusual" });
  const said = h("p", { class: "note", role: "status" });

  const ask = () => askForKey(app, place, words.unusual.keyNeeded, words.unusual.key, "admin-key");

  function offer(...findings) {
    refill(place, [h("div", { class: "controls" }, button("look", words.unusual.look, look)), ...findings]);
  }

  const look = () =>
    tried(async () => {
      const found = await show();
      return summary(found);
    });

  /** Read and show everything. */
  async function show() {
    const [found, listed] = await Promise.all([app.client.get(path), app.client.get(exclusions)]);
    const mine = listed.exclusions.filter((one) => one.article === app.route.article && one.state !== "restored");
    offer(...(found.groups.length ? [groups(found)] : []), ...(mine.length ? excluded(mine) : []));
    return found;
  }

  /** Take a group out of the counts. */
  const exclude = (group) =>
    changed(words.unusual.gone, () =>
      app.client.post(exclusions, {
        article: app.route.article,
        first_hour: group.first_hour,
        last_hour: group.last_hour,
        mark: group.mark,
      }),
    );

  const undo = (one) => changed(words.unusual.back, () => app.client.remove(`${exclusions}/${one.exclusion}`));

  /** Ask for a change until all votes are moved: one answer takes a moment, and very many votes take some. */
  const changed = (message, ask) =>
    tried(async () => {
      let answer = await ask();
      while (!answer.complete) answer = await ask();
      await show();
      return format.say(message, { n: format.number(total(answer.exclusion.votes)) });
    });

  /** Do this and say what it returns, or why it was not possible. */
  async function tried(act) {
    said.textContent = words.loading;
    try {
      said.textContent = await act();
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      said.textContent = trouble.status ? format.say(words.refused, { detail: trouble.message }) : words.silent;
      if ([401, 403].includes(trouble.status)) ask();
    }
  }

  /** What was found, in one or two sentences. */
  function summary(found) {
    const say = (message, n) => format.say(message, { n: format.number(n) });
    const read = total(found.counts);
    return [
      !found.complete && say(words.unusual.sample, read),
      found.alone < LEAST_ALONE
        ? say(words.unusual.tooFew, found.alone)
        : found.groups.length
          ? say(words.unusual.without, total(found.counts_without))
          : say(words.unusual.none, found.alone),
    ]
      .filter(Boolean)
      .join(" ");
  }

  const named = (counts, name) =>
    Object.entries(counts)
      .map(([one, n]) => `${name(one)}: ${format.number(n)}`)
      .join(", ");
  const choices = (counts) => named(counts, (choice) => app.nameOf(ballot() ?? UNKNOWN_BALLOT, choice));
  const hoursOf = (one) =>
    [...new Set([one.first_hour, one.last_hour])].map((hour) => format.moment(seconds(hour))).join(" – ");
  const button = (key, text, onclick) => h("button", { type: "button", "data-key": key, onclick }, text);

  /** The votes that were excluded, the newest first. */
  function excluded(found) {
    const rows = found.map((one) => [
      hoursOf(one),
      choices(one.votes),
      format.moment(seconds(one.made_at)),
      button(one.exclusion, words.unusual.undo, () => undo(one)),
    ]);
    const headings = [words.unusual.hours, words.choice, words.unusual.at, words.unusual.undo];
    return [
      h("h3", {}, words.unusual.excluded),
      h("div", { class: "scroll" }, table(words.unusual.excluded, headings, rows)),
    ];
  }

  function groups(found) {
    const rows = found.groups.map((group) => [
      h("bdi", {}, group.network.replace(" ", "\u00a0")),
      format.number(group.votes),
      choices(group.choices),
      hoursOf(group),
      named(group.token_ages, (age) => words.unusual.ages[age]),
      h("bdi", { dir: "ltr" }, odds(group.chance)),
      button(group.mark, words.unusual.exclude, () => exclude(group)),
    ]);
    const { network, hours, tokens, chance, exclude: last } = words.unusual;
    const headings = [network, words.gained, words.choice, hours, tokens, chance, last];
    return h("div", { class: "scroll" }, table(words.unusual.title, headings, rows));
  }

  /** One in so many articles would show such a group by chance. */
  function odds(chance) {
    const once = Math.round(1 / chance);
    return once > MOST_ODDS ? `< 1 : ${format.number(MOST_ODDS)}` : `1 : ${format.number(once)}`;
  }

  if (app.key()) offer();
  else ask();
  return h(
    "section",
    { class: "panel", "aria-labelledby": "unusual" },
    h("h2", { id: "unusual" }, words.unusual.title),
    h("p", { class: "note" }, words.unusual.about),
    place,
    said,
  );
}

const total = (counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);
