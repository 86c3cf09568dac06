"""The folder of the user's own personas: what is saved, what replaces what, and that nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.errors import EdmError, SettingsError
from edm_core.personas import Persona, load_personas, parse_persona
from edm_core.personas.changes import changes
from edm_core.personas.folder import Folder, Overtaken
from edm_core.personas.persona import Tastes, TempoTaste
from edm_core.personas.writing import blank, to_yaml, with_values
from edm_core.resources import PERSONAS
from edm_core.settings import Settings

TEXT_OF_GENZ = """\
# A simulated listener.
id: genz
name: Gen Z
emoji: "🔥"
description: Stays for humour, new music and people who talk like friends.
age: "18–25"
listens_to: speech
likes:
  topics: {Entertainment: 1.0, Food: 0.6}
  tones: {Humorous: 1.0, Casual / Conversational: 0.8}
  statements:
    - That new track is all over my feed and the drop is insane.
    - Where to get cheap late-night noodles after the club.
dislikes:
  topics: {Politics: 0.6, Business & Finance: 0.8}
  statements:
    - Shares closed lower as investors waited for the central bank.
rubric: {topic: 0.8, tone: 0.9, statements: 0.9, safety: 0.5, repetition: 0.5}
tolerates: 5
anchors: {1: Nope., 2: A bit dry., 3: "Fine, I guess.", 4: I like this., 5: "Great, I am sending it on."}
"""
GENZ = parse_persona(TEXT_OF_GENZ.encode(), Path("genz.yaml"))
MUM = parse_persona(blank("mother", "Mother").encode(), Path("mother.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of the user's that is not there yet, beside two packaged personas."""
    packaged = tmp_path / "packaged"
    packaged.mkdir()
    (packaged / "genz.yaml").write_text(TEXT_OF_GENZ)
    (packaged / "mother.yaml").write_text(to_yaml(MUM))
    return Folder(tmp_path / "personas", packaged)


def test_by_default_it_is_the_one_that_personas_are_read_from(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    folder = Folder.of(settings)
    first = next(iter(folder.editions()))
    saved = folder.save(replace(folder.edition(first).persona, name="Somebody"))
    assert load_personas(settings=settings)[first] == saved
    folder.retire(first)
    assert first not in load_personas(settings=settings)


@pytest.mark.parametrize("path", sorted(PERSONAS.glob("*.yaml")), ids=lambda path: path.stem)
def test_packaged_files_can_be_written_and_retired(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    persona = parse_persona(text.encode(), path)
    assert parse_persona(to_yaml(persona).encode(), path) == persona
    retired = with_values(text, {"retired": True}, path)
    assert retired.startswith(text.rstrip()[:-200])  # comments stay
    assert parse_persona(retired.encode(), path) == replace(persona, retired=True)


def of_own(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.own.glob("*.yaml"))


def test_packaged_ones_stand_there_without_a_folder(folder: Folder) -> None:
    assert list(folder.editions()) == ["genz", "mother"]
    assert {edition.origin for edition in folder.editions().values()} == {"packaged"}
    assert folder.broken() == ()
    assert not folder.own.exists()


def test_what_is_saved_replaces_the_packaged_and_can_be_taken_back(folder: Folder) -> None:
    genz = folder.edition("genz")
    text = genz.text.replace("tolerates: 5", "tolerates: 2  # they are gentle")
    saved = folder.save(text, base=genz.mark)
    edition = folder.edition("genz")
    assert (edition.origin, edition.persona.tolerates, edition.text) == ("edited", 2, text)
    assert folder.reset("genz") == genz.persona
    assert folder.edition("genz").origin == "packaged"
    assert folder.version("genz", saved.version[:6]).tolerates == 2
    assert {kept.version for kept in folder.versions("genz")} == {saved.version, genz.persona.version}


def test_new_clone_and_delete(folder: Folder) -> None:
    made = folder.create("dad", "{Dad}: 'no' \"yes\" 🎧 شكرا")
    assert made.name == "{Dad}: 'no' \"yes\" 🎧 شكرا"
    copy = folder.clone("genz", "gen_a", "Gen A")
    assert replace(copy, id="genz", name="Gen Z", version="") == replace(GENZ, version="")
    assert "# A simulated listener" in folder.edition("gen_a").text
    assert folder.edition("gen_a").origin == "own"
    folder.delete("gen_a")
    assert of_own(folder) == ["dad.yaml"]
    assert folder.version("gen_a", copy.version) == copy
    with pytest.raises(SettingsError, match="retire it instead"):
        folder.delete("genz")
    with pytest.raises(SettingsError, match="no packaged edition"):
        folder.reset("dad")


def test_retired_ones_give_no_scores_and_come_back_as_they_were(folder: Folder) -> None:
    folder.retire("genz")
    assert folder.edition("genz").persona.retired
    assert folder.retire("genz").version == GENZ.version
    assert folder.restore("genz") == GENZ
    assert of_own(folder) == []
    folder.create("dad", "Dad")
    text = folder.edition("dad").text
    folder.retire("dad")
    assert "retired: true" in folder.edition("dad").text
    folder.restore("dad")
    assert folder.edition("dad").text == f"{text}retired: false\n"


@pytest.mark.parametrize("id", ["../../etc/passwd", "", "A", "a" * 41, "a/b", ".", "a.yaml", "a\n"])
def test_ids_never_become_paths_unchecked(folder: Folder, id: str) -> None:
    for act in (
        lambda: folder.create(id, "Anybody"),
        lambda: folder.clone("genz", id),
        lambda: folder.versions(id),
        lambda: folder.version(id, "0"),
        lambda: folder.retire(id),
        lambda: folder.save(blank("dad", "Dad").replace("id: dad", f"id: {id!r}")),
    ):
        with pytest.raises(SettingsError):
            act()
    assert of_own(folder) == []
    assert not (folder.own.parent / "etc").exists()


def test_names_that_are_taken(folder: Folder) -> None:
    with pytest.raises(Overtaken, match="is there already"):
        folder.create("genz", "Again")
    (folder.own / "dad.yaml").write_text("id: mum\nname: [")
    with pytest.raises(SettingsError, match="in the way"):
        folder.create("dad", "Dad")
    assert (folder.own / "dad.yaml").read_text() == "id: mum\nname: ["


def test_of_two_who_save_one_is_told_and_neither_is_lost(folder: Folder) -> None:
    began = folder.edition("genz")
    first = folder.save(began.text.replace("tolerates: 5", "tolerates: 1"), base=began.mark)
    with pytest.raises(Overtaken) as caught:
        folder.save(began.text.replace("tolerates: 5", "tolerates: 2"), base=began.mark)
    assert caught.value.theirs == first.version
    assert folder.edition("genz").persona == first
    assert folder.version("genz", caught.value.yours).tolerates == 2


def test_a_comment_is_an_edit_too(folder: Folder) -> None:
    began = folder.edition("genz")
    folder.save(began.text + "# theirs\n", base=began.mark)
    with pytest.raises(Overtaken):
        folder.save(began.text + "# ours\n", base=began.mark)
    assert folder.edition("genz").text.endswith("# theirs\n")


def test_of_many_who_save_at_once_one_wins(folder: Folder) -> None:
    began, won, lost = folder.edition("genz"), [], []

    def save(number: int) -> None:
        text = began.text.replace("tolerates: 5", f"tolerates: 5\nweight: {number}")
        try:
            won.append(folder.save(text, base=began.mark))
        except Overtaken as error:
            lost.append(error.yours)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    assert folder.edition("genz").persona == won[0]
    assert {*lost, won[0].version} <= {kept.version for kept in folder.versions("genz")}


def test_a_broken_file_is_shown_repaired_and_kept(folder: Folder) -> None:
    folder.own.mkdir()
    raw = blank("dad", "Dad").replace("tolerates: 4", "tolerates: 40").encode() + b"# \xff\n"
    (folder.own / "father.yaml").write_bytes(raw)
    (broken,) = folder.broken()
    assert "father.yaml" in str(broken.error)
    assert broken.text is not None
    with pytest.raises(SettingsError, match=r"line \d+: tolerates is 40"):
        folder.save(broken.text, file="father.yaml")
    assert (folder.own / "father.yaml").read_bytes() == raw
    folder.save(broken.text.replace("40", "4"), file="father.yaml")
    assert (folder.broken(), folder.edition("dad").path.name) == ((), "father.yaml")
    (aside,) = (folder.own / ".versions").glob("*.broken")
    assert aside.read_bytes() == raw


def test_a_repair_takes_nobody_elses_place(folder: Folder) -> None:
    folder.create("dad", "Dad")
    (folder.own / "other.yaml").write_text(blank("dad", "Other"))
    (broken,) = folder.broken()
    assert "taken by dad.yaml" in str(broken.error)
    with pytest.raises(SettingsError, match="taken"):
        folder.save(blank("dad", "Other"), file="other.yaml")
    with pytest.raises(SettingsError, match="not broken"):
        folder.save(blank("mum", "Mum"), file="../../x.yaml")
    assert folder.save(blank("mum", "Mum"), file="other.yaml").id == "mum"
    assert of_own(folder) == ["dad.yaml", "other.yaml"]


def test_versions_are_of_what_was_seen_too(folder: Folder) -> None:
    folder.own.mkdir()
    path = folder.own / "dad.yaml"
    path.write_text(blank("dad", "Dad"))
    folder.remember()
    first = folder.edition("dad").persona
    path.write_text(blank("dad", "Daddy"))  # by an editor
    folder.remember()
    assert [folder.version("dad", kept.version).name for kept in folder.versions("dad")] == ["Daddy", "Dad"]
    assert folder.version("dad", first.version) == first
    with pytest.raises(SettingsError, match="no version"):
        folder.version("dad", "0" * 12)
    with pytest.raises(SettingsError):
        folder.version("dad", "")


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(EdmError, match="cannot be written"):
        Folder(tmp_path / "data" / "personas").create("dad", "Dad")


def test_files_of_other_systems_are_read(folder: Folder) -> None:
    folder.own.mkdir()
    (folder.own / "a.yaml").write_bytes(b"\xef\xbb\xbf" + blank("dad", "Dad").replace("\n", "\r\n").encode())
    (folder.own / "b.yaml").write_bytes(blank("mum", "Mum").encode("utf-16"))
    assert {"dad", "mum"} <= set(folder.editions())
    assert folder.retire("mum").retired


def test_text_that_is_no_utf8_is_refused(folder: Folder) -> None:
    with pytest.raises(SettingsError, match="UTF-8"):
        folder.create("dad", "D\udcff")


# --- texts -----------------------------------------------------------------------------------------

TEXT = st.text(min_size=1, max_size=60).map(str.strip).filter(bool)
WEIGHT = st.sampled_from([0.0, 0.05, 0.3, 1 / 3, 1.0])


def labels(*names: str) -> st.SearchStrategy[dict[str, float]]:
    return st.dictionaries(st.sampled_from(names), WEIGHT)


TASTES = st.builds(
    Tastes,
    topics=labels("Food", "Business & Finance"),
    tones=labels("Humorous", "Casual / Conversational"),
    sections=labels("drop", "intro"),
    statements=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    energy=labels("low", "high"),
    tempo=st.lists(
        st.builds(TempoTaste, st.just(100.0), st.sampled_from([128.5, 140.0]), WEIGHT), max_size=1
    ).map(tuple),
)


@given(TEXT, TEXT, TEXT, TASTES, TASTES, st.booleans(), st.sampled_from([0.5, 1.0, 10.0]))
def test_what_is_written_is_read_again(
    name: str, who: str, prompt: str, likes: Tastes, dislikes: Tastes, retired: bool, weight: float
) -> None:
    genz = GENZ
    persona = replace(
        genz, name=name, who=who, prompt=prompt, likes=likes, dislikes=dislikes, retired=retired, weight=weight,
        version="",
    )  # fmt: skip
    text = to_yaml(persona)
    try:
        read = parse_persona(text.encode(), Path("x"))
    except (SettingsError, UnicodeEncodeError):
        pytest.fail(text)
    assert replace(read, version="") == persona
    assert to_yaml(read) == text


@given(TEXT, st.booleans())
def test_values_are_changed_and_nothing_else(name: str, retired: bool) -> None:
    text = TEXT_OF_GENZ
    changed = with_values(text, {"id": "gen_a", "name": name, "retired": retired}, Path("x"))
    read = parse_persona(changed.encode(), Path("x"))
    wanted = replace(GENZ, id="gen_a", name=name, retired=retired, version="")
    assert replace(read, version="") == wanted


@pytest.mark.parametrize(
    "odd",
    [
        lambda text: text.replace("id: genz", "id: &me genz"),
        lambda text: text.replace("name: Gen Z", "name: |\n  Gen Z\n"),
        lambda text: text.replace("name: Gen Z", 'name: "Gen\n  Z"  # two lines'),
        lambda text: text.replace("id: genz", "'id': genz") + "...\n",
    ],
)
def test_odd_spelling_is_changed_too(odd: Callable[[str], str]) -> None:
    text = odd(TEXT_OF_GENZ)
    read = parse_persona(
        with_values(text, {"id": "a", "name": "A", "retired": True}, Path("x")).encode(), Path("x")
    )
    assert (read.id, read.name, read.retired, read.likes) == ("a", "A", True, GENZ.likes)


def test_prompts_are_written_as_blocks() -> None:
    persona: Persona = replace(GENZ, prompt="You are {name}.\nSay {{what}} you think.")
    assert "prompt: |-\n  You are {name}.\n  Say {{what}} you think.\n" in to_yaml(persona)


def test_changes_in_words() -> None:
    genz = GENZ
    likes = replace(
        genz.likes,
        topics={**genz.likes.topics, "Food": 0.9, "Sports": 0.5},
        statements=(*genz.likes.statements[1:], "More {braces}."),
        tempo=(TempoTaste(120.0, 132.0, 0.5),),
    )
    other = replace(
        genz, likes=likes, emoji="🧊", prompt="p" * 200, rubric=replace(genz.rubric, topic=1.0),
        dislikes=replace(genz.dislikes, topics={}), anchors=("No!", *genz.anchors[1:]), weight=2.0,
    )  # fmt: skip
    found = {change.field: change for change in changes(genz, other)}
    assert found["likes.topics.Food"].text == "likes the topic Food: 0.6 → 0.9"
    assert found["likes.topics.Sports"].text == "now likes the topic Sports (0.5)"
    assert found["dislikes.topics.Politics"].text == "no longer dislikes the topic Politics (was 0.6)"
    assert found["likes.tempo.120–132 BPM"].kind == "added"
    assert (found["prompt"].kind, found["prompt"].text) == ("added", "prompt added")
    assert found["rubric.topic"].text == "points for topic: 0.8 → 1"
    assert found["anchors.1"].before == genz.anchors[0]
    assert found["weight"].text == "weight in the consensus: 1 → 2"
    assert found["emoji"].after == "🧊"
    told = [change.text for change in changes(genz, other) if change.field == "likes.statements"]
    assert told == [f"no longer likes: “{genz.likes.statements[0]}”", "now likes: “More {braces}.”"]
    assert changes(genz, genz) == ()
    back = changes(other, genz)
    assert {change.field for change in back} == set(found)
