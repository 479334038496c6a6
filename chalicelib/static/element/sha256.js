// PBKDF2 with SHA-256 for pages over plain HTTP, where browsers have no cryptography of their own (RFC 8018, FIPS 180-4).

const ROUNDS_AT_ONCE = 500; // about ten milliseconds on a slow phone; then the page has its turn

/** The first bits of the fractional parts of `power`-th roots of the first primes. */
function constants(count, power) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    let prime = true;
    for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) prime = false;
    if (prime) found.push((number ** (1 / power) % 1) * 2 ** 32);
  }
  return Int32Array.from(found, (value) => value | 0);
}

const START = constants(8, 2);
const K = constants(64, 3);
const words = new Int32Array(64);
const rotated = (word, by) => (word >>> by) | (word << (32 - by));

/** Take one block of 16 words from `block` into the state of eight words. */
function compress(state, block) {
  words.set(block);
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15],
      b = words[i - 2];
    words[i] =
      words[i - 16] +
      words[i - 7] +
      (rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3)) +
      (rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const two = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  const after = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] += after[i];
}

/** The 16 words of a last block: at most 55 bytes, of a message whose length with all blocks before is `total` bytes. */
function lastBlock(message, total) {
  const block = new Int32Array(16);
  message.forEach((byte, i) => {
    block[i >> 2] |= byte << (24 - 8 * (i % 4));
  });
  block[message.length >> 2] |= 0x80 << (24 - 8 * (message.length % 4));
  block[15] = total * 8;
  return block;
}

/** The state after the block of a key of at most 64 bytes, each of which is changed by `pad`. */
function keyed(key, pad) {
  const padded = new Uint8Array(64).fill(pad);
  key.forEach((byte, i) => {
    padded[i] ^= byte;
  });
  const view = new DataView(padded.buffer);
  const state = START.slice();
  compress(
    state,
    Int32Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i)),
  );
  return state;
}

/**
 * A key of at most 32 bytes. `password`: at most 64 bytes; `salt`: at most 51. Between parts of the work the page has its
 * turn.
 */
export async function pbkdf2(password, salt, iterations, length) {
  const inner = keyed(password, 0x36);
  const outer = keyed(password, 0x5c);
  const digest = new Int32Array(16);
  digest[8] = 0x80000000;
  digest[15] = (64 + 32) * 8;
  const hmac = (block) => {
    const state = inner.slice();
    compress(state, block);
    digest.set(state);
    const found = outer.slice();
    compress(found, digest);
    return found;
  };
  let last = hmac(lastBlock(Uint8Array.of(...salt, 0, 0, 0, 1), 64 + salt.length + 4));
  const sum = last.slice();
  for (let round = 1; round < iterations; round++) {
    if (round % ROUNDS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
    digest.set(last);
    last = hmac(digest);
    for (let i = 0; i < 8; i++) sum[i] ^= last[i];
  }
  const view = new DataView(new ArrayBuffer(32));
  sum.forEach((word, i) => {
    view.setInt32(4 * i, word);
  });
  return new Uint8Array(view.buffer).slice(0, length);
}
