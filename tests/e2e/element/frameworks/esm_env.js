// What Svelte asks of its dependency `esm-env`: this is a browser, and production.
export const BROWSER = true, DEV = false, NODE = false;
