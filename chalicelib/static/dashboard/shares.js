// An article's votes now: tiles, the share of each choice, and the hours of the day in which readers voted.

import { HOUR } from "./calendar.js";
import { h } from "./dom.js";
import { counted } from "./format.js";
import { wilson } from "./series.js";
import { changeOf, tile } from "./tiles.js";

/** The tiles of an article: its votes in all and by day, and its score. `days`: voters gained by day, or null. */
export function tallyTiles(app, { ballot, counts, score, voters }, days) {
  const { words, format } = app;
  const [now, before, earlier] = [0, -1, -2].map((by) => days?.get(app.calendar.start(app.now(), by)) ?? 0);
  const tiles = [tile(words.total, format.number(voters))];
  if (ballot.kind === "updown" && score.approval !== null) {
    const sum = counts.up + counts.down,
      [low, high] = wilson(counts.up, sum).map(format.percent);
    tiles.push(
      tile(
        words.approval,
        format.percent(counts.up / sum),
        format.say(words.interval, { low, high, level: format.percent(0.95) }),
      ),
    );
  }
  if (score.mean !== null) tiles.push(tile(format.say(words.mean, { n: 5 }), format.decimal(score.mean)));
  tiles.push(
    tile(words.today, format.number(now)),
    tile(
      words.yesterday,
      format.number(before),
      format.say(words.dayBefore, { n: earlier }),
      changeOf(app, before, earlier),
    ),
  );
  return tiles;
}

/** Each choice with its count, its share, and the interval that its share is in with a confidence of 95 %. */
export function shareBars(app, { ballot, counts, voters }) {
  const { words, format } = app;
  const rows = counted(ballot).map((one, index) => {
    const [low, high] = voters ? wilson(counts[one], voters) : [0, 0];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", { class: `swatch line-${index % 6}` }, app.nameOf(ballot, one))),
      h("td", { class: "number" }, format.number(counts[one])),
      h("td", { class: "number" }, voters ? format.percent(counts[one] / voters) : "–"),
      h(
        "td",
        { class: "wide" },
        h(
          "span",
          { class: `bar line-${index % 6}`, "aria-hidden": "true" },
          h("span", { class: "filled", "--part": voters ? counts[one] / voters : 0 }),
          voters > 0 && h("span", { class: "interval", "--low": low, "--high": high }),
        ),
        h(
          "span",
          { class: "hidden" },
          voters
            ? format.say(words.interval, {
                low: format.percent(low),
                high: format.percent(high),
                level: format.percent(0.95),
              })
            : "",
        ),
      ),
    );
  });
  return h(
    "table",
    {},
    h("caption", { class: "hidden" }, words.share),
    h(
      "thead",
      { class: "hidden" },
      h(
        "tr",
        {},
        [words.choice, words.total, words.share, words.share].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    h("tbody", {}, rows),
  );
}

/** 24 bars, one for each hour of the day. */
export function hourBars({ words, format }, counts, host) {
  const most = Math.max(1, ...counts),
    at = (hour) => format.hourOfDay(hour * HOUR);
  const best = counts.indexOf(Math.max(...counts));
  host.setAttribute(
    "aria-label",
    `${words.byHour}. ${counts.map((count, hour) => `${at(hour)}: ${format.number(count)}`).join(", ")}`,
  );
  return [
    h(
      "div",
      { class: "columns", dir: "ltr" },
      counts.map((count, hour) =>
        h("span", {
          title: `${at(hour)}: ${format.number(count)}`,
          class: hour === best && count ? "best" : null,
          "--part": count / most,
        }),
      ),
    ),
    h(
      "div",
      { class: "marks", dir: "ltr" },
      [0, 6, 12, 18].map((hour) => h("span", {}, at(hour))),
    ),
  ];
}
