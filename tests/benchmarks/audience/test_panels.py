"""The planted panels, with a scorer that is told what was planted instead of the packaged one."""

import numpy as np
import pytest

from benchmarks.audience import calibrated
from benchmarks.audience.calibrated import judged, table
from benchmarks.audience.panels import MEMBERS, Stage, opinion, panel_of
from benchmarks.content.cases import read
from edm_core.items import Passage, Reaction, Target
from edm_core.joining import digest_of
from edm_core.personas import load_personas
from edm_core.personas.distribution import bell, mean
from edm_core.resources import PERSONAS

PEOPLE = {name: load_personas(PERSONAS)[name] for name in ("genz", "advertiser")}


def staged(count=60):
    cases = tuple((case,) for case in read().passages[:count])
    passages = tuple(
        Passage(20.0 * place, 20.0 * place + 20, text=parts[0].text) for place, parts in enumerate(cases)
    )
    reactions = []
    for name, persona in PEOPLE.items():
        for place, parts in enumerate(cases):
            shares = bell(3 + 0.8 * opinion(persona, parts), 0.9)
            reactions.append(
                Reaction(
                    passages[place].start, passages[place].end, persona=name, target=Target("passage", place),
                    status="ok", score=mean(shares), distribution=shares, scorer="told@1",
                    persona_version=persona.version, heard=digest_of(passages[place]),
                )
            )  # fmt: skip
    return Stage(passages, cases, tuple(reactions))


def test_a_seed_makes_the_same_panel_and_another_another():
    scene = staged()
    assert panel_of(scene, PEOPLE, 3) == panel_of(scene, PEOPLE, 3)
    assert panel_of(scene, PEOPLE, 3) != panel_of(scene, PEOPLE, 4)


def test_members_rate_most_passages_and_follow_what_was_planted():
    scene = staged()
    ratings = panel_of(scene, PEOPLE, 0)
    assert len({rating.rater for rating in ratings}) == MEMBERS * len(PEOPLE)
    for name, persona in PEOPLE.items():
        means = [
            np.mean([one.score for one in ratings if one.persona == name and one.heard == digest_of(passage)])
            for passage in scene.passages
        ]
        planted = [opinion(persona, parts) for parts in scene.cases]
        assert np.corrcoef(planted, means)[0, 1] > 0.7


def test_calibration_reaches_the_goals_where_the_scorer_knows(monkeypatch):
    monkeypatch.setattr(calibrated, "stage", lambda _: staged(120))
    trials, made = judged(PEOPLE, 3)
    assert made.startswith("synthetic: 3 panels")
    rows = table(trials)
    assert [list(row) for row in rows] == [list(rows[0])] * len(rows)
    for trial in trials["calibrated"]:
        assert np.median(trial.ks) >= 0.88 and trial.error <= 0.06
    before, after = (
        np.mean([trial.error for trial in trials[kind]]) for kind in ("uncalibrated", "calibrated")
    )
    assert after < before


def test_what_the_ratings_alone_predict_is_blind_to_passages(monkeypatch):
    monkeypatch.setattr(calibrated, "stage", lambda _: staged())
    trials, _ = judged(PEOPLE, 1)
    assert trials["no scorer"][0].rank == pytest.approx(0.0)
    assert min(trials["calibrated"][0].rank) > 0.5
