// Which votes of an article stand out, with the evidence; and those that an editor excluded, which can be undone. On
// the page of a site: which of its top articles have such votes. It needs an admin key, and reads all votes, so it is
// asked for.

import { LEAST_ALONE } from "../build/facts.js";
import { h, table } from "./dom.js";
import { Panel, total } from "./excluding.js";

const MOST_ODDS = 1e9;

const suspicionsOf = (app, article) => app.client.surely(`v1/sites/${app.route.site}/articles/${article}/suspicions`);

/** The panel of an article. `ballot()`: the article's. */
export function unusual(app, ballot) {
  const { article } = app.route;
  return new Panel(app, ballot, async (panel) => {
    const [found, listed] = await Promise.all([suspicionsOf(app, article), panel.listed()]);
    const mine = listed.filter((one) => one.article === article);
    panel.offer(...(found.groups.length ? [groups(panel, found)] : []), ...panel.excluded(mine, false));
    return summary(app, found);
  }).section();
}

/** The panel of a site. `entries()`: the articles in the list of top articles. */
export function unusualOnSite(app, ballot, entries) {
  const { words, format } = app;
  return new Panel(app, ballot, async (panel) => {
    const listed = await panel.listed(),
      rows = [];
    let done = 0,
      said = "";
    for (const entry of entries()) {
      const found = await suspicionsOf(app, entry.article);
      done += 1;
      if (found.groups.length) {
        const votes = total(found.counts) - total(found.counts_without);
        const count = format.number(found.groups.length + found.more_groups);
        rows.push([panel.link(entry.article, entry.title ?? entry.article), format.number(votes), count]);
      }
      said = format.say(words.unusual.articles, { n: format.number(done), m: format.number(rows.length) });
      panel.said.textContent = said;
    }
    const headings = [words.article, words.gained, words.unusual.groups];
    const found = rows.length ? [h("div", { class: "scroll" }, table(words.unusual.title, headings, rows))] : [];
    panel.offer(...found, ...panel.excluded(listed, true));
    return said;
  }).section();
}

/** What was found, in one or two sentences. */
function summary({ words, format }, found) {
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

function groups(panel, found) {
  const { words, format, route } = panel.app;
  const rows = found.groups.map((group) => [
    h("bdi", {}, group.network.replace(" ", "\u00a0")),
    panel.button(group.mark, words.unusual.exclude, () => {
      const { first_hour, last_hour, mark } = group;
      return panel.exclude({ article: route.article, first_hour, last_hour, mark });
    }),
    format.number(group.votes),
    panel.choices(group.choices),
    panel.hours(group),
    panel.named(group.token_ages, (age) => words.unusual.ages[age]),
    h("bdi", { dir: "ltr" }, odds(format, group.chance)),
  ]);
  const { network, hours, tokens, chance, exclude } = words.unusual;
  const headings = [network, exclude, words.gained, words.choice, hours, tokens, chance];
  return h("div", { class: "scroll" }, table(words.unusual.title, headings, rows));
}

/** One in so many articles would show such a group by chance. */
function odds(format, chance) {
  const once = Math.round(1 / chance);
  return once > MOST_ODDS ? `< 1 : ${format.number(MOST_ODDS)}` : `1 : ${format.number(once)}`;
}
