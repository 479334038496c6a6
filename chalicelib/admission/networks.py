"""Networks: the groups of addresses that a new voter's address is in, and the marks by which they are known.

An address is never stored. A mark is an HMAC of the network with the day's random salt, and with the site, so that it
links nothing across sites. The salt is deleted after two days (`salts`). Nobody can find the network of a mark after
that: to try all addresses, one needs the salt.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

MARK_BYTES = 12
# How long the prefixes are, and how many times an address's budget all addresses in such a network share.
IPV4_PREFIXES = ((32, 1), (24, 4))
IPV6_PREFIXES = ((64, 1), (56, 4), (48, 16))


@dataclass(frozen=True, slots=True)
class Network:
    """A network as text, such as 192.0.2.0/24. `share`: how many times the budget of one address it has."""

    text: str
    share: int


UNKNOWN = Network("unknown", 1)  # all addresses that cannot be read


def parse_address(raw: str | None) -> IPv4Address | IPv6Address | None:
    """The address in a text, with or without a port. An IPv4 address that is mapped to IPv6 is the IPv4 address.

    None if it cannot be read. An edge may add the port: 192.0.2.7:443, [2001:db8::1]:443 or 2001:db8::1:443. The last
    form can also be an address without a port. CloudFront writes IPv6 addresses in full, so that there they differ.
    """
    for text in _forms((raw or "").strip()):
        try:
            found = ip_address(text.partition("%")[0])
        except ValueError:
            continue
        mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
        return mapped or found
    return None


def _forms(raw: str) -> tuple[str, ...]:
    host, _, port = raw.rpartition(":")
    without_port = (_bare(host),) if port.isascii() and port.isdigit() else ()
    return (_bare(raw), *without_port)


def _bare(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def networks_of(raw: str | None) -> tuple[Network, ...]:
    """The networks of an address, the narrowest first. All addresses that cannot be read are in one network."""
    address = parse_address(raw)
    if address is None:
        return (UNKNOWN,)
    prefixes = IPV4_PREFIXES if isinstance(address, IPv4Address) else IPV6_PREFIXES
    return tuple(Network(_prefix(address, length), share) for length, share in prefixes)


def _prefix(address: IPv4Address | IPv6Address, length: int) -> str:
    unused = address.max_prefixlen - length
    return f"{type(address)(int(address) >> unused << unused)}/{length}"


def mark(salt: bytes, site: str, network: Network) -> str:
    """The mark of a network on a site, on the day of this salt: 16 characters of base64url."""
    digest = hmac.digest(salt, f"{site}\n{network.text}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:MARK_BYTES]).decode()
