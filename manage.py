#!/usr/bin/env python
"""Run an administrative command of the portal."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if os.environ.get("DATABASE_URL"):
            raise
        # Nobody said where the database is: most likely the demo was meant, and it is not running.
        sys.exit(
            f"The database does not answer: {str(error).strip().splitlines()[0]}\n"
            "No demo runs in this checkout's state folder. Start one with `manage.py demo`, name its folder in "
            "REGULARS_STATE, or set DATABASE_URL."
        )


if __name__ == "__main__":
    main()
