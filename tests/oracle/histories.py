"""Histories of a site, and the ways in which the broker may bring them: in any order, again, cut into any batches."""

from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.sayings import OF_CARRIERS, OF_PRODUCTION, OF_QUALITY, OF_STORES
from tests.oracle.stream import MONDAY, Json, canonical

LONGEST = 30
"""Events of a history; fewer than a journal remembers, so that order cannot matter."""

_sayings = st.one_of(*(st.one_of(*family) for family in (OF_STORES, OF_CARRIERS, OF_PRODUCTION, OF_QUALITY)))
_topics = st.sampled_from(("all", "stores", "production"))


@st.composite
def histories(draw: Any) -> list[Json]:
    """Some events of one site, from two systems; each system numbers its reports always, never or now and then."""
    topic = draw(_topics)
    one_of = {"all": _sayings, "stores": st.one_of(*OF_STORES), "production": st.one_of(*OF_PRODUCTION, *OF_QUALITY)}
    told = draw(st.lists(one_of[topic], min_size=1, max_size=LONGEST))
    numbering = {source: draw(st.sampled_from(("always", "never", "sometimes"))) for source in ("erp", "mes")}
    one_source = draw(st.booleans())
    events: list[Json] = []
    for number, (event_type, data) in enumerate(told):
        source = "erp" if one_source else draw(st.sampled_from(("erp", "mes")))
        numbered = numbering[source] == "always" or (numbering[source] == "sometimes" and draw(st.booleans()))
        happened = MONDAY + timedelta(hours=draw(st.integers(-40, 40)))
        written = None if draw(st.booleans()) else happened + timedelta(hours=draw(st.integers(0, 30)))
        events.append(
            canonical(
                event_type, str(number), data, happened, source=source,
                sequence=str(draw(st.integers(0, 40))) if numbered else None,
                recordedtime=None if written is None else written.isoformat(),
                corrects=draw(_ids(len(told))) if draw(st.integers(0, 5)) == 0 else None,
            )
        )  # fmt: skip
    withdrawn = draw(st.lists(st.tuples(st.sampled_from(("erp", "mes")), _ids(len(told) + 3)), max_size=4))
    for number, (source, named) in enumerate(withdrawn, start=len(told)):
        events.append(canonical("cdmo.event.withdrawn", str(number), {"event_id": named}, source=source))
    return events


def _ids(count: int) -> st.SearchStrategy[str]:
    """The id of some event of a history, or of none."""
    return st.integers(0, count).map(str)


class Delivery(NamedTuple):
    """Batches as they come in; after those in `restarts` another worker takes over."""

    batches: list[list[Json]]
    restarts: frozenset[int]


@st.composite
def deliveries(draw: Any, history: list[Json]) -> Delivery:
    """All events of a history, some of them again, in some order, cut into batches."""
    again = draw(st.lists(st.sampled_from(history), max_size=6))
    events = draw(st.permutations([*history, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(events)), max_size=5)))
    edges = [0, *cuts, len(events)]
    batches = [events[start:end] for start, end in pairwise(edges) if end > start]
    restarts = draw(st.sets(st.integers(0, len(batches) - 1)))
    return Delivery(batches, frozenset(restarts))
