"""The formats that a partner's feed may have, and what each brings: one place where they are joined."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from streams.intake import cloudevents_feed, csv_table, edifact, epcis, feed_record, json_map, ubl, x12, xlsx
from streams.intake.draft import Codes, Draft
from streams.intake.feed_file import Fault, FeedFile, Words, no_faults
from streams.intake.feed_record import FeedRecord

Reader = Callable[[bytes, Mapping[str, str]], list[Draft]]
"""From the value of a record and its headers to its events. Raises `Refusal`, and nothing else."""


class Format(NamedTuple):
    """A format by the struct that its feeds are written as; the tag of the struct is its name.

    `reader` makes what reads a feed's records, `faults` tells what is wrong with what a feed says, and `records` cuts a
    dropped file into records: `records(content, feed as said, feed=name, file=name)`.
    """

    said: type[FeedFile]
    media_types: tuple[str, ...]
    reader: Callable[[Any, Codes], Reader]
    records: Callable[..., Iterable[FeedRecord]]
    faults: Callable[[Any, Words], Iterable[Fault]] = no_faults

    @property
    def name(self) -> str:
        """The word that stands as `format` in a profile."""
        return str(self.said.__struct_config__.tag)


def _whole(media_type: str) -> Callable[..., Iterable[FeedRecord]]:
    """A file of this format is one record."""

    def records(content: bytes, said: FeedFile, *, feed: str, file: str) -> list[FeedRecord]:
        return [feed_record.whole(content, feed=feed, media_type=media_type, file=file)]

    return records


def _plain(
    said: type[FeedFile],
    media_types: tuple[str, ...],
    read: Callable[..., list[Draft]],
    faults: Callable[[Any, Words], Iterable[Fault]] = no_faults,
) -> Format:
    """A format without anything to make ready: `read(value, feed, codes, texts)`."""

    def reader(feed: Any, codes: Codes) -> Reader:
        return lambda value, texts: read(value, feed, codes, texts)

    return Format(said, media_types, reader, _whole(media_types[0]), faults)


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        _plain(cloudevents_feed.CloudEventsFeed, cloudevents_feed.MEDIA_TYPES, cloudevents_feed.read)._replace(
            records=cloudevents_feed.records
        ),
        _plain(epcis.EpcisFeed, epcis.MEDIA_TYPES, epcis.read),
        _plain(edifact.EdifactFeed, edifact.MEDIA_TYPES, edifact.read, edifact.faults),
        _plain(x12.X12Feed, x12.MEDIA_TYPES, x12.read),
        _plain(ubl.UblFeed, ubl.MEDIA_TYPES, ubl.read),
        Format(xlsx.XlsxFeed, xlsx.MEDIA_TYPES, xlsx.XlsxReader, xlsx.records, xlsx.faults),
        Format(csv_table.CsvFeed, csv_table.MEDIA_TYPES, csv_table.CsvReader, csv_table.records, csv_table.faults),
        Format(
            json_map.JsonFeed,
            json_map.MEDIA_TYPES,
            json_map.MapReader,
            _whole(json_map.MEDIA_TYPES[0]),
            json_map.faults,
        ),
    )
}
"""By the word that stands as `format` in a profile."""

MEDIA_TYPES = frozenset(media_type for one in FORMATS.values() for media_type in one.media_types)
"""Of all formats."""
