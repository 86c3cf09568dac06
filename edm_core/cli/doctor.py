"""``edm doctor``: is everything here that the workbench needs, and if not, what to do."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from .._version import __version__
from ..errors import EdmError
from ..settings import Settings
from .output import format_option, print_rows

_LEAST_FREE_GB = 2.0

Check = tuple[str, str, str, str]
"""What was looked at, ``ok``, ``warning`` or ``failed``, what was seen, and what to do."""


@click.command("doctor")
@click.option("--thorough", is_flag=True, help="Hash every model file again.")
@format_option
def command(thorough: bool, layout: str) -> None:
    """Check codecs, models, disk and settings, and say what to do.

    Ends with status 1 if something does not work.

    \b
    Example:
      edm doctor
    """
    checks = [check for group in _groups(thorough) for check in group()]
    rows = [dict(zip(("check", "status", "seen", "remedy"), check, strict=True)) for check in checks]
    print_rows(rows, layout, title=f"EDM workbench {__version__} on Python {sys.version.split()[0]}")
    sys.exit(1 if any(check[1] == "failed" for check in checks) else 0)


def _groups(thorough: bool) -> list[Callable[[], Iterator[Check]]]:
    return [_codecs, lambda: _models(thorough), _personas, _servers, _folders, _service, _bundled_files]


def _codecs() -> Iterator[Check]:
    """Write a short tone in each format that can be written, and read it back as analysis would."""
    import numpy as np
    import soundfile

    from ..audio import content_id, load

    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 48_000).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="edm-doctor-") as folder:
        for name, subtype in (
            ("wav", "PCM_16"),
            ("flac", "PCM_16"),
            ("mp3", "MPEG_LAYER_III"),
            ("ogg", "VORBIS"),
            ("opus", "OPUS"),
        ):
            file = Path(folder, f"tone.{name}")
            try:
                soundfile.write(file, tone, 48_000, subtype, format="OGG" if name == "opus" else None)
                sound = load(file)
                seen = f"{sound.recording.duration:.2f} s read back"
                yield f"codec {name}", "ok", seen, ""
            except (EdmError, soundfile.LibsndfileError, RuntimeError) as error:
                yield f"codec {name}", "failed", str(error), "install soundfile again"
        assert content_id(Path(folder, "tone.wav"))
    try:
        import av

        missing = [name for name in ("aac", "alac", "mp3") if name not in av.codecs_available]
        yield (
            "codec m4a, mp4, webm",
            "failed" if missing else "ok",
            f"PyAV {av.__version__}",
            "install av again" if missing else "",
        )
    except ImportError as error:
        yield "codec m4a, mp4, webm", "failed", str(error), "install av again"


def _models(thorough: bool) -> Iterator[Check]:
    from ..models import info

    for model in info(thorough=thorough):
        status = {"ok": "ok", "unchecked": "warning"}.get(model.status, "failed")
        seen = f"{_size(model.size)}, {model.licence or 'licence unknown'}, {model.status}"
        problem, _, remedy = (model.problem or "").partition("; ")
        yield f"model {model.name}", status, problem or seen, remedy


def _size(count: int) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> _size(145_000_000), _size(310_000)
    ('145 MB', '310 kB')
    """
    return f"{count / 1e6:.0f} MB" if count >= 950_000 else f"{count / 1e3:.0f} kB"


def _service() -> Iterator[Check]:
    """Look at what a server rests on: database, queue, recordings, workers, clocks, keys."""
    from ..service.observing.system_checks import looked_at

    for found in looked_at(Settings.from_environment()):
        yield found.check, found.status, found.seen, found.remedy


def _servers() -> Iterator[Check]:
    """Ask the servers that the settings name for their models; without one nothing is asked."""
    from ..remote import Server

    settings = Settings.from_environment()

    def speech() -> Server:
        return Server(settings.whisper_base_url, settings.whisper_model, settings.whisper_api_key)

    def language() -> Server:
        return Server.of(settings)

    named = (
        ("speech server", settings.whisper_base_url, settings.whisper_model, speech),
        ("language model", settings.llm_base_url, settings.llm_model, language),
    )
    for name, address, model, server in named:
        if not address:
            continue
        try:
            known = replace(server(), timeout=5.0, retries=0).models()
        except EdmError as error:
            yield name, "failed", error.problem, error.remedy or ""
            continue
        there = model in known
        remedy = "" if there else f"it lists {', '.join(known[:5]) or 'no model'}: name one of them"
        yield name, "ok" if there else "warning", f"{model} at {address}", remedy
    from ..service.observing.system_checks import langflow

    if (found := langflow(settings)) is not None:
        yield found.check, found.status, found.seen, found.remedy


def _personas() -> Iterator[Check]:
    """Say which persona files are wrong, and that the others are right."""
    from ..personas import read_roster

    roster = read_roster()
    for problem in roster.problems:
        yield "personas", "warning", f"{problem.subject}: {problem.problem}", problem.remedy or "correct it"
    yield (
        "personas",
        "ok",
        f"{len(roster.active)} listen, {len(roster.personas) - len(roster.active)} retired",
        "",
    )


def _folders() -> Iterator[Check]:
    settings = Settings.from_environment()
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as error:
        yield (
            "data folder",
            "failed",
            f"{folder}: {error.strerror}",
            "set EDM_DATA_DIR to a folder that can be written",
        )
        return
    free = shutil.disk_usage(folder).free / 1e9
    low = free < _LEAST_FREE_GB
    yield (
        "data folder",
        "warning" if low else "ok",
        f"{folder}, {free:.0f} GB free",
        "make room" if low else "",
    )
    if settings.audio_dir is not None:
        there = settings.audio_dir.is_dir()
        yield (
            "audio folder",
            "ok" if there else "failed",
            str(settings.audio_dir),
            "" if there else "correct EDM_AUDIO_DIR",
        )
    yield "limits", "ok", (
        f"{settings.max_upload_mb} MB, {settings.max_duration_s:g} s, {settings.max_channels} channels"
    ), ""  # fmt: skip


def _bundled_files() -> Iterator[Check]:
    from ..personas import load_personas
    from ..resources import APP, DEMO, LABELS, PERSONAS

    for name, place in (
        ("pages", APP),
        ("demo recordings", DEMO),
        ("label lists", LABELS),
        ("personas", PERSONAS),
    ):
        there = place.exists()
        seen = (
            f"{len(load_personas())} of them"
            if place == PERSONAS and there
            else str(place)
            if not there
            else "there"
        )
        yield name, "ok" if there else "failed", seen, "" if there else "install edm-workbench again"
