"""A real server on loopback that answers well, badly, slowly or not at all."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edm_core.cache import Cache
from edm_core.errors import ModelError, SettingsError
from edm_core.remote import Server

SCHEMA = {
    "type": "object", "properties": {"label": {"enum": ["a", "b"]}}, "required": ["label"], "additionalProperties": False,
}  # fmt: skip
ASK = [{"role": "user", "content": "a or b?"}]


@pytest.fixture
def server():
    """Yield a server whose answers are set by the test, and what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            http.asked.append((self.path, dict(self.headers), body))
            status, answer = http.answer(body)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.asked = []
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


def at(http, **options) -> Server:
    return Server(f"http://127.0.0.1:{http.server_address[1]}/v1", "test-model", **{"retries": 0, **options})


def chat(text: str):
    message = {"role": "assistant", "content": text}
    return 200, {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }


def test_an_answer_that_fits_is_returned(server):
    server.answer = lambda body: chat('Sure: {"label": "b"}')
    assert at(server, api_key="secret").complete(ASK, SCHEMA) == {"label": "b"}
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer secret"
    assert json.loads(body)["temperature"] == 0


def test_nothing_is_told_about_the_machine(server):
    server.answer = lambda body: chat('{"label": "b"}')
    at(server).complete(ASK, SCHEMA)
    told = {name.lower() for name in server.asked[0][1]}
    assert not told & {f"x-stainless-{name}" for name in ("os", "arch", "runtime", "runtime-version", "lang")}


def test_a_server_without_schemas_is_asked_without(server):
    def answer(body):
        return (
            (400, {"error": {"message": "unknown response_format"}})
            if b"json_schema" in body
            else chat('{"label": "a"}')
        )

    server.answer = answer
    assert at(server).complete(ASK, SCHEMA) == {"label": "a"}
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (chat("I would say b."), "no JSON object"),
        (chat('{"label": "c"}'), "does not fit"),
        (chat("[1]"), "no JSON object"),
        ((200, b"<html>"), "is no JSON"),
        ((401, {"error": {"message": "no"}}), "refuses the key"),
        ((404, {"error": {"message": "no"}}), "no such model"),
        ((429, {"error": {"message": "slow down"}}), "patience after 1 tries"),
        ((500, {"error": {"message": "boom"}}), "error 500"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_names_the_server(server, answer, message):
    server.answer = lambda body: answer
    with pytest.raises(ModelError, match=message) as caught:
        at(server).complete(ASK, SCHEMA)
    assert caught.value.subject == f"test-model at http://127.0.0.1:{server.server_address[1]}/v1"


def test_a_slow_server_is_given_up(server):
    def answer(body):
        time.sleep(1.5)
        return chat('{"label": "a"}')

    server.answer = answer
    with pytest.raises(ModelError, match=r"no answer within 0\.2 s"):
        at(server, timeout=0.2).complete(ASK, SCHEMA)


def test_a_dead_server_is_named():
    with pytest.raises(ModelError, match=r"cannot be reached.*start the server"):
        Server("http://127.0.0.1:9/v1", "m", retries=0).complete(ASK, SCHEMA)


def test_an_error_of_the_server_is_tried_again(server):
    server.answer = lambda body: (503, {"error": {}}) if len(server.asked) == 1 else chat('{"label": "a"}')
    assert at(server, retries=1).complete(ASK, SCHEMA) == {"label": "a"}


def test_the_same_question_is_asked_once(server, tmp_path):
    cache = Cache(tmp_path, 1_000_000)
    server.answer = lambda body: chat('{"label": "a"}')
    answers = [at(server).complete(ASK, SCHEMA, cache=cache) for _ in range(2)]
    assert answers == [{"label": "a"}] * 2
    assert len(server.asked) == 1


def test_speech_is_sent_as_a_file(server):
    server.answer = lambda body: (
        200,
        {
            "text": "Hello.",
            "language": "english",
            "duration": 1.0,
            "words": [{"word": "Hello", "start": 0.1, "end": 0.5}],
        },
    )
    found = at(server).transcribe(b"RIFF....", language="en", prompt="Clara")
    assert found["words"][0]["word"] == "Hello"
    path, _, body = server.asked[0]
    assert path == "/v1/audio/transcriptions"
    assert b"RIFF...." in body and b"Clara" in body and b"verbose_json" in body


def test_an_answer_without_text_is_an_error(server):
    server.answer = lambda body: (200, {"words": []})
    with pytest.raises(ModelError, match="no text"):
        at(server).transcribe(b"RIFF....")


@pytest.mark.parametrize(
    ("address", "model"), [("localhost:1234", "m"), ("", "m"), ("http://localhost:1", "")]
)
def test_what_cannot_be_a_server_is_refused(address, model):
    with pytest.raises(SettingsError):
        Server(address, model)
