// An article: how its choices stand and how sure one can be, how they came about, and how to put it on a page.

import { Trouble } from "./client.js";
import { h, refill } from "./dom.js";
import { DAY, HOUR, historyQuery, moment, span } from "./route.js";
import { chartSection } from "./section.js";
import { byHourOfDay, firstVoted, seconds, wilson } from "./series.js";
import { snippet } from "./snippet.js";
import { changeOf, tile } from "./tiles.js";

const LOOK_BACK_DAYS = 399, HOURS_OF_DAYS = 14;

/** {node, paths, span, destroy}: what to show, what it needs, and the end of it. */
export function article(app) {
  const { route, words, format } = app;
  const path = `v1/sites/${route.site}/articles/${route.article}`;
  const heading = h("h2", { id: "article", class: "title", tabindex: "-1" });
  const id = h("bdi", {}), page = h("a", { rel: "noopener noreferrer", target: "_blank", hidden: true }, words.read);
  const facts = h("dl", { class: "tiles" });
  const shares = h("div", { class: "shares", role: "group", "aria-label": words.share });
  const first = h("span", {}, words.loading), last = h("span", {}, words.loading);
  const over = h("div", { class: "place" });
  const hours = h("div", { class: "hours", role: "img" });
  const today = Math.floor(app.now() / DAY) * DAY, next = (Math.floor(app.now() / HOUR) + 1) * HOUR;
  // In whole days, so that the address stays the same until midnight, and with it the tag.
  const back = moment(today - LOOK_BACK_DAYS * DAY);
  const known = { tally: null, days: null };
  let chart = null;

  /** Titles come with lists of articles. One that was opened by its address is looked for among the site's first hundred. */
  function name({ title, url }) {
    heading.textContent = title ?? route.article;
    id.textContent = title ? route.article : "";
    page.hidden = !/^https?:\/\//.test(url ?? "");
    if (!page.hidden) page.href = url;
    document.title = `${title ?? route.article} – ${words.name}`;
  }

  async function look() {
    try {
      const { entries } = await app.client.get(`v1/sites/${route.site}/leaderboard?order=voters&window=all&limit=100`);
      const entry = entries.find((one) => one.article === route.article);
      if (entry?.title && app.route === route) {
        app.remember(entry);
        name(entry);
      }
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;  // the id is a name, too
    }
  }

  name(app.remembered(route.article));
  if (!app.remembered(route.article).title) look();
  const fill = () => known.tally && refill(facts, tallyTiles(app, known.tally, known.days));

  /** The chart, once it is known when the article's life began. */
  function begin(start) {
    if (chart) return;
    const shown = span(route, app.now(), start);
    chart = choicesChart(app, path, shown);
    over.replaceWith(...[chart.node].flat());
    view.span = shown;
    view.first = start;
    app.poller.add(`${path}/history?${historyQuery(shown)}`, chart.show);
  }

  const view = {
    node: [
      h("p", { class: "back" }, h("a", { href: app.address({ article: "", range: "" }), "data-key": "back",
        onclick: (event) => app.follow(event, { article: "", range: "" }) }, format.say(words.back, { site: route.site }))),
      heading,
      h("p", { class: "note facts" }, id,
        h("span", { class: "fact" }, `${words.first}: `, first), h("span", { class: "fact" }, `${words.last}: `, last),
        page),
      h("section", { class: "glance", "aria-label": words.total }, facts),
      h("div", { class: "pair" },
        h("section", { class: "panel", "aria-labelledby": "shares" }, h("h2", { id: "shares" }, words.share), shares),
        h("section", { class: "panel", "aria-labelledby": "hours" }, h("h2", { id: "hours" }, words.byHour), hours)),
      over,
      snippet(app),
    ],
    span: null,
    first: null,
    paths: {
      [`${path}/tally`]: (tally) => {
        known.tally = tally;
        fill();
        refill(shares, shareBars(app, tally));
      },
      [`${path}/history?step=day&since=${back}`]: (days) => {
        first.textContent = firstVote(days, words, format);
        last.textContent = lastVote(days, words, format);
        known.days = new Map(days.points.map((point) => [seconds(point.start), point.gained.voters]));
        fill();
        const start = firstVoted(days.points);
        begin(start ? seconds(start.start) : today);
      },
      [`${path}/history?${historyQuery({ step: "hour", since: next - HOURS_OF_DAYS * DAY, until: next })}`]: ({ points }) => (
        refill(hours, hourBars(app, byHourOfDay(points), hours))),
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

/** The last day on which votes came or went: a tally's `updated_at` is that of opening and closing, too. */
function lastVote(days, words, format) {
  const changed = days.points.filter((one) => Object.values(one.gained.counts).some(Boolean)).at(-1);
  if (changed) return format.date(seconds(changed.start));
  return days.points.some((one) => one.voters) ? format.say(words.before, { date: format.date(seconds(days.since)) }) : words.never;
}

function tallyTiles(app, { ballot, counts, score, voters }, days) {
  const { words, format } = app, today = Math.floor(app.now() / DAY) * DAY;
  const [now, before, earlier] = [0, 1, 2].map((back) => days?.get(today - back * DAY) ?? 0);
  const tiles = [tile(words.total, format.number(voters))];
  if (ballot.kind === "updown" && score.approval !== null) {
    const sum = counts.up + counts.down, [low, high] = wilson(counts.up, sum).map(format.percent);
    tiles.push(tile(words.approval, format.percent(counts.up / sum), format.say(words.interval, { low, high, level: format.percent(.95) })));
  }
  if (score.mean !== null) tiles.push(tile(format.say(words.mean, { n: 5 }), format.decimal(score.mean)));
  tiles.push(
    tile(words.today, format.number(now)),
    tile(words.yesterday, format.number(before), format.say(words.dayBefore, { n: earlier }), changeOf(app, before, earlier)));
  return tiles;
}

/** Each choice with its count, its share, and the interval that its share is in with a confidence of 95 %. */
function shareBars(app, { ballot, counts, voters }) {
  const { words, format } = app;
  const rows = ballot.choices.map((one, index) => {
    const [low, high] = voters ? wilson(counts[one], voters) : [0, 0];
    return h("tr", {},
      h("th", { scope: "row" }, h("span", { class: `swatch line-${index % 6}` }, app.nameOf(ballot, one))),
      h("td", { class: "number" }, format.number(counts[one])),
      h("td", { class: "number" }, voters ? format.percent(counts[one] / voters) : "–"),
      h("td", { class: "wide" }, h("span", { class: `bar line-${index % 6}`, "aria-hidden": "true" },
        h("span", { class: "filled", "--part": voters ? counts[one] / voters : 0 }),
        voters > 0 && h("span", { class: "interval", "--low": low, "--high": high })),
      h("span", { class: "hidden" }, voters ? format.say(words.interval, { low: format.percent(low), high: format.percent(high), level: format.percent(.95) }) : "")));
  });
  return h("table", {},
    h("caption", { class: "hidden" }, words.share),
    h("thead", { class: "hidden" }, h("tr", {}, [words.choice, words.total, words.share, words.share].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, rows));
}

/** 24 bars, one for each hour of the day. */
function hourBars({ words, format }, counts, host) {
  const most = Math.max(1, ...counts), at = (hour) => format.hour(hour * HOUR);
  const best = counts.indexOf(Math.max(...counts));
  host.setAttribute("aria-label", `${words.byHour}. ${counts.map((count, hour) => `${at(hour)}: ${format.number(count)}`).join(", ")}`);
  return [
    h("div", { class: "columns", dir: "ltr" }, counts.map((count, hour) => (
      h("span", { title: `${at(hour)}: ${format.number(count)}`, class: hour === best && count ? "best" : null, "--part": count / most })))),
    h("div", { class: "marks", dir: "ltr" }, [0, 6, 12, 18].map((hour) => h("span", {}, at(hour)))),
  ];
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
