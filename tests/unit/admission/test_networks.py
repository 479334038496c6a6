"""Which networks an address is in, and the marks of networks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admission.networks import UNKNOWN, Network, mark, networks_of, parse_address

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
SALTS = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize(
    ("raw", "networks"),
    [
        ("192.0.2.77", ["192.0.2.77/32", "192.0.2.0/24"]),
        ("::ffff:192.0.2.77", ["192.0.2.77/32", "192.0.2.0/24"]),
        ("::ffff:c000:24d", ["192.0.2.77/32", "192.0.2.0/24"]),
        ("192.0.2.77:443", ["192.0.2.77/32", "192.0.2.0/24"]),
        ("2001:db8:1:23ff::9", ["2001:db8:1:23ff::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]),
        ("2001:DB8:1:23ff:0:0:0:9", ["2001:db8:1:23ff::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]),
        ("[2001:db8:1:23ff::9]:443", ["2001:db8:1:23ff::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]),
        ("2001:db8:1:23ff:0:0:0:9:443", ["2001:db8:1:23ff::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]),
        ("fe80::1%eth0", ["fe80::/64", "fe80::/56", "fe80::/48"]),
    ],
)  # fmt: skip
def test_an_address_is_in_networks_from_narrow_to_wide(raw: str, networks: list[str]) -> None:
    assert [network.text for network in networks_of(raw)] == networks


@pytest.mark.parametrize(
    "raw", [None, "", " ", "localhost", "192.0.2.256", "192.0.2", "192.0.2.1, 192.0.2.2", "::g", "\u0661.1.1.1"]
)
def test_what_cannot_be_read_shares_one_network(raw: str | None) -> None:
    assert networks_of(raw) == (UNKNOWN,)


@given(st.text(max_size=60))
def test_no_text_is_an_error(raw: str) -> None:
    assert networks_of(raw)


@given(ADDRESSES, st.integers(0, 65535))
def test_a_port_changes_nothing(address: IPv4Address | IPv6Address, port: int) -> None:
    written = f"{address}:{port}" if isinstance(address, IPv4Address) else f"[{address}]:{port}"
    assert networks_of(written) == networks_of(str(address))


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_address(address: IPv4Address) -> None:
    assert parse_address(f"::ffff:{address}") == address


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_share_a_network_exactly_if_they_share_its_prefix(
    one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address
) -> None:
    shared = {network.text for network in networks_of(str(one))} & {network.text for network in networks_of(str(other))}
    read, also_read = parse_address(str(one)), parse_address(str(other))
    assert read is not None
    assert also_read is not None
    if read.version != also_read.version:
        assert not shared
        return
    lengths = (32, 24) if read.version == 4 else (64, 56, 48)
    bits = read.max_prefixlen
    assert len(shared) == sum(int(read) >> (bits - length) == int(also_read) >> (bits - length) for length in lengths)


@given(SALTS, SALTS)
def test_marks_differ_by_salt_site_and_network(salt: bytes, other: bytes) -> None:
    network = Network("192.0.2.0/24", 4)
    marks = [mark(salt, "demo", network), mark(salt, "news", network), mark(salt, "demo", Network("192.0.2.0/32", 1))]
    if salt != other:
        marks.append(mark(other, "demo", network))
    assert len(set(marks)) == len(marks)
    assert mark(salt, "demo", network) == marks[0]
