// The page of a Vue user, with what `<article-vote :live="live" @vote-cast="…">` in a template compiles to.

import { createApp, h, nextTick, reactive } from "vue";

const props = { readonly: false, live: false, ...JSON.parse(document.querySelector("main").dataset.props) };
const votes = []; // the details of the events heard
const state = reactive({ props, order: ["vote", "one", "two"], shown: true });
const vote = (key) => h("article-vote", { key, ...state.props, onVoteCast: (event) => votes.push(event.detail) });

// Vue draws after the change, so every function returns a promise.
window.app = {
  votes,
  render(changes) { Object.assign(state.props, changes); return nextTick(); },
  move() { state.order.push(state.order.shift()); return nextTick(); },
  unmount() { state.shown = false; return nextTick(); },
  remount() { state.shown = true; return nextTick(); },
};

createApp({
  render: () => state.shown && state.order.map((key) => (key === "vote" ? vote(key) : h("p", { key }, key))),
}).mount("main");
