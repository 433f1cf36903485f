"""One reading of the file: its entries one by one, so that each can tell its own problem, and the names in it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from alerting.configuration.notation import NotationError, name
from alerting.configuration.owners import OWNER
from risk_rules.documents import Document, DocumentError, Problem, Steps, did_you_mean

T = TypeVar("T")

LEAVES: Final = ("people", "receivers")
TARGETS: Final = (*LEAVES, "teams", "rotas")
SINGULAR: Final = {
    "people": "person", "receivers": "receiver", "teams": "team", "rotas": "rota", "policies": "policy",
    "contacts": "contact",
}  # fmt: skip


class Reading:
    """Collects what is wrong (`problems`) and what is hardly meant (`warnings`)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.used: set[tuple[str, str]] = set()
        """Names that something in the file speaks of, by section."""

    def entry(self, path: Steps, shape: type[T]) -> T | None:
        """The entry at a path; None when it is wrong, which is noted."""
        try:
            return self.document.convert(shape, path)
        except DocumentError as error:
            self.problems += error.problems
            return None

    def entries(self, section: str, shape: type[T]) -> dict[str, T]:
        """The entries of a section that has names, but for those that are wrong."""
        found: dict[str, T] = {}
        for key in self.names(section):
            self.take(name, key, (section, key), key, of_key=True)
            if (entry := self.entry((section, key), shape)) is not None:
                found[key] = entry
        return found

    def listed(self, section: str, shape: type[T]) -> dict[int, T]:
        """The entries of a section that is a list, by their places in it."""
        items: Any = self.document.value.get(section)
        count = len(cast("list[Any]", items)) if isinstance(items, list) else 0
        entries = {number: self.entry((section, number), shape) for number in range(count)}
        return {number: entry for number, entry in entries.items() if entry is not None}

    def names(self, section: str) -> tuple[str, ...]:
        """The names in a section, also of entries that are wrong."""
        entries: Any = self.document.value.get(section)
        return tuple(cast("dict[str, Any]", entries)) if isinstance(entries, dict) else ()

    def known(self, sections: Iterable[str]) -> dict[str, str]:
        """All names of these sections, each with its section."""
        return {one: section for section in sections for one in self.names(section)}

    def take(self, parse: Callable[[str], T], text: str, path: Steps, default: T, *, of_key: bool = False) -> T:
        """What a text means; `default` when it means nothing, which is noted."""
        try:
            return parse(text)
        except NotationError as error:
            self.say(path, str(error), error.hint, of_key=of_key)
            return default

    def each(self, names: str | tuple[str, ...] | None, path: Steps) -> list[tuple[Steps, str]]:
        """Names that may be one or several, each with its path."""
        if names is None or isinstance(names, str):
            return [] if names is None else [(path, names)]
        return [((*path, number), one) for number, one in enumerate(names)]

    def refer(
        self,
        names: str | tuple[str, ...] | None,
        path: Steps,
        sections: tuple[str, ...] = TARGETS,
        *,
        owner: bool = False,
    ) -> tuple[str, ...]:
        """Names that must be those of entries; what is none is noted. `owner`: whether that word is one, too."""
        known = self.known(sections)
        for place, one in self.each(names, path):
            if one in known:
                self.used.add((known[one], one))
            elif not (owner and one == OWNER):
                self._unknown(place, one, sections, [*known, *([OWNER] if owner else [])])
        return tuple(dict.fromkeys(one for _, one in self.each(names, path)))

    def say(self, path: Steps, message: str, hint: str = "", *, of_key: bool = False) -> None:
        """Note a problem with what stands at a path."""
        self.problems.append(self.document.problem(path, message, hint, of_key=of_key))

    def warn(self, path: Steps, message: str, hint: str = "", *, of_key: bool = False) -> None:
        """Note what is hardly meant."""
        self.warnings.append(self.document.problem(path, message, hint, of_key=of_key))

    def _unknown(self, path: Steps, one: str, sections: tuple[str, ...], known: list[str]) -> None:
        elsewhere = self.known(SINGULAR).get(one)
        if elsewhere is not None:
            wanted = " or a ".join(SINGULAR[section] for section in sections)
            self.say(path, f"{one} is a {SINGULAR[elsewhere]}", f"name a {wanted}")
            return
        hint = did_you_mean(one, known) or (f"known are {', '.join(known[:12])}" if known else "")
        self.say(path, f"unknown {SINGULAR[sections[-1]] if len(sections) == 1 else 'name'} {one}", hint)


def as_mapping(value: object) -> Mapping[str, Any]:
    """A mapping of the file, or an empty one in the place of something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
