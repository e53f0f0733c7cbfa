"""Places for unix sockets. Their paths may hold 107 bytes, and a state folder can lie deeper than that."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

_ROOM = 107 - len("/.s.PGSQL.5432.lock")
# Others mean something in URLs or in PostgreSQL's list of folders.
_PLAIN = re.compile(rb"[A-Za-z0-9_./-]+")


def socket_dir(run_dir: Path) -> Path:
    """Return a folder for sockets that only we can enter: in the run folder, or in /tmp where that would not do.

    The same run folder gets the same place again, so that what is left there is found.
    """
    wanted = run_dir / "s"
    if len(os.fsencode(wanted)) <= _ROOM and _PLAIN.fullmatch(os.fsencode(wanted)):
        wanted.mkdir(mode=0o700, exist_ok=True)
        return wanted
    stable = _elsewhere(run_dir)
    try:
        stable.mkdir(mode=0o700, exist_ok=True)
        seen = stable.lstat()
    except OSError:
        seen = None
    # /tmp is everybody's: a folder of that name may be somebody else's trap.
    if seen and stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077:
        return stable
    return Path(tempfile.mkdtemp(prefix="regulars-", dir="/tmp"))


def remove_socket_dir(run_dir: Path, sockets: Path | None) -> None:
    """Remove a folder that was made outside the run folder."""
    if sockets and sockets.parent != run_dir:
        shutil.rmtree(sockets, ignore_errors=True)


def _elsewhere(run_dir: Path) -> Path:
    name = hashlib.sha256(os.fsencode(run_dir.resolve())).hexdigest()[:16]
    return Path("/tmp") / f"regulars-{os.geteuid()}-{name}"  # noqa: S108
