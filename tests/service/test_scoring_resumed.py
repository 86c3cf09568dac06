"""A language model's scoring that is killed or closed in the middle goes on where it was: no answer is lost."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from edm_core.service.bench import Workbench
from edm_core.store import Entry
from edm_core.timeline import Timeline
from tests.servers import until

PERSONAS = ["genz", "tradies", "parents"]
ANSWER = {"distribution": [0, 10, 20, 50, 20], "opinion": "Fine.", "rationale": "It is so.", "quotes": []}


class Model:
    """A server that answers so many questions, and then holds the next until it is let go."""

    def __init__(self, answers: int) -> None:
        self.asked: Counter[bytes] = Counter()
        self.held, self.let_go = threading.Event(), threading.Event()
        told, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    told.asked[body] += 1
                    hold = told.asked.total() > answers
                if hold:
                    told.held.set()
                    told.let_go.wait(60)
                message = {"role": "assistant", "content": json.dumps(ANSWER)}
                choice = {"index": 0, "finish_reason": "stop", "message": message}
                data = json.dumps(
                    {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
                ).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:  # who asked is dead
                    self.close_connection = True

            def log_message(self, *arguments: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"


@pytest.fixture
def model() -> Iterator[Model]:
    one = Model(answers=3)
    thread = threading.Thread(target=one.http.serve_forever, args=(0.05,))
    thread.start()
    yield one
    one.let_go.set()
    one.http.shutdown()
    one.http.server_close()
    thread.join()


@pytest.mark.parametrize("end", ["its process is killed", "the app is closed"])
def test_what_was_answered_is_not_asked_again(
    bench: Workbench, entry: Entry, heard: Timeline, model: Model, end: str
) -> None:
    settings = replace(bench.settings, llm_base_url=model.url, llm_model="m", llm_workers=1)
    first = Workbench(settings)
    first.queue.start()
    job = first.score(entry, PERSONAS, "language-model", who="ada")
    assert model.held.wait(120), "the fourth question was not asked"
    if end == "its process is killed":
        (slot,) = (slot for slot in first.queue._slots if slot.job is not None)
        os.kill(slot.process.pid or 0, signal.SIGKILL)
        until(lambda: first.queue.ledger.get(job.id).failures == 1, "the start has broken")
    first.close()
    assert first.library.scorings.history(entry.id) == (), "half a scoring is none"
    model.let_go.set()
    second = Workbench(settings)
    second.queue.start()
    try:
        again = second.score(entry, PERSONAS, "language-model", who="ada")
        assert again.id == job.id, "it is taken up by itself"
        done = second.queue.wait(again.id, 120)
        assert (done.state, done.message) == ("done", None)
    finally:
        second.close()
    # Only the question whose answer never came is asked twice.
    assert sorted(model.asked.values()) == [1, 1, 1, 1, 1, 2]
    (scoring,) = second.library.scorings.history(entry.id)
    assert (scoring.coverage, scoring.who) == ("6 of 6", "ada")
