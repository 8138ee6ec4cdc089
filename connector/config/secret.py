"""Where a key is: in an environment variable or in a file, never in the file itself."""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.config.files import Unreadable, read_text
from connector.errors import Misconfigured
from mappings.discreet import HIDDEN, looks_like_key
from mappings.masking import hide


class Secret(BaseModel):
    """Where a key is: in an environment variable or in a file."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"oneOf": [{"required": ["env"]}, {"required": ["file"]}]},
    )

    env: str | None = Field(
        default=None, description="The name of the environment variable that holds it."
    )
    file: str | None = Field(
        default=None,
        description="A file that holds it alone; relative to the one that names it.",
    )

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        if not isinstance(value, dict | Secret):
            raise ValueError(  # noqa: TRY004 (pydantic wants ValueError)
                'a key in the file itself is refused; allowed are { env = "NAME" } and '
                '{ file = "PATH" }'
            )
        return value

    @field_validator("env", mode="before")
    @classmethod
    def _is_name(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        text = value if isinstance(value, str) else ""
        if looks_like_key(text):
            raise ValueError(
                "it looks like a key; what is expected is the name of the environment "
                'variable that holds it, { env = "NAME" }'
            )
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", text):
            raise ValueError(
                "it is no name of an environment variable; allowed are letters, "
                'digits and _, like { env = "PARTNERO_API_KEY" }'
            )
        return value

    @field_validator("file", mode="before")
    @classmethod
    def _is_path(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        if not isinstance(value, str) or not value.strip():
            raise ValueError('it is no path of a file, like { file = "tolt.key" }')
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError('give either { env = "NAME" } or { file = "PATH" }')
        return self

    @property
    def place(self) -> str:
        """Say where the key is, without it."""
        if self.env is not None:
            return f"the environment variable {self.env}"
        named = self.file or ""
        return f"the file {HIDDEN if looks_like_key(named) else named}"

    def read(self, folder: Path, where: str) -> str:
        """Return the key; Misconfigured where there is none."""
        if self.env is not None:
            key = os.environ.get(self.env, "").strip()
            if not key:
                raise Misconfigured(
                    f"{where}: the environment variable {self.env} is not set. "
                    f"Type: export {self.env}=..."
                )
            return _hidden(key, f"{where}: the environment variable {self.env}")
        named = self.file or ""
        path = HIDDEN if looks_like_key(named) else str(folder / named)
        try:
            key = read_text(folder / named).strip()
        except Unreadable as error:
            hint = " (~ is not expanded)" if named.startswith("~") else ""
            problem = f"{where}: {path} cannot be read: {error}{hint}"
            raise Misconfigured(problem) from None
        return _hidden(key, f"{where}: {path}")


def _hidden(key: str, where: str) -> str:
    """Return a key, masked from now on in everything that leaves the program."""
    checked = _one_line(key, where)
    hide(checked)
    return checked


def _one_line(key: str, where: str) -> str:
    """Return a key that can be sent; Misconfigured where it cannot be one."""
    allowed = "allowed is one line of ASCII without blanks"
    if any(sign in key for sign in "\"'`\u201c\u201d\u2018\u2019"):
        raise Misconfigured(f"{where} holds quotes; {allowed}, the key without quotes")
    if re.match(r"(export\s+)?[A-Z_]{3,}=", key):
        raise Misconfigured(f"{where} holds NAME=KEY; {allowed}, the key alone")
    if not re.fullmatch(r"[!-~]+", key):
        raise Misconfigured(f"{where} holds no key; {allowed}")
    return key
