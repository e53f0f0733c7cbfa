"""Tokens of links: random or signed, kept only as a hash."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

# 192 random bits, 32 characters of the URL-safe alphabet.
_BYTES = 24


def mint() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(_BYTES)


def sign(*, key: bytes, purpose: str, name: str) -> str:
    """Return the token that belongs to a name: as long as a random one, and the same whenever it is asked for.

    HMAC-SHA256 (RFC 2104), cut to 192 bits. Whoever knows the name and not the key cannot make it.
    """
    mac = hmac.digest(key, f"{purpose}:{name}".encode(), "sha256")
    return urlsafe_b64encode(mac[:_BYTES]).decode()


def hash_of(token: str) -> bytes:
    """Return the 32 bytes that are kept of a token. With 192 random bits a slow hash would add nothing.

    Any text has a hash: rubbish takes the same way as a token that was never given out.
    """
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
