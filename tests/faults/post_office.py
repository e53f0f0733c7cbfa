"""A mail server in a process of its own, which may be killed at any moment.

`python -m tests.faults.post_office PORT LOG` serves. How it treats an address is fixed by the address; most trouble it
makes but once, so that a letter that is sent again gets through. What it does stands in the log before its answer
leaves, and the log outlives it.
"""

import os
import signal
import sys
import zlib
from email.message import EmailMessage
from enum import Enum
from pathlib import Path

from tests.postbox import DROP, STALL, Postbox, serve


class Manner(Enum):
    """How an address is treated."""

    PLAIN = "taken"
    GREYLISTED = "451 first"
    BUSY = "421 first"
    GONE = "550, no such user"
    UNWANTED = "550 after the text"
    LOST = "dropped first, before the letter was taken"
    SILENT = "dropped first, after the letter was taken"
    STALLED = "taken, and no answer the first time"


# Of a thousand addresses so many each; the others are plain.
SHARES = {
    Manner.GREYLISTED: 80,
    Manner.BUSY: 50,
    Manner.GONE: 50,
    Manner.UNWANTED: 30,
    Manner.LOST: 10,
    Manner.SILENT: 10,
    Manner.STALLED: 3,
}
_REPLIES = {
    (Manner.GREYLISTED, "RCPT"): "451 4.7.1 come back later",
    (Manner.BUSY, "RCPT"): "421 4.3.2 too busy",
    (Manner.GONE, "RCPT"): "550 5.1.1 no such user",
    (Manner.UNWANTED, "text"): "550 5.7.1 not this",
    (Manner.LOST, "text"): DROP,
    (Manner.SILENT, "taken"): DROP,
    (Manner.STALLED, "taken"): STALL,
}
_ALWAYS = {Manner.GONE, Manner.UNWANTED}
# What its sender cannot know the end of.
UNKNOWABLE = {Manner.LOST, Manner.SILENT, Manner.STALLED}


def manner_of(address: str) -> Manner:
    """Return how an address is treated."""
    place = zlib.crc32(address.encode()) % 1000
    for manner, share in SHARES.items():
        if place < share:
            return manner
        place -= share
    return Manner.PLAIN


class Office(Postbox):
    """Keeps its memory in a log of lines: "tried ADDRESS" and "taken MESSAGE-ID ADDRESS"."""

    def __init__(self, log: Path) -> None:
        super().__init__(self.answer)
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._tried = {line.split()[1] for line in log.read_text().splitlines() if line.startswith("tried ")}

    def _write(self, line: str) -> None:
        os.write(self._log, f"{line}\n".encode())

    def answer(self, step: str, recipient: str) -> str | None:
        """Return what the address's manner says at this step."""
        manner = manner_of(recipient)
        reply = _REPLIES.get((manner, step))
        if reply is None or manner in _ALWAYS:
            return reply
        if recipient in self._tried:
            return None
        self._tried.add(recipient)
        self._write(f"tried {recipient}")
        return reply

    def keep(self, recipient: str, message: EmailMessage) -> None:
        self._write(f"taken {message['Message-ID']} {recipient}")


if __name__ == "__main__":
    with serve(Office(Path(sys.argv[2])), int(sys.argv[1])):
        signal.pause()
