"""What people configure, and what they type: settings, limits, addresses, search words, keys of music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from edm_core.errors import SettingsError
from edm_core.settings import Settings

from ..running import Target

_NAMES = tuple(f"EDM_{each.name.upper()}" for each in fields(Settings))


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], None]:
    def parsed(data: bytes) -> None:
        parse(data[:4096].decode("utf-8", "replace").replace("\0", " "))

    return parsed


def _settings(text: str) -> None:
    values = dict(line.partition("=")[::2] for line in text.splitlines())
    settings = Settings.from_environment(values)
    assert Settings.from_environment(settings.environment()) == settings


def _limits(text: str) -> None:
    from edm_core.service.access.limits import parsed

    parsed(Settings(rate_limit=text))


def _sites(text: str) -> None:
    from edm_core.service.access.sites import site_of

    public, _, origins = text.partition("\n")
    site_of(Settings(public_url=public, cors_origins=origins))


def _blobs(text: str) -> None:
    from edm_core.store.blobs import blobs_of

    blobs_of(Settings(blob_url=text))


def _name(text: str) -> None:
    from edm_core.store.entry import display_name

    shown = display_name(text)
    assert shown.isprintable()
    assert 0 < len(shown) <= 300


def _musical(text: str) -> None:
    from edm_core.tonality import read_key
    from edm_core.vocabulary import read_section

    read_key(text)
    read_section(text)


def _lasting(text: str) -> None:
    from edm_core.store.keys import lasting

    lasting(text)


TARGETS = (
    Target(
        "settings",
        lambda: (
            b"EDM_DATA_DIR=/tmp/a\nEDM_MAX_UPLOAD_MB=20\nEDM_MAX_DURATION_S=3600\nEDM_API_KEYS_REQUIRED=1",
            b"EDM_LEASE_S=5\nEDM_LOG_FORMAT=json\nEDM_LLM_INPUT_PRICE=0.5\nEDM_LLM_RATING=similarity\nEDM_QUOTA_MB=5",
        ),
        _text(_settings),
        (SettingsError,),
        tuple(f"\n{name}=".encode() for name in _NAMES),
    ),
    Target(
        "rate-limit",
        lambda: (b"600/minute", b"600/minute; 20/second", b"10 per 2 hours"),
        _text(_limits),
        (SettingsError,),
        (b"/", b"per", b"day", b";", b"-", b"month", b"year", b"\xd9\xa3"),
    ),
    Target(
        "addresses",
        lambda: (
            b"https://edm.example.org\nhttps://a.example http://b.example:8080",
            b"http://[::1]:80\nhttp://c",
        ),
        _text(_sites),
        (SettingsError,),
        (b"://", b"[", b"]", b":", b"@", b"*", b"https://", b"%"),
    ),
    Target(
        "blob-address",
        lambda: (b"s3://bucket/prefix", b"file:///tmp/blobs", b"file://localhost/tmp/a%20b"),
        _text(_blobs),
        (SettingsError,),
        (b"s3://", b"file://", b"@", b"?", b"#", b"%00", b"[", b"]"),
    ),
    Target(
        "file-name",
        lambda: (b"../../etc/passwd", b"C:\\Music\\set.flac", "Zürich – 漢.wav".encode()),
        _text(_name),
    ),
    Target(
        "key-of-music", lambda: (b"A minor", b"8A", b"F#m", b"mix in", b"Riser 2", b"drop"), _text(_musical)
    ),
    Target("time-span", lambda: (b"90d", b"12h", b"2w", b"30m"), _text(_lasting), (ValueError,)),
)
