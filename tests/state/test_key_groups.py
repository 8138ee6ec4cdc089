"""Pairs that share a key are one group."""

from state.key_groups import groups


def test_pairs_that_share_no_key_are_groups_of_their_own():
    keys = {"a": ("partnero A", "tolt A"), "b": ("partnero B", "tolt B")}
    assert groups(keys) == {"a": "partnero A", "b": "partnero B"}


def test_a_key_that_is_shared_makes_one_group():
    keys = {"a": ("partnero A", "tolt T"), "b": ("partnero B", "tolt T")}
    assert groups(keys) == {"a": "partnero A", "b": "partnero A"}


def test_groups_grow_together_over_both_keys():
    keys = {
        "d": ("partnero D", "tolt D"),
        "c": ("partnero C", "tolt B"),
        "b": ("partnero A", "tolt B"),
        "a": ("partnero A", "tolt A"),
    }
    found = groups(keys)
    assert found["a"] == found["b"] == found["c"] != found["d"]


def test_the_order_of_the_pairs_changes_no_group():
    keys = {f"p{n}": (f"partnero {n // 2}", f"tolt {(n + 1) // 2}") for n in range(50)}
    backwards = dict(reversed(keys.items()))
    assert groups(keys) == groups(backwards)
    assert len(set(groups(keys).values())) == 1


def test_a_long_chain_is_walked_without_recursion():
    chain = {f"p{n}": (f"partnero {n}", f"tolt {n + 1}") for n in range(20_000)}
    chain |= {f"q{n}": (f"partnero {n + 1}", f"tolt {n + 1}") for n in range(20_000)}
    assert len(set(groups(chain).values())) == 1
