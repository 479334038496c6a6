// What stands in place of the numbers: a list of sites to choose from, a refusal, the form for a read key.

import { h, refill } from "./dom.js";

/** The sites to choose from. */
export function siteList(app) {
  const link = (site) =>
    h("a", { href: app.address({ site }), "data-key": site, onclick: (event) => app.follow(event, { site }) }, site);
  return h(
    "section",
    { class: "panel welcome" },
    h("p", {}, app.words.choose),
    h(
      "ul",
      {},
      app.sites.map((site) => h("li", {}, link(site))),
    ),
  );
}

/** Say that the service refused, or, if a key is needed or was refused, ask for one. */
export function refusal(app, trouble, hasKey) {
  const { words, format, notice } = app;
  if (trouble.status !== 401) {
    refill(notice, h("p", { role: "alert" }, format.say(words.refused, { detail: trouble.message })));
    return;
  }
  const input = h("input", { type: "password", autocomplete: "off", required: true, "data-key": "key" });
  const onsubmit = (event) => {
    event.preventDefault();
    app.keepKey(input.value.trim());
  };
  refill(
    notice,
    h(
      "form",
      { class: "controls", onsubmit },
      h("p", {}, hasKey ? words.keyRefused : words.keyNeeded),
      h("label", {}, h("span", {}, words.key), input),
      h("button", {}, words.use),
    ),
  );
  input.focus();
}
