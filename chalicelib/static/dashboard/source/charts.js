// Charts, drawn by uPlot. Each stands beside a table with the same numbers; to those who do not see it it says so.

import uPlot from "uplot";

const HEIGHT = 260, FEW = 48;
const COLORS = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];
const inUtc = (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC");

/** A colour of the style sheet, as it is now: canvases know no custom properties. */
function color(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

const colorOf = (index) => COLORS[index % COLORS.length];
const dashOf = (index) => (index < COLORS.length ? [] : [6, 4]);

/**
 * A chart of lines in `host`, as wide as it is, over `span`. `lines`: their labels. `read(index)` is told which point the
 * pointer is on, or null. The answer is {show(columns), destroy()}.
 */
export function lineChart(host, { span, lines, format, read }) {
  const axis = { stroke: () => color("--quiet"), grid: { stroke: () => color("--rule"), width: 1 }, ticks: { show: false } };
  const chart = new uPlot({
    width: Math.max(200, host.clientWidth),
    height: HEIGHT,
    tzDate: inUtc,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: {
      x: { range: () => [span.since, Math.max(span.until, span.since + 1)] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 4) * 1.05] },
    },
    axes: [
      { ...axis, size: 32, space: 72, values: (_, splits) => splits.map((at) => (at % 86400 ? format.hour(at) : format.day(at))) },
      { ...axis, size: 64, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7, 1e8],
        values: (_, splits) => splits.map((value) => format.number(value)) },
    ],
    series: [{}, ...lines.map((label, index) => ({
      label,
      stroke: () => color(colorOf(index)),
      dash: dashOf(index),
      width: 2,
      spanGaps: false,  // where nothing is known there is no line
      // A single point has no line to either side: few points are drawn as such.
      points: { size: 6, show: (chart, index) => chart.data[index].filter((value) => value !== null).length <= FEW },
    }))],
    hooks: { setCursor: [({ cursor }) => read(cursor.idx ?? null)] },
  }, [[], ...lines.map(() => [])], host);
  const resized = new ResizeObserver(() => chart.setSize({ width: Math.max(200, host.clientWidth), height: HEIGHT }));
  resized.observe(host);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => chart.redraw();
  scheme.addEventListener("change", redraw);
  return {
    show: (columns) => chart.setData(columns),
    destroy() {
      resized.disconnect();
      scheme.removeEventListener("change", redraw);
      chart.destroy();
    },
  };
}

/** A small chart without axes. */
export function sparkline(host, columns) {
  return new uPlot({
    width: host.clientWidth || 120,
    height: 32,
    legend: { show: false },
    cursor: { show: false },
    padding: [3, 2, 3, 2],
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 1)] } },
    axes: [{ show: false }, { show: false }],
    series: [{}, { stroke: () => color("--line-1"), width: 1.5, points: { show: false } }],
  }, columns, host);
}
