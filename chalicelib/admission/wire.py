"""Challenges and solutions as JSON. The names are altcha's (https://altcha.org), so that its solvers can be used."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.admission.challenges import Solution
from chalicelib.errors import InvalidValue, MalformedRequest
from chalicelib.http.bodies import parse_json
from chalicelib.http.wire import Count, ProblemBody, Wire
from chalicelib.publishing.wire import SiteId

LONGEST_SOLUTION = 1600
Hex = Annotated[str, Field(pattern="^[0-9a-f]*$", max_length=128)]


class ValidityBody(Wire):
    """What a challenge is good for: one new voter of this site, until `expires_at` (epoch seconds).

    `network`: what the service calls the reader's network today. `steps`: the most that a solution takes.
    """

    site: SiteId
    network: str
    steps: Count
    expires_at: int


class ParametersBody(Wire):
    """A challenge: find the counter whose key begins with `keyPrefix`.

    The key of a counter is PBKDF2 of the bytes of `nonce` and the counter as four bytes, the highest first; with the
    bytes of `salt`, `cost` rounds and `keyLength` bytes. The counter is below `data.steps`.
    """

    algorithm: Literal["PBKDF2/SHA-256"]
    cost: Count
    keyLength: Count
    keyPrefix: Hex
    nonce: Hex
    salt: Hex
    keySignature: Hex
    data: ValidityBody


class ChallengeBody(Wire):
    """A challenge, and the service's signature of it."""

    parameters: ParametersBody
    signature: Hex


class FoundBody(Wire):
    """What a solver found. `time`: how many milliseconds it took; not looked at."""

    counter: Annotated[int, Field(ge=0, lt=2**32)]
    derivedKey: Hex
    time: float | None = None


class SolvedBody(Wire):
    """A challenge and what a solver found."""

    challenge: ChallengeBody
    solution: FoundBody


class VoterRequest(Wire):
    """`solution`: base64 of the JSON text of the challenge and what was found, as altcha's solvers make it."""

    solution: Annotated[str | None, Field(max_length=LONGEST_SOLUTION)] = None

    def solved(self) -> Solution | None:
        """The solution, if there is one. Raises `InvalidValue` if it cannot be read."""
        if self.solution is None:
            return None
        try:
            body = parse_json(base64.b64decode(self.solution, validate=True), SolvedBody)
        except (ValueError, MalformedRequest, InvalidValue):
            raise InvalidValue(
                'solution must be base64 of {"challenge": …, "solution": {"counter": …, "derivedKey": …}}.',
                field="solution",
            ) from None
        challenge, found = body.challenge, body.solution
        return Solution(challenge.parameters.model_dump(), challenge.signature, found.counter, found.derivedKey)


class ChallengeProblemBody(ProblemBody):
    """Why there is no new voter now. `challenge`: what to solve first; it is not there if the reader must wait."""

    challenge: ChallengeBody | None = None


def challenge_body(challenge: dict[str, Any]) -> ChallengeBody:
    """A challenge as JSON."""
    return ChallengeBody.model_validate(challenge)
