// What an element shows: the line and its buttons. The state comes from `article.js`. This module sets only textContent
// and attributes, so no text can become markup or script.

import { articleAt } from "./article.js";
import { addressOf, ID, make } from "./attributes.js";
import { HOME, sheet, wordsFor } from "./language.js";
import { siteAt } from "./site.js";
import { choice as choiceOf, view as viewOf } from "./state.js";
import { warn } from "./warn.js";
import { decimal, label, sentence, text as textOf } from "./words.js";

const LAYOUTS = ["buttons", "compact", "reactions", "stars"];

/** A button with the icon, the name and the count of a choice. */
function button(name, icon) {
  const count = make("span", { part: "count" });
  const control = make(
    "button",
    { type: "button", part: "choice" },
    icon ? make("i", { part: "icon", "aria-hidden": true }, icon) : "",
    make("span", { part: "name" }, name),
    count,
  );
  return {
    node: control,
    control,
    update(mine, number) {
      control.setAttribute("aria-pressed", mine);
      count.textContent = number;
    },
  };
}

/** A radio button that looks like a star. `fill`: 0 is empty, 1 and more is full. */
function star(name) {
  const control = make("input", { type: "radio", name: "star", "aria-label": name });
  const glyph = make("span", { "aria-hidden": true }, "☆");
  return {
    node: make("label", { part: "choice" }, control, glyph),
    control,
    update(mine, _, fill) {
      control.checked = mine;
      glyph.style.setProperty("--fill", fill);
    },
  };
}

/** The view of one element, in its shadow tree. */
export function makeView(host, root) {
  let article, asked, text, built, nodes, seen;
  let talks; // true from a click on: a screen reader is told only what becomes of clicks

  /** Show this article from now on, or none. */
  function stand(next) {
    const before = article;
    if (next === before) return;
    before?.views.delete(view);
    before?.site.watch(view);
    article = next;
    try {
      root.adoptedStyleSheets = [sheet];
    } catch {} // in another document, which does not accept this sheet
    // The page's own content takes the place of the line, with room for the buttons, so nothing moves when they come.
    // After another article the content may belong to that one. Then the line is empty until the tally comes.
    built = "";
    root.replaceChildren(
      make(
        "div",
        { id: "box", class: host.layout },
        make("p", {}, before && next ? "\xa0" : make("slot")),
        next ? make("div", { id: "choices" }) : "",
      ),
    );
    next?.views.add(view);
    next?.site.want(next);
  }

  /** Build the nodes, unless the present ones fit. */
  function build(ballot, all) {
    const { words, lang } = text;
    const { kind, choices, icons = {} } = ballot;
    const layout = [host.layout, kind, LAYOUTS[0]].find(
      (one) => LAYOUTS.includes(one) && (one !== "stars" || one === kind),
    );
    const wanted = JSON.stringify([layout, lang, ballot, all]);
    if (wanted === built && words === nodes.words) return;
    built = wanted;
    const stars = layout === "stars";
    const line = make("span", { part: "line" }),
      note = make("b", { part: "note" });
    const status = make("span", { class: "hidden", role: "status" });
    const controls = all.map((choice, index) => {
      const made = (stars && choices.includes(choice) ? star : button)(
        label(words, lang, ballot, choice),
        textOf(icons, choice) || textOf(words.icons, choice),
      );
      // A click on the chosen one takes the vote back, for radio buttons as for others.
      made.control.onclick = () => vote(choiceOf(article.now().state) === choice ? null : choice);
      // Engines disagree on these keys in right-to-left pages. Here the focus goes where they point.
      if (stars && words.dir === "rtl")
        made.control.onkeydown = (event) => {
          const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const { control } = controls.at((index + step) % choices.length);
          control.focus();
          control.click();
        };
      return made;
    });
    const retract = stars && make("button", { type: "button", part: "retract", "aria-label": words.retract }, "×");
    if (retract)
      retract.onclick = () => {
        vote(null);
        controls[0].control.focus(); // the button disappears now
      };
    root.replaceChildren(
      make(
        "div",
        { id: "box", class: layout, lang, dir: words.dir },
        make("p", {}, line, " ", note),
        status,
        make(
          "div",
          { id: "choices", part: "choices", role: "group", "aria-label": words.group },
          ...controls.map(({ node }) => node),
          retract || "",
        ),
      ),
    );
    nodes = { sentence: line, note, told: status, controls, undo: retract, words };
  }

  /** Read the tally again and again if the element is `live` and in sight. */
  const watch = () => article?.site.watch(view, seen && host.live && article);

  const sight = new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    watch();
  });

  async function vote(choice) {
    await null; // an element that is new on the page knows its article after this
    if (!article || host.readonly) return false;
    talks = true;
    return article.choose(choice && `${choice}`, host);
  }

  const view = {
    host,
    stand,
    choose: vote,

    /** Do what the attributes say. It waits until the page has set all of them. */
    async adapt() {
      await null;
      if (!host.isConnected) return;
      const wrong = !ID.test(host.site) ? "site" : !ID.test(host.article) && "article";
      if (wrong) warn(wrong, host[wrong]);
      const home = addressOf(host.endpoint) ?? HOME;
      stand(wrong ? null : articleAt(siteAt(`${home}/v1/sites/${host.site}`), host.article));
      watch();
      sight.observe(host);
      const mine = (asked = wordsFor(host.closest("[lang]")?.lang || "en"));
      const found = await mine;
      if (mine !== asked) return; // another language was asked for in the meantime
      text = found;
      view.show();
    },

    async renew() {
      await article?.site.read([article]);
    },

    /** Show the present state of the article. */
    show() {
      const { state, trouble } = article?.now() ?? {};
      if (!state?.tally || !text) return;
      const { words, lang } = text,
        noun = host.noun || state.tally.noun;
      const shown = viewOf(state);
      const { chosen, closed, upcoming, choices, retired = [] } = shown;
      const still = closed || upcoming || host.readonly;
      // A retired choice is shown while somebody has it. Only who has it can press it: to take the vote back.
      const all = [...choices, ...retired.filter((choice) => choice === chosen || shown.counts[choice])];
      build(state.tally.ballot, all);
      const { sentence: line, note, told: status, controls, undo: retract } = nodes;
      line.textContent = sentence(words, lang, words[noun]?.others ? noun : "users", shown, !still);
      const { share } = article.site;
      const why = state.wish && share >= 0 ? "working" : trouble;
      note.textContent = why && (words.troubles[why] ?? words.troubles.other);
      const told = `${line.textContent} ${note.textContent}`; // without the share, which changes all the time
      if (why === "working") note.append(` ${new Intl.NumberFormat(lang, { style: "percent" }).format(share)}`);
      // What was told about a click is removed when it is no longer true.
      if (talks || status.textContent !== told) status.textContent = talks ? told : "";
      talks &&= state.wish ?? state.next;
      all.forEach((choice, index) => {
        const { node, control, update } = controls[index];
        control.disabled = still || (choice !== chosen && retired.includes(choice));
        node.part.toggle("chosen", choice === chosen);
        // Stars are filled up to the reader's own rating, otherwise up to the mean. The style limits this to 0 to 1.
        update(
          choice === chosen,
          choice in shown.counts ? decimal(lang, shown.counts[choice]) : "",
          (chosen ?? shown.mean) - index || 0,
        );
      });
      if (retract) retract.hidden = still || chosen === null;
    },
  };
  return view;
}
