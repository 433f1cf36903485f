"""A page for people of what the files of a rulebook say, rule by rule; `docs/rulebooks/` is made of it."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from risk_rules.documents import Document
from risk_rules.rule_text import DefinitionText, ParameterText, RulebookText, RuleText, ScopeText, SpanText

WORD = re.compile(r"[A-Za-z_]\w*")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def page(name: str, document: Document) -> str:
    """The page, in Markdown. Raises `DocumentError` for a file that is no rulebook."""
    text = document.convert(RulebookText)
    lines = [
        f"# The rulebook `{name}`",
        "",
        f"Made from `risk_rules/rulebooks/{name}.yaml`; after a change there run `make docs`. How such a file is written:",
        "[rulebooks.md](../rulebooks.md).",
        "",
        *_preface(document.text),
        "",
        "| rule | subject | kind of alert | owner |",
        "|---|---|---|---|",
        *(f"| [{rule.id}](#{rule.id}) | {rule.subject} | `{rule.kind}` | {rule.owner or ''} |" for rule in text.rules),
    ]
    for rule in text.rules:
        lines += ["", *_rule(rule, text)]
    lines += ["", "## All parameters", "", *_parameters(text.parameters)]
    return "\n".join(lines) + "\n"


def _preface(text: str) -> list[str]:
    """The comment at the head of the file."""
    head: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    return head


def _rule(rule: RuleText, book: RulebookText) -> list[str]:
    formulas = list(_formulas(rule))
    definitions = _used(formulas, book.define)
    inner = [*formulas, *(str(one.formula) for one in definitions.values())]
    parameters = {name: one for name, one in book.parameters.items() if name in _words(inner)}
    lines = [f"## {rule.id}", "", f"> {rule.summary.strip()}", ""]
    if rule.advice:
        lines += [f"Advice: {rule.advice.strip()}", ""]
    lines += [f"- {name}: {said}" for name, said in _said(rule)]
    if definitions:
        lines += ["", "Where", ""]
        lines += [f"- `{name}` is `{one.formula}`: {_small(one.meaning)}" for name, one in definitions.items()]
    if parameters:
        lines += ["", *_parameters(parameters)]
    return lines


def _said(rule: RuleText) -> Iterable[tuple[str, str]]:
    """All that a rule says but its texts, in the order in which one asks."""
    yield "subject", rule.subject
    yield "kind of alert", f"`{rule.kind}`"
    yield "owner", rule.owner or "nobody"
    if rule.applies != ScopeText():
        yield "applies to", _fields(rule.applies)
    if rule.when is not None:
        yield "when", f"`{rule.when}`"
    for name in ("absence", "sequence", "count_within", "trend"):
        if (structure := getattr(rule, name)) is not None:
            yield name.replace("_", " "), _fields(structure)
    if rule.wait is not None:
        yield "for", _span(rule.wait) + (f", until then at most {rule.meanwhile}" if rule.meanwhile else "")
    if rule.exit is not None:
        yield "stays until", f"`{rule.exit}`"
    if rule.dwell is not None:
        yield "stays at least", _span(rule.dwell)
    yield "severity", "none, a score alone" if rule.severity is None else f"`{rule.severity}`"
    yield from _scored(rule)
    if rule.impact_on is not None:
        yield "day of impact", f"`{rule.impact_on}`"
    if rule.quantity is not None:
        yield "quantity", f"`{rule.quantity}` {rule.unit}".rstrip()
    if rule.tags:
        yield "tags", ", ".join(rule.tags)


def _scored(rule: RuleText) -> Iterable[tuple[str, str]]:
    if rule.score is not None:
        yield "score", f"`{rule.score}`"
    else:
        yield "likelihood", f"`{rule.likelihood}`"
        yield "impact", f"`{rule.impact}`; the score is 100 × likelihood × impact"
    if rule.factors:
        factors = (f"`{one.of}` ({_none(one.reference)})" for one in rule.factors)
        yield "factors (and their value where nothing is wrong)", ", ".join(factors)


def _formulas(rule: RuleText) -> Iterable[str]:
    """Every text of a rule in which a parameter or a definition may stand."""
    spans = [span for span in (rule.wait, rule.dwell) if span is not None]
    structures = [one for one in (rule.absence, rule.sequence, rule.count_within, rule.trend) if one is not None]
    plain = (
        rule.when,
        rule.exit,
        rule.severity,
        rule.score,
        rule.likelihood,
        rule.impact,
        rule.impact_on,
        rule.quantity,
    )
    yield from (str(one) for one in plain if one is not None)
    yield from (str(one.reference) for one in rule.factors)
    yield from (msgspec.json.encode(one).decode().replace('"', " ") for one in (*spans, *structures))
    yield from re.findall(r"\{([^{}]*)\}", rule.summary + rule.advice)


def _used(formulas: Sequence[str], define: Mapping[str, DefinitionText]) -> dict[str, DefinitionText]:
    """The definitions that the formulas use, and those that these use, in the order of the file."""
    words = _words(formulas)
    for name in reversed(list(define)):
        if name in words:
            words |= _words([str(define[name].formula)])
    return {name: one for name, one in define.items() if name in words}


def _words(formulas: Iterable[str]) -> set[str]:
    return {word for formula in formulas for word in WORD.findall(QUOTED.sub("", formula))}


def _parameters(parameters: Mapping[str, ParameterText]) -> list[str]:
    return [
        "| parameter | value | meaning |",
        "|---|---|---|",
        *(
            f"| `{name}` | {f'{one.value} {one.unit}'.rstrip()} | {one.meaning.strip()} |"
            for name, one in parameters.items()
        ),
    ]


def _span(span: SpanText) -> str:
    amount, unit = next((value, name) for name, value in msgspec.structs.asdict(span).items() if value is not None)
    if unit == "evaluations":
        return f"`{amount}` evaluations in a row"
    return f"`{amount}` {unit.replace('_', ' ')}"


def _fields(struct: msgspec.Struct) -> str:
    said = [(name, value) for name, value in msgspec.structs.asdict(struct).items() if value is not None]
    return ", ".join(
        f"{name} {_span(value) if isinstance(value, SpanText) else f'`{_listed(value)}`'}" for name, value in said
    )


def _listed(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _none(reference: object) -> str:
    return "none" if reference is None else f"`{reference}`"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
