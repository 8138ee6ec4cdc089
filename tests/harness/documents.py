"""The JSON documents that the program prints, held against their published schemas.

By the validator that schemathesis brings along: every document of every test passes
here, and the one in Python takes a tenth of the time of a call.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry, meta


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
        documents.append(document)
        left = left[end:].strip()
    return documents
