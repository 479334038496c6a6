// What the element reads in a voter token, and when it renews one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { claims, isOld } from "../../chalicelib/static/element/token.js";

const DAY = 86_400;
const tokenOf = (value) => `head.${Buffer.from(JSON.stringify(value)).toString("base64url")}.signature`;

test("a token names its voter, whatever characters base64url gives", () => {
  for (const sub of ["A".repeat(22), "a3lI-Ze3QxeTcO9uw0-w__", "?>?>?>?>?>?>?>?>?>?>?>"]) {
    assert.deepEqual(claims(tokenOf({ sub, iat: 7 })), { sub, iat: 7 });
  }
});

test("what is no token says nothing", () => {
  for (const bad of [null, undefined, 7, "", "x", "a.b", "a.!.c", "a.bnVsbA.c".replace("bnVsbA", "e30x"), {}]) {
    assert.equal(claims(bad)?.sub, undefined);
    assert.equal(isOld(bad, Date.now()), false);
  }
});

test("a token is renewed after thirty days", () => {
  const token = tokenOf({ sub: "v", iat: 1000 });
  assert.equal(isOld(token, (1000 + 30 * DAY) * 1000), false);
  assert.equal(isOld(token, (1001 + 30 * DAY) * 1000), true);
});
