"""WebKit behind the part of Playwright's interface that the tests use.

Debian's WebKitGTK has a WebDriver. It clicks, types and runs scripts as a reader's browser would. It cannot watch or
answer requests, run a script before a page's own, or stop the clock. A proxy between the browser and everything
else does that. It sees each request, answers those that a test routes, and puts the tests' scripts into pages.

`session` speaks WebDriver; `proxy` stands in the network; `queries.js` finds elements as Playwright's locators do;
`context` and `locators` have Playwright's names; `expectations` wait until something holds.
"""
