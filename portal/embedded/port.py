"""Finding out before anything starts whether the web server can have its port, and keeping it until it has."""

import errno
import socket

from portal.embedded.exceptions import CannotStart

HOST = "127.0.0.1"


def reserve(port: int) -> socket.socket:
    """Return a socket that keeps the port from others while granian, which shares ports, can still listen there.

    Raises `CannotStart` where somebody else has the port or this user may not have it.
    """
    with socket.socket() as probe:
        # As the server will: a connection that is only just closing is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(probe, port)
    # Without REUSEADDR, so that another demo's probe meets it; with it only where a closing connection is in the way.
    try:
        return _keep(port)
    except OSError:
        return _keep(port, socket.SO_REUSEADDR)


def _keep(port: int, *more_options: int) -> socket.socket:
    keeper = socket.socket()
    for option in (socket.SO_REUSEPORT, *more_options):
        keeper.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        keeper.bind((HOST, port))
    except OSError:
        keeper.close()
        raise
    return keeper


def listen_anywhere() -> socket.socket:
    """Return a listening socket on a free port of this machine's own address."""
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen(64)
    return listener


def _bind(sock: socket.socket, port: int) -> None:
    try:
        sock.bind((HOST, port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"The web server cannot have port {port}: another program has it. Choose another: --port {_free()}."
            ) from error
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise CannotStart(
                f"The web server cannot have port {port}: ports below 1024 are for administrators. "
                f"Choose another: --port {_free()}."
            ) from error
        raise CannotStart(
            f"The web server cannot have port {port}: {error.strerror}. Choose another: --port N."
        ) from error


def _free() -> int:
    """Return a port that is free right now, near the usual one if possible."""
    for port in (*range(8001, 8020), 0):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 8001
