// What the script tag loads: registers <article-vote>, and says where the class is for pages that want it.

import { ArticleVote } from "./element.js";

if (!customElements.get("article-vote")) customElements.define("article-vote", ArticleVote);
// The class in use, which is another script's where two are on the page.
globalThis.ArticleVote = customElements.get("article-vote");

export { ArticleVote };
