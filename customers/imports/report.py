"""What came of an import."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Errors that are kept one by one; of the rest only the number is known, so that a bad file of any size fits in memory.
_MOST = 1000


@dataclass(frozen=True)
class RowError:
    """What is wrong on a line of the file (1 is the heading), in which column ("" where it is the whole line)."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        if self.column:
            place = _("line %(line)d, %(column)s") % {"line": self.line, "column": self.column}
        else:
            place = _("line %(line)d") % {"line": self.line}
        return f"{place}: {self.message}"


@dataclass
class Report:
    """Counts of rows. Where `is_kept` is False nothing was changed, and the counts say what would have been."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    changed: int = 0
    bad_rows: int = 0
    # The first thousand; `error_count` counts all.
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    is_kept: bool = False

    def refuse(self, errors: list[RowError]) -> None:
        """Note everything that is wrong with one row."""
        self.bad_rows += 1
        self.error_count += len(errors)
        self.errors += errors[: max(0, _MOST - len(self.errors))]


def errors_of(error: ValidationError, line: int, column: str = "") -> list[RowError]:
    """Return a service's refusal as errors of a row; a refusal by field names its columns itself."""
    by_column = error.message_dict if hasattr(error, "error_dict") else {column: error.messages}
    return [RowError(line, name, message) for name, messages in by_column.items() for message in messages]
