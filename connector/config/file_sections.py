"""The sections of the file that are about the program, not about one pair."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from connector.config.allowed import (
    UNITS,
    Heartbeat,
    PublicUrl,
    SchemaName,
    Span,
    StateUrl,
    UserHeader,
    Whole,
)
from connector.config.secret import Secret
from connector.config.section import Section
from connector.providers.http import is_loopback
from mappings.discreet import shown
from state import urls
from state.places import is_server


class StateSection(Section):
    """[state]: where it is remembered what was done, and for how long."""

    url: StateUrl = Field(
        default="sqlite:///connector.db",
        description="Where the state lies: a file, relative to the configuration, or a "
        "PostgreSQL database (needs the extra postgres).",
    )
    keep_runs: Span = Field(
        default="90d",
        description="Older runs are forgotten, the last 20 of a pair never. "
        "A number with its unit: s, m, h, d or w.",
    )

    schema_: SchemaName | None = Field(
        default=None,
        alias="schema",
        description="The schema in which the tables are, in a PostgreSQL database. It "
        "is made where it is not there. Without it they are where they have been, or "
        "else in partnero_tolt.",
    )

    @model_validator(mode="after")
    def _of_a_server(self) -> "StateSection":
        if self.schema_ is None:
            return self
        if not is_server(self.url):
            raise ValueError("schema is of a PostgreSQL database; a file has none")
        if urls.names_schema(self.url):
            raise ValueError(
                "schema is named twice: by schema, and by search_path in the options "
                "of url. Leave one of them out"
            )
        return self

    @property
    def address(self) -> str:
        """The URL by which the state is opened."""
        return urls.with_schema(self.url, self.schema_) if self.schema_ else self.url

    @property
    def keep_seconds(self) -> int:
        """The seconds for which runs are kept."""
        return int(self.keep_runs[:-1]) * UNITS[self.keep_runs[-1]]


class NotifySection(Section):
    """[notify]: who is told, and of what; [pairs.notify] goes before it."""

    heartbeat_url: Heartbeat | None = Field(
        default=None,
        description="Pinged after each complete run, with /fail appended to its path "
        'after any other. In a pair, "" means that nothing is pinged for it.',
    )
    urls: list[str] = Field(
        default_factory=list,
        description="Addresses (of apprise) that are told when something starts or "
        "stops failing. Needs the extra notify.",
    )
    digest: Literal["never", "daily", "weekly"] = Field(
        default="daily",
        description="How often the addresses are told what waits for a person, with "
        "sums. New questions of who is paid are told at once, unless it is never.",
    )


class ReportSection(Section):
    """[report]: what reports show."""

    names: bool = Field(
        default=False,
        description="Whether the names of partners stand beside their masked "
        "e-mail addresses.",
    )


class FleetSection(Section):
    """[fleet]: the workers of many pairs in a server's database; see docs/fleet.md."""

    slots: Whole = Field(
        default=8,
        ge=1,
        le=256,
        description="Passes at the same time in one worker; --slots goes before it.",
    )
    timeout: Whole = Field(
        default=3600,
        ge=10,
        le=604800,
        description="Seconds that one pass may take; then it is ended between two "
        "writes, and the next one goes on from there.",
    )
    queue_schema: str = Field(
        default="partnero_tolt_queue",
        pattern="^[a-z_][a-z0-9_]{0,62}$",
        description="The schema of the database in which the queue's own tables lie.",
    )


class ServeSection(Section):
    """[serve]: the pages of run and review; run serves none without an address."""

    listen: str | None = Field(
        default=None,
        description='Where pages are served, HOST:PORT like "127.0.0.1:9464". Off '
        "without it. Needs the extra serve.",
    )
    token: Secret | None = Field(
        default=None,
        description="Where the token lies by which pages are seen and decisions "
        "taken. Beyond this machine it, or view_token, is required.",
    )
    view_token: Secret | None = Field(
        default=None,
        description="Where the token lies by which pages are seen, and no more.",
    )
    user_header: UserHeader | None = Field(
        default=None,
        description="The header in which a proxy says who is logged in, like "
        "X-Forwarded-User. Believed only of who may decide.",
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description="The address by which people reach the pages through a proxy, "
        "https://HOST.",
    )

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(f"//{self.listen}")
        return parts.hostname or "", parts.port or 0

    @model_validator(mode="after")
    def _two_tokens(self) -> "ServeSection":
        if self.token is not None and self.token == self.view_token:
            raise ValueError(
                "token and view_token are the same: whoever may look could decide; "
                "name two different ones"
            )
        return self

    @model_validator(mode="after")
    def _guarded(self) -> "ServeSection":
        if self.listen is None:
            return self
        try:
            host, port = self.address
        except ValueError:
            host, port = "", 0
        if not host or not port or set(self.listen) & set("/?#@ "):
            raise ValueError('listen is HOST:PORT, for example "127.0.0.1:9464"')
        if not is_loopback(host) and not (self.token or self.view_token):
            raise ValueError(
                f"listening on {shown(host)} needs token = {{ env = ... }}, or "
                "view_token to look only: beyond this machine nobody may look without"
            )
        return self
