"""From one record of a partner to its canonical records, whatever format it has. Pure."""

from collections.abc import Mapping
from datetime import datetime

from streams.intake import cloudevents, row_record, tabular
from streams.intake.admission import Canonical, Feed, admit
from streams.intake.inbound import TICK, InboundRecord, header_texts
from streams.intake.profile import Profile
from streams.intake.refusal import Reason, Refusal, quoted

Profiles = Mapping[str, Profile]


def canonical_records(record: InboundRecord, feed: Feed, profiles: Profiles, now: datetime) -> list[Canonical]:
    """The canonical records of a record that came on a partner's topic. All of them, or `Refusal`."""
    texts = header_texts(record.headers, record.value)
    if row_record.is_row(texts):
        return _of_row(record, texts, feed, profiles, now)
    if texts.get("content-type") == TICK:
        message = "Time is not for partners to move, nor for anyone in a service on the wall clock"
        raise Refusal(Reason.RESERVED_TYPE, message, "header content-type")
    return [admit(cloudevents.read(texts, record.value), feed, now)]


def mapping_of(record: InboundRecord, profiles: Profiles) -> str:
    """The name and version of what reads the record, for its dead letter and its canonical records."""
    content_type = next((value for name, value in record.headers if name == "content-type"), b"")
    wanted = row_record.profile_of(content_type.decode("utf-8", "replace"))
    profile = profiles.get(wanted) if wanted is not None else None
    return "cloudevents@1.0" if profile is None else f"{profile.said.profile}@{profile.version}"


def _of_row(
    record: InboundRecord, texts: Mapping[str, str], feed: Feed, profiles: Profiles, now: datetime
) -> list[Canonical]:
    columns = next((value for name, value in record.headers if name == row_record.COLUMNS), None)
    read = row_record.read(texts, columns, record.value)
    profile = profiles.get(read.profile)
    if profile is None or profile.said.partner != feed.partner:
        message = f"{quoted(feed.partner)} has no profile {quoted(read.profile)}"
        raise Refusal(Reason.UNKNOWN_PROFILE, message, f"line {read.row.line}")
    mapped = tabular.events(read.row, profile)
    if read.event is not None:
        mapped = [one for one in mapped if one.name == read.event]
        if not mapped:
            message = f"The row gives no event {quoted(read.event)}"
            raise Refusal(Reason.NO_EVENT, message, f"line {read.row.line}")
    try:
        return [admit(one.event, feed, now) for one in mapped]
    except Refusal as refusal:
        place = f"line {read.row.line}, {refusal.place}"
        raise Refusal(refusal.reason, refusal.message, place) from None
