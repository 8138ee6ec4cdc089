"""Every cause has words, and every word is said to whom it is for."""

import importlib
import pkgutil

import pytest

import connector.engine
from connector.engine.causes.cause import Cause, Quoted
from connector.engine.causes.codes import DeadThere, OnlyOn
from connector.engine.causes.consents import MemoryUnreadable
from connector.reports.messages.say import Reader, message, sentence
from mappings.canonical import Side
from mappings.limits import Death


def kinds(of=Cause):
    """Yield every kind of cause that the engine knows."""
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_cause_of_the_engine_has_words():
    for module in pkgutil.iter_modules(connector.engine.__path__):
        importlib.import_module(f"connector.engine.{module.name}")

    known = {kind for kind in kinds() if kind.__module__.startswith("connector.")}

    assert known
    assert {kind for kind in known if kind not in sentence.registry} == set()


def test_a_cause_without_words_is_no_silence():
    class Unsaid(Cause, frozen=True):
        code: str

    with pytest.raises(NotImplementedError, match="Unsaid has no words"):
        message((Unsaid("SAM"),))


def test_causes_are_said_one_after_the_other():
    dead = DeadThere(Death("switched_off"))

    assert message((OnlyOn("SAM", Side.TOLT), Quoted(""), dead)) == (
        "SAM is only on Tolt. Nobody can use it there any more: switched off."
    )


def test_where_there_are_several_pairs_a_command_names_its_own():
    causes = (MemoryUnreadable("it is cut"),)

    assert message(causes).endswith("Look with: partnero-tolt state check")
    told = message(causes, Reader("a b"))
    assert told.endswith("Look with: partnero-tolt --pair 'a b' state check")
