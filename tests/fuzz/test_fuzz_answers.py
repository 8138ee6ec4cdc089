"""Spoilt answers: whatever a product sends, nothing is believed that it did not say.

Each case spoils one answer of one command. It must end with an exit code of the
contract and its document, write nothing that it would not have written anyway, and let
no key and no whole address out. A failure prints its seed; do it again with

    FUZZ_CASE='partnero v2 17' pytest tests/fuzz/test_fuzz_answers.py -k again
"""

import os

import pytest

from tests.fuzz.cases import case_of, tried
from tests.fuzz.headers import misframe
from tests.fuzz.mutations import mutate

PRODUCTS = [("partnero", "v2"), ("tolt", "v1"), ("tolt", "v2")]
BLOCK = 100


def failures(trial, product, version, numbers, *, of="", spoiler=mutate, call=None):
    """Return the cases that went wrong, each with what was wrong."""
    failed = []
    for number in numbers:
        seed = f"{product} {version} {of}{number}"
        case = case_of(trial, product, seed, spoiler)
        wrong = tried(trial, case, call)
        if wrong:
            failed.append("\n    ".join([str(case), *wrong]))
    return failed


def check(failed):
    assert not failed, "\n".join([f"{len(failed)} cases:", *failed])


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
def test_a_spoilt_answer_is_not_believed(trials, product, version):
    check(failures(trials(version), product, version, range(5)))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
@pytest.mark.parametrize(("product", "version"), PRODUCTS)
def test_no_spoilt_answer_of_2000_is_believed(trials, product, version, block):
    numbers = range(block * BLOCK, (block + 1) * BLOCK)
    check(failures(trials(version), product, version, numbers))


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
def test_a_spoilt_header_or_frame_is_not_believed(trials, product, version):
    trial = trials(version)
    told = failures(trial, product, version, range(3), of="wire ", spoiler=misframe)
    check(told)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(3))
@pytest.mark.parametrize(("product", "version"), PRODUCTS)
def test_no_spoilt_header_or_frame_of_500_is_believed(trials, product, version, block):
    numbers = range(block * 60, (block + 1) * 60)
    trial = trials(version)
    told = failures(trial, product, version, numbers, of="wire ", spoiler=misframe)
    check(told)


@pytest.mark.slow
@pytest.mark.parametrize("spoiler", [mutate, misframe])
@pytest.mark.parametrize(("product", "version"), PRODUCTS)
def test_a_process_of_its_own_does_not_believe_it_either(
    trials, product, version, spoiler
):
    trial = trials(version)
    numbers, of = range(4), f"process {spoiler.__name__} "
    options = {"of": of, "spoiler": spoiler, "call": trial.process}
    check(failures(trial, product, version, numbers, **options))


@pytest.mark.skipif("FUZZ_CASE" not in os.environ, reason="there is no FUZZ_CASE")
def test_one_case_again(trials):
    product, version, *of, number = os.environ["FUZZ_CASE"].split()
    trial, options = trials(version), {}
    if "wire" in of or "misframe" in of:
        options["spoiler"] = misframe
    if "process" in of:
        options["call"] = trial.process
    of = "".join(f"{word} " for word in of)
    check(failures(trial, product, version, [number], of=of, **options))
