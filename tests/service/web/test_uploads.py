"""Uploads arrive in one pass, bounded, whatever is sent and however; and nothing is left of those that do not."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request

from edm_core.errors import StorageError
from edm_core.service.web import uploads
from edm_core.service.web.problems import Refused
from edm_core.service.web.uploads import receive

LIMIT = 100_000
SOUND = bytes(range(256)) * 40
FORM = "multipart/form-data; boundary=xyz"


def part(name, content, filename=None, extra=b""):
    file = f'; filename="{filename}"' if filename is not None else ""
    head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'.encode()
    return head + extra + b"\r\n" + content + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--xyz--\r\n"


def request_of(body, kind=FORM, *, query="", headers=(), block=1000, then=None, pause=None):
    """A request whose body comes in blocks; ``then`` is the message after the last."""
    blocks = [body[start : start + block] for start in range(0, len(body), block)] or [b""]
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in blocks]
    messages.append(then or {"type": "http.request", "body": b"", "more_body": False})

    async def incoming():
        if pause is not None and len(messages) == 1:
            await asyncio.sleep(pause)
        await asyncio.sleep(0)
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    sent = [(b"content-type", kind.encode("latin-1"))] if kind else []
    sent += [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query.encode(), "headers": sent}
    return Request(scope, incoming)


def received(folder, *given, limit=LIMIT, **named):
    return asyncio.run(receive(request_of(*given, **named), limit=limit, folder=folder))


def refused(folder, *given, limit=LIMIT, **named):
    with pytest.raises(Refused) as caught:
        received(folder, *given, limit=limit, **named)
    assert list(folder.iterdir()) == []
    return caught.value.response.status_code, json.loads(caught.value.response.body)["detail"]


@pytest.mark.parametrize("block", [1, 7, 64, 1000, 1 << 20])
def test_a_form(block, tmp_path):
    body = form(part("who", "Zoë".encode()), part("file", SOUND, "a set.mp3"), part("note", b""))
    found = received(tmp_path, body, block=block)
    assert found.draft.read_bytes() == SOUND
    assert found.digest == hashlib.sha256(SOUND).hexdigest()
    assert (found.name, found.size) == ("a set.mp3", len(SOUND))
    assert found.fields == {"who": "Zoë", "note": ""}
    assert list(tmp_path.iterdir()) == [found.draft]


@pytest.mark.parametrize(
    ("query", "headers", "name"),
    [
        ("name=a%20set.mp3", (), "a set.mp3"),
        ("", (("content-disposition", 'attachment; filename="a.flac"'),), "a.flac"),
        ("", (("content-disposition", "attachment; filename*=UTF-8''na%C3%AFve.wav"),), "naïve.wav"),
        ("", (), "untitled"),
        ("name=..%2F..%2Fetc%2Fpasswd", (), "passwd"),
        ("name=%2E%2E", (), ".."),  # shown, never a path
    ],
)
@pytest.mark.parametrize("kind", ["audio/mpeg", "application/octet-stream", "video/mp4", ""])
def test_a_body(kind, query, headers, name, tmp_path):
    found = received(tmp_path, SOUND, kind, query=query, headers=headers)
    assert found.draft.read_bytes() == SOUND
    assert found.name == name
    assert found.draft.parent == tmp_path


@pytest.mark.parametrize("name", ["../../a.mp3", "C:\\\\sets\\\\a.mp3", "/etc/a.mp3", "x\\0/a.mp3"])
def test_a_path_is_no_name(name, tmp_path):
    found = received(tmp_path, form(part("file", SOUND, name)))
    assert found.name == "a.mp3"
    assert list(tmp_path.iterdir()) == [found.draft]


def test_a_file_without_a_name(tmp_path):
    assert received(tmp_path, form(part("file", SOUND))).name == "untitled"


def test_the_folder_is_made(tmp_path):
    assert received(tmp_path / "a" / "b", SOUND, "audio/wav").size == len(SOUND)


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (form(part("who", b"me")), FORM, 422, "no file"),
        (b"--xyz--\r\n", FORM, 422, "no file"),
        (form(part("file", b"", "a.mp3")), FORM, 422, "empty"),
        (b"", "audio/wav", 422, "empty"),
        (form(part("file", SOUND, "a"), part("file", SOUND, "b")), FORM, 422, "several"),
        (form(part("sound", SOUND, "a")), FORM, 422, "'sound'"),
        (form(b"--xyz\r\nX: y\r\n\r\nabc\r\n"), FORM, 422, "no name"),
        (form(part("file", SOUND, "a"))[:-7], FORM, 400, "breaks off"),
        (part("file", SOUND, "a")[:60], FORM, 400, "breaks off"),
        (b"", FORM, 400, "breaks off"),
        (SOUND, FORM, 400, "no form"),
        (SOUND, "multipart/form-data", 400, "separates"),
        (SOUND, f"multipart/form-data; boundary={'x' * 500}", 400, "boundary"),
        (form(part("file", SOUND, "a", b"A" * 9_000 + b": b\r\n")), FORM, 400, "no form"),
        (form(part("file", SOUND, "a", b"A: b\r\n" * 50)), FORM, 400, "no form"),
        (form(*[part(f"f{n}", b"") for n in range(65)]), FORM, 413, "parts"),
        (form(part("note", b"x" * 70_000)), FORM, 413, "fields"),
        (b"{}", "application/json", 415, "application/json"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "urlencoded"),
    ],
)
def test_what_is_refused(body, kind, status, words, tmp_path):
    found, detail = refused(tmp_path, body, kind)
    assert (found, words in detail) == (status, True), detail


@pytest.mark.parametrize(
    "wrap", [lambda body: (body, "audio/wav"), lambda body: (form(part("file", body, "a")),)]
)
def test_too_large_while_it_comes(wrap, tmp_path):
    assert refused(tmp_path, *wrap(bytes(LIMIT + 1)))[0] == 413
    assert received(tmp_path, *wrap(bytes(LIMIT))).size == LIMIT


def test_too_large_after_the_end_of_the_form(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "OVERHEAD", 1000)
    assert refused(tmp_path, form(part("file", SOUND, "a")) + bytes(LIMIT))[0] == 413


def test_too_large_by_its_own_word_is_not_read(tmp_path):
    length = ("content-length", str(10**9))
    request = request_of(SOUND, "audio/wav", headers=(length, ("expect", "100-continue")))
    asked = []
    request._receive = asked.append
    with pytest.raises(Refused) as caught:
        asyncio.run(receive(request, limit=LIMIT, folder=tmp_path))
    assert caught.value.response.status_code == 413
    assert asked == []


@pytest.mark.parametrize("length", [len(SOUND) + 1, len(SOUND) - 1, 0])
def test_a_length_that_is_not_true(length, tmp_path):
    headers = (("content-length", str(length)),)
    assert refused(tmp_path, SOUND, "audio/wav", headers=headers)[0] == 400


@pytest.mark.parametrize("length", ["-1", "many", "9" * 100, ""])
def test_a_length_that_is_none(length, tmp_path):
    assert received(tmp_path, SOUND, "audio/wav", headers=(("content-length", length),)).size == len(SOUND)


@pytest.mark.parametrize(("body", "kind"), [(SOUND, "audio/wav"), (part("file", SOUND, "a"), FORM)])
def test_a_client_that_goes_away_leaves_nothing(body, kind, tmp_path):
    with pytest.raises(ClientDisconnect):
        received(tmp_path, body, kind, then={"type": "http.disconnect"})
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_falls_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "IDLE_S", 0.05)
    monkeypatch.setattr(uploads, "_DRAINED_S", 0.05)
    assert refused(tmp_path, SOUND, "audio/wav", pause=30)[0] == 408


def test_a_client_that_trickles(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "IDLE_S", 0.0001)
    monkeypatch.setattr(uploads, "SLOWEST", 10**9)
    status, detail = refused(tmp_path, bytes(50), "audio/wav", block=1)
    assert status == 408
    assert "slow" in detail or "nothing came" in detail


def test_who_is_cancelled_leaves_nothing(tmp_path):
    async def cancelled():
        task = asyncio.create_task(
            receive(request_of(SOUND, "audio/wav", pause=60), limit=LIMIT, folder=tmp_path)
        )
        while not list(tmp_path.iterdir()):
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StorageError):
        received(tmp_path / "a" / "b", SOUND, "audio/wav")


def test_memory_is_one_block_however_much_comes(tmp_path):
    size = 40_000_000
    tracemalloc.start()
    try:
        messages = iter(range(size // 50_000))

        async def incoming():
            return {
                "type": "http.request",
                "body": bytes(50_000),
                "more_body": next(messages, None) is not None,
            }

        request = request_of(b"", "audio/wav")
        request._receive = incoming
        found = asyncio.run(receive(request, limit=size + 50_000, folder=tmp_path))
        assert found.size == size + 50_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 300), st.text(max_size=40))
def test_every_file_arrives_as_it_was_sent(tmp_path_factory, content, block, note):
    folder = tmp_path_factory.mktemp("drafts")
    if b"\r\n--xyz" in content or not content:
        return
    body = form(part("note", note.encode("utf-8", "replace")), part("file", content, "a"))
    found = received(folder, body, block=block)
    assert found.draft.read_bytes() == content
    assert found.fields == {"note": note.encode("utf-8", "replace").decode()}


def test_in_turn_runs_a_few_at_a_time_and_in_order():
    at_once, most, order = [], [], []

    def work(number, *, extra):
        at_once.append(number)
        most.append(len(at_once))
        order.append(number)
        __import__("time").sleep(0.002)
        at_once.remove(number)
        return number + extra

    async def all_of_them():
        return await asyncio.gather(*(uploads.in_turn(work, number, extra=1) for number in range(40)))

    assert asyncio.run(all_of_them()) == list(range(1, 41))
    assert max(most) <= uploads.ENTERED_AT_ONCE
    spread = [abs(place - number) for place, number in enumerate(order)]
    assert max(spread) <= uploads.ENTERED_AT_ONCE
