"""`manage.py value`, as an analyst runs it on a file and a manager on the house."""

import json
import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import ROOT
from tests.tiers.buying import cdnow
from tests.tiers.customers_in_tiers import make_buyer
from tests.tiers.test_explanation_at_dates import ago
from tests.tiers.test_value_house import fill_house
from tiers.models import ValueFit
from tiers.services.values import fit_value

# One process fits, once for all of these.
pytestmark = pytest.mark.xdist_group("value")
UNTIL = "1997-09-30"


def run(*arguments: object) -> Any:
    out = StringIO()
    call_command("value", *map(str, arguments), stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample of CDNOW as a table."""
    path = tmp_path_factory.mktemp("value") / "cdnow.csv"
    rows = cdnow()
    lines = [
        f"{customer},{date.fromordinal(day)},{cents / 100:.2f}"
        for customer, day, cents in zip(rows.customer.tolist(), rows.day.tolist(), rows.cents.tolist(), strict=True)
    ]
    path.write_text("\n".join(["customer,date,value", *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def fitted(file: Path) -> Any:
    """What is said of a fit of that table."""
    return run("fit", "--from", file, "--until", UNTIL)


def test_fit_on_a_file(fitted: Any) -> None:
    told = fitted
    found = [f"{told[name]:.3f}" for name in ("r", "alpha", "a", "b")]
    assert found == ["0.243", "4.414", "0.793", "2.426"]
    assert [f"{told[name]:.2f}" for name in ("p", "q", "v")] == ["6.25", "3.74", "15.44"]
    assert (told["first_day"], told["last_day"], told["model"]) == ("1997-01-01", UNTIL, "bg_nbd")
    assert (told["version"], told["units"]["time"], told["warnings"]) == (None, "weeks", [])
    assert len(told["calibration"]["classes"]) == 8


def test_predict_on_a_file(file: Path, fitted: Any, tmp_path: Path) -> None:
    told = run("predict", "--from", file, "--until", UNTIL, "--horizon", 273)
    assert (told["as_of"], len(told["customers"]), told["fit"]["horizon_days"]) == (UNTIL, 2357, 273)
    first = told["customers"][0]
    assert (first["customer"], first["frequency"]) == ("1", 2)
    assert (round(first["recency"], 2), round(first["age"], 2)) == (30.43, 38.86)
    assert f"{first['expected_purchases']:.3f}" == "1.226"
    assert first["predicted_value"] == round(first["expected_purchases"] * first["expected_value"], 2)
    assert 0 < first["p_alive"] < 1

    parameters = tmp_path / "fit.json"
    parameters.write_text(json.dumps(fitted))
    again = run("predict", "--from", file, "--until", UNTIL, "--horizon", 273, "--parameters", parameters)
    assert again == told


def test_a_file_needs_no_database(file: Path, tmp_path: Path) -> None:
    """In a process of its own, with the address of a server that is not there."""
    few = tmp_path / "few.csv"
    few.write_text("\n".join(file.read_text().splitlines()[:1000]) + "\n")
    env = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1",
    }
    for deed in ("fit", "predict"):
        done = subprocess.run(
            [sys.executable, "manage.py", "value", deed, "--from", str(few)], cwd=ROOT, env=env, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        json.loads(done.stdout)


def test_bad_rows_are_named_and_end_with_status_1(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "customer,date,value\n1,2026-01-01,5\n,2026-01-02,5\n2,yesterday,5\n3,2026-01-03,a lot\n4,2026-01-04,1.005\n"
        "5,2026-01-05,99999999999\n6,2026-01-06\n"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "value", "fit", "--from", str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
    )
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    for line in ("line 3, customer:", "line 4, date:", "line 5, value:", "line 6, value:", "line 7, value:", "line 8:"):
        assert line in said
    assert "line 2" not in said
    assert "6 rows are bad: nothing was computed." in said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty"),
        ("customer,date,value\n", "a heading and no rows"),
        ("customer,date\n1,2026-01-01\n", "The column “value” is missing"),
        ("customer,date,value,colour\n", "The column “colour” is not known"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        run("fit", "--from", path)


def test_options_that_do_not_hold_are_refused(file: Path, tmp_path: Path) -> None:
    parameters = tmp_path / "fit.json"
    for content in ("{}", "[]", "no", '{"model": "bg_nbd"}'):
        parameters.write_text(content)
        with pytest.raises(CommandError, match="is not what"):
            run("predict", "--from", file, "--parameters", parameters)
    for more, sentence in (
        (["--until", "soon"], "is not a date"),
        (["--horizon", "0"], "between 1 and 3653"),
        (["--from", tmp_path / "nothing.csv"], "cannot be read"),
        (["--from", tmp_path], "cannot be read"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run("fit", "--from", file, *more)
    with pytest.raises(CommandError, match="cannot be read"):
        run("predict", "--from", file, "--parameters", tmp_path / "nothing.json")


def test_few_customers_get_null_and_no_number(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("customer;date;value\nA;2026-01-01;5.00\nA;2026-02-01;7.50\nB;2026-01-05;-3\n")
    told = run("predict", "--from", path)
    assert told["fit"]["warnings"] == ["too_few"]
    assert "too few to learn from" in told["fit"]["warnings_in_words"][0]
    (one,) = told["customers"]
    assert (one["customer"], one["frequency"]) == ("A", 1)
    assert {one[name] for name in ("p_alive", "expected_purchases", "expected_value", "predicted_value")} == {None}


@pytest.mark.django_db
def test_the_house_is_fitted_and_predicted() -> None:
    with pytest.raises(CommandError, match="There is no fit yet"):
        run("predict")
    fill_house()
    assert run("fit", "--dry-run")["version"] is None
    assert not ValueFit.objects.exists()
    told = run("fit", "--horizon", 90)
    assert (told["version"], told["horizon_days"]) == (1, 90)
    assert ValueFit.objects.get().parameters["r"] == told["r"]
    predicted = run("predict")
    assert (len(predicted["customers"]), predicted["fit"]["r"], predicted["fit"]["horizon_days"]) == (
        120,
        told["r"],
        90,
    )
    assert all(row["predicted_value"] >= 0 for row in predicted["customers"])


def test_help_says_what_the_columns_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("value", "fit", "--help")
    said = capsys.readouterr().out
    for word in ("customer", "date", "value", "below zero for a return", "purchases of one day are one"):
        assert word in said


@pytest.mark.django_db
def test_predict_until_the_end_of_the_calendar() -> None:
    make_buyer(ago(100), "10.00")
    fit_value()
    with pytest.raises(CommandError):
        call_command("value", "predict", "--until", "9999-12-31", stdout=StringIO())
