"""The tree of causes, read whole: it is small."""

from collections.abc import Collection
from dataclasses import dataclass

from feedback.models import Cause


@dataclass(frozen=True, slots=True)
class Tree:
    """All causes, by key, in the order of a list that is read from top to bottom."""

    causes: dict[int, Cause]
    paths: dict[int, tuple[str, ...]]

    def root_of(self, pk: int) -> int:
        """Return the key of the cause at the top of the branch that this one is part of."""
        while (parent := self.causes[pk].parent_id) is not None:
            pk = parent
        return pk

    def within(self, pk: int) -> frozenset[int]:
        """Return the keys of a cause and of all that are part of it."""
        return frozenset(one for one in self.causes if pk in self._line(one))

    def of_kind(self, kind: str) -> int | None:
        """Return the cause that counts with incidents of a kind, or None."""
        return next((pk for pk, cause in self.causes.items() if cause.incident_kind == kind), None)

    def name_of(self, pk: int) -> str:
        """Return a cause's name with those above it: “Late: Nobody rang back”."""
        return ": ".join(self.paths[pk])

    def choices(self, *, also: Collection[int] = ()) -> list[tuple[str, str]]:
        """Return those in use, and `also` these, for a list to choose from: (key, name), what is part of it indented.

        A branch that is out of use takes its parts with it.
        """
        return [
            (str(pk), "\u2007\u2007" * (len(path) - 1) + path[-1])
            for pk, path in self.paths.items()
            if pk in also or all(self.causes[one].is_active for one in self._line(pk))
        ]

    def _line(self, pk: int) -> list[int]:
        line = [pk]
        while (parent := self.causes[line[-1]].parent_id) is not None:
            line.append(parent)
        return line


def cause_tree() -> Tree:
    """Return the tree; one query."""
    return grow(list(Cause.objects.order_by("name", "pk")))


def grow(causes: Collection[Cause]) -> Tree:
    """Put causes in the order of their tree: each before what is part of it, siblings as they come."""
    parts: dict[int | None, list[Cause]] = {}
    for cause in causes:
        parts.setdefault(cause.parent_id, []).append(cause)
    ordered: dict[int, Cause] = {}
    paths: dict[int, tuple[str, ...]] = {}

    def walk(above: int | None, path: tuple[str, ...]) -> None:
        for cause in parts.get(above, []):
            ordered[cause.pk], paths[cause.pk] = cause, (*path, cause.name)
            walk(cause.pk, paths[cause.pk])

    walk(None, ())
    return Tree(ordered, paths)
