"""One process of ``edm serve``, begun by :mod:`.fleet`.

python -m edm_core.service.running.member DESCRIPTOR FAREWELL
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable

from ...settings import Settings
from .fleet import READY


def main(arguments: list[str]) -> None:
    """Answer on a socket that was inherited, until standard input ends."""
    from ..observing.logs import set_up
    from ..observing.metrics_files import share

    settings = Settings.from_environment()
    set_up(settings)
    share(settings)
    from ..web.application import application
    from .serving import run

    listener = socket.socket(fileno=int(arguments[0]))
    run(
        application(settings), listener, _say_ready,
        farewell=int(arguments[1]), stopping=_at_end_of_input, lifespan="off",
    )  # fmt: skip


def _say_ready() -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()


def _at_end_of_input(stop: Callable[[], None]) -> None:
    def wait() -> None:
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1:])
