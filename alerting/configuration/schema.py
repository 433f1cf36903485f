"""The JSON Schema of `alerting.yaml`, made from the structs that read it; editors check and complete YAML by it."""

import msgspec

from alerting.configuration.file import AlertingFile


def alerting_schema() -> dict[str, object]:
    """JSON Schema 2020-12. It knows the shape; whether the names fit together only `alerts check` can tell."""
    (schema,), definitions = msgspec.json.schema_components([AlertingFile], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Alerting file of Bellwether",
        **schema,
        "$defs": definitions,
    }
