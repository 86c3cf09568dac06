"""No secret gets into the log, whoever logs it and however."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.service.observing.logs import Masked
from edm_core.service.observing.masking import masked, secrets_of
from edm_core.settings import Settings

KEY = "edm_0123456789ab_" + "aB3-_" * 8 + "xyz"
SECRETS = Settings(
    llm_api_key="sk-llm-secret", whisper_api_key="sk-whisper-secret", langflow_api_key="sk-langflow",
    cookie_secret="cookies are signed with this", database_url="postgresql://edm:p%40ssword@db/edm",
    queue_url="redis://:queue-secret@redis:6379/0", mlflow_tracking_uri="https://ml:flow-secret@mlflow/",
)  # fmt: skip
WORDS = (
    "sk-llm-secret", "sk-whisper-secret", "sk-langflow", "cookies are signed", "p%40ssword", "p@ssword",
    "queue-secret", "flow-secret",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"asked with {KEY} for it", f"Authorization: Bearer {KEY}", f"headers={{'X-API-Key': '{KEY}'}}",
        f"[(b'authorization', b'Bearer {KEY}'), (b'cookie', b'edm_session=InRl.c3Q; a=secret-part')]",
        "postgresql://edm:secret-part@db/edm failed", "redis://:secret-part@127.0.0.1:6379/0",
        "https://ada:secret-part@example.org/?a=b", "amqp://u:secret@part@host/", "password=secret-part",
        "{'password': 'secret-part'}", '{"client_secret": "secret-part"}', "Authorization: Basic c2VjcmV0LXBhcnQ=",
        "authorization: secret-part", "(b'x-api-key', b'secret-part')", "api_key=secret-part&x=1",
        "Set-Cookie: edm_session=secret-part; Path=/", "Cookie: _streamlit_user=secret-part; b=c",
        "cookie_secret = 'secret-part'", "access_token=secret-part", "id_token: secret-part",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    found = masked(text, Settings())
    for word in ("aB3-_aB3", "secret-part", "secret@part", "c2VjcmV0LXBhcnQ", "InRl.c3Q"):
        assert word not in found
    assert "…" in found


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/recordings/sha256:0123 200 in 3 ms", "http://localhost:8501/listen?recording=1",
        "the key of this track is A minor, key=8A", "edm keys create one", "https://example.org/a:b@c",
        "token 3 of 8", "author=ada; keys=3", "no password was given", "key 0123456789ab",
    ],
)  # fmt: skip
def test_what_is_none_stays(text: str) -> None:
    assert masked(text, Settings()) == text


def test_secrets_of_the_settings_are_found_anywhere() -> None:
    assert set(secrets_of(SECRETS)) == {
        "sk-llm-secret", "sk-whisper-secret", "sk-langflow", "cookies are signed with this", "p%40ssword",
        "p@ssword", "queue-secret", "flow-secret",
    }  # fmt: skip
    for secret in secrets_of(SECRETS):
        assert secret not in masked(f"before{secret}after", SECRETS)
    assert secrets_of(Settings()) == () == secrets_of(Settings(llm_api_key="abc", queue_url="redis://[bad"))


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    assert KEY not in masked(f"{text} {KEY} {text}", Settings())


def test_whoever_logs_it_and_however() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Masked(SECRETS))
    log = logging.getLogger("test.masking")
    log.addHandler(handler)
    log.propagate = False
    try:
        log.error("with %s and %r", KEY, {"Authorization": f"Bearer {KEY}"})
        log.error("wrong %d %d", 1)
        log.error("stack", stack_info=True)
        try:
            raise ValueError(SECRETS.llm_api_key)
        except ValueError:
            log.exception("failed for redis://:queue-secret@redis:6379/0")
    finally:
        log.removeHandler(handler)
    text = stream.getvalue()
    assert KEY not in text and not [word for word in WORDS if word in text]
    assert text.count("ValueError") and "cannot be put together" in text and "Stack (most recent" in text


_SERVED = """
import logging, os, sys
from edm_core.service.observing import logs
from edm_core.settings import Settings

settings = Settings.from_environment()
logs.set_up(settings)
from starlette.testclient import TestClient
from starlette.applications import Starlette
from edm_core.service import middleware, routes
from edm_core.store.keys import Keys

_, text = Keys(settings).create("one", "admin", by="test")
print(text)
client = TestClient(Starlette(routes=routes(), middleware=middleware()), base_url="http://localhost")
for headers in ({"Authorization": f"Bearer {text}"}, {"X-API-Key": text}, {"X-API-Key": text[:-1] + "!"}):
    print(client.get("/api/v1/recordings", headers=headers).status_code, file=sys.stderr)
print(client.post("/sign-in", data={"key": text}, follow_redirects=False).status_code, file=sys.stderr)
print(client.cookies["edm_session"])
client.get("/api/v1/recordings")
client.get("/ready")
logging.getLogger("anybody").debug("%r", settings)
logging.getLogger("anybody").error("%s", os.environ)
logging.getLogger("anybody").debug("asking %s with %s", settings.llm_base_url, settings.llm_api_key)
"""


@pytest.mark.servers  # what the extra `service` brings
@pytest.mark.parametrize("layout", ["text", "json"])
def test_a_server_that_logs_everything_logs_no_secret(tmp_path: Path, layout: str) -> None:
    secrets: dict[str, Any] = {
        "EDM_LLM_API_KEY": "sk-llm-secret", "EDM_WHISPER_API_KEY": "sk-whisper-secret",
        "EDM_LANGFLOW_API_KEY": "sk-langflow", "EDM_COOKIE_SECRET": "cookies are signed with this",
        "EDM_QUEUE_URL": "redis://:queue-secret@127.0.0.1:1/0", "EDM_RATE_LIMIT": "100/minute",
        "EDM_MLFLOW_TRACKING_URI": "https://ml:flow-secret@127.0.0.1:1/", "EDM_LLM_BASE_URL": "http://127.0.0.1:1/v1",
        "EDM_DATA_DIR": str(tmp_path / "data"), "EDM_LOG_LEVEL": "DEBUG", "EDM_LOG_FORMAT": layout,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _SERVED], capture_output=True, text=True, timeout=240,
        env={**os.environ, **secrets},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    key, cookie = done.stdout.split()
    assert done.stderr.count("200\n") >= 2 and "401" in done.stderr and "303" in done.stderr
    assert "anybody" in done.stderr and "DEBUG" in done.stderr  # it does log
    found = [word for word in (*WORDS, key.rpartition("_")[2], cookie) if word in done.stderr]
    assert not found


def test_no_secret_is_kept_in_the_ledger_of_jobs(tmp_path: Path, wav: Path) -> None:
    from edm_core.service import open_workbench
    from edm_core.service.laboratory_job import Examination

    held = {
        name: getattr(SECRETS, name)
        for name in ("llm_api_key", "whisper_api_key", "langflow_api_key", "cookie_secret")
    }
    bench = open_workbench(Settings(data_dir=tmp_path / "data", **held))
    entry = bench.library.add_file(wav)
    jobs = [
        bench.analyse(entry),
        bench.score(entry, ["genz"]),
        bench.examine(Examination("offline", ("genz",))),
    ]
    assert len({job.id for job in jobs}) == 3
    found = [
        (path.name, word)
        for path in (tmp_path / "data").rglob("*")
        if path.is_file()
        for word in held.values()
        if word.encode() in path.read_bytes()
    ]
    assert not found
