"""Tests need not sit out what a run waits between two attempts."""

import pytest
import stamina

from connector.errors import Unavailable
from connector.providers.http import Access, Patience, ReadOnly
from tests.harness.program import alarmed
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

FOR_EVER = Patience(attempts=3, first_pause=3600, longest_backoff=3600)


def test_where_stamina_is_told_to_test_nothing_is_waited_for_between_attempts():
    with Sandbox() as sandbox, stamina.set_testing(True, attempts=3):
        sandbox.faults.add(Fault("status", status=503, count=None))
        key = sandbox.environment["PARTNERO_API_KEY"]
        url = f"{sandbox.url}/partnero/v1/"
        client = ReadOnly(Access("Partnero", url, key, patience=FOR_EVER))
        with alarmed(60), pytest.raises(Unavailable):
            client.get("partners")
        client.close()

        assert len(sandbox.requests) == 3
