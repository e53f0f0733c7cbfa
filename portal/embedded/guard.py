"""Ends the demo's services when the demo itself is gone, however it went.

`python -m portal.embedded.guard STATE` reads a pipe that only the demo holds open. When it closes, each process
that is recorded in `STATE/run` is asked to end, and then made to, with all of its children.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from portal.embedded.process import Record
from portal.embedded.services import services_file

NAME = "guard"
# What works on the others comes first; what keeps the data comes last.
_ORDER = ("web", "beat", "worker", "load", "tables", "mailbox", "valkey", "postgres")
_PATIENCE = 6.0


def end_all(run_dir: Path, patience: float = _PATIENCE) -> None:
    """End every recorded process but the guard: all are asked at once, then given `patience` seconds together."""
    found = [
        (path, record) for path in _sorted(run_dir) if path.stem != NAME and (record := Record.read(path)) is not None
    ]
    for _, record in found:
        record.ask()
    until = time.monotonic() + patience
    for path, record in found:
        while record.members() and time.monotonic() < until:
            time.sleep(0.05)
        record.insist()
        path.unlink(missing_ok=True)


def _sorted(run_dir: Path) -> list[Path]:
    place = {name: number for number, name in enumerate(_ORDER)}
    return sorted(run_dir.glob("*.pid"), key=lambda path: (place.get(path.stem, -1), path.stem))


def main(arguments: Sequence[str]) -> None:
    """Wait for the pipe to close, then end everything."""
    state = Path(arguments[0])
    while os.read(sys.stdin.fileno(), 1):
        pass
    end_all(state / "run")
    services_file(state).unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
