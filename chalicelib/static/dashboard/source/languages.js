export const LANGUAGES = ["en"];
