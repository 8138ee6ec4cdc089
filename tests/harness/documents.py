"""The JSON documents that the program prints, held against their published schemas.

Every document of every test passes here: a validator in Python would take a tenth of
the time of a call.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry, meta

Schema = tuple[dict[str, Any], str]
"""A part of a schema, and the kind of document whose schema it is a part of."""


def _schemas() -> dict[str, dict[str, Any]]:
    folder = files("connector") / "schemas"
    paths = [path for path in folder.iterdir() if path.name.endswith(".schema.json")]
    return {
        path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
        for path in paths
    }


SCHEMAS = _schemas()
_REGISTRY = Registry([(schema["$id"], schema) for schema in SCHEMAS.values()])


@cache
def validator_of(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[kind], registry=_REGISTRY)


def documents_in(text: str) -> list[dict[str, Any]]:
    """Return the JSON documents of an output, each checked against its schema."""
    decoder, left, documents = json.JSONDecoder(), text.strip(), []
    while left:
        document, end = decoder.raw_decode(left)
        if "$schema" in document:  # what is printed is a schema itself
            meta.validate(document)
        else:
            kind = document["format"].removeprefix("partnero-tolt/")
            validator_of(kind).validate(document)
            untold = {*untold_of(document, (SCHEMAS[kind], kind))}
            assert not untold, f"not in the schema of {kind}: {sorted(untold)}"
        documents.append(document)
        left = left[end:].strip()
    return documents


def _referred(reference: str, home: str) -> tuple[dict[str, Any], str]:
    """Return the part of a schema that a $ref in one of them points at, and whose."""
    name, _, pointer = reference.partition("#")
    kind = name.split(":")[-2] if name else home
    part = SCHEMAS[kind]
    for step in pointer.split("/")[1:]:
        part = part[step]
    return part, kind


def untold_of(part: Any, *schemas: Schema, at: str = "") -> Iterator[str]:
    """Yield the members of a document that its schema does not name.

    A reader has to bear members that are not named: the next version may add some. But
    the schemas of a version name all that it prints.
    """
    parts = [one for schema in schemas for one in _parts(*schema)]
    if isinstance(part, list):
        items = [(one["items"], home) for one, home in parts if "items" in one]
        for one in part:
            yield from untold_of(one, *items, at=f"{at}[]")
    elif isinstance(part, dict) and any("properties" in one for one, _ in parts):
        for name, value in part.items():
            inner = [*_named(parts, name)]
            if not inner:
                yield f"{at}.{name}"
            yield from untold_of(value, *inner, at=f"{at}.{name}")
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from untold_of(value, *_named(parts, name), at=f"{at}.{name}")


def _named(parts: list[Schema], name: str) -> Iterator[Schema]:
    for one, home in parts:
        if name in one.get("properties", {}):
            yield one["properties"][name], home
        elif isinstance(one.get("additionalProperties"), dict):
            yield one["additionalProperties"], home


def _parts(schema: dict[str, Any], home: str) -> Iterator[Schema]:
    """Yield a schema, and all those that are said of the same value beside it."""
    yield schema, home
    if "$ref" in schema:
        yield from _parts(*_referred(schema["$ref"], home))
    both = [one for word in ("allOf", "anyOf", "oneOf") for one in schema.get(word, ())]
    both += [schema[word] for word in ("then", "else") if word in schema]
    for one in both:
        yield from _parts(one, home)
