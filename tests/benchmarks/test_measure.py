import platform
import sys

import pytest

from benchmarks.measure import CommandFailed, run

LARGE = 200_000_000


def cost(work: str):
    return run([sys.executable, "-c", f"import subprocess\nheld = bytearray({LARGE})\n{work}"])


def test_memory_of_children_counts():
    child = f"import time; held = bytearray({LARGE}); time.sleep(0.5)"
    found = cost(f"subprocess.run([{sys.executable!r}, '-c', {child!r}])").memory
    assert 2 * LARGE < found < 2.4 * LARGE


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="cannot be told apart here")
def test_a_child_that_is_just_being_started_does_not_count_as_its_parent_again():
    command = [sys.executable, "-c", f"held = bytearray({LARGE})"]
    alone = run(command).memory
    started = cost("for _ in range(1500): subprocess.run(['true'])").memory
    assert started < alone + 0.4 * LARGE


def test_a_command_that_fails_says_so():
    with pytest.raises(CommandFailed, match=r"exited with 3:\nwhy"):
        run([sys.executable, "-c", "import sys; print('why'); sys.exit(3)"])
