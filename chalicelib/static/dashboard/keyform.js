// The form for a key that may do more than read.

import { h, refill } from "./dom.js";

/** Ask for a key in `place`: why it is needed, what it is called, and the name by which the input is found again. */
export function askForKey(app, place, why, label, name) {
  const input = h("input", { type: "password", autocomplete: "off", required: true, "data-key": name });
  const onsubmit = (event) => {
    event.preventDefault();
    app.keepKey(input.value.trim());
  };
  const form = h(
    "form",
    { class: "controls", onsubmit },
    h("label", {}, h("span", {}, label), input),
    h("button", {}, app.words.use),
  );
  refill(place, [h("p", { class: "note" }, why), form]);
}
