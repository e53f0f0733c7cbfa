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

# Where nobody has moved for so many seconds, the database is asked whether somebody waits for a lock.
_SOON = 0.004


class _Side:
    """One thread, and where it is: idle, running, stopped before a statement, or waiting for a lock."""

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.work: Work | None = None
        self.state = "idle"
        self.result: Any = None
        self.pid = 0
        self.thread = Thread(target=self._live, daemon=True)

    def _live(self) -> None:
        own = connections["default"]
        own.ensure_connection()
        self.pid = own.connection.info.backend_pid
        commit = own.commit

        def stop_and_commit() -> None:
            self._stop()
            commit()
            self.stage.free()

        own.commit = stop_and_commit  # type: ignore[method-assign]
        try:
            with own.execute_wrapper(self._before):
                while (work := self._next()) is not None:
                    try:
                        self.result = work()
                    except BaseException as error:
                        self.result = error
                    self.stage.free(done=self)
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
            self.stage.step()
            self.stage.changed.wait_for(lambda: self.state != "stopped")


class Stage:
    """So many threads, for as long as the block lasts. `orders`: the different orders in which steps were taken."""

    def __init__(self, sides: int, seed: int, weights: Sequence[int] = ()) -> None:
        """`weights`: how much likelier a side goes on than another, where one has many more statements."""
        self.changed = Condition()
        self.is_over = False
        self.random = random.Random(seed)
        self.weights = weights
        self.sides = [_Side(self) for _ in range(sides)]
        self.order: list[int] = []
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
            self.order = []
            for side, work in zip(self.sides, works, strict=True):
                side.work, side.state = work, "running"
            self.changed.notify_all()
        while True:
            with self.changed:
                steps = len(self.order)
                if self.changed.wait_for(self._is_done, _SOON):
                    self.orders.add(tuple(self.order))
                    return [side.result for side in self.sides]
            if steps == len(self.order):
                self._ask_who_waits()

    def step(self) -> None:
        """Let one of those who have stopped go on, if nobody is running. Call it with the lock held."""
        if any(side.state == "running" for side in self.sides):
            return
        ready = [place for place, side in enumerate(self.sides) if side.state == "stopped"]
        if ready:
            weights = [self.weights[side] for side in ready] if self.weights else []
            place = self.random.choices(ready, weights)[0] if weights else self.random.choice(ready)
            self.order.append(place)
            self.sides[place].state = "running"
            self.changed.notify_all()

    def free(self, done: _Side | None = None) -> None:
        """A transaction has ended, and with it the locks that it held: whoever waited for one may go on."""
        with self.changed:
            for side in self.sides:
                side.state = "running" if side.state == "waiting" else side.state
            if done is not None:
                done.state = "idle"
                self.step()
                self.changed.notify_all()

    def _is_done(self) -> bool:
        return all(side.state == "idle" for side in self.sides)

    def _ask_who_waits(self) -> None:
        for side in self.sides:
            if side.state in ("running", "waiting"):
                waits = _waits(side.pid)
                with self.changed:
                    if side.state in ("running", "waiting"):
                        side.state = "waiting" if waits else "running"
                    self.step()


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])


def play_all(rounds: Sequence[Sequence[Work]], seed: int, weights: Sequence[int] = ()) -> tuple[list[list[Any]], Stage]:
    """Play each round, one after the other, on the same threads; return their results and the stage."""
    with Stage(len(rounds[0]), seed, weights) as stage:
        return [stage.play(*works) for works in rounds], stage
