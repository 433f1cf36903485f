"""Small changes to EPCIS documents, and what GS1's own JSON schema says to each.

`python -m tests.oracle.epcis_changes SCHEMA` writes a schema's verdicts beside the documents, for tests to hold ours against.
"""

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

HERE = Path(__file__).parents[1] / "unit" / "intake" / "epcis"
DOCUMENTS = sorted((HERE / "documents").glob("*.json"))
VERDICTS = HERE / "verdicts.json"

INSTEAD: tuple[Any, ...] = (
    None, True, 7, -0.5, "", "two words", "urn:acme:x", "https://id.gs1.org/01/09521141012345", "2026-02-30T08:00:00Z",
    "2026-01-31T08:00:00Z", "2026-01-31", "shipping", "in_transit", "KGM", "+14:30", "1.0", [], {}, ["a b"], [{}],
)  # fmt: skip


def changes(document: Any) -> Iterator[tuple[str, Any]]:
    """Each change with its place: a value left out, another in its stead, or a name more; the same in each run."""
    yield "$", document
    for path in list(_paths(document)):
        for what, value in _at(document, path):
            yield f"{_shown(path)} {what}", value


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from _paths(inner, (*path, step))


def _at(document: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
    yield "left out", _changed(document, path, lambda within, step: within.__delitem__(step))
    for value in INSTEAD:
        put = copy.deepcopy(value)
        yield f"= {value!r}", _changed(document, path, lambda within, step, put=put: within.__setitem__(step, put))
    inner = _inner(document, path)
    if isinstance(inner, dict):
        for name in ("more", "acme:more"):
            add = lambda within, step, name=name: within[step].__setitem__(name, "said")  # noqa: E731
            yield f"with {name}", _changed(document, path, add)
    if isinstance(inner, list) and inner:
        again = lambda within, step: within[step].append(copy.deepcopy(within[step][0]))  # noqa: E731
        yield "with its first again", _changed(document, path, again)


def _changed(document: Any, path: tuple[str | int, ...], change: Any) -> Any:
    changed = copy.deepcopy(document)
    change(_inner(changed, path[:-1]), path[-1])
    return changed


def _inner(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def _shown(path: tuple[str | int, ...]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def main() -> None:
    """Version 2.0.1 of the standard lets a sensor report name its `bizRules`; version 2.0.0 of the schema forgot it."""
    schema = json.loads(Path(sys.argv[1]).read_text())
    report = schema["definitions"]["sensorReport"]
    report["properties"].setdefault("bizRules", {"$ref": "#/definitions/uri"})
    names = report["propertyNames"]["anyOf"][1]["enum"]
    names += [] if "bizRules" in names else ["bizRules"]
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    verdicts = {
        path.stem: "".join(str(int(validator.is_valid(one))) for _, one in changes(json.loads(path.read_text())))
        for path in DOCUMENTS
    }
    VERDICTS.write_text(json.dumps(verdicts, indent=1) + "\n")


if __name__ == "__main__":
    main()
