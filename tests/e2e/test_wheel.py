"""A wheel built from the tree works in an empty environment."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_migrations_and_courses_but_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("milepost/migrations/versions/0001") for name in names)
    assert "milepost/courses/first-steps/milepost.yaml" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel, tmp_path):
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin/python"
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--quiet", "--python", str(python), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=600)
    done = subprocess.run(
        [str(environment / "bin/milepost"), "demo", "--data-dir", str(tmp_path / "demo")],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": os.environ.get("LANG", "C.UTF-8")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "task complete" in done.stdout
    assert "code_snapshots" in done.stdout
    # A narrow terminal shortens the names at their end.
    assert "/user_events-" in done.stdout
