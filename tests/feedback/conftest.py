"""What the tests of feedback share."""

import pytest

from feedback.models import GestureKind
from portal.models import User
from tests.feedback.giving_makers import make_giver, make_kind


@pytest.fixture
def kind() -> GestureKind:
    return make_kind()


@pytest.fixture
def agent() -> User:
    return make_giver()
