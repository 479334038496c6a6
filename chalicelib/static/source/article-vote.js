// What the script tag loads: registers <article-vote>, and says where the class is for pages that want it.

import { ArticleVote } from "./element.js";

globalThis.ArticleVote = ArticleVote;
if (!customElements.get("article-vote")) customElements.define("article-vote", ArticleVote);

export { ArticleVote };
