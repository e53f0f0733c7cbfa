"""Tokens of links: random, shown once, kept only as a hash."""

import hashlib
import secrets

# 192 random bits, 32 characters of the URL-safe alphabet.
_BYTES = 24


def mint() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> bytes:
    """Return the 32 bytes that are kept of a token. With 192 random bits a slow hash would add nothing.

    Any text has a hash: rubbish takes the same way as a token that was never given out.
    """
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
