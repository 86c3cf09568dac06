"""nginx, as ``deploy/nginx.conf`` has it, before the pages and two serving processes."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edm_core.settings import Settings
from tests.servers import LOOPBACK, Nginx, free_port, program

from ..measure import EDM
from .material import tone
from .outcome import Outcome
from .serving import PREFIX, ROOT, Serving

SITE = ROOT / "deploy" / "nginx.conf"
NAME = "edm.example.org"
_MB = 1_000_000


class Front:
    """The workbench as a browser far away sees it: by TLS, under its name, through nginx."""

    def __init__(self, nginx: Nginx, certificate: Path, key: str) -> None:
        self.nginx, self.key = nginx, key
        self.context = ssl.create_default_context(cafile=str(certificate))

    def connection(self, timeout: float = 60.0) -> http.client.HTTPSConnection:
        """Return a connection that believes the certificate, and that the name leads here."""
        return _Here(self.nginx.port, self.context, timeout)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, bytes]:
        """Return status, headers and body."""
        connection = self.connection()
        try:
            sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
            connection.request(method, path, body, {**sent, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@contextmanager
def fronted(folder: Path) -> Iterator[Front]:
    """Start the pages, two serving processes and nginx before them."""
    public = f"https://{NAME}"
    settings = Settings(data_dir=folder / "data", public_url=public)
    key = made_key(settings, folder)
    certificate, secret = _certificate(folder)
    with (
        Serving(settings, folder, "--processes", "2", "--no-workers") as api,
        Serving(settings, folder, "--no-demo", command="app") as pages,
        Nginx(site(api.port, pages.port, certificate, secret)) as nginx,
    ):
        nginx.check()
        yield Front(nginx, certificate, key)


def site(api: int, pages: int, certificate: Path, secret: Path) -> str:
    """Return the shipped file with the addresses and the certificate of this machine."""
    text = SITE.read_text(encoding="utf-8")
    for here, there in {
        "127.0.0.1:8501": f"{LOOPBACK}:{pages}",
        "127.0.0.1:8000": f"{LOOPBACK}:{api}",
        "listen 80;": f"listen {LOOPBACK}:{free_port()};",
        "listen [::]:80;": "",
        "listen 443 ssl;": f"listen {LOOPBACK}:{{port}} ssl;",
        "listen [::]:443 ssl;": "",
        "/etc/ssl/edm/fullchain.pem": str(certificate),
        "/etc/ssl/edm/privkey.pem": str(secret),
    }.items():
        assert here in text, f"deploy/nginx.conf has no {here}"
        text = text.replace(here, there)
    return text


def behind_nginx(folder: Path, megabytes: int) -> Outcome:
    """Send a large upload, ranges, events and a page's connection through nginx."""
    with fronted(folder) as front:
        entry, faults, figures = _large_upload(front, folder, megabytes)
        faults += _checked(
            ("a range", lambda: _range(front, entry, folder)),
            ("events", lambda: _events(front, figures)),
            ("a page's connection", lambda: _page(front)),
            ("who asks", lambda: _who(front)),
        )
    return Outcome(
        "behind nginx", f"`deploy/nginx.conf`, two serving processes, an upload of {megabytes} MB",
        "uploads and events stream, ranges and pages pass, nobody is taken for local",
        figures, tuple(faults),
    )  # fmt: skip


# --- what passes -------------------------------------------------------------------------------------


def _large_upload(front: Front, folder: Path, megabytes: int) -> tuple[str, list[str], dict[str, str]]:
    """Send the first half, look whether nginx kept it, and send the rest."""
    file = tone(folder / "long.wav", 1, duration=megabytes * _MB / 16_000)
    data = file.read_bytes()
    connection = front.connection()
    connection.putrequest("POST", f"{PREFIX}/recordings?name=long.wav")
    for name, value in {
        "Authorization": f"Bearer {front.key}", "Content-Type": "audio/wav", "Content-Length": str(len(data)),
    }.items():  # fmt: skip
        connection.putheader(name, value)
    began = time.monotonic()
    connection.endheaders()
    half = len(data) // 2
    connection.send(data[:half])
    kept = sum(
        path.stat().st_size for path in (front.nginx.folder / "client_body").rglob("*") if path.is_file()
    )
    connection.send(data[half:])
    answer = connection.getresponse()
    body = answer.read()
    took = time.monotonic() - began
    faults = []
    if answer.status != 202:
        return "", [f"an upload of {megabytes} MB was answered {answer.status}: {body[:300]!r}"], {}
    if kept:
        faults.append(f"nginx kept {kept} bytes of an upload on its disk")
    where = answer.headers["Location"] or ""
    if where.startswith("http://"):
        faults.append(f"the answer leads to {where}")
    return json.loads(body)["recording"]["id"], faults, {"upload": f"{took:.1f} s"}


def _range(front: Front, entry: str, folder: Path) -> str | None:
    data = (folder / "long.wav").read_bytes()
    status, headers, body = front.ask("GET", f"{PREFIX}/recordings/{entry}/audio", Range="bytes=1000-1999")
    if (status, body) != (206, data[1000:2000]):
        return f"{status}, {len(body)} bytes, {headers['Content-Range']}"
    return None


def _events(front: Front, figures: dict[str, str]) -> str | None:
    """Listen to what jobs do, and hear something while the stream goes on."""
    connection = front.connection(timeout=20)
    began = time.monotonic()
    connection.request("GET", f"{PREFIX}/jobs/events", headers={"Authorization": f"Bearer {front.key}"})
    answer = connection.getresponse()
    if answer.status != 200 or "text/event-stream" not in answer.headers["Content-Type"]:
        return f"{answer.status} {answer.headers['Content-Type']}"
    first = answer.readline()  # of a stream that does not end: nobody has waited for its end
    figures["first event"] = f"{1000 * (time.monotonic() - began):.0f} ms"
    connection.close()
    return None if first else "it ended without an event"


def _page(front: Front) -> str | None:
    """Open the connection of a page, as a browser does: nginx has to let it change its protocol."""
    raw = socket.create_connection((LOOPBACK, front.nginx.port), 20)
    with front.context.wrap_socket(raw, server_hostname=NAME) as secure:
        secure.sendall(
            (
                f"GET /_stcore/stream HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nOrigin: https://{NAME}\r\n"
                f"Authorization: Bearer {front.key}\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
            ).encode()
        )
        line = secure.makefile("rb").readline()
    return None if b" 101 " in line else line.decode(errors="replace").strip()


def _who(front: Front) -> str | None:
    """Ask without a key: nginx is on this machine, whoever asks it is not."""
    key, front.key = front.key, ""
    try:
        for path in (f"{PREFIX}/recordings", f"{PREFIX}/jobs"):
            for headers in ({}, {"X-Forwarded-For": LOOPBACK}):
                if (status := front.ask("GET", path, **headers)[0]) != 401:
                    return f"{path} without a key was answered {status}"
        if (status := front.ask("GET", f"{PREFIX}/metrics")[0]) != 404:
            return f"the metrics were answered {status}"
        if (status := front.ask("GET", f"{PREFIX}/health")[0]) != 200:
            return f"health was answered {status}"
    finally:
        front.key = key
    return None


# --- private -----------------------------------------------------------------------------------------


class _Here(http.client.HTTPSConnection):
    """A connection to a name, which leads to a port of this machine."""

    def __init__(self, port: int, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(NAME, 443, context=context, timeout=timeout)
        self._here, self._trusted = port, context

    def connect(self) -> None:
        raw = socket.create_connection((LOOPBACK, self._here), self.timeout)
        self.sock = self._trusted.wrap_socket(raw, server_hostname=NAME)


def _checked(*checks: tuple[str, Callable[[], str | None]]) -> list[str]:
    return [f"{name}: {fault}" for name, check in checks if (fault := check()) is not None]


def made_key(settings: Settings, folder: Path, scope: str = "admin") -> str:
    """Make an API key by the command line, and return it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EDM_")}
    done = subprocess.run(
        [*EDM, "keys", "create", "soak", "--scope", scope, "--format", "json"], cwd=folder,
        env={**inherited, **settings.environment()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)[0]["key"])


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the name, which nobody but this run believes."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = (
        f"{program('openssl', 'openssl')} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        f"-days 2 -subj /CN={NAME} -addext subjectAltName=DNS:{NAME} -keyout {key} -out {certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return certificate, key
