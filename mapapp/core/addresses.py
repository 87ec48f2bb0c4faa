"""Network addresses: which ones count as one sender. No Flask here."""

from __future__ import annotations

import ipaddress


def parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address in its normal form: ``::ffff:192.0.2.1``, which a socket for both families returns, is 192.0.2.1.

    Raises:
        ValueError: it is not an address.
    """
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def network(address: str) -> str:
    """The network that counts as one sender: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has.
    Other text is returned unchanged."""
    try:
        found = parsed(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
