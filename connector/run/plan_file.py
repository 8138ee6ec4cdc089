"""Reading a plan file: what it consents to, of exactly the types that were written."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connector.config.files import Unreadable, read_text
from connector.engine.change import Change
from connector.errors import Misconfigured, Refused
from connector.reports.documents import seal
from connector.reports.typed import command, file
from mappings.masking import masked_values

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
FORMAT = "partnero-tolt/plan"
LARGEST = 256 * 1024 * 1024
"""Bytes; a hundred thousand changes take less than half of it."""


class Edited(Refused):
    """It is a plan of this version, and not as it was made."""


class _Part(BaseModel):
    """A part of a plan file: of exactly these types, whatever else stands beside."""

    model_config = ConfigDict(strict=True, frozen=True)


class SavedField(_Part):
    """What a saved change would write into one field, as people read it."""

    field: str
    new: str | None


class SavedChange(_Part):
    """As much of a saved change as tells what was consented to."""

    id: str
    code: str
    action: str
    target: Literal["partnero", "tolt", "state"]
    status: Literal["ready", "held", "blocked"]
    precondition: dict[str, list[str | None] | None] = {}
    fields: list[SavedField] = []

    def new(self, name: str) -> str | None:
        """Return what the change would write into a field, as people read it."""
        return next((each.new for each in self.fields if each.field == name), None)


class SavedPlan(_Part):
    """What a plan file consents to."""

    format: Literal["partnero-tolt/plan"]
    version: Literal[1]
    pair: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    changes: list[SavedChange]
    config: str
    state: str | None
    created_at: str
    expires_at: str
    undoes: str = ""
    sealed: bool

    @property
    def ready(self) -> frozenset[str]:
        return frozenset(each.id for each in self.changes if each.status == "ready")

    @property
    def waiting(self) -> frozenset[str]:
        """What a yes to all of it names: done, or told why not."""
        return frozenset(each.id for each in self.changes if each.status != "ready")

    @cached_property
    def _shown(self) -> Mapping[str, Mapping[str, list[str | None] | None]]:
        return {each.id: each.precondition for each in self.changes}

    def shows(self, change: Change) -> bool:
        """Say whether a change is still about what both sides showed in this plan.

        The id of one in bulk says so by itself: it is made of all that was seen.
        """
        shown = self._shown
        before = [shown[id_] for id_ in (change.id, *change.parts) if id_ in shown]
        now = masked_values(change.precondition)  # as the file shows it
        return all(seen == now for seen in before)


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file; Misconfigured where it is none, Edited where it was one."""
    again = f"Make a new one: {command('plan', '--out', file(path))}"
    document = _document(path)
    try:
        sealed = document.get("seal") == seal(document)
        return SavedPlan.model_validate({**document, "sealed": sealed})
    except (ValidationError, ArithmeticError, RecursionError, TypeError, ValueError):
        if document.get("format") == FORMAT and document.get("version") == 1:
            raise Edited(
                "The plan was edited after it was made, or it is not a whole one. "
                f"Nothing was written. {again}"
            ) from None
        raise Misconfigured(
            f"{path} is no plan that this version of the program can read. {again}"
        ) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        text = read_text(path, LARGEST)
        document = json.loads(text)
        if _HALF.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except Unreadable as error:
        problem = str(error)
    except json.JSONDecodeError as error:
        problem = f"it is no whole JSON (line {error.lineno})"
    except UnicodeEncodeError:
        problem = "it holds half of a character"
    except RecursionError:
        problem = "it is nested too deep"
    except ValueError:
        problem = "a number in it is too long"
    else:
        return document if isinstance(document, dict) else {}
    raise Misconfigured(f"{path} cannot be read as a plan: {problem}")
