import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES, ORDERS } from "../../chalicelib/static/build/facts.js";
import { Calendar, DAY, HOUR } from "../../chalicelib/static/dashboard/calendar.js";
import { choiceName, counted, formats, localeOf, withDigits } from "../../chalicelib/static/dashboard/format.js";
import {
  boardQuery,
  comparedWith,
  historyQuery,
  hourOf,
  neighbour,
  ordersOf,
  read,
  siteNamed,
  span,
  windowOf,
  write,
} from "../../chalicelib/static/dashboard/route.js";
import {
  byHourOfDay,
  change,
  columns,
  finished,
  starts,
  sum,
  trendValues,
  wilson,
} from "../../chalicelib/static/dashboard/series.js";

const NOW = Date.parse("2026-11-24T14:13:20Z") / 1000;
const utc = new Calendar("UTC");
const FOLDER = new URL("../../chalicelib/static/dashboard/words/", import.meta.url);
const words = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [
    file.replace(".json", ""),
    JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")),
  ]),
);
const shape = (value) =>
  typeof value === "string"
    ? (value.match(/\{\w+\}/g) ?? []).toSorted().join()
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)]));

test("an address says what the page shows, and back", () => {
  const said = "?site=demo&article=a-1&order=net&window=week&range=dates&since=2026-11-01&until=2026-11-03&lang=de";
  assert.equal(write(read(said)), said);
  assert.equal(write(read("")), "?");
  assert.equal(
    write({ ...read(said), range: "week" }),
    "?site=demo&article=a-1&order=net&window=week&range=week&lang=de",
  );
});

test("whatever an address says amiss is as if it said nothing", () => {
  const bad = "?site=De%20mo&article=%3Cb%3E&order=best&window=year&range=dates&since=2026-11-01&until=x&lang=../en";
  assert.deepEqual(read(bad), { ...read(""), since: "2026-11-01" });
  assert.equal(siteNamed(" demo "), "demo");
  assert.equal(siteNamed("javascript:alert(1)"), "");
});

test("short ranges are of hours, long ones of days, and none asks for more than the service gives", () => {
  for (const [range, step, count] of [
    ["day", "hour", 24],
    ["week", "day", 7],
    ["month", "day", 30],
    ["year", "day", 365],
  ]) {
    const found = span({ ...read(""), range }, NOW, utc);
    assert.equal(found.step, step);
    assert.equal(starts(found).length, count, range);
    assert.ok(found.until > NOW && found.until - NOW <= (step === "hour" ? HOUR : DAY));
  }
  const long = span({ ...read(""), range: "dates", since: "2001-01-01", until: "2026-11-24" }, NOW, utc);
  assert.equal(starts(long).length, 400);
  const old = span({ ...read(""), range: "dates", since: "2026-01-01", until: "2026-01-03" }, NOW, utc);
  assert.deepEqual([old.step, starts(old).length], ["day", 3]);
});

test("an article's range fits its life, unless the address says otherwise", () => {
  const route = read("?site=demo&article=a-1");
  const first = Math.floor(NOW / DAY) * DAY - 9 * DAY;
  assert.deepEqual([span(route, NOW, utc, first).step, starts(span(route, NOW, utc, first)).length], ["day", 10]);
  assert.equal(span(route, NOW, utc, Math.floor(NOW / DAY) * DAY).step, "hour"); // a young one's hours
  assert.equal(starts(span({ ...route, range: "month" }, NOW, utc, first)).length, 30);
});

test("a span of hours is kept in the address", () => {
  const route = { ...read(""), range: "dates", since: "2026-11-24T09Z", until: "2026-11-24T12Z" };
  assert.deepEqual(read(write(route)), route);
  const found = span(route, NOW, utc);
  assert.deepEqual(
    [found.step, starts(found).map(hourOf)],
    ["hour", ["2026-11-24T09Z", "2026-11-24T10Z", "2026-11-24T11Z"]],
  );
});

test("a span is compared with the one before it, with the same weekdays before, or with none", () => {
  const week = span({ ...read(""), range: "week" }, NOW, utc),
    month = span({ ...read(""), range: "month" }, NOW, utc);
  assert.equal(comparedWith(week, "none"), null);
  assert.equal(comparedWith(month, "previous").until, month.since);
  for (const shown of [week, month]) {
    const before = comparedWith(shown, "weekday");
    assert.equal((shown.since - before.since) % (7 * DAY), 0);
    assert.ok(before.until <= shown.since);
  }
});

test("from a period one gets to its neighbours, and not into the future", () => {
  for (const range of ["day", "week", "month", "year"]) {
    const shown = span({ ...read(""), range }, NOW, utc);
    assert.equal(neighbour(shown, 1, NOW), null, range);
    const back = neighbour(shown, -1, NOW),
      before = span({ ...read(""), ...back }, NOW, utc);
    assert.equal(back.range, "dates");
    assert.deepEqual([before.since, before.until], [2 * shown.since - shown.until, shown.since], range);
    assert.deepEqual(neighbour(before, 1, NOW), { range, since: "", until: "" });
  }
});

test("the top articles are of the chart's time, or of the one that was chosen", () => {
  const windows = ["", "day", "week", "month", "year", "dates"].map((range) => windowOf({ ...read(""), range }));
  assert.deepEqual(windows, ["week", "day", "week", "month", "all", "all"]);
  assert.equal(windowOf({ ...read("?window=hour"), range: "month" }), "hour");
  assert.equal(boardQuery(read("?range=year&order=rising")), "order=voters&window=all");
  assert.ok(!ordersOf("updown", read("?window=all")).includes("rising"));
  assert.ok(ordersOf("updown", read("?window=day")).includes("rising"));
});

test("what is still counting is not finished, and what nobody knows is no zero", () => {
  const shown = { step: "hour", since: 0, until: 3 * HOUR };
  assert.equal(finished(shown, starts(shown), 2 * HOUR - 1), 1);
  assert.equal(finished(shown, starts(shown), 2 * HOUR), 2);
  assert.deepEqual([sum([null, 2, null, 3]), sum([null]), sum([]), sum([0])], [5, null, null, 0]);
});

test("a change is a fraction of what was before, and nothing where there was nothing", () => {
  assert.equal(change(12, 10), 0.2);
  assert.equal(change(0, 10), -1);
  assert.equal(change(3, 0), null);
});

test("votes are added up by the hour of the day", () => {
  const points = ["2026-11-23T08", "2026-11-24T08", "2026-11-24T23"].map((hour) => ({
    start: `${hour}:00:00Z`,
    gained: { voters: 2 },
  }));
  const found = byHourOfDay(points, utc);
  assert.deepEqual([found.length, found[8], found[23], found[0]], [24, 4, 2, 0]);
});

test("yesterday is the day before", () => {
  assert.equal(boardQuery({ order: "net", window: "yesterday" }), "order=net&window=day&ago=1");
  assert.equal(boardQuery({ order: "net", window: "month" }), "order=net&window=month");
  const only = read("?window=day&section=Arts%20%26%20Life&author=Zo%C3%AB");
  assert.equal(boardQuery(only), "order=voters&window=day&section=Arts%20%26%20Life&author=Zo%C3%AB");
  assert.equal(write(only), "?window=day&section=Arts+%26+Life&author=Zo%C3%AB");
  for (const wrong of ["%20x", "x%00", "x".repeat(101), ""]) assert.equal(read(`?section=${wrong}`).section, "");
  assert.equal(
    historyQuery({ step: "day", since: 0, until: DAY }),
    "step=day&since=1970-01-01T00:00:00Z&until=1970-01-02T00:00:00Z",
  );
});

test("where the service says nothing there is no point", () => {
  const points = [
    { start: "1970-01-01T01:00:00Z", n: 5 },
    { start: "1970-01-01T03:00:00Z", n: 0 },
  ];
  const found = columns({ step: "hour", since: 0, until: 5 * HOUR }, points, (point) => point.n);
  assert.deepEqual(found, [
    [0, 3600, 7200, 10800, 14400],
    [null, 5, null, 0, null],
  ]);
});

test("a trend goes on with nothing gained until its window ends, or now", () => {
  const trend = { step: "hour", start: "2026-11-24T11:00:00Z", values: [3, -1] };
  const first = Date.parse("2026-11-24T11:00:00Z") / 1000;
  assert.deepEqual(trendValues(trend, null, NOW, utc), [3, -1, 0, 0]);
  assert.deepEqual(trendValues(trend, first + 3 * HOUR, NOW, utc), [3, -1, 0]);
});

test("Wilson's interval is that of Newcombe's table", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
  for (const [successes, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    assert.deepEqual(
      wilson(successes, trials).map((end) => Number(end.toFixed(4))),
      [low, high],
    );
  }
});

test("every language says all that English says, with the same blanks", () => {
  assert.deepEqual(Object.keys(words).toSorted(), LANGUAGES.toSorted());
  for (const [language, its] of Object.entries(words)) {
    assert.equal(its.lang, language);
    assert.match(its.dir, /^(ltr|rtl)$/);
    assert.deepEqual(shape({ ...its, lang: "", dir: "" }), shape({ ...words.en, lang: "", dir: "" }), language);
  }
});

test("every order of every ballot has a name", () => {
  for (const order of Object.values(ORDERS).flat()) assert.ok(words.en.orders[order], order);
});

test("the reader's own kind of the language formats, if it is one", () => {
  assert.equal(localeOf("en", ["de-AT", "en-US@posix", "en-GB", "en-US"]), "en-GB");
  assert.equal(localeOf("de", ["en-GB"]), "de");
});

test("the clock is the reader's, all other times are of the site", () => {
  process.env.TZ = "Asia/Kolkata";
  const british = formats("en-GB", "Europe/Berlin");
  assert.equal(british.clock(NOW), "19:43:20");
  assert.equal(british.hour(NOW), "15:13");
  assert.equal(british.hourOfDay(8 * HOUR), "08:00");
});

test("digits are those that the words ask for in a region, in every engine", () => {
  const digits = { "": "latn", EG: "arab" };
  assert.equal(formats(withDigits("ar", digits), "UTC").number(12), "12");
  assert.equal(formats(withDigits("ar-EG", digits), "UTC").number(12), "١٢");
  assert.equal(withDigits("ar-EG-u-nu-latn", digits), "ar-EG-u-nu-latn");
  assert.equal(withDigits("hi", undefined), "hi");
});

test("numbers and choices are the language's", () => {
  const arabic = formats("ar-EG", "UTC");
  assert.equal(arabic.number(1234), "١٬٢٣٤");
  const english = formats("en", "UTC");
  assert.equal(english.signed(-3), "-3");
  assert.equal(english.hour(NOW), "02:13 PM");
  assert.equal(choiceName(words.en, english, { kind: "stars", choices: ["4"] }, "4"), "4 ★");
  assert.equal(choiceName(words.en, english, { kind: "reactions", choices: [] }, "like"), "like");
  assert.equal(choiceName(words.en, english, { kind: "updown", choices: [] }, "down"), "Dislike");
  assert.equal(choiceName(words.en, english, { kind: "updown", choices: [], labels: { down: "No" } }, "down"), "No");
  assert.deepEqual(counted({ choices: ["a"], retired: ["b"] }), ["a", "b"]);
});
