// Elements, and texts that are never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick`), and children: elements or texts. */
export const h = (name, attributes = {}, ...children) => made(document.createElement(name), attributes, children);

/** The same for pictures. */
export const svg = (name, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, name), attributes, children);

function made(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) node.style.setProperty(key, value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Replace the content of `parent`. The element with the focus keeps it if it is there again (by `data-key`). */
export function refill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.getAttribute("data-key") : null;
  parent.replaceChildren(...children.flat());
  if (focused)
    [...parent.querySelectorAll("[data-key]")].find((one) => one.getAttribute("data-key") === focused)?.focus();
}

/** Some options, one of them chosen; `chosen(value)` when that changes. `key` finds it again when all is made anew. */
export function choice(label, options, value, chosen, key) {
  const select = h(
    "select",
    { "data-key": key, "aria-label": label, onchange: () => chosen(select.value) },
    Object.entries(options).map(([each, text]) => h("option", { value: each, selected: each === value }, text)),
  );
  return select;
}

/** A table: a caption for screen readers, headings, rows of cells. */
export function table(caption, headings, rows) {
  return h(
    "table",
    {},
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        headings.map((heading, index) => h("th", { scope: "col", class: index ? "number" : null }, heading)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((cells) =>
        h(
          "tr",
          {},
          cells.map((cell, index) => (index ? h("td", { class: "number" }, cell) : h("th", { scope: "row" }, cell))),
        ),
      ),
    ),
  );
}

const MOST_WIDE = 7; // percent of the width; it keeps a single bar thin

/** Thin bars for `values`, the newest at the right edge. Only for the eye. */
export function sparkbars(values) {
  const low = Math.min(0, ...values),
    high = Math.max(1, ...values),
    scale = 29 / (high - low);
  const width = Math.min(MOST_WIDE, 100 / values.length);
  return svg(
    "svg",
    { class: "spark", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    values.map((value, index) =>
      svg("rect", {
        x: 100 - (values.length - index) * width,
        width: width * 0.75,
        y: 29 - (Math.max(0, value) - low) * scale,
        height: Math.abs(value) * scale + 1,
      }),
    ),
  );
}
