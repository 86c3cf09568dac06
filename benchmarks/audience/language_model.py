"""How many questions a minute the language-model scorer asks, by how many it asks at the same time.

A server that does nothing but wait shows what the client itself can do; a real one on this machine shows what
is left of that where the cores are the limit. What the small model says is not judged.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edm_core.items import Passage, Target
from edm_core.personas import Heard, Persona, load_personas
from edm_core.personas.language_model import LanguageModelScorer
from edm_core.personas.prompts import Manner
from edm_core.remote import Server

from .local_server import MODEL, ServerMissing, local_server

ASKED = (1, 2, 4, 8)
WAIT_S = 0.25
"""What the waiting server takes for an answer."""
PATIENCE_S = 600.0

_ANSWER = '{"distribution": [5, 15, 30, 30, 20]}'


def rows(asked: Sequence[int] = ASKED, *, waiting: int = 64, real: int = 24) -> list[dict[str, str]]:
    """Return a row for each number of questions at the same time.

    Parameters
    ----------
    asked : sequence of int, optional
        How many at the same time; the gain is against the first.
    waiting, real : int, optional
        Questions to the server that waits, and to the real one.
    """
    with waiting_server() as url:
        plain = [rate(Server(url, "wait"), count, waiting)[0] for count in asked]
    found = []
    for place, count in enumerate(asked):
        perfect = 60 / WAIT_S * count
        row = {
            "questions at the same time": str(count),
            f"server that waits {WAIT_S:g} s": f"{plain[place]:.0f} a minute ({plain[place] / perfect:.0%})",
        }
        found.append(row)
    try:
        measured = []
        for count in asked:
            with local_server(slots=count) as url:
                measured.append(rate(Server(url, MODEL, timeout=PATIENCE_S), count, real))
    except (ServerMissing, RuntimeError) as reason:  # said, rather than that the other figures are lost
        return [{**row, "llama.cpp on this machine": f"not measured: {reason}"} for row in found]
    return [
        {
            **row,
            "llama.cpp on this machine": f"{minute:.0f} a minute (×{minute / measured[0][0]:.2f})",
            "tokens written": f"{tokens:.0f} a second",
        }
        for row, (minute, tokens) in zip(found, measured, strict=True)
    ]


def section(asked: Sequence[int] = ASKED) -> str:
    """Measure, and return Markdown."""
    table = rows(asked)
    names = list(table[0])
    lines = [ABOUT, "", f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row.values())} |" for row in table)])


ABOUT = (
    "One listener, one short passage a question, the shares alone as the answer. In brackets: for the "
    "waiting server the share of the possible, for the real one (SmolLM2-135M on one core, as many slots as "
    "questions) the gain over the first row."
)


def rate(server: Server, workers: int, questions: int) -> tuple[float, float]:
    """Return questions a minute and tokens written a second, after one round of questions untimed.

    Raises
    ------
    RuntimeError
        If a question has no answer: such a rate would mean nothing.
    """
    persona = load_personas()["genz"]
    manner = Manner(reasons=False, most_tokens=200)
    # The first round fills what the server keeps of the prompt's beginning, in every slot.
    ask(LanguageModelScorer(server, manner=manner, workers=workers), persona, range(workers))
    scorer = LanguageModelScorer(server, manner=manner, workers=workers)
    began = time.perf_counter()
    ask(scorer, persona, range(workers, workers + questions))
    took = time.perf_counter() - began
    spent = scorer.usage.spent
    return 60 * questions / took, spent.completion_tokens / took


def ask(scorer: LanguageModelScorer, persona: Persona, places: range) -> None:
    """Let a listener hear passages of these numbers, all different."""
    heard = [
        Heard(
            Target("passage", place),
            Passage(
                9.0 * place, 9.0 * place + 8, text=f"It is {place} minutes past the hour, and still raining."
            ),
        )
        for place in places
    ]
    for reaction in scorer(heard, [persona]):
        if reaction.status != "ok" and "distribution is empty" not in (reaction.note or ""):
            raise RuntimeError(f"a question has no answer: {reaction.note}")


@contextmanager
def waiting_server() -> Iterator[str]:
    """Give the address of a server that takes :data:`WAIT_S` for each answer, however many are asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else head and body of an answer wait for each other

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(WAIT_S)
            message = {"role": "assistant", "content": _ANSWER}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            answer = {
                "id": "1",
                "object": "chat.completion",
                "created": 0,
                "model": "wait",
                "choices": [choice],
            }
            answer["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}/v1"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


if __name__ == "__main__":
    print(section())
