"""A real IMAP server for tests, in a thread: as much of RFC 3501 as reading a folder takes."""

import re
import shlex
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Folder(socketserver.ThreadingTCPServer):
    """One folder of messages by number, and what its reader did."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, messages: Mapping[int, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.messages = dict(messages)
        self.seen: set[int] = set()
        self.login: tuple[str, ...] = ()
        self.folder = ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def answer(self, command: str) -> tuple[bytes, str]:
        """Return what stands before the verdict, and the verdict."""
        words = shlex.split(command.replace("\\Seen", "Seen"))
        match [word.upper() for word in words[:2]]:
            case ["LOGIN", _]:
                self.login = tuple(words[1:])
            case ["SELECT", _]:
                self.folder = words[1]
                return f"* {len(self.messages)} EXISTS\r\n".encode(), "OK [READ-WRITE]"
            case ["UID", "SEARCH"]:
                unseen = sorted(set(self.messages) - self.seen)
                return f"* SEARCH {' '.join(map(str, unseen))}\r\n".encode(), "OK"
            case ["UID", "FETCH"]:
                return self._fetch(int(words[2]), words[3]), "OK"
            case ["UID", "STORE"]:
                self.seen.add(int(words[2]))
            case ["CAPABILITY", *_]:
                return b"* CAPABILITY IMAP4rev1\r\n", "OK"
            case _:
                pass
        return b"", "OK"

    def _fetch(self, uid: int, what: str) -> bytes:
        raw = self.messages[uid]
        if "SIZE" in what:
            return f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\n".encode()
        return f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"


class _Conversation(socketserver.StreamRequestHandler):
    server: Folder

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            found = re.fullmatch(r"(\S+) (.*)", line.decode().strip())
            if not found:
                return
            if found[2].upper() == "LOGOUT":
                self.wfile.write(f"* BYE\r\n{found[1]} OK\r\n".encode())
                return
            said, verdict = self.server.answer(found[2])
            self.wfile.write(said + f"{found[1]} {verdict} done\r\n".encode())


@contextmanager
def serve_imap(messages: Mapping[int, bytes]) -> Iterator[Folder]:
    """Serve messages until the test is over."""
    with Folder(messages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
