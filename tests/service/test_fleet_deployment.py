"""What is shipped for workers of a fleet, as far as it can be tried from here."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from connector.cli import app
from connector.commands.fleet_worker import UNAVAILABLE
from connector.config.load import load
from connector.terminal.options import hoisted

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "partnero-tolt-worker@.service").read_text(encoding="utf-8")


def parsed(words: list[str]) -> dict:
    """Let the program's own command line read a call; return what it was given.

    Nothing is called. What is no command, or no option of it, is an error.
    """
    command, context, rest = get_command(app), None, hoisted(words)
    given: dict = {}
    while True:
        context = command.make_context(
            command.name or "partnero-tolt", rest, parent=context
        )
        given |= context.params
        if not hasattr(command, "commands"):
            return {**given, "command": context.command_path}
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        command.name = name


def parsed_ending(words: list[str]) -> str:
    return parsed(words)["command"].partition(" ")[2]


WORKER = parsed(["fleet", "worker"])
"""What a worker takes for granted: its grace, and its patience without a server."""


# --- systemd --------------------------------------------------------------------------


def setting(name: str) -> list[str]:
    return re.findall(rf"(?m)^{name}=(.*)$", UNIT)


def test_the_unit_starts_a_worker_with_the_configuration():
    (line,) = setting("ExecStart")
    program, *words = line.split()

    assert program == "/opt/partnero-tolt/bin/partnero-tolt"
    assert parsed_ending(words) == "fleet worker"
    assert parsed(words)["config"] == Path("/etc/partnero-tolt/connector.toml")


def test_several_workers_of_one_machine_have_an_address_each():
    (line,) = setting("ExecStart")
    named = re.findall(r"partnero-tolt-worker@(\d+)", UNIT)

    listens = {parsed(line.replace("%i", port).split()[1:])["listen"] for port in named}

    assert len(listens) == len(named) == 2
    assert listens == {f"127.0.0.1:{port}" for port in named}


def test_a_worker_that_gave_up_its_server_is_started_at_once():
    assert setting("RestartForceExitStatus") == [str(UNAVAILABLE)]
    assert int(setting("RestartSec")[0]) <= 1
    assert setting("Restart") == ["on-failure"]


def test_a_refused_configuration_is_not_tried_again_and_a_stop_is_no_failure():
    assert setting("RestartPreventExitStatus") == ["2"]
    assert setting("SuccessExitStatus") == ["143"]


def test_outages_of_the_server_never_use_up_the_starts_of_the_unit():
    """Whoever exits with 75 has waited a quarter of an hour before."""
    burst, seconds = (
        int(*setting("StartLimitBurst")),
        int(*setting("StartLimitIntervalSec")),
    )

    assert seconds / WORKER["patience"] < burst
    assert seconds > burst * int(*setting("RestartSec"))  # and a crash loop does


def test_the_unit_waits_longer_than_the_passes_may_take_after_a_signal():
    assert int(*setting("TimeoutStopSec")) > WORKER["grace"]


def test_the_unit_names_its_instance_and_keeps_the_password_out_of_the_environment():
    assert "%i" in setting("Description")[0]
    assert setting("Environment") == ["PGPASSFILE=%d/pgpass"]
    assert setting("LoadCredential") == ["pgpass:/etc/partnero-tolt/pgpass"]


# --- Kubernetes -----------------------------------------------------------------------


@pytest.fixture
def manifests() -> dict:
    text = (DEPLOY / "kubernetes-fleet.yaml").read_text(encoding="utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


@pytest.fixture
def pod(manifests) -> dict:
    return manifests["Deployment"]["spec"]["template"]["spec"]


def test_the_pod_migrates_first_and_then_works(pod):
    (first,), (then,) = pod["initContainers"], pod["containers"]

    assert parsed_ending(first["args"]) == "fleet migrate"
    assert parsed_ending(then["args"]) == "fleet worker"
    assert first["image"] == then["image"]


def test_the_pod_may_do_nothing_but_its_work(pod):
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert all(
            mount.get("readOnly") or mount["name"] == "tmp"
            for mount in container["volumeMounts"]
        )
        assert "memory" in container["resources"]["limits"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False


def test_every_mount_has_its_volume_and_keys_come_as_files(pod):
    volumes = {one["name"]: one for one in pod["volumes"]}
    (worker,) = pod["containers"]

    assert {one["name"] for one in worker["volumeMounts"]} == volumes.keys()
    assert volumes["keys"]["secret"]["defaultMode"] == 0o440
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]


def test_the_pod_is_left_more_time_than_the_passes_may_take_after_a_signal(pod):
    assert pod["terminationGracePeriodSeconds"] > WORKER["grace"]
    assert pod["restartPolicy"] == "Always"  # also after exit 75


def test_a_worker_without_its_database_is_not_ready_and_not_killed(pod):
    """/healthz asks nothing of the database, /readyz does."""
    (worker,) = pod["containers"]
    paths = {
        kind: worker[kind]["httpGet"]["path"]
        for kind in ("livenessProbe", "readinessProbe", "startupProbe")
    }
    (port,) = worker["ports"]

    assert paths == {
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
        "startupProbe": "/healthz",
    }
    assert all(worker[kind]["httpGet"]["port"] == port["name"] for kind in paths)


def test_workers_are_replaced_one_after_the_other(manifests):
    spec = manifests["Deployment"]["spec"]
    labels = spec["template"]["metadata"]["labels"]

    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["selector"]["matchLabels"] == labels
    budget = manifests["PodDisruptionBudget"]["spec"]
    assert budget["selector"]["matchLabels"] == labels


def test_the_configuration_of_the_pods_is_a_good_one(manifests, pod, tmp_path):
    text = manifests["ConfigMap"]["data"]["connector.toml"]
    path = tmp_path / "connector.toml"
    path.write_text(text, encoding="utf-8")

    file = load(path).file

    assert file.state.url.startswith("postgresql+psycopg://")
    assert "@" in file.state.url
    assert ":" not in file.state.url.partition("://")[2].partition("@")[0]
    assert file.serve.address[1] == pod["containers"][0]["ports"][0]["containerPort"]
    assert file.fleet.slots == 8
    mounted = {one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    assert str(Path(file.serve.view_token.file).parent) in mounted


# --- compose --------------------------------------------------------------------------


@pytest.fixture
def services() -> dict:
    text = (DEPLOY / "compose-fleet.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["services"]


def test_two_workers_begin_when_the_tables_are_there(services):
    worker = services["worker"]

    assert parsed_ending(services["migrate"]["command"]) == "fleet migrate"
    assert parsed_ending(worker["command"]) == "fleet worker"
    assert worker["deploy"]["replicas"] == 2
    assert worker["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert worker["restart"] == "unless-stopped"
    assert int(worker["stop_grace_period"][:-1]) > WORKER["grace"]


def test_the_services_may_do_nothing_but_their_work(services):
    for name in ("migrate", "worker"):
        service = services[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert all(volume.endswith(":ro") for volume in service["volumes"])
    assert "ports" not in services["database"]


def test_no_password_stands_in_what_is_shipped(services):
    """It comes from .env, and without it nothing starts."""
    given = [
        services["database"]["environment"]["POSTGRES_PASSWORD"],
        services["worker"]["environment"]["PGPASSWORD"],
    ]

    assert all(re.match(r"\$\{PGPASSWORD:\?.+\}$", one) for one in given)


def test_the_configuration_that_the_compose_file_asks_for_is_a_good_one(tmp_path):
    text = (DEPLOY / "compose-fleet.yaml").read_text(encoding="utf-8")
    head = text.partition("\nname:")[0]
    shown = head.partition("In fleet/connector.toml:\n")[2]
    path = tmp_path / "connector.toml"
    path.write_text(re.sub(r"(?m)^#   ", "", shown), encoding="utf-8")

    assert tomllib.loads(path.read_text())
    assert load(path).file.serve.address == ("127.0.0.1", 9464)
