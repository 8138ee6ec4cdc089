"""[defaults] and include: one configuration out of several places."""

import os
import time

import pytest

from connector.config.load import load
from connector.config.resolve import aliases_of, keys_of, pair_of, read_pair
from connector.errors import Misconfigured

FOR_ALL = """\
[defaults]
direction = "to-tolt"
schedule = "@hourly"
[defaults.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[defaults.tolt]
api_key = { file = "tolt.key" }
program_id = "prg_all"
[defaults.policy]
delete = "never"
conflicts = { discount = "tolt", code = "hold" }
[defaults.coupons]
duration = { months = 12 }
[defaults.limits]
share = 0.5
"""
BARE = '[[pairs]]\nname = "acme"\n'
WHOLE = """\
[[pairs]]
name = "NAME"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[pairs.tolt]
api_key = { env = "TOLT_API_KEY" }
program_id = "prg_NAME"
"""


def pair(name, more=""):
    return WHOLE.replace("NAME", name) + more


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to write files into, by whose names messages can be compared."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "b")
    return tmp_path


def write(folder, **files):
    """Write files: ``_`` is a dot in their names, ``__`` a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/').replace('_', '.')}.toml"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return load_here(folder)


def load_here(folder):
    return load((folder / "connector.toml").relative_to(folder))


def refused(folder, **files):
    with pytest.raises(Misconfigured) as error:
        write(folder, **files)
    return str(error.value).splitlines()


# --- defaults ---------------------------------------------------------------------


def test_what_is_said_for_all_is_true_of_a_pair_that_says_nothing(folder):
    (acme,) = write(folder, connector=FOR_ALL + BARE).file.pairs

    assert acme.direction == "to-tolt"
    assert acme.schedule == "0 * * * *"
    assert acme.tolt.program_id == "prg_all"
    assert acme.policy.delete == "never"
    assert acme.coupons.canonical_duration == "months:12"


def test_tables_merge_key_by_key_and_what_a_pair_says_itself_counts(folder):
    own = BARE + (
        'direction = "both"\n[pairs.policy]\nlossy = "auto"\n'
        '[pairs.policy.conflicts]\ncode = "partnero"\n'
        '[pairs.tolt]\nprogram_id = "prg_x"'
    )

    (acme,) = write(folder, connector=FOR_ALL + own).file.pairs

    assert acme.direction == "both"
    assert (acme.policy.delete, acme.policy.lossy) == ("never", "auto")
    assert acme.policy.conflicts == {"discount": "tolt", "code": "partnero"}
    assert acme.tolt.program_id == "prg_x"
    assert acme.tolt.api_key.file == "tolt.key"


def test_a_secret_and_a_duration_are_one_value_each(folder):
    own = BARE + (
        '[pairs.tolt]\napi_key = { env = "TOLT_API_KEY" }\n'
        "[pairs.coupons]\nduration = { years = 1 }\n"
    )

    (acme,) = write(folder, connector=FOR_ALL + own).file.pairs

    assert (acme.tolt.api_key.env, acme.tolt.api_key.file) == ("TOLT_API_KEY", None)
    assert acme.coupons.canonical_duration == "years:1"


def test_what_is_said_for_all_reaches_included_pairs(folder):
    config = write(
        folder, connector=f'include = ["pairs.d/*.toml"]\n{FOR_ALL}', pairs_d__acme=BARE
    )

    assert config.file.pairs[0].policy.delete == "never"


def test_a_default_makes_the_same_plan_as_the_same_words_in_the_pair(folder):
    common = '[defaults.policy]\ndelete = "never"\n'
    config = write(folder, connector=common + pair("acme"))
    alone = write(folder, connector=pair("acme", '[pairs.policy]\ndelete = "never"\n'))

    digests = {
        pair_of(one, one.file.pairs[0], keys_of(one, one.file.pairs[0])).digest
        for one in (config, alone)
    }

    assert len(digests) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[defaults]\nname = "x"', ":2: defaults.name: unknown key"),
        ("[defaults.notify]\nurls = []", ":1: defaults.notify: unknown key"),
        ("[defaults]\ndirections = 1", ":2: defaults.directions: unknown key (did you"),
        (
            '[defaults.policy]\ndelete = "maybe"',
            ":2: defaults.policy.delete: allowed are 'auto', 'hold' or 'never'",
        ),
        ("[defaults.policy]\ndeletes = 1", "policy.deletes: unknown key (did you mean"),
        ("[defaults.tolt]\nrequests_per_second = 0", ":2: defaults.tolt.requests_per"),
        ('[defaults.tolt]\napi_key = "tlt_sesame1"', "a key in the file itself is"),
        ("[defaults.coupons.map]\n'x' = 'y'", ":2: defaults.coupons.map.x: 'x' is no"),
        ("defaults = 1", ":1: defaults: allowed is a table, [defaults]"),
        ("defaults = [1]", ":1: defaults: allowed is a table, [defaults]"),
        ('[defaults.limits]\nsentinel = "\\u0007"', "limits.sentinel: control char"),
        ("[defaults]\npolicy = 1", ":2: defaults.policy: "),
    ],
)
@pytest.mark.parametrize("own", ["", "[pairs.policy]\ndelete = 'auto'\n"])
def test_what_is_wrong_with_it_is_told_once_in_its_own_line(folder, line, said, own):
    """Also where no pair takes it from there, and where several do."""
    told = refused(folder, connector=f"{line}\n{pair('a', own)}{pair('b', own)}")

    (only,) = told
    assert only.startswith("connector.toml:")
    assert ": defaults" in only
    assert said in only
    assert "sesame" not in "".join(told)


def test_a_pair_that_cannot_work_with_a_default_is_told_where_it_is_said(folder):
    (told,) = refused(
        folder,
        connector='[defaults.tolt]\nbase_url = "https://platform.tolt.com/v2"\n'
        + pair("acme", 'api_version = "v1"\n'),
    )

    assert "pair acme: tolt: base_url is that of v2" in told


def test_a_missing_key_of_a_default_names_the_pair_and_the_line_of_the_default(folder):
    config = write(folder, connector=FOR_ALL + BARE)

    with pytest.raises(Misconfigured) as error:
        keys_of(config, config.file.pairs[0])

    assert str(error.value).startswith("connector.toml:7: pair acme: tolt.api_key: ")


# --- included files ---------------------------------------------------------------

INCLUDE = 'include = ["pairs.d/*.toml", "more.toml"]\n'


def test_included_pairs_follow_in_the_order_of_the_patterns_and_names(folder):
    (folder / "pairs.d").mkdir()
    (folder / "pairs.d" / "notes.txt").write_text("[no pairs")
    (folder / "pairs.d" / ".hidden.toml").write_text("[no pairs")
    config = write(
        folder,
        pairs_d__b=pair("beta"),
        pairs_d__a=pair("alpha") + pair("other"),
        more=pair("more"),
        connector=INCLUDE + pair("first"),
    )

    names = [one.name for one in config.file.pairs]
    assert names == ["first", "alpha", "other", "beta", "more"]


def test_relative_paths_are_relative_to_the_file_in_which_they_stand(folder):
    acme = BARE + '[pairs.partners]\naliases = "aliases.csv"\n'
    beta = pair("beta").replace('env = "TOLT_API_KEY"', 'file = "beta.key"')
    beta += '[pairs.webhooks]\ntolt = { file = "hook" }\n'
    config = write(
        folder, connector=f'include = ["d/*.toml"]\n{FOR_ALL}', d__a=acme, d__b=beta
    )
    (folder / "tolt.key").write_text("of-all")
    (folder / "d" / "beta.key").write_text("of-beta")
    (folder / "d" / "aliases.csv").write_text("a@x.example,b@x.example\n")
    first, second = config.file.pairs

    assert keys_of(config, first).tolt == "of-all"
    assert keys_of(config, second).tolt == "of-beta"
    assert len(aliases_of(config, first)) == 1
    assert first.partners.aliases == "d/aliases.csv"
    assert second.webhooks.tolt is not None
    assert second.webhooks.tolt.file == "d/hook"


def test_absolute_paths_and_those_of_another_folder_stay_what_they_are(folder):
    away = folder / "away"
    home = folder / "home"
    home.mkdir()
    text = BARE + '[pairs.partners]\naliases = "/a.csv"\n'
    write(
        folder,
        away__a=text,
        away__b=text.replace("acme", "b").replace("/a", "a"),
        connector=FOR_ALL + pair("x"),
    )
    (home / "connector.toml").write_text(f'include = ["{away}/*.toml"]\n{FOR_ALL}')

    first, second = load(home / "connector.toml").file.pairs

    assert first.partners.aliases == "/a.csv"
    assert second.partners.aliases == f"{away}/a.csv"


def test_all_that_is_wrong_in_all_files_is_told_at_once(folder):
    told = refused(
        folder,
        connector=INCLUDE + pair("first", "[pairs.policy]\ncreate = 1\n"),
        pairs_d__a=pair("alpha", "[pairs.limits]\n\nshare = 7\n"),
        pairs_d__b="[state]\nkeep_runs = '1d'\n" + pair("beta"),
        pairs_d__c="[[pairs]\n",
        pairs_d__d=pair("delta", "schedules = 1\n") + pair("first"),
    )

    assert [line.partition(": ")[0] for line in told] == [
        "pairs.d/b.toml:1",
        "pairs.d/c.toml:1",
        "connector.toml:1",
        "pairs.d/d.toml:10",
        "connector.toml:10",
        "pairs.d/a.toml:10",
        "pairs.d/d.toml:8",
    ]
    text = "\n".join(told)
    assert "state: an included file holds [[pairs]] only" in text
    assert "pair alpha: limits.share: " in text
    assert "include[1]: more.toml does not exist" in text
    assert "two pairs are named first; the other one is in connector.toml:3" in text


def test_a_pattern_without_files_is_a_warning(folder):
    config = write(folder, connector='include = ["d/*.toml"]\n' + pair("acme"))

    assert config.warnings == (
        "connector.toml:1: include[0]: there is no file 'd/*.toml'",
    )


def test_only_a_pattern_without_files_leaves_no_pair(folder):
    told = refused(folder, connector='include = ["d/*.toml"]\n')

    assert told == [
        "connector.toml: pairs: is missing",
        "warning: connector.toml:1: include[0]: there is no file 'd/*.toml'",
    ]


@pytest.mark.parametrize(
    ("included", "said"),
    [
        ('["connector.toml"]', "include[0]: the file includes itself"),
        ('["*.toml"]', "include[0]: the file includes itself"),
        ('["./d/../connector.toml"]', "include[0]: the file includes itself"),
        ('["link.toml"]', "include[0]: the file includes itself"),
        ('["d/self.toml"]', "include: an included file holds [[pairs]] only"),
        ('["missing.toml"]', "include[0]: missing.toml does not exist"),
        ('["~/x.toml"]', "include[0]: ~/x.toml does not exist"),
        ('["d/**/x.toml"]', "names no files; allowed are a path and a pattern"),
        ('[""]', "names no files"),
        ('["a\\u0000b"]', "include[0]: control characters"),
        ("'d/self.toml'", "connector.toml:1: include: "),
        ("[1]", "connector.toml:1: include[0]: "),
        ('["folder.toml"]', "folder.toml cannot be read: it is a folder"),
        ('["pipe.toml"]', "pipe.toml cannot be read: it is no regular file"),
        ('["dangling.toml"]', "include[0]: dangling.toml does not exist"),
        ('["circle.toml"]', "circle.toml cannot be read: "),
        ('["utf16.toml"]', "utf16.toml cannot be read: it is UTF-16"),
        ('["tlt_live_sesame.toml"]', "connector.toml:1: include[0]: "),
    ],
)
def test_what_cannot_be_included_is_told_in_words(folder, included, said):
    (folder / "d").mkdir()
    (folder / "d" / "self.toml").write_text('include = ["self.toml"]\n')
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    (folder / "dangling.toml").symlink_to("nowhere")
    (folder / "circle.toml").symlink_to("circle.toml")
    (folder / "utf16.toml").write_bytes(pair("x").encode("utf-16"))
    (folder / "link.toml").symlink_to("connector.toml")
    if "*." in included:  # what is strange about the others is theirs
        for name in ("folder", "pipe", "dangling", "circle", "utf16", "link"):
            path = folder / f"{name}.toml"
            path.rmdir() if path.is_dir() else path.unlink()

    told = refused(folder, connector=f"include = {included}\n{pair('acme')}")

    assert said in "\n".join(told)
    assert "sesame" not in "".join(told)


def test_a_file_is_included_once_however_often_it_is_named(folder):
    (folder / "d").mkdir()
    (folder / "d" / "link.toml").symlink_to("acme.toml")
    config = write(
        folder,
        connector='include = ["d/*.toml", "d/acme.toml", "./d/acme.toml"]\n',
        d__acme=b"\xef\xbb\xbf".decode() + pair("acme").replace("\n", "\r\n"),
    )

    assert [one.name for one in config.file.pairs] == ["acme"]


def test_a_name_that_is_given_twice_names_both_files(folder):
    (told,) = refused(
        folder,
        connector='include = ["d/*.toml"]\n',
        d__a=pair("acme"),
        d__b=pair("beta") + pair("acme"),
    )

    assert told == (
        "d/b.toml:9: pair acme: name: two pairs are named acme; the other one is in "
        "d/a.toml:2"
    )


def test_a_file_that_holds_nothing_is_told_of(folder):
    config = write(folder, connector='include = ["e.toml"]\n' + pair("a"), e="# later")

    assert config.warnings == ("e.toml: there is no pair in it",)


# --- many pairs -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("apart", [False, True], ids=["one file", "a file each"])
def test_ten_thousand_pairs_are_read_and_told_of_in_seconds(folder, apart):
    """It takes a few seconds on an idle machine; what is asserted is no square."""
    count = 10_000
    if apart:
        (folder / "d").mkdir()
        for number in range(count):
            (folder / "d" / f"{number}.toml").write_text(pair(f"p{number}"))
        text = 'include = ["d/*.toml"]\n[defaults.policy]\ndelete = "never"\n'
    else:
        text = "".join(pair(f"p{number}") for number in range(count))
    began = time.monotonic()

    config = write(folder, connector=text)
    places = {config.where(one.name, "tolt", "api_key") for one in config.file.pairs}
    taken = time.monotonic() - began

    assert len(places) == count
    assert taken < 60


def test_a_fault_of_hundreds_of_pairs_is_told_within_bounds(folder):
    text = "".join(pair(f"p{n}", "[pairs.policy]\nx = 1\n") for n in range(300))

    told = refused(folder, connector=text)

    assert len(told) == 101
    assert told[-1] == "and 200 more"


def test_of_a_hundred_pairs_each_reads_no_key_but_its_own(folder, monkeypatch):
    """Who shares a programme is told by the configuration, and by the state."""
    text = ""
    for number in range(100):
        text += pair(f"p{number}").replace("PARTNERO_API_KEY", f"KEY_{number}")
        monkeypatch.setenv(f"KEY_{number}", f"pk_{number}")
    config = write(folder, connector=text)
    for number in range(1, 100):
        monkeypatch.delenv(f"KEY_{number}")

    (mine, *others) = read_pair(config, config.file.pairs[0]).programmes

    assert mine.pair == "p0"
    assert {one.partnero for one in others} <= {""}


# --- what lies beside -------------------------------------------------------------

ALIASED = "[pairs.partners]\naliases = 'aliases.csv'\n"
KEYS_AWAY = ("PARTNERO_API_KEY", "TOLT_API_KEY")


@pytest.mark.parametrize("broken", [False, True])
def test_what_a_pair_names_is_told_with_all_else_that_is_wrong(
    folder, monkeypatch, broken
):
    """Both keys, each line of the alias file, and the configuration, where it is."""
    for name in KEYS_AWAY:
        monkeypatch.delenv(name)
    text = pair("acme", ALIASED + ("[pairs.policy]\ndead = 1\n" if broken else ""))
    (folder / "d").mkdir()
    (folder / "d" / "aliases.csv").write_text("one@x.example\ntwo@x.example,\n")

    def read():
        config = write(folder, connector='include = ["d/*.toml"]\n', d__acme=text)
        read_pair(config, config.file.pairs[0])

    with pytest.raises(Misconfigured) as error:
        read()

    told = [line.rpartition(": ")[0] for line in str(error.value).splitlines()]
    assert [one.partition(": the env")[0].partition(": each")[0] for one in told] == [
        *(["d/acme.toml:11: pair acme: policy.dead"] if broken else []),
        "d/acme.toml:4: pair acme: partnero.api_key",
        "d/acme.toml:6: pair acme: tolt.api_key",
        "d/aliases.csv:1: pair acme: partners.aliases",
        "d/aliases.csv:2: pair acme: partners.aliases",
    ]


def test_what_is_no_secret_at_all_is_told_once(folder, monkeypatch):
    monkeypatch.delenv("PARTNERO_API_KEY")

    told = refused(
        folder, connector=pair("acme").replace('{ env = "TOLT_API_KEY" }', '"x"')
    )

    assert len(told) == 2
    assert "tolt.api_key: a key in the file itself is refused" in told[0]
    assert "PARTNERO_API_KEY is not set" in told[1]
