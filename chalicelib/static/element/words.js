// The words on the page: which message fits, and its number put in. Pure: no page, no network.
//
// Nobody, only me, others, others and me are four messages, not plural forms of one: Russian says the form of 1
// for 21 as well, so "only you" must not live in a plural slot. Categories are those of Unicode CLDR.

/**
 * `base` with the messages of `more` over it. A message stays a text and a group stays a group: whatever else `more`
 * holds is left out, so that words from a page cannot break the line.
 */
export function adopt(base, more) {
  const all = { ...base };
  for (const [key, value] of Object.entries({ ...more })) {
    if (typeof base[key] === "object") all[key] = adopt(base[key], value);
    else if (typeof value === "string") all[key] = value;
  }
  return all;
}

/** A message with its number, in the plural form that the language has for it; `other` where that form is missing. */
export function phrase(forms, lang, number) {
  return fill(forms[new Intl.PluralRules(lang).select(number)] ?? forms.other, lang, number);
}

const fill = (message, lang, number) =>
  message.replace("{n}", decimal(lang, number)).replace("{max}", decimal(lang, 5));

/** A number as the language writes it, to one decimal. */
export const decimal = (lang, number) => new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(number);

/** The line: "132 users have voted, including you." `chosen`: the reader's choice, or null; `mean`: of stars, or 0. */
export function sentence(words, lang, noun, { voters, chosen, closed, mean }, open) {
  return [
    closed && words.closed,
    !voters
      ? words[open ? "first" : "none"]
      : chosen && voters === 1
        ? words.only
        : phrase(words[noun][chosen ? "including" : "others"], lang, voters),
    mean && fill(words.mean, lang, mean),
  ]
    .filter(Boolean)
    .join(words.space);
}

/** The message of a group under a key that somebody else chose: such as "constructor", which every object has. */
export const text = (group, key) => typeof group[key] === "string" && group[key];

/** What a choice is called: stars by number, else the words' name for it, else the choice itself. */
export function label(words, lang, kind, choice) {
  return kind === "stars"
    ? phrase(words.star, lang, +choice)
    : text(words.choices, choice) || choice.replaceAll("_", " ");
}
