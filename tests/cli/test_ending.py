"""Being told to end."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

WORK = """
import signal, sys, time
from edm_core.cli.ending import end_tidily_when_told
{before}
end_tidily_when_told()
try:
    print("at work", flush=True)
    time.sleep(60)
finally:
    print("tidying up", flush=True)
    sys.stdin.readline()
    print("done", flush=True)
"""


def at_work(before: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORK.format(before=before)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        # Whatever the tests run under.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "at work\n"
    return process


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_break_off_the_tidying_up(
    first: signal.Signals, second: signal.Signals
) -> None:
    with at_work() as process:
        assert process.stdout is not None
        process.send_signal(first)
        assert process.stdout.readline() == "tidying up\n"
        process.send_signal(second)
        said, _ = process.communicate("go on\n", timeout=20)
    assert (said, process.returncode) == ("done\n", 128 + first)


def test_what_is_ignored_stays_ignored() -> None:
    with at_work("signal.signal(signal.SIGHUP, signal.SIG_IGN)") as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate("go on\n", timeout=20)
    assert (said, process.returncode) == ("tidying up\ndone\n", 128 + signal.SIGTERM)
