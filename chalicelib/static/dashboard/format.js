// Numbers, times and sentences in the reader's language.

/** The reader's own kind of the language, as "en-GB" is of "en", if their browser names one; else the language. */
export function localeOf(language, wanted) {
  const kind = new RegExp(`^${language}(-[a-z0-9]{2,8})*$`, "i");
  return wanted.find((tag) => kind.test(tag) && Intl.NumberFormat.supportedLocalesOf(tag).length) ?? language;
}

/**
 * A locale with the digits that the words ask for by region: engines disagree on those of some languages, and the
 * element, the pictures and this page should not.
 */
export function withDigits(locale, digits) {
  return !digits || locale.includes("-u-") ? locale : `${locale}-u-nu-${digits[locale.slice(-2)] ?? digits[""]}`;
}

/** What formats for a language. Times are in a time zone, that of the site; only `clock` is the reader's. */
export function formats(language, timeZone) {
  const number = new Intl.NumberFormat(language);
  const signed = new Intl.NumberFormat(language, { signDisplay: "exceptZero" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const time = (options, where = { timeZone }) => {
    const format = new Intl.DateTimeFormat(language, { ...options, ...where });
    return (at) => format.format(at * 1000);
  };
  const day = { day: "numeric", month: "short" };
  return {
    number: (value) => number.format(value),
    signed: (value) => signed.format(value),
    percent: (value) => percent.format(value),
    wholePercent: (value) => whole.format(value),
    decimal: (value) => decimal.format(value),
    hour: time({ hour: "2-digit", minute: "2-digit" }),
    hourOfDay: time({ hour: "2-digit", minute: "2-digit" }, { timeZone: "UTC" }), // of seconds since midnight
    day: time(day),
    weekday: time({ ...day, weekday: "short" }),
    date: time({ ...day, year: "numeric" }),
    moment: time({ ...day, weekday: "short", hour: "2-digit", minute: "2-digit" }),
    clock: time({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, { timeZone: undefined }), // the reader's own
    /** A sentence with its values put in; numbers among them in the language's digits. */
    say: (sentence, values) =>
      sentence.replace(/\{(\w+)\}/g, (_, name) =>
        typeof values[name] === "number" ? number.format(values[name]) : values[name],
      ),
  };
}

/** A choice as readers know it: by the site's own label, if it has one. */
export function choiceName(words, format, { kind, choices, labels = {} }, choice) {
  if (Object.hasOwn(labels, choice)) return labels[choice];
  if (kind === "stars" && choices.includes(choice)) return format.say(words.stars, { n: Number(choice) });
  return (kind !== "reactions" && words.choices[choice]) || choice;
}

/** Every choice that is counted: also those that are retired. */
export const counted = ({ choices, retired = [] }) => [...choices, ...retired];
