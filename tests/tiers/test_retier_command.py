"""`manage.py retier`."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from customers.models import Touch
from tests.factories import make_customer
from tests.tiers.customers_in_tiers import make_buyer, tier_of
from tests.tiers.test_explanation_at_dates import ago
from tiers.enums import RunKind, RunState
from tiers.models import Run, Scheme
from tiers.services.runs import start_run

pytestmark = pytest.mark.django_db

DAY = date(2024, 3, 1)


def retier(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("retier", *arguments, stdout=out)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_prints_who_moved() -> None:
    for _ in range(2):
        make_customer()
    family = make_buyer(DAY, "2500.00", orders=10)
    *moves, sums = retier("--as-of", DAY.isoformat())
    assert moves == ["(new) → Family 1", "(new) → Guest 2"]
    assert sums.startswith("As of 2024-03-01: 3 moved, 0 unchanged, in ")
    assert tier_of(family) == "family"
    (sums,) = retier("--as-of", DAY.isoformat(), "--from-scratch")
    assert sums.startswith("As of 2024-03-01: 0 moved, 3 unchanged, in ")
    assert Run.objects.latest("pk").kind == RunKind.FULL


def test_looks_only_at_what_is_due() -> None:
    make_customer()
    buyer = make_buyer(DAY, "10.00")
    retier("--as-of", DAY.isoformat())
    Touch.objects.exclude(customer=buyer).delete()
    # The order was noted on another day than the one decided about, so it is looked at once more.
    (sums,) = retier("--as-of", DAY.isoformat())
    assert sums.startswith("As of 2024-03-01: 0 moved, 1 unchanged, in ")
    assert (Run.objects.latest("pk").kind, tier_of(buyer)) == (RunKind.DUE, "guest")


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("rubbish", "“rubbish” is not a date. Write it as 2026-03-31."),
        ("2026-02-30", "“2026-02-30” is not a date. Write it as 2026-03-31."),
        ("9000-01-01", "1 January 9000 has not come yet. Choose today or an earlier day."),
    ],
)
def test_a_broken_or_future_day_is_refused(as_of: str, message: str) -> None:
    with pytest.raises(CommandError) as refused:
        retier("--as-of", as_of)
    assert (str(refused.value), refused.value.returncode) == (message, 1)
    assert not Run.objects.exists()


def test_a_day_before_a_decided_one_is_refused() -> None:
    make_customer()
    retier()
    with pytest.raises(CommandError, match="have been decided as of"):
        retier("--as-of", "2024-03-01")


def test_without_a_scheme_says_so() -> None:
    Scheme.objects.update(state="retired", retired_at=timezone.now() + timedelta(seconds=5))
    with pytest.raises(CommandError, match="No scheme is published"):
        retier()


def test_joins_a_run_under_way() -> None:
    make_customer()
    run = start_run(as_of=DAY)
    assert run is not None
    said = retier("--as-of", "2024-03-01")
    assert said[0] == "A re-tiering as of 2024-03-01 is under way already: helping it to its end."
    assert Run.objects.get().state == RunState.FINISHED


def test_a_run_of_another_day_is_ended_before_ours() -> None:
    make_customer()
    start_run(as_of=DAY)
    said = retier("--as-of", timezone.localdate().isoformat())
    assert said[0] == "A re-tiering as of 2024-03-01 is under way already: helping it to its end."
    assert list(Run.objects.order_by("pk").values_list("as_of", "state")) == [
        (DAY, RunState.FINISHED),
        (timezone.localdate(), RunState.FINISHED),
    ]


def test_retier_as_of_the_first_day_leaves_no_run_that_cannot_end() -> None:
    make_buyer(ago(0), "900.00", orders=5)
    with pytest.raises(CommandError):
        call_command("retier", "--as-of", "0001-01-01", stdout=StringIO())
    assert not Run.objects.filter(state="active").exists()
