"""Where a card comes from: the address with the customer's number in it, and which hosts may be asked at all.

A page of the admin must not become a way into the house's own network: only https, and only to hosts of the open net.
The operator names the exceptions (OUTSIDE_HOSTS), which may be inside and may speak plain http.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

REFERENCE = "{reference}"
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Place:
    """Whom to ask, and for what: `path` with its query, `name` as the Host header wants it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_of_the_house(self) -> bool:
        """Whether the operator has named it, with its port or for all ports."""
        return self.host in settings.OUTSIDE_HOSTS or f"{self.host}:{self.port}" in settings.OUTSIDE_HOSTS


def read_template(url: str, reference: str = "x") -> Place:
    """Return the place of an address with a customer's number in it.

    Raises:
        ValueError: with a sentence on what is wrong with the address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_("That is not a whole address.")) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(_("An address begins with https:// and a host."))
    if parts.username or parts.password:
        raise ValueError(_("A name and a secret do not belong into the address; there is a field for a header."))
    if REFERENCE in parts.netloc or REFERENCE not in parts.path + parts.query:
        raise ValueError(_("Say with {reference}, after the host, where the customer's number goes."))
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(_("An address has no spaces and no letters with accents."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = Place(
        parts.scheme,
        parts.hostname.lower(),
        port or _PORTS[parts.scheme],
        path.replace(REFERENCE, quote(reference, "")),
    )
    if place.scheme != "https" and not place.is_of_the_house:
        raise ValueError(_("Only https, please; for another host ask whoever runs the house (OUTSIDE_HOSTS)."))
    return place


def resolve(place: Place) -> str:
    """Return the number of the host that may be asked; it is this number that is called, whatever the name says later.

    Raises:
        OSError: there is no such host, or it is one that may not be asked.
    """
    found = [str(one[4][0]) for one in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)]
    if not found or not (place.is_of_the_house or all(_is_open(one) for one in found)):
        raise OSError("a host that may not be asked")
    return found[0]


def _is_open(number: str) -> bool:
    """Whether an address is of the open net, also where it is an older one in a newer coat."""
    address = ipaddress.ip_address(number)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        # The well-known prefix of translators, 64:ff9b::/96.
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return address.is_global and not address.is_multicast
