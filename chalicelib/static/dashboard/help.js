// Single keys that do what the page's controls do, and the list of them.

import { h } from "./dom.js";
import { rangeName } from "./section.js";

const OFF = "article-votes-keys-off";

const isOff = () => {
  try {
    return sessionStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
};

/** The dialog that lists the keys and switches them off, for those whose software types letters. It also hears the keys. */
export function help(app) {
  const { words, format } = app;
  const to = (range) => () => app.route.site && app.go({ range, since: "", until: "", window: "" });
  const press = (key) => () => /** @type {HTMLElement} */ (document.querySelector(`[data-key="${key}"]`))?.click();
  const keys = {
    d: [rangeName(words, format, "day"), to("day")],
    w: [rangeName(words, format, "week"), to("week")],
    m: [rangeName(words, format, "month"), to("month")],
    y: [words.ranges.year, to("year")],
    ArrowLeft: [words.earlierPeriod, press("step-1"), "←"],
    ArrowRight: [words.laterPeriod, press("step1"), "→"],
    c: [words.compare, () => app.go({ compare: app.route.compare === "none" ? "previous" : "none" })],
    "/": [words.search, () => /** @type {HTMLElement} */ (document.querySelector("input[type=search]"))?.focus()],
    s: [words.otherSites, () => app.header.openSites()],
    l: [words.link, press("share")],
    f: [words.fullScreen, () => app.fullScreen()],
    u: [format.say(words.back, { site: words.site }), () => app.route.article && app.go({ article: "", range: "" })],
    "?": [words.shortcuts, () => dialog.showModal()],
  };
  const used = h("input", {
    type: "checkbox",
    checked: !isOff(),
    onchange: () => {
      try {
        if (used.checked) sessionStorage.removeItem(OFF);
        else sessionStorage.setItem(OFF, "1");
      } catch {} // without storage they stay as they are
    },
  });
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "keys" },
    h("h2", { id: "keys" }, words.shortcuts),
    h(
      "dl",
      {},
      Object.entries(keys).map(([key, [name, , sign]]) =>
        h("div", {}, h("dt", {}, h("kbd", {}, sign ?? key)), h("dd", {}, name)),
      ),
    ),
    h("label", { class: "check" }, used, h("span", {}, words.useKeys)),
    h("form", { method: "dialog" }, h("button", {}, words.close)),
  );
  addEventListener("keydown", (event) => {
    const typing =
      /** @type {Element} */ (event.target).closest?.("input, select, textarea, [contenteditable]") ||
      event.defaultPrevented;
    if (
      typing ||
      event.metaKey ||
      event.ctrlKey ||
      event.altKey ||
      dialog.open ||
      isOff() ||
      !Object.hasOwn(keys, event.key)
    )
      return;
    event.preventDefault();
    keys[event.key][1]();
  });
  return dialog;
}
