from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from edm_core.errors import SettingsError
from edm_core.items import Passage
from edm_core.personas import load_personas
from edm_core.personas.laboratory import passages_of, read_passages

GOOD = {"id": "a", "text": "Rain on the coast.", "paraphrases": ["Coastal rain.", "It rains on the coast."]}


def test_the_packaged_passages_are_of_a_length_and_name_listeners_that_there_are() -> None:
    passages, known = read_passages(), set(load_personas())
    assert len(passages) >= 24
    for each in passages:
        assert 30 <= len(each.text.split()) <= 60
        for other in each.paraphrases:
            assert 0.7 <= len(other.split()) / len(each.text.split()) <= 1.35
            assert other != each.text
        assert each.pleases | each.annoys <= known
        assert each.topic and each.tone


def test_the_packaged_passages_please_and_annoy_enough_listeners() -> None:
    marks = [each.mark(name) for each in read_passages() for name in load_personas()]
    assert marks.count(1) >= 25
    assert marks.count(-1) >= 40


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({**GOOD, "text": 3}, "no text"),
        ({**GOOD, "paraphrases": ["one"]}, "two paraphrases"),
        ({**GOOD, "topic": ["snow"]}, "'snow'"),
        ({**GOOD, "topic": "Rain"}, "not a list"),
        ({**GOOD, "pleases": ["genz"], "annoys": ["genz"]}, "genz"),
        ("text", "no id"),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(entry: object, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "passages.yaml"
    path.write_text(yaml.safe_dump([{**GOOD, "id": "first"}, entry]))
    with pytest.raises(SettingsError, match="passage 2") as caught:
        read_passages(path)
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["", "a: [", "{}", "\udcff"])
def test_a_file_that_is_no_list_of_passages_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "passages.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"passages\.yaml"):
        read_passages(path)


def test_the_same_id_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "passages.yaml"
    path.write_text(yaml.safe_dump([GOOD, GOOD]))
    with pytest.raises(SettingsError, match="'a' stands there twice"):
        read_passages(path)


def said(count: int, language: str | None = "en") -> list[Passage]:
    return [
        Passage(
            10.0 * n,
            10.0 * n + 9,
            language=language,
            text=f"This is number {n} and it is about {n} big things we do.",
        )
        for n in range(count)
    ]


def test_passages_of_a_recording_are_chosen_by_seed_and_keep_their_numbers() -> None:
    passages = said(30)
    chosen = passages_of(passages, 10, seed=3)
    assert len(chosen) == 10
    assert chosen == passages_of(passages, 10, seed=3) != passages_of(passages, 10, seed=4)
    for each in chosen:
        assert each.text == passages[int(each.id.split()[1]) - 1].text
        assert not each.topic and each.mark("genz") == 0


def test_short_and_foreign_passages_are_not_played() -> None:
    passages = [*said(6), *said(3, "de"), Passage(900.0, 901.0, text="Too short.")]
    assert len(passages_of(passages, 24)) == 6
    with pytest.raises(SettingsError, match="5 English passages"):
        passages_of(passages[1:], 24)
    with pytest.raises(SettingsError, match="2 English passages"):
        passages_of(passages, 24, among=[0, 1, 7])
