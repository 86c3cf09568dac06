"""What the project's own writers make: a small timeline, an annotation, and what scored them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from edm_core.annotation import Annotation
from edm_core.exchange import read
from edm_core.timeline import Timeline

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "exchange" / "golden"


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (here, here, b",".join([b"*%c" % (here - 1)] * 10))
    for here in range(ord("b"), ord("i"))
)
"""Some hundred bytes of YAML that stand for a hundred million values, as ``*h``."""
DEEP_YAML = (b"[" * 60_000, b"- " * 30_000, b"? " * 30_000, b"{a: " * 16_000, b"a: &a [*a]\n")
DEEP_JSON = (b"[" * 60_000, b'{"a":' * 12_000, b'{"layers":' * 6_000, b"[" * 900 + b"]" * 900, b"1" * 60_000)
DEEP_XML = (b"<DJ_PLAYLISTS>" * 4_000, b"<a>" * 20_000 + b"</a>" * 20_000)


@cache
def golden(name: str) -> bytes:
    """One of the files that the readers are held to."""
    return (GOLDEN / name).read_bytes()


@cache
def timeline() -> Timeline:
    """An analysis with a layer of every kind."""
    return Timeline.from_json(golden("analyze.json").decode())


@cache
def annotation() -> Annotation:
    """What somebody says of a recording."""
    found = read(golden("current.yaml"), "current.yaml").annotations[0]
    return replace(found, tier=None)


@cache
def persona() -> bytes:
    """A persona's file, as it is packaged."""
    return (ROOT / "data" / "personas" / "genz.yaml").read_bytes()
