"""In which formats each of the simulated partners tells, and over which way: a mix as a sponsor meets it."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from streams.network.model import Network
from streams.simulation.days import Calendar
from streams.simulation.deliveries import Delivery, partners_profiles
from streams.simulation.envelope import BAD, Notice, Writer
from streams.simulation.journal import Told
from streams.simulation.wire import shipping
from streams.simulation.wire.cloudevents import CloudEvents
from streams.simulation.wire.csv_counts import CsvCounts
from streams.simulation.wire.edifact import Edifact
from streams.simulation.wire.epcis import Epcis
from streams.simulation.wire.form import Form
from streams.simulation.wire.own_json import OwnJson
from streams.simulation.wire.ubl import Ubl
from streams.simulation.wire.x12 import X12
from streams.simulation.wire.xlsx_hours import XlsxHours

BAD_PAPERS: Final = 0.01
"""The part of papers before which a spoilt one comes. There are fewer of them than of single events."""


DAILY: Final = frozenset(
    {
        "cdmo.batch.capacity_reported",
        "cdmo.batch.step_completed",
        "cdmo.batch.qc_result",
        "cdmo.raw_material.order_placed",
        "cdmo.raw_material.order_confirmed",
    }
)
"""What some partners send in batches of CloudEvents, a day's together."""

PLANS: Final = frozenset({"cdmo.batch.planned", "cdmo.batch.rescheduled", *shipping.COURSE, "cdmo.shipment.received"})

COUNTED: Final = frozenset({"cdmo.raw_material.stock_reported"})


class Speaker:
    """Writes for one site: each event goes into the first of the formats that can tell of it."""

    def __init__(self, calendar: Calendar, site: str, forms: Sequence[Form]) -> None:
        self._calendar = calendar
        self._site = site
        self._forms = forms
        self._written = 0

    def papers(self, told: Sequence[Told]) -> Iterator[tuple[Told, ...]]:
        """What of a day is told of together, in the order in which it began."""
        together: dict[object, list[Told]] = {}
        for one in told:
            place, key = self._place(one)
            together.setdefault((place, key), []).append(one)
        return (tuple(paper) for paper in together.values())

    def write(self, notice: Notice, written: float) -> tuple[str, Delivery]:
        """The id of the notice's event as the intake will know it, and what is sent `written` hours after the start."""
        return self._form(notice).write(self._name(), notice, self._calendar.at(0, written))

    def spoil(self, notice: Notice, written: float, luck: Random) -> Delivery:
        """Something that is not taken."""
        return self._form(notice).spoil(self._name(), notice, self._calendar.at(0, written), luck)

    def is_final(self, notice: Notice) -> bool:
        """Whether it can be neither corrected nor withdrawn."""
        return self._form(notice).is_final

    def bad(self, notice: Notice) -> float:
        """The part of such notices before which something comes that nobody can read."""
        return BAD if self._form(notice) is self._forms[-1] else BAD_PAPERS

    def _form(self, notice: Notice) -> Form:
        return self._forms[self._place(Told(notice.site, notice.type, notice.at, notice.data, ""))[0]]

    def _place(self, told: Told) -> tuple[int, object]:
        keys = ((place, form.key(told)) for place, form in enumerate(self._forms))
        return next((place, key) for place, key in keys if key is not None)

    def _name(self) -> str:
        self._written += 1
        return f"{self._site}-P{self._written:06}"


def mixed(network: Network, calendar: Calendar, site: str) -> Speaker:
    """Each partner in its own formats, by its profile in `streams/simulation/profiles`."""
    partner = network.sites[site].partner
    writer = Writer(network, calendar, site)
    profile = partners_profiles().get(partner)
    match partner:
        case "lumena":
            assert profile is not None
            forms: list[Form] = [
                OwnJson(partner, site, profile),
                Ubl(partner, site, profile),
                CloudEvents(writer, by_webhook=True, in_batches=DAILY | PLANS),
            ]
        case "sterifill":
            assert profile is not None
            zone = network.sites[site].zone
            forms = [Epcis(partner, site, zone, profile), CloudEvents(writer, in_batches=DAILY)]
        case "corvia":
            forms = [X12(partner, site), CloudEvents(writer)]
        case "medlog":
            zone = network.sites[site].zone
            forms = [Edifact(partner, site, zone, shipping.COURSE), CloudEvents(writer, in_batches=COUNTED)]
        case "vistula":
            zone = network.sites[site].zone
            forms = [
                CsvCounts(partner, site, zone),
                XlsxHours(partner, site, zone),
                Edifact(partner, site, zone, shipping.COURSE | {shipping.BOOKED}),
                CloudEvents(writer),
            ]
        case _:
            forms = [CloudEvents(writer)]
    return Speaker(calendar, site, forms)
