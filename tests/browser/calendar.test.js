// Days of a site's time zone on the dashboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Calendar, plusDays } from "../../chalicelib/static/dashboard/calendar.js";
import { comparedWith, neighbour, read, span } from "../../chalicelib/static/dashboard/route.js";
import { starts, trendValues } from "../../chalicelib/static/dashboard/series.js";

const NOW = Date.parse("2026-11-24T14:13:20Z") / 1000;
const at = (time) => Date.parse(`${time}Z`) / 1000;

test("a day begins at midnight in the site's zone", () => {
  for (const [zone, moment, day, begins, ends] of [
    ["Europe/Berlin", "2026-03-29T12:00", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"], // 23 hours
    ["Europe/Berlin", "2026-10-25T12:00", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"], // 25 hours
    ["Asia/Kolkata", "2026-11-24T18:30", "2026-11-25", "2026-11-24T18:30", "2026-11-25T18:30"],
    ["Asia/Kathmandu", "2026-11-24T18:14", "2026-11-24", "2026-11-23T18:15", "2026-11-24T18:15"],
    ["Pacific/Kiritimati", "2026-11-24T10:00", "2026-11-25", "2026-11-24T10:00", "2026-11-25T10:00"],
    ["Pacific/Pago_Pago", "2026-11-24T10:00", "2026-11-23", "2026-11-23T11:00", "2026-11-24T11:00"],
    ["Africa/Cairo", "2026-04-24T12:00", "2026-04-24", "2026-04-23T22:00", "2026-04-24T21:00"], // midnight is skipped
    ["America/Havana", "2026-11-01T12:00", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"], // and comes twice
  ]) {
    const calendar = new Calendar(zone);
    assert.equal(calendar.dayOf(at(moment)), day, zone);
    assert.equal(calendar.start(at(moment)), at(begins), zone);
    assert.equal(calendar.start(at(moment), 1), at(ends), zone);
    assert.equal(calendar.ceil(at(moment)), moment === begins ? at(begins) : at(ends), zone);
    assert.equal(calendar.dayOf(at(ends)), plusDays(day, 1), zone);
  }
});

test("where a zone is not known, times are of UTC, and the page says so", () => {
  const calendar = new Calendar("Europe/Atlantis");
  assert.deepEqual([calendar.name, calendar.zone, calendar.hourOf(NOW)], ["Europe/Atlantis", "UTC", 14]);
});

test("ranges, comparisons and neighbours are of the site's days, also when the clocks change", () => {
  const berlin = new Calendar("Europe/Berlin"),
    now = at("2026-10-27T14:13");
  const week = span({ ...read(""), range: "week" }, now, berlin);
  assert.deepEqual([week.since, week.until], [at("2026-10-20T22:00"), at("2026-10-27T23:00")]);
  assert.deepEqual(
    starts(week).map(berlin.dayOf.bind(berlin)),
    [21, 22, 23, 24, 25, 26, 27].map((day) => `2026-10-${day}`),
  );
  assert.equal(comparedWith(week, "previous").since, at("2026-10-13T22:00"));
  const back = neighbour(week, -1, now);
  assert.deepEqual(back, { range: "dates", since: "2026-10-14", until: "2026-10-20" });
  assert.deepEqual(neighbour(span({ ...read(""), ...back }, now, berlin), 1, now), {
    range: "week",
    since: "",
    until: "",
  });
  const sunday = span({ ...read(""), range: "dates", since: "2026-10-25", until: "2026-10-25" }, now, berlin);
  assert.deepEqual([sunday.step, starts(sunday).length], ["hour", 25]);
  const kolkata = span(
    { ...read(""), range: "dates", since: "2026-10-25", until: "2026-10-25" },
    now,
    new Calendar("Asia/Kolkata"),
  );
  assert.deepEqual([kolkata.since, kolkata.until], [at("2026-10-24T18:00"), at("2026-10-25T19:00")]); // whole hours of UTC
});

test("a trend of days goes on until today in the site's zone", () => {
  const trend = { step: "day", start: "2026-10-23T22:00:00Z", values: [3] };
  assert.deepEqual(trendValues(trend, null, at("2026-10-26T22:59"), new Calendar("Europe/Berlin")), [3, 0, 0]);
  assert.deepEqual(trendValues(trend, null, at("2026-10-26T23:00"), new Calendar("Europe/Berlin")), [3, 0, 0, 0]);
});
