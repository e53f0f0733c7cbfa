"""The demo's folder: made by us, used by one demo at a time, and emptied only of what we put there."""

import errno
import fcntl
import json
import os
import secrets
import shutil
import time
from pathlib import Path

from portal.embedded.exceptions import CannotStart

MARKER = ".regulars-demo"
# All that the demo ever makes in its folder, besides the marker.
CONTENTS = ("run", "log", "mail", "postgres", "postgres.new", "valkey", "secret_key", "prepared.json")
_NEEDED_BYTES = 300_000_000


class StateFolder:
    """A state folder, claimed by a lock on its marker file for as long as this process lives."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.run = self.path / "run"
        self.log = self.path / "log"
        self.mail = self.path / "mail"
        self._lock: int | None = None

    def claim(self, url: str) -> None:
        """Make the folder if need be and lock it. Raises `CannotStart` with what stands in the way."""
        try:
            self._make()
            self._take_lock(url)
        except OSError as error:
            raise CannotStart(self.refusal(error)) from error

    def prepare(self) -> None:
        """Make what lies inside. Raises `CannotStart` where there is no room or no permission."""
        try:
            for folder in (self.run, self.log, self.mail):
                folder.mkdir(mode=0o700, exist_ok=True)
            probe = self.run / "probe"
            probe.write_bytes(b"\0" * 65536)
            probe.unlink()
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise CannotStart(self.refusal(error)) from error
        if not (self.path / "postgres").exists() and free < _NEEDED_BYTES:
            raise CannotStart(
                f"There is too little room for the demo in {self.path}: {free // 1_000_000} MB are free, it takes "
                f"{_NEEDED_BYTES // 1_000_000}. Make room, or name another folder with --state."
            )

    def clear(self) -> None:
        """Remove what the demo made, and nothing else. Raises `CannotStart` where something cannot be removed."""
        try:
            for name in CONTENTS:
                entry = self.path / name
                if entry.is_symlink() or entry.is_file():
                    entry.unlink()
                elif entry.is_dir():
                    shutil.rmtree(entry)
        except OSError as error:
            raise CannotStart(self.refusal(error)) from error

    def secret_key(self) -> str:
        """Return the key that signs sessions, the same at each start of this folder."""
        path = self.path / "secret_key"
        try:
            if key := path.read_text().strip():
                return key
        except FileNotFoundError:
            pass
        key = secrets.token_urlsafe(48)
        fresh = self.run / "secret_key.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
        fresh.replace(path)
        return key

    def refusal(self, error: OSError) -> str:
        """Return in words what the file system refused, and what to do."""
        where = error.filename or self.path
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"The disk with {self.path} is full. Make room, or name another folder with --state."
        if error.errno in {errno.ENOTDIR, errno.EEXIST}:
            return f"{where} is a file, and the demo needs a folder there. Name another one with --state."
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return f"{where} cannot be written by you. Name a folder of yours: --state DIR."
        return f"{where} cannot be used: {error.strerror}. Name another folder with --state."

    def _make(self) -> None:
        """Make the folder with its marker; a folder with somebody's things in it is not ours to use."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker = self.path / MARKER
        if not marker.exists() and any(self.path.iterdir()):
            raise CannotStart(
                f"{self.path} has things in it that the demo did not make. Nothing was changed. "
                "Name an empty or a new folder with --state."
            )
        self._lock = os.open(marker, os.O_RDWR | os.O_CREAT, 0o600)

    def _take_lock(self, url: str) -> None:
        """Lock the marker and write into it who has it."""
        assert self._lock is not None  # noqa: S101
        until = time.monotonic() + 1
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise CannotStart(self._who_runs()) from None
                time.sleep(0.05)
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)

    def _who_runs(self) -> str:
        assert self._lock is not None  # noqa: S101
        try:
            owner = json.loads(os.pread(self._lock, 4096, 0))
            pid, url = int(owner["pid"]), str(owner["url"])
        except (ValueError, KeyError, TypeError):
            return f"Another demo uses {self.path}. Give this one a folder and a port of its own: --state DIR --port N."
        return (
            f"A demo already runs in {self.path}: {url} (process {pid}). Open that, end it with `kill {pid}`, "
            "or give this one a folder and a port of its own: --state DIR --port N."
        )
