"""`manage.py import`, as a person uses it."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from customers.imports import COLUMNS
from customers.models import Customer, Order
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str, str]:
    """Return what the command wrote, what it complained of, and what it gave up with ("" where it did not)."""
    out, complaints = io.StringIO(), io.StringIO()
    try:
        call_command("import", *arguments, stdout=out, stderr=complaints)
    except CommandError as error:
        if error.returncode != 1:
            raise
        return out.getvalue(), complaints.getvalue(), str(error)
    return out.getvalue(), complaints.getvalue(), ""


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("external_id,full_name,phone\n1,Zoë,020 7946 0123\n2,Customer 2,\n", encoding="utf-8")
    return path


def test_once_and_again(customers: Path, tmp_path: Path) -> None:
    assert run("customers", str(customers)) == ("2 rows: 2 created, 0 changed, 0 unchanged, 0 bad.\n", "", "")
    assert run("customers", str(customers)) == ("2 rows: 0 created, 0 changed, 2 unchanged, 0 bad.\n", "", "")
    assert set(Customer.objects.values_list("source", flat=True)) == {"house"}
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "external_id,customer_external_id,placed_at,amount,currency\na,1,2026-03-01T09:30:00Z,10.00,GBP\n",
        encoding="utf-8",
    )
    assert run("orders", str(orders)) == ("1 rows: 1 created, 0 changed, 0 unchanged, 0 bad.\n", "", "")
    assert Order.objects.get().customer.external_id == "1"


def test_dry_run(customers: Path) -> None:
    out, _complaints, end = run("customers", str(customers), "--source", "shop", "--dry-run")
    assert out.endswith("This was a dry run: nothing was changed.\n")
    assert (end, Customer.objects.count()) == ("", 0)


def test_region_of_phones(customers: Path) -> None:
    customers.write_text("external_id,full_name,phone,country\n1,Customer 1,01 99 00 12 34,\n", encoding="utf-8")
    assert run("customers", str(customers), "--region", "FR")[2] == ""
    assert Customer.objects.get().contact_points.get().normalised == "+33199001234"
    customers.write_text("external_id,full_name,phone,country\n2,Customer 2,020 7946 0123,UK\n", encoding="utf-8")
    assert run("customers", str(customers))[2] == ""
    british = Customer.objects.get(external_id="2")
    assert (british.country, british.contact_points.get().normalised) == ("GB", "+442079460123")
    assert run("customers", str(customers), "--region", "England")[2].endswith(
        "“ENGLAND” is no country’s code. It should be written like GB or FR."
    )


def test_first_fifty_errors_and_the_count_of_the_rest(customers: Path) -> None:
    with customers.open("a", encoding="utf-8") as file:
        file.writelines(f"b{number},Customer,12\n" for number in range(60))
    out, complaints, end = run("customers", str(customers))
    lines = complaints.splitlines()
    assert (len(lines), lines[-1]) == (51, "… and 10 more.")
    assert lines[0] == "line 4, phone: This phone number is too short. Is the area code missing?"
    assert out == "62 rows: 2 created, 0 changed, 0 unchanged, 60 bad.\n"
    assert (end, Customer.objects.count()) == ("There are bad rows: nothing was changed.", 0)
    end = run("customers", str(customers), "--keep-good-rows")[2]
    assert (end, Customer.objects.count()) == ("There are bad rows: they were left out, the others are in.", 2)


def test_files_that_are_none(tmp_path: Path, customers: Path) -> None:
    assert run("customers", str(tmp_path / "no.csv"))[2] == f"{tmp_path / 'no.csv'} is not there."
    assert run("customers", str(tmp_path))[2] == f"{tmp_path} is a folder, not a file."
    customers.write_bytes(b"")
    assert run("customers", str(customers))[2].endswith(
        "The file is empty: it should begin with a line of column names."
    )
    customers.write_bytes(b"external_id,full_name\n1,Zo\xeb\n")
    assert "is not in UTF-8" in run("customers", str(customers))[2]
    customers.write_text("external_id,full_name\n", encoding="utf-8")
    assert run("customers", str(customers)) == (
        "The file has a heading and no rows: there was nothing to do.\n",
        "",
        "",
    )
    customers.write_text("external_id,full_name,phon\n1,Customer 1,\n", encoding="utf-8")
    assert "The column “phon” is not known." in run("customers", str(customers))[2]


@pytest.mark.parametrize("kind", ["customers", "orders", "gestures", "ratings"])
def test_help_documents_every_column(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        call_command("import", kind, "--help")
    shown = capsys.readouterr().out
    for column in COLUMNS[kind]:
        assert f"\n  {column.name}{'*' if column.is_required else ''} " in shown


def test_a_bad_file_ends_without_a_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "import", "orders", str(tmp_path / "no.csv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "is not there" in ended.stderr
    assert "Traceback" not in ended.stderr
