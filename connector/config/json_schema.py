"""The JSON Schema of connector.toml, for editors that complete and check.

It is made from the sections themselves. What a pair lacks, [defaults] may say: so the
schema asks a pair for its name alone. An included file is one with [[pairs]] only, and
the same schema fits it.
"""

from typing import Any

from connector.config.merge import NOT_FOR_ALL
from connector.config.schema import File

Schema = dict[str, Any]
NAME = "connector.schema.json"
"""The file that stands beside connector.toml, and that its first line names."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """Return the schema of the whole file."""
    made = _plain(File.model_json_schema())
    defs = made.pop("$defs")
    defs["Defaults"] = _for_all(defs["PairSection"])
    for name, section in defs.items():
        if name != "Secret":
            section.pop("required", None)
    defs["PairSection"]["required"] = ["name"]
    properties = {
        "include": made["properties"].pop("include"),
        "defaults": {"$ref": "#/$defs/Defaults"},
        **made["properties"],
    }
    return {
        "$schema": DIALECT,
        "$id": "urn:partnero-tolt:schema:configuration:1",
        "title": "The configuration of partnero-tolt",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": dict(sorted(defs.items())),
    }


def _for_all(pair: Schema) -> Schema:
    properties = pair["properties"]
    return {
        **pair,
        "description": "What all pairs are that say nothing else. Tables merge key by "
        "key, lists and single values are replaced.",
        "properties": {k: v for k, v in properties.items() if k not in NOT_FOR_ALL},
    }


def _plain(part: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a schema without what TOML has no words for (null), and without titles."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _plain(value) for key, value in part.items() if not _idle(key, value)}
    for ours, theirs in (("ge", "minimum"), ("le", "maximum")):
        if ours in kept:  # pydantic's own word, where it was given beside a validator
            kept.setdefault(theirs, kept.pop(ours))
    choices = [one for one in kept.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    elif choices:
        kept["anyOf"] = choices
    return kept


def _idle(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (
        key == "default" and value in (None, "")
    )
