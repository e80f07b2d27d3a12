"""The files for a team: by the rules of the compose specification, and by what this Milepost understands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from milepost.cli import main
from milepost.settings.options import OPTIONS

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy/compose.yaml"
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text("utf-8"))


def of_milepost(compose) -> dict[str, dict]:
    return {name: service for name, service in compose["services"].items() if service["image"].startswith("milepost")}


def run(*command, **environment) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=120)


def by_the_schema(file: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file))


def test_the_specifications_own_schema_holds(tmp_path):
    done = by_the_schema(COMPOSE)
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / "compose.yaml"
    broken.write_text(COMPOSE.read_text("utf-8").replace("retries:", "retrys:"), "utf-8")
    assert by_the_schema(broken).returncode == 1


def test_docker_compose_itself_understands_it(tmp_path):
    file, *command = composing(tmp_path)
    command = (*command, "--project-directory", str(COMPOSE.parent), "--file", str(file), "config")
    done = run(*command, POSTGRES_PASSWORD="a", RABBITMQ_PASSWORD="b")
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == {"database", "broker", "upgrade", "relay", "worker"}
    assert run(*command, POSTGRES_PASSWORD="", RABBITMQ_PASSWORD="").returncode != 0


def composing(tmp_path) -> tuple[Path, ...]:
    """Return the file for the tool that is there, and the tool."""
    docker, older = shutil.which("docker"), shutil.which("docker-compose")
    if docker and run(docker, "compose", "version").returncode == 0:
        return COMPOSE, docker, "compose"
    if older is None:
        # The run lists it at its end, and fails where nothing may be left out.
        pytest.skip("docker-compose is not installed")
    # The first generation, which Debian has, knows everything but the project's name.
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE.read_text("utf-8").replace("name: milepost\n", "", 1), "utf-8")
    return file, older


def test_what_is_named_is_there(compose):
    services, volumes = compose["services"], set(compose["volumes"])
    used = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert used == volumes
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            needed = services[name]
            assert wanted["condition"] in {"service_healthy", "service_completed_successfully"}
            assert wanted["condition"] != "service_healthy" or "healthcheck" in needed
            assert wanted["condition"] != "service_completed_successfully" or needed["restart"] == "no"


def test_every_command_is_one_of_mileposts(compose):
    found = of_milepost(compose)
    assert set(found) == {"upgrade", "relay", "worker"}
    for service in found.values():
        main.parser().parse_args(service["command"])


def test_every_variable_is_a_setting(compose):
    known = {option.variable for option in OPTIONS}
    for service in of_milepost(compose).values():
        assert set(service["environment"]) <= known
        assert {"DATABASE_URL", "MILEPOST_BROKER_URL"} <= set(service["environment"])


def test_no_password_is_written_down_and_none_may_be_missing():
    text = COMPOSE.read_text("utf-8")
    asked = set(re.findall(r"\$\{(\w+PASSWORD)(:\?)?", text))
    assert asked == {("POSTGRES_PASSWORD", ":?"), ("RABBITMQ_PASSWORD", ":?")}
    example = (ROOT / "deploy/env.example").read_text("utf-8")
    names = {name for name, _ in re.findall(r"\$\{(\w+)(:[?-])", text)}
    assert names == set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert not re.search(r"PASSWORD=\S", example)


def test_nothing_listens_beyond_this_machine(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned_and_those_of_ours_have_few_rights(compose):
    for service in compose["services"].values():
        assert re.fullmatch(r"[\w/]+:[\w.-]+", service["image"])
        assert not service["image"].endswith(":latest")
    for service in of_milepost(compose).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert "\nUSER milepost" in DOCKERFILE


def test_the_image_has_what_the_wheel_is_made_of():
    taken = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert {"server", "migrations", "courses", "pyproject.toml", "README.md", "LICENSE"} <= taken
    assert all((ROOT / name).exists() for name in taken)
    assert (ROOT / re.findall(r"dockerfile: (\S+)", COMPOSE.read_text("utf-8"))[0]).is_file()
