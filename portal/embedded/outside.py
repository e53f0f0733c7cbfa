"""Looking whether servers that somebody else runs answer, before the demo builds on them."""

import psycopg
from kombu import Connection
from kombu.exceptions import KombuError

from portal.embedded.exceptions import CannotStart

_SECONDS = 5


def check_database(url: str) -> None:
    """Raise `CannotStart` where the server of `DATABASE_URL` does not let us in."""
    try:
        with psycopg.connect(url, connect_timeout=_SECONDS):
            pass
    except psycopg.Error as error:
        # The message names host, port, user and database, and no password.
        raise CannotStart(
            f"The database of DATABASE_URL cannot be used: {str(error).strip() or type(error).__name__}. "
            "Mend it, or unset DATABASE_URL for the embedded one."
        ) from error


def check_broker(url: str) -> None:
    """Raise `CannotStart` where the server of `CELERY_BROKER_URL` does not answer."""
    try:
        with Connection(url, connect_timeout=_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=_SECONDS, reraise_as_library_errors=False)
            # For Redis and Valkey only this goes over the wire.
            connection.channel().close()
    except _errors_of(url) as error:
        raise CannotStart(
            f"The broker of CELERY_BROKER_URL does not answer ({type(error).__name__}). "
            "Mend it, or unset CELERY_BROKER_URL for the embedded one."
        ) from error


def _errors_of(url: str) -> tuple[type[Exception], ...]:
    """Return what a broker's client may raise: its own errors, and those of a URL that nothing can be made of."""
    known: tuple[type[Exception], ...] = (OSError, KombuError, LookupError, ValueError, ImportError, AttributeError)
    try:
        connection = Connection(url)
        return (*known, *connection.connection_errors, *connection.channel_errors)
    except known:
        return known
