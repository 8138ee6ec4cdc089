"""docs/configuration.md: every key of connector.toml, as the sections themselves say.

Run by `make pages`; a test compares the page.
"""

import json
import sys
from collections.abc import Iterator

from connector.config.json_schema import Schema, json_schema
from connector.config.merge import NOT_FOR_ALL
from connector.config.schema import File

INTRODUCTION = """\
# Every key of connector.toml

This page is made from the sections in `connector/config` by `make pages`; a test
compares it. `partnero-tolt schema` prints the same as a JSON Schema: `init` writes it
beside the configuration and names it in its first line, so that an editor completes and
checks. An unknown key is an error.

Keys to the two products never stand in the file: `api_key` and the other secrets name
an environment variable, `{ env = "NAME" }`, or a file, `{ file = "PATH" }`. Relative
paths are relative to the file in which they stand; only the state's is relative to
where the configuration was named.

**`[defaults]`** takes all that a pair takes but its NOT_FOR_ALL, and is true of every
pair that does not say it itself, of included ones as well. Tables merge key by key; a
list, a single value, a secret and a duration are replaced. **`include`** names more
files, each with `[[pairs]]` and nothing else, by a path or by a pattern with `*` and
`?`; they are read in the order of their names. A path that is missing is an error, a
pattern without files a warning. **`[pairs.notify]`** goes before `[notify]`, key by
key.
"""
MUST = {
    name: frozenset(part.get("required", ()))
    for name, part in File.model_json_schema()["$defs"].items()
}
"""What each section has to say; [defaults] may say it for a pair."""


def reference() -> str:
    """Return the whole page."""
    schema = json_schema()
    properties = schema["properties"]
    plain = {k: v for k, v in properties.items() if k in ("include", "timezone")}
    lines = [INTRODUCTION.replace("NOT_FOR_ALL", " and ".join(map(_code, NOT_FOR_ALL)))]
    lines += ["## Beside all sections\n", *_table({"properties": plain})]
    for name, part in properties.items():
        if name == "pairs":
            lines += _of_pairs(schema)
        elif name not in plain and name != "defaults":
            lines += _of_section(schema, _named(part), f"{name}.")
    return "\n".join(lines)


def _of_pairs(schema: Schema) -> Iterator[str]:
    yield from _of_section(schema, "PairSection")
    for name, part in schema["$defs"]["PairSection"]["properties"].items():
        if name == "notify":
            yield "\n## [pairs.notify]\n"
            yield "What `[notify]` has, for this pair alone."
        elif _named(part).endswith("Section"):
            yield from _of_section(schema, _named(part), f"{name}.")


def _of_section(schema: Schema, name: str, before: str = "") -> Iterator[str]:
    section = schema["$defs"][name]
    title, _, sentence = section["description"].partition(": ")
    yield f"\n## {title}\n"
    yield f"{sentence[0].upper()}{sentence[1:]}\n"
    yield from _table(section, before, MUST[name])


def _table(
    section: Schema, before: str = "", must: frozenset[str] = frozenset()
) -> Iterator[str]:
    yield "| key | is | default | what for |"
    yield "|---|---|---|---|"
    for name, part in section["properties"].items():
        if _named(part).endswith("Section"):
            continue
        default = "has to be said" if name in must else ""
        default = _code(json.dumps(part["default"])) if "default" in part else default
        cells = (_code(before + name), _kind(part), default, part["description"])
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _named(part: Schema) -> str:
    """Return the name of the section, or of the table, that a key is."""
    return str(part.get("$ref", "")).rpartition("/")[2]


def _kind(part: Schema) -> str:
    """Say what a value is: the words that are allowed, or of which kind it is."""
    if "enum" in part:
        return ", ".join(map(_code, part["enum"]))
    if "anyOf" in part:
        return " or ".join(map(_kind, part["anyOf"]))
    if "$ref" in part:
        return "secret" if _named(part) == "Secret" else "table"
    kinds = {
        "string": "date" if part.get("format") == "date" else "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "object": "table",
        "array": "list of texts",
    }
    return kinds[part["type"]] + _bounds(part)


def _bounds(part: Schema) -> str:
    least, most = part.get("minimum"), part.get("maximum")
    if least is None:
        return ""
    named = most is not None and most < 10**9
    return f", {least:g} to {most:g}" if named else f", from {least:g}"


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
