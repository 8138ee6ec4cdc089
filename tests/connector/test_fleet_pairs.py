"""fleet pairs: imported, listed, paused; and every command with such pairs."""

import json
import socket
from itertools import pairwise

import pytest

from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.config import extras
from connector.config.load import load
from state import servers
from state.database import open_to_write
from state.fleet import SECOND, Fleet
from state.fleet_pairs import FleetPairs
from state.fleet_tables import FLEET_PAIR
from state.kept import is_kept
from state.store import Store
from tests.harness.ground import Ground


class FleetPlace:
    """A folder whose configuration has a server's state and no pair of its own.

    ``pairs.toml`` has the sandbox's own pair, acme, and beta.
    """

    def __init__(self, place, url):
        self.place: Ground = place
        self.folder, self.url = place.folder, url
        place.add_pair("beta")
        _, *pairs = place.config.read_text().split("[[pairs]]")
        self.file = self.folder / "pairs.toml"
        self.file.write_text("".join(f"[[pairs]]{pair}" for pair in pairs))
        self.head = f'[state]\nurl = "{url}"\n'
        place.config.write_text(self.head)
        self.run, self.json = place.run, place.json

    @property
    def pairs(self):
        return FleetPairs(open_to_write(self.url))

    @property
    def fleet(self):
        return Fleet(open_to_write(self.url))

    def bring(self, *more):
        said = self.run("fleet", "pairs", "import", "pairs.toml", *more)
        assert said.code == 0, said.err
        return said

    def write(self, **files):
        for name, text in files.items():
            (self.folder / f"{name}.toml").write_text(text)

    def empty(self):
        """Take all pairs out, as no command does."""
        with open_to_write(self.url).begin() as connection:
            connection.execute(FLEET_PAIR.delete())

    def change(self, before, after):
        text = self.file.read_text()
        assert before in text
        self.file.write_text(text.replace(before, after, 1))


@pytest.fixture
def fleet(place, postgres):
    url = postgres.state()
    yield FleetPlace(place, url)
    servers.opened(url).dispose()


def many(count, more=""):
    """Return the text of so many pairs that are never asked."""
    return "".join(
        f'[[pairs]]\nname = "pair-{number:04}"\n{more}'
        '[pairs.partnero]\napi_key = { env = "PARTNERO_API_KEY" }\n'
        'base_url = "http://127.0.0.1:1/v1"\n'
        '[pairs.tolt]\napi_key = { env = "TOLT_API_KEY" }\n'
        f'base_url = "http://127.0.0.1:1/v2"\nprogram_id = "prg_{number}"\n'
        for number in range(count)
    )


# --- import -----------------------------------------------------------------------


def test_an_import_says_what_is_new_and_doing_it_again_changes_nothing(fleet):
    first = fleet.json("fleet", "pairs", "import", "pairs.toml").document
    rows = fleet.pairs.listed().pairs

    again = fleet.json("fleet", "pairs", "import", "pairs.toml").document

    assert (first["new"], first["changed"], first["left"]) == (["acme", "beta"], [], [])
    assert (again["new"], again["unchanged"]) == ([], ["acme", "beta"])
    assert fleet.pairs.listed().pairs == rows


def test_an_import_keeps_references_of_keys_and_groups_pairs_by_them(fleet):
    fleet.bring()

    acme = fleet.pairs.one("acme")

    assert acme.partnero_key == "partnero env PARTNERO_API_KEY"
    assert acme.tolt_key == "tolt env TOLT_API_KEY"
    assert acme.imported_by.count("@") == 1
    for key in fleet.place.sandbox.environment.values():
        assert key not in acme.section


def test_what_is_in_no_file_stays_and_is_named(fleet):
    fleet.bring()
    fleet.write(more=many(1))

    said = fleet.run("fleet", "pairs", "import", "more.toml")

    assert "1 pair imported: 1 new, 0 changed, 0 as before." in said.out
    assert "2 pairs of the database in none of these files" in said.out
    assert "acme, beta" in said.out
    assert fleet.pairs.names() == ["acme", "beta", "pair-0000"]


def test_a_dry_run_says_the_same_and_writes_nothing(fleet):
    dry = fleet.json("fleet", "pairs", "import", "pairs.toml", "--dry-run").document

    assert (dry["new"], dry["dry_run"]) == (["acme", "beta"], True)
    assert fleet.pairs.names() == []


def test_one_wrong_pair_keeps_all_of_them_out_and_every_problem_is_told(fleet):
    fleet.change('name = "beta"', 'name = "beta"\nshedule = "@daily"')
    fleet.write(more=many(1) + '[pairs.policy]\ndelete = "maybe"\n')

    said = fleet.run("fleet", "pairs", "import", "more.toml", "pairs.toml")

    assert said.code == 2
    assert "pair beta: shedule: unknown key (did you mean 'schedule'?)" in said.err
    assert "more.toml:11: pair pair-0000: policy.delete: allowed are" in said.err
    assert fleet.pairs.names() == []


def test_a_literal_key_is_refused_and_not_repeated(fleet):
    fleet.change('{ env = "TOLT_API_KEY" }', '"tlt_live_1234567890abcdef"')

    said = fleet.run("fleet", "pairs", "import", "pairs.toml")

    assert said.code == 2
    assert "a key in the file itself is refused" in said.err
    assert "1234567890" not in said.err


def test_new_pairs_are_due_one_after_the_other_within_their_interval(fleet):
    fleet.write(more=many(100))
    fleet.run("fleet", "pairs", "import", "more.toml")

    due = sorted(row.due for row in fleet.pairs.listed().pairs)

    steps = {after - before for before, after in pairwise(due)}
    assert steps == {SECOND}
    assert due[0] <= fleet.fleet.now()


def test_a_thousand_pairs_that_run_each_minute_are_spread_over_that_minute(fleet):
    fleet.write(more=many(120, 'schedule = "* * * * *"\n'))
    fleet.run("fleet", "pairs", "import", "more.toml")

    due = sorted(row.due for row in fleet.pairs.listed().pairs)

    assert due[-1] - due[0] == 60 * SECOND * 119 // 120
    assert len(set(due)) == 120


def test_pairs_that_say_no_jitter_are_not_due_at_once(fleet):
    fleet.write(
        quick=many(1, 'schedule = "* * * * *"\n'),
        more=many(9, 'schedule = "*/15 * * * *"\n').replace("pair-", "much-"),
        near=many(1, "jitter = 5\n").replace("pair-", "near-"),
    )
    files = ["quick.toml", "more.toml", "near.toml"]

    told = fleet.run("fleet", "pairs", "import", *files, "--dry-run").out
    first = fleet.json("fleet", "pairs", "import", *files).document
    again = fleet.json("fleet", "pairs", "import", *files).document

    jitters = {
        row.pair: json.loads(row.section)["jitter"]
        for row in fleet.pairs.listed().pairs
    }
    status = [one["next_due"][14:19] for one in fleet.json("health").documents]
    assert "Without a jitter of their own: 10 pairs." in told
    assert "jitter = SECONDS in [defaults] or in a pair" in told
    assert (first["spread"], again["spread"], again["changed"]) == (10, 10, [])
    assert {jitters.pop("pair-0000"), jitters.pop("near-0000")} == {56, 5}
    assert set(jitters.values()) == {840}
    assert len(set(status)) > 8


def test_an_import_that_is_refused_says_so_and_an_empty_file_is_named(fleet):
    fleet.write(bad='[[pairs]]\nname = "a"\n', empty="")

    refused = fleet.run("fleet", "pairs", "import", "bad.toml")
    empty = fleet.run("fleet", "pairs", "import", "empty.toml")

    assert refused.code == 2
    assert refused.err.rstrip().endswith("No pair was imported.")
    assert "empty.toml: there is no pair in it" in empty.err


def test_only_another_schedule_moves_when_a_pair_is_due(fleet):
    fleet.bring()
    before = {row.pair: row.due for row in fleet.pairs.listed().pairs}
    fleet.change('name = "acme"', 'name = "acme"\njitter = 0\nschedule = "0 0 1 1 *"')
    fleet.change('name = "beta"', 'name = "beta"\ndirection = "to-tolt"')

    document = fleet.json("fleet", "pairs", "import", "pairs.toml").document

    after = {row.pair: row.due for row in fleet.pairs.listed().pairs}
    assert document["changed"] == ["acme", "beta"]
    assert after["beta"] == before["beta"]
    assert after["acme"] > before["acme"]
    assert after["acme"] % (86400 * SECOND) == 0


def test_an_import_needs_a_server_and_names_it(place):
    said = place.run("fleet", "pairs", "import", "connector.toml")

    assert said.code == 2
    assert "PostgreSQL" in said.err
    assert "connector.toml" in said.err


@pytest.mark.parametrize(
    "words", ["list", "pause acme", "resume acme", "import connector.toml"]
)
def test_without_a_server_every_command_of_the_pairs_names_postgresql(place, words):
    said = place.json("fleet", "pairs", *words.split())

    assert (said.code, said.out) == (2, "")
    assert "PostgreSQL" in said.err


@pytest.mark.parametrize("word", ["status", "migrate", "worker"])
def test_without_a_server_a_fleet_names_postgresql(place, word):
    said = place.run("fleet", word)

    assert said.code == 2
    assert "PostgreSQL" in said.err


def test_a_fresh_database_gets_its_tables_by_the_first_import(place, postgres):
    url = postgres.database()
    fresh = FleetPlace(place, url)

    listed = fresh.json("fleet", "pairs", "list").document
    dry = fresh.json("fleet", "pairs", "import", "pairs.toml", "--dry-run").document
    fresh.bring()

    assert listed["pairs"] == []
    assert dry["new"] == ["acme", "beta"]
    assert fresh.pairs.names() == ["acme", "beta"]
    servers.opened(url).dispose()


def test_migrate_makes_all_tables_once(place, postgres):
    url = postgres.database()
    fresh = FleetPlace(place, url)

    first = fresh.json("fleet", "migrate").document
    again = fresh.run("fleet", "migrate")

    assert first["queue_changed"]
    assert again.out.endswith("those of the queue were up to date.\n")
    servers.opened(url).dispose()


# --- pause and resume -------------------------------------------------------------


def test_a_pause_keeps_who_said_so_and_why_and_the_first_word_counts(fleet):
    fleet.bring()
    note = ("--note", "moves", "--by", "ann")
    first = fleet.json("fleet", "pairs", "pause", "acme", *note).document

    again = fleet.json("fleet", "pairs", "pause", "acme", "beta", "--by", "bob")

    row = fleet.pairs.one("acme")
    assert (first["done"], first["already"]) == (["acme"], [])
    assert (again.document["done"], again.document["already"]) == (["beta"], ["acme"])
    assert (row.paused, row.paused_by, row.note) == (True, "ann", "moves")
    assert "paused; by ann since" in fleet.run("fleet", "pairs", "list").out


def test_a_resume_ends_a_pause_with_its_note(fleet):
    fleet.bring()
    fleet.run("fleet", "pairs", "pause", "acme", "--note", "moves")

    said = fleet.run("fleet", "pairs", "resume", "acme", "beta")

    row = fleet.pairs.one("acme")
    assert said.out == "1 pair resumed: acme.\n1 pair not paused: beta.\n"
    assert (row.paused, row.paused_by, row.note) == (False, "", "")


@pytest.mark.parametrize("meant", [["*"], ["[ab]*"], ["--all"]], ids=" ".join)
def test_many_at_once_need_a_yes(fleet, meant):
    fleet.bring()

    unasked = fleet.run("fleet", "pairs", "pause", *meant)
    before = [row.paused for row in fleet.pairs.listed().pairs]
    said = fleet.json("fleet", "pairs", "pause", *meant, "--yes").document

    assert unasked.code == 2
    assert "there is no terminal: say --yes. Nothing was changed." in unasked.err
    assert before == [False, False]
    assert said["done"] == ["acme", "beta"]


def test_a_name_that_nothing_has_changes_nothing(fleet):
    fleet.bring()

    said = fleet.run("fleet", "pairs", "pause", "acme", "bta", "--yes")

    assert said.code == 2
    assert "there is no pair bta (did you mean 'beta'?)" in said.err
    assert "Nothing was changed." in said.err
    assert not fleet.pairs.one("acme").paused


@pytest.mark.parametrize("words", ["pause", "pause acme --all", "resume"])
def test_either_names_or_all_of_them(fleet, words):
    assert fleet.run("fleet", "pairs", *words.split()).code == 2


# --- list -------------------------------------------------------------------------


def test_a_fleet_without_a_pair_says_how_they_come_into_it(fleet):
    fleet.bring()
    strange = fleet.run("fleet", "pairs", "list", "--search", "zzz").out
    beyond = fleet.run("fleet", "pairs", "list", "--page", "9").out
    fleet.empty()

    for words in (["list"], []):
        said = fleet.run("fleet", *(["pairs", *words] if words else ["status"]))
        assert said.code == 0
        assert "Bring them into it: partnero-tolt fleet pairs import FILE" in said.out
    assert strange.endswith("All of them: partnero-tolt fleet pairs list\n")
    assert beyond == "That page is empty; there are 1.\n"


def test_pairs_are_listed_page_by_page(fleet):
    fleet.write(more=many(7))
    fleet.run("fleet", "pairs", "import", "more.toml")

    said = fleet.run("fleet", "pairs", "list", "--limit", "3")
    last = fleet.json("fleet", "pairs", "list", "--limit", "3", "--page", "3").document

    assert said.out.count("pair-00") == 3
    assert (
        "Page 1 of 3, 7 pairs in all. Next: partnero-tolt fleet pairs list" in said.out
    )
    assert said.out.rstrip().endswith("--limit 3 --page 2")
    assert [one["pair"] for one in last["pairs"]] == ["pair-0006"]
    assert (last["total"], last["page"], last["pages"]) == (7, 3, 3)


def test_a_list_says_how_each_pair_stands(fleet):
    fleet.bring()
    fleet.run("sync", "--pair", "acme")

    acme, beta = fleet.json("fleet", "pairs", "list").document["pairs"]

    assert (acme["last_status"], acme["stale"]) == ("complete", False)
    assert acme["last_success"]
    assert (beta["last_run"], beta["stale"], beta["error"] is None) == (
        None,
        True,
        False,
    )
    assert beta["state"] in ("due", "waiting")


def test_what_is_looked_for_may_be_a_part_of_a_name_or_a_state(fleet):
    fleet.bring()
    fleet.run("fleet", "pairs", "pause", "beta")

    found = fleet.json("fleet", "pairs", "list", "--search", "CM").document
    paused = fleet.json("fleet", "pairs", "list", "--state", "paused").document

    assert [one["pair"] for one in found["pairs"]] == ["acme"]
    assert [one["pair"] for one in paused["pairs"]] == ["beta"]


def test_the_stale_ones_are_listed_and_counted_and_a_paused_pair_is_none(fleet):
    fleet.bring()
    fleet.run("sync", "--pair", "acme")
    stale = fleet.json("fleet", "pairs", "list", "--state", "stale").document
    counted = fleet.json("fleet", "status").document["stale"]
    fleet.run("fleet", "pairs", "pause", "beta")

    after = fleet.json("fleet", "status").document["stale"]
    health = fleet.json("health", "--pair", "beta")

    assert [one["pair"] for one in stale["pairs"]] == ["beta"]
    assert (counted, after) == (1, 0)
    assert (health.code, health.document["paused"]) == (0, True)
    assert "paused beta" in fleet.run("health", "--pair", "beta").out


# --- status -----------------------------------------------------------------------


def test_a_fleet_whose_pairs_are_due_and_that_has_no_worker_is_wrong(fleet):
    fleet.bring()

    said = fleet.json("fleet", "status")

    assert said.code == 1
    assert said.document["ok"] is False
    assert said.document["problems"][0].startswith(
        "No worker is alive, and 1 pair is due. Start one: partnero-tolt fleet worker"
    )
    assert (said.document["pairs"], said.document["oldest_pair"]) == (2, "acme")


def test_a_fleet_with_a_living_worker_is_right_until_a_pair_is_too_late(fleet):
    fleet.bring()
    fleet.fleet.alive("host/1", 8, 2, 0)
    good = fleet.run("fleet", "status")
    fleet.fleet.hint("acme", fleet.fleet.now() - 600 * SECOND)

    late = fleet.run("fleet", "status")
    patient = fleet.run("fleet", "status", "--late", "900")

    assert (good.code, late.code, patient.code) == (0, 1, 0)
    assert "1 worker alive, with 8 slots." in good.out
    assert "host/1  alive, 2 of 8 slots in use" in good.out
    assert "WRONG  acme has been due for 10 min" in late.out


def test_a_fleet_that_is_paused_needs_no_worker(fleet):
    fleet.bring()
    fleet.run("fleet", "pairs", "pause", "--all", "--yes")

    said = fleet.json("fleet", "status")

    assert said.code == 0
    assert (said.document["paused"], said.document["due"]) == (2, 0)


@pytest.mark.parametrize("word", ["status", "migrate"])
def test_without_its_extra_it_is_said_what_to_install(fleet, monkeypatch, word):
    monkeypatch.setattr(extras, "is_there", lambda extra: extra != "fleet")

    said = fleet.run("fleet", word)

    assert said.code == 2
    assert "needs the extra fleet. Type:" in said.err


def test_a_server_that_is_away_is_one_sentence(fleet, postgres):
    fleet.place.config.write_text(
        fleet.head.replace(":5", ":1").replace("/db_", "/no_")
    )

    said = fleet.json("fleet", "status")

    assert said.code == 1
    assert said.document["format"] == "partnero-tolt/error"
    assert "Traceback" not in said.err
    assert "s3same" not in said.out + said.err


# --- the other commands -----------------------------------------------------------


def test_a_named_pair_of_the_database_is_planned_synced_and_told(fleet):
    fleet.bring()

    planned = fleet.json("plan", "--pair", "acme").document
    done = fleet.json("sync", "--pair", "acme").document
    status = fleet.json("status", "--pair", "acme").document
    history = fleet.json("history", "--pair", "acme").document
    inbox = fleet.json("inbox", "--pair", "acme").document
    shown = fleet.json("show", done["run"], "--pair", "acme").document

    assert planned["summary"]["ready"] > 0
    assert done["status"] == "complete"
    assert {one["pair"] for one in (planned, done, status, history, inbox, shown)} == {
        "acme"
    }
    assert [run["run"] for run in history["runs"]] == [done["run"]]


def test_a_decision_about_a_pair_of_the_database_is_kept(fleet):
    fleet.bring()
    fleet.run("sync", "--pair", "acme")
    waits = fleet.json("inbox", "--pair", "acme").document["changes"][0]

    said = fleet.json("decide", waits["id"], "--keep", "--pair", "acme")
    explained = fleet.json("explain", waits["code"], "--pair", "acme")

    assert said.code == 0, said.err
    assert [one["id"] for one in said.document["taken"]] == [waits["id"]]
    assert explained.document["pair"] == "acme"


def test_check_and_verify_know_a_pair_of_the_database(fleet):
    fleet.bring()

    checked = fleet.json("check", "--pair", "beta")
    verified = fleet.json("verify", "--pair", "beta")

    assert checked.code == 0, checked.out
    assert {one["pair"] for one in checked.document["checks"]} == {
        "connector.toml",
        "beta",
    }
    assert verified.document["pair"] == "beta"


def test_without_a_name_the_pairs_of_the_file_come_first_and_then_the_databases(fleet):
    fleet.bring()
    fleet.place.config.write_text(fleet.head + many(1))

    documents = fleet.json("status").documents

    assert [one["pair"] for one in documents] == ["pair-0000", "acme", "beta"]


def test_one_pair_of_several_is_named_in_all_that_is_said(fleet):
    fleet.bring()

    said = fleet.run("plan", "--pair", "acme")

    assert "--pair acme" in said.out


def test_of_a_named_pair_one_row_is_read_however_many_there_are(fleet, monkeypatch):
    fleet.bring()
    read = []
    sections = FleetPairs.sections

    def watched(self, pairs=None):
        found = sections(self, pairs)
        read.append([row.pair for row in found])
        return found

    monkeypatch.setattr(FleetPairs, "sections", watched)

    fleet.json("plan", "--pair", "acme")

    assert read
    assert all(rows == ["acme"] for rows in read)


def test_a_name_of_the_file_and_of_the_database_is_refused(fleet):
    fleet.bring()
    fleet.place.config.write_text(fleet.head + many(1).replace("pair-0000", "beta"))

    said = fleet.run("status", "--pair", "beta")
    every = fleet.run("status")

    assert (said.code, every.code) == (2, 2)
    assert "connector.toml:4: pair beta: name: there is a pair of this name in the" in (
        said.err
    )


def test_a_pair_that_nothing_has_is_refused_with_the_nearest_name(fleet):
    fleet.bring()

    said = fleet.run("plan", "--pair", "acm")

    assert said.code == 2
    assert "there is no pair acm (did you mean 'acme'?)" in said.err


def test_a_configuration_without_any_pair_says_where_they_may_be(fleet):
    said = fleet.run("plan")

    assert said.code == 2
    assert "fleet pairs import FILE" in said.err


def test_a_sync_of_all_leaves_paused_pairs_alone_and_says_so(fleet):
    fleet.bring()
    fleet.run("fleet", "pairs", "pause", "beta")

    every = fleet.json("sync")
    named = fleet.json("sync", "--pair", "beta")

    assert [one["pair"] for one in every.documents] == ["acme"]
    assert "1 pair paused and left alone: beta" in every.err
    assert named.document["status"] == "complete"
    assert "run all the same" in named.err


def test_the_background_job_runs_the_pairs_of_the_file_alone(fleet):
    fleet.bring()

    said = fleet.run("run")

    assert said.code == 2
    assert "partnero-tolt fleet worker" in said.err


def test_passes_of_the_background_job_share_its_connections(fleet):
    fleet.place.config.write_text(fleet.head + many(1))
    engine = servers.opened(fleet.url)
    assert not is_kept(engine)

    Keeper(Context(fleet.place.config), load(fleet.place.config))
    closing = engine.connect()
    closing.close()
    Store(engine, "pair-0000").close()

    assert engine.pool.checkedin() == 1


def test_a_job_without_a_pair_of_its_own_says_that_it_serves_the_pages(fleet):
    fleet.bring()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = f'[serve]\nlisten = "127.0.0.1:{port}"\n'
    fleet.place.config.write_text(fleet.head + serve)

    job = fleet.place.start("run")
    said = job.stderr.readline()
    job.terminate()
    job.wait(20)

    assert f"serves the pages of all pairs at http://127.0.0.1:{port}/" in said
    assert "the pairs of the database are run by: partnero-tolt fleet worker" in said


@pytest.mark.parametrize(
    ("listen", "why"),
    [("9465", "listen is HOST:PORT"), ("0.0.0.0:9465", "needs token")],
)
def test_an_address_of_a_worker_is_checked_like_that_of_the_file(fleet, listen, why):
    said = fleet.run("fleet", "worker", "--listen", listen)

    assert said.code == 2
    assert "--listen: " in said.err
    assert why in said.err
    assert "Nothing was begun." in said.err


def test_an_address_that_is_taken_says_how_another_one_is_given(fleet):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        worker = fleet.place.start("fleet", "worker", "--listen", address)
        said = fleet.place.end(worker)

    assert said.code == 2
    assert "(--listen, or else serve.listen)" in said.err
    assert f"{address} cannot be had: Address already in use\n" in said.err


def test_with_the_database_down_the_pairs_of_the_file_are_told_of(place, hurried):
    url = "postgresql+psycopg://user:s3same@127.0.0.1:1/fleet"
    place.config.write_text(f'[state]\nurl = "{url}"\n' + many(1))

    said = place.json("status")
    other = place.json("status", "--pair", "acme")

    assert said.code == 1
    assert said.document["pair"] == "pair-0000"
    assert other.code == 1
    assert other.document["format"] == "partnero-tolt/error"
