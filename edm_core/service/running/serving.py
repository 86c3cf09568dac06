"""A server: its socket, and the loop that answers until it is told to stop."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any

from ...errors import EdmError

HOST = "127.0.0.1"
"""Only this machine can connect."""
FAREWELL_SECONDS = 3
"""How long requests that are being answered may take once the server was told to stop."""
BACKLOG = 1024


def bind(
    port: int,
    host: str = HOST,
    *,
    remedy: str = "stop what runs there or choose another: edm app --port 8502",
) -> socket.socket:
    """Return a socket that listens on ``port`` of this machine.

    Parameters
    ----------
    port : int
        0 takes any free one.
    host : str
        Name or address under which it listens.
    remedy : str
        What to do where it cannot.

    Raises
    ------
    EdmError
        If the port is taken or not allowed, or there is no such address here.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise EdmError(
            "there is no such address", subject=f"host {host}", remedy="give one of this machine"
        ) from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((place[0], port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        number = error.errno if isinstance(error, OSError) else None
        if number == errno.EADDRNOTAVAIL:
            raise EdmError(
                "it is no address of this machine", subject=f"host {host}", remedy="give one that is"
            ) from None
        reason = "it is in use" if number == errno.EADDRINUSE else "it cannot be used"
        raise EdmError(reason, subject=f"port {port}", remedy=remedy) from None
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket, host: str = HOST) -> str:
    """Return the address to open in a browser."""
    shown = "localhost" if host in (HOST, "", "0.0.0.0", "::", "::1") else host  # noqa: S104 - only shown
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}"


def run(
    app: Any,
    listener: socket.socket,
    started: Callable[[], None],
    *,
    farewell: int = FAREWELL_SECONDS,
    stopping: Callable[[Callable[[], None]], None] | None = None,
    **options: Any,
) -> None:
    """Answer requests until told to stop; those that are being answered then may end.

    Parameters
    ----------
    app : ASGI application
        What answers.
    listener : socket
        From :func:`bind`; several processes may share one.
    started : callable
        Called once requests are answered.
    farewell : int
        Seconds for requests that are being answered when it is told to stop.
    stopping : callable, optional
        Given a function that stops the server, from whatever thread.
    **options
        More of ``uvicorn.Config``.

    Raises
    ------
    EdmError
        If the server did not start.
    """
    import uvicorn

    from ..web.events import end_all

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                started()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            end_all()  # streams would go on as long as the server lets them
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the application looks at them itself, and believes few
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=farewell,
        **options,
    )
    server = Server(config)

    def stop() -> None:
        server.should_exit = True

    if stopping is not None:
        stopping(stop)
    server.run(sockets=[listener])
    if not server.started:
        raise EdmError("the server did not start", remedy="read the lines above")
