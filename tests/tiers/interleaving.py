"""Two or more pieces of work on one database, put into an order that a seed decides, a statement at a time.

Each piece runs in a thread with a connection of its own and stops before every statement and every commit. When all
have stopped (or wait for a lock of the database), one of those that can go on is picked at random and goes one step.
"""

import random
from collections.abc import Callable, Sequence
from threading import Condition, Thread
from typing import Any

from django.db import connection, connections

Work = Callable[[], Any]

# A step that takes longer than this (in seconds) is asked about: it may wait for a lock.
_SOON = 0.004


class _Side:
    """One thread, and where it is."""

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.work: Work | None = None
        # "idle", "running", "stopped" before a statement, or "waiting" for a lock of the database.
        self.state = "idle"
        self.is_committing = False
        self.result: Any = None
        self.pid = 0
        self.thread = Thread(target=self._live, daemon=True)

    def _live(self) -> None:
        own = connections["default"]
        own.ensure_connection()
        self.pid = own.connection.info.backend_pid
        commit = own.commit

        def stop_and_commit() -> None:
            self.is_committing = True
            self._stop()
            commit()
            self.is_committing = False

        own.commit = stop_and_commit  # type: ignore[method-assign]
        try:
            with own.execute_wrapper(self._before):
                while (work := self._next()) is not None:
                    try:
                        self.result = work()
                    except BaseException as error:
                        self.result = error
                    self._now("idle")
        finally:
            own.close()

    def _before(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            self._stop()
        return execute(sql, params, many, context)

    def _next(self) -> Work | None:
        with self.stage.changed:
            self.stage.changed.wait_for(lambda: self.work is not None or self.stage.is_over)
            work, self.work = self.work, None
            return work

    def _stop(self) -> None:
        with self.stage.changed:
            self.state = "stopped"
            self.stage.changed.notify_all()
            self.stage.changed.wait_for(lambda: self.state != "stopped")

    def _now(self, state: str) -> None:
        with self.stage.changed:
            self.state = state
            self.stage.changed.notify_all()


class Stage:
    """So many threads, for as long as the block lasts."""

    def __init__(self, sides: int, seed: int) -> None:
        self.changed = Condition()
        self.is_over = False
        self.random = random.Random(seed)
        self.sides = [_Side(self) for _ in range(sides)]
        self.steps = 0
        self.orders: set[tuple[int, ...]] = set()

    def __enter__(self) -> "Stage":
        for side in self.sides:
            side.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.changed:
            self.is_over = True
            self.changed.notify_all()
        for side in self.sides:
            side.thread.join(30)
            assert not side.thread.is_alive()

    def play(self, *works: Work) -> list[Any]:
        """Do the works in an order of their steps that the seed decides; return their results or errors."""
        with self.changed:
            for side, work in zip(self.sides, works, strict=True):
                side.work, side.state = work, "running"
            self.changed.notify_all()
        order = []
        frees = False
        while True:
            self._settle(frees)
            ready = [place for place, side in enumerate(self.sides) if side.state == "stopped"]
            if not ready:
                if all(side.state == "idle" for side in self.sides):
                    self.orders.add(tuple(order))
                    return [side.result for side in self.sides]
                frees = True
                continue
            place = self.random.choice(ready)
            order.append(place)
            self.steps += 1
            side = self.sides[place]
            # Locks are kept to the end of a transaction: only then somebody who waits for one goes on.
            frees = side.is_committing
            with self.changed:
                side.state = "running"
                self.changed.notify_all()
            self._settle(frees=False)
            frees = frees or side.state == "idle"

    def _settle(self, frees: bool) -> None:
        """Have each side stop, be done, or wait for a lock; where locks were freed, see who waits no more."""
        with self.changed:
            if frees:
                for side in self.sides:
                    side.state = "running" if side.state == "waiting" else side.state
        while running := [side for side in self.sides if side.state == "running"]:
            with self.changed:
                if self.changed.wait_for(lambda: all(side.state != "running" for side in running), _SOON):
                    return
            for side in running:
                if side.state == "running" and _waits(side.pid):
                    with self.changed:
                        side.state = "waiting" if side.state == "running" else side.state


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])


def play_all(rounds: Sequence[Sequence[Work]], seed: int) -> tuple[list[list[Any]], Stage]:
    """Play each round, one after the other, on the same threads; return their results and the stage."""
    with Stage(len(rounds[0]), seed) as stage:
        return [stage.play(*works) for works in rounds], stage
