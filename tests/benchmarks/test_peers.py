"""Peers are asked once, by content; what cannot be had is left out with its reason."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import PEERS, Environment, PeerMissing, ask, documents, environment
from benchmarks.peers import environments as places

# Counts its calls in a file, says which item it got, and misbehaves where the item's truth tells it to.
ASKER = """
import os, sys
from pathlib import Path
def predict(system, audio, truth):
    print("chatter of the system")
    with open(Path(__file__).with_name("calls"), "a") as calls:
        calls.write(audio.name + "\\n")
    document = {"recording": {"path": str(audio), "duration": 1.0}, "said": f"{system} {audio.read_text()}"}
    if truth.get("fails"):
        document["problems"] = [{"stage": system, "error": "out of luck"}]
    once = Path(__file__).with_name("died")
    if truth.get("dies") == "always" or (truth.get("dies") and not once.exists()):
        once.touch()
        os._exit(9)
    return document
"""


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ``baselines.py``, and this Python as every peer's environment."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "baselines.py").write_text(ASKER)
    monkeypatch.setattr(
        documents, "environment", lambda peer, root: Environment(Path(sys.executable), "pins")
    )
    return folder


def item(folder: Path, name: str, **truth: Any) -> dict[str, Any]:
    path = folder / name
    path.write_text(f"sound of {name}")
    return {"audio": str(path), "truth": truth}


def calls(scripts: Path) -> list[str]:
    path = scripts / "calls"
    return sorted(path.read_text().split()) if path.exists() else []


def test_a_run_that_was_cut_short_goes_on(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, f"{letter}.wav") for letter in "abcd"]
    told: list[str] = []
    first = ask(PEERS["madmom"], items[:2], scripts, root=tmp_path / "cache")
    moved = tmp_path / "elsewhere.wav"
    shutil.copy(items[0]["audio"], moved)
    again = [{"audio": str(moved), "truth": {}}, *items[1:]]
    whole = ask(
        PEERS["madmom"], again, scripts, lambda i: told.append(Path(i["audio"]).name), root=tmp_path / "cache"
    )
    assert calls(scripts) == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert [d["said"] for d in whole] == [f"madmom sound of {letter}.wav" for letter in "abcd"]
    assert [d["recording"]["path"] for d in whole] == [i["audio"] for i in again]
    assert [d["said"] for d in first] == [d["said"] for d in whole[:2]]
    assert sorted(told) == ["b.wav", "c.wav", "d.wav", "elsewhere.wav"]


def test_another_asker_is_asked_anew(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, "a.wav")]
    ask(PEERS["librosa"], items, scripts, root=tmp_path)
    (scripts / "baselines.py").write_text(ASKER + "\n# changed\n")
    ask(PEERS["librosa"], items, scripts, root=tmp_path)
    assert len(calls(scripts)) == 2


def test_failures_are_not_kept(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, "a.wav", fails=True)]
    for _ in range(2):
        (document,) = ask(PEERS["librosa"], items, scripts, root=tmp_path)
        assert document["problems"][0]["error"] == "out of luck"
    assert len(calls(scripts)) == 2


def test_a_process_that_dies_is_started_once_more(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, "a.wav", dies="once"), item(tmp_path, "b.wav")]
    found = ask(PEERS["madmom"], items, scripts, jobs=1, root=tmp_path)
    assert [d["said"] for d in found] == ["madmom sound of a.wav", "madmom sound of b.wav"]
    assert calls(scripts) == ["a.wav", "a.wav", "b.wav"]


def test_an_item_that_always_kills_its_process_has_no_document(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, "a.wav", dies="always"), item(tmp_path, "b.wav")]
    found = ask(PEERS["madmom"], items, scripts, jobs=1, root=tmp_path)
    assert [d["said"] for d in found] == ["madmom sound of b.wav"]


def test_what_is_told_the_truth_is_never_kept(scripts: Path, tmp_path: Path) -> None:
    items = [item(tmp_path, "a.wav")]
    for _ in range(2):
        ask(PEERS["every8"], items, scripts, root=tmp_path)
    assert len(calls(scripts)) == 2


# --- environments -------------------------------------------------------------------------------------------


def test_every_pin_names_its_python_and_pins_everything() -> None:
    for name in {peer.pins for peer in PEERS.values() if peer.pins}:
        text = (Path(places.__file__).with_name(f"{name}.txt")).read_text()
        assert places.wanted_python(text) in {"3.10", "3.11"}
        pins = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert pins
        assert all("==" in pin and "/" not in pin for pin in pins)


def test_this_python_is_found_and_a_missing_one_is_said() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert places.find_python(version) == Path(sys.executable)
    with pytest.raises(PeerMissing, match=r"no Python 2\.1 was found"):
        places.find_python("2.1")


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")
    monkeypatch.setattr(places, "find_python", lambda version: Path(sys.executable))
    made: list[Path] = []

    def make(folder: Path, pins: Path, python: Path) -> None:
        made.append(folder)
        folder.mkdir()
        (folder / ".complete").touch()

    monkeypatch.setattr(places, "_make", make)
    first, second = environment(PEERS["msaf-sf"], tmp_path), environment(PEERS["msaf-foote"], tmp_path)
    assert first == second and len(made) == 1
    assert first.python == made[0] / "bin" / "python" and first.fingerprint in made[0].name
    assert environment(PEERS["madmom"], tmp_path).fingerprint != first.fingerprint


def test_packages_that_cannot_be_had_leave_a_peer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    pins = tmp_path / "pins.txt"
    pins.write_text("no-such-package-of-this-name @ file:///nowhere/at/all.whl\n")
    folder = tmp_path / "environment"
    with pytest.raises(PeerMissing, match=r"^its packages could not be installed \(exit status \d\)$"):
        places._make(folder, pins, Path(sys.executable))
    assert not folder.exists()
    # The tool's own words are for the screen, not for the table.
    assert len(capsys.readouterr().err.splitlines()) > 1


def test_without_ffmpeg_a_peer_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(PeerMissing, match="ffmpeg"):
        environment(PEERS["librosa"], tmp_path)
    assert environment(PEERS["every8"], tmp_path).fingerprint == "none"


def test_the_worker_speaks_json_only(scripts: Path, tmp_path: Path) -> None:
    import subprocess

    line = json.dumps(item(tmp_path, "a.wav")) + "\n"
    command = [sys.executable, str(documents.WORKER), str(scripts), "librosa"]
    done = subprocess.run(command, input=line, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["said"] == "librosa sound of a.wav"
    assert "chatter" in done.stderr
