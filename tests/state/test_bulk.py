"""Much at once: what the cycle collector leaves out, and only for a while."""

import gc
import weakref

import pytest

from state.bulk import collected_again, uncollected


class Node:
    """Something that may refer to itself."""


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    gc.unfreeze()
    gc.enable()


def cycle():
    """Return a reference to garbage that only a search for cycles frees."""
    node = Node()
    node.self = node
    return weakref.ref(node)


def test_the_collector_rests_while_much_is_built_and_goes_on_then():
    with uncollected():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_who_paused_it_first_lets_it_go_on():
    with uncollected():
        with uncollected(apart=True):
            pass
        assert not gc.isenabled()
        assert gc.get_freeze_count() == 0


def test_what_was_set_apart_is_searched_again_once_that_is_over():
    with uncollected(apart=True):
        lost = cycle()
    gc.collect()
    assert lost() is not None

    collected_again()
    gc.collect()

    assert lost() is None
