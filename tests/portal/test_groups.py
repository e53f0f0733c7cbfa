"""What is costly to start is started in one process: the marks of groups take effect."""

import pytest

pytestmark = pytest.mark.xdist_group("groups")


def test_a_group_is_told_to_whoever_shares_the_work_out(request: pytest.FixtureRequest) -> None:
    """Some versions of pytest and xdist pass the groups over in silence: each process then starts a demo of its own."""
    is_shared_by_groups = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@groups") == is_shared_by_groups
