"""`manage.py value fit` and `manage.py value predict`."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.utils.translation import gettext as _

from tiers.imports import COLUMNS, read_purchases
from tiers.selectors.value import as_fit, every_purchase, latest_fit
from tiers.selectors.value_wording import warnings
from tiers.services.values import MOST_HORIZON, fit_house, fit_rows, fit_value, refuse_day_to_come
from tiers.value import bgnbd
from tiers.value.calibration import Calibration
from tiers.value.fitting import Fit, Model, ValueModel
from tiers.value.predicting import UNKNOWN, expected_purchases, expected_value, predict_cents
from tiers.value.purchases import Rows, histories, tally

_SHOWN = 50
_YEAR = 365


class _Help(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Leaves the table of columns as it is written."""


class Command(BaseCommand):
    """Fits the models of predicted value, or predicts with them, on the house's orders or on a file."""

    help = "Fit BG/NBD and Gamma-Gamma to purchases, or predict what customers will bring. Prints JSON."
    # A run on a file needs no database.
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_Help, epilog=_columns(), **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="fit|predict")
        for deed in ("fit", "predict"):
            one: ArgumentParser = deeds.add_parser(deed, formatter_class=_Help, epilog=_columns())
            one.add_argument(
                "--from", dest="file", type=Path, metavar="CSV", help="a file (default: the house's own orders)"
            )
            one.add_argument(
                "--until",
                metavar="DATE",
                help="the last day that counts, such as 2026-03-31 (default: the file's last; today for the house)",
            )
            one.add_argument("--horizon", type=int, metavar="DAYS", help=f"how far to look ahead (default: {_YEAR})")
            if deed == "fit":
                one.add_argument("--dry-run", action="store_true", help="keep no version of the house's fit")
            else:
                one.add_argument(
                    "--parameters",
                    type=Path,
                    metavar="FILE",
                    help="what `value fit` printed (default: the house's newest version; for a file, fitted to it)",
                )

    def handle(self, *args: Any, **options: Any) -> None:
        until = _day(options["until"])
        horizon: int | None = options["horizon"]
        if horizon is not None and not 1 <= horizon <= MOST_HORIZON:
            raise CommandError(_("Please look between 1 and %(most)d days ahead.") % {"most": MOST_HORIZON})
        try:
            if options["deed"] == "fit":
                self._fit(options["file"], until, horizon or _YEAR, options["dry_run"])
            else:
                self._predict(options["file"], until, horizon, options["parameters"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _fit(self, file: Path | None, until: date | None, horizon: int, is_dry_run: bool) -> None:
        version = None
        if file:
            rows, _names = self._read(file)
            fitted, calibration = fit_rows(rows, horizon_days=horizon, until=until or _last(rows))
            checked = _calibration(calibration)
        elif is_dry_run:
            fitted, calibration = fit_house(horizon_days=horizon, until=until)
            checked = _calibration(calibration)
        else:
            row = fit_value(horizon_days=horizon, until=until)
            fitted, checked, version = as_fit(row), row.calibration or None, row.version
        told = {"version": version} | _told(fitted) | {"calibration": checked}
        self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))

    def _predict(self, file: Path | None, until: date | None, horizon: int | None, parameters: Path | None) -> None:
        names: list[str] | None = None
        fitted = _parameters(parameters) if parameters else None
        if file:
            rows, names = self._read(file)
            last = until or _last(rows)
            fitted = fitted or fit_rows(rows, horizon_days=horizon or _YEAR, until=last)[0]
            portions: Iterator[Rows] = iter([rows])
        else:
            newest = latest_fit() if fitted is None else None
            if fitted is None and newest is None:
                raise CommandError(_("There is no fit yet. Run “manage.py value fit” first."))
            fitted = fitted or as_fit(newest)  # type: ignore[arg-type]
            last = until or date.fromordinal(fitted.last_day)
            refuse_day_to_come(last)
            portions = every_purchase(last)
        if horizon:
            fitted = fitted.ahead(horizon)
        head = json.dumps({"as_of": last.isoformat(), "fit": _told(fitted)}, indent=2, ensure_ascii=False)
        self.stdout.write(head.removesuffix("\n}") + ',\n  "customers": [', ending="")
        parting = "\n"
        for rows in portions:
            for one in _predictions(fitted, rows, last, names):
                self.stdout.write(parting + json.dumps(one, ensure_ascii=False), ending="")
                parting = ",\n"
        self.stdout.write("\n]}")

    def _read(self, file: Path) -> tuple[Rows, list[str]]:
        """Read a file; print what is wrong with its rows, and go no further."""
        try:
            with file.open(encoding="utf-8", newline="") as text:
                rows, names, errors = read_purchases(text)
        except OSError as error:
            raise CommandError(_("%(path)s cannot be read: %(why)s.") % {"path": file, "why": error.strerror}) from None
        except ValidationError as error:
            raise CommandError(f"{file}: {' '.join(error.messages)}") from None
        for wrong in errors[:_SHOWN]:
            self.stderr.write(str(wrong))
        if errors:
            raise CommandError(_("%(count)d rows are bad: nothing was computed.") % {"count": len(errors)})
        if not len(rows.day):
            raise CommandError(_("The file has a heading and no rows: there was nothing to do."))
        return rows, names


def _told(fitted: Fit) -> dict[str, Any]:
    """Return a fit with its units, and its warnings in words beside their codes."""
    plain = fitted.as_json()
    units = {"time": "weeks", "value": "whole units of money"}
    return plain | {"units": units, "warnings_in_words": warnings(fitted)}


def _calibration(calibration: Calibration | None) -> dict[str, Any] | None:
    return None if calibration is None else calibration.as_json()


def _predictions(fitted: Fit, rows: Rows, until: date, names: list[str] | None) -> Iterator[dict[str, Any]]:
    """Return a line for each customer. What the models did not find out is null, not a number."""
    as_of = until.toordinal()
    tallies = tally(rows, as_of)
    known = histories(tallies, as_of)
    nothing = [None] * len(tallies.customer)
    has_model, has_value = fitted.model != Model.NONE, fitted.value_model != ValueModel.NONE
    alive = bgnbd.p_alive(known, **fitted.buying).tolist() if fitted.model == Model.BG_NBD else nothing
    purchases = expected_purchases(fitted, known).tolist() if has_model else nothing
    value = expected_value(fitted, known).tolist() if has_value else nothing
    cents = predict_cents(
        fitted,
        purchase_days=tallies.purchase_days,
        first_day=tallies.first_day,
        last_day=tallies.last_day,
        repeat_cents=tallies.repeat_cents,
        as_of=np.full_like(tallies.first_day, as_of),
    )
    for place, number in enumerate(tallies.customer.tolist()):
        yield {
            "customer": number if names is None else names[number],
            "frequency": int(known.frequency[place]),
            "recency": float(known.recency[place]),
            "age": float(known.age[place]),
            "p_alive": alive[place],
            "expected_purchases": purchases[place],
            "expected_value": value[place],
            "predicted_value": None if cents[place] == UNKNOWN else int(cents[place]) / 100,
        }


def _parameters(file: Path) -> Fit:
    try:
        return Fit.from_json(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise CommandError(_("%(path)s cannot be read: %(why)s.") % {"path": file, "why": error.strerror}) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CommandError(_("%(path)s is not what “manage.py value fit” prints.") % {"path": file}) from None


def _last(rows: Rows) -> date:
    return date.fromordinal(int(rows.day.max()))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(_("“%(text)s” is not a date. Write it as 2026-03-31.") % {"text": text}) from None


def _columns() -> str:
    """Document the columns, from the same list that headings are checked against."""
    lines = ["columns of a file (all must be there; UTF-8, commas or semicolons; purchases of one day are one):"]
    return "\n".join([*lines, *(f"  {column.name:<10} {column.meaning}" for column in COLUMNS)])
