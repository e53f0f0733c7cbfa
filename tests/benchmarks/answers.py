"""How fast asking and answering are: ratios from one run on one machine.

    uv run python -m tests.benchmarks.answers --only posts

The parts are modules of their own beside this one; each has a function that measures and returns what it found with
the bars it `missed`:

- `posts` (answer_posts): answers taken per second, beside a bare Django `INSERT … ON CONFLICT` view;
- `tokens` (answer_tokens): what an unknown, an expired, a misused and an altered link take to be refused;
- `invitations`: letters queued in a second, in sets.

It prints JSON and ends with status 1 where a bar is missed. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from typing import Any

from tests.benchmarks import serving

Part = Callable[[argparse.Namespace], dict[str, Any]]


def _posts(options: argparse.Namespace) -> dict[str, Any]:
    from tests.benchmarks.answer_posts import measure_posts

    return measure_posts(posts=options.posts, rounds=options.rounds, connections=options.connections)


def _tokens(options: argparse.Namespace) -> dict[str, Any]:
    from tests.benchmarks.answer_tokens import measure_tokens

    return measure_tokens(requests=options.requests)


def _invitations(options: argparse.Namespace) -> dict[str, Any]:
    from tests.benchmarks.invitations import measure

    return measure(options.customers)


PARTS: dict[str, Part] = {"posts": _posts, "tokens": _tokens, "invitations": _invitations}


def main() -> int:
    """Measure the parts that are wanted, print what was found, and return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--posts", type=int, default=4000, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8, help="that press at once")
    parser.add_argument("--requests", type=int, default=500, help="of each sort of token")
    parser.add_argument("--customers", type=int, default=200_000, help="who are invited")
    options = parser.parse_args()
    found = {}
    with serving.database():
        serving.set_up()
        for name in options.only:
            found[name] = PARTS[name](options)
    missed = [bar for part in found.values() for bar in part["missed"]]
    machine = {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, **found, "missed": missed}, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
