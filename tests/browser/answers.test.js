import assert from "node:assert/strict";
import { test } from "node:test";

import { pause, verdict } from "../../chalicelib/static/element/answers.js";

test("every status is unknown, a refusal, or a token's end", () => {
  const refused = [400, 402, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 422, 451];
  const unknown = [0, 200, 204, 301, 304, 408, 425, 429, 500, 501, 502, 503, 504, 599];
  for (const status of refused) assert.equal(verdict(status), "refused", status);
  for (const status of unknown) assert.equal(verdict(status), "unknown", status);
  assert.equal(verdict(401), "stranger");
  assert.equal(verdict(undefined), "unknown", "an answer that is no sense");
});

test("pauses are drawn from the whole of a doubling range, up to a ceiling", () => {
  assert.equal(pause(0, null, 500, 60_000, 0), 0);
  assert.equal(pause(0, null, 500, 60_000, 1), 500);
  assert.equal(pause(3, null, 500, 60_000, 1), 4_000);
  assert.equal(pause(3, null, 500, 60_000, 0.5), 2_000);
  assert.equal(pause(1_000, null, 500, 60_000, 1), 60_000);
});

test("Retry-After is added, and neither words nor wild numbers upset it", () => {
  assert.equal(pause(0, "120", 500, 60_000, 0), 120_000);
  assert.equal(pause(0, "120", 500, 60_000, 1), 120_500);
  for (const odd of [null, undefined, "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"]) {
    assert.equal(pause(0, odd, 500, 60_000, 1), 500);
  }
  assert.equal(pause(0, "99999999999999", 500, 60_000, 1), 3_600_000);
});

test("a status of 499 is a refusal; 399 and 500 are not", () => {
  assert.deepEqual([399, 400, 499, 500].map(verdict), ["unknown", "refused", "refused", "unknown"]);
});

test("the wait that a server asks for is added to the drawn pause", () => {
  assert.equal(pause(0, "2", 500, 60_000, 0), 2000);
  assert.equal(pause(0, "2", 500, 60_000, 1), 2500);
  assert.equal(pause(3, null, 500, 60_000, 0.5), 2000);
  assert.equal(pause(30, null, 500, 60_000, 1), 60_000);
  assert.equal(pause(0, "7200", 500, 60_000, 1), 3_600_000);
  const drawn = Array.from({ length: 200 }, () => pause(0));
  assert.ok(Math.min(...drawn) < 100 && Math.max(...drawn) > 400, "jitter is full");
});

test("a pause begins with half a second and grows to a minute, unless told otherwise", () => {
  assert.equal(pause(0, null, undefined, undefined, 1), 500);
  assert.equal(pause(30, null, undefined, undefined, 1), 60_000);
});
