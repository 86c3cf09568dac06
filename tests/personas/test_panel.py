import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.exchange.errors import ExchangeError
from edm_core.items import Passage, Reaction, Recording, Section, Target
from edm_core.joining import digest_of
from edm_core.personas.panel import matched, panel
from edm_core.personas.rating_tables import read_ratings, write_ratings
from edm_core.ratings import Rating
from edm_core.timeline import Layer, Timeline

SONG = Recording("sha256:" + "0" * 64, 100.0, 44100, 2)
PASSAGES = tuple(Passage(10.0 * i, 10.0 * i + 8, text=f"passage {i}") for i in range(8))
TIMELINE = Timeline(SONG, (
    Layer("passages", "model:x@1", PASSAGES),
    Layer("sections", "model:y@1", (Section(0.0, 50.0, "intro"), Section(50.0, 100.0, "drop"))),
))  # fmt: skip


def find(name):
    return TIMELINE if name in (SONG.id, "song.mp3") else None


def rating(index, score, rater="ada", **more):
    given = {"recording": SONG.id, "kind": "passage", "start": 10.0 * index, "end": 10.0 * index + 8}
    return Rating(**{**given, "rater": rater, "score": score, **more})


def reaction(index, score, persona="genz", **more):
    said = {"status": "ok", "score": score, "distribution": (0.2,) * 5} if score else {"status": "failed"}
    return Reaction(
        10.0 * index, 10.0 * index + 8, persona=persona, target=Target("passage", index), **said, **more
    )


REACTIONS = {SONG.id: [reaction(i, s) for i, s in enumerate((1.2, 2.1, 3.0, 4.2, 4.8, 2.5, 3.5, 1.9))]}


# --- agreement -------------------------------------------------------------------------------------


def test_people_and_personas_are_compared_where_both_have_a_score():
    reactions = {SONG.id: [*REACTIONS[SONG.id][:7], reaction(7, None)]}
    found = panel(reactions, [rating(i, s) for i, s in enumerate((1, 2, 3, 4, 5, 2, 4, 1))])
    (pair,) = found.of("person–persona")
    assert (pair.a, pair.b, pair.n) == ("genz", "ada", 7)
    assert pair.figures["kappa"].value > 0.9 and pair.figures["kappa"].low is not None
    assert found.reliability[""].reason == "only one person rated"


def test_people_together_are_a_voice_of_their_own():
    ratings = [
        rating(i, 1 + (i + shift) % 5, name) for name, shift in (("ada", 0), ("ben", 1)) for i in range(8)
    ]
    found = panel(REACTIONS, ratings)
    assert [pair.b for pair in found.of("person–persona")] == ["people", "ada", "ben"]
    (both,) = found.of("person–person")
    assert both.n == 8 and found.reliability[""].value is not None


def test_who_stands_for_a_persona_is_compared_with_that_one_alone():
    reactions = {SONG.id: [*REACTIONS[SONG.id], *(reaction(i, 3.0 + i / 8, "mum") for i in range(8))]}
    ratings = [rating(i, 1 + i % 5, persona="mum") for i in range(8)]
    found = panel(reactions, ratings)
    assert [(pair.a, pair.b) for pair in found.of("person–persona")] == [("mum", "ada as mum")]
    assert [(pair.a, pair.b) for pair in found.of("persona–persona")] == [("genz", "mum")]


def test_few_ratings_say_so_instead_of_a_figure():
    (pair,) = panel(REACTIONS, [rating(0, 4)]).of("person–persona")
    assert pair.n == 1 and all(figure.value is None and figure.reason for figure in pair.figures.values())


def test_no_ratings_no_figures():
    found = panel(REACTIONS, [])
    assert found.ratings == 0 and found.of("person–persona") == () and found.reliability == {}


def test_the_newest_rating_counts():
    old = [rating(i, 5, time="2026-01-01T00:00:00Z") for i in range(8)]
    new = [rating(i, s, time="2026-01-02T00:00:00Z") for i, s in enumerate((1, 2, 3, 4, 5, 2, 4, 2))]
    found = panel(REACTIONS, [*new, *old])
    assert found.ratings == 8
    assert found.of("person–persona")[0].figures["mae"].value < 0.5


def test_rows_for_tables():
    rows = panel(REACTIONS, [rating(i, 1 + i % 5) for i in range(8)]).rows()
    assert {row["measure"] for row in rows} >= {"kappa", "alpha", "spearman", "mae"}
    assert all((row["value"] is None) == (row["reason"] is not None) for row in rows if row["value"] is None)


# --- what a rating is about ------------------------------------------------------------------------


def test_a_digest_counts_over_times():
    heard = [reaction(0, 3.0, heard="aa"), reaction(1, 3.0, heard="bb")]
    one = rating(0, 4, heard="bb")
    assert matched({SONG.id: heard}, [one]) == {one: (SONG.id, Target("passage", 1))}


@pytest.mark.parametrize(
    ("start", "end", "index"),
    [(0.0, 8.0, 0), (1.0, 9.0, 0), (4.1, 12.0, None), (11.0, 19.0, 1), (60.5, 67.0, 6)],
)
def test_without_one_half_of_the_time_must_be_shared(start, end, index):
    one = rating(0, 4, start=start, end=end)
    found = matched(REACTIONS, [one])
    assert found == ({} if index is None else {one: (SONG.id, Target("passage", index))})


def test_other_kinds_and_recordings_are_left_over():
    strangers = [rating(0, 4, kind="section"), rating(0, 4, recording="sha256:ff")]
    assert panel(REACTIONS, strangers).unmatched == tuple(strangers)


# --- tables ----------------------------------------------------------------------------------------


def test_a_table_by_times_and_one_by_index_say_the_same():
    by_times = read_ratings("recording,start,end,rater,score\nsong.mp3,0:10,0:18.000,ada,4\n", find=find)
    by_index = read_ratings("recording;index;rater;score\nsong.mp3;1;ada;4\n", find=find)
    assert by_times.ratings == by_index.ratings == (rating(1, 4, heard=digest_of(PASSAGES[1])),)
    assert by_times.problems == by_index.problems == ()


def test_wrong_rows_are_named_and_good_ones_come_in():
    table = (
        "recording,start,end,rater,score,kind,persona,note\n"
        "song.mp3,10,18,ada,4,,,\n"
        "other.mp3,10,18,ada,4,,,\n"
        "song.mp3,ten,18,ada,4,,,\n"
        "song.mp3,10,18,ada,6,,,\n"
        "song.mp3,10,18,ada,,,,\n"
        "song.mp3,18,10,ada,4,,,\n"
        "song.mp3,10,18,,4,,,\n"
        "song.mp3,10,18,ada,4,beat,,\n"
        "song.mp3,50,100,ben,2,section,genz,too loud\n"
    )
    found = read_ratings(table, "mine.csv", find=find)
    assert [(one.rater, one.kind, one.persona, one.note) for one in found.ratings] == [
        ("ada", "passage", "", ""), ("ben", "section", "genz", "too loud"),
    ]  # fmt: skip
    told = [str(problem) for problem in found.problems]
    assert len(told) == 7
    for line, (text, word) in enumerate(
        zip(told, ("recording", "start", "score", "score", "end", "rater", "kind"), strict=True), 3
    ):
        assert text.startswith(f"mine.csv: line {line}") and word in text


def test_an_index_beyond_the_passages_is_told():
    (problem,) = read_ratings("recording,index,rater,score\nsong.mp3,8,ada,4\n", find=find).problems
    assert "line 2, index" in str(problem) and "8 passages" in str(problem)


def test_a_stretch_where_nothing_lies_is_kept_and_told():
    found = read_ratings("recording,start,end,rater,score\nsong.mp3,90,95,ada,4\n", find=find)
    assert found.ratings[0].heard == "" and "kept by its times" in found.notes[0]


@pytest.mark.parametrize(
    "table",
    ["", "recording,rater,score\n", "start,end,rater,score\n", "a,b\n1,2\n", 'recording,start,end,rater,score\n"x',
     "recording,start,end,rater,score,score\n", b"\x00\x01\x02"],
)  # fmt: skip
def test_no_table_is_an_error_that_says_what_to_do(table):
    with pytest.raises(ExchangeError):
        read_ratings(table, find=find)


def test_rows_without_a_recording_are_about_the_one_given():
    found = read_ratings("start,end,rater,score\n10,18,ada,4\n", find=find, recording="song.mp3", time="2026")
    assert found.ratings[0].recording == SONG.id and found.ratings[0].time == "2026"


NAMES = st.text(st.sampled_from("'=+-@ab,;\"#"), min_size=1, max_size=6)


@given(
    st.lists(
        st.builds(
            rating, st.integers(0, 7), st.sampled_from([None, 1, 2, 3, 4, 5]), NAMES, persona=st.just("") | NAMES,
            note=st.just("") | NAMES,
        ),
        max_size=6,
    )
)  # fmt: skip
def test_what_is_written_is_read_again(ratings):
    known = [
        rating(int(one.start // 10), one.score, one.rater, persona=one.persona, note=one.note,
               heard=digest_of(PASSAGES[int(one.start // 10)]))
        for one in ratings
    ]  # fmt: skip
    found = read_ratings(write_ratings(known), find=find)
    assert list(found.ratings) == known and found.problems == ()
