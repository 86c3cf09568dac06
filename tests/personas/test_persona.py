import pytest
import yaml

from edm_core.errors import SettingsError
from edm_core.personas import load_personas, read_persona
from edm_core.personas.persona import MOST_BYTES
from edm_core.resources import PERSONAS

FACES = {
    "academic": "🎓", "advertiser": "💼", "business_owner": "🥸", "casual_listener": "☕", "club_dj": "🎧",
    "festival_goer": "🎪", "genz": "🔥", "parents": "👪", "regional": "🌾", "stay_at_home_mum": "⚽️",
    "tradies": "😎",
}  # fmt: skip
MUSICAL = {"casual_listener", "club_dj", "festival_goer"}
WEIGHTS = {"advertiser": 1.5, "parents": 1.2}


def changed(tmp_path, change):
    data = yaml.safe_load((PERSONAS / "genz.yaml").read_text())
    change(data)
    path = tmp_path / "persona.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    return path


@pytest.fixture(scope="module")
def packaged():
    return load_personas(PERSONAS)


def test_the_packaged_are_these(packaged):
    assert {name: persona.emoji for name, persona in packaged.items()} == FACES
    assert {name: p.weight for name, p in packaged.items() if p.weight != 1} == WEIGHTS
    assert len({persona.version for persona in packaged.values()}) == len(FACES)
    assert not any(persona.retired for persona in packaged.values())


@pytest.mark.parametrize("name", FACES)
def test_a_packaged_persona_is_told_in_full(packaged, name):
    persona = packaged[name]
    assert 60 <= len(persona.prompt.split()) <= 120 and persona.prompt.startswith("You are ")
    assert persona.who != persona.description and len(set(persona.anchors)) == 5
    for kind, names in (("topics", 15), ("tones", 12), ("sections", 0), ("energy", 0)):
        liked, disliked = (getattr(tastes, kind) for tastes in (persona.likes, persona.dislikes))
        assert not set(liked) & set(disliked) and len(liked | disliked) >= names
        assert all((liked | disliked).values())  # indifference is said by leaving a label out
    assert (
        persona.rubric.topic and persona.rubric.tone and persona.rubric.statements and persona.rubric.safety
    )


def test_their_sentences_are_passages_and_nobody_elses(packaged):
    sides = [tastes.statements for each in packaged.values() for tastes in (each.likes, each.dislikes)]
    assert all(14 <= len(side) <= 18 for side in sides)
    sentences = [sentence for side in sides for sentence in side]
    assert all(8 <= len(sentence.split()) <= 30 for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_who_listens_to_music_has_a_taste_in_it_and_nobody_else(packaged):
    assert {name for name, persona in packaged.items() if persona.hears("section")} == MUSICAL
    assert all(persona.hears("passage") for persona in packaged.values())
    for name, persona in packaged.items():
        rubric, likes = persona.rubric, persona.likes
        musical = (rubric.section, rubric.energy, rubric.tempo, likes.sections, likes.energy, likes.tempo)
        assert all(musical) if name in MUSICAL else not any(musical)


def test_tempi_that_are_liked_are_not_disliked(packaged):
    for name in MUSICAL:
        likes, dislikes = packaged[name].likes, packaged[name].dislikes
        assert all(a.high <= b.low or b.high <= a.low for a in likes.tempo for b in dislikes.tempo)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("name"), "name is missing"),
        (lambda d: d.update(id="Gen Z"), "id is 'Gen Z'"),
        (lambda d: d.update(age=20), "age is not a text"),
        (lambda d: d.update(colour="red"), "colour is not known"),
        (lambda d: d.update(listens_to="radio"), "listens_to is 'radio'"),
        (lambda d: d["likes"]["topics"].update(Sprots=1), "unknown label 'Sprots'"),
        (lambda d: d["likes"]["tones"].update(Humorous=2), "weighs 'Humorous' with 2"),
        (lambda d: d["likes"].update(statements=[]), "likes.statements is not a list"),
        (lambda d: d["dislikes"].update(sections=["chorus"]), "unknown label 'chorus'"),
        (lambda d: d["rubric"].pop("tone"), "rubric.tone is None"),
        (lambda d: d["anchors"].pop(3), "anchors must hold"),
        (lambda d: d["anchors"].update({2: ""}), "anchors.2 is not a text"),
        (lambda d: d.update(tolerates=True), "tolerates is True"),
        (lambda d: d.update(likes="fun"), "likes does not hold"),
        (lambda d: d.update(who=["a", "b"]), "who is not a text"),
        (lambda d: d.update(who=" "), "who is not a text"),
        (lambda d: d.update(prompt=7), "prompt is not a text"),
        (lambda d: d.update(weight=-0.1), "weight is -0.1; give a number from 0 to 10"),
        (lambda d: d.update(weight="1"), "weight is '1'"),
        (lambda d: d.update(weight=float("nan")), "weight is nan"),
        (lambda d: d.update(retired="yes"), "retired is 'yes'; use true or false"),
        (lambda d: d["likes"].update(tempo={"fast": 1}), "likes.tempo names 'fast'"),
        (lambda d: d["likes"].update(tempo={"130-120": 1}), "likes.tempo names '130-120'"),
        (lambda d: d["likes"].update(tempo={"10-90": 1}), "from 20 to 400"),
        (lambda d: d["likes"].update(tempo={"90-401": 1}), "from 20 to 400"),
        (lambda d: d["likes"].update(tempo={120: 1}), "likes.tempo has the unknown label 120"),
        (lambda d: d["likes"].update(tempo={"120-130": 1.5}), "weighs '120-130' with 1.5"),
        (lambda d: d["dislikes"].update(energy={"loud": 1}), "unknown label 'loud'"),
        (lambda d: d["likes"].update(genres={"house": 1}), "likes.genres is not known"),
        (lambda d: d["likes"]["statements"].append(3), "likes.statements holds 3"),
        (lambda d: d["rubric"].update(tempo=5), "rubric.tempo is 5; give a number from 0 to 4"),
        (lambda d: d["rubric"].update(mood=1), "rubric.mood is not known"),
        (lambda d: d["anchors"].update({6: "Wow."}), "anchors must hold"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, field):
    path = changed(tmp_path, change)
    with pytest.raises(SettingsError) as error:
        read_persona(path)
    assert str(path) in str(error.value) and field in str(error.value)


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("listens_to: speech", "listens_to: radio", "listens_to is 'radio'"),
        ("weight: 1.0", "weight: heavy", "weight is 'heavy'"),
        ("weight: 1.0", "retired: maybe", "retired is 'maybe'"),
        ("weight: 1.0", "who: Somebody else", "who stands there twice"),
        ("tolerates: 5", "tolerates: 8", "tolerates is 8"),
        ("likes:", "likes: {}\nspare:", "spare is not known"),
        ("dislikes:", "dislikes:\n  tempo: {150: 1}", "dislikes.tempo has the unknown label 150"),
        ('  4: "I like this, it stays on."', "  3: Twice.", "anchors.3 stands there twice"),
    ],
)
def test_the_line_is_told(tmp_path, line, instead, said):
    text = (PERSONAS / "genz.yaml").read_text()
    assert text.count(f"\n{line}\n") == 1
    path = tmp_path / "persona.yaml"
    path.write_text(text.replace(f"\n{line}\n", f"\n{instead}\n"))
    number = path.read_text().splitlines().index(instead.splitlines()[-1]) + 1
    with pytest.raises(SettingsError, match=f"line {number}: {said}"):
        read_persona(path)


@pytest.mark.parametrize("text", ["", "- a", "id: [", "\x00", "just words"])
def test_what_is_no_persona_at_all(tmp_path, text):
    path = tmp_path / "persona.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        read_persona(path)


def test_two_with_one_id(tmp_path):
    text = (PERSONAS / "genz.yaml").read_text()
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text)
    with pytest.raises(SettingsError, match="taken"):
        load_personas(tmp_path)


def test_an_empty_folder(tmp_path):
    with pytest.raises(SettingsError, match="no persona"):
        load_personas(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(age="18–26"),
        lambda d: d.update(prompt="You are somebody else."),
        lambda d: d.update(who="Somebody else."),
        lambda d: d.update(weight=2),
        lambda d: d["likes"].update(tempo={"120-130": 1}),
        lambda d: d["likes"]["statements"].reverse(),
    ],
)
def test_the_version_follows_what_is_said(tmp_path, packaged, change):
    assert read_persona(changed(tmp_path, change)).version != packaged["genz"].version


def test_the_version_does_not_follow_how_it_is_said(tmp_path, packaged):
    respelled = read_persona(changed(tmp_path, lambda d: d.update(id=d.pop("id"))))
    assert respelled.version == packaged["genz"].version


def test_what_may_be_left_out(tmp_path, packaged):
    def least(data):
        for name in ("who", "prompt", "weight"):
            del data[name]
        for side in ("likes", "dislikes"):
            del data[side]["topics"], data[side]["tones"]

    persona = read_persona(changed(tmp_path, least))
    assert (persona.who, persona.prompt, persona.weight) == (persona.description, "", 1.0)
    assert persona.likes.topics == persona.dislikes.tones == {} and not persona.retired


def test_one_that_is_retired_is_read_and_not_asked(tmp_path, packaged):
    path = changed(tmp_path, lambda d: d.update(retired=True))
    assert read_persona(path).retired and read_persona(path).version == packaged["genz"].version
    assert load_personas(tmp_path) == {}


@pytest.mark.parametrize("text", ["122-130", "122 - 130", "122–130", "122 to 130", "122.0-130.0"])
def test_a_range_of_tempi_may_be_written_in_several_ways(tmp_path, text):
    (taste,) = read_persona(changed(tmp_path, lambda d: d["likes"].update(tempo={text: 0.5}))).likes.tempo
    assert (taste.low, taste.high, taste.weight) == (122.0, 130.0, 0.5)


def test_braces_in_a_prompt_are_text(tmp_path):
    prompt = "You are {name}, {{twice}}, {0} and {"
    assert read_persona(changed(tmp_path, lambda d: d.update(prompt=prompt))).prompt == prompt


@pytest.mark.parametrize("bad", [b"\xff\xfe\x00", b"id: \xe9", b"a: &a [*a]", b"x: " + b"[" * 5000])
def test_bytes_that_are_no_yaml_are_told(tmp_path, bad):
    path = tmp_path / "persona.yaml"
    path.write_bytes(bad)
    with pytest.raises(SettingsError, match=r"persona\.yaml"):
        read_persona(path)


def test_a_file_that_is_far_too_large_is_not_read(tmp_path):
    path = tmp_path / "persona.yaml"
    path.write_bytes(b"# " + b"x" * MOST_BYTES)
    with pytest.raises(SettingsError, match="larger than 200 kB"):
        read_persona(path)
