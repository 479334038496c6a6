// The module that the script tag loads. It registers <article-vote> and gives pages the class.

import { ArticleVote } from "./element.js";

if (!customElements.get("article-vote")) customElements.define("article-vote", ArticleVote);
// The class in use. If the page has two scripts, it is the class of the first one.
globalThis.ArticleVote = customElements.get("article-vote");

export { ArticleVote };
