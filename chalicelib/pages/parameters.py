"""The parts of a request for a page, a picture or a file, with their descriptions for OpenAPI."""

from __future__ import annotations

import re

from chalicelib.http.descriptions import one_of, path, query, text
from chalicelib.publishing.parameters import PATH_PARAMETERS as IDS_IN_PATHS

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)
NOUNS = ("users", "readers", "people")
THEMES = ("light", "dark", "auto")  # the first is what most letters and pages are
LAYOUTS = ("buttons", "compact", "reactions", "stars")
PIXELS = re.compile(r"[0-9]{1,5}", re.ASCII)

FILE = path("file", "The name of the file.", text("[A-Za-z0-9._-]{1,80}", examples=["article-vote.js"]))
PATH_PARAMETERS = {**IDS_IN_PATHS, "file": FILE}
LANGUAGE = query(
    "lang",
    "The language of the words. English if the service does not have this language.",
    text(LANGUAGE_TAG.pattern, examples=["de", "pt-BR"]),
)
NOUN = query("noun", "What voters are called.", one_of(NOUNS))
THEME = query("theme", "The colours of the text.", one_of(THEMES))
LAYOUT = query("layout", "How the choices look. By default the ballot decides.", one_of(LAYOUTS))
