// A site: its votes now, hour by hour or day by day, and its top articles.

import { board } from "./board.js";
import { DAY, HOUR } from "./calendar.js";
import { h, refill } from "./dom.js";
import { counted } from "./format.js";
import { comparedWith, historyQuery, span } from "./route.js";
import { chartSection } from "./section.js";
import { seconds } from "./series.js";
import { changeOf, split, tile } from "./tiles.js";
import { unusualOnSite } from "./unusual.js";

/** {node, paths, span, destroy}: the nodes, the paths to read with their handlers, the time, and how to end it. */
export function overview(app) {
  const { route, calendar } = app;
  const site = `v1/sites/${route.site}`;
  const shown = span(route, app.now(), calendar),
    earlier = comparedWith(shown, route.compare);
  const tiles = h("dl", { class: "tiles" });
  const history = historySection(app, site, shown, earlier);
  const articles = board(app, site);
  // The hour a day ago and the day before yesterday, for the tiles.
  const hour = Math.floor(app.now() / HOUR) * HOUR - DAY,
    [day, after] = [-2, -1].map((days) => calendar.start(app.now(), days));
  const known = { summary: null, hour: 0, day: 0 };
  const fill = () => known.summary && refill(tiles, summaryTiles(app, known));
  const gained = ({ points }) => points[0]?.gained.voters ?? 0;
  const paths = {
    [`${site}/summary`]: (summary) => {
      known.summary = summary;
      fill();
    },
    [`${site}/history?${historyQuery({ step: "hour", since: hour, until: hour + HOUR })}`]: (body) => {
      known.hour = gained(body);
      fill();
    },
    [`${site}/history?${historyQuery({ step: "day", since: day, until: after })}`]: (body) => {
      known.day = gained(body);
      fill();
    },
    [`${site}/history?${historyQuery(shown)}`]: history.show,
    [articles.path]: articles.show,
  };
  if (earlier) paths[`${site}/history?${historyQuery(earlier)}`] = history.compare;
  return {
    node: [
      h("section", { class: "glance", "aria-label": app.words.total }, tiles),
      history.node,
      articles.node,
      unusualOnSite(app, () => known.summary?.ballot, articles.entries),
    ],
    span: shown,
    paths,
    destroy: history.destroy,
  };
}

function summaryTiles(app, { summary, hour, day }) {
  const { words, format } = app,
    { up, down } = summary.total.counts;
  const number = (period) => format.number(period.voters);
  const byNow = summary.yesterday_by_now,
    now = summary.today.gained;
  return [
    tile(
      words.hour,
      number(summary.hour.gained),
      format.say(words.hourBefore, { n: hour }),
      changeOf(app, summary.hour.gained.voters, hour),
    ),
    tile(
      words.today,
      number(now),
      format.say(words.byNow, { time: format.hour(seconds(byNow.end)), n: byNow.gained.voters }),
      changeOf(app, now.voters, byNow.gained.voters),
    ),
    tile(
      words.yesterday,
      number(summary.yesterday.gained),
      format.say(words.dayBefore, { n: day }),
      changeOf(app, summary.yesterday.gained.voters, day),
    ),
    summary.ballot.kind === "updown" && up + down > 0
      ? tile(
          words.total,
          number(summary.total),
          `${words.choices.up} ${format.wholePercent(up / (up + down))}`,
          split(app, summary.total.counts),
        )
      : tile(words.total, number(summary.total)),
  ];
}

function historySection(app, site, shown, earlier) {
  const { route, words, format } = app;
  return chartSection(app, {
    name: "history",
    title: shown.step === "hour" ? words.perHour : words.perDay,
    path: `${site}/history?${historyQuery(shown)}`,
    file: `${route.site}-history`,
    kind: "bars",
    span: shown,
    earlier,
    read: (ballot) => ({
      lines: [words.gained],
      values: [(point) => point.gained.voters],
      cells: [
        [words.gained, (point) => format.number(point.gained.voters)],
        ...counted(ballot).map((one) => [app.nameOf(ballot, one), (point) => format.number(point.gained.counts[one])]),
      ],
    }),
  });
}
