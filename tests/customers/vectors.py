"""Where the shared test vectors are, if they are: beside the checkout, not in it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def vectors(name: str) -> Path:
    """Return the path of a file of vectors, or skip the test where it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared vectors are not here: {path}")
    return path
