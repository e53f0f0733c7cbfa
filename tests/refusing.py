"""What the database refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction


@contextmanager
def refused(name: str) -> Iterator[None]:
    """See the database refuse what is done inside, by the constraint of this name; nothing of it stays."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        yield
    assert getattr(error.value.__cause__, "diag").constraint_name == name  # noqa: B009
