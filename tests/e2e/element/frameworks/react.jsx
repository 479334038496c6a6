// The page of a React user, for any version of React: a list with <article-vote> in it. `Vote` is how that version's
// users write the element.

import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";

export function start(Vote) {
  const props = { readonly: false, live: false, ...JSON.parse(document.querySelector("main").dataset.props) };
  const votes = []; // the details of the events heard
  const order = ["vote", "one", "two"];
  let shown = true;
  const root = createRoot(document.querySelector("main"));

  function draw() {
    const hear = (event) => votes.push(event.detail);
    const list = order.map((key) => (key === "vote" ? <Vote key={key} {...props} hear={hear} /> : <p key={key}>{key}</p>));
    flushSync(() => root.render(shown && list));
  }

  window.app = {
    votes,
    render(changes) { Object.assign(props, changes); draw(); },
    move() { order.push(order.shift()); draw(); },
    unmount() { shown = false; draw(); },
    remount() { shown = true; draw(); },
  };
  draw();
}
