"""A partner's profile: how its records are read, checked before the first one comes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, cast

import msgspec

from alerting.configuration.notation import NotationError, duration
from risk_rules.documents import Document
from risk_rules.problems import DocumentError, Problem, did_you_mean
from streams.intake.draft import Codes
from streams.intake.feed_file import Fault, FeedFile, header_faults, within, zone_faults
from streams.intake.formats import FORMATS, Format, Reader
from streams.intake.profile_file import Limits, ProfileFile

SHIPPED = Path(__file__).parent / "profiles"
NETWORKS = Path(__file__).parent / "networks"


class PartnerFeed(NamedTuple):
    """A feed, ready to read. `said` has its zone; `version`: a hash of all that changes what its records become."""

    partner: str
    name: str
    said: FeedFile
    format: Format
    read: Reader
    version: str

    @property
    def mapping(self) -> str:
        """What stands in canonical records and dead letters, so that one knows what read them."""
        return f"{self.partner}/{self.name}@{self.version}"


class Profile(NamedTuple):
    """A checked profile. `expected`: how old the newest word of a family may become; `feeds` by name; `file`: its own."""

    said: ProfileFile
    expected: Mapping[str, timedelta]
    feeds: Mapping[str, PartnerFeed]
    file: str

    @property
    def partner(self) -> str:
        """Whose it is."""
        return self.said.partner

    @property
    def limits(self) -> Limits:
        """When the intake of the partner stops."""
        return self.said.limits

    def feeds_for(self, media_type: str) -> list[PartnerFeed]:
        """The feeds whose format takes records of a media type (in lower case)."""
        return [feed for feed in self.feeds.values() if media_type in feed.format.media_types]


def load(path: Path) -> Profile:
    """The profile in a file. Raises `DocumentError` with the line and column of all that is wrong."""
    return from_document(Document.load(path))


def files_in(folders: Sequence[Path] = ()) -> list[Path]:
    """The files of all profiles: of those that ship, and of `folders`, which may replace them."""
    return [path for folder in (SHIPPED, *folders) for path in sorted(folder.glob("*.yaml"))]


def load_all(folders: Sequence[Path] = ()) -> dict[str, Profile]:
    """All profiles by partner. Raises `DocumentError` with all that is wrong in any of them."""
    profiles: dict[str, Profile] = {}
    problems: list[Problem] = []
    for path in files_in(folders):
        try:
            profile = load(path)
        except DocumentError as error:
            problems.extend(error.problems)
        else:
            problems.extend(second_file(profiles, profile, path))
            profiles[profile.partner] = profile
    if problems:
        raise DocumentError(problems)
    return profiles


def second_file(known: Mapping[str, Profile], profile: Profile, path: Path) -> Iterator[Problem]:
    """The problem with a second file of one partner in a folder; one that replaces a profile that ships is none."""
    first = known.get(profile.partner)
    if first is not None and Path(first.file).parent == path.parent:
        message = f"{profile.partner} has a profile already, in {Path(first.file).name}"
        yield Problem(str(path), 1, 1, message, "keep one file a partner")


def network_of(partner: str) -> Path | None:
    """The network file that ships with a profile: the partner's sites, for a replay without a network of one's own."""
    path = NETWORKS / f"{partner}.yaml"
    return path if path.is_file() else None


def from_document(document: Document) -> Profile:
    """The profile that a document holds. Raises `DocumentError`."""
    if not isinstance(document.value, dict):
        raise DocumentError([document.problem((), "is no profile", "it needs at least partner and feeds")])
    said = document.convert(ProfileFile)
    problems = [_problem(document, fault) for fault in _faults(said)]
    feeds: dict[str, FeedFile] = {}
    for name in said.feeds:
        try:
            feeds[name] = _feed_file(document, name)
        except DocumentError as error:
            problems.extend(error.problems)
        else:
            form = FORMATS[_tag(feeds[name])]
            found = [*header_faults(feeds[name]), *form.faults(feeds[name], said)]
            problems.extend(_problem(document, fault) for fault in within(("feeds", name), found))
    if problems:
        raise DocumentError(problems)
    expected = {
        family: duration(text) for family, text in msgspec.structs.asdict(said.expected).items() if text is not None
    }
    return Profile(said, expected, {name: _ready(said, name, feed) for name, feed in feeds.items()}, document.file)


def _feed_file(document: Document, name: str) -> FeedFile:
    path = ("feeds", name)
    found: object = document.at(path)
    if not isinstance(found, dict):
        raise DocumentError([document.problem(path, "is no feed", "it needs at least format and source")])
    word = cast("dict[str, object]", found).get("format")
    if word is None:
        raise DocumentError([document.problem(path, "has no format", f"one of {', '.join(FORMATS)}")])
    if not isinstance(word, str) or word not in FORMATS:
        hint = did_you_mean(str(word), FORMATS) or f"one of {', '.join(FORMATS)}"
        raise DocumentError([document.problem((*path, "format"), f"there is no format {word}", hint)])
    return document.convert(FORMATS[word].said, path)


def _tag(feed: FeedFile) -> str:
    return str(feed.__struct_config__.tag)


def _ready(said: ProfileFile, name: str, feed: FeedFile) -> PartnerFeed:
    placed = msgspec.structs.replace(feed, zone=feed.zone or said.zone)
    form = FORMATS[_tag(feed)]
    codes = Codes(said.tables, said.units)
    meant = msgspec.json.encode([placed, said.tables, said.units], order="deterministic")
    version = hashlib.sha256(meant).hexdigest()[:12]
    return PartnerFeed(said.partner, name, placed, form, form.reader(placed, codes), version)


def _faults(said: ProfileFile) -> Iterator[Fault]:
    yield from zone_faults(said.zone)
    if not (said.feeds or said.webhook.secrets):  # CloudEvents need no feed
        yield Fault(("feeds",), "has no feed: nothing of the partner could be read", "add one")
    for family, text in msgspec.structs.asdict(said.expected).items():
        try:
            duration(text or "1d")
        except NotationError as fault:
            yield Fault(("expected", family), str(fault), fault.hint)
    for name in said.feeds:
        if not name or not all(character.isalnum() or character in "_-" for character in name) or not name.isascii():
            yield Fault(("feeds", name), f"{name} is no name of a feed", "use letters, digits, - and _")


def _problem(document: Document, fault: Fault) -> Problem:
    if fault.offset is not None:
        return document.problem_in_text(fault.path, fault.offset, fault.message, fault.hint)
    return document.problem(fault.path, fault.message, fault.hint)
