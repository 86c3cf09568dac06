from dataclasses import replace

import pytest

from edm_core.items import Reaction, Recording, Target
from edm_core.personas import Audience
from edm_core.personas.comparison import compare

SONG = Recording("sha256:" + "0" * 64, 600.0, 44100, 2)
OTHER = replace(SONG, id="sha256:" + "1" * 64)
SCORES = (1.5, 2.5, 3.0, 4.0, 3.5, 2.0, 4.5)


def reaction(index, score, persona="genz", version="a", **more):
    said = {"status": "ok", "score": score, "distribution": (0.2,) * 5} if score else {"status": "failed"}
    return Reaction(
        10.0 * index, 10.0 * index + 8, persona=persona, persona_version=version,
        target=Target("passage", index), **said, **more,
    )  # fmt: skip


def audience(scores=SCORES, recording=SONG, **more):
    return Audience.gather([reaction(i, s, **more) for i, s in enumerate(scores)], recording=recording)


def test_two_versions_on_one_recording_are_paired():
    found = compare(audience(version="a"), audience([score + 0.25 for score in SCORES], version="b"))
    (genz,) = found.personas
    assert found.paired and genz.versions == ("a", "b")
    assert (genz.difference.value, genz.difference.low, genz.difference.high) == (0.25, 0.25, 0.25)
    assert len(found.items) == 7 and {item.difference for item in found.items} == {0.25}
    assert found.consensus.value == 0.25


def test_only_items_that_both_scored_count():
    found = compare(audience(), audience([None, *SCORES[1:6], 1.0]))
    (genz,) = found.personas
    assert genz.difference.n == 6 and len(found.items) == 6
    assert found.items[0].difference == -3.5, "the largest difference comes first"


def test_items_are_the_same_by_what_was_heard_else_by_time():
    moved = Audience.gather(
        [reaction(1, 4.0, heard="x"), reaction(2, 2.0)], recording=SONG,
    )  # fmt: skip
    found = compare(Audience.gather([reaction(0, 3.0, heard="x"), reaction(2, 3.0)], recording=SONG), moved)
    assert [(item.target.index, item.difference) for item in found.items] == [(1, 1.0), (2, -1.0)]


def test_two_recordings_are_not_paired():
    found = compare(audience(), audience([score + 0.25 for score in SCORES], OTHER))
    (genz,) = found.personas
    assert not found.paired and found.items == ()
    assert genz.difference.value == pytest.approx(0.25)
    assert genz.difference.low < 0 < genz.difference.high, "each side is drawn by itself"


def test_a_clone_stands_beside_the_persona_it_was_made_from():
    found = compare(audience(), audience(persona="genz_2"), same={"genz": "genz_2"})
    assert [row.persona for row in found.personas] == ["genz_2"]
    assert compare(audience(), audience(persona="genz_2")).personas == ()


def test_nothing_to_compare():
    found = compare(Audience.gather([], recording=SONG), Audience.gather([], recording=OTHER))
    assert found.personas == () and found.consensus.value is None and found.consensus.reason
    assert compare(audience([None]), audience([None])).personas[0].difference.value is None


def test_values():
    found = compare(audience(), audience()).to_dict()
    assert found["simulated"] is True and found["personas"][0]["difference"]["value"] == 0.0
