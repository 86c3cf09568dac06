import re

from hypothesis import given
from hypothesis import strategies as st

from edm_core.timeline import Passage, Word
from edm_core.transcription import to_srt, to_txt, to_vtt


def word(start, text, length=0.3):
    return Word(start, start + length, text=text, probability=0.9)


def test_srt_counts_and_breaks_after_sentences():
    text = "Good morning and welcome to the show from the coast. And now the news."
    words = [word(i * 0.3, token) for i, token in enumerate(text.split())]
    blocks = to_srt(words).strip().split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == ["1", "2"]
    assert blocks[1].endswith("And now the news.")


def test_a_pause_and_six_seconds_end_a_subtitle():
    words = [word(0, "One"), word(5, "two"), *(word(10 + 0.5 * i, "a") for i in range(20))]
    starts = re.findall(r"(\d\d:\d\d:\d\d,\d\d\d) -->", to_srt(words))
    assert starts[:3] == ["00:00:00,000", "00:00:05,000", "00:00:10,000"]
    assert len(starts) == 4


def test_hours():
    assert "10:00:00.250 --> 10:00:00.550" in to_vtt([word(36_000.25, "late")])


def test_marks_of_the_formats_are_harmless():
    words = [word(0, "<i>"), word(0.4, "-->"), word(0.8, "&")]
    assert "&lt;i&gt; --&gt; &amp;" in to_vtt(words)
    assert to_srt(words).count("-->") == 1


def test_nothing_said():
    assert to_srt([]) == "" and to_vtt([]) == "WEBVTT\n" and to_txt([]) == ""


def test_txt_is_a_line_a_passage():
    assert to_txt([Passage(0, 1, text="a\nb"), Passage(1, 2, text="c")]) == "a b\nc\n"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=60), max_size=40
    )
)
def test_no_word_is_lost_and_lines_stay_short(texts):
    words = [word(i * 0.35, text) for i, text in enumerate(texts)]
    body = [line for line in to_srt(words).split("\n") if line and " --> " not in line and not line.isdigit()]
    squeeze = re.compile(r"\s")
    heard = squeeze.sub("", "".join(body))
    assert len(heard) <= len(squeeze.sub("", "".join(texts)))
    assert all(len(line) <= 42 for line in body)
