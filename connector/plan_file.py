"""A saved plan: what was reviewed is what is applied, or it is refused.

The file names ids; each id is a digest of what it does and of the values that it
was made for. So the plan is made anew, and only what is in both is carried out.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.engine.change import Refusal
from connector.errors import Misconfigured
from connector.look import iso
from connector.reports.documents import VERSION, seal


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan file consents to: ``ready`` ids, and every change by its id."""

    pair: str
    ready: frozenset[str]
    changes: dict[str, dict[str, Any]]
    config: str
    state: str | None
    created_at: str
    expires_at: str
    sealed: bool
    undoes: str = ""


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file; Misconfigured where it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read as a plan: {error}") from None
    if not isinstance(document, dict) or document.get("format") != "partnero-tolt/plan":
        raise Misconfigured(f"{path} is no plan of this program (see plan --out FILE)")
    try:
        return _saved(document)
    except (KeyError, TypeError, AttributeError):
        raise Misconfigured(
            f"{path} is no plan that this version of the program can read. Make a new "
            f"one: partnero-tolt plan --out {path}"
        ) from None


def _saved(document: dict[str, Any]) -> SavedPlan:
    if document["version"] != VERSION:
        raise KeyError(document["version"])
    changes = {change["id"]: change for change in document["changes"]}
    return SavedPlan(
        pair=document["pair"],
        ready=frozenset(i for i, c in changes.items() if c["status"] == "ready"),
        changes=changes,
        config=document["config"],
        state=document["state"],
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        sealed=document.get("seal") == seal(document),
        undoes=document.get("undoes", ""),
    )


def why_refused(
    saved: SavedPlan, config: str, state: tuple[str, str] | None, now: datetime
) -> Refusal | None:
    """Return why a saved plan must not be applied here and now, or None."""
    again = "Nothing was written. Make a new one: partnero-tolt plan --out FILE"
    if iso(now) > saved.expires_at:
        told = f"The plan was good until {saved.expires_at}. {again}"
        return Refusal("plan_expired", None, told)
    if not saved.sealed:
        return Refusal(
            "plan_edited", None, f"The plan was edited after it was made. {again}"
        )
    if saved.config != config:
        told = f"The plan was made with another configuration. {again}"
        return Refusal("plan_foreign", None, told)
    other = saved.state is not None and (state is None or saved.state != state[0])
    older = saved.state is None and state is not None and state[1] < saved.created_at
    if other or older:
        told = f"The plan was made beside another state. {again}"
        return Refusal("plan_foreign", None, told)
    return None
