"""Sets, the comparison on them, and the command line: what is not there is left out, with its reason."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import accuracy, sets
from benchmarks.peers import PEERS, PeerMissing

# Scores an item by how many beats its document has, so that no real scorer is needed here.
SCORER = """
METRICS = ["beat_f"]
def score_music(truths, documents):
    return [
        {"id": n, "scores": {"beat_f": len(documents.get(n, {"beats": ()})["beats"])}}
        | ({} if n in documents else {"problem": "no prediction"})
        for n, truth in truths.items() if "tempo" in truth
    ]
def differences(items, others):
    return [
        {"id": i["id"], "scores": {"beat_f": i["scores"]["beat_f"] - o["scores"]["beat_f"]}}
        for i, o in zip(items, others)
    ]
def summarise(items, metrics):
    mean = sum(i["scores"][metrics[0]] for i in items) / len(items)
    return {"all": {metrics[0]: {"mean": mean, "low": mean, "high": mean, "items": len(items)}}}
"""


def document(name: str, beats: int, **section: Any) -> dict[str, Any]:
    return {
        "recording": {"path": f"/somewhere/{name}.wav", "duration": 8.0},
        "beats": [{"time": float(n), "confidence": 0.9} for n in range(beats)],
        "sections": [{"start": 0.0, "end": 8.0, "label": "drop", "confidence": 0.8, **section}],
    }


def write(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(d) + "\n" for d in documents))
    return path


@pytest.fixture
def chosen(tmp_path: Path) -> sets.Recordings:
    """Three recordings: two of music, one of speech."""
    folder = tmp_path / "set"
    (folder / "truth").mkdir(parents=True)
    (folder / "audio").mkdir()
    for name, family in (("lmms_a", "lmms"), ("loop_b", "loop"), ("talk_c", "speech")):
        truth: dict[str, Any] = {"id": name, "family": family, "duration": 8.0, "audio": f"audio/{name}.wav"}
        if family != "speech":
            truth |= {"tempo": {"bpm": 60.0, "accept": [60.0]}, "beats": [0.0, 1.0, 2.0]}
        if family == "lmms":
            truth["sections"] = [{"start": 0.0, "end": 8.0, "label": "drop"}]
            truth["boundaries"] = [{"time": 4.0, "major": True}]
        (folder / "truth" / f"{name}.json").write_text(json.dumps(truth))
        (folder / "audio" / f"{name}.wav").write_text(name)
    return sets.recordings(folder)


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "score.py").write_text(SCORER)
    return folder


def test_items_are_chosen_by_pattern_and_number(chosen: sets.Recordings) -> None:
    assert chosen.ids == ("lmms_a", "loop_b", "talk_c")
    assert sets.recordings(chosen.folder, "l*").ids == ("lmms_a", "loop_b")
    assert sets.recordings(chosen.folder, count=1).ids == ("lmms_a",)
    wanted = chosen.items(lambda truth: "tempo" in truth)
    assert [Path(found["audio"]).read_text() for found in wanted] == ["lmms_a", "loop_b"]


def test_every_system_is_scored_and_told_apart_from_ours(
    chosen: sets.Recordings, scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[str]] = {}

    def answers(peer: Any, items: list[dict[str, Any]], *_: object) -> list[dict[str, Any]]:
        asked[peer.name] = [Path(i["audio"]).stem for i in items]
        if peer.name == "madmom":
            raise PeerMissing("no Python 3.11 was found")
        return [document(name, 1) for name in asked[peer.name]]

    monkeypatch.setattr(accuracy, "ask", answers)
    found = accuracy.compare(
        chosen,
        scripts,
        tmp_path,
        systems=("librosa", "madmom", "msaf-sf"),
        also={
            "form only": write(tmp_path / "form.jsonl", document("lmms_a", 2), document("loop_b", 2)),
            "of another set": write(tmp_path / "other.jsonl", document("elsewhere", 2)),
        },
        predictions=write(tmp_path / "ours.jsonl", document("lmms_a", 4)),
    )
    # Speech is nobody's, and who finds boundaries gets what has any.
    assert asked == {"librosa": ["lmms_a", "loop_b"], "madmom": ["lmms_a", "loop_b"], "msaf-sf": ["lmms_a"]}
    assert list(found.summaries) == ["ours", "form only", "librosa", "msaf-sf"]
    assert {name: s["all"]["beat_f"]["mean"] for name, s in found.summaries.items()} == {
        "ours": 2.0, "form only": 2.0, "librosa": 1.0, "msaf-sf": 0.5
    }  # fmt: skip
    assert found.differences["librosa"]["all"]["beat_f"]["mean"] == 1.0
    assert found.missing == {"madmom": "no Python 3.11 was found"}
    assert found.problems == ["loop_b (no prediction)"]
    assert (found.items, found.minutes) == (2, pytest.approx(16 / 60))


def test_a_confidence_that_no_document_has_is_absent(chosen: sets.Recordings) -> None:
    documents = {name: document(name, 3) for name in ("lmms_a", "loop_b")}
    found = accuracy.calibrations(chosen, documents)
    beats, labels = found["beats"], found["labels"]
    assert not isinstance(beats, str) and not isinstance(labels, str)
    assert beats["width"].error == pytest.approx(0.1) and beats["width"].claims == 6
    assert labels["mass"].error == pytest.approx(0.2) and labels["mass"].recordings == 1
    assert found["boundaries"] == "absent: no item of `sections` has a `boundary_confidence`"
    documents["lmms_a"]["sections"] = [{"start": 4.2, "end": 8.0, "boundary_confidence": 0.7}]
    boundaries = accuracy.calibrations(chosen, documents)["boundaries"]
    assert not isinstance(boundaries, str)
    assert boundaries["width"].error == pytest.approx(0.3)


def test_unseen_forms_that_are_there_need_no_lmms(
    chosen: sets.Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert sets.unseen(chosen.folder, 2).ids == ("lmms_a", "loop_b")
    with pytest.raises(sets.SetMissing, match="LMMS"):
        sets.unseen(chosen.folder, 4)


def test_a_folder_without_all_three_scripts_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDM_BENCHMARK_DIR", str(tmp_path))
    for name in ("make_dev_set", "score", "baselines"):
        assert sets.benchmark_folder() is None
        (tmp_path / f"{name}.py").touch()
    assert sets.benchmark_folder() == tmp_path.resolve()
    monkeypatch.delenv("EDM_BENCHMARK_DIR")
    assert sets.benchmark_folder() is None


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    command.main()


def test_without_the_scripts_the_report_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDM_BENCHMARK_DIR", str(tmp_path))
    results = tmp_path / "RESULTS.md"
    results.write_text("# Results\n\n## Speed and memory\n\nkept\n")
    run(monkeypatch, "--only", "accuracy", "--set", str(tmp_path / "set"), "--results", str(results))
    text = results.read_text()
    assert text == capsys.readouterr().out.rstrip("\n") + "\n"
    assert text.count("Left out: the development set's scripts were not there.") == 2
    assert text.rstrip().endswith("## Speed and memory\n\nkept") or "## Speed and memory\n\nkept\n" in text
    assert not (tmp_path / "set").exists()
    assert not results.with_suffix(".svg").exists()


def test_report_and_picture_are_written_from_one_run(
    chosen: sets.Recordings, scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("make_dev_set", "baselines"):
        (scripts / f"{name}.py").touch()
    monkeypatch.setenv("EDM_BENCHMARK_DIR", str(scripts))
    ours = write(tmp_path / "ours.jsonl", document("lmms_a", 1), document("loop_b", 0))
    results = tmp_path / "report" / "R.md"
    results.parent.mkdir()
    run(
        monkeypatch, "--only", "accuracy", "--set", str(chosen.folder), "--unseen-count", "0", "--peers", "none",
        "--predictions", str(ours), "--also", f"again={ours}", "--results", str(results),
    )  # fmt: skip
    text = results.read_text()
    assert "(R.svg)" in text
    assert "| beat_f | 2 | ≥ .97 (**not reached**) | 0.50 [0.50, 0.50] | 0.50 [0.50, 0.50] |" in text
    assert text.index("## Picture") < text.index(command.DEVELOPMENT) < text.index("## Confidence")
    assert command.UNSEEN not in text
    assert "again: 0.50" in results.with_suffix(".svg").read_text()


@pytest.mark.parametrize("wrong", [("--peers", "nobody"), ("--also", "name=/not/there"), ("--also", "name")])
def test_arguments_that_cannot_be_used_are_refused(
    wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, *wrong)
    assert stopped.value.code == 2
    assert wrong[1].split(",")[0] in capsys.readouterr().err


def test_the_peers_by_default_are_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert command._arguments().peers == tuple(PEERS)
