import msgspec

from streams.ledger.entity import Entity, pack, unpack
from streams.ledger.fact import Fact
from streams.ledger.journal import Journal


def a_report(number: int) -> Fact:
    return Fact(recorded=number, sequence=-1, identity=number, source="erp", id=str(number), set={"hours": number})


def again(entity: Entity) -> Entity:
    other = Entity(entity.kind, entity.key, entity.partner, entity.site, Journal())
    unpack(other, pack(entity))
    return other


def test_a_line_first_known_by_its_batches_keeps_the_capacity_reported_later():
    line = Entity("line", "BSL/S1", "acme", "BSL", Journal(), tallies={"2026-W02": 40})
    pack(line)
    line.journal.enter(a_report(1))
    line.journal.enter(a_report(2))
    assert again(line).state == {"hours": 2}
    assert msgspec.structs.asdict(again(line).journal)["facts"] == line.journal.facts
