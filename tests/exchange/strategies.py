"""Annotations of every kind, as Hypothesis makes them."""

from __future__ import annotations

from hypothesis import strategies as st

from edm_core.annotation import Annotation, Subject
from edm_core.grid import GridSegment
from edm_core.items import Comment, Energy, Event, Key, Passage, Section, Span, Word
from edm_core.tonality import camelot, key_name
from edm_core.vocabulary import ACTIVITY_LABELS, SECTION_LABELS, read_section

words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12)
names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)
shares = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])
times = st.integers(0, 600_000).map(lambda ms: ms / 1000)
dates = st.just("2026-01-02T03:04:05Z")


@st.composite
def originals(draw, label):
    """A word of another format that means the label, or none."""
    known = {
        "buildup": ["breakbuild", "Riser 2"],
        "intro": ["mix in", "Intro"],
        "drop": ["DROP", "drop 2"],
        "other": ["chorus", "segment4", 'it\'s, "so"', "été"],
    }
    return draw(st.none() | st.sampled_from(known.get(label, [label.upper()])))


@st.composite
def sections(draw, labels=SECTION_LABELS, *, details=True, free=True):
    """Sections that tile from 0, and where they end."""
    cuts = draw(st.lists(st.integers(500, 500_000), min_size=1, max_size=7, unique=True).map(sorted))
    edges = [0.0, *(cut / 1000 for cut in cuts)]
    made = []
    for start, end in zip(edges, edges[1:], strict=False):
        label = draw(st.sampled_from(labels))
        values = {"original": draw(originals(label))} if free else {}
        if details:
            bar = draw(st.none() | st.integers(0, 300))
            values |= {
                "confidence": draw(shares), "start_bar": bar,
                "end_bar": None if bar is None else draw(st.none() | st.just(bar + 7)),
                "boundary_confidence": draw(shares), "repeats": draw(st.none() | st.just(0)),
                "energy": draw(st.none() | st.just(Energy(-10.5, -20.0, -30.25))),
            }  # fmt: skip
        made.append(Section(start, end, label, **values))
    return tuple(made), edges[-1]


@st.composite
def grids(draw):
    first = GridSegment(
        draw(st.integers(0, 2000)) / 1000, draw(st.sampled_from([90.0, 128.0, 174.5, 127.998])),
        draw(st.sampled_from([3, 4])), draw(st.sampled_from([1, 2, 3])),
    )  # fmt: skip
    more = draw(st.lists(st.integers(5, 100), max_size=2, unique=True).map(sorted))
    return (first, *(GridSegment(float(time), 120.0, 4, 1) for time in more))


@st.composite
def keys(draw, end):
    tonic, minor = draw(st.integers(0, 11)), draw(st.booleans())
    return (Key(0.0, end, name=key_name(tonic, minor=minor), camelot=camelot(tonic, minor=minor)),)


@st.composite
def spoken(draw, kind=Word):
    starts = draw(st.lists(st.integers(0, 400_000), max_size=4, unique=True).map(sorted))
    text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=8)
    made = []
    for ms in starts:
        start = ms / 1000
        if kind is Word:
            made.append(
                Word(
                    start,
                    (ms + 500) / 1000,
                    text=draw(text),
                    probability=draw(shares),
                    speaker=draw(st.none() | text),
                )
            )
        else:
            made.append(
                Passage(
                    start,
                    (ms + 500) / 1000,
                    text=draw(text),
                    language=draw(st.none() | st.just("en")),
                    speaker=draw(st.none() | text),
                )
            )
    return tuple(made)


@st.composite
def annotations(draw):
    """An annotation with anything that one can have."""
    parts, end = draw(sections())
    maybe = lambda strategy: draw(st.none() | strategy)  # noqa: E731
    return Annotation(
        Subject(
            maybe(st.just("sha256:aa")), maybe(names), maybe(names), maybe(names), draw(st.sampled_from([None, end]))
        ),
        grid=maybe(grids() | st.just(())), key=maybe(keys(end) | st.just(())),
        sections=draw(st.sampled_from([None, (), parts])),
        events=maybe(st.lists(st.builds(Event, times, names, shares, bar=st.none() | st.just(3)), max_size=3).map(_sorted)),
        activity=maybe(st.just((Span(0.0, end, draw(st.sampled_from(ACTIVITY_LABELS)), 0.5),))),
        words=maybe(spoken()), passages=maybe(spoken(Passage)),
        comments=maybe(st.just((Comment(0.0, 0.25, "flag", text=draw(names), author="ada", time="2026-01-01T00:00:00Z"),))),
        author=maybe(names), tier=maybe(st.sampled_from(["reference", "verified", "generated"])),
        confidence=draw(shares), flags=tuple(draw(st.lists(names, max_size=2))), verified_by=maybe(names),
        notes=maybe(st.text(st.characters(exclude_categories=("Cs",)), max_size=30)), created=maybe(dates), modified=maybe(dates),
        rest=draw(st.sampled_from([{}, {"yaml": {"energy": {"overall": 0.7}}}, {"jams": {"sandbox": {"x": [1, None]}}}])),
    )  # fmt: skip


def _sorted(items):
    return tuple(sorted(items, key=lambda item: item.time))


def plain(section):
    """A section as formats with nothing but times and words can hold it."""
    original = (
        section.original
        if section.original and read_section(section.original).label == section.label
        else None
    )
    return (section.start, section.end, section.label, original)
