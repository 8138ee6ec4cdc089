"""What is decided on the page is done by the next run, and by nothing else."""

import pytest

from connector.commands.remembered import Remembered
from connector.config.load import load
from connector.sandbox import questions
from connector.service.answers import Crowd
from connector.service.desk.access import Rules
from connector.service.desk.gate import Gate
from connector.service.desk.known import Chosen
from connector.service.desk.site import Desk, app_of
from tests.harness.desk import Visitor, text_of
from tests.harness.ground import Ground, enter
from tests.standins.front import Sandbox


@pytest.fixture
def ground(tmp_path, monkeypatch):
    folder = enter(monkeypatch, tmp_path)
    with Sandbox(world=questions.undecided(equal=3)) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        made = Ground(folder, sandbox)
        made.config.write_text(sandbox.config_text(), encoding="utf-8")
        yield made


def test_thirty_answers_of_one_word_are_done_by_the_next_run(ground):
    ground.run("--config", ground.config, "sync")
    config = load(ground.config)
    known = Remembered(config, config.file.pairs)
    gate = Gate(Rules(token="decide-it"), cookie="desk")
    visitor = Visitor(app_of(Desk(gate, known, Crowd())), "decide-it")
    limited = [
        f"acme {document['id']}"
        for document in known.seen("acme").waiting
        if document["reason"] == "lossy"
    ]
    written, asked = len(ground.writes), len(ground.sandbox.requests)

    assert visitor.decide("proposed", *limited, note="they know").status_code == 303
    assert len(ground.sandbox.requests) == asked, "the desk asks no product"
    ground.run("--config", ground.config, "sync")

    made = [request.body["code"] for request in ground.writes[written:]]
    assert len(set(made)) == len(made) == questions.LIMITED
    page = text_of(visitor.get("/inbox").text)
    assert f"{questions.OTHERS} wait for a decision" in page
    assert "Decided, done by the next run" not in page
    run = known.runs("acme", 1)[0].run.id
    journal = text_of(visitor.get(f"/runs/{run}").text)
    assert journal.count("create on Tolt done Sam") == questions.LIMITED


def test_what_was_seen_under_another_configuration_is_not_decided(ground):
    """The policy may have forbidden it since; what is decided can be taken back."""
    ground.run("--config", ground.config, "sync")
    before = load(ground.config)
    known = Remembered(before, before.file.pairs)
    gate = Gate(Rules(token="decide-it"), cookie="desk")
    visitor = Visitor(app_of(Desk(gate, known, Crowd())), "decide-it")
    first, second, *_ = [
        f"acme {document['id']}"
        for document in known.seen("acme").waiting
        if document["reason"] == "lossy"
    ]
    visitor.decide("proposed", first)
    store = known._stores("acme")
    assert len(store.decisions()) == 1

    text = ground.config.read_text(encoding="utf-8")
    forbidden = '[pairs.policy]\nlossy = "never"\n'
    ground.config.write_text(f"{text}\n{forbidden}", encoding="utf-8")
    after = load(ground.config)
    known.configure(after, after.file.pairs)

    visitor.decide("proposed", second)
    assert len(store.decisions()) == 1
    assert "the configuration has changed" in text_of(visitor.get("/inbox").text)
    known.withdraw([Chosen("acme", first.partition(" ")[2])])
    assert store.decisions() == {}
