"""A card's pieces: what they say, and that nothing from outside becomes markup."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edm_core.service.views.card import empty_html, facts_html, message_html, stage_html
from edm_core.store import Entry
from edm_core.timeline import Problem

ENTRY = Entry("sha256:" + "0" * 64, "track.mp3", "2026-01-01T00:00:00Z")


@given(st.text(alphabet="<>&\"'ab/ ="))
def test_nothing_from_outside_becomes_markup(text: str) -> None:
    nasty = replace(ENTRY, artist=text, chips=(text,), title=text, message=text, status="failed")
    plain = replace(ENTRY, artist="x", chips=("x",), title="x", message="x", status="failed")
    for render in (facts_html, message_html, stage_html):
        if text.strip():
            assert render(nasty).count("<") == render(plain).count("<")
    assert empty_html(text, text).count("<") == empty_html("x", "x").count("<")


def test_messages_say_what_happened() -> None:
    assert message_html(ENTRY) == "" == message_html(replace(ENTRY, status="done"))
    assert "Not analysed" in message_html(replace(ENTRY, status="failed", message="it is empty"))
    assert "it is empty" in message_html(replace(ENTRY, status="failed", message="it is empty"))
    assert "Stopped" in message_html(replace(ENTRY, status="cancelled", message="it was stopped"))
    incomplete = replace(ENTRY, status="done", problems=(Problem("words", "no weights"),))
    assert "Incomplete" in message_html(incomplete) and "words" in message_html(incomplete)
