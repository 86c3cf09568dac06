"""How well the workbench hears, beside every peer, on sets whose truth is known.

Ours is analysed anew in every run; peers answer once (``benchmarks/peers``). Everything is scored by the
development set's own ``score.py`` (the measures of mir_eval), whose folder ``EDM_BENCHMARK_DIR`` names.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from .calibration import KINDS, Binning, Calibration, calibration
from .measure import EDM
from .peers import PEERS, PeerMissing, ask
from .progress import Progress
from .sets import REPOSITORY, Recordings

Summary = dict[str, dict[str, dict[str, float]]]
"""By family (and "all"), by measure: mean, low, high, items."""

Document = dict[str, Any]

NEEDED = {"beats": ("beats", "confidence"), "boundaries": ("sections", "boundary_confidence"),
          "labels": ("sections", "confidence")}  # fmt: skip
"""What a document must hold for each kind of claim: the list, and the key of the confidence."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What one set says.

    Parameters
    ----------
    summaries : mapping
        By system, "ours" first.
    differences : mapping
        By system: ours minus it, paired by item.
    calibrations : mapping
        By kind of claim and binning; or the reason why there is none.
    missing : mapping
        Peers that were left out, with the reason.
    problems : sequence of str
        Items of ours without a usable result.
    items : int
        Recordings of music in the set.
    minutes : float
    documents : Path
        Ours, one a line.
    """

    summaries: Mapping[str, Summary]
    differences: Mapping[str, Summary]
    calibrations: Mapping[str, Mapping[Binning, Calibration] | str]
    missing: Mapping[str, str]
    problems: Sequence[str]
    items: int
    minutes: float
    documents: Path


def compare(
    chosen: Recordings,
    scripts: Path,
    work: Path,
    *,
    systems: Sequence[str] = tuple(PEERS),
    also: Mapping[str, Path] | None = None,
    predictions: Path | None = None,
    speech: bool = False,
) -> Accuracy:
    """Analyse a set, ask every peer, score all of them.

    Parameters
    ----------
    chosen : Recordings
    scripts : Path
        Folder of ``score.py`` and ``baselines.py``.
    work : Path
        Empty folder for what is made on the way.
    systems : sequence of str
        Names of the peers.
    also : mapping of str to Path, optional
        Further systems: their documents, one a line. Those that know none of the set's items are left out.
    predictions : Path, optional
        Our documents of an earlier run instead of a new analysis.
    speech : bool
        Analyse speech too; else only the music stages run.

    Returns
    -------
    Accuracy
    """
    ours = predictions or analyse(chosen, work / "ours.jsonl", speech=speech)
    others, missing = _other_systems(chosen, scripts, systems, also or {})
    score = scorer(scripts)
    documents = {"ours": read_documents(ours)} | others
    items = {name: score.score_music(chosen.truths, found) for name, found in documents.items()}
    differences = {name: score.differences(items["ours"], items[name]) for name in others}
    music = [truth for truth in chosen.truths.values() if "tempo" in truth]
    return Accuracy(
        {name: score.summarise(found, score.METRICS) for name, found in items.items()},
        {name: score.summarise(found, score.METRICS) for name, found in differences.items()},
        calibrations(chosen, documents["ours"]),
        missing,
        [f"{item['id']} ({item['problem']})" for item in items["ours"] if "problem" in item],
        len(music),
        sum(truth["duration"] for truth in music) / 60,
        ours,
    )


def analyse(chosen: Recordings, out: Path, *, speech: bool) -> Path:
    """Run ``edm analyze`` over recordings with an empty cache; documents go to `out`, one a line.

    An item that fails is missing from the documents and scores zero; it is named on standard error.
    """
    files = [str(chosen.audio(name)) for name in chosen.ids]
    with tempfile.TemporaryDirectory(prefix="edm-data-") as data, out.open("wb") as output:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "EDM_DATA_DIR": data}
        only = () if speech else ("--only", "music")
        command = [*EDM, "analyze", *files, "--format", "json", "--workers", "2", *only]
        status = subprocess.run(command, stdout=output, env=environment, check=False).returncode
    if status not in (0, 1):
        raise RuntimeError(f"edm analyze exited with {status}")
    return out


def scorer(scripts: Path) -> Any:
    """Load ``score.py``: the measures are the development set's own, not ours."""
    spec = spec_from_file_location("edm_benchmark_score", scripts / "score.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calibrations(
    chosen: Recordings, documents: Mapping[str, Document]
) -> dict[str, Mapping[Binning, Calibration] | str]:
    """Calibration errors of each kind of claim, in bins of equal width and of equal mass."""
    found: dict[str, Mapping[Binning, Calibration] | str] = {}
    for kind, claims_of in KINDS.items():
        part, key = NEEDED[kind]
        if not any(thing.get(key) is not None for d in documents.values() for thing in d.get(part) or []):
            found[kind] = f"absent: no item of `{part}` has a `{key}`"
            continue
        judged = [
            (claims, truth["family"])
            for name, truth in chosen.truths.items()
            if "tempo" in truth and (claims := claims_of(truth, documents.get(name, {}))) is not None
        ]
        errors: dict[Binning, Calibration] = {}
        for how in ("width", "mass"):
            error = calibration([claims for claims, _ in judged], [family for _, family in judged], how)
            if error is not None:
                errors[how] = error
        found[kind] = errors or "absent: the truth of no item says"
    return found


def read_documents(path: Path) -> dict[str, Document]:
    """Read documents, one a line, by the stem of their recording's path."""
    found = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {Path(document["recording"]["path"]).stem: document for document in found}


def _other_systems(
    chosen: Recordings, scripts: Path, systems: Sequence[str], also: Mapping[str, Path]
) -> tuple[dict[str, dict[str, Document]], dict[str, str]]:
    """Documents by system and recording, and the reasons of the systems that are left out."""
    found = {name: read_documents(file) for name, file in also.items()}
    found = {name: documents for name, documents in found.items() if set(documents) & set(chosen.ids)}
    missing = {}
    for name in systems:
        peer = PEERS[name]
        only_boundaries = all(measure.startswith("hr") for measure in peer.measures)
        items = [
            item
            for item in chosen.items()
            if "tempo" in item["truth"] and (item["truth"].get("boundaries") or not only_boundaries)
        ]
        progress = Progress(name, sum(item["truth"]["duration"] for item in items))

        def told(item: Mapping[str, Any], progress: Progress = progress) -> None:
            progress.advance(item["truth"]["duration"], item["truth"]["id"])

        try:
            documents = ask(peer, items, scripts, told)
        except PeerMissing as reason:
            missing[name] = str(reason)
            continue
        found[name] = {Path(document["recording"]["path"]).stem: document for document in documents}
    return found, missing
