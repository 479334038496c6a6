// Elements, and texts that are never markup.

/** An element with attributes, listeners (`onclick`), and children: elements or texts. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** Put `children` in place of what is in `parent`, without taking the focus from what has it. */
export function refill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.getAttribute("data-key") : null;
  parent.replaceChildren(...children.flat());
  if (focused) [...parent.querySelectorAll("[data-key]")].find((one) => one.getAttribute("data-key") === focused)?.focus();
}

/** Some options, one of them chosen; `chosen(value)` when that changes. `key` finds it again when all is made anew. */
export function choice(label, options, value, chosen, key) {
  const select = h("select", { "data-key": key, onchange: () => chosen(select.value) },
    Object.entries(options).map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  return h("label", {}, h("span", {}, label), select);
}

/** A table: a caption for those who do not see it in its place, headings, rows of cells. */
export function table(caption, headings, rows) {
  return h("table", {},
    h("caption", { class: "hidden" }, caption),
    h("thead", {}, h("tr", {}, headings.map((heading, index) => h("th", { scope: "col", class: index ? "number" : null }, heading)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, index) => (
      index ? h("td", { class: "number" }, cell) : h("th", { scope: "row" }, cell)))))));
}
