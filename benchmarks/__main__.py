"""``python -m benchmarks``: measure, and write ``benchmarks/RESULTS.md`` and ``results.svg`` beside it.

    EDM_BENCHMARK_DIR=FOLDER python -m benchmarks [--only accuracy|speech|speed|editor|audience] [--runs 5] …

FOLDER holds the development set's scripts ``make_dev_set.py``, ``score.py`` and ``baselines.py``. A part that
is left out keeps what an earlier run wrote. What peers said about a recording is kept in the user's cache, so
that a run that was cut short goes on where it was; ours and all timings are taken anew.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

from edm_core import __version__

from . import editor, sets, speech, speed, tables
from .accuracy import Accuracy, compare
from .audience import section as audience
from .measure import machine
from .peers import PEERS
from .plot import figure
from .report import in_order, put_section

RESULTS = Path(__file__).with_name("RESULTS.md")
TRIED = Path(__file__).with_name("TRIED.md")

DEVELOPMENT = "Accuracy on the development set"
UNSEEN = "Accuracy on unseen rendered forms"
CONFIDENCE = "Confidence"
ACTIVITY = "Speech, music and silence"
WORDS = "Words"
CONTENT = "Topic, tone and safety"
PICTURE = "Picture"
SPEED = "Speed and memory"
EDITOR = "The editor"
AUDIENCE = "The audience"

QUICK_MIXES = 1
"""Mixes of each kind in a quick measurement of activity."""

ABOUT = {
    DEVELOPMENT: """\
Real tracks with exact truth: demo songs of LMMS and re-edits of them, tracker modules, recorded game
loops (tempo only). It was at hand while the workbench was made, so these figures are no promise for
recordings that nobody has listened to yet. Few items have labels: mind the counts.""",
    UNSEEN: """\
Human forms (the test split of `edm98`) that LMMS plays with its own instruments, by rules written apart
from those that the training data were rendered by; nothing was trained or tuned on them.""",
}


def main() -> None:
    """Run the parts that the command line asks for."""
    arguments = _arguments()
    scripts = sets.benchmark_folder()
    bodies: dict[str, str] = {}
    picture = ""
    with tempfile.TemporaryDirectory(prefix="edm-benchmark-") as scratch:
        if arguments.only in (None, "accuracy"):
            found, bodies = _accuracy(arguments, scripts, Path(scratch))
            if found:
                summaries = {name: accuracy.summaries for name, accuracy in found.items()}
                picture = figure(summaries, "How well it hears: ours and its peers")
                bodies = {PICTURE: _embedded(arguments.results.with_suffix(".svg").name)} | bodies
                bodies[CONFIDENCE] = tables.calibration_section(found)
    if arguments.only in (None, "speech"):
        bodies |= _speech(arguments, scripts)
    if arguments.only in (None, "speed"):
        budget = speed.Budget(
            arguments.runs, arguments.peer_runs, arguments.hours, arguments.tracks, arguments.track_seconds
        )
        bodies[SPEED] = speed.section(budget, arguments.peers, scripts)
    if arguments.only in (None, "editor"):
        bodies[EDITOR] = editor.section(arguments.editor_size)
    if arguments.only in (None, "audience"):
        bodies[AUDIENCE] = audience.section(arguments.audience_size)
    bodies = {name: body if name == PICTURE else f"{_stamp()}\n\n{body}" for name, body in bodies.items()}
    if TRIED.exists():
        bodies["What was tried"] = TRIED.read_text(encoding="utf-8")
    text = arguments.results.read_text(encoding="utf-8") if arguments.results.exists() else ""
    for name, body in bodies.items():
        text = put_section(text, name, body)
    order = (PICTURE, DEVELOPMENT, UNSEEN, CONFIDENCE, ACTIVITY, WORDS, CONTENT, AUDIENCE, SPEED, EDITOR)
    text = in_order(text, order)
    arguments.results.write_text(text, encoding="utf-8")
    if picture:
        arguments.results.with_suffix(".svg").write_text(picture, encoding="utf-8")
    print(text)


def _accuracy(
    arguments: argparse.Namespace, scripts: Path | None, work: Path
) -> tuple[dict[str, Accuracy], dict[str, str]]:
    """Compare on each set that can be had; results by the set's name, and the sections' bodies."""
    if scripts is None:
        reason = (
            "Left out: the development set's scripts were not there. Set `EDM_BENCHMARK_DIR` to the folder\n"
            "that holds `make_dev_set.py`, `score.py` and `baselines.py`; then `make benchmark`."
        )
        return {}, {DEVELOPMENT: reason, UNSEEN: reason}
    found: dict[str, Accuracy] = {}
    bodies: dict[str, str] = {}
    # The speech part needs no clock; the unseen forms hold no speech.
    for name, heading in (("development set", DEVELOPMENT), ("unseen rendered forms", UNSEEN)):
        try:
            if heading == DEVELOPMENT:
                chosen = sets.development(scripts, arguments.set, arguments.items)
            elif arguments.unseen_count:
                chosen = sets.unseen(arguments.unseen, arguments.unseen_count, arguments.items)
            else:
                continue
        except sets.SetMissing as reason:
            bodies[heading] = f"Left out: {reason}."
            continue
        if not any("tempo" in truth for truth in chosen.truths.values()):
            bodies[heading] = f"Left out: no item matches `{arguments.items}`."
            continue
        folder = work / str(len(found))
        folder.mkdir()
        found[name] = compare(
            chosen,
            scripts,
            folder,
            systems=arguments.peers,
            also=dict(arguments.also),
            predictions=arguments.predictions,
            speech=heading == DEVELOPMENT,
        )
        truths = arguments.set / "truth"
        spoken = (
            speech.section(truths, found[name].documents, arguments.items) if heading == DEVELOPMENT else ""
        )
        bodies[heading] = tables.accuracy_section(found[name], ABOUT[heading], spoken)
    return found, bodies


def _speech(arguments: argparse.Namespace, scripts: Path | None) -> dict[str, str]:
    """Measure what is said: each part has material, peers and figures of its own."""
    from . import transcription
    from .activity import evaluation
    from .content.section import section as content_section

    size = arguments.speech_size
    return {
        ACTIVITY: evaluation.section(QUICK_MIXES if size == "quick" else evaluation.COUNT),
        WORDS: transcription.section(size, scripts),
        CONTENT: content_section(),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    parts = ("accuracy", "speech", "speed", "editor", "audience")
    add("--only", choices=parts, help="measure just this part")
    add("--results", type=Path, default=RESULTS, help="where the report goes; the picture lies beside it")
    add("--peers", type=_names, default=tuple(PEERS), metavar="NAME,…", help=f"of {', '.join(PEERS)}")
    add("--set", type=Path, default=sets.DEVELOPMENT, help="accuracy: where the development set is or goes")
    add("--unseen", type=Path, default=sets.UNSEEN, help="accuracy: where the unseen forms are or go")
    add("--unseen-count", type=int, default=24, help="accuracy: unseen forms; 0 leaves them out")
    add("--items", default="*", metavar="GLOB", help="accuracy: items of these ids only, such as 'lmms_*'")
    add("--predictions", type=Path, help="accuracy: our documents of an earlier run, one a line")
    add(
        "--also", type=_also, action="append", default=[], metavar="NAME=FILE",
        help="accuracy: one more system, by its documents, one a line; may be given again",
    )  # fmt: skip
    add(
        "--speech-size", choices=("quick", "full"), default="full",
        help="speech: how much; quick only shows that the figures can be taken",
    )  # fmt: skip
    add("--runs", type=int, default=5, help="speed: rounds; medians count")
    add("--peer-runs", type=int, default=3, help="speed: rounds that the peers take part in")
    add("--hours", type=float, default=10, help="speed: length of the long FLAC; 0 leaves it out")
    add(
        "--editor-size", choices=tuple(editor.SIZES), default="full",
        help="editor: how much; quick only shows that the figures can be taken",
    )  # fmt: skip
    add(
        "--audience-size", choices=tuple(audience.SIZES), default="full",
        help="audience: how much; quick only shows that the figures can be taken",
    )  # fmt: skip
    add("--tracks", type=int, default=60, help="speed: short tracks of the batch; 0 leaves it out")
    add("--track-seconds", type=float, default=30, help="speed: length of each")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name and name != "none")
    unknown = set(names) - set(PEERS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no peer is called {', '.join(sorted(unknown))}")
    return names


def _also(text: str) -> tuple[str, Path]:
    name, separator, file = text.partition("=")
    if not (name and separator and Path(file).is_file()):
        raise argparse.ArgumentTypeError(f"{text}: give NAME=FILE, a file of documents, one a line")
    return name, Path(file)


def _embedded(name: str) -> str:
    return f"![Every system's mean and interval for every measure, a panel a set]({name})"


def _stamp() -> str:
    """Day and version, with the commit where there is one and git to ask for it."""
    command = ["git", "-C", str(RESULTS.parent), "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False) if which("git") else None
    commit = found.stdout.strip() if found else ""
    version = f"version {__version__}" + (f" ({commit})" if commit else "")
    return f"Measured {datetime.now(UTC):%Y-%m-%d}, {version}, {machine()}."


if __name__ == "__main__":
    main()
