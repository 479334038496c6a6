// The languages that there is a file of words for.
export const LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "ja", "pl", "pt", "ru", "tr", "zh"];
