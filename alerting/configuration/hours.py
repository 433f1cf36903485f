"""Hours of the day in a zone: when they begin and end on days on which the clocks change, too.

A local time that does not exist, since the clocks go forward over it, means the moment of the change. One that comes
twice, since they go back, means the first of the two. So a span from one local time to another begins and ends once a
day, two spans of which one begins where the other ends never overlap, and nothing between them is left out.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """When it is that time on that day in the zone, in UTC."""
    local = datetime.combine(day, at)
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if late >= early:  # a time that exists once, or twice
        return early
    return _change(late, early, zone)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The moment between two at which the zone's offset changes; both in UTC."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(microseconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
