import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { adopt, label, phrase, sentence, text } from "../../chalicelib/static/element/words.js";

const FOLDER = new URL("../../chalicelib/static/words/", import.meta.url);
const words = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [
    file.replace(".json", ""),
    JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")),
  ]),
);
test("there are twelve languages, each saying all that English says", () => {
  assert.equal(Object.keys(words).length, 12);
  const { icons, ...english } = words.en;
  for (const [language, its] of Object.entries(words)) {
    assert.equal(its.lang, language);
    assert.match(its.dir, /^(ltr|rtl)$/);
    assert.deepEqual(
      Object.keys(its).filter((key) => !["icons", "digits"].includes(key)),
      Object.keys(english),
      language,
    );
    assert.deepEqual(Object.keys(its.troubles), Object.keys(english.troubles), language);
    assert.deepEqual(Object.keys(its.choices), Object.keys(english.choices), language);
  }
});

test("each set of plural forms has just the categories that the language has", () => {
  for (const [language, its] of Object.entries(words)) {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    const sets = ["users", "readers", "people"].flatMap((noun) => [its[noun].others, its[noun].including]);
    for (const forms of [...sets, its.star]) {
      assert.deepEqual(Object.keys(forms).toSorted(), categories, `${language}: ${JSON.stringify(forms)}`);
    }
  }
});

test("every message is a sentence of its own, and a number stands where one belongs", () => {
  for (const [language, its] of Object.entries(words)) {
    for (const noun of ["users", "readers", "people"]) {
      for (const forms of Object.values(its[noun])) {
        for (const form of Object.values(forms)) assert.match(form, /[.。।]$/, form);
        assert.match(forms.other, /\{n\}/);
      }
      assert.notDeepEqual(its[noun].others, its[noun].including, language);
    }
    assert.match(its.mean, /\{n\}/);
  }
});

test("zero, only me, others, others and me are four messages", () => {
  const line = (voters, chosen, more = {}, open = true) =>
    sentence(words.ru, "ru", "users", { voters, chosen, closed: false, mean: 0, ...more }, open);
  assert.equal(line(0, null), "Ваш голос будет первым.");
  assert.equal(line(0, null, { closed: true }, false), "Голосование завершено. Никто не проголосовал.");
  assert.equal(line(1, "up"), "Проголосовали только вы.");
  assert.equal(line(21, "up"), "Проголосовал 21 пользователь, включая вас.");
  assert.equal(line(1, null), "Проголосовал 1 пользователь.");
  assert.equal(line(2, null, { mean: 4.25 }), "Проголосовали 2 пользователя. Средняя оценка: 4,3 из\u00a05.");
});

test("a choice called null is a choice, not the lack of one", () => {
  const known = { voters: 1, chosen: "null", closed: false, mean: NaN };
  assert.equal(sentence(words.en, "en", "users", known, true), "Only you voted.");
});

test("numbers go in as they are, whatever they look like to replace()", () => {
  assert.equal(phrase({ other: "$& {n} $1" }, "en", 1234), "$& 1,234 $1");
});

test("a form that is missing is served by the general one", () => {
  assert.equal(phrase({ other: "{n} votes" }, "en", 1), "1 votes");
});

test("words from a page are taken message by message; what is none is left out", () => {
  const own = JSON.parse(
    '{"first": "Vote!", "only": 5, "users": "x", "readers": {"others": {"other": "{n}!"}}, "choices": {"joy": "Joy"}, "__proto__": {"first": "no"}, "space": null, "closed": ["a"]}',
  );
  const all = adopt(words.en, own);
  assert.equal(all.first, "Vote!");
  assert.equal(all.only, words.en.only);
  assert.deepEqual(all.users.others, words.en.users.others);
  assert.equal(all.readers.others.other, "{n}!");
  assert.equal(all.readers.others.one, words.en.readers.others.one);
  assert.equal(all.choices.joy, "Joy");
  assert.equal(all.choices.up, "Like");
  assert.equal(all.closed, words.en.closed);
  assert.equal(all.space, " ");
  for (const nothing of [null, 7, "text", [], true]) assert.equal(adopt(words.en, nothing).first, words.en.first);
});

test("what every object has is not a message", () => {
  assert.equal(text(words.en.icons, "constructor"), false);
  assert.equal(label(words.en, "en", { kind: "reactions", labels: {} }, "constructor"), "constructor");
  assert.equal(label(words.en, "en", { kind: "reactions" }, "very_sad"), "very sad");
  assert.equal(label(words.en, "en", { kind: "stars" }, "1"), "1 star");
  assert.equal(label(words.en, "en", { kind: "stars", labels: { 1: "Awful" } }, "1"), "Awful");
});
