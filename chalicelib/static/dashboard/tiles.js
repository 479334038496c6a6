// Tiles: a number, what it is compared with, and by how much it differs.

import { h } from "./dom.js";
import { change } from "./series.js";

/** A tile. `note` is a text below the number; `more`, elements beside it. */
export const tile = (name, value, note = null, more = null) =>
  h(
    "div",
    { class: "tile" },
    h("dt", {}, name),
    h("dd", {}, h("span", { class: "value" }, value), more, note && h("small", {}, note)),
  );

/** "▲ 13 %", which screen readers hear as "up 13 %"; nothing where there is nothing to compare with. */
export function changeOf({ words, format }, now, before) {
  const by = change(now, before);
  if (by === null) return null;
  const [sign, word, kind] =
    by > 0 ? ["▲", words.rise, "rise"] : by < 0 ? ["▼", words.fall, "fall"] : ["", words.same, "same"];
  const amount = format.wholePercent(Math.abs(by));
  return h(
    "span",
    { class: `change ${kind}` },
    h("span", { "aria-hidden": "true" }, `${sign} ${amount}`.trim()),
    h("span", { class: "hidden" }, kind === "same" ? word : format.say(word, { n: amount })),
  );
}

/** One thin bar in two colours for likes and dislikes, with its numbers for those who do not see it. */
export function split({ words, format }, counts) {
  const [up, down] = [Math.max(0, counts.up), Math.max(0, counts.down)];
  const told = `${words.choices.up} ${format.number(counts.up)} · ${words.choices.down} ${format.number(counts.down)}`;
  return h(
    "span",
    { class: "split", title: told },
    h("span", { class: "hidden" }, told),
    up + down > 0 && h("span", { class: "up", "aria-hidden": "true", "--part": up }),
    up + down > 0 && h("span", { class: "down", "aria-hidden": "true", "--part": down }),
  );
}
