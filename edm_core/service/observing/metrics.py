"""What ``/metrics`` answers, and everything that is counted, under one roof.

The counters are in :mod:`edm_core.service.observing.meters`, what lies in the database in
:mod:`edm_core.service.observing.figures`; requests are counted by :mod:`edm_core.service.observing.measured`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...errors import SettingsError
from ...settings import Settings
from .figures import Figured
from .measured import Measured, route_of
from .meters import analysed, computed, job_ended, meters, refused, scored, uploaded
from .metrics_files import living, scraped, share

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = [
    "Measured",
    "analysed",
    "computed",
    "job_ended",
    "listening",
    "refused",
    "route_of",
    "scored",
    "share",
    "text",
    "uploaded",
]


def text(settings: Settings, accept: str = "") -> tuple[bytes, str]:
    """Return the figures of all processes of this machine as Prometheus reads them, and the content type.

    Parameters
    ----------
    settings : Settings
        Whose.
    accept : str, optional
        The request's ``Accept``, which may ask for OpenMetrics.
    """
    registry = _registry(settings)
    from prometheus_client.exposition import choose_encoder

    encoder, content_type = choose_encoder(accept)
    return encoder(registry), content_type


@contextmanager
def listening(settings: Settings, address: str) -> Iterator[None]:
    """Answer ``/metrics`` for Prometheus where nothing else does, as beside workers; ends with the block.

    Parameters
    ----------
    settings : Settings
        Whose figures.
    address : str
        ``9101`` for this machine alone, ``0.0.0.0:9101`` for others: there is no key to it, so only in a
        network of one's own.

    Raises
    ------
    SettingsError
        If it is no address, or it is taken.
    """
    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError("it is no port", subject=address, remedy="give 9101 or 0.0.0.0:9101")
    registry = _registry(settings)
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(int(port), host or "127.0.0.1", registry)
    except OSError as error:
        taken = "it is in use" if error.errno == errno.EADDRINUSE else str(error.strerror)
        raise SettingsError(taken, subject=address, remedy="choose another port") from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Everything:
    """All figures, collected anew at every scrape."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Any]:
        alone, folder = meters(self._settings).alone, share(self._settings)
        processes: tuple[int, ...] = ()
        if alone is not None:
            yield from alone.collect()
        elif folder is not None:
            yield from scraped(folder)
            processes = living(folder)
        yield from Figured(self._settings, processes).collect()


def _registry(settings: Settings) -> CollectorRegistry:
    meters(settings)  # decides where they are shared, before the library is imported
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything(settings))
    return registry
