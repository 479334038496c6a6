// What a voter token says (RFC 7519). Only the service can check its signature.

const RENEWED_AFTER_SECONDS = 30 * 86_400;

/** The claims; none of a text that is not a token. `sub`: the voter, which stays the same when the token is renewed. `iat`: when it was issued, in seconds. */
export function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}

/** True if the token is old enough to be renewed. It is valid for a year more. `now`: milliseconds. */
export const isOld = (token, now) => now / 1000 - claims(token).iat > RENEWED_AFTER_SECONDS;
