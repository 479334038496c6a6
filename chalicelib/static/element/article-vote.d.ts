/** `<article-vote>`: the voting line under an article. Types of article-vote.js and article-vote-element.js. */

/** What readers choose between. Retired choices are counted and shown, but take no votes any more. */
export interface Ballot {
  readonly kind: "like" | "updown" | "stars" | "reactions";
  readonly choices: readonly string[];
  readonly retired: readonly string[];
  /** The site's own texts for choices, by their names. */
  readonly labels: Readonly<Record<string, string>>;
  readonly icons: Readonly<Record<string, string>>;
}

/** How readers voted on one article, as the service's API says it. */
export interface Tally {
  readonly site: string;
  readonly article: string;
  readonly state: "open" | "upcoming" | "closed" | "unknown";
  readonly ballot: Ballot;
  /** What the page calls its voters. */
  readonly noun: "users" | "readers" | "people";
  readonly voters: number;
  /** Null while the site does not show them to this reader. */
  readonly counts: Readonly<Record<string, number>> | null;
  /** Null where the ballot has no such thing, or nobody voted. `approval`: Wilson's lower bound, 0 to 1. */
  readonly score: {
    readonly net: number | null;
    readonly approval: number | null;
    readonly mean: number | null;
  } | null;
  /** Only grows; a lower one is never shown after a higher one. */
  readonly version: number;
  readonly updated_at: string | null;
}

/** What `vote-cast` and `vote-retracted` tell: the vote was acknowledged by the service. */
export interface VoteDetail {
  readonly site: string;
  readonly article: string;
  /** The reader's choice; null when the vote was retracted. */
  readonly choice: string | null;
  /** The tally with the reader's vote in it; null when it is not known yet. */
  readonly tally: Tally | null;
  readonly status?: undefined;
  readonly code?: undefined;
}

/** What `vote-refused` tells: the vote was not taken, and the page shows it as it was before. */
export interface RefusalDetail {
  readonly site: string;
  readonly article: string;
  readonly choice: string | null;
  readonly tally: Tally | null;
  /** The HTTP status of the refusal. */
  readonly status: number;
  /** The stable code of the problem (RFC 9457), such as "voting_closed". */
  readonly code?: string;
}

/** All three bubble, and are seen outside of shadow trees (composed). */
export interface ArticleVoteEventMap {
  "vote-cast": CustomEvent<VoteDetail & { readonly choice: string }>;
  "vote-retracted": CustomEvent<VoteDetail & { readonly choice: null }>;
  "vote-refused": CustomEvent<RefusalDetail>;
}

export type Noun = "users" | "readers" | "people";
export type Layout = "buttons" | "compact" | "reactions" | "stars";

export declare class ArticleVote extends HTMLElement {
  /** Each of these is the attribute of its name; "" where there is none. Null and undefined remove it. */
  get site(): string;
  set site(id: string | null | undefined);
  get article(): string;
  set article(id: string | null | undefined);
  get endpoint(): string;
  set endpoint(url: string | null | undefined);
  get noun(): Noun | "";
  set noun(noun: Noun | "" | null | undefined);
  get layout(): Layout | "";
  set layout(layout: Layout | "" | null | undefined);

  /** Show, but take no votes. */
  get readonly(): boolean;
  set readonly(readonly: boolean | "" | "false" | null | undefined);
  /** Read the tally every five seconds while the element is in sight. */
  get live(): boolean;
  set live(live: boolean | "" | "false" | null | undefined);

  /** Erase what this browser keeps for the sites of this page: tokens, votes, wishes. Votes stay counted. */
  static forget(): void;

  /** Make the reader's vote this choice. Resolves when that is settled: true if it stands, false if it was refused. */
  vote(choice: string): Promise<boolean>;

  /** Take the reader's vote back. Resolves as `vote` does. */
  retract(): Promise<boolean>;

  /** Read the tally now, past all caches. */
  refresh(): Promise<void>;

  addEventListener<K extends keyof ArticleVoteEventMap>(
    type: K,
    listener: (this: ArticleVote, event: ArticleVoteEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "article-vote": ArticleVote;
  }
  interface DocumentEventMap extends ArticleVoteEventMap {}
  /** Set by article-vote.js, not by article-vote-element.js. */
  var ArticleVote: typeof import("./article-vote.js").ArticleVote;
}
