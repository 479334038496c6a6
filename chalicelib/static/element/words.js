// The words on the page: which message fits, and its number. Pure functions: no page, no network.
//
// "Nobody", "only me", "others" and "others and me" are four messages and not plural forms of one message. In Russian
// the form for 1 is also the form for 21, so "only you" cannot be a plural form. Categories are those of Unicode CLDR.

/**
 * `base` with the messages of `more` over it. A message must be a text, and a group must be a group. Everything else in
 * `more` is left out, so that words from a page cannot break the line.
 */
export function adopt(base, more) {
  const all = { ...base };
  for (const [key, value] of Object.entries({ ...more })) {
    if (typeof base[key] === "object") all[key] = adopt(base[key], value);
    else if (typeof value === "string") all[key] = value;
  }
  return all;
}

/** A message with its number, in the plural form of the language. If that form is missing: `other`. */
export function phrase(forms, lang, number) {
  return fill(forms[new Intl.PluralRules(lang).select(number)] ?? forms.other, lang, number);
}

const fill = (message, lang, number) =>
  message.replace("{n}", decimal(lang, number)).replace("{max}", decimal(lang, 5));

/** A number as the language writes it, with at most one decimal. */
export const decimal = (lang, number) => new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(number);

/** The line: "132 users have voted, including you." `chosen`: the reader's choice, or null; `mean`: of stars, or a false value. */
export function sentence(words, lang, noun, { voters, chosen, closed, upcoming, mean }, open) {
  return [
    closed && words.closed,
    upcoming && words.upcoming,
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

/** The message of a group under any key, also under "constructor", which every object has. */
export const text = (group, key) => typeof group[key] === "string" && group[key];

/** The name of a choice: as the site says, otherwise stars by their number, otherwise from the words, or the choice itself. */
export function label(words, lang, { kind, labels = {} }, choice) {
  return (
    text(labels, choice) ||
    (kind === "stars" ? phrase(words.star, lang, +choice) : text(words.choices, choice) || choice.replaceAll("_", " "))
  );
}
