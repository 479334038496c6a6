import assert from "node:assert/strict";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { test } from "node:test";

import { pbkdf2 } from "../../chalicelib/static/element/sha256.js";
import { becomeVoter, solve } from "../../chalicelib/static/element/solver.js";

const COST = 10;

/** A challenge as the service makes it. */
function challengeFor(counter, steps = 40) {
  const nonce = randomBytes(16);
  const salt = randomBytes(16);
  const password = Buffer.concat([nonce, Buffer.from([0, 0, counter >> 8, counter & 255])]);
  const key = pbkdf2Sync(password, salt, COST, 32, "sha256").toString("hex");
  const parameters = {
    algorithm: "PBKDF2/SHA-256",
    cost: COST,
    keyLength: 32,
    keyPrefix: key.slice(0, 32),
    nonce: nonce.toString("hex"),
    salt: salt.toString("hex"),
    data: { steps },
  };
  return { challenge: { parameters, signature: "ab" }, key };
}

const read = (solution) => JSON.parse(atob(solution));

/** A service that gives these answers, in their order. A number is the status of a refusal, an object its challenge. */
function serviceWith(...answers) {
  const asked = [];
  const ask = async (path, options) => {
    asked.push(options.body ? "solution" : "nothing");
    assert.equal(path, "/voters");
    const answer = answers.shift();
    if (answer === "voter") return { voter_token: "a.b.c" };
    const challenge = typeof answer === "object" ? answer : undefined;
    throw Object.assign(Error(path), { status: challenge ? 429 : answer, body: { challenge } });
  };
  return { ask, unused: {}, asked };
}

for (const subtle of ["there", "not there"]) {
  test(`a challenge is solved, with the browser's cryptography ${subtle}`, async (t) => {
    if (subtle === "not there") t.mock.getter(globalThis, "crypto", () => ({}));
    for (const counter of [0, 1, 39]) {
      const { challenge, key } = challengeFor(counter);
      const shares = [];
      const { challenge: sent, solution } = read(await solve(challenge, (share) => shares.push(share)));
      assert.deepEqual(sent, challenge);
      assert.deepEqual(solution, { counter, derivedKey: key });
      assert.ok(shares.length > counter && Math.max(...shares) < 1);
    }
  });
}

test("a challenge whose number is not below its steps ends", async () => {
  await assert.rejects(solve(challengeFor(50, 40).challenge));
});

test("our PBKDF2 is that of Node, for keys, salts and lengths of all sizes", async () => {
  for (let i = 0; i < 60; i++) {
    const password = randomBytes(i);
    const salt = randomBytes(i % 52);
    const rounds = 1 + ((i * 37) % 700);
    const length = 1 + (i % 32);
    const expected = pbkdf2Sync(password, salt, rounds, length, "sha256");
    assert.deepEqual(Buffer.from(await pbkdf2(password, salt, rounds, length)), expected, `${i}`);
  }
});

const NOBODY = () => {};

test("a solution makes a voter", async () => {
  const { ask, unused, asked } = serviceWith("voter");
  assert.deepEqual(await becomeVoter(ask, unused, challengeFor(3).challenge, NOBODY), { voter_token: "a.b.c" });
  assert.deepEqual(asked, ["solution"]);
});

test("when the price has risen, or the solution is refused, another challenge is solved", async () => {
  const { ask, unused, asked } = serviceWith(challengeFor(2).challenge, 422, challengeFor(1).challenge, "voter");
  assert.deepEqual(await becomeVoter(ask, unused, challengeFor(3).challenge, NOBODY), { voter_token: "a.b.c" });
  assert.deepEqual(asked, ["solution", "solution", "nothing", "solution"]);
});

test("a reader who is in a quiet network by now is a voter without another solution", async () => {
  const { ask, unused, asked } = serviceWith(422, "voter");
  assert.deepEqual(await becomeVoter(ask, unused, challengeFor(3).challenge, NOBODY), { voter_token: "a.b.c" });
  assert.deepEqual(asked, ["solution", "nothing"]);
});

test("after three challenges it gives up for now, and no refusal of a solution looks like one of the vote", async () => {
  const refusing = serviceWith(422, ...[1, 1, 1].flatMap((counter) => [challengeFor(counter).challenge, 422]));
  await assert.rejects(
    becomeVoter(refusing.ask, refusing.unused, challengeFor(3).challenge, NOBODY),
    ({ status }) => !status,
  );
  const rising = serviceWith(...[1, 2, 3].map((counter) => challengeFor(counter).challenge));
  await assert.rejects(
    becomeVoter(rising.ask, rising.unused, challengeFor(3).challenge, NOBODY),
    ({ status }) => !status,
  );
});

test("a refusal to wait, an outage and no answer are passed on, and the solution is kept for later", async () => {
  for (const status of [429, 503, 0, 403]) {
    const { ask, unused, asked } = serviceWith(status, "voter");
    const { challenge } = challengeFor(3);
    await assert.rejects(becomeVoter(ask, unused, challenge, NOBODY), (error) => error.status === status);
    assert.deepEqual(read(unused.solution).challenge, challenge);
    assert.deepEqual(await becomeVoter(ask, unused, challengeFor(1).challenge, NOBODY), { voter_token: "a.b.c" });
    assert.deepEqual(asked, ["solution", "solution"]);
    assert.equal(unused.solution, null);
  }
});

test("when a kept solution has expired, a new challenge is solved", async () => {
  const { ask, unused, asked } = serviceWith(0, 422, challengeFor(2).challenge, "voter");
  await assert.rejects(becomeVoter(ask, unused, challengeFor(3).challenge, NOBODY));
  assert.deepEqual(await becomeVoter(ask, unused, challengeFor(1).challenge, NOBODY), { voter_token: "a.b.c" });
  assert.deepEqual(asked, ["solution", "solution", "nothing", "solution"]);
});

test("a refusal to wait after a refused solution says how long", async () => {
  const { ask, unused } = serviceWith(422, 429);
  await assert.rejects(becomeVoter(ask, unused, challengeFor(3).challenge, NOBODY), ({ status }) => status === 429);
});
