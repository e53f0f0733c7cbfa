"""Taking in facts from CSV files: row by row, all or nothing, as often as one likes."""

from customers.imports.report import Report, RowError
from customers.imports.run import COLUMNS, import_rows

__all__ = ["COLUMNS", "Report", "RowError", "import_rows"]
