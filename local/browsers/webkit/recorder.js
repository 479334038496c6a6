// What a page says on its console, and errors that nothing caught, kept until the test asks. Runs before the page.
globalThis.said = [];
for (const type of ["log", "info", "warn", "error"]) {
  const original = console[type];
  console[type] = (...parts) => {
    said.push([type === "warn" ? "warning" : type, parts.map(String).join(" ")]);
    original.apply(console, parts);
  };
}
addEventListener("error", ({ error, message }) => error && said.push(["uncaught", String(error?.stack ?? message)]));
addEventListener("unhandledrejection", ({ reason }) => said.push(["uncaught", String(reason?.stack ?? reason)]));
globalThis.alert = (text) => said.push(["dialog", String(text)]);
