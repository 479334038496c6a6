// Charts, drawn by uPlot: bars with a quiet line to compare them with, or lines. Each stands beside a table with the
// same numbers; to those who do not see it, it says so.

import uPlot from "uplot";
import { DAY, HOUR } from "./calendar.js";

const COLORS = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];
const NARROW = 520,
  FEW_DAYS = 14,
  CLICK = 8;
const INCREMENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7, 1e8];

/** A colour of the style sheet, as it is now: canvases know no custom properties. */
function color(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

const pixels = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const font = () => `${Math.round(pixels() * 0.8125)}px system-ui, sans-serif`;
const heightOf = (host) => Math.round((host.clientWidth < NARROW ? 12 : 17) * pixels());

/** Bars; the one that is still counting at `now` is paler. */
const bars = (until, now) => ({
  fill: () => color("--line-1"),
  paths: uPlot.paths.bars({
    size: [0.72, 64],
    radius: 0.12,
    disp: {
      fill: {
        unit: 3,
        values: ({ data: [times] }) => {
          const [full, counting] = ["--line-1", "--counting"].map(color);
          return Array.from(times, (_, index) => ((times[index + 1] ?? until) > now ? counting : full));
        },
      },
    },
  }),
  points: { show: false },
  width: 0,
});

const quiet = () => ({ stroke: () => color("--compare"), dash: [5, 4], width: 2, points: { show: false } });

const line = (index) => ({
  stroke: () => color(COLORS[index % COLORS.length]),
  dash: index < COLORS.length ? [] : [6, 4],
  width: 2,
  spanGaps: false, // where nothing is known there is no line
  // A single point has no line to either side: few points are drawn as such.
  points: {
    size: 6,
    fill: () => color("--paper"),
    show: (chart, each) => chart.data[each].filter((value) => value !== null).length <= 48,
  },
});

/**
 * A chart in `host`, as wide as it is, over `span`, at `now`. `lines`: their labels. `kind`: "bars" (the first line as
 * bars, the second as a quiet line) or "lines". `read(index)` is told which point the pointer or the arrow keys are on,
 * or null. `zoom(since, until)` is told which span was drawn over, or which day a click or Enter chose.
 * The answer is {show(columns), destroy()}.
 */
export function drawChart(host, { kind, span, lines, format, now, read, zoom }) {
  const ofHours = span.step === "hour",
    length = ofHours ? HOUR : DAY,
    { calendar } = span;
  const day = span.until - span.since <= FEW_DAYS * DAY ? format.weekday : format.day;
  const labels = (splits) => splits.map((at) => (ofHours && at !== calendar.start(at) ? format.hour(at) : day(at)));
  const wide = Math.max(4, day(span.since).length, day(span.until).length) * 0.5 * pixels(); // about the width of a label
  const axis = {
    stroke: () => color("--quiet"),
    grid: { stroke: () => color("--rule"), width: 1 },
    ticks: { show: false },
    font: font(),
  };
  // Bars stand around their times, so there is room for half a bar at both ends.
  const room = kind === "bars" ? length / 2 : 0,
    last = Math.max(span.until - length, span.since + (room ? 0 : length));
  const chart = new uPlot(
    {
      width: Math.max(200, host.clientWidth),
      height: heightOf(host),
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), calendar.zone === "UTC" ? "Etc/UTC" : calendar.zone),
      legend: { show: false },
      padding: [8, Math.round(wide / (room ? 4 : 2)), 0, 0], // for the half of the last label that is not over a bar
      cursor: {
        drag: { x: true, y: false, setScale: false },
        y: false,
        points: { size: 8, fill: () => color("--paper"), stroke: () => color("--ink") },
      },
      scales: {
        x: { range: () => [span.since - room, last + room] },
        y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 4) * 1.05] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 2 * pixels(),
          space: wide + pixels(),
          values: (_, splits) => labels(splits),
          incrs: ofHours
            ? [3, 6, 12, 24].map((hours) => hours * 3600)
            : [1, 2, 3, 7, 14, 28, 56, 91].map((days) => days * DAY),
        },
        {
          ...axis,
          incrs: INCREMENTS,
          values: (_, splits) => splits.map((value) => format.number(value)),
          size: (_, values) =>
            Math.ceil(Math.max(1, ...(values ?? [""]).map((one) => one.length)) * 0.55 * pixels() + 12),
        },
      ],
      series: [
        {},
        ...lines.map((label, index) => ({
          label,
          ...(kind === "lines" ? line(index) : index ? quiet() : bars(span.until, now)),
        })),
      ],
      hooks: {
        setCursor: [({ cursor }) => read(cursor.idx ?? null)],
        setSelect: [
          (self) => {
            if (self.select.width < CLICK) return;
            const [from, to] = [self.select.left, self.select.left + self.select.width].map((at) =>
              self.posToVal(at, "x"),
            );
            if (ofHours) zoom(Math.floor((from + room) / HOUR) * HOUR, Math.ceil((to + room) / HOUR) * HOUR);
            else zoom(calendar.start(from + room), calendar.ceil(to + room));
          },
        ],
      },
    },
    [[], ...lines.map(() => [])],
    host,
  );

  /** Show the hours of a day. A bar of an hour has no smaller parts. */
  function open(index) {
    const since = index === null || index === undefined ? undefined : chart.data[0][index];
    if (since !== undefined && !ofHours) zoom(since, calendar.start(since, 1));
  }
  let pressed = null; // a click ends where it began; a span does not
  chart.over.addEventListener("pointerdown", ({ clientX }) => {
    pressed = clientX;
  });
  chart.over.addEventListener("click", ({ clientX }) => {
    if (Math.abs(clientX - pressed) < CLICK) open(chart.cursor.idx);
  });

  let at = null; // which point the arrow keys are on
  function step(event) {
    if (event.key === "Enter") open(at);
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    const last = chart.data[0].length - 1;
    if (event.key === "Escape") at = null;
    else if (!by || last < 0) return;
    else at = Math.max(0, Math.min(last, (at ?? (by > 0 ? -1 : last + 1)) + by));
    event.preventDefault();
    chart.setCursor(at === null ? { left: -10, top: -10 } : { left: chart.valToPos(chart.data[0][at], "x"), top: 0 });
    read(at);
  }
  host.addEventListener("keydown", step);

  const resized = new ResizeObserver(() =>
    chart.setSize({ width: Math.max(200, host.clientWidth), height: heightOf(host) }),
  );
  resized.observe(host);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => chart.redraw();
  scheme.addEventListener("change", redraw);
  return {
    show: (columns) => chart.setData(columns),
    destroy() {
      resized.disconnect();
      scheme.removeEventListener("change", redraw);
      host.removeEventListener("keydown", step);
      chart.destroy();
    },
  };
}
