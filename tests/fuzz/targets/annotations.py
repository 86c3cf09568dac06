"""Files of annotations, in every format, as themselves and taken for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from edm_core.exchange import FORMATS, ExchangeError, read, timelines_of, write

from ..running import Target
from . import samples

_GOLDEN = {
    "json": ("analysis.json",),
    "yaml": ("current.yaml", "older.yaml", "oldest.yaml"),
    "jams": ("no-lengths.jams",),
    "rekordbox": ("collection.xml",),
    "audacity": ("labels.txt", "points.txt"),
    "lab": ("corpus.lab", "htk.lab", "starts.lab"),
    "textgrid": ("long.TextGrid", "short.TextGrid"),
    "csv": ("bars.csv", "seconds.csv", "starts.csv", "tempo.csv"),
    "edm98": ("corpus.jsonl",),
    "mirex": ("song.mirex",),
    "webvtt": ("chapters.vtt", "talk.vtt"),
    "srt": ("talk.srt",),
}
_DEEP = {
    "yaml": (samples.BOMB + b"sections: *h\n", *samples.DEEP_YAML),
    "json": samples.DEEP_JSON,
    "jams": samples.DEEP_JSON,
    "edm98": samples.DEEP_JSON,
    "rekordbox": samples.DEEP_XML,
}
_TOKENS = {
    "yaml": (samples.BOMB, b"&a ", b"*a", b"<<: ", b"!!binary ", b"? ", b"|\n", b"--- \n", b"boundaries:\n", b"sections:\n"),
    "rekordbox": (b"<TRACK ", b"<TEMPO Inizio='1' Bpm='0'/>", b"<!ENTITY a 'b'>", b"&#0;", b"&#x110000;", b'Start="1e999"'),
    "jams": (b'"namespace": "beat"', b'"namespace": "segment_open"', b'"value": ', b'"duration": '),
    "textgrid": (b"intervals: size = 99999999\n", b"xmax = ", b'text = "', b"item []:\n", b"points [1]:\n"),
    "webvtt": (b"00:00:00.000 --> 99:99:99.999\n", b"NOTE ", b"STYLE\n", b"<v A>", b"<00:00:01.000>"),
    "srt": (b"00:00:00,000 --> 00:00:00,000\n", b"1\n", b"<i>"),
    "csv": (b"start,end,label\n", b"start_bar,end_bar,label,bpm\n", b'"', b";"),
}  # fmt: skip


def _parse(data: bytes, *, name: str, format: str | None) -> None:
    for timeline in timelines_of(read(data, name, format)):
        timeline.to_json()


def _seeds(format: str) -> Callable[[], Sequence[bytes]]:
    def made() -> Sequence[bytes]:
        return (write(samples.annotation(), format).data, *(samples.golden(name) for name in _GOLDEN[format]))

    return made


def _all() -> Sequence[bytes]:
    return tuple(samples.golden(name) for names in _GOLDEN.values() for name in names)


TARGETS = (
    *(
        Target(
            f"annotations-{format}",
            _seeds(format),
            partial(_parse, name="x", format=format),
            (ExchangeError,),
            _TOKENS.get(format, ()),
            _DEEP.get(format, ()),
        )
        for format in FORMATS
    ),
    Target("annotations-any", _all, partial(_parse, name="x.txt", format=None), (ExchangeError,)),
)
