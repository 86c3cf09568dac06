"""Documents of the project's own: timelines, personas, calibrations, label lists, ratings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from edm_core.errors import EdmError, SettingsError, TimelineError

from ..running import Target
from . import samples

_BOMBS = (
    *(samples.BOMB + b"%s: *h\n" % key for key in (b"name", b"listens_to", b"likes", b"anchors", b"labels")),
    *samples.DEEP_YAML,
)
_YAML = (samples.BOMB, b"&a ", b"*a", b"<<: *a", b"!!python/name:os.system ", b"!!binary aaaa", b"!!bool x", b"!!int x", b"!!timestamp x", b"!!float x", b"!!int ''", b"? - a\n", b"|\n", b">-\n",
         b"---\n", b"1: 2\n", b"~: ~\n", b".inf", b"2026-01-01", b"0o17", b"yes")  # fmt: skip


def _timeline(data: bytes) -> None:
    from edm_core.timeline import Timeline

    read = Timeline.from_json(data.decode("utf-8", "replace"))
    assert Timeline.from_json(read.to_json()) == read


def _text(parse: Callable[[str], Any]) -> Callable[[bytes], None]:
    def parsed(data: bytes) -> None:
        parse(data.decode("utf-8", "replace"))

    return parsed


def _persona(data: bytes) -> None:
    from edm_core.personas.persona import parse_persona
    from edm_core.personas.writing import to_yaml

    to_yaml(parse_persona(data, Path("x.yaml")))


def _persona_form(data: bytes) -> None:
    from edm_core.service.views.persona_form import read

    read(data.decode("utf-8", "replace"))


@cache
def _place() -> Path:
    """A file in memory where there is /dev/shm: what is read by its name is written there."""
    folder = Path(tempfile.mkdtemp(prefix="edm-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    import atexit
    import shutil

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / f"{os.getpid()}.yaml"


def _file(read: Callable[[Path], Any]) -> Callable[[bytes], None]:
    def parsed(data: bytes) -> None:
        _place().write_bytes(data)
        read(_place())

    return parsed


def _labels(path: Path) -> None:
    from edm_core.content.labels import read_labels

    read_labels(path)


def _safety(path: Path) -> None:
    from edm_core.content.lexicon import read_safety

    read_safety(path)


def _passages(path: Path) -> None:
    from edm_core.personas.laboratory.passages import read_passages

    read_passages(path)


def _cut(name: str) -> Callable[[], Sequence[bytes]]:
    """A packaged file with the first entries of its lists: what is read a thousand times should be short."""

    def made() -> Sequence[bytes]:
        import yaml

        return (
            yaml.safe_dump(_shortened(yaml.safe_load((samples.ROOT / "data" / name).read_bytes()))).encode(),
        )

    return made


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(each) for each in value[:3]]
    return {key: _shortened(each) for key, each in value.items()} if isinstance(value, dict) else value


def _calibrations() -> Sequence[bytes]:
    from edm_core.personas._ordered_logit import Curve
    from edm_core.personas.calibration import Calibration, Reliability

    held = Reliability(0.1, 0.2, None, {"all": ()})
    curve = Curve((-2.0, -1.0, 1.0, 2.0), 1.0)
    made = Calibration(
        "offline@1", {"genz": "1"}, {"genz": curve}, {"genz": 30}, 30, 3, "aa", "2026-01-01T00:00:00Z", held, held,
        {"parents": "too few"},
    )  # fmt: skip
    return (made.to_json().encode(),)


def _reports() -> Sequence[bytes]:
    from edm_core.personas.laboratory.design import Design
    from edm_core.personas.laboratory.finding import Finding
    from edm_core.personas.laboratory.report import Disguised, LabReport

    found = Finding(
        "length",
        "Length",
        0.1,
        0.0,
        0.2,
        "points",
        0.25,
        0.04,
        0.2,
        24,
        "passages",
        0.3,
        0.1,
        0.8,
        "found",
        "t",
    )
    made = LabReport(
        "offline", "offline@1", ("rules",), ("p",), {"genz": "1"}, "packaged", ("storm-warning",), Design(), "plain", 72,
        {"abstained": 1}, (found,), (found,), (0.0, 0.1), (Disguised("praise", 24, 0.1, None, 0.9),),
        "2026-01-01T00:00:00Z", 1.5,
    )  # fmt: skip
    return (made.to_json().encode(),)


def _calibration(text: str) -> None:
    from edm_core.personas.calibration import Calibration

    Calibration.from_json(text)


def _report(text: str) -> None:
    from edm_core.personas.laboratory.report import LabReport

    LabReport.from_json(text)


def _ratings(data: bytes) -> None:
    from edm_core.personas.rating_tables import read_ratings, write_ratings

    found = read_ratings(data, find=lambda name: samples.timeline() if name else None, recording="sha256:aa")
    assert all(str(each) for each in found.problems)
    write_ratings(found.ratings)


def _rating_tables() -> Sequence[bytes]:
    return (
        b"recording,kind,index,start,end,rater,persona,score,note,time\n"  # noqa: ISC004
        b"sha256:aa,section,0,,,ada,,4,,2026-01-01T00:00:00Z\nsha256:aa,section,,0,15,ben,genz,-,well,\n",
        b"kind;index;rater;score\nsection;1;ada;5\npassage;0;ben;1\n",
    )


def _document(data: bytes) -> None:
    import json

    from edm_core.store.answers import read_annotation

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # refused where bodies are read
        return
    read_annotation(value)


def _annotation_documents() -> Sequence[bytes]:
    import json

    from edm_core._codec import encode

    return (
        json.dumps(encode(samples.annotation())).encode(),
        b'{"grid": [{"time": 0.02, "bpm": 128.0}], "sections": [{"start": 0.0, "end": 30.0, "label": "intro"}]}',
    )


TARGETS = (
    Target(
        "timeline",
        lambda: (samples.timeline().to_json().encode(), samples.golden("analyze.json")),
        _timeline,
        (TimelineError,),
        extremes=samples.DEEP_JSON,
    ),
    Target("persona", lambda: (samples.persona(),), _persona, (SettingsError,), _YAML, _BOMBS),
    Target("persona-form", lambda: (samples.persona(),), _persona_form, (SettingsError,), _YAML, _BOMBS),
    Target("topics", _cut("labels/tones.yaml"), _file(_labels), (SettingsError,), _YAML, _BOMBS),
    Target("safety-words", _cut("labels/safety.yaml"), _file(_safety), (SettingsError,), _YAML, _BOMBS),
    Target(
        "probe-passages", _cut("laboratory/passages.yaml"), _file(_passages), (SettingsError,), _YAML, _BOMBS
    ),
    Target("calibration", _calibrations, _text(_calibration), extremes=samples.DEEP_JSON),
    Target("laboratory-report", _reports, _text(_report), extremes=samples.DEEP_JSON),
    Target(
        "ratings", _rating_tables, _ratings, tokens=(b"section", b"passage", b"genz", b'"', b"\x00", b"=1+1")
    ),
    Target("annotation-document", _annotation_documents, _document, (EdmError,), extremes=samples.DEEP_JSON),
)
