"""Byte ranges, for every header somebody may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.service.web.ranges import Unsatisfiable, byte_range

DATA = bytes(range(100))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", DATA[:1]),
        ("bytes=10-19", DATA[10:20]),
        ("bytes=90-", DATA[90:]),
        ("bytes=90-1000", DATA[90:]),
        ("bytes=-7", DATA[-7:]),
        ("bytes=-1000", DATA),
    ],
)
def test_a_part(header: str, wanted: bytes) -> None:
    part = byte_range(header, 100)
    assert part is not None and DATA[part] == wanted


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=1-2,4-5",
        "items=1-2",
        "bytes=a-b",
        "bytes=²-3",
    ],
)
def test_what_cannot_be_understood_gives_the_whole(header: str | None) -> None:
    assert byte_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_a_part_beyond_the_end(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        byte_range(header, 100)


@given(
    st.text() | st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True),
    st.integers(0, 500),
)
def test_a_part_always_lies_inside(header: str, size: int) -> None:
    try:
        part = byte_range(header, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part.start < part.stop <= size
