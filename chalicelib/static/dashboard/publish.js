// What a publisher does with an article on its page: open, close or hide it, with a write key.

import { Trouble } from "./client.js";
import { h, refill } from "./dom.js";
import { askForKey } from "./keyform.js";

const STATES = ["open", "closed", "hidden"];

/** The panel. Without a key, and with one that may not write, it asks for a write key. */
export function publish(app) {
  const { words, format } = app;
  const path = `v1/sites/${app.route.site}/articles/${app.route.article}`;
  const place = h("div", { class: "publish" });
  const said = h("p", { class: "note", role: "status" });

  const ask = () => askForKey(app, place, words.writeKeyNeeded, words.writeKey, "write-key");

  function show(article) {
    const buttons = STATES.map((state) =>
      h(
        "button",
        {
          type: "button",
          "data-key": `state-${state}`,
          "aria-pressed": String(article.state === state),
          onclick: () => change(article, state),
        },
        words.states[state],
      ),
    );
    refill(place, [h("div", { class: "controls", role: "group", "aria-labelledby": "publish" }, ...buttons)]);
  }

  /** Make the article's state this one, if it still is as it was read. */
  async function change(article, state) {
    said.textContent = words.loading;
    try {
      show(await app.client.put(path, changed(article, state, app.now()), `"${article.version}"`));
      said.textContent = words.saved;
    } catch (trouble) {
      await failed(trouble);
      if (trouble.status === 412) await read();
    }
  }

  async function read() {
    try {
      show(await app.client.get(path));
    } catch (trouble) {
      await failed(trouble);
    }
  }

  async function failed(trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    said.textContent = trouble.status ? format.say(words.refused, { detail: trouble.message }) : words.silent;
    if ([401, 403].includes(trouble.status)) ask();
  }

  if (app.key()) read();
  else ask();
  return h(
    "section",
    { class: "panel", "aria-labelledby": "publish" },
    h("h2", { id: "publish" }, words.voting),
    place,
    said,
  );
}

/** The article with this state. Who opens an article means now: times that would keep it closed are left out. */
function changed(article, state, now) {
  const { opens_at: opens, closes_at: closes } = article;
  const at = (time) => (time ? Date.parse(time) / 1000 : null);
  if (state !== "open") return { ...article, state };
  return {
    ...article,
    state,
    opens_at: at(opens) > now ? null : opens,
    closes_at: closes && at(closes) <= now ? null : closes,
  };
}
