"""Network addresses: what counts as one sender. No Flask in here."""

from __future__ import annotations

import ipaddress


def parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as it is meant: ``::ffff:192.0.2.1``, which a socket for both families gives, is 192.0.2.1.

    Raises:
        ValueError: it is none.
    """
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def network(address: str) -> str:
    """Who counts as one: an IPv4 address; of IPv6 the /64 that one subscriber has. What is no address is itself."""
    try:
        found = parsed(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
