// Makes a voter of a reader whose network has had many new ones: solves a challenge of the service (docs/limits.md).
// The other modules load this one only then. It is not a worker: the browser derives keys outside of the page's thread.
//
// A challenge is one of altcha's: find the counter whose PBKDF2 key begins with `keyPrefix`. https://altcha.org

import { pbkdf2 } from "./sha256.js";

const MOST_CHALLENGES = 3; // the price may rise, or the address change, while a challenge is solved
const MOST_AT_ONCE = 4;
const HEADERS = { "Content-Type": "application/json" };

/**
 * A new voter, as the service answers it. `ask` is that of a site, `challenge` the first one; `progress` is told the share
 * of the steps that are done. Throws what `ask` throws. A refused solution is no refusal of the vote, so its error has no status.
 */
export async function becomeVoter(ask, challenge, progress) {
  for (let left = MOST_CHALLENGES; ; ) {
    const solution = await solve(challenge, progress);
    try {
      return await ask("/voters", { method: "POST", headers: HEADERS, body: JSON.stringify({ solution }) });
    } catch (refusal) {
      if (!--left || ![422, 429].includes(refusal.status)) throw refusal.status === 422 ? Error("no voter yet") : refusal;
      challenge = refusal.body?.challenge ?? (await another(ask, refusal));
    }
  }
}

/** Another challenge, in the place of one whose solution was refused. Throws the refusal if there is none. */
async function another(ask, refusal) {
  if (refusal.status !== 422) throw refusal;
  try {
    await ask("/voters", { method: "POST" });
  } catch ({ body }) {
    if (body?.challenge) return body.challenge;
  }
  throw Error("no voter yet");
}

/** The solution of a challenge, as the service reads it. */
export async function solve(challenge, progress = () => {}) {
  const { nonce, salt, cost, keyLength, keyPrefix, data } = challenge.parameters;
  const saltBytes = bytes(salt);
  const nonceBytes = bytes(nonce);
  const derive = globalThis.crypto?.subtle ? deriveInBrowser : pbkdf2;
  let next = 0,
    found;

  async function work() {
    while (!found && next < data.steps) {
      const counter = next++;
      const password = new Uint8Array([...nonceBytes, counter >>> 24, counter >>> 16, counter >>> 8, counter]);
      const key = hex(await derive(password, saltBytes, cost, keyLength));
      if (key.startsWith(keyPrefix)) found = { counter, derivedKey: key };
      progress(counter / data.steps);
    }
  }

  const atOnce = Math.min(MOST_AT_ONCE, navigator.hardwareConcurrency || 1);
  await Promise.all(Array.from({ length: atOnce }, work));
  if (!found) throw Error("a challenge without a solution");
  return btoa(JSON.stringify({ challenge, solution: found }));
}

async function deriveInBrowser(password, salt, iterations, length) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, length * 8);
  return new Uint8Array(bits);
}

const bytes = (text) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const hex = (found) => Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
