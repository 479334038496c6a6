// A section with a chart: its range, what it is compared with, its table and its download.

import { MOST_POINTS } from "../build/facts.js";
import { plusDays } from "./calendar.js";
import { drawChart } from "./charts.js";
import { choice, h, refill, table } from "./dom.js";
import { ARTICLE_RANGES, COMPARISONS, datesOf, neighbour, RANGES, rangeOf } from "./route.js";
import { columns, finished, seconds, sum } from "./series.js";
import { changeOf } from "./tiles.js";

/**
 * {node, show(body), compare(body), destroy()}: a section called `name` with a chart of a history's points over `span`.
 * `read(ballot)` says of a ballot: `lines`, what each line is called; `values`, what each takes from a point; `cells`,
 * the headings of further columns of the table and what each takes from a point, as text. `kind` is that of the chart;
 * bars are compared with the values of `earlier`, the span to compare with, if there is one.
 */
export function chartSection(app, { name, title, path, file, span, kind, read, earlier = null, legend = null }) {
  const { words, format } = app;
  const host = h("div", {
    class: "chart",
    role: "group",
    tabindex: "0",
    "data-key": `${name}-chart`,
    "aria-label": `${title}. ${words.keys}`,
    dir: "ltr",
  });
  const numbers = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title });
  const reading = h("p", { class: "reading", "aria-live": "polite" });
  const total = h("p", { class: "sum" });
  const timeOf = format[span.step === "hour" ? "moment" : "weekday"];
  let chart = null,
    said = null,
    points = null,
    before = null;

  function draw() {
    if (!points) return;
    const data = columns(span, points, ...said.values);
    const lines = [...said.lines];
    if (earlier && before) {
      lines.push(words.earlier);
      data.push(columns(earlier, before, said.values[0])[1]);
    } else if (earlier) {
      lines.push(words.earlier);
      data.push(data[0].map(() => null));
    }
    chart ??= drawChart(host, {
      kind,
      span,
      lines,
      format,
      now: app.now(),
      read: (index) => {
        reading.textContent = readingOf(app, timeOf, data, index, lines);
      },
      zoom: (since, until) => app.go(datesOf({ ...span, since, until })),
    });
    chart.show(data);
    if (kind === "bars") refill(total, sumOf(app, span, data));
  }

  return {
    node: h(
      "section",
      { class: "panel", "aria-labelledby": name },
      h(
        "div",
        { class: "head" },
        h("div", { class: "what" }, h("h2", { id: name, tabindex: "-1" }, title), kind === "bars" && total),
        rangeControls(app, span, kind),
      ),
      legend,
      reading,
      host,
      h(
        "div",
        { class: "foot" },
        tableDetails(app, name, numbers),
        h(
          "button",
          { type: "button", class: "quiet", "data-key": `csv-${name}`, onclick: () => app.download(path, file) },
          words.csv,
        ),
      ),
    ),
    show(body) {
      said = read(body.ballot);
      ({ points } = body);
      draw();
      refill(
        numbers,
        points.length
          ? table(
              title,
              [words.time, ...said.cells.map(([heading]) => heading)],
              points
                .toReversed()
                .map((point) => [timeOf(seconds(point.start)), ...said.cells.map(([, text]) => text(point))]),
            )
          : h("p", {}, words.nothing),
      );
    },
    compare(body) {
      before = body.points;
      draw();
    },
    destroy: () => chart?.destroy(),
  };
}

/**
 * What was gained in a span, compared with the span before. The hour or day that is not over is left out of the
 * comparison.
 */
function sumOf(app, span, data) {
  const [times, gained, before] = data;
  const { words, format } = app,
    full = finished(span, times, app.now());
  const now = sum(gained.slice(0, full)),
    then = before ? sum(before.slice(0, full)) : null;
  const all = h("span", { class: "value" }, format.number(sum(gained) ?? 0));
  if (now === null || then === null) return all;
  return [
    all,
    changeOf(app, now, then),
    h("small", {}, format.say(full < times.length ? words.thenFull : words.then, { n: now, m: then })),
  ].filter(Boolean);
}

/** One period earlier or later, the range, its dates if it has some, and what it is compared with. */
function rangeControls(app, span, kind) {
  const { route, words, format } = app;
  const today = app.calendar.dayOf(app.now());
  const date = (label, value, key) => {
    const input = h("input", { type: "date", value: value.slice(0, 10), max: today, required: true, "data-key": key });
    return [input, h("label", {}, h("span", {}, label), input)];
  };
  const [since, sinceLabel] = date(words.since, route.since || today, "since");
  const [until, untilLabel] = date(words.until, route.until || today, "until");
  const dates = h(
    "form",
    {
      class: "controls",
      hidden: route.range !== "dates",
      onsubmit: (event) => {
        event.preventDefault();
        const [first, last] = [since.value, until.value].sort();
        const earliest = plusDays(last, 1 - MOST_POINTS); // what one answer has room for
        app.go({ range: "dates", since: [first, earliest].sort()[1], until: last });
      },
    },
    sinceLabel,
    untilLabel,
    h("button", { "data-key": "show" }, words.show),
  );
  const ranges = route.article ? ARTICLE_RANGES : RANGES;
  return h(
    "div",
    { class: "controls" },
    rangeOf(route) !== "life" &&
      h(
        "span",
        { class: "steps", dir: "ltr" }, // as time runs in the chart
        step(app, span, -1, words.earlierPeriod, "←"),
        step(app, span, 1, words.laterPeriod, "→"),
      ),
    choice(
      words.range,
      Object.fromEntries(ranges.map((one) => [one, rangeName(words, format, one)])),
      rangeOf(route),
      (range) => {
        dates.hidden = range !== "dates";
        if (range !== "dates") app.go({ range, since: "", until: "", window: "" });
      },
      "range",
    ),
    kind === "bars" &&
      choice(
        words.compare,
        Object.fromEntries(COMPARISONS.map((one) => [one, words.comparisons[one]])),
        route.compare,
        (compare) => app.go({ compare }),
        "compare",
      ),
    dates,
  );
}

/** A button to the period before or after. */
function step(app, span, by, label, arrow) {
  const to = neighbour(span, by, app.now());
  return h(
    "button",
    {
      type: "button",
      class: "step",
      "data-key": `step${by}`,
      "aria-label": label,
      title: label,
      disabled: !to,
      onclick: () => app.go({ ...to, window: "" }),
    },
    h("span", { "aria-hidden": "true" }, arrow),
  );
}

/** What a range is called. The numbers in it are written in the reader's digits. */
export const rangeName = (words, format, range) =>
  format.say(words.ranges[range], { n: { day: 24, week: 7, month: 30 }[range] });

/** The table beside a chart. It stays as open as it was when the view is made anew. */
function tableDetails(app, name, numbers) {
  const details = h(
    "details",
    {
      open: app.opened.has(name),
      ontoggle: () => (details.open ? app.opened.add(name) : app.opened.delete(name)),
    },
    h("summary", { "data-key": `${name}-table` }, app.words.asTable),
    numbers,
  );
  return details;
}

/** "3 Nov, 14:00: Like 12, Dislike 3", of what is drawn at `index`. */
function readingOf({ format }, timeOf, data, index, names) {
  const [times, ...lines] = data;
  if (index === null || times[index] === undefined) return "";
  const known = names.map((name, line) => [name, lines[line][index]]).filter(([, value]) => value !== null);
  return `${timeOf(times[index])}: ${known.map(([name, value]) => `${name} ${format.number(value)}`).join(", ") || "–"}`;
}
