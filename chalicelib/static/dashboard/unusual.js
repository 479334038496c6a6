// Which votes of an article stand out, with the evidence. It needs an admin key, and reads all votes, so it is asked for.

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
  const place = h("div", { class: "unusual" });
  const said = h("p", { class: "note", role: "status" });

  const ask = () => askForKey(app, place, words.unusual.keyNeeded, words.unusual.key, "admin-key");

  function offer(...findings) {
    const button = h("button", { type: "button", "data-key": "look", onclick: look }, words.unusual.look);
    refill(place, [h("div", { class: "controls" }, button), ...findings]);
  }

  async function look() {
    said.textContent = words.loading;
    try {
      const found = await app.client.get(path);
      said.textContent = summary(found);
      offer(...(found.groups.length ? [groups(found)] : []));
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

  function groups(found) {
    const named = (counts, name) =>
      Object.entries(counts)
        .map(([one, n]) => `${name(one)}: ${format.number(n)}`)
        .join(", ");
    const rows = found.groups.map((group) => [
      h("bdi", {}, group.network.replace(" ", "\u00a0")),
      format.number(group.votes),
      named(group.choices, (choice) => app.nameOf(ballot() ?? UNKNOWN_BALLOT, choice)),
      [...new Set([group.first_hour, group.last_hour])].map((hour) => format.moment(seconds(hour))).join(" – "),
      named(group.token_ages, (age) => words.unusual.ages[age]),
      h("bdi", { dir: "ltr" }, odds(group.chance)),
    ]);
    const { network, hours, tokens, chance } = words.unusual;
    const headings = [network, words.gained, words.choice, hours, tokens, chance];
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
