// A site: its votes now, hour by hour or day by day, and its top articles.

import { sparkline } from "./charts.js";
import { choice, h, refill } from "./dom.js";
import { ORDERS, WINDOWS, articleNamed, boardQuery, historyQuery, span } from "./route.js";
import { seconds, trendColumns } from "./series.js";
import { chartSection } from "./shared.js";

const LIMIT = 20, MOST_LIMIT = 100;
const FEWEST = 3;  // two points are a line that says nothing

/** {node, paths, span, destroy}: what to show, what it needs, and the end of it. */
export function overview(app) {
  const { route, words, format } = app;
  const site = `v1/sites/${route.site}`;
  const shown = span(route, app.now());
  const tiles = h("dl", { class: "tiles" });
  const history = historySection(app, site, shown);
  const board = boardSection(app, site);
  return {
    node: [h("section", { "aria-label": words.total }, tiles), history.node, board.node],
    span: shown,
    paths: {
      [`${site}/summary`]: (summary) => refill(tiles, summaryTiles(summary, words, format)),
      [`${site}/history?${historyQuery(shown)}`]: history.show,
      [board.path]: board.show,
    },
    destroy: history.destroy,
  };
}

function summaryTiles(summary, words, format) {
  const tile = (name, period, note) => h("div", {},
    h("dt", {}, name), h("dd", {}, format.number(period.voters), note ? h("small", {}, note) : null));
  const byNow = summary.yesterday_by_now;
  return [
    tile(words.hour, summary.hour.gained),
    tile(words.today, summary.today.gained,
      format.say(words.byNow, { time: format.hour(seconds(byNow.end)), n: format.number(byNow.gained.voters) })),
    tile(words.yesterday, summary.yesterday.gained),
    tile(words.total, summary.total),
  ];
}

function historySection(app, site, shown) {
  const { route, words, format } = app;
  return chartSection(app, {
    name: "history",
    title: shown.step === "hour" ? words.perHour : words.perDay,
    path: `${site}/history?${historyQuery(shown)}`,
    file: `${route.site}-history`,
    span: shown,
    read: (ballot) => ({
      lines: [words.gained],
      values: [(point) => point.gained.voters],
      cells: [
        [words.gained, (point) => format.number(point.gained.voters)],
        ...ballot.choices.map((one) => [app.nameOf(ballot, one), (point) => format.number(point.gained.counts[one])]),
      ],
    }),
  });
}

function boardSection(app, site) {
  const { route, words, format } = app;
  const path = `${site}/leaderboard?${boardQuery(route)}&limit=${LIMIT}`;
  const body = h("tbody", {});
  const search = h("input", {
    type: "search", "data-key": "search", autocomplete: "off",
    oninput: () => list(),
    onkeydown: (event) => {
      const article = articleNamed(search.value);
      if (event.key !== "Enter" || !article) return;
      const found = matching(search.value).map(([entry]) => entry.article);
      app.go({ article: found.length && !found.includes(article) ? found[0] : article });
    },
  });
  const message = h("p", { role: "status" });
  const more = h("button", { type: "button", hidden: true, "data-key": "more", onclick: () => next() }, words.more);
  const orders = h("span", {});
  let entries = [], further = [], cursor = null, end = null;

  const value = (entry) => {
    if (route.order === "approval") return format.percent(entry.value);
    if (route.order === "rising") return `${format.signed(Number(entry.value.toFixed(1)))} σ`;
    return route.order === "net" ? format.signed(entry.value) : format.decimal(entry.value);
  };

  function row(entry, rank) {
    const spark = h("span", { class: "spark", "aria-hidden": "true", dir: "ltr" });
    const trend = trendColumns(entry.trend, end, app.now());
    app.remember(entry);
    const link = h("a", {
      href: app.address({ article: entry.article }), "data-key": entry.article,
      onclick: (event) => app.follow(event, { article: entry.article }),
    }, entry.title ?? entry.article);
    const cells = [
      h("td", { class: "number" }, format.number(rank)),
      h("th", { scope: "row" }, link, entry.title ? h("small", {}, h("bdi", {}, entry.article)) : null),
      route.order === "voters" ? null : h("td", { class: "number" }, value(entry)),
      route.window === "all" ? null : h("td", { class: "number" }, format.signed(entry.voters)),
      h("td", { class: "number" }, format.number(entry.total)),
      h("td", { class: "trend" }, spark, h("span", { class: "hidden" }, trend[1].map(format.number).join(" · "))),
    ];
    return { line: h("tr", {}, cells), draw: () => trend[1].length >= FEWEST && sparkline(spark, trend) };
  }

  /** All entries in their order, each with its rank; of an article that has moved, the place it moved to. */
  function ranked() {
    const known = new Set(entries.map((entry) => entry.article));
    return [...entries, ...further.filter((entry) => !known.has(entry.article))].map((entry, index) => [entry, index + 1]);
  }

  function matching(text) {
    const wanted = text.trim().toLocaleLowerCase();
    return ranked().filter(([entry]) => `${entry.title ?? ""}\n${entry.article}`.toLocaleLowerCase().includes(wanted));
  }

  function list() {
    const all = ranked(), rows = matching(search.value).map(([entry, rank]) => row(entry, rank));
    refill(body, rows.map((one) => one.line));
    for (const one of rows) one.draw();
    const text = all.length ? words.noMatch : words.nothing;
    message.textContent = rows.length ? "" : text;
    more.hidden = !cursor;
  }

  async function next() {
    try {
      const page = await app.client.get(`${site}/leaderboard?${boardQuery(route)}&limit=${MOST_LIMIT}&cursor=${cursor}`);
      further = [...further, ...page.entries];
      ({ cursor } = page);
      list();
    } catch (trouble) {
      app.report({ asOf: app.poller.asOf, trouble });
    }
  }

  function offerOrders() {
    const kind = app.kinds.get(route.site);
    if (!kind || orders.firstChild) return;
    const offered = ORDERS[kind].filter((one) => one !== "rising" || route.window !== "all");
    orders.append(choice(words.order, Object.fromEntries(offered.map((one) => [one, words.orders[one]])), route.order,
      (order) => app.go({ order }), "order"));
  }

  offerOrders();
  const headings = [
    [words.rank, true], [words.article, false], ...(route.order === "voters" ? [] : [[words.orders[route.order], true]]),
    ...(route.window === "all" ? [] : [[words.gained, true]]), [words.total, true], [words.trend, false],
  ];
  const node = h("section", { "aria-labelledby": "top" },
    h("h2", { id: "top", tabindex: "-1" }, words.top),
    h("div", { class: "controls" },
      orders,
      choice(words.window, Object.fromEntries(WINDOWS.map((one) => [one, words.windows[one]])), route.window,
        (window) => app.go({ window, order: window === "all" && route.order === "rising" ? "voters" : route.order }), "window"),
      h("label", {}, h("span", {}, words.search), search),
      h("button", {
        type: "button", "data-key": "csv",
        onclick: () => app.download(`${site}/leaderboard?${boardQuery(route)}&limit=${MOST_LIMIT}`, `${route.site}-leaderboard`),
      }, words.csv)),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "top" },
      h("table", { class: "top" },
        h("caption", { class: "hidden" }, words.top),
        h("thead", {}, h("tr", {}, headings.map(([text, number]) => (
          h("th", { scope: "col", class: number ? "number" : null }, text))))),
        body)),
    message, more);
  return {
    path, node,
    show(page) {
      if (further.length) {  // who was pushed off the first page has not left the list
        const kept = new Set([...page.entries, ...further].map((entry) => entry.article));
        further = [...entries.filter((entry) => !kept.has(entry.article)), ...further];
      } else {
        ({ cursor } = page);
      }
      ({ entries } = page);
      end = page.end ? seconds(page.end) : null;
      app.kinds.set(route.site, page.ballot.kind);
      offerOrders();
      list();
    },
  };
}
