"""Addresses of pages."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.service.views import links
from edm_core.service.views.links import moment, offered, opened
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.timeline import Recording, Timeline


@given(st.text() | st.floats().map(str))
def test_any_text_is_a_moment(text: str) -> None:
    assert 0.0 <= moment(text) < float("inf")


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:42", 42.0), ("-5", 0.0), ("nan", 0.0), ("1e999", 0.0), ("", 0.0)]
)
def test_moments(text: str, seconds: float) -> None:
    assert moment(text) == seconds


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Settings(data_dir=tmp_path), check=lambda path: None)


def test_the_newest_that_is_analysed_is_opened(library: Library) -> None:
    assert opened(library, None) is None and opened(library, "sha256:00") is None
    first, second, third = (library.add_upload(f"{n}.wav", BytesIO(str(n).encode())) for n in range(3))
    assert opened(library, None) == third
    for entry in (first, second):
        library.save_timeline(Timeline(Recording(entry.id, 60.0, 44_100, 2)))
    library.set_status(second.id, "queued")  # analysed again
    assert opened(library, None) == library.get(second.id)
    assert opened(library, third.digest[:12]) == third


def test_what_is_analysed_is_offered_and_what_is_open_first(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "OFFERED", 2)
    ids = [library.add_upload(f"{n}.wav", BytesIO(str(n).encode())).id for n in range(4)]
    for id in ids[:3]:
        library.save_timeline(Timeline(Recording(id, 60.0, 44_100, 2)))
    assert list(offered(library)) == [ids[2], ids[1]]
    assert list(offered(library, library.get(ids[0]))) == [ids[0], ids[2], ids[1]]
    assert list(offered(library, library.get(ids[3]))) == [ids[2], ids[1]]
