"""Requests that schemathesis makes up from the API's description, right and wrong ones, and their answers.

:func:`run` is what the tests and the long runs call; the same number gives the same requests.
"""

from __future__ import annotations

import itertools
import math
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import schemathesis
import soundfile
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.python import asgi
from schemathesis.specs.openapi import checks

from edm_core.service.api.mounted import api
from edm_core.service.bench import Workbench, workbench
from edm_core.service.web import events
from edm_core.service.web.application import application
from edm_core.settings import Settings
from edm_core.timeline import Judgement, Layer, Passage, Recording, Safety, Section, Timeline

HERE = "http://localhost"
SEED = 20_261_123
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
"""What every answer must stand; ``/ready`` may say that it is not, with 503. That what fits the schema is taken is not among them: a recording that is not
there, or a section beyond its end, fits."""
_QUIET = settings(
    database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
_SHORT = {"wait": ("false", 0)}
"""So that nobody waits: what these are elsewhere, and for ``/predict``."""


@dataclass
class Outcome:
    """How many requests were made, how they were answered, and what was wrong, by operation."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def run(cases: int, folder: Path | None = None) -> Outcome:
    """Make up at least ``cases`` requests, send them to the application in this process and check the answers.

    Jobs are queued, and nothing does them; streams of events end at once.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return run(cases, Path(made))
    app = application(Settings(data_dir=folder / "data"))
    schema = schemathesis.openapi.from_dict(api().openapi())
    operations = [found.ok() for found in schema.get_all_operations()]
    each = math.ceil(cases / len(operations) / 1.5)  # some operations leave no choice
    outcome, stream = Outcome(), events.stream
    short = patch.object(events, "stream", lambda jobs, _, **more: stream(jobs, 0.05, **more))
    with asgi.get_client(app) as session, short:
        for round in itertools.count():
            for operation, mode in itertools.product(operations, MODES):
                known = _furnished(workbench(), folder)  # also what was removed by the one before
                _try(operation, mode, each, SEED + round, session, known, outcome)
            if outcome.cases >= cases:
                return outcome
    raise AssertionError


def _try(
    operation: Any, mode: GenerationMode, count: int, number: int, session: Any,
    known: dict[str, list[str]], outcome: Outcome,
) -> None:  # fmt: skip
    """Send some requests of one operation; most of them about things that are there."""
    wanted = [check for check in CHECKS if not (operation.path.endswith("/ready") and check is CHECKS[0])]

    @seed(number)
    @settings(_QUIET, max_examples=count)
    @given(case=operation.as_strategy(mode), place=st.integers(0, 7))
    def one(case: Any, place: int) -> None:
        parts = case.meta.components
        if place < 6 and (part := parts.get(ParameterLocation.PATH)) and part.mode is GenerationMode.POSITIVE:
            for name, values in known.items():
                if name in case.path_parameters:
                    case.path_parameters[name] = values[place % len(values)]
        if (part := parts.get(ParameterLocation.QUERY)) and part.mode is GenerationMode.POSITIVE:
            for name, value in _SHORT.items():
                if name in case.query:
                    case.query[name] = value[operation.path.endswith("predict")]
        answer = case.call(base_url=HERE, session=session)
        outcome.cases += 1
        outcome.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=wanted)

    name = f"{operation.method.upper()} {operation.path} ({mode.value})"
    try:
        one()
    except Unsatisfiable:  # there is nothing wrong that could be sent, such as where nothing is asked for
        if mode is GenerationMode.POSITIVE:
            outcome.faults[name] = "no request could be made up"
    except (Exception, BaseExceptionGroup) as error:
        outcome.faults[name] = "".join(traceback.format_exception_only(error))[-3000:]


def _furnished(bench: Workbench, folder: Path) -> dict[str, list[str]]:
    """Have things in the library; return the names of what is there by the parameters that name it."""
    if not (folder / "tone.wav").exists():
        soundfile.write(folder / "tone.wav", 0.5 * np.sin(np.arange(88_200) / 10), 44_100)
    entry = bench.library.add_file(folder / "tone.wav")
    judged = {"topic": Judgement("ok", "Entertainment", 0.9), "tone": Judgement("ok", "Informative", 0.8)}
    passages = (Passage(0.0, 0.9, text="The new album is out tonight.", safety=Safety("clear"), **judged),)
    layers = (
        Layer("sections", "model:sections@1", (Section(0.0, 2.0, "drop", 0.8),)),
        Layer("passages", "model:content@1", passages),
    )
    if entry.status != "done":
        bench.library.save_timeline(Timeline(Recording(entry.id, 2.0, 44_100, 1, title="Tone"), layers))
    job = bench.queue.submit("analyze", "sha256:" + "1" * 64, {})
    return {
        "id": [entry.digest, entry.id], "audio_id": [entry.digest], "file": ["tone.wav"], "job": [job.id],
        "level": ["0"], "number": ["1"], "persona": ["genz"], "version": ["current"],
    }  # fmt: skip


if __name__ == "__main__":
    found = run(2_000)
    print(found.cases, dict(found.statuses))
    for name, fault in found.faults.items():
        print("\n---", name, "\n", fault)
