// What the page loads first: starts the rest, and says so when that fails.

import { h } from "./dom.js";

const failed = () =>
  document.body.replaceChildren(
    h("p", { role: "alert", class: "failed" }, "The dashboard could not be loaded. Please reload the page."),
  );

import("./dashboard.js").then(({ start }) => start()).catch(failed);
