"""Spoilt answers: whatever a product sends, nothing is believed that it did not say.

Each case spoils one answer of one command. It must end with an exit code of the
contract and its document, write nothing that it would not have written anyway, and let
no key and no whole address out. A failure prints its seed; do it again with

    FUZZ_CASE='partnero v2 answer 17' pytest tests/fuzz/test_fuzz_answers.py -k again
"""

import os

import pytest

from tests.fuzz.cases import WRITING, case_of, tried
from tests.fuzz.headers import misframe
from tests.fuzz.mutations import mutate

PRODUCTS = [("partnero", "v2"), ("tolt", "v1"), ("tolt", "v2")]
of_each_product = pytest.mark.parametrize(("product", "version"), PRODUCTS)
SPOILERS = {"answer": mutate, "wire": misframe}
"""What the third word of a seed says."""


def failures(trial, product, version, kind, numbers, **options):
    """Return the cases that went wrong, each with what was wrong."""
    failed, call = [], options.pop("call", None)
    for number in numbers:
        seed = f"{product} {version} {kind} {number}"
        case = case_of(trial, product, seed, SPOILERS[kind], **options)
        if wrong := tried(trial, case, call):
            failed.append("\n    ".join([str(case), *wrong]))
    return failed


def check(failed):
    assert not failed, "\n".join([f"{len(failed)} cases:", *failed])


@of_each_product
def test_a_spoilt_answer_is_not_believed(trials, product, version):
    trial, quick = trials(version), {"commands": WRITING[:1]}
    told = failures(trial, product, version, "answer", range(2), **quick)
    check([*told, *failures(trial, product, version, "wire", range(1), **quick)])


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
@of_each_product
def test_no_spoilt_answer_of_2000_is_believed(trials, product, version, block):
    numbers = range(block * 100, (block + 1) * 100)
    check(failures(trials(version), product, version, "answer", numbers))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(3))
@of_each_product
def test_no_spoilt_header_or_frame_of_500_is_believed(trials, product, version, block):
    numbers = range(block * 60, (block + 1) * 60)
    check(failures(trials(version), product, version, "wire", numbers))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPOILERS)
@of_each_product
def test_a_process_of_its_own_believes_no_more(trials, product, version, kind):
    trial = trials(version)
    numbers = range(2000, 2002)
    check(failures(trial, product, version, kind, numbers, call=trial.process))


@pytest.mark.skipif("FUZZ_CASE" not in os.environ, reason="there is no FUZZ_CASE")
def test_one_case_again(trials):
    product, version, kind, number = os.environ["FUZZ_CASE"].split()
    check(failures(trials(version), product, version, kind, [number]))
