"""How well the workbench hears: the public development set, next to librosa and to systems that hear nothing.

    EDM_BENCHMARK_DIR=FOLDER python -m benchmarks.devset [--set SET] [--only GLOB]

FOLDER holds the development set's scripts: ``make_dev_set.py`` (renders the audio and its truth),
``score.py`` (the measures, by mir_eval) and ``baselines.py``. SET is where the audio is or goes, by default a
folder in the user's cache, outside the repository. Speech is scored in the same run, by
``benchmarks/speech.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import speech
from .measure import EDM

REPOSITORY = Path(__file__).resolve().parents[1]
SET = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "edm-benchmark" / "devset"

MEASURES = (
    "tempo_1pct", "tempo_exact", "tempo_octave", "beat_f", "beat_cmlt", "beat_amlt", "downbeat_f",
    "hr05_f", "hr3_f", "label", "drop_f",
)  # fmt: skip
# What each baseline is for; elsewhere it would score a zero that says nothing.
BASELINES = {
    "librosa": MEASURES[:7],
    "house128": MEASURES,
    "every8": ("hr05_f", "hr3_f"),
}

Summary = dict[str, dict[str, dict[str, float]]]


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--set", type=Path, default=SET, help=f"audio and truth [default: {SET}]")
    parser.add_argument("--only", default="*", metavar="GLOB", help="music items, such as 'lmms_*'")
    parser.add_argument("--predictions", type=Path, help="score these documents instead of analysing the set")
    arguments = parser.parse_args()
    print(section(arguments.set, arguments.only, arguments.predictions))


def section(folder: Path = SET, only: str = "*", predictions: Path | None = None) -> str:
    """Analyse the set, score it, and return the section of ``RESULTS.md``, Markdown.

    Parameters
    ----------
    folder : Path
        The set; made if it is not there.
    only : str
        Pattern of item ids; those that do not match are left out.
    predictions : Path, optional
        Documents of an earlier run, one a line, instead of a new analysis.
    """
    scripts = benchmark_folder()
    if scripts is None:
        return (
            "Left out: the development set's scripts were not there. Set `EDM_BENCHMARK_DIR` to the folder\n"
            "that holds `make_dev_set.py`, `score.py` and `baselines.py`; then `python -m benchmarks`."
        )
    make_set(scripts, folder)
    with tempfile.TemporaryDirectory(prefix="edm-devset-") as scratch:
        work = Path(scratch)
        ours = predictions or analyse(folder, work / "ours.jsonl", only)
        reports = {"ours": score(scripts, folder, ours, work, only)}
        for system in BASELINES:
            theirs = baseline(scripts, folder, system, work, only)
            reports[system] = score(scripts, folder, theirs, work, only)
            if system == "librosa":
                paired = score(scripts, folder, ours, work, only, against=theirs)["difference"]
                seconds = {"librosa": seconds_per_five_minutes(theirs, reports["ours"])}
        seconds["ours"] = seconds_per_five_minutes(ours, reports["ours"])
        return render(reports, paired, seconds, speech.section(folder / "truth", ours, only))


def benchmark_folder() -> Path | None:
    """Return the folder that ``EDM_BENCHMARK_DIR`` names, if the three scripts are in it."""
    named = os.environ.get("EDM_BENCHMARK_DIR")
    folder = Path(named).expanduser() if named else None
    if folder and all((folder / f"{name}.py").is_file() for name in ("make_dev_set", "score", "baselines")):
        return folder
    return None


def make_set(scripts: Path, folder: Path) -> None:
    """Render the set where it is missing; takes some minutes and, the first time, Debian's packages."""
    if not list((folder / "truth").glob("*.json")):
        _call([sys.executable, scripts / "make_dev_set.py", "--out", folder])


def analyse(folder: Path, out: Path, only: str = "*") -> Path:
    """Run ``edm analyze`` over the set's audio with an empty cache; documents go to `out`, one a line.

    An item that fails is missing from the documents and scores zero; it is named on standard error.
    """
    files = sorted(path for path in (folder / "audio").iterdir() if path.match(f"{only}.*"))
    with tempfile.TemporaryDirectory(prefix="edm-data-") as data, out.open("wb") as output:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "EDM_DATA_DIR": data}
        command = [*EDM, "analyze", *map(str, files), "--format", "json"]
        status = subprocess.run(command, stdout=output, env=environment, check=False).returncode
    if status not in (0, 1):
        raise RuntimeError(f"edm analyze exited with {status}")
    return out


def baseline(scripts: Path, folder: Path, system: str, work: Path, only: str = "*") -> Path:
    """Documents of a baseline, in our format."""
    out = work / f"{system}.jsonl"
    arguments = ["--set", folder, "--system", system, "--out", out, "--only", only]
    _call([sys.executable, scripts / "baselines.py", *arguments])
    return out


def score(
    scripts: Path, folder: Path, predictions: Path, work: Path, only: str = "*", against: Path | None = None
) -> dict[str, Any]:
    """Run ``score.py``: its summary by family, its items, and with `against` the paired difference."""
    report = work / "report.json"
    command: list[str | Path] = [sys.executable, scripts / "score.py", "--truth", folder]
    command += [
        "--predictions",
        predictions,
        "--json",
        report,
        "--markdown",
        work / "report.md",
        "--only",
        only,
    ]
    if against:
        command += ["--against", against]
    _call(command)
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return result


def seconds_per_five_minutes(predictions: Path, report: dict[str, Any]) -> float:
    """Seconds of all stages for five minutes of the set's music, decoding included; median over items."""
    music = {item["id"] for item in report["items"]}
    rates = []
    for line in predictions.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        if Path(document["recording"]["path"]).stem in music:
            stages = (document.get("provenance") or {}).get("stages") or {}
            spent = sum(stage["seconds"] for stage in stages.values())
            rates.append(300 * spent / document["recording"]["duration"])
    return statistics.median(rates) if rates else float("nan")


# --- Markdown ---------------------------------------------------------------------------------------


def render(reports: dict[str, Any], paired: Summary, seconds: dict[str, float], spoken: str) -> str:
    """Write the section: all families, then each family, then the difference to librosa, then speech."""
    summaries: dict[str, Summary] = {name: report["summary"] for name, report in reports.items()}
    problems = [f"{item['id']} ({item['problem']})" for item in reports["ours"]["items"] if "problem" in item]
    lines = [
        "Mean over items and 95 % bootstrap interval, families resampled separately. librosa finds no",
        "sections. *house128* hears nothing (128 BPM from 0, a boundary every 8 bars; intro, drop, outro),",
        "*every8* is told the true bars and puts a boundary every 8: whoever listens must beat both. Few",
        "items have labels: mind the counts. The set is a development set: it was at hand while the rules",
        "were written, so these figures are no promise for recordings that nobody has listened to yet.",
        "",
        "### All music",
        "",
        *_systems_table(summaries),
        "",
        "Seconds for 5 minutes of this music, decoding included, median over items: "
        + ", ".join(f"{name} {value:.1f}" for name, value in sorted(seconds.items()))
        + " (ours does every stage, speech and audience too).",
        "",
        "Items without a usable result, which count as zero: " + ("; ".join(problems) or "none") + ".",
        "",
        "### Ours minus librosa, item by item",
        "",
        "A difference is believed when its interval leaves out 0 (bold).",
        "",
        *_family_table(paired, BASELINES["librosa"], signed=True),
        "",
        "### Ours by family",
        "",
        *_family_table(summaries["ours"], MEASURES),
        "",
        "### librosa by family",
        "",
        *_family_table(summaries["librosa"], BASELINES["librosa"]),
        "",
        spoken,
    ]
    return "\n".join(lines)


def _systems_table(summaries: dict[str, Summary]) -> list[str]:
    lines = ["| measure | items | " + " | ".join(summaries) + " |", "|---" * (len(summaries) + 2) + "|"]
    for measure in MEASURES:
        if measure not in summaries["ours"]["all"]:
            continue
        cells = [
            _cell(summary["all"].get(measure)) if measure in BASELINES.get(name, MEASURES) else "–"
            for name, summary in summaries.items()
        ]
        lines.append(
            f"| {measure} | {summaries['ours']['all'][measure]['items']:.0f} | {' | '.join(cells)} |"
        )
    return lines


def _family_table(summary: Summary, measures: tuple[str, ...], signed: bool = False) -> list[str]:
    families = list(summary)
    lines = ["| measure | " + " | ".join(families) + " |", "|---" * (len(families) + 1) + "|"]
    for measure in measures:
        cells = [_cell(summary[family].get(measure), signed) for family in families]
        if any(cells):
            lines.append(f"| {measure} | {' | '.join(cells)} |")
    return lines


def _cell(value: dict[str, float] | None, signed: bool = False) -> str:
    if value is None:
        return ""
    sign = "+" if signed else ""
    text = f"{value['mean']:{sign}.2f} [{value['low']:{sign}.2f}, {value['high']:{sign}.2f}]"
    sure = signed and (value["low"] > 0 or value["high"] < 0)
    return f"**{text}**" if sure else text


def _call(command: list[Any]) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
