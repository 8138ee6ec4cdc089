"""A saved plan: what was reviewed is what is applied, or it is refused.

The file names ids; each id is a digest of what it does and of the values that it
was made for. So the plan is made anew, and only what is in both is carried out.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connector.config.files import Unreadable, read_text
from connector.engine import words
from connector.engine.change import Change, Plan, Refusal
from connector.engine.outcome import Outcome
from connector.engine.snapshot import Snapshot
from connector.errors import Misconfigured, Refused
from connector.reports.documents import seal
from connector.reports.typed import command, file
from connector.run.look import Sighting
from mappings.canonical import PromoCode, Side, fold
from mappings.masking import HIDDEN, masked, masked_values
from mappings.moments import CLOCKS_APART, iso
from state.store import Store

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
FORMAT = "partnero-tolt/plan"
LARGEST = 256 * 1024 * 1024
"""Bytes; a hundred thousand changes take less than half of it."""
AGAIN = "Nothing was written. Make a new one: partnero-tolt plan --out FILE"
OF_CODES = ("adopt", "create", "update", "replace", "delete", "forget")
"""Actions whose effect both listings show."""


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
        return next((one.new for one in self.fields if one.field == name), None)


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
        return frozenset(one.id for one in self.changes if one.status == "ready")

    @property
    def held(self) -> frozenset[str]:
        return frozenset(one.id for one in self.changes if one.status == "held")

    def shows(self, change: Change) -> bool:
        """Say whether a change is still about what both sides showed in this plan."""
        shown = {one.id: one.precondition for one in self.changes}
        before = [shown[id_] for id_ in (change.id, *change.parts) if id_ in shown]
        now = masked_values(change.precondition)  # as the file shows it
        return all(one == now for one in before)


def is_done(saved: SavedChange, sides: Mapping[Side, Snapshot]) -> bool:
    """Say whether both sides show what a planned change of a code was to bring about.

    Only what was seen is done: a side that was not read completely shows nothing.
    """
    if saved.action not in OF_CODES or not all(
        side in sides and sides[side].complete for side in Side
    ):
        return False
    standing = {side: _standing(saved, sides[side]) for side in Side}
    if saved.action in ("delete", "forget"):
        targets = [side for side in Side if saved.target in (side, "state")]
        return not any(standing[side] for side in targets)
    if not all(standing.values()):
        return False
    there = standing[Side(saved.target)] if saved.target != "state" else None
    return there is None or all(_holds(there, one) for one in saved.fields)


def _standing(saved: SavedChange, side: Snapshot) -> PromoCode | None:
    """Return the record as it stands, by its id or else by its text."""
    known, *_ = saved.precondition.get(side.side) or [None]
    if known is not None and known in side.codes:
        return side.codes[known]
    texts = {fold(text) for text in (saved.code, saved.new("code")) if text}
    codes = side.codes.values()
    found = [code for code in codes if code.values.code in texts]
    hidden = [text for text in (known, *texts) if text and HIDDEN in text]
    if hidden and not found:  # an address or a key stands masked in the file
        shown = [(masked(one.id), fold(masked(one.values.code)), one) for one in codes]
        found = [one for id_, text, one in shown if id_ in hidden or text in hidden]
    return found[0] if len(found) == 1 else None


def _holds(code: PromoCode, field: SavedField) -> bool:
    new = field.new
    if new is None:
        return True
    match field.field:
        case "discount":
            return words.discount(code.values.discount) == new
        case "partner":
            return masked(code.values.partner or words.NOBODY) in new
        case _:
            return fold(masked(code.values.code)) == fold(new)


def left_over(change: SavedChange, sighting: Sighting, store: Store) -> Outcome:
    """Say of a planned change that is no longer proposed: done, or overtaken."""
    done = not _is_overtaken(change, sighting.plan) and (
        is_done(change, sighting.sides)
        if change.action in OF_CODES
        else store.journal.has_done(change.id)
    )
    return Outcome(
        change.id,
        change.code,
        change.action,
        change.target,
        "adopted" if done else "stale",
        "already done" if done else "the record changed since the plan was made",
    )


def _is_overtaken(change: SavedChange, plan: Plan) -> bool:
    """Say whether something else is proposed for the same record by now."""

    # A coupon or a partner bears the code that needs it, but is a record of its own.
    def record(code: str, action: str) -> tuple[str, bool]:
        return code, action in ("coupon", "partner")

    same = record(change.code, change.action)
    return any(
        record(proposed.code, proposed.action) == same
        for proposed in plan.changes
        if proposed.action != "adopt"
    )


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file; Misconfigured where it is none, Edited where it was one."""
    again = f"Make a new one: {command('plan', '--out', file(path))}"
    document = _document(path)
    try:
        sealed = document.get("seal") == seal(document)
        return SavedPlan.model_validate({**document, "sealed": sealed})
    except (ValidationError, ArithmeticError, RecursionError, TypeError, ValueError):
        if document.get("format") == FORMAT and document.get("version") == 1:
            told = "The plan was edited after it was made, or it is not a whole one."
            raise Edited(f"{told} Nothing was written. {again}") from None
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
        told = str(error)
    except json.JSONDecodeError as error:
        told = f"it is no whole JSON (line {error.lineno})"
    except UnicodeEncodeError:
        told = "it holds half of a character"
    except RecursionError:
        told = "it is nested too deep"
    except ValueError:
        told = "a number in it is too long"
    else:
        return document if isinstance(document, dict) else {}
    raise Misconfigured(f"{path} cannot be read as a plan: {told}")


def why_refused(
    saved: SavedPlan, config: str, state: tuple[str, str] | None, now: datetime
) -> Refusal | None:
    """Return why a saved plan must not be applied here and now, or None."""
    if saved.created_at > iso(now + CLOCKS_APART):
        told = f"The plan says that it was made at {saved.created_at}, which is in the "
        told += f"future by this machine's clock: its age is unknown. {AGAIN}"
        return Refusal("plan_expired", None, (told,))
    if iso(now) > saved.expires_at:
        told = f"The plan was good until {saved.expires_at}. {AGAIN}"
        return Refusal("plan_expired", None, (told,))
    if not saved.sealed:
        return Refusal(
            "plan_edited", None, (f"The plan was edited after it was made. {AGAIN}",)
        )
    if saved.config != config:
        told = f"The plan was made with another configuration. {AGAIN}"
        return Refusal("plan_foreign", None, (told,))
    other = saved.state is not None and (state is None or saved.state != state[0])
    older = saved.state is None and state is not None and state[1] < saved.created_at
    if other or older:
        told = f"The plan was made beside another state. {AGAIN}"
        return Refusal("plan_foreign", None, (told,))
    return None
