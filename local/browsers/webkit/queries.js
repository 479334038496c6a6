// Finds elements as Playwright's locators do: selectors and roles reach into open shadow trees. Runs inside a page.

const NATIVE_ROLES = {
  a: (one) => one.hasAttribute("href") && "link", button: () => "button", select: () => "combobox", option: () => "option",
  textarea: () => "textbox", table: () => "table", dialog: () => "dialog", img: () => "img", ul: () => "list", li: () => "listitem",
  h1: () => "heading", h2: () => "heading", h3: () => "heading", output: () => "status", main: () => "main",
  input: (one) => ({ radio: "radio", checkbox: "checkbox", search: "searchbox", button: "button", submit: "button" })[one.type] ?? "textbox",
};

const roleOf = (one) => one.getAttribute("role") ?? NATIVE_ROLES[one.localName]?.(one) ?? null;
const levelOf = (one) => Number(one.getAttribute("aria-level") ?? (/^h[1-6]$/.test(one.localName) ? one.localName[1] : 0));
const squeeze = (text) => text.replace(/\s+/g, " ").trim();

/** An element's text, that of its shadow tree included. */
function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(node.nodeName)) return "";
  const parts = [...node.childNodes].map(textOf);
  if (node.shadowRoot) parts.push(...[...node.shadowRoot.childNodes].map(textOf));
  return parts.join("");
}

function visible(one) {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && one.checkVisibility({ visibilityProperty: true });
}

/** Whether screen readers meet the element; hidden ones have no role in Playwright's sense. */
function exposed(one) {
  for (let at = one; at; at = at.parentElement ?? at.getRootNode().host) if (at.getAttribute("aria-hidden") === "true") return false;
  return one.localName === "option" || one.checkVisibility({ visibilityProperty: true });
}

/** What the element is called, as far as this project's pages name things. */
function nameOf(one) {
  const by = one.getAttribute("aria-labelledby");
  if (by) return squeeze(by.split(" ").map((id) => textOf(one.getRootNode().getElementById(id) ?? new Text())).join(" "));
  if (one.hasAttribute("aria-label")) return squeeze(one.getAttribute("aria-label"));
  if (one.labels?.length) return squeeze([...one.labels].map((label) => labelText(label, one)).join(" "));
  if (one.localName === "img") return one.alt;
  return squeeze(spoken(one)) || one.title || "";
}

const labelText = (label, control) => [...label.childNodes]
  .map((node) => (node === control || node.contains?.(control) ? "" : textOf(node))).join("") || textOf(label);

function spoken(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.getAttribute?.("aria-hidden") === "true" || node.hidden) return "";
  if (node.getAttribute?.("aria-label")) return node.getAttribute("aria-label");
  return [...node.childNodes].map(spoken).join("");
}

/** Every element below `root`, shadow trees included, in the order of the document. */
function* below(root) {
  for (const one of root.querySelectorAll("*")) {
    yield one;
    if (one.shadowRoot) yield* below(one.shadowRoot);
  }
}

function roots(root) {
  const found = [root];
  if (root.shadowRoot) found.push(root.shadowRoot);
  for (const one of below(root)) if (one.shadowRoot) found.push(one.shadowRoot);
  return found;
}

/** Where a selector's last descendant begins, or -1: `a[b="c d"] > e f` is cut before `f`. */
function lastDescendant(selector) {
  let depth = 0, quote = "", found = -1;
  for (let at = 0; at < selector.length; at += 1) {
    const character = selector[at];
    if (quote) quote = character === quote ? "" : quote;
    else if (`"'`.includes(character)) quote = character;
    else if ("[(".includes(character)) depth += 1;
    else if ("])".includes(character)) depth -= 1;
    else if (character === " " && !depth && !/[>+~] *$/.test(selector.slice(0, at)) && !/^ *[>+~]/.test(selector.slice(at))) found = at;
  }
  return found;
}

function select(root, selector) {
  const found = new Set();
  for (const one of selector.split(/,(?![^[(]*[\])])/).map((part) => part.trim())) {
    const shown = one.endsWith(":visible");
    const plain = one.replaceAll(":visible", "");
    for (const tree of roots(root)) for (const hit of tree.querySelectorAll(plain)) if (!shown || visible(hit)) found.add(hit);
    const cut = lastDescendant(plain);
    if (cut < 0) continue;
    for (const host of select(root, plain.slice(0, cut))) {
      if (host.shadowRoot) for (const hit of select(host.shadowRoot, plain.slice(cut + 1))) if (!shown || visible(hit)) found.add(hit);
      for (const inner of below(host)) {
        if (inner.shadowRoot) for (const hit of select(inner.shadowRoot, plain.slice(cut + 1))) if (!shown || visible(hit)) found.add(hit);
      }
    }
  }
  return ordered(root, found);
}

function ordered(root, found) {
  return [...below(root)].filter((one) => found.has(one));
}

/** Whether a text is the one wanted: {text, exact} or {source, flags} of a regular expression. */
function fits(text, wanted) {
  if (wanted.source !== undefined) return new RegExp(wanted.source, wanted.flags).test(text);
  return wanted.exact ? text === wanted.text : text.toLowerCase().includes(wanted.text.toLowerCase());
}

const STEPS = {
  css: (roots_, { selector }) => roots_.flatMap((root) => select(root, selector)),
  role: (roots_, { role, name, level }) => roots_.flatMap((root) => [...below(root)].filter((one) => (
    roleOf(one) === role && exposed(one) && (!level || levelOf(one) === level) && (!name || fits(nameOf(one), name))))),
  label: (roots_, { text }) => roots_.flatMap((root) => [...below(root)].filter((one) => (
    (one.labels?.length || one.hasAttribute("aria-label") || one.hasAttribute("aria-labelledby")) && fits(nameOf(one), text)))),
  text: (roots_, { text }) => roots_.flatMap((root) => [...below(root)].filter((one) => (
    fits(squeeze(textOf(one)), text) && ![...one.children].some((child) => fits(squeeze(textOf(child)), text))
    && !["SCRIPT", "STYLE", "TITLE", "HEAD", "HTML"].includes(one.tagName)))),
  nth: (found, { index }) => (found.at(index) ? [found.at(index)] : []),
  having: (found, { steps }) => found.filter((one) => query(steps, one).length),
  text_filter: (found, { text }) => found.filter((one) => fits(squeeze(textOf(one)), text)),
};

/** The elements that a locator's steps lead to. */
function query(steps, from = document) {
  const found = steps.reduce((roots_, step) => STEPS[step.kind](roots_, step), [from]);
  return [...new Set(found)];
}
