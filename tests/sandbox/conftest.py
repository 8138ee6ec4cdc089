"""A sandbox on a free port, and a client for each of its APIs."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.standins.front import Sandbox

# No TLS here, and loading the certificates would take most of the time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Clients:
    """A running sandbox with a signed-in client for each API."""

    sandbox: Sandbox
    partnero: httpx.Client
    v1: httpx.Client
    v2: httpx.Client

    @property
    def program_id(self) -> str:
        return f"prg_{self.sandbox.world.tolt.program.uid}"

    def partner_id(self, email: str) -> str:
        rows = self.sandbox.world.tolt.partners
        return next(f"part_{row.uid}" for row in rows if row.email == email)

    def v2_code(self, text: str) -> dict:
        rows = self.v2.get("/promotion-codes", params={"search": text}).json()["data"]
        return next(row for row in rows if row["code"] == text)

    def v2_customer(
        self, email: str, partner: str = "anna@example.com", **more
    ) -> dict:
        body = {"email": email, "partner_id": self.partner_id(partner), **more}
        return self.v2.post("/customers", json=body).json()["data"]

    def code(self, text: str, **more) -> httpx.Response:
        """Create a code on Partnero."""
        body = {"coupon_uuid": "PCT10", "code": text, **more}
        return self.partnero.post("/promotion-codes", json=body)

    def redeem(self, code: str, key: str | None = None, **more) -> dict:
        body = {"code": code, "redeem": True, **more}
        if key:
            body["transaction_key"] = key
        return self.partnero.put("/promotion-codes", json=body).json()["data"]

    def sale(self, key: str | None = None, **more) -> httpx.Response:
        """Create a transaction on Partnero."""
        body = {"customer": {"key": "buyer-of-ANNA10"}, "amount": 10, **more}
        if key:
            body["key"] = key
        return self.partnero.post("/transactions", json=body)


def connect(sandbox: Sandbox) -> Clients:
    keys = sandbox.environment
    left = {"Authorization": f"Bearer {keys['PARTNERO_API_KEY']}"}
    right = {"Authorization": f"Bearer {keys['TOLT_API_KEY']}"}

    def client(mount: str, headers: dict[str, str]) -> httpx.Client:
        return httpx.Client(
            base_url=sandbox.url + mount,
            headers=headers,
            timeout=5,
            verify=NO_TLS,
        )

    return Clients(
        sandbox,
        client("/partnero/v1", left),
        client("/tolt/v1", right),
        client("/tolt/v2", right),
    )


@pytest.fixture
def api() -> Iterator[Clients]:
    with Sandbox() as sandbox:
        clients = connect(sandbox)
        yield clients
        for client in (clients.partnero, clients.v1, clients.v2):
            client.close()
