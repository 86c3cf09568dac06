"""A short recording with everything on it, as the player is given it, and a page that holds the player."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import soundfile

from edm_core.audio import Peaks, Sound
from edm_core.timeline import (
    Beat,
    Event,
    Evidence,
    Judgement,
    Key,
    Layer,
    Meter,
    Passage,
    Reaction,
    Recording,
    Safety,
    Section,
    Severities,
    Span,
    Target,
    Tempo,
    Timeline,
    Word,
)
from edm_core.waveform import view
from edm_core.waveform.assets import script

DURATION = 16.0
RATE = 8_000
PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<body style="margin:0"><input id="field" aria-label="field"><div id="here"></div><script type="module">
import make from "/player.js";
const props = await (await fetch("/props.json")).json();
const parentElement = document.getElementById("here");
window.mount = (change = {}) => make({ data: { ...props, ...change }, parentElement });
window.unmount = window.mount();
</script>"""
NOTEBOOK = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<body><div id="here"></div><script type="module">
import widget from "/widget.js";
const bytes = async (path) => new DataView(await (await fetch(path)).arrayBuffer());
const values = { props: await (await fetch("/props.json")).json(), audio: await bytes("/sound"),
                 peaks: await bytes("/all-peaks"), audio_type: "audio/wav" };
widget.render({ model: { get: (name) => values[name] }, el: document.getElementById("here") });
</script>"""


@dataclass(frozen=True)
class Persona:
    name: str
    emoji: str


PERSONAS = {"mum": Persona("Stay At Home Mum", "🧺"), "genz": Persona("Gen Z", "🎧")}


def reaction(persona: str, index: int, score: float | None, start: float, end: float) -> Reaction:
    distribution = None
    if score is not None:
        low = int(score)
        distribution = tuple(
            {low: 1 - (score - low), low + 1: score - low}.get(step, 0.0) for step in range(1, 6)
        )
    return Reaction(
        start,
        end,
        confidence=None if score is None else 0.6,
        persona=persona,
        target=Target("passage", index),
        status="abstained" if score is None else "ok",
        score=score,
        distribution=distribution,
        opinion=None if score is None else "Fine.",
        note="too few words" if score is None else None,
        scorer="offline@1",
        evidence=(Evidence("good morning", start, start + 0.5),),
    )


def whole_timeline(path: str | None = None) -> Timeline:
    recording = Recording("sha256:aa", DURATION, 8_000, 1, path=path, title="<b>Loop</b>")
    words = (
        Word(0.5, 0.9, text="Good", probability=0.9),
        Word(1.0, 1.6, text="morning.", probability=0.4),
    )
    flagged = Safety("flagged", Severities(self_harm=1, profanity=2))
    passages = (
        Passage(
            0.5,
            4.0,
            text="Good morning.",
            language="en",
            words=words,
            topic=Judgement("ok", "Weather", 0.8),
            tone=Judgement("abstained", reason="too short"),
            safety=Safety("clear"),
        ),
        Passage(8.0, 12.0, text="Damn.", safety=flagged),
    )
    layers = (
        Layer(
            "activity",
            "model:activity@1",
            (Span(0, 4, "speech", 0.9), Span(4, 8, "music"), Span(8, 16, "speech+music")),
        ),
        Layer("tempo", "model:beats@1", (Tempo(0, DURATION, confidence=0.9, bpm=120.0),)),
        Layer("meter", "model:beats@1", (Meter(0, DURATION, beats_per_bar=4),)),
        Layer("key", "model:key@1", (Key(0, DURATION, name="A minor", camelot="8A"),)),
        Layer(
            "beats",
            "model:beats@1",
            tuple(Beat(i / 2, confidence=1.0, position=i % 4 + 1, bar=i // 4 + 1) for i in range(32)),
        ),
        Layer(
            "sections",
            "model:sections@1",
            (
                Section(0, 8, "buildup", start_bar=1, end_bar=4),
                Section(8, DURATION, "drop", 0.7, start_bar=5, end_bar=8),
            ),
        ),
        Layer("events", "model:sections@1", (Event(8.0, "drop", bar=5),)),
        Layer("passages", "model:passages@1", passages),
        Layer(
            "reactions",
            "model:personas@1",
            (
                reaction("genz", 0, 2.25, 0.5, 4.0),
                reaction("mum", 0, 4.0, 0.5, 4.0),
                reaction("stranger", 0, None, 0.5, 4.0),
                reaction("genz", 1, 4.5, 8.0, 12.0),
                reaction("mum", 1, 4.0, 8.0, 12.0),
            ),
        ),
    )
    return Timeline(recording, layers)


def ramp_peaks() -> Peaks:
    level = np.zeros((500, 8), np.int8)
    level[:, 1::2] = (np.arange(500) % 100)[:, None]
    level[:, ::2] = -level[:, 1::2]
    coarse = level.reshape(125, 4, 8)
    coarse = np.where(np.arange(8) % 2, coarse.max(1), coarse.min(1)).astype(np.int8)
    return Peaks(8_000, 256, (level, coarse))


@pytest.fixture(scope="session")
def timeline() -> Timeline:
    return whole_timeline()


@pytest.fixture(scope="session")
def peaks() -> Peaks:
    return ramp_peaks()


@pytest.fixture(scope="session")
def personas() -> dict[str, Persona]:
    return PERSONAS


@pytest.fixture(scope="module")
def files(timeline, personas) -> dict[str, tuple[str, bytes]]:
    samples = np.random.default_rng(3).uniform(-0.3, 0.3, int(timeline.recording.duration * RATE))
    sound = replace(Sound.from_samples(samples, RATE), recording=timeline.recording)
    wav = io.BytesIO()
    soundfile.write(wav, samples, RATE, format="WAV", subtype="PCM_16")
    props = view(timeline, audio_url="/sound", peaks=sound.peaks, peaks_url="/peaks", personas=personas)
    levels = [sound.peaks.to_bytes(level) for level in range(len(sound.peaks.levels))]
    return {
        "/": ("text/html", PAGE.encode()),
        "/notebook": ("text/html", NOTEBOOK.encode()),
        "/player.js": ("text/javascript", script("player").encode()),
        "/widget.js": ("text/javascript", script("widget").encode()),
        "/props.json": ("application/json", json.dumps(props).encode()),
        "/sound": ("audio/wav", wav.getvalue()),
        "/all-peaks": ("application/octet-stream", b"".join(levels)),
        **{f"/peaks/{i}": ("application/octet-stream", level) for i, level in enumerate(levels)},
    }


@pytest.fixture(scope="module")
def address(files) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in files:
                self.send_error(404)
                return
            kind, body = files[self.path]
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            first, last = (int(asked[1]), int(asked[2] or len(body) - 1)) if asked else (0, len(body) - 1)
            part = body[first : last + 1]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(part)))
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(body)}")
            self.end_headers()
            self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def page(chromium, address) -> Iterator[object]:
    page = chromium.new_page(viewport={"width": 1280, "height": 1400}, reduced_motion="reduce")
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda r: None if r.url.startswith((address, "blob:", "data:")) else faults.append(r.url)
    )
    page.goto(address)
    page.wait_for_selector("[data-testid=player-status][data-ready=true]", timeout=20_000)
    yield page
    page.close()
    assert not faults
