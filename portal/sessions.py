"""Sessions as Django keeps them, read by a statement that is planned once: every page begins with it."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from customers.selectors.prepared import Statement

# A stand-in for the key in the statement; keys are of letters and digits.
_NO_KEY = "-"


class SessionStore(db.SessionStore):
    """Django's own, but for how it is read. The database's clock says whether it has ended."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds (1 query); nothing where it has ended, and then it has no key either."""
        key = self.session_key or ""
        # A cookie may hold whatever somebody likes, also what the database cannot read at all.
        found = _session().fetch(key=key) if key.isascii() and key.isalnum() else []
        if not found:
            self._session_key = None
            return {}
        ((data,),) = found
        kept: dict[str, Any] = self.decode(data)
        return kept


@cache
def _session() -> Statement:
    sessions = Session.objects.filter(session_key=_NO_KEY, expire_date__gt=Now())
    return Statement(sessions.values_list("session_data"), key=_NO_KEY)
