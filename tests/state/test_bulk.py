"""Much at once: the cycle collector rests, and goes on as before."""

import gc

import pytest

from state.bulk import uncollected


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    gc.unfreeze()
    gc.enable()


def test_the_collector_rests_while_much_is_built_and_goes_on_then():
    with uncollected():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_who_paused_it_first_lets_it_go_on():
    before = gc.get_freeze_count()
    with uncollected():
        with uncollected(last=True):
            pass
        assert not gc.isenabled()
        assert gc.get_freeze_count() == before


def test_what_the_process_ends_with_is_not_searched_again():
    before = gc.get_freeze_count()

    with uncollected(last=True):
        pass

    assert gc.isenabled()
    assert gc.get_freeze_count() > before
