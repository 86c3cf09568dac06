"""A server on loopback that answers as the test says: well, badly, slowly, too much or not at all."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Answering:
    """The server: ``answer`` is called with each request's body, ``asked`` holds what came.

    An answer is (status, content) or (status, content, headers); content is bytes, an iterator of bytes, or
    what becomes JSON.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answer = lambda body: (500, {})
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, content, *more = told.answer(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                if hasattr(content, "__next__"):
                    self.end_headers()
                    try:
                        for part in content:
                            self.wfile.write(part)
                    except OSError:  # the client hung up
                        pass
                    self.close_connection = True
                    return
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, _, body in self.asked]

    @staticmethod
    def chat(text: str, **more):
        """Return an answer of OpenAI's protocol."""
        choice = {
            "index": 0,
            "finish_reason": more.pop("finish", "stop"),
            "message": {"role": "assistant", "content": text},
        }
        return 200, {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            **more,
        }


@pytest.fixture
def server():
    """Give a server, and stop it."""
    answering = Answering()
    thread = threading.Thread(target=answering.http.serve_forever, args=(0.05,))
    thread.start()
    yield answering
    answering.http.shutdown()
    thread.join()
    answering.http.server_close()
