"""The mailbox that letters come back to: a Maildir folder, or a folder on an IMAP server.

What was read is marked as seen and stays where it is. It is marked after its reports are noted: a process that dies in
between reads it again, and a report noted twice is one report.
"""

import imaplib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

# One call reads no more than this; the rest waits for the next.
_MOST = 200
# A report is short; whatever is longer is not read.
_LONGEST = 2_000_000
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class NoPostbag(Exception):
    """The mailbox cannot be read. The text says why."""


def empty_postbag(take: Callable[[bytes], object]) -> int:
    """Hand each unread message of the bounce mailbox (`BOUNCE_MAILBOX`) to `take`, then mark it; return how many.

    Raises:
        NoPostbag: the mailbox cannot be read.
    """
    place = urlsplit(settings.BOUNCE_MAILBOX)
    readers = {"maildir": _from_maildir, "imap": _from_imap, "imaps": _from_imap}
    if place.scheme not in readers:
        raise NoPostbag("BOUNCE_MAILBOX must begin with maildir://, imaps:// or imap://.")
    count = 0
    try:
        for raw, mark in readers[place.scheme](place):
            take(raw)
            mark()
            count += 1
    except (OSError, imaplib.IMAP4.error) as error:
        raise NoPostbag(f"The bounce mailbox cannot be read: {error}") from error
    return count


_Message = tuple[bytes, Callable[[], object]]


def _from_maildir(place: Any) -> Iterator[_Message]:
    """Read what has no "seen" mark in its name."""
    folder = Path(unquote(place.path))
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise NoPostbag(f"{folder} is not a Maildir folder.")
    files = [file for part in ("new", "cur") for file in (folder / part).iterdir() if not file.name.startswith(".")]
    unread = [file for file in files if "S" not in file.name.partition(":2,")[2]]
    for file in sorted(unread, key=lambda file: file.name)[:_MOST]:

        def mark(file: Path = file) -> None:
            name, _, flags = file.name.partition(":2,")
            file.rename(folder / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")

        yield (file.read_bytes() if file.stat().st_size <= _LONGEST else b""), mark


def _from_imap(place: Any) -> Iterator[_Message]:
    """Read what is unseen on the server."""
    kind = imaplib.IMAP4_SSL if place.scheme == "imaps" else imaplib.IMAP4
    port = place.port or (993 if place.scheme == "imaps" else 143)
    with kind(place.hostname or "localhost", port, timeout=settings.EMAIL_TIMEOUT) as server:
        server.login(unquote(place.username or ""), unquote(place.password or ""))
        _ok(server.select(f'"{unquote(place.path.strip("/")) or "INBOX"}"'))
        [found] = _ok(server.uid("SEARCH", "UNSEEN"))
        for uid in (found or b"").decode().split()[:_MOST]:
            sized = _SIZE.search(b"".join(_pieces(_ok(server.uid("FETCH", uid, "(RFC822.SIZE)")))))
            raw = b""
            if sized and int(sized[1]) <= _LONGEST:
                raw = _body(_ok(server.uid("FETCH", uid, "(BODY.PEEK[])")))

            def mark(uid: str = uid) -> None:
                _ok(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))

            yield raw, mark


def _ok(answer: tuple[str, Any]) -> Any:
    """Return what the server said, or raise where it said no."""
    verdict, data = answer
    if verdict != "OK":
        raise imaplib.IMAP4.error(f"the server says {verdict}: {data!r}")
    return data


def _pieces(data: list[Any]) -> Iterator[bytes]:
    for piece in data:
        yield from (part for part in (piece if isinstance(piece, tuple) else (piece,)) if isinstance(part, bytes))


def _body(data: list[Any]) -> bytes:
    """Return the literal in an answer to FETCH."""
    return next((piece[1] for piece in data if isinstance(piece, tuple) and isinstance(piece[1], bytes)), b"")
