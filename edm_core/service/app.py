"""Serving pages and API in one process: what ``edm app`` runs."""

from __future__ import annotations

import errno
import importlib.util
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from .. import resources
from ..errors import EdmError
from ..settings import Settings
from .bench import open_workbench, workbench

HOST = "127.0.0.1"
"""Only this machine can connect."""
FAREWELL_SECONDS = 3
"""How long requests that are being answered may take once the server was told to stop."""


def serve(port: int = 8501, settings: Settings | None = None) -> int:
    """Serve the workbench on this machine until Ctrl-C; return the exit status, 0.

    Parameters
    ----------
    port : int
        Where; 0 takes any free one.
    settings : Settings, optional
        From the environment by default.

    Raises
    ------
    EdmError
        If the port is taken, or another process works on the same data folder.
    """
    with bind(port) as listener:
        address = f"http://localhost:{listener.getsockname()[1]}"
        bench = open_workbench(settings)
        bench.start()
        try:
            _configure(listener.getsockname()[1], bench.settings)
            _run(_application(), listener, lambda: _announce(address))
        except KeyboardInterrupt:
            pass
        finally:
            bench.close()
    print("Stopped.", file=sys.stderr)
    return 0


def bind(port: int) -> socket.socket:
    """Return a socket that listens on ``port`` of this machine.

    Raises
    ------
    EdmError
        If the port is taken or not allowed.
    """
    listener = socket.socket(socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "it is in use" if taken else "it cannot be used"
        raise EdmError(
            reason,
            subject=f"port {port}",
            remedy="stop what runs there or choose another: edm app --port 8502",
        ) from None
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Start and stop the workers with the server, where :func:`serve` has not done so already."""
    bench = workbench()
    mine = not bench.queue.is_running
    if mine:
        bench.start()
    try:
        yield
    finally:
        if mine:
            bench.close()


def _configure(port: int, settings: Settings) -> None:
    """Give the pages' framework its configuration, wherever the package lies and whatever the folder."""
    from streamlit import config
    from streamlit.web.bootstrap import load_config_options

    options = {
        "server.address": "localhost",
        "server.port": port,
        "server.headless": True,
        "server.maxUploadSize": settings.max_upload_mb,
        "server.fileWatcherType": "none",
    }
    file = resources.APP.parent / ".streamlit" / "config.toml"
    options |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    config._main_script_path = str(resources.APP)
    load_config_options(options)


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested tables into dotted names, as the framework takes them."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _application() -> Any:
    """Load ``app.py`` from where it lies: it is a face, not a part of the package."""
    specification = importlib.util.spec_from_file_location("edm_app", resources.APP)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.app


def _run(app: Any, listener: socket.socket, started: Callable[[], None]) -> None:
    import uvicorn
    from streamlit.runtime.runtime_util import get_max_message_size_bytes

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                started()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=get_max_message_size_bytes(),
        timeout_graceful_shutdown=FAREWELL_SECONDS,
    )
    server = Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise EdmError("the server did not start", remedy="read the lines above")


def _announce(address: str) -> None:
    print(
        f"\n  The workbench is open at {address}\n  Stop it with Ctrl-C.\n",
        file=sys.stderr,
        flush=True,
    )
