"""What is shipped for running elsewhere, as far as it can be tried from here."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

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


@pytest.mark.parametrize("name", ["partnero-tolt", "partnero-tolt-worker@"])
def test_the_unit_is_accepted_by_systemd_and_exposes_little(tmp_path, name):
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd-analyze")
    text = (DEPLOY / f"{name}.service").read_text(encoding="utf-8")
    unit = tmp_path / f"{name}{'9464' if name.endswith('@') else ''}.service"
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


# --- a timer, a dashboard, alerts -----------------------------------------------------


def test_the_timer_and_its_unit_are_accepted_by_systemd(tmp_path):
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("there is no systemd-analyze")
    units = [DEPLOY / f"partnero-tolt-sync.{kind}" for kind in ("service", "timer")]
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/partnero-tolt/bin/partnero-tolt", "/bin/true")
        (tmp_path / unit.name).write_text(text)

    told = subprocess.run(
        [systemd, "verify", *(tmp_path / unit.name for unit in units)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stderr) == (0, "")


def test_what_the_timer_starts_is_one_sync_that_is_as_confined_as_the_job():
    job = (DEPLOY / "partnero-tolt.service").read_text(encoding="utf-8")
    once = (DEPLOY / "partnero-tolt-sync.service").read_text(encoding="utf-8")
    confined = {
        line for line in job.splitlines() if re.match(r"\w*Protect|Restr|Sys", line)
    }

    assert "Type=oneshot\n" in once
    assert re.search(r"^ExecStart=.* sync$", once, re.MULTILINE)
    assert {line for line in confined if not line.startswith("Restart")} <= {
        *once.splitlines()
    }
    assert re.search(r"^SuccessExitStatus=4 6", once, re.MULTILINE)


def metrics_told():
    from prometheus_client.parser import text_string_to_metric_families

    from connector.service.metrics import Metrics

    return list(text_string_to_metric_families(Metrics(tuple, dict).text().decode()))


def metrics_of_workers():
    from prometheus_client.parser import text_string_to_metric_families

    from connector.fleet.site import WorkerMetrics
    from state.fleet_pairs import Counted

    none = SimpleNamespace(slots=1, running=[], workers=list, count=Counted)
    text = WorkerMetrics(none, none, none).text().decode()
    told = text_string_to_metric_families(text)
    return [metric for metric in told if not metric.name.endswith("_created")]


def metrics_of_the_pages() -> set[str]:
    named = set()
    for metric in [*metrics_told(), *metrics_of_workers()]:
        named |= {metric.name, f"{metric.name}_total"}
        named |= {f"{metric.name}_sum", f"{metric.name}_count"}
    return named


@pytest.mark.parametrize("name", ["grafana-dashboard.json", "prometheus-alerts.yaml"])
def test_every_metric_of_dashboard_and_alerts_is_one_of_the_program(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    asked = set(re.findall(r"partnero_tolt_[a-z_]+", text))

    assert len(asked) > 4
    assert asked <= metrics_of_the_pages()


def test_every_metric_of_the_program_is_in_the_docs():
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    names = {metric.name for metric in [*metrics_told(), *metrics_of_workers()]}

    assert len(names) > 8
    assert {name for name in names if name not in page} == set()


def test_the_dashboard_can_be_imported_and_says_what_each_panel_is():
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    panels = board["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels) > 8
    assert all(panel["description"] for panel in panels)
    assert all(panel["datasource"]["uid"] == "${source}" for panel in panels)
    taken = {
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    }
    assert len(taken) == sum(p["gridPos"]["w"] * p["gridPos"]["h"] for p in panels)


def test_every_alert_says_what_happened_and_what_to_type():
    rules = yaml.safe_load((DEPLOY / "prometheus-alerts.yaml").read_text("utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]

    assert len(alerts) > 4
    for alert in alerts:
        assert alert["expr"]
        assert alert["labels"]["severity"] in {"page", "ticket", "info"}
        assert re.search(r"partnero-tolt|docs/", alert["annotations"]["description"])
