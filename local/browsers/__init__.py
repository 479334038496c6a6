"""The browsers that tests and screenshots use: Chromium, Firefox and WebKit behind one interface, Playwright's."""
