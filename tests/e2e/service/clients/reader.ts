// A reader's whole way with the typed client: TypeScript checks it against the generated types, and Node runs it.

import createClient from "openapi-fetch";
import type { paths } from "./api";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const path = { site: "demo", article: "typescript-client" };

const voter = await client.POST("/v1/sites/{site}/voters", { params: { path: { site: "demo" } } });
const token: string = voter.data!.voter_token;
const headers = { Authorization: `Bearer ${token}` };

const voted = await client.PUT("/v1/sites/{site}/articles/{article}/vote", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { choice: "up" },
  headers,
});
const version: number = voted.data!.vote.version;
const voters: number = voted.data!.tally!.voters;

const late = await client.PUT("/v1/sites/{site}/articles/{article}/vote", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { choice: "down" },
  headers,
});
const code: string = late.error!.code;

const board = await client.GET("/v1/sites/{site}/leaderboard", {
  params: { path: { site: "demo" }, query: { order: "net", window: "day", limit: 5, ago: 0 } },
});
const entries: number = board.data!.entries.length;

const feed = await client.GET("/v1/sites/{site}/leaderboard.atom", {
  params: { path: { site: "demo" } },
  parseAs: "text",
});
const atom: string = feed.data!;
const picture = await client.GET("/v1/sites/{site}/articles/{article}/tally.svg", {
  params: { path },
  parseAs: "text",
});
const svg: string = picture.data!;

console.log(JSON.stringify({ version, voters, code, entries, atom: atom.slice(0, 5), svg: svg.slice(0, 4) }));
