// The page of an article: its votes now, its history, and how to put the element on a page.

import { MOST_POINTS } from "../build/facts.js";
import { DAY, HOUR } from "./calendar.js";
import { h, refill } from "./dom.js";
import { counted } from "./format.js";
import { publish } from "./publish.js";
import { historyQuery, moment, span } from "./route.js";
import { chartSection } from "./section.js";
import { byHourOfDay, firstVoted, seconds } from "./series.js";
import { hourBars, shareBars, tallyTiles } from "./shares.js";
import { snippet } from "./snippet.js";
import { unusual } from "./unusual.js";

const LOOK_BACK_DAYS = MOST_POINTS - 1; // one answer has room for today as well
const HOURS_OF_DAYS = 14;

/** {node, paths, span, destroy}: the nodes, the paths to read with their handlers, the time, and how to end it. */
export function article(app) {
  const { route, words, format, calendar } = app;
  const path = `v1/sites/${route.site}/articles/${route.article}`;
  const heading = h("h2", { id: "article", class: "title", tabindex: "-1" });
  const id = h("bdi", {}),
    page = h("a", { rel: "noopener noreferrer", target: "_blank", hidden: true }, words.read);
  const facts = h("dl", { class: "tiles" });
  const shares = h("div", { class: "shares", role: "group", "aria-label": words.share });
  const first = h("span", {}, words.loading),
    last = h("span", {}, words.loading);
  const over = h("div", { class: "place" });
  const hours = h("div", { class: "hours", role: "img" });
  const today = calendar.start(app.now()),
    next = (Math.floor(app.now() / HOUR) + 1) * HOUR;
  // In whole days, so that the address stays the same until midnight, and with it the tag.
  const back = moment(calendar.start(app.now(), -LOOK_BACK_DAYS));
  const known = { tally: null, days: null };
  let chart = null;

  /** Show the title and the link. Until the history has said them, they are those of the list that led here. */
  function name({ title, url }) {
    heading.textContent = title ?? route.article;
    id.textContent = title ? route.article : "";
    page.hidden = !/^https?:\/\//.test(url ?? "");
    if (!page.hidden) page.href = url;
    document.title = `${title ?? route.article} – ${words.name}`;
  }

  name(app.remembered(route.article));
  const fill = () => known.tally?.counts && refill(facts, tallyTiles(app, known.tally, known.days));

  /** The chart, once it is known when the article's life began. */
  function begin(start) {
    if (chart) return;
    const shown = span(route, app.now(), calendar, start);
    chart = choicesChart(app, path, shown);
    over.replaceWith(...[chart.node].flat());
    view.span = shown;
    view.first = start;
    app.poller.add(`${path}/history?${historyQuery(shown)}`, chart.show);
  }

  const view = {
    node: [
      h(
        "p",
        { class: "back" },
        h(
          "a",
          {
            href: app.address({ article: "", range: "" }),
            "data-key": "back",
            onclick: (event) => app.follow(event, { article: "", range: "" }),
          },
          format.say(words.back, { site: route.site }),
        ),
      ),
      heading,
      h(
        "p",
        { class: "note facts" },
        id,
        h("span", { class: "fact" }, `${words.first}: `, first),
        h("span", { class: "fact" }, `${words.last}: `, last),
        page,
      ),
      h("section", { class: "glance", "aria-label": words.total }, facts),
      h(
        "div",
        { class: "pair" },
        h("section", { class: "panel", "aria-labelledby": "shares" }, h("h2", { id: "shares" }, words.share), shares),
        h("section", { class: "panel", "aria-labelledby": "hours" }, h("h2", { id: "hours" }, words.byHour), hours),
      ),
      over,
      publish(app),
      unusual(app, () => known.tally?.ballot),
      snippet(app),
    ],
    span: null,
    first: null,
    paths: {
      [`${path}/tally`]: (tally) => {
        known.tally = tally;
        fill();
        if (tally.counts) refill(shares, shareBars(app, tally));
      },
      [`${path}/history?step=day&since=${back}`]: (days) => {
        app.remember(days);
        name(days);
        first.textContent = firstVote(days, words, format);
        last.textContent = lastVote(days, words, format);
        known.days = new Map(days.points.map((point) => [seconds(point.start), point.gained.voters]));
        fill();
        const start = firstVoted(days.points);
        begin(start ? seconds(start.start) : today);
      },
      [`${path}/history?${historyQuery({ step: "hour", since: next - HOURS_OF_DAYS * DAY, until: next })}`]: ({
        points,
      }) => refill(hours, hourBars(app, byHourOfDay(points, calendar), hours)),
    },
    destroy: () => chart?.destroy(),
  };
  return view;
}

function firstVote(days, words, format) {
  const point = firstVoted(days.points);
  if (!point) return words.never;
  const date = format.date(seconds(point.start));
  return point === days.points[0] && point.start === days.since ? format.say(words.before, { date }) : date;
}

/** The last day on which votes changed. `updated_at` of a tally also changes when the article is registered. */
function lastVote(days, words, format) {
  const changed = days.points.filter((one) => Object.values(one.gained.counts).some(Boolean)).at(-1);
  if (changed) return format.date(seconds(changed.start));
  return days.points.some((one) => one.voters)
    ? format.say(words.before, { date: format.date(seconds(days.since)) })
    : words.never;
}

function choicesChart(app, path, shown) {
  const { route, words, format } = app;
  const legend = h("ul", { class: "legend" });
  return chartSection(app, {
    name: "over",
    title: words.over,
    path: `${path}/history?${historyQuery(shown)}`,
    file: `${route.article}-history`,
    kind: "lines",
    span: shown,
    legend,
    read: (ballot) => {
      const lines = counted(ballot).map((one) => app.nameOf(ballot, one));
      refill(
        legend,
        lines.map((name, index) => h("li", { class: `swatch line-${index % 6}${index > 5 ? " dashed" : ""}` }, name)),
      );
      return {
        lines,
        values: counted(ballot).map((one) => (point) => point.counts[one]),
        cells: [
          [words.total, (point) => format.number(point.voters)],
          ...counted(ballot).map((one, index) => [lines[index], (point) => format.number(point.counts[one])]),
          [words.gained, (point) => format.signed(point.gained.voters)],
        ],
      };
    },
  });
}
