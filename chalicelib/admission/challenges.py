"""Challenges: puzzles that take a computer some work, made, signed and checked with the library `altcha`.

A challenge has a number that only the server knows, below `steps`. A solver tries the numbers from 0 on. For each it
derives a key with PBKDF2. It stops when a key begins as the challenge says. Browsers do that with their own
cryptography, nearly as fast as any program on the same processor. To check a solution, the server derives nothing: it
compares a signature.

The signature covers everything that a challenge says: its steps, its site, the reader's network, and its end.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.errors import SolutionRefused

ALGORITHM, COST = "PBKDF2/SHA-256", 5000  # rounds of PBKDF2 in one step
LIFETIME_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Validity:
    """What a challenge is good for: one new voter of a site, from a network, until a time (epoch seconds).

    `network`: the mark of the widest of the reader's networks, because a phone changes its address within it.
    `steps`: the most that a solution takes.
    """

    site: str
    network: str
    steps: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver sends: the challenge as it was, the number that it found, and the key that this number makes."""

    parameters: dict[str, Any]
    signature: str
    counter: int
    derived_key: str


def make_challenge(pepper: bytes, validity: Validity, counter: int) -> dict[str, Any]:
    """A challenge in altcha's format. `counter`: the number to be found, below `validity.steps`."""
    import altcha  # noqa: PLC0415 - few readers need a challenge

    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=counter,
        data=asdict(validity),
        hmac_secret=_secret(pepper, "challenges"),
        hmac_key_secret=_secret(pepper, "solutions"),
    )
    found: dict[str, Any] = made.to_dict()
    return found


@dataclass(frozen=True, slots=True)
class Solved:
    """A challenge that somebody has solved. `id`: its nonce, under which its use is stored."""

    id: str
    validity: Validity


def check_solution(pepper: bytes, solution: Solution, site: str, networks: set[str], at: int) -> Solved:
    """The challenge that this solves.

    `networks`: the marks that the reader's widest network has today, and those that it may have had before midnight.
    Raises `SolutionRefused`. Whether the solution was used before is for the store to say.
    """
    import altcha  # noqa: PLC0415

    challenge = altcha.Challenge(altcha.ChallengeParameters.from_dict(solution.parameters), solution.signature)
    payload = altcha.Payload(challenge, altcha.Solution(solution.counter, solution.derived_key))
    checked = altcha.verify_solution(
        payload, _secret(pepper, "challenges"), hmac_key_secret=_secret(pepper, "solutions")
    )
    if checked.invalid_signature:
        raise _refused("is not of a challenge of this service, or the challenge was changed")
    if not checked.verified:
        raise _refused("does not solve its challenge")
    validity = Validity(**solution.parameters["data"])
    if validity.site != site:
        raise _refused("is of a challenge for another site")
    if validity.network not in networks:
        raise _refused("is of a challenge for another network")
    if validity.expires_at <= at:
        raise _refused("is of a challenge that has expired")
    return Solved(solution.parameters["nonce"], validity)


def spent() -> SolutionRefused:
    """The refusal of a solution that has made a voter already."""
    return _refused("was used before")


def _secret(pepper: bytes, purpose: str) -> bytes:
    return hmac.digest(pepper, f"article-votes, {purpose} for new voters".encode(), "sha256")


def _refused(what: str) -> SolutionRefused:
    return SolutionRefused(f"The solution {what}. Send the request without one to get a challenge.", field="solution")
