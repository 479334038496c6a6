// The page: which site, in which language, with which key; one view at a time, kept up to date.

import { LANGUAGES } from "../build/facts.js";
import { article } from "./article.js";
import { Calendar } from "./calendar.js";
import { Client, Trouble } from "./client.js";
import { h, refill } from "./dom.js";
import { choiceName, formats, localeOf, withDigits } from "./format.js";
import { makeHeader } from "./header.js";
import { keep, keyOf } from "./keys.js";
import { refusal, siteList } from "./notices.js";
import { overview } from "./overview.js";
import { Poller } from "./poller.js";
import { read, span, write } from "./route.js";

// The address of the API is the folder that this page lies in.
const BASE = new URL(".", location.href);
const STALE_AFTER_MS = 30_000;
const ZONE_HOLDS_MS = 120_000; // functions remember a site for a minute
const MOST_PAGES = 100;

const isRefusal = (trouble) => Boolean(trouble && trouble.status >= 400 && trouble.status < 500);

class Dashboard {
  #titles = new Map();
  /** The kinds of ballots and the calendars of sites, once they are known; and which tables are open. */
  kinds = new Map();
  #calendars = new Map();
  opened = new Set();
  #view = null;

  constructor(words) {
    this.words = words;
    this.locale = localeOf(words.lang, [...navigator.languages]);
    this.zone = h("p", { class: "note zone" });
    this.#keepTime(new Calendar("UTC"));
    this.route = read(location.search);
    this.client = new Client(BASE, () => this.key());
    this.poller = new Poller(this.client, (news) => this.report(news));
    this.base = BASE;
    this.header = makeHeader(this);
    this.status = this.header.status;
    this.notice = h("div", { class: "notice" });
    this.content = h("div", { class: "content" });
    this.main = h("main", {}, this.notice, this.content, this.zone);
    document.title = words.name;
    document.documentElement.lang = words.lang;
    document.documentElement.dir = words.dir;
    document.body.replaceChildren(this.header.node, this.main);
    addEventListener("popstate", () => {
      this.route = read(location.search);
      this.render();
    });
    setInterval(() => this.#age(), 1000);
    this.sites = [];
    this.#listSites();
    this.render();
  }

  #name(id) {
    return `${this.route.site}/${id}`;
  }

  now() {
    return Math.floor(Date.now() / 1000);
  }

  /** Take the time from this calendar. */
  #keepTime(calendar) {
    this.calendar = calendar;
    this.format = formats(withDigits(this.locale, this.words.digits), calendar.zone);
    this.zone.textContent = this.format.say(this.words.zone, { zone: calendar.zone });
  }

  /**
   * A handler of bodies, which name the site's time zone. If that is news, the view is made anew. For a while after a
   * change some answers name the old zone and some the new one, so a zone that was learned holds for that long.
   */
  #inZone(handle) {
    return (body) => {
      const { site } = this.route,
        learned = this.#calendars.get(site)?.at ?? -Infinity;
      const isNews = body.time_zone && body.time_zone !== this.calendar.name;
      if (isNews && Date.now() - learned > ZONE_HOLDS_MS) {
        this.#calendars.set(site, { calendar: new Calendar(body.time_zone), at: Date.now() });
        this.render();
      } else handle(body);
    };
  }

  address(change) {
    return write({ ...this.route, ...change });
  }

  /** Go where a link leads, unless the reader wants it elsewhere. */
  follow(event, change) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.go(change);
    scrollTo(0, 0);
    this.content.querySelector("h2")?.focus(); // where a page that had been loaded anew would begin
  }

  go(change) {
    this.route = { ...this.route, ...change };
    history.pushState(this.#titles.get(this.#name(this.route.article)) ?? null, "", write(this.route));
    this.render();
  }

  /** Lists know titles before an article's own page has read its history; after a reload, history.state does. */
  remember({ article: id, title, url }) {
    if (title || !this.#titles.has(this.#name(id))) this.#titles.set(this.#name(id), { title, url });
  }

  remembered(id) {
    return this.#titles.get(this.#name(id)) ?? history.state ?? {};
  }

  /** Save what a path says as CSV, page by page. Its first bytes tell spreadsheets that it is UTF-8. */
  async download(path, name) {
    try {
      const parts = ["\ufeff"];
      for (let next = path, pages = 0; next && pages < MOST_PAGES; pages += 1) {
        const page = await this.client.csv(next);
        parts.push(pages ? page.text.slice(page.text.indexOf("\n") + 1) : page.text);
        next = page.next && path.replace(/\?.*/, "") + page.next;
      }
      const url = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
      h("a", { href: url, download: `${name}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (trouble) {
      this.report({ asOf: this.asOf, trouble });
    }
  }

  /** Put a text on the clipboard, and say so on the button that was pressed. */
  async copy(text, button) {
    const name = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = this.words.copied;
    } catch {
      prompt(name, text); // where the clipboard is refused, the text can be copied by hand
    }
    setTimeout(() => {
      button.textContent = name;
    }, 2000);
  }

  /** Full screen on; the second time off. */
  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  }

  nameOf(ballot, one) {
    return choiceName(this.words, this.format, ballot, one);
  }

  render() {
    this.#view?.destroy();
    this.#view = this.asOf = this.trouble = null; // values of the old view
    this.content.hidden = false;
    this.header.update(this.sites, Boolean(this.key()));
    this.notice.replaceChildren();
    if (!this.route.site) {
      refill(this.content, siteList(this));
      this.status.textContent = "";
      document.title = this.words.name;
      this.poller.watch({});
      return;
    }
    document.title = `${this.route.article || this.route.site} – ${this.words.name}`;
    this.status.textContent = this.words.loading;
    this.#keepTime(this.#calendars.get(this.route.site)?.calendar ?? new Calendar("UTC"));
    this.#view = (this.route.article ? article : overview)(this);
    refill(this.content, this.#view.node);
    const paths = Object.entries(this.#view.paths).map(([path, handle]) => [path, this.#inZone(handle)]);
    this.poller.watch(Object.fromEntries(paths));
  }

  /** Called after each round of reads: show how old the numbers are, or what is wrong. */
  report({ asOf, trouble }) {
    this.asOf = asOf;
    this.trouble = trouble;
    this.#age();
    if (isRefusal(trouble)) refusal(this, trouble, Boolean(this.key()));
    else this.notice.replaceChildren();
    const shown = this.#view?.span,
      due = shown && span(this.route, this.now(), this.calendar, this.#view.first);
    if (shown && !trouble && (shown.since !== due.since || shown.until !== due.until)) this.render();
  }

  #age() {
    if (!this.route.site) return;
    const refused = isRefusal(this.trouble);
    const old = this.asOf && Date.now() - this.asOf > STALE_AFTER_MS;
    const { words, format } = this;
    let text = this.status.textContent;
    if (this.asOf) {
      const sentence = old || this.trouble ? words.stale : words.asOf;
      text = format.say(sentence, { time: format.clock(this.asOf / 1000) });
    } else if (this.trouble) {
      text = refused ? "" : words.silent;
    }
    this.content.hidden = Boolean(refused && !this.asOf);
    const stale = Boolean(old || this.trouble) && text !== "";
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("stale", stale);
    this.main.classList.toggle("stale", stale && Boolean(this.asOf));
  }

  async #listSites() {
    try {
      this.sites = (await this.client.get("v1/sites")).sites.map((one) => one.site);
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      return; // the id can be typed in
    }
    this.header.update(this.sites, Boolean(this.key()));
    if (!this.route.site) refill(this.content, siteList(this));
  }

  key() {
    return keyOf(this.route.site);
  }

  /** Keep the read key of this site for this tab; "" forgets it. */
  keepKey(key) {
    keep(this.route.site, key);
    this.client.forget();
    this.render();
  }
}

/** The words of the language that the address or the reader's browser asks for. */
async function words() {
  const wanted = [read(location.search).lang, ...navigator.languages].map((tag) => tag.split("-")[0].toLowerCase());
  const language = wanted.find((one) => LANGUAGES.includes(one)) ?? "en";
  const answer = await fetch(new URL(`dashboard/${language}.json`, BASE));
  if (!answer.ok) throw new Trouble(answer.status);
  return answer.json();
}

/** Show the dashboard in place of what the page says until then. */
export async function start() {
  new Dashboard(await words());
}
