"""Recall and precision of finding duplicates on dataset 4 of FEBRL: 5,000 people, each written down twice.

    uv run python -m tests.benchmarks.duplicates [--folder ../shared/data/febrl]

Prints JSON: pairs compared (against all that there are), recall of the blocking alone, recall and precision in all.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from customers.likeness.blocking import Recipe, keys_of
from customers.likeness.comparing import by_letters, by_slips, exactly
from customers.likeness.scoring import Chances, FieldWeights, compare_records

FOLDER = Path(os.environ.get("FEBRL", Path(__file__).resolve().parents[3] / "shared" / "data" / "febrl"))

# FEBRL spoils each copy in a few places; chances are set by hand as the house's own are.
WEIGHTS = (
    FieldWeights("given_name", by_letters, Chances(0.75, 0.01), Chances(0.1, 0.96), Chances(0.15, 0.03)),
    FieldWeights("surname", by_letters, Chances(0.75, 0.01), Chances(0.1, 0.97), Chances(0.15, 0.02)),
    FieldWeights("street_number", exactly, Chances(0.8, 0.02), Chances(0.2, 0.98)),
    FieldWeights("address_1", by_letters, Chances(0.75, 0.001), Chances(0.1, 0.969), Chances(0.15, 0.03)),
    FieldWeights("address_2", by_letters, Chances(0.7, 0.005), Chances(0.2, 0.965), Chances(0.1, 0.03)),
    FieldWeights("suburb", by_letters, Chances(0.75, 0.002), Chances(0.1, 0.978), Chances(0.15, 0.02)),
    FieldWeights("postcode", exactly, Chances(0.8, 0.002), Chances(0.2, 0.998)),
    FieldWeights("state", exactly, Chances(0.9, 0.25), Chances(0.1, 0.75)),
    FieldWeights("date_of_birth", by_slips, Chances(0.85, 0.0001), Chances(0.1, 0.9989), Chances(0.05, 0.001)),
    FieldWeights("soc_sec_id", by_slips, Chances(0.85, 0.000001), Chances(0.1, 0.99989), Chances(0.05, 0.0001)),
)
RECIPES = (
    Recipe.of("soc_sec_id"),
    Recipe.of("date_of_birth"),
    Recipe.of("surname:sound", "given_name:sound"),
    Recipe.of("surname:sound", "postcode"),
    Recipe.of("given_name", "suburb"),
    Recipe.of("address_1", "street_number"),
)
THRESHOLD = 8.0
_MOST = 60


@dataclass(frozen=True)
class Measured:
    """What came of it. `recall` and `precision` are shares, 0 to 1; pairs are of a record of 4a with one of 4b."""

    records: int
    possible_pairs: int
    compared_pairs: int
    found_pairs: int
    blocking_recall: float
    recall: float
    precision: float
    seconds: float


def read(path: Path) -> dict[str, dict[str, list[str]]]:
    """Return records by their number in the file; what is blank is not known."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        return {row.pop("rec_id"): {name: [value] if value else [] for name, value in row.items()} for row in rows}


def compared(one: Sequence[set[int]], other: Sequence[set[int]]) -> set[tuple[int, int]]:
    """Return the places of those that share a key, one of each file."""
    holders: dict[int, tuple[list[int], list[int]]] = {}
    for side, records in enumerate((one, other)):
        for place, keys in enumerate(records):
            for key in keys:
                holders.setdefault(key, ([], []))[side].append(place)
    return {(a, b) for left, right in holders.values() if len(left) + len(right) <= _MOST for a in left for b in right}


def measure(folder: Path = FOLDER) -> Measured:
    """Find the pairs of dataset 4 and hold them against what is known."""
    begun = time.perf_counter()
    first, second = read(folder / "dataset4a.csv"), read(folder / "dataset4b.csv")
    names, copies = list(first), list(second)
    people = [[name.split("-")[1] for name in side] for side in (names, copies)]
    pairs = compared(
        [keys_of(record, RECIPES) for record in first.values()],
        [keys_of(record, RECIPES) for record in second.values()],
    )
    found = {(a, b) for a, b in pairs if compare_records(first[names[a]], second[copies[b]], WEIGHTS).bits >= THRESHOLD}
    true = {(a, b) for a, b in pairs if people[0][a] == people[1][b]}
    known = len(set(people[0]) & set(people[1]))
    return Measured(
        records=len(first) + len(second),
        possible_pairs=len(first) * len(second),
        compared_pairs=len(pairs),
        found_pairs=len(found),
        blocking_recall=round(len(true) / known, 4),
        recall=round(len(found & true) / known, 4),
        precision=round(len(found & true) / max(len(found), 1), 4),
        seconds=round(time.perf_counter() - begun, 2),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    print(json.dumps(asdict(measure(parser.parse_args().folder)), indent=2))
