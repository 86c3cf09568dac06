"""What stands in headers, addresses and cookies: ranges, conditions, names of files and hosts, keys, sessions."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from edm_core.settings import Settings

from ..running import Target


def _latin(parse: Callable[[str], Any]) -> Callable[[bytes], None]:
    """Headers are bytes, which servers hand on as Latin-1."""

    def parsed(data: bytes) -> None:
        parse(data[:8192].decode("latin-1"))

    return parsed


@cache
def _settings() -> Settings:
    folder = tempfile.mkdtemp(prefix="edm-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Settings(data_dir=Path(folder))


def _range(header: str) -> None:
    from edm_core.service.web.ranges import Unsatisfiable, byte_range

    for size in (0, 1, 1000):
        try:
            part = byte_range(header, size)
        except Unsatisfiable:
            continue
        assert part is None or 0 <= part.start < part.stop <= size


def _conditions(header: str) -> None:
    from edm_core.service.api.annotations import _condition
    from edm_core.service.web.problems import Refused
    from edm_core.service.web.ranges import named

    named(header, '"1"')
    match, _, none = header.partition("\n")
    for pair in ((match, none or None), (None, match), (match or None, None)):
        try:
            number = _condition(*pair)
        except Refused as refused:
            status = refused.response.status_code
        else:
            status, number = 400, number or 0
            assert 0 <= number < 10**9
        assert 400 <= status < 500


def _disposition(header: str) -> None:
    from edm_core.service.web.upload_forms import name_in
    from edm_core.store.entry import display_name

    name = display_name(name_in(header))
    assert name
    assert name.isprintable()
    assert "/" not in name


def _boundary(header: str) -> None:
    from edm_core.service.web.problems import Refused
    from edm_core.service.web.upload_forms import Form, boundary_of

    status = 400
    try:
        Form(boundary_of(header), "file", lambda block: None)
    except Refused as refused:
        status = refused.response.status_code
    assert status == 400


def _host(header: str) -> None:
    from edm_core.service.access.sites import Site, host_of, is_foreign, is_here, is_loopback

    is_loopback(host_of(header))
    for name in ("host", "origin", "sec-fetch-site", "x-forwarded-for", "forwarded"):
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(b"host", b"localhost:8000"), (name.encode(), header.encode("latin-1"))],
            "server": ("127.0.0.1", 8000),
        }
        is_here(scope)
        is_foreign(scope, Site("https://edm.example.org"))


@cache
def _keys() -> tuple[Any, str]:
    from edm_core.store.keys import keys_of

    keys = keys_of(_settings())
    return keys, keys.create("fuzz", "read", by="fuzz")[1]


def _key(header: str) -> None:
    keys, text = _keys()
    found = keys.find(header)
    assert (found is None) == (header != text)


def _session(header: str) -> None:
    from edm_core.service.access.sessions import issued, shown

    good = issued(_settings(), "0123456789ab")
    found = shown(_settings(), header)
    assert found is None or header.strip() == good or found[0] == "0123456789ab"


def _sessions() -> tuple[bytes, ...]:
    from edm_core.service.access.sessions import issued

    return (issued(_settings(), "0123456789ab").encode(), issued(_settings(), "zz").encode())


def _cookies(header: str) -> None:
    from starlette.requests import HTTPConnection

    from edm_core.service.access.oidc import Provision, name_in

    connection = HTTPConnection({"type": "http", "headers": [(b"cookie", header.encode("latin-1"))]})
    site = "https://edm.example.org"
    assert name_in(connection.cookies, Provision("s" * 32, site, ("default",)), (site,)) is None


def _log_line(text: str) -> None:
    from edm_core.service.observing.masking import masked

    secret = "sesame-open"
    line = f"{text} postgresql://edm:{secret}@db/edm"
    assert secret not in masked(line, Settings(database_url=f"postgresql://edm:{secret}@db/edm"))


TARGETS = (
    Target(
        "range",
        lambda: (b"bytes=0-99", b"bytes=-5", b"bytes=95-", b"bytes=0-1,5-6"),
        _latin(_range),
        tokens=(b"bytes=", b"-", b","),
    ),
    Target("if-match", lambda: (b'"3"', b'W/"12"', b"*", b'"3"\n*', b'"a", W/"b"'), _latin(_conditions)),
    Target(
        "content-disposition",
        lambda: (
            b'attachment; filename="a set.mp3"',
            b"attachment; filename*=UTF-8''na%C3%AFve.wav",
            b'form-data; name="file"; filename="..\\\\..\\\\a.flac"',
        ),
        _latin(_disposition),
        tokens=(b"filename=", b"filename*=", b"%00", b"%2F", b"''", b'\\"', b"%ed%a0%80", b"%"),
    ),
    Target(
        "content-type",
        lambda: (b"multipart/form-data; boundary=xyz", b'multipart/form-data; boundary="a b"; charset=utf-8'),
        _latin(_boundary),
        tokens=(b"boundary=", b"boundary*0=", b";"),
    ),
    Target(
        "host",
        lambda: (
            b"localhost:8501",
            b"[::1]:8501",
            b"edm.example.org",
            b"https://edm.example.org",
            b"http://[::1]:80",
        ),
        _latin(_host),
        tokens=(b"[", b"]", b"://", b"@", b":", b"%", b"null", b"http://[", b"http://a:b@c"),
    ),
    Target(
        "api-key",
        lambda: (_keys()[1].encode(), b"edm_0123456789ab_" + b"x" * 43),
        _latin(_key),
        tokens=(b"edm_", b"_"),
    ),
    Target("session-cookie", _sessions, _latin(_session), tokens=(b".", b"-", b"_", b"=")),
    Target(
        "sign-in-cookie",
        lambda: (
            b"_streamlit_user=2|1:0|10:1700000000|15:_streamlit_user|8:e30=|" + b"a" * 64,
            b"a=b; _streamlit_user=chunks-2; _streamlit_user_0=x; _streamlit_user_1=y",
        ),
        _latin(_cookies),
        tokens=(b"_streamlit_user=", b"_streamlit_user_0=", b"; ", b"|", b"chunks-", b"2|1:0|"),
    ),
    Target(
        "log-line",
        lambda: (
            b"GET http://user:pass@host/ Authorization: Bearer abcdefghijkl api_key=1 cookie: a=b",
            b"redis://:pw@127.0.0.1:6379/0 X-API-Key: edm_0123456789ab_xxxx",
        ),
        _latin(_log_line),
        tokens=(b"://", b"@", b":", b"Bearer ", b"password=", b"cookie: ", b"'", b"a" * 3000, b"://a" * 500),
    ),
)
