"""Challenges and their solutions: whatever is not exactly what the service signed is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admission.challenges import Solution, Validity, check_solution, make_challenge
from chalicelib.admission.wire import VoterRequest
from chalicelib.errors import InvalidValue, SolutionRefused
from tests.support.fakes import START
from tests.support.solving import encoded, solved

PEPPER = b"a pepper for challenges"
VALIDITY = Validity("demo", "network-mark", 5, START + 600)
CHALLENGE = make_challenge(PEPPER, VALIDITY, 3)
PAYLOAD = solved(CHALLENGE)


def read(payload: Any) -> Solution:
    solution = VoterRequest(solution=encoded(payload)).solved()
    assert solution is not None
    return solution


def check(solution: Solution, site: str = "demo", network: str = "network-mark", at: int = START) -> Any:
    return check_solution(PEPPER, solution, site, {"another", network}, at)


def test_a_solution_is_accepted_with_the_terms_of_its_challenge() -> None:
    found = check(read(PAYLOAD))
    assert (found.id, found.validity) == (CHALLENGE["parameters"]["nonce"], VALIDITY)


def test_the_number_to_be_found_is_below_the_steps_and_is_not_told() -> None:
    assert PAYLOAD["solution"]["counter"] == 3
    assert "counter" not in str(CHALLENGE)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"site": "news"}, "another site"),
        ({"network": "elsewhere"}, "another network"),
        ({"at": START + 600}, "has expired"),
    ],
)
def test_a_solution_is_bound_to_its_site_its_network_and_ten_minutes(changed: dict[str, Any], says: str) -> None:
    check(read(PAYLOAD), at=START + 599)
    with pytest.raises(SolutionRefused, match=says):
        check(read(PAYLOAD), **changed)


def paths(value: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [before]
    return [path for name, one in value.items() for path in paths(one, (*before, name))]


def altered(payload: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    name, *rest = path
    value = payload[name]
    if rest:
        return {**payload, name: altered(value, tuple(rest))}
    if isinstance(value, int):
        return {**payload, name: value + 1}
    return {**payload, name: ("0" if value[0] != "0" else "1") + value[1:]}


# Who has the key has done the work: a wrong number beside it changes nothing.
SIGNED = [path for path in paths(PAYLOAD) if path != ("solution", "counter")]


@pytest.mark.parametrize("path", SIGNED, ids=".".join)
def test_every_altered_part_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises((SolutionRefused, InvalidValue)):
        check(read(altered(PAYLOAD, path)))


def test_the_solution_of_another_pepper_is_refused() -> None:
    foreign = make_challenge(b"another pepper", VALIDITY, 3)
    with pytest.raises(SolutionRefused, match="not of a challenge of this service"):
        check(read(solved(foreign)))


def test_the_key_of_another_challenge_is_refused() -> None:
    other = solved(make_challenge(PEPPER, VALIDITY, 3))
    with pytest.raises(SolutionRefused, match="does not solve"):
        check(replace(read(PAYLOAD), derived_key=other["solution"]["derivedKey"]))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES, st.sampled_from(paths(PAYLOAD)))
def test_any_value_in_the_place_of_another_is_a_refusal_and_no_error(value: Any, path: tuple[str, ...]) -> None:
    def put(payload: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
        return {**payload, names[0]: put(payload[names[0]], names[1:]) if names[1:] else value}

    changed = put(PAYLOAD, path)
    if changed == PAYLOAD or path == ("solution", "counter"):
        return
    try:
        solution = VoterRequest(solution=encoded(changed)[:1600]).solved()
    except InvalidValue:
        return
    assert solution is not None
    with pytest.raises(SolutionRefused):
        check(solution)


@given(st.text(max_size=200))
def test_a_text_that_is_no_solution_names_the_field(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        VoterRequest(solution=text).solved()
    assert refused.value.field == "solution"
