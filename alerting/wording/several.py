"""One message about several alerts: a group of one cause, a digest, or what waited for the end of quiet hours."""

from collections.abc import Sequence
from typing import Final, Literal

from alerting.wording.facts import Facts
from alerting.wording.plain import FIELD_LENGTH, TITLE_LENGTH, plain, short
from alerting.wording.reader import Reader
from alerting.wording.single import Message, severity_word, thing_at_site, words
from risk_rules.findings import Severity

Why = Literal["group", "digest", "quiet", "limit"]
ALERTS_SHOWN: Final = 12
LINE_LENGTH: Final = 160
FEW: Final = 3


def several(open_ones: Sequence[Facts], over: Sequence[Facts], why: Why, reader: Reader) -> Message:
    """The worst first, and how many more there are. `over`: what the reader had heard of and that has ended meanwhile."""
    phrases = reader.phrases
    ranked = sorted(open_ones, key=lambda one: (-one.severity, -one.score, one.id))
    lines = [
        phrases.several_line.format(
            severity=severity_word(one.severity, reader), name=thing_at_site(one, reader), summary=plain(one.summary)
        )
        for one in ranked
    ]
    lines += [phrases.over_line.format(name=thing_at_site(one, reader), summary=plain(one.summary)) for one in over]
    shown = [short(line, LINE_LENGTH) for line in lines[:ALERTS_SHOWN]]
    if len(lines) > ALERTS_SHOWN:
        shown.append(phrases.more.format(count=reader.number(len(lines) - ALERTS_SHOWN)))
    return Message(short(_title(ranked, over, why, reader), TITLE_LENGTH), "\n".join(shown))


def _title(ranked: Sequence[Facts], over: Sequence[Facts], why: Why, reader: Reader) -> str:
    phrases, count = reader.phrases, reader.number(len(ranked) + len(over))
    if why == "digest":
        return phrases.digest_title.format(count=count)
    if why == "quiet":
        return phrases.quiet_title.format(count=count)
    worst = max((one.severity for one in ranked), default=Severity.WATCH)
    severity = severity_word(worst, reader) if ranked else phrases.resolved
    return phrases.several_title.format(severity=severity, count=count, what=_what([*ranked, *over], reader))


def _what(alerts: Sequence[Facts], reader: Reader) -> str:
    """What they have in common: kind, product and site, as far as there are few of them."""
    kinds = {words(one.kind) for one in alerts}
    products = {plain(one.product) for one in alerts if one.product}
    sites = {plain(one.site) for one in alerts}
    few = [", ".join(sorted(values)) for values in (kinds, products, sites) if 0 < len(values) <= FEW]
    return short(" · ".join(few), FIELD_LENGTH)
