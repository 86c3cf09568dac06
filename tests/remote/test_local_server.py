"""The whole way to a real OpenAI-compatible server on this machine, killed in the middle and taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from benchmarks.audience.local_server import MODEL, ServerMissing, local_server
from edm_core.items import Passage, Target
from edm_core.personas import Heard, load_personas
from edm_core.personas.language_model import LanguageModelScorer
from edm_core.personas.prompts import Manner
from edm_core.remote import Server

WORKERS, PERSONAS, ANSWERED = 2, ("advertiser", "genz", "parents", "regional", "tradies"), 20

TEXTS = (
    "Rain and gales will reach the coast by noon, so take a coat.",
    "The headliners are on at midnight and tickets are almost gone.",
    "Shares closed lower as investors waited for the central bank.",
    "The council has voted for a new bus lane on the bridge.",
    "Our caller won a toaster and cried on air.",
    "School is closed on Friday because the boiler broke down.",
    "The home side scored twice in the last five minutes.",
    "A new app turns voice notes into songs.",
    "The ferry is late again, the harbour master says sorry.",
    "This hour is brought to you by the mattress shop.",
    "Bake the bread for forty minutes and let it rest.",
    "The minister declined to comment on the report.",
    "A whale was seen off the pier this morning.",
    "The road is shut both ways after a lorry lost its load.",
    "Two tickets for the game go to the next caller.",
    "The library opens late on Thursdays from now on.",
    "Here is a song that nobody has heard yet.",
    "Petrol will be two pence dearer from Monday.",
    "The choir needs tenors, no audition, tea is free.",
    "Wear boots, the fields are deep in mud.",
)

RUN = """
import json, sys
from edm_core.items import Passage
from edm_core.personas import load_personas, react
from edm_core.personas.language_model import LanguageModelScorer
from edm_core.settings import Settings
texts, names = json.load(sys.stdin)
settings = Settings.from_environment()
scorer = LanguageModelScorer.of(settings, reasons=False)
passages = [Passage(10.0 * i, 10.0 * i + 8.0, text=text) for i, text in enumerate(texts)]
personas = {name: one for name, one in load_personas().items() if name in names}
found = react(passages, personas=personas, scorer=scorer)
print(json.dumps([[r.persona, r.target.index, r.status, r.distribution, r.note] for r in found]))
"""


@pytest.fixture(scope="module")
def address():
    """Give the real server; where it is not installed the test is skipped, in continuous integration it fails."""
    try:
        with local_server(WORKERS) as url:
            yield url
    except ServerMissing as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))


class Counting:
    """Stands before a server and counts what is asked of it and what it answers."""

    def __init__(self, address: str, port: int = 0) -> None:
        self.asked: list[bytes] = []
        self.answered = threading.Semaphore(0)
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(body) < int(self.headers["Content-Length"]):
                    return  # who asked was killed before the end of the question
                told.asked.append(body)
                answer = httpx2.post(address + self.path.removeprefix("/v1"), content=body, timeout=900)
                told.answered.release()
                try:
                    self.send_response(answer.status_code)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(answer.content)))
                    self.end_headers()
                    self.wfile.write(answer.content)
                except OSError:  # who asked was killed
                    pass

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = False  # closing waits for what is under way
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def begun(url: str, data: Path) -> subprocess.Popen:
    environment = {
        **os.environ, "EDM_DATA_DIR": str(data), "EDM_LLM_BASE_URL": url, "EDM_LLM_MODEL": MODEL,
        "EDM_LLM_WORKERS": str(WORKERS), "EDM_LLM_TIMEOUT_S": "900",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    process.stdin.write(json.dumps([TEXTS, PERSONAS]))
    process.stdin.close()
    return process


def finished(process: subprocess.Popen) -> list:
    found = json.loads(process.stdout.read())
    assert process.wait() == 0
    return found


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_run_that_was_killed_goes_on_where_it_was(address, tmp_path):
    whole = len(TEXTS) * len(PERSONAS)
    # Killed in the middle, as by a power cut: no time to say goodbye.
    with Counting(address) as first:
        process = begun(first.url, tmp_path)
        for _ in range(ANSWERED):
            assert first.answered.acquire(timeout=1200)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert process.stdout.read() == ""
    port = first.http.server_address[1]
    kept = len(list(tmp_path.glob("cache/*/[!.]*/answer.json")))  # a draft (.draft-…) is not yet kept
    assert ANSWERED - WORKERS <= kept < whole  # what came is kept, but for what was just on its way
    # Taken up again: only what is not there is asked.
    with Counting(address, port) as second:
        found = finished(begun(second.url, tmp_path))
    assert len(second.asked) == whole - kept
    assert len({*first.asked, *second.asked}) == whole
    assert len({*first.asked} & {*second.asked}) <= WORKERS
    # Once more: nothing is asked, and the scores are the same.
    with Counting(address, port) as third:
        assert finished(begun(third.url, tmp_path)) == found
    assert third.asked == []
    assert Counter((persona, index) for persona, index, *_ in found) == Counter(
        (persona, index) for persona in PERSONAS for index in range(len(TEXTS))
    )
    # Each has a score, or says why not; never one without the other.
    assert {status for _, _, status, *_ in found} <= {"ok", "failed"}
    assert all((status == "ok") == (shares is not None) for _, _, status, shares, _ in found)
    assert all(note for _, _, status, _, note in found if status == "failed")
    assert sum(status == "ok" for _, _, status, *_ in found) > whole // 2


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_real_model_gives_reasons_and_quotes_what_was_said(address):
    heard = [
        Heard(Target("passage", i), Passage(10.0 * i, 10.0 * i + 8.0, text=text))
        for i, text in enumerate(TEXTS[:3])
    ]
    scorer = LanguageModelScorer(
        Server(address, MODEL, timeout=900), manner=Manner(most_tokens=250), workers=1
    )
    found = list(scorer(heard, [load_personas()["genz"]]))
    assert len(found) == 3
    for reaction in found:
        assert reaction.status in ("ok", "failed")
        text = TEXTS[reaction.target.index]
        assert all(evidence.quote in text for evidence in reaction.evidence)
    spent = scorer.usage.spent
    assert spent.requests == 3 + spent.repaired
    assert spent.untold == 0 and spent.prompt_tokens > 3 * 100 and spent.completion_tokens > 0
