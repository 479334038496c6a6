// An article: how its choices stand, how they came about, and how sure one can be.

import { h, refill, table } from "./dom.js";
import { DAY, historyQuery, moment, span } from "./route.js";
import { seconds, wilson } from "./series.js";
import { chartSection } from "./shared.js";

const LOOK_BACK_DAYS = 399;

/** {node, paths, span, destroy}: what to show, what it needs, and the end of it. */
export function article(app) {
  const { route, words, format } = app;
  const path = `v1/sites/${route.site}/articles/${route.article}`;
  const shown = span(route, app.now());
  const { title, url } = app.remembered(route.article);
  const facts = h("dl", { class: "tiles" });
  const shares = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": words.share });
  const first = h("dd", {}, words.loading), last = h("dd", {}, words.loading);
  const chart = choicesChart(app, path, shown);
  // In whole days, so that the address stays the same until midnight, and with it the tag.
  const back = moment(Math.floor(app.now() / DAY) * DAY - LOOK_BACK_DAYS * DAY);
  const page = /^https?:\/\//.test(url ?? "") ? url : null;
  return {
    node: [
      h("section", { "aria-labelledby": "article" },
        h("p", {}, h("a", { href: app.address({ article: "" }), "data-key": "back", onclick: (event) => app.follow(event, { article: "" }) },
          format.say(words.back, { site: route.site }))),
        h("h2", { id: "article", tabindex: "-1" }, title ?? route.article),
        h("p", { class: "note" }, title ? h("bdi", {}, route.article) : null, page ? " · " : null,
          page ? h("a", { href: page, rel: "noopener noreferrer", target: "_blank" }, words.read) : null),
        facts, shares),
      chart.node,
    ],
    span: shown,
    paths: {
      [`${path}/tally`]: (tally) => {
        refill(facts, tallyTiles(tally, words, format),
          h("div", {}, h("dt", {}, words.first), first), h("div", {}, h("dt", {}, words.last), last));
        refill(shares, shareTable(app, tally));
      },
      [`${path}/history?step=day&since=${back}`]: (days) => {
        first.textContent = firstVote(days, words, format);
        last.textContent = lastVote(days, words, format);
      },
      [`${path}/history?${historyQuery(shown)}`]: chart.show,
    },
    destroy: chart.destroy,
  };
}

function firstVote(days, words, format) {
  const point = days.points.find((one) => one.voters > 0);
  if (!point) return words.never;
  const date = format.date(seconds(point.start));
  return point === days.points[0] && point.start === days.since ? format.say(words.before, { date }) : date;
}

/** The last day on which votes came or went: a tally's `updated_at` is that of opening and closing, too. */
function lastVote(days, words, format) {
  const changed = days.points.filter((one) => Object.values(one.gained.counts).some(Boolean)).at(-1);
  if (changed) return format.date(seconds(changed.start));
  return days.points.some((one) => one.voters) ? format.say(words.before, { date: format.date(seconds(days.since)) }) : words.never;
}

function tallyTiles({ ballot, counts, score, voters }, words, format) {
  const tiles = [h("div", {}, h("dt", {}, words.total), h("dd", {}, format.number(voters)))];
  if (ballot.kind === "updown" && score.approval !== null) {
    const [low, high] = wilson(counts.up, counts.up + counts.down).map(format.percent);
    tiles.push(h("div", {}, h("dt", {}, words.approval),
      h("dd", {}, format.percent(counts.up / (counts.up + counts.down)), h("small", {}, format.say(words.interval, { low, high })))));
  }
  if (score.mean !== null) tiles.push(h("div", {}, h("dt", {}, words.mean), h("dd", {}, format.decimal(score.mean))));
  return tiles;
}

function shareTable(app, { ballot, counts, voters }) {
  const { words, format } = app;
  return table(words.share, [words.choice, words.total, words.share], ballot.choices.map((one, index) => [
    h("span", { class: `swatch line-${index % 6}` }, app.nameOf(ballot, one)),
    format.number(counts[one]),
    voters
      ? h("span", { class: `bar line-${index % 6}` },
        h("progress", { max: voters, value: counts[one], "aria-hidden": "true" }), format.percent(counts[one] / voters))
      : "–",
  ]));
}

function choicesChart(app, path, shown) {
  const { route, words, format } = app;
  const legend = h("ul", { class: "legend" });
  return chartSection(app, {
    name: "over",
    title: words.over,
    path: `${path}/history?${historyQuery(shown)}`,
    file: `${route.article}-history`,
    span: shown,
    legend,
    read: (ballot) => {
      const lines = ballot.choices.map((one) => app.nameOf(ballot, one));
      refill(legend, lines.map((name, index) => h("li", { class: `swatch line-${index % 6}${index > 5 ? " dashed" : ""}` }, name)));
      return {
        lines,
        values: ballot.choices.map((one) => (point) => point.counts[one]),
        cells: [
          [words.total, (point) => format.number(point.voters)],
          ...ballot.choices.map((one, index) => [lines[index], (point) => format.number(point.counts[one])]),
          [words.gained, (point) => format.signed(point.gained.voters)],
        ],
      };
    },
  });
}
