"""Doing the same thing at the same moment, on connections of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(action: Callable[[], T], times: int = 2) -> list[T]:
    """Do something several times at once and return what came of each (`transaction=True` tests only)."""
    ready = threading.Barrier(times, timeout=60)

    def one() -> T:
        try:
            connection.ensure_connection()
            ready.wait()
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(times)]]
