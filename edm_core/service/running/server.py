"""Serving the API alone: what ``edm serve`` runs.

The process that is started keeps the jobs: it does them itself, or sees to it that workers elsewhere do.
With more than one process, others answer the requests, on the same socket.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...settings import Settings
from .serving import HOST, address_of, bind, run

if TYPE_CHECKING:
    import socket

    from ..bench import Workbench

FAREWELL_SECONDS = 20
"""How long requests that are being answered may take once the server was told to stop."""


def serve_api(
    port: int = 8000,
    host: str = HOST,
    settings: Settings | None = None,
    *,
    processes: int = 1,
    workers: bool = True,
) -> int:
    """Serve the API until Ctrl-C; return the exit status, 0.

    Parameters
    ----------
    port : int
        Where; 0 takes any free one.
    host : str
        Name or address under which it listens.
    settings : Settings, optional
        From the environment by default.
    processes : int
        How many answer.
    workers : bool
        Whether jobs are done here, where no queue's server is set; otherwise by ``edm worker``.

    Raises
    ------
    EdmError
        If the port is taken, or others could reach it and there are no API keys.
    """
    settings = settings or Settings.from_environment()
    from ..access.security import listening
    from ..observing.logs import set_up
    from ..observing.metrics_files import share

    listening(host, settings)
    set_up(settings)
    share(settings)
    with bind(port, host, remedy="stop what runs there or choose another: edm serve --port 8001") as listener:
        from ..bench import open_workbench

        bench = open_workbench(settings)
        bench.start(work=None if workers else False)
        try:
            _answer(listener, host, bench, processes)
        except KeyboardInterrupt:
            pass
        finally:
            bench.close()
    print("Stopped.", file=sys.stderr)
    return 0


# --- private -----------------------------------------------------------------------------------------


def _answer(listener: socket.socket, host: str, bench: Workbench, processes: int) -> None:
    def announce() -> None:
        address = address_of(listener, host)
        print(f"\n  The API is at {address}/api/v1", file=sys.stderr)
        print(f"  What it can do: {address}/api/docs\n  Stop it with Ctrl-C.\n", file=sys.stderr, flush=True)

    if processes == 1:
        from ..web.application import application

        run(application(bench.settings), listener, announce, farewell=FAREWELL_SECONDS, lifespan="off")
        return
    from .fleet import Fleet

    fleet = Fleet(listener, bench.settings, processes, FAREWELL_SECONDS)
    try:
        fleet.start()
        announce()
        fleet.watch()
    finally:
        fleet.close()
