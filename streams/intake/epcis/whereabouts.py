"""Which of a partner's sites an event is of: what its places and parties are called in the partner's table `sites`.

A place with an empty entry is known and no site of the partner: a supplier's dock, a hub. Without the table all is of the one
site that the partner has.
"""

from collections.abc import Iterable
from typing import Final

from streams.intake.draft import Codes
from streams.intake.epcis.identifiers import identifier
from streams.intake.epcis.schema import Happening, Uri
from streams.intake.refusal import Reason, Refusal, quoted

_BY_WEIGHT: Final = ("location", "possessing_party", "owning_party")


class Whereabouts:
    """Sites by role, None where it is none of the partner's.

    `here`: where it happened; `source`: from where things go; `target`: where they go.
    """

    def __init__(self, event: Happening, codes: Codes, place: str) -> None:
        self._table = codes.tables.get("sites")
        self._place = place
        sources = [(one.type, one.source) for one in event.source_list]
        targets = [(one.type, one.destination) for one in event.destination_list]
        self._named = {
            "here": [one.id for one in (event.biz_location, event.read_point) if one.id],
            "source": [*_ranked(sources), *([event.read_point.id] if event.read_point.id else [])],
            "target": _ranked(targets),
        }
        self.here = self._site("here")
        self.source = self._site("source")
        self.target = self._site("target")

    @property
    def is_open(self) -> bool:
        """Whether the partner has no table of sites."""
        return self._table is None

    def at(self, *roles: str) -> tuple[bool, str | None]:
        """Whether the event is of a site of the partner at all, and its code (None: the only one), the first role first.

        Raises `Refusal` when no place of it is known.
        """
        if self._table is None:
            return True, None
        for role in roles:
            site: str | None = getattr(self, role)
            if site:
                return True, site
        self._check_known()
        return False, None

    def name(self, role: str) -> str | None:
        """The key of the first place in a role: a GLN, or what stands there."""
        return next((identifier(uri).key for uri in self._named[role]), None)

    def _site(self, role: str) -> str | None:
        for uri in self._named[role]:
            entry = self._entry(uri)
            if entry:
                return entry
        return None

    def _entry(self, uri: str) -> str | None:
        table = self._table or {}
        return next((table[one] for one in identifier(uri).spellings if one in table), None)

    def _check_known(self) -> None:
        named = [uri for uris in self._named.values() for uri in uris]
        if any(self._entry(uri) is not None for uri in named):
            return
        shown = ", ".join(quoted(uri) for uri in dict.fromkeys(named)) or "no place at all"
        message = f'No site of the partner: {shown}; put it into the table `sites`, with "" if it is none'
        raise Refusal(Reason.UNKNOWN_CODE, message, self._place)


def _ranked(parties: Iterable[tuple[str, Uri]]) -> list[Uri]:
    """Places before those who hold the goods, before those who own them."""
    known = [(kind, uri) for kind, uri in parties if kind in _BY_WEIGHT]
    return [uri for _, uri in sorted(known, key=lambda one: _BY_WEIGHT.index(one[0]))]
