"""Quiet hours, by the customer's own clock."""

from datetime import UTC, datetime, time, timedelta, tzinfo


def is_quiet(moment: datetime, zone: tzinfo, *, begins: time, ends: time) -> bool:
    """Return whether a clock in this zone shows, at this moment, a time from `begins` on and before `ends`.

    The hours may go over midnight.
    """
    shown = moment.astimezone(zone).time()
    if begins <= ends:
        return begins <= shown < ends
    return shown >= begins or shown < ends


def after_quiet(moment: datetime, zone: tzinfo, *, begins: time, ends: time) -> datetime:
    """Return the moment itself where it is not quiet, else (in UTC) the next at which the quiet hours are over.

    Where the clock is put back, an hour is shown twice, and both times it is quiet. Where it is put forward over the
    end of the quiet hours, that end is taken to be where it would have been had nobody touched the clock.
    """
    if not is_quiet(moment, zone, begins=begins, ends=ends):
        return moment
    today = moment.astimezone(zone).date()
    ending = (
        datetime.combine(today + timedelta(days=days), ends, zone).replace(fold=fold).astimezone(UTC)
        for days in range(3)
        for fold in (0, 1)
    )
    return min(end for end in ending if end > moment and not is_quiet(end, zone, begins=begins, ends=ends))
