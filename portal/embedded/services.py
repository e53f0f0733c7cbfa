"""The file in which a running demo says where its services are, for the commands that run beside it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.proc import is_alive, see


def services_file(state: Path) -> Path:
    """Return where the file lies."""
    return state / "run" / "services.json"


def write_services(state: Path, settings: Mapping[str, str]) -> None:
    """Write the settings of this process's services for the owner's eyes alone; the file appears whole."""
    seen = see(os.getpid())
    demo = {"pid": os.getpid(), "born": seen.born if seen else 0}
    fresh = services_file(state).with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"demo": demo, "settings": dict(settings)}, file, indent=1)
    fresh.replace(services_file(state))


def read_services(state: Path) -> dict[str, str]:
    """Return the settings of the demo that runs in a state folder; nothing where none runs (any more)."""
    try:
        found = json.loads(services_file(state).read_text())
        demo, settings = found["demo"], found["settings"]
        if not is_alive(int(demo["pid"]), int(demo["born"])):
            return {}
        return {str(name): str(value) for name, value in settings.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
