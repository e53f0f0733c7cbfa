"""What Linux knows about processes: who lives, since when, in which session, and with which mark."""

import os
from dataclasses import dataclass
from pathlib import Path

# Programs that we start carry this name in their environment, and so do their children.
MARK = "REGULARS_PROCESS"


@dataclass(frozen=True)
class Seen:
    """A process: its number, its session, its start (clock ticks since the machine started) and its name.

    `has_ended`: it is over, but its parent has not collected it; until then its number stays its own.
    """

    pid: int
    session: int
    born: int
    name: str
    has_ended: bool


def see(pid: int) -> Seen | None:
    """Return what the kernel says of a process, or None where there is none.

    A number alone can belong to somebody else by now; number and start together cannot.
    """
    try:
        head, _, tail = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
    except OSError:
        return None
    fields = tail.split()
    return Seen(
        pid=pid,
        session=int(fields[3]),
        born=int(fields[19]),
        name=head.partition("(")[2],
        has_ended=fields[0] in {"Z", "X"},
    )


def everybody() -> list[Seen]:
    """Return every live process."""
    return [
        seen
        for entry in os.listdir("/proc")
        if entry.isdigit() and (seen := see(int(entry))) is not None and not seen.has_ended
    ]


def is_alive(pid: int, born: int) -> bool:
    """Whether this very process still lives."""
    seen = see(pid)
    return seen is not None and seen.born == born and not seen.has_ended


def machine_start() -> str:
    """Return what tells this start of the machine from all others; start times count from it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def carries(pid: int, mark: str) -> bool:
    """Whether a process was started with our mark in its environment."""
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def works_in(pid: int, folder: Path) -> bool:
    """Whether a folder is the working folder of a process."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False
