"""What the tests of customers share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.postbox import Postbox, open_postbox


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    """A mail server that keeps what it is given, and is asked for no longer than two seconds."""
    with open_postbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 2
        yield box
