// What both views have: the choice of time, and the words for the point under the pointer.

import { choice, h } from "./dom.js";
import { DAY, RANGES } from "./route.js";

const MOST_DAYS = 400;
const dayOf = (at) => new Date(at * 1000).toISOString().slice(0, 10);

/** The range, its dates if it has some, and the download of what is shown. */
export function rangeControls(app, download) {
  const { route, words } = app;
  const today = dayOf(app.now());
  const date = (label, value, key) => {
    const input = h("input", { type: "date", value, max: today, required: true, "data-key": key });
    return [input, h("label", {}, h("span", {}, label), input)];
  };
  const [since, sinceLabel] = date(words.since, route.since || today, "since");
  const [until, untilLabel] = date(words.until, route.until || today, "until");
  const dates = h("form", {
    class: "controls", hidden: route.range !== "dates",
    onsubmit: (event) => {
      event.preventDefault();
      const [first, last] = [since.value, until.value].sort();
      const earliest = dayOf(Date.parse(last) / 1000 - (MOST_DAYS - 1) * DAY);  // what one answer has room for
      app.go({ range: "dates", since: first > earliest ? first : earliest, until: last });
    },
  }, sinceLabel, untilLabel, h("button", { "data-key": "show" }, words.show));
  return h("div", { class: "controls" },
    choice(words.range, Object.fromEntries(RANGES.map((one) => [one, words.ranges[one]])), route.range, (range) => {
      dates.hidden = range !== "dates";
      if (range !== "dates") app.go({ range, since: "", until: "" });
    }, "range"),
    dates,
    h("button", { type: "button", "data-key": "csv-history", onclick: download }, words.csv));
}

/** The table beside a chart. It stays as open as it was when the view is made anew. */
export function tableDetails(app, name, numbers) {
  const details = h("details", {
    open: app.opened.has(name),
    ontoggle: () => (details.open ? app.opened.add(name) : app.opened.delete(name)),
  }, h("summary", { "data-key": `${name}-table` }, app.words.asTable), numbers);
  return details;
}

/** "3 Nov, 14:00: Like 12, Dislike 3", of what is drawn at `index`. */
export function readingOf(app, { step }, data, index, names) {
  if (index === null || data?.[0]?.[index] === undefined) return "";
  const { format } = app;
  const values = names.map((name, line) => [name, data[line + 1][index]]).filter(([, value]) => value !== null);
  const at = format[step === "hour" ? "moment" : "date"](data[0][index]);
  return `${at}: ${values.map(([name, value]) => `${name} ${format.number(value)}`).join(", ") || "–"}`;
}
