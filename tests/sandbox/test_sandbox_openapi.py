"""The description fits the answers, whatever schemathesis thinks of asking."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from connector.sandbox.server import Sandbox
from tests.sandbox.openapi import description

SCHEMA = schemathesis.openapi.from_dict(description())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SERVERS: list[Sandbox] = []


def setup_module() -> None:
    SERVERS.append(Sandbox(switches={"tolt_rate_limit": 0}).start())


def teardown_module() -> None:
    SERVERS.pop().stop()


@pytest.mark.wide
@SCHEMA.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case):
    sandbox = SERVERS[0]
    product = "TOLT" if case.path.startswith("/tolt") else "PARTNERO"
    key = sandbox.environment[f"{product}_API_KEY"]

    case.call_and_validate(
        base_url=sandbox.url,
        headers={"Authorization": f"Bearer {key}"},
        checks=CHECKS,
    )
