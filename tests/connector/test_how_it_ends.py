"""How a call ends: a sentence, an exit code, a document, and no secret on the way."""

import json
import sys
import threading

import pytest
import typer

from connector.cli import main
from connector.errors import Failed, Interrupted, Locked, Misconfigured, Refused
from connector.terminal.ending import ended
from connector.terminal.options import hoisted, option
from state.database import StateBusy, StateProblem

SECRETS = ("tlt_live_sesame", "sam@example.com", "s3same")
TOLD = "tlt_live_sesame sam@example.com postgresql+psycopg://user:s3same@host/db"


def explode(error):
    def call():
        raise error

    return call


@pytest.fixture
def end(capsys):
    """Return how a call ends that raises this, with these arguments."""

    def run(error, *arguments):
        with pytest.raises(SystemExit) as exited:
            ended(explode(error), arguments)
        return exited.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def called(tmp_path, monkeypatch, capsysbinary):
    """Return what the command line does beside a configuration, and no product."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "a")
    (tmp_path / "connector.toml").write_text(PAIR)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["partnero-tolt", *arguments])
        with pytest.raises(SystemExit) as exited:
            main()
        out, err = capsysbinary.readouterr()
        return exited.value.code, out.decode(), err.decode(errors="replace")

    return call


class Odd(Exception):
    """An error whose own text cannot even be made."""

    def __str__(self):
        raise ValueError(TOLD)

    __repr__ = __str__


PAIR = """\
[[pairs]]
name = "acme"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[pairs.tolt]
api_key = { env = "TOLT_API_KEY" }
program_id = "prg_x"
"""
UNEXPECTED = [
    KeyError(TOLD),
    ValueError(TOLD),
    OSError(5, TOLD, TOLD),
    RuntimeError(TOLD),
    RecursionError(TOLD),
    OverflowError(TOLD),
    UnicodeEncodeError("ascii", TOLD, 0, 1, TOLD),
    AssertionError(TOLD),
    ExceptionGroup(TOLD, [ValueError(TOLD)]),
    Odd(TOLD),
]


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("level", ["warning", "debug"])
def test_what_nobody_expected_is_one_sentence_without_secrets(end, error, level):
    error.__cause__ = ValueError(TOLD)

    code, out, err = end(error, "--log-level", level, "--format", "json", "plan")

    assert code == 1
    assert not [one for one in SECRETS if one in out + err]
    assert json.loads(out)["format"] == "partnero-tolt/error"
    assert json.loads(out)["error"].startswith(f"a bug: {type(error).__name__} in ")
    assert err.startswith(f"partnero-tolt: a bug: {type(error).__name__} in ")
    assert ("explode" in err or "raise error" in err) is (level == "debug")
    assert (err.count("\n") == 1) is (level != "debug")


@pytest.mark.parametrize("format_", [(), ("--format", "text"), ("--format=html",)])
def test_without_json_asked_for_there_is_no_document(end, format_):
    code, out, err = end(ValueError(TOLD), *format_, "plan")

    assert (code, out) == (1, "")
    assert err.count("\n") == 1


def test_too_little_memory_is_told_as_that(end):
    code, out, err = end(MemoryError(), "--format", "json", "sync")

    assert code == 1
    assert "not enough memory" in err
    assert "the next run" in json.loads(out)["error"]
    assert "a bug" not in err


@pytest.mark.parametrize(
    ("error", "code", "document"),
    [
        (Misconfigured("m"), 2, False),
        (Failed("f"), 1, True),
        (Refused("r"), 5, True),
        (Locked("l"), 6, True),
        (StateProblem("s"), 1, True),
        (StateBusy("b"), 6, True),
        (Interrupted(), 130, True),
        (KeyboardInterrupt(), 130, True),
        (typer.Abort(), 1, True),
        (typer.BadParameter("p"), 2, False),
    ],
)
def test_what_was_expected_has_its_code_and_its_document(end, error, code, document):
    found, out, err = end(error, "--format", "json", "sync")

    assert found == code
    assert bool(out) is document
    assert "bug" not in err


@pytest.mark.parametrize(
    "typed",
    [
        ("show", "tlt_live_sesame"),
        ("--pair", "tlt_live_sesame", "plan"),
        ("--pair=tlt_live_sesame", "plan"),
        ("apply", "--accept=tlt_live_sesame"),
        ("apply", "--accept", "tlt_live_sesame"),
    ],
)
@pytest.mark.parametrize("kind", [Misconfigured, Failed, typer.BadParameter])
def test_a_key_that_was_typed_is_not_repeated(end, typed, kind):
    _, out, err = end(
        kind("there is no tlt_live_sesame"), "--format", "json", *hoisted([*typed])
    )

    assert "there is no ***" in err
    assert "sesame" not in out + err


@pytest.mark.parametrize(
    "word", ["r_20261130T061824_ab12cd", "c_0123456789ab", "a-b-c-2026-final-report-2"]
)
def test_an_id_that_was_typed_is_repeated(end, word):
    _, _, err = end(Misconfigured(f"there is no {word}"), "show", word)

    assert word in err


def test_an_error_in_a_thread_is_one_sentence_too(capsys):
    def call():
        thread = threading.Thread(target=explode(ValueError(TOLD)))
        thread.start()
        thread.join()
        return 3

    before = threading.excepthook
    with pytest.raises(SystemExit) as exited:
        ended(call, ["run"])

    err = capsys.readouterr().err
    assert exited.value.code == 3
    assert err.startswith("partnero-tolt: a bug: ValueError in ")
    assert err.count("\n") == 1
    assert threading.excepthook is before


def test_a_global_option_is_found_however_it_was_written():
    assert option(["--format", "json", "plan"], "--format") == "json"
    assert option(["--format=json", "plan"], "--format") == "json"
    assert option(["--format=json", "--format", "text"], "--format") == "text"
    assert option(["plan"], "--format") is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "tlt_live_sesame", "plan"),
        ("--log-level=tlt_live_sesame", "plan"),
        ("tlt_live_sesame",),
        ("plan", "--tlt_live_sesame"),
        ("plan", "--key=tlt_live_sesame"),
        ("plan", "tlt_live_sesame"),
        ("run", "--grace", "tlt_live_sesame"),
        ("migrate", "--from", "tlt_live_sesame", "--to", "tolt"),
        ("sandbox", "--port", "tlt_live_sesame"),
        ("sandbox", "--switch", "tlt_live_sesame=1"),
        ("state", "tlt_live_sesame"),
        ("--pair", "tlt_live_sesame", "plan"),
        ("--pair", "aB3dE5gH7jK9mN1pQ3sT5sesame", "status"),
        ("show", "tlt_live_sesame"),
        ("undo", "aB3dE5gH7jK9mN1pQ3sT5sesame"),
    ],
)
def test_a_key_on_the_command_line_is_not_repeated(called, arguments):
    code, out, err = called(*arguments)

    assert code == 2
    assert err
    assert "sesame" not in out + err


@pytest.mark.parametrize(
    "arguments",
    [
        *(("sandbox", "--port", number) for number in ("65536", "-1", "9" * 5000, "x")),
        *(("sandbox", "--codes", number) for number in ("-1", "1" * 30, "1e3")),
        *(("run", "--grace", number) for number in ("nan", "inf", "-1", "1e300", "x")),
        ("sandbox", "--switch", "tolt_rate_limit=" + "[" * 100_000),
        ("sandbox", "--switch", "tolt_rate_limit=" + "9" * 5000),
        ("sandbox", "--switch", "="),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_number_that_cannot_be_is_a_usage_error(called, arguments):
    code, out, err = called(*arguments)

    assert (code, out) == (2, "")
    assert arguments[1] in err
    assert "bug" not in err


SURPRISED = """\
import sys, types
odd = types.ModuleType("cronsim")
class CronSim:
    def __init__(self, *_):
        raise RuntimeError("tlt_live_sesame sam@example.com")
odd.CronSim, odd.CronSimError = CronSim, KeyError
sys.modules["cronsim"] = odd
sys.argv = ["partnero-tolt", *sys.argv[1:]]
from connector.cli import main
main()
"""


def test_a_package_that_fails_in_an_unknown_way_gives_no_traceback(place):
    place.configure(name='"acme"\nschedule = "@daily"')

    failed = place.end(place.start_python("-c", SURPRISED, "plan", "--format", "json"))

    assert failed.code == 1
    assert failed.document["error"].startswith("a bug: RuntimeError in connector/")
    assert "Traceback" not in failed.err
    assert not [one for one in SECRETS if one in failed.out + failed.err]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "\udcff.toml", "plan"),
        ("--pair", "\udcff", "plan"),
        ("show", "\udcff"),
        ("apply", "\udcff.json"),
        ("state", "restore", "\udcff.db"),
        ("sandbox", "--switch", "\udcff=1"),
        ("\udcff",),
        ("plan", "--\udcff"),
    ],
)
def test_half_a_character_on_the_command_line_is_a_usage_error(called, arguments):
    code, out, err = called(*arguments)

    assert (code, out) == (2, "")
    assert "bug" not in err
