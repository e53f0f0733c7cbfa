"""The demo's folder, port, sockets and notes: what it refuses, and what it leaves alone."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded.exceptions import CannotStart
from portal.embedded.port import listen_anywhere, reserve
from portal.embedded.proc import see
from portal.embedded.services import read_services, services_file, write_services
from portal.embedded.sockets import remove_socket_dir, socket_dir
from portal.embedded.state import MARKER, StateFolder


def claimed(path: Path) -> StateFolder:
    folder = StateFolder(path)
    folder.claim("http://127.0.0.1:8000/")
    folder.prepare()
    return folder


def test_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = claimed(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert (folder.path / MARKER).exists()


def test_folder_with_other_things_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotStart, match="did not make"):
        StateFolder(tmp_path).claim("")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(CannotStart, match="is a file"):
        StateFolder(tmp_path / "var").claim("")
    with pytest.raises(CannotStart, match="is a file"):
        StateFolder(tmp_path / "var" / "below").claim("")


def test_full_disk_and_missing_permission_are_told_apart(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    assert "is full" in folder.refusal(OSError(28, "No space left on device"))
    assert "cannot be written by you" in folder.refusal(PermissionError(13, "Permission denied", "/x"))


def test_place_that_takes_no_folder_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"--state"):
        StateFolder(Path("/proc/regulars")).claim("")


def test_second_demo_hears_who_runs(tmp_path: Path) -> None:
    first = StateFolder(tmp_path / "state")
    first.claim("http://127.0.0.1:8123/")
    with pytest.raises(CannotStart, match=rf"http://127.0.0.1:8123/ \(process {os.getpid()}\)"):
        StateFolder(tmp_path / "state").claim("")


def test_clear_removes_what_the_demo_made_and_nothing_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    folder = claimed(tmp_path / "state")
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "PG_VERSION").write_text("18")
    (folder.path / "valkey").symlink_to(elsewhere)
    (folder.path / "notes.txt").write_text("mine")
    folder.clear()
    assert sorted(entry.name for entry in folder.path.iterdir()) == [MARKER, "notes.txt"]
    assert (elsewhere / "kept").exists()


def test_secret_key_stays_and_is_private(tmp_path: Path) -> None:
    folder = claimed(tmp_path / "state")
    key = folder.secret_key()
    assert len(key) >= 50
    assert folder.secret_key() == key
    assert stat.S_IMODE((folder.path / "secret_key").stat().st_mode) == 0o600


def test_services_are_private_and_readable_while_the_demo_lives(tmp_path: Path) -> None:
    folder = claimed(tmp_path / "state")
    write_services(folder.path, {"DATABASE_URL": "postgresql://x"})
    assert stat.S_IMODE(services_file(folder.path).stat().st_mode) == 0o600
    assert read_services(folder.path) == {"DATABASE_URL": "postgresql://x"}


def test_services_of_a_dead_demo_mean_nothing(tmp_path: Path) -> None:
    folder = claimed(tmp_path / "state")
    write_services(folder.path, {"DATABASE_URL": "postgresql://x"})
    note = json.loads(services_file(folder.path).read_text())
    note["demo"]["born"] -= 1
    services_file(folder.path).write_text(json.dumps(note))
    assert read_services(folder.path) == {}


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"demo": 1, "settings": {}}'])
def test_broken_note_means_nothing(tmp_path: Path, content: str) -> None:
    folder = claimed(tmp_path / "state")
    services_file(folder.path).write_text(content)
    assert read_services(folder.path) == {}


def test_command_beside_no_demo_says_so(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "portal"],
        cwd=root,
        # A port where nothing listens, so that a database that somebody runs here is not asked.
        env=env | {"REGULARS_STATE": str(tmp_path), "PGPORT": "1"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "manage.py demo" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_taken_port_is_refused_with_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"cannot have port {port}: another program has it.*--port \d+"):
            reserve(port)


def test_reserved_port_is_refused_to_the_next_demo() -> None:
    """Between its reservation and the moment when its web server listens, a port is already taken."""
    with listen_anywhere() as probe:
        port = probe.getsockname()[1]
    with reserve(port), pytest.raises(CannotStart, match=f"cannot have port {port}"):
        reserve(port)


def test_sockets_of_a_deep_folder_lie_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "run"
    deep.mkdir(parents=True)
    sockets = socket_dir(deep)
    try:
        assert len(os.fsencode(sockets)) < 60
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert socket_dir(deep) == sockets
    finally:
        remove_socket_dir(deep, sockets)
    assert not sockets.exists()


@pytest.mark.parametrize("name", ["two words", "café", "a,b", "50%", "q?x#y", "it's"])
def test_sockets_of_an_odd_folder_lie_elsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    sockets = socket_dir(tmp_path / name)
    assert sockets.parent == Path("/tmp")
    remove_socket_dir(tmp_path / name, sockets)


def test_trap_in_tmp_is_not_entered(tmp_path: Path) -> None:
    """Somebody put a folder, open to all, where our sockets would go."""
    run = tmp_path / "two words"
    run.mkdir()
    expected = socket_dir(run)
    expected.chmod(0o777)
    other = socket_dir(run)
    try:
        assert other != expected
    finally:
        remove_socket_dir(run, other)
        remove_socket_dir(run, expected)


def test_this_process_is_seen() -> None:
    seen = see(os.getpid())
    assert seen is not None
    assert seen.session == os.getsid(0)
