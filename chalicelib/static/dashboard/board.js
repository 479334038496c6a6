// The top articles of a site: in an order, of a time, of a section or an author, narrowed by a search.

import { choice, h, refill, sparkbars } from "./dom.js";
import { articleNamed, boardQuery, ordersOf, WINDOWS, windowOf } from "./route.js";
import { seconds, trendValues } from "./series.js";
import { split } from "./tiles.js";

const LIMIT = 20,
  MOST_LIMIT = 100;

/** {node, path, show(page), entries()}: the section, what it needs, what takes it, and which articles are listed. */
export function board(app, site) {
  const { route, words, format } = app;
  const query = boardQuery(route),
    order = new URLSearchParams(query).get("order"),
    window = windowOf(route);
  const path = `${site}/leaderboard?${query}&limit=${LIMIT}`;
  const body = h("tbody", {});
  const search = h("input", {
    type: "search",
    "data-key": "search",
    autocomplete: "off",
    "aria-label": words.search,
    placeholder: words.search,
    oninput: () => list(),
    onkeydown: (event) => {
      const article = articleNamed(search.value);
      if (event.key !== "Enter" || !article) return;
      const found = matching(search.value).map(([entry]) => entry.article);
      app.go({ article: found.length && !found.includes(article) ? found[0] : article, range: "" });
    },
  });
  const message = h("p", { role: "status", class: "note" });
  const more = h("button", { type: "button", hidden: true, "data-key": "more", onclick: () => next() }, words.more);
  const orders = h("span", { class: "chip" });
  const headings = h("tr", {});
  let entries = [],
    further = [],
    cursor = null,
    complete = true,
    end = null,
    kind = app.kinds.get(route.site);

  /** What the articles are ordered by, where that is not their number of votes. */
  const value = (entry) => {
    if (order === "approval") return format.percent(entry.value);
    if (order === "rising") return `${format.signed(Number(entry.value.toFixed(1)))} σ`;
    return order === "net" ? format.signed(entry.value) : format.decimal(entry.value);
  };

  /** The section and the author of an article. Each leads to the list of its articles alone. */
  function facts(entry) {
    const known = ["section", "author"].filter((name) => entry[name] && entry[name] !== route[name]);
    return h(
      "span",
      { class: "facts" },
      ...known.map((name) => {
        const only = { [name]: entry[name] };
        const go = (event) => app.follow(event, only);
        return h(
          "a",
          { href: app.address(only), "data-key": `${name} of ${entry.article}`, title: words[name], onclick: go },
          entry[name],
        );
      }),
    );
  }

  function row(entry, most) {
    const trend = trendValues(entry.trend, end, app.now(), app.calendar);
    app.remember(entry);
    const go = (event) => app.follow(event, { article: entry.article, range: "" });
    const address = app.address({ article: entry.article, range: "" });
    const link = h("a", { href: address, "data-key": entry.article, onclick: go }, entry.title ?? entry.article);
    return h(
      "tr",
      { onclick: (event) => (event.target.closest("a") || getSelection().toString() ? null : go(event)) },
      h("th", { scope: "row" }, link, facts(entry)),
      h(
        "td",
        { class: "votes number" },
        h("span", { class: "share", "aria-hidden": "true", "--part": Math.max(0, entry.voters) / most }),
        h("span", {}, format.number(entry.voters)),
      ),
      order !== "voters" && h("td", { class: "number value" }, value(entry)),
      kind === "updown" && h("td", { class: "liked" }, entry.counts && split(app, entry.counts)),
      h(
        "td",
        { class: "trend", dir: "ltr" },
        sparkbars(trend),
        h("span", { class: "hidden" }, trend.map(format.number).join(" · ")),
      ),
    );
  }

  /** All entries in their order, each with its rank; of an article that has moved, the place it moved to. */
  function ranked() {
    const known = new Set(entries.map((entry) => entry.article));
    return [...entries, ...further.filter((entry) => !known.has(entry.article))].map((entry, index) => [
      entry,
      index + 1,
    ]);
  }

  function matching(text) {
    const wanted = text.trim().toLocaleLowerCase();
    return ranked().filter(([entry]) => `${entry.title ?? ""}\n${entry.article}`.toLocaleLowerCase().includes(wanted));
  }

  function list() {
    const all = ranked(),
      most = Math.max(1, ...all.map(([entry]) => entry.voters));
    const rows = matching(search.value).map(([entry]) => row(entry, most));
    refill(body, rows);
    const none = all.length ? words.noMatch : words.nothing,
      last = complete || cursor ? "" : words.incomplete;
    message.textContent = rows.length ? last : none;
    more.hidden = !cursor;
  }

  async function next() {
    try {
      const page = await app.client.get(`${site}/leaderboard?${query}&limit=${MOST_LIMIT}&cursor=${cursor}`);
      further = [...further, ...page.entries];
      ({ cursor, complete } = page);
      list();
    } catch (trouble) {
      app.report({ asOf: app.poller.asOf, trouble });
    }
  }

  /** What depends on the site's ballot, once that is known. */
  function offer() {
    if (!kind || orders.firstChild) return;
    orders.append(
      choice(
        words.order,
        Object.fromEntries(ordersOf(kind, route).map((one) => [one, words.orders[one]])),
        order,
        (chosen) => app.go({ order: chosen }),
        "order",
      ),
    );
    refill(
      headings,
      [
        [words.article, ""],
        [words.gained, "votes number"],
        order !== "voters" && [words.orders[order], "number value"],
        kind === "updown" && [`${words.choices.up} · ${words.choices.down}`, "liked"],
        [words.trend, "trend"],
      ]
        .filter(Boolean)
        .map(([text, kind_]) => h("th", { scope: "col", class: kind_ || null }, text)),
    );
  }

  offer();
  const changed = order !== "voters" || route.window || route.section || route.author;
  const node = h(
    "section",
    { class: "panel", "aria-labelledby": "top" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "top", tabindex: "-1" }, words.top),
      h(
        "div",
        { class: "controls" },
        h(
          "span",
          { class: "chip" },
          choice(
            words.window,
            Object.fromEntries(WINDOWS.map((one) => [one, words.windows[one]])),
            window,
            (chosen) => app.go({ window: chosen }),
            "window",
          ),
        ),
        orders,
        ...["section", "author"].map(
          (name) => route[name] && h("span", { class: "chip only" }, `${words[name]}: `, h("b", {}, route[name])),
        ),
        changed &&
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              "data-key": "reset",
              onclick: () => app.go({ order: "voters", window: "", section: "", author: "" }),
            },
            words.reset,
          ),
        search,
      ),
    ),
    h("table", { class: "top" }, h("caption", { class: "hidden" }, words.top), h("thead", {}, headings), body),
    message,
    h(
      "div",
      { class: "foot" },
      more,
      h(
        "button",
        {
          type: "button",
          class: "quiet",
          "data-key": "csv",
          onclick: () => app.download(`${site}/leaderboard?${query}&limit=${MOST_LIMIT}`, `${route.site}-leaderboard`),
        },
        words.csv,
      ),
    ),
  );
  return {
    path,
    node,
    entries: () => ranked().map(([entry]) => entry),
    show(page) {
      if (further.length) {
        // who was pushed off the first page has not left the list
        const kept = new Set([...page.entries, ...further].map((entry) => entry.article));
        further = [...entries.filter((entry) => !kept.has(entry.article)), ...further];
      } else {
        ({ cursor, complete } = page);
      }
      ({ entries } = page);
      end = page.end ? seconds(page.end) : null;
      ({ kind } = page.ballot);
      app.kinds.set(route.site, kind);
      offer();
      list();
    },
  };
}
