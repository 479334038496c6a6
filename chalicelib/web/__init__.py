"""HTTP: parse the request, call a use case, shape the answer. No rule of voting lives here."""
