// The element as readers see it, and the lines that put it on a page.

import { h } from "./dom.js";

/** A section with both. The element shows and takes no votes: an editor who looks is not a reader who votes. */
export function snippet(app) {
  const { route, words } = app;
  const code =
    `<script type="module" src="${new URL("embed/v1/article-vote.js", app.base)}"></script>\n` +
    `<article-vote site="${route.site}" article="${route.article}"></article-vote>`;
  const copy = h(
    "button",
    { type: "button", class: "quiet", "data-key": "snippet", onclick: () => app.copy(code, copy) },
    words.copy,
  );
  import(new URL("embed/v1/article-vote.js", app.base).href).catch(() => {}); // without it the place stays empty
  return h(
    "div",
    { class: "pair" },
    h(
      "section",
      { class: "panel", "aria-labelledby": "readers" },
      h("h2", { id: "readers" }, words.asReaders),
      h("article-vote", { site: route.site, article: route.article, lang: app.locale, readonly: true }),
    ),
    h(
      "section",
      { class: "panel", "aria-labelledby": "snippet" },
      h("div", { class: "head" }, h("h2", { id: "snippet" }, words.snippet), copy),
      h("pre", { tabindex: "0", dir: "ltr" }, h("code", {}, code)),
    ),
  );
}
