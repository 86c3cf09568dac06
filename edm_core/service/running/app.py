"""Serving pages and API in one process: what ``edm app`` runs."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ... import resources
from ...settings import Settings
from ..bench import open_workbench, workbench
from .serving import HOST, address_of, bind, run

if TYPE_CHECKING:
    import socket

__all__ = ["bind", "lifespan", "serve"]


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
        If the port is taken.
    """
    from ..access.security import listening
    from ..observing.logs import set_up
    from ..observing.metrics_files import share

    settings = settings or Settings.from_environment()
    listening(HOST, settings)
    with bind(port) as listener:
        set_up(settings)
        share(settings)
        bench = open_workbench(settings)
        bench.start()
        try:
            _configure(listener.getsockname()[1], bench.settings)
            _run(_application(), listener)
        except KeyboardInterrupt:
            pass
        finally:
            bench.close()
    print("Stopped.", file=sys.stderr)
    return 0


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

    from ..access.security import page_options
    from ..observing.logs import gather

    options = {
        "server.address": "localhost",
        "server.port": port,
        "server.headless": True,
        "server.maxUploadSize": settings.max_upload_mb,
        "server.fileWatcherType": "none",
    }
    file = resources.APP.parent / ".streamlit" / "config.toml"
    options |= page_options(settings)
    options |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    config._main_script_path = str(resources.APP)
    load_config_options(options)
    gather()


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


def _run(app: Any, listener: socket.socket) -> None:
    from streamlit.runtime.runtime_util import get_max_message_size_bytes

    address = address_of(listener)
    limit = get_max_message_size_bytes()
    run(app, listener, lambda: _announce(address), ws="websockets-sansio", ws_max_size=limit)


def _announce(address: str) -> None:
    print(
        f"\n  The workbench is open at {address}\n  Stop it with Ctrl-C.\n",
        file=sys.stderr,
        flush=True,
    )
