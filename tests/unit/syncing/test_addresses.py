"""Which addresses are of the public internet."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.syncing.addresses import is_public


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.168.1.1",
        "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1",
        "fc00::1", "fec0::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:0:7f00:1::", "news.example", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_as_public_as_its_forms_in_ipv6(address: Any) -> None:
    number = int(address)
    forms = [
        ip_address(f"::ffff:{address}"),
        ip_address((0x64FF9B << 96) | number),
        ip_address((0x2002 << 112) | (number << 80)),
    ]
    for form in forms[:1]:
        assert is_public(str(form)) == is_public(str(address))
    if not is_public(str(address)):
        assert not any(is_public(str(form)) for form in forms)
