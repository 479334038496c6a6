// Not run: read by TypeScript, strictly. What a page's author writes with the declared types, and what they must catch.

import { ArticleVote, type Tally } from "../../chalicelib/static/element/article-vote.js";

const element = document.querySelector("article-vote")!;
const stands: Promise<boolean> = element.vote("up");
const gone: Promise<boolean> = element.retract();
await element.refresh();

document.addEventListener("vote-cast", ({ detail }) => {
  const choice: string = detail.choice;
  const tally: Tally | null = detail.tally;
  console.log(choice, tally?.counts?.[choice], stands, gone);
});
element.addEventListener("vote-refused", ({ detail }) => console.log(detail.status.toFixed(), detail.code));
element.addEventListener("vote-retracted", function ({ detail }) {
  const nothing: null = detail.choice;
  console.log(nothing, this.localName);
});
element.addEventListener("click", () => globalThis.ArticleVote.forget());
customElements.define("my-vote", class extends ArticleVote {});

// @ts-expect-error: there are no votes without a choice
element.vote();
// @ts-expect-error: a vote that was cast has no status
document.addEventListener("vote-cast", ({ detail }) => detail.status.toFixed());
