"""Every pattern that meets a stranger's text takes time in proportion to it."""

import time

import pytest

from connector.config.aliases import _HEADER
from mappings.canonical import fold, is_address
from mappings.capability import CAPABILITIES

MUCH = 200_000
GENEROUS = 20
"""Seconds of computing, on a slow machine; what is quadratic takes minutes."""
PIECES = (*"a @ . a. a@ @a. - partnero_a _a \ufb03".split(), " ", "a ")


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_is_understood_in_time(piece):
    text = piece * (MUCH // len(piece))
    begun = time.process_time()
    for hostile in (text, f"a@{text}", f"{text}@", f"partnero{text}\n", f"{text}!"):
        is_address(hostile)
        fold(hostile)
        _HEADER.fullmatch(hostile)
        for one in CAPABILITIES.values():
            one.code_pattern.fullmatch(hostile)

    assert time.process_time() - begun < GENEROUS
