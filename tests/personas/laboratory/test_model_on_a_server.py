from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edm_core.personas import Persona
from edm_core.personas.laboratory import Design, LabReport, examine, judge_of
from edm_core.settings import Settings

SMALL = Design(passages=6, repeats=2, places=4)


class Model(ThreadingHTTPServer):
    """A server whose answers hang on what is asked and on the seed, and which likes long sessions."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Answering)


class Answering(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        said = json.dumps([asked["messages"], asked.get("seed")])
        chance = zlib.crc32(said.encode()) % 100 / 100
        score = min(5.0, 2.5 + chance + 0.5 * asked["messages"][-1]["content"].count('", "'))
        shares = [max(0.0, 1 - abs(score - k)) for k in range(1, 6)]
        answer = {"opinion": "Fine.", "rationale": "It is.", "quotes": [], "distribution": shares}
        text = json.dumps(
            {
                "id": "1", "object": "chat.completion", "created": 1, "model": "fake",
                "choices": [
                    {
                        "index": 0, "finish_reason": "stop",
                        "message": {"role": "assistant", "content": json.dumps(answer)},
                    }
                ],
                "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
            }
        ).encode()  # fmt: skip
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model() -> Iterator[Model]:
    server = Model()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def examined(model: Model, folder: Path, listeners: Mapping[str, Persona]) -> LabReport:
    settings = Settings(
        data_dir=folder, llm_base_url=f"http://127.0.0.1:{model.server_port}/v1", llm_model="fake"
    )
    judge = judge_of("language-model", settings, temperature=0.7)
    return examine(judge, {"genz": listeners["genz"]}, design=SMALL)


def test_a_model_is_asked_everything_once_and_nothing_twice(
    model: Model, tmp_path: Path, listeners: Mapping[str, Persona]
) -> None:
    first = examined(model, tmp_path, listeners)
    assert first.missing == {}
    assert len(model.asked) == first.asked
    assert {each["temperature"] for each in model.asked} == {0.7}
    assert (
        len({each["seed"] for each in model.asked}) == 2 + 4
    )  # repeats, the first of them everywhere; sessions
    assert first.models == ("fake",)
    assert len(first.prompts) == 2  # of the persona, and of nobody
    inconsistency = next(each for each in first.biases if each.name == "self-inconsistency")
    assert inconsistency.note != "deterministic: no repeat gave another score"
    again = examined(model, tmp_path, listeners)
    assert len(model.asked) == first.asked
    assert again.biases == first.biases


def test_what_was_heard_before_reaches_the_model(
    model: Model, tmp_path: Path, listeners: Mapping[str, Persona]
) -> None:
    found = examined(model, tmp_path, listeners)
    position = found.biases[0]
    assert position.name == "position"
    assert position.estimate is not None
    assert position.estimate > 0.5
