/** `<article-top>`: the leaderboard of a site, for its readers. Types of article-top.js. */

export type Order = "voters" | "net" | "approval" | "stars" | "controversial" | "rising";
export type Window = "hour" | "day" | "week" | "month" | "all";

export declare class ArticleTop extends HTMLElement {
  /** Each of these is the attribute of its name; "" where there is none. Null and undefined remove it. */
  get site(): string;
  set site(id: string | null | undefined);
  get endpoint(): string;
  set endpoint(url: string | null | undefined);
  get noun(): "users" | "readers" | "people" | "";
  set noun(noun: "users" | "readers" | "people" | "" | null | undefined);
  get order(): Order | "";
  set order(order: Order | "" | null | undefined);
  get window(): Window | "";
  set window(window: Window | "" | null | undefined);
  get limit(): string;
  set limit(limit: string | number | null | undefined);
  get section(): string;
  set section(section: string | null | undefined);
  get author(): string;
  set author(author: string | null | undefined);
}

declare global {
  interface HTMLElementTagNameMap {
    "article-top": ArticleTop;
  }
}
