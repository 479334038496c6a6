// The head of the page: the site's name with a menu of the others, the language, and what the whole page can do.

import { LANGUAGES } from "../build/facts.js";
import { choice, h, refill } from "./dom.js";
import { help } from "./help.js";
import { read, siteNamed } from "./route.js";

/** The head of the page. It is made once, so typed text stays when the site or the view changes. */
export function makeHeader(app) {
  const { words } = app;
  const name = h("span", {});
  const list = h("ul", {});
  const input = h("input", {
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "none",
    "data-key": "site",
    "aria-label": words.site,
  });
  const menu = h(
    "details",
    { class: "menu" },
    h("summary", { "data-key": "sites", "aria-label": words.otherSites }, h("span", { "aria-hidden": "true" }, "▾")),
    h(
      "div",
      { class: "sheet" },
      list,
      h(
        "form",
        {
          class: "controls",
          onsubmit: (event) => {
            event.preventDefault();
            const named = siteNamed(input.value);
            if (!named) return;
            input.value = "";
            menu.open = false;
            app.go({ ...read(""), lang: app.route.lang, site: named });
          },
        },
        input,
        h("button", { "data-key": "open" }, words.open),
      ),
    ),
  );
  const dialog = help(app);
  const forget = h("button", { type: "button", class: "quiet", onclick: () => app.keepKey("") }, words.forget);
  const share = h(
    "button",
    { type: "button", class: "quiet", "data-key": "share", onclick: () => app.copy(location.href, share) },
    words.link,
  );
  const names = new Intl.DisplayNames([words.lang], { type: "language" });
  const languages = choice(
    words.language,
    Object.fromEntries(
      LANGUAGES.map((one) => [one, new Intl.DisplayNames([one], { type: "language" }).of(one) ?? names.of(one)]),
    ),
    words.lang,
    (lang) => {
      location.search = app.address({ lang });
    },
    "language",
  );
  const status = h("p", { class: "status", role: "status" });
  const node = h(
    "header",
    {},
    h("div", { class: "name" }, h("h1", {}, name), menu),
    status,
    h(
      "div",
      { class: "tools" },
      forget,
      share,
      h(
        "button",
        { type: "button", class: "quiet", "data-key": "wall", onclick: () => app.fullScreen() },
        words.fullScreen,
      ),
      h(
        "button",
        { type: "button", class: "quiet", "data-key": "help", onclick: () => dialog.showModal() },
        words.shortcuts,
      ),
      languages,
    ),
    dialog,
  );
  addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  return {
    node,
    status,
    dialog,
    /** Open the menu and go to its field. */
    openSites() {
      menu.open = true;
      input.focus();
    },
    /** Show the route's site, and the others. */
    update(sites, hasKey) {
      name.textContent = app.route.site || words.name;
      forget.hidden = !hasKey;
      refill(
        list,
        sites.map((site) =>
          h(
            "li",
            {},
            h(
              "a",
              {
                href: app.address({ ...read(""), lang: app.route.lang, site }),
                "data-key": site,
                "aria-current": site === app.route.site ? "page" : null,
                onclick: (event) => {
                  menu.open = false;
                  app.follow(event, { ...read(""), lang: app.route.lang, site });
                },
              },
              site,
            ),
          ),
        ),
      );
    },
  };
}
