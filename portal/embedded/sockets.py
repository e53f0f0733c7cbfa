"""Places for unix sockets. Their paths may hold 107 bytes, and a state folder can lie deeper than that."""

import os
import tempfile
from pathlib import Path

_ROOM = 107 - len("/.s.PGSQL.5432.lock")


def socket_dir(run_dir: Path) -> Path:
    """Return a folder for sockets that only we can enter: inside the run folder, or where that is too deep, in /tmp."""
    wanted = run_dir / "s"
    if len(os.fsencode(wanted)) <= _ROOM:
        wanted.mkdir(mode=0o700, exist_ok=True)
        return wanted
    return Path(tempfile.mkdtemp(prefix="regulars-", dir="/tmp"))  # noqa: S108
