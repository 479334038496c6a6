// What both views have: a chart with its time, its words, its table and its download.

import { lineChart } from "./charts.js";
import { choice, h, refill, table } from "./dom.js";
import { DAY, RANGES } from "./route.js";
import { columns, seconds } from "./series.js";

const MOST_DAYS = 400;
const dayOf = (at) => new Date(at * 1000).toISOString().slice(0, 10);

/**
 * {node, show(body), destroy()}: a section called `name` with a chart of a history's points over `span`. `read(ballot)`
 * says of a ballot: `lines`, what each line is called; `values`, what each takes from a point; `cells`, the headings of
 * further columns of the table and what each takes from a point, as text. `legend` stands before the chart.
 */
export function chartSection(app, { name, title, path, file, span, read, legend = null }) {
  const { words, format } = app;
  const host = h("div", { class: "chart", role: "img", "aria-label": title, dir: "ltr" });
  const numbers = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title });
  const reading = h("p", { class: "reading" });
  const timeOf = format[span.step === "hour" ? "moment" : "date"];
  let chart = null, data = [], said = null;
  return {
    node: h("section", { "aria-labelledby": name },
      h("h2", { id: name, tabindex: "-1" }, title),
      rangeControls(app, () => app.download(path, file)),
      legend, reading, host,
      h("p", { class: "note" }, words.utc),
      tableDetails(app, name, numbers)),
    show({ ballot, points }) {
      said = read(ballot);
      data = columns(span, points, ...said.values);
      chart ??= lineChart(host, {
        span, format, lines: said.lines,
        read: (index) => { reading.textContent = readingOf(format, timeOf, data, index, said.lines); },
      });
      chart.show(data);
      refill(numbers, points.length
        ? table(title, [words.time, ...said.cells.map(([heading]) => heading)], points.toReversed().map((point) => [
          timeOf(seconds(point.start)), ...said.cells.map(([, text]) => text(point)),
        ]))
        : h("p", {}, words.nothing));
    },
    destroy: () => chart?.destroy(),
  };
}

/** The range, its dates if it has some, and the download of what is shown. */
function rangeControls(app, download) {
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
function tableDetails(app, name, numbers) {
  const details = h("details", {
    open: app.opened.has(name),
    ontoggle: () => (details.open ? app.opened.add(name) : app.opened.delete(name)),
  }, h("summary", { "data-key": `${name}-table` }, app.words.asTable), numbers);
  return details;
}

/** "3 Nov, 14:00: Like 12, Dislike 3", of what is drawn at `index`. */
function readingOf(format, timeOf, data, index, names) {
  const [times, ...lines] = data;
  if (index === null || times[index] === undefined) return "";
  const known = names.map((name, line) => [name, lines[line][index]]).filter(([, value]) => value !== null);
  return `${timeOf(times[index])}: ${known.map(([name, value]) => `${name} ${format.number(value)}`).join(", ") || "–"}`;
}
