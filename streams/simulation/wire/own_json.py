"""A partner's own JSON, in Italian: counts, movements of stock, how batches go on. A message tells of what belongs together."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from random import Random
from typing import Any, Final, cast

import msgspec

from streams.intake.profile import Profile
from streams.simulation.deliveries import Delivery, Posted
from streams.simulation.envelope import Notice
from streams.simulation.journal import Told
from streams.simulation.wire.form import theirs, told_of

COUNTS, MOVES, BATCHES = "giacenze", "movimenti", "produzione"
"""The feeds of the profile."""

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "cdmo.raw_material.stock_reported": (COUNTS, ""),
    "cdmo.raw_material.consumed": (MOVES, "prelievo"),
    "cdmo.raw_material.received": (MOVES, "entrata"),
    "cdmo.raw_material.status_changed": (MOVES, "stato"),
    "cdmo.batch.started": (BATCHES, "avvio"),
    "cdmo.batch.step_completed": (BATCHES, "fase"),
    "cdmo.batch.completed": (BATCHES, "chiusura"),
    "cdmo.batch.qc_result": (BATCHES, "analisi"),
    "cdmo.batch.dispositioned": (BATCHES, "decisione"),
}
"""By type of event: the feed, and the word for it there."""

_NAMES: Final[Mapping[str, str]] = {
    "material_code": "articolo", "internal_lot": "lotto", "qty_on_hand": "quantita", "qty": "quantita", "uom": "um",
    "status": "stato", "expiry_date": "scadenza", "batch_id": "ordine_di_produzione", "order_no": "bolla",
    "shipment_id": "spedizione", "po_no": "ordine", "supplier": "fornitore", "supplier_lot": "lotto_fornitore",
    "reason": "motivo",
}  # fmt: skip
_BATCH_NAMES: Final[Mapping[str, str]] = {
    "batch_id": "commessa", "actual_start": "inizio", "line": "linea", "input_lots": "impieghi",
    "material_code": "articolo", "lot": "lotto", "qty": "quantita", "uom": "um", "step": "fase", "step_no": "numero",
    "steps": "di", "actual_finish": "fine", "yield_actual": "resa", "output_lot": "lotto_prodotto", "expiry": "scadenza",
    "test": "prova", "result": "esito", "final": "ultima", "qa_disposition": "stato", "disposition_date": "deciso",
    "decided_by": "chi", "reason": "motivo",
}  # fmt: skip
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "stato": {"released": "libero", "quarantine": "quarantena", "rejected": "respinto"},
    "esito": {"pass": "conforme", "fail": "fuori specifica"},
    "chi": {"cdmo": "terzista", "sponsor": "committente"},
    "um": {"KGM": "kg", "C62": "pz", "EA": "conf", "LTR": "l", "GRM": "g", "MLT": "ml"},
}


class OwnJson:
    """The messages of one site, by webhook."""

    is_final = False

    def __init__(self, partner: str, site: str, profile: Profile) -> None:
        self._partner = partner
        self._gln = theirs(profile, "sites")[site]

    def key(self, told: Told) -> Hashable:
        """A message tells of the counts, the movements or the production of a day."""
        known = _KINDS.get(told.type)
        return known and (known[0], told.at.date())

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`. A correction repeats the one event that it corrects."""
        said = self._message(name, notice, written)
        return f"{name}/1", self._posted(name, notice, msgspec.json.encode(said))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: a word that nobody knows, a message cut off, one without its site, a wrong signature."""
        said = self._message(name, notice, written)
        fault = luck.randrange(4)
        if fault == 0:
            said["voci"][-1] |= {"um": "quintale", "stato": "boh", "causale": "boh", "fatto": "boh"}
        elif fault == 1:
            del said["gln"]
        value = msgspec.json.encode(said)
        return self._posted(name, notice, value[:-17] if fault == 2 else value, is_signed=fault != 3)

    def _message(self, name: str, notice: Notice, written: datetime) -> dict[str, Any]:
        said: dict[str, Any] = {"messaggio": name, "gln": self._gln, "scritto": written}
        if notice.corrects is not None:
            said["rettifica"] = notice.corrects
        told = told_of(notice)[:1] if notice.corrects is not None else told_of(notice)
        return said | {"voci": [_item(number, one) for number, one in enumerate(told, 1)]}

    def _posted(self, name: str, notice: Notice, body: bytes, *, is_signed: bool = True) -> Posted:
        return Posted(self._partner, name, f"application/json; feed={_KINDS[notice.type][0]}", body, is_signed)


def _item(number: int, told: Told) -> dict[str, Any]:
    feed, word = _KINDS[told.type]
    said: dict[str, Any] = {"riga": number, "avvenuto": told.at}
    if word:
        said["fatto" if feed == BATCHES else "causale"] = word
    return said | _translated(told.data, _BATCH_NAMES if feed == BATCHES else _NAMES)


def _translated(data: Mapping[str, object], names: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in data.items():
        word = names[name]
        said[word] = _value(word, value, names)
    return said


def _value(word: str, value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_translated(one, names) for one in cast("list[Mapping[str, object]]", value)]
    if word in _WORDS:
        return _WORDS[word][value]
    return value
