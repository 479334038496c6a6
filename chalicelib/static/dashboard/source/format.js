// Numbers, times and sentences in the reader's language.

/** The reader's own kind of the language, as "en-GB" is of "en", if their browser names one; else the language. */
export function localeOf(language, wanted) {
  const kind = new RegExp(`^${language}(-[a-z0-9]{2,8})*$`, "i");
  return wanted.find((tag) => kind.test(tag) && Intl.NumberFormat.supportedLocalesOf(tag).length) ?? language;
}

/** What formats for a language. Times are UTC, as the service's hours and days are; only `clock` is the reader's. */
export function formats(language) {
  const number = new Intl.NumberFormat(language);
  const signed = new Intl.NumberFormat(language, { signDisplay: "exceptZero" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const time = (options, where = { timeZone: "UTC" }) => {
    const format = new Intl.DateTimeFormat(language, { ...options, ...where });
    return (at) => format.format(at * 1000);
  };
  const day = { day: "numeric", month: "short" };
  return {
    number: (value) => number.format(value),
    signed: (value) => signed.format(value),
    percent: (value) => percent.format(value),
    decimal: (value) => decimal.format(value),
    hour: time({ hour: "2-digit", minute: "2-digit" }),
    day: time(day),
    date: time({ ...day, year: "numeric" }),
    moment: time({ ...day, hour: "2-digit", minute: "2-digit" }),
    clock: time({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, { timeZone: undefined }),  // the reader's own
    say: (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]),
  };
}

/** A choice as readers know it. */
export function choiceName(words, format, kind, choice) {
  if (kind === "stars") return format.say(words.stars, { n: format.number(Number(choice)) });
  return (kind !== "reactions" && words.choices[choice]) || choice;
}
