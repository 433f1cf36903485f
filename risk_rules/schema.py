"""The JSON Schema of a rulebook's file, made from the structs that read it; editors check and complete YAML by it."""

import msgspec

from risk_rules.catalogue import FEATURES
from risk_rules.rule_text import RulebookText


def rulebook_schema() -> dict[str, object]:
    """JSON Schema 2020-12. It knows the shape; whether expressions and names fit together only `rules check` can tell."""
    (schema,), definitions = msgspec.json.schema_components([RulebookText], ref_template="#/$defs/{name}")
    definitions["RuleText"]["properties"]["subject"]["enum"] = list(FEATURES)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rulebook of Bellwether",
        **schema,
        "$defs": definitions,
    }
