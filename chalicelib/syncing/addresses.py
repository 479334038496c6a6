"""Which addresses a feed may be read from: those of the public internet.

A publisher says where its feed is. A function that went wherever it was told would reach the private network that it
runs in, such as the credentials at 169.254.169.254 (server-side request forgery).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def is_public(raw: str) -> bool:
    """True for an address that anybody on the internet can reach. So is the IPv4 address that it may carry."""
    try:
        address = ip_address(raw.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _carried(address))


def is_loopback(raw: str) -> bool:
    """True for an address of this machine."""
    return ip_address(raw.partition("%")[0]).is_loopback


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address itself, and the IPv4 addresses that it is a way to. A mapped one is nothing but its IPv4 address."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried: list[IPv4Address | IPv6Address] = [address]
    if address.sixtofour is not None:
        carried.append(address.sixtofour)
    if address.teredo is not None:
        carried += address.teredo
    return carried
