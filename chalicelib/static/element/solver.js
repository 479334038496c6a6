// Makes a reader a voter when their network has had many new voters: solves a challenge of the service (docs/limits.md).
// The other modules load this one only then. It is not a worker: browsers derive keys outside of the page's thread, and
// where they cannot (over plain HTTP), `sha256.js` gives the page its turn.
//
// A challenge is one of altcha's: find the counter whose PBKDF2 key begins with `keyPrefix`. https://altcha.org

import { pbkdf2 } from "./sha256.js";

const MOST_CHALLENGES = 3; // the price may rise, or the address change, while a challenge is solved
const MOST_AT_ONCE = 4;

/**
 * A new voter, as the service answers it. `ask` is that of a site. `unused`: where the site keeps a solution until it has
 * made a voter. `challenge`: the first one. `progress` is told the share of the most steps. Throws what `ask` throws. A
 * refused solution is no refusal of the vote, so its error has no status.
 *
 * This module is a bundle of its own, so it must not use properties that the other bundle renames
 * (internal-names.json).
 */
export async function becomeVoter(ask, unused, challenge, progress) {
  for (let left = MOST_CHALLENGES; left; left--) {
    // A solution that did not arrive, or not at a good time, is still good.
    unused.solution ??= await solve(challenge, progress);
    let refusal;
    try {
      return await send(ask, unused);
    } catch (caught) {
      refusal = caught;
    }
    if (refusal.body?.challenge) {
      challenge = refusal.body.challenge;
    } else if (refusal.status !== 422) {
      throw refusal; // not now: the solution is kept
    } else {
      const answer = await ask("/voters", { method: "POST" }).catch((other) => {
        if (other.body?.challenge) return other.body;
        throw other;
      });
      if (answer.voter_token) return answer; // the reader is in another network now
      challenge = answer.challenge;
    }
  }
  throw Error("no voter yet");
}

/** Send the solution. It is forgotten if it made a voter, or will never make one. */
async function send(ask, unused) {
  try {
    const answer = await ask("/voters", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ solution: unused.solution }),
    });
    unused.solution = null;
    return answer;
  } catch (refusal) {
    if (refusal.status === 422 || refusal.body?.challenge) unused.solution = null;
    throw refusal;
  }
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
