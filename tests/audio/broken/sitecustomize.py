"""Codecs that break on demand, for tests of whole servers and workers: put this folder on ``PYTHONPATH``.

A file that holds one of :data:`MARKS` in its first 4 KiB (in a WAV's tags, say) makes the process that decodes it
crash, hang, or hoard; every other file is decoded as ever. Nothing of this is in the product: Python imports
``sitecustomize`` when it starts, and what is replaced is how decoders are started.
"""

import sys

MARKS = {
    b"BREAK-SEGV": "os.kill(os.getpid(), 11)",
    b"BREAK-ABRT": "os.abort()",
    b"BREAK-HANG": "time.sleep(3600)",
    b"BREAK-SPIN": "[None for _ in iter(int, 1)]",
    b"BREAK-HOARD": "[bytearray(1 << 24) for _ in iter(int, 1)]",
}

_SCRIPT = """
import os, sys, time
sys.path[:] += {path!r}
from edm_core.audio import _decoder_process, _ready_process
answer = _decoder_process.answer
def breaking(descriptor, *given):
    head = os.pread(descriptor, 4096, 0)
    for mark, body in {marks!r}.items():
        if mark in head:
            exec(body, globals())
    return answer(descriptor, *given)
_decoder_process.answer = breaking
sys.exit({module}.main(sys.argv[1:]))
"""


def _command(module):
    script = _SCRIPT.format(path=[each for each in sys.path if each], marks=MARKS, module=module)
    return [sys.executable, "-I", "-S", "-c", script]


def install():
    """Let decoders that are started from now on break where a file says so."""
    from edm_core.audio import sandbox

    sandbox.script_command = lambda: _command("_decoder_process")
    sandbox.ready_command = lambda: _command("_ready_process")


if __name__ == "sitecustomize":
    install()
