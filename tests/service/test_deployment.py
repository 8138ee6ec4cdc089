"""What is shipped for running elsewhere, as far as it can be tried from here."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from connector.config.schema import File

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    whole = re.sub(r"\\\n\s*", "", text)
    lines = [one for one in whole.splitlines() if one and not one.startswith("#")]
    return [(one.split()[0], one.partition(" ")[2]) for one in lines]


def test_the_image_is_built_in_two_stages_and_runs_as_nobody():
    found = instructions()
    last = max(n for n, (word, _) in enumerate(found) if word == "FROM")

    assert sum(word == "FROM" for word, _ in found) == 2
    assert dict(found[last:])["USER"].isdigit()
    assert int(dict(found[last:])["USER"]) > 0
    assert [value for word, value in found[last:] if word == "COPY"] == [
        "--from=build /opt/partnero-tolt /opt/partnero-tolt"
    ]


def test_the_image_is_healthy_as_health_says_and_keeps_its_state_in_a_volume():
    found = dict(instructions())

    assert found["HEALTHCHECK"].endswith('CMD ["partnero-tolt", "health"]')
    assert found["VOLUME"] == '["/data"]'
    assert found["CMD"] == '["run"]'


def test_everything_that_the_image_copies_is_there_and_not_ignored():
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    copies = [value.split()[:-1] for word, value in instructions() if word == "COPY"]
    sources = [one for copy in copies for one in copy if copy[0] != "--from=build"]

    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in allowed


def test_the_image_is_the_same_tomorrow():
    """The base by its digest, everything else by its hash, nothing by its name."""
    found = instructions()
    (base,) = [value for word, value in found if word == "ARG"]
    runs = " && ".join(value for word, value in found if word == "RUN")
    installs = [one for one in runs.split("&&") if "install " in one and "pip" in one]

    assert re.fullmatch(r"BASE=python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert {v.split()[0] for word, v in found if word == "FROM"} == {"${BASE}"}
    assert "apt-get" not in runs
    assert len(installs) == 2
    for one in installs:
        assert "--require-hashes" in one or "--no-index --no-deps" in one


def test_the_unit_tries_no_refused_configuration_again_and_nothing_for_ever():
    text = (DEPLOY / "partnero-tolt.service").read_text(encoding="utf-8")
    head, _, service = text.partition("[Service]")

    assert "RestartPreventExitStatus=2\n" in service
    burst = int(re.search(r"StartLimitBurst=(\d+)", head)[1])
    # It is reached at all: so many starts, 30 seconds apart, fit into the interval.
    assert int(re.search(r"StartLimitIntervalSec=(\d+)", head)[1]) > 30 * burst > 600


def test_there_is_memory_for_a_first_look_at_a_hundred_thousand_codes(manifests):
    text = (DEPLOY / "partnero-tolt.service").read_text(encoding="utf-8")
    pod = manifests["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    docs = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    assert int(re.search(r"MemoryMax=(\d+)M", text)[1]) > 811
    assert int(pod["containers"][0]["resources"]["limits"]["memory"][:-2]) > 811
    assert "--memory 1536m" in docs


@pytest.mark.parametrize("number", range(4))
def test_the_commands_of_the_image_are_shell(number):
    runs = [value for word, value in instructions() if word == "RUN"]

    subprocess.run(["/bin/sh", "-n", "-c", runs[number]], check=True)


def test_the_unit_is_accepted_by_systemd_and_exposes_little(tmp_path):
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd-analyze")
    text = (DEPLOY / "partnero-tolt.service").read_text(encoding="utf-8")
    unit = tmp_path / "partnero-tolt.service"
    unit.write_text(text.replace("/opt/partnero-tolt/bin/partnero-tolt", "/bin/true"))

    told = subprocess.run(
        [systemd, "verify", unit], capture_output=True, text=True, check=False
    )
    level = subprocess.run(
        [systemd, "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stderr) == (0, "")
    assert level.returncode == 0, level.stdout[-80:]


def test_the_unit_waits_longer_than_a_pass_may_take_after_a_signal():
    text = (DEPLOY / "partnero-tolt.service").read_text(encoding="utf-8")

    assert int(re.search(r"TimeoutStopSec=(\d+)", text)[1]) > 300
    assert "SuccessExitStatus=143" in text
    assert text.count("LoadCredential=") == 2


@pytest.fixture
def manifests() -> dict:
    text = (DEPLOY / "kubernetes-cronjob.yaml").read_text(encoding="utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def test_the_cron_job_never_runs_twice_at_a_time_nor_again_by_itself(manifests):
    spec = manifests["CronJob"]["spec"]

    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert spec["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_the_cron_job_may_do_nothing_but_its_work(manifests):
    pod = manifests["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert container["args"] == ["sync"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {one["name"] for one in container["volumeMounts"]}
    assert mounts == {one["name"] for one in pod["volumes"]}


def test_the_configuration_in_the_manifest_is_a_good_one(manifests):
    text = manifests["ConfigMap"]["data"]["connector.toml"]

    config = File.model_validate(tomllib.loads(text))

    assert config.pairs[0].schedule == manifests["CronJob"]["spec"]["schedule"]
    assert config.state.url.startswith("sqlite:////data/")


def test_each_configuration_in_the_pages_about_running_is_a_good_one():
    for page in ("deployment.md", "monitoring.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        assert blocks
        for block in blocks:
            raw = tomllib.loads(block)
            raw.setdefault("pairs", [{"name": "acme"}])
            raw["pairs"][0].setdefault("partnero", {"api_key": {"env": "P"}})
            raw["pairs"][0].setdefault(
                "tolt", {"api_key": {"env": "T"}, "program_id": "prg_1"}
            )
            File.model_validate(raw)
