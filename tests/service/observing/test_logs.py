import io
import json
import logging
import subprocess
import sys
import textwrap

import pytest

from edm_core.errors import SettingsError
from edm_core.service.observing import logs
from edm_core.settings import Settings


@pytest.fixture
def log(monkeypatch):
    """Give a function that begins the log and returns where its lines go; afterwards all is as it was."""
    root = logging.getLogger()
    before = root.level
    stream = io.StringIO()

    def begin(quiet=False, **given):
        monkeypatch.setattr(sys, "stderr", stream)
        logs.set_up(Settings(**given), quiet=quiet)
        return stream

    yield begin
    root.setLevel(before)
    root.removeHandler(logs._ours)
    logs._ours = None
    logging.captureWarnings(False)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_command_logs_nothing_unless_it_is_asked_to(log, tmp_path):
    stream = log(quiet=True)
    logging.getLogger("edm_core").error("for those who look for causes")
    assert not stream.getvalue()
    log(quiet=True, log_file=tmp_path / "log")
    logging.getLogger("edm_core").warning("here")
    assert "WARNING edm_core: here" in (tmp_path / "log").read_text()


def test_what_serves_logs_warnings(log):
    stream = log()
    logging.getLogger("edm_core").info("not this")
    logging.getLogger("edm_core").warning("this")
    assert stream.getvalue().endswith("WARNING edm_core: this\n")
    assert stream.getvalue().count("\n") == 1


def test_json_is_one_object_a_line_with_ids_and_the_exception(log):
    stream = log(log_format="json")
    with logs.about(request="r1", job="j1", worker="w1"):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logging.getLogger("edm_core.x").exception("it %s", "failed")
    logging.getLogger("edm_core.y").error("later", extra={"fields": {"ms": 3}})
    first, second = lines(stream)
    assert (first["level"], first["logger"], first["message"]) == ("ERROR", "edm_core.x", "it failed")
    assert (first["request"], first["job"], first["worker"]) == ("r1", "j1", "w1")
    assert first["exception"]["type"] == "ValueError"
    assert "Traceback" in first["exception"]["trace"]
    assert "request" not in second
    assert second["ms"] == 3
    assert second["time"].endswith("+00:00")


def test_lines_for_people_end_with_the_ids(log):
    stream = log()
    with logs.about(request="r1"):
        logging.getLogger("edm_core").warning("here")
    assert stream.getvalue().endswith("here request=r1\n")


def test_secrets_are_masked_wherever_they_stand(log):
    stream = log(log_format="json", llm_api_key="hush-hush")
    logger = logging.getLogger("edm_core")
    logger.warning("postgresql://edm:p4ss@host/edm and %s", "hush-hush")
    logger.warning("Authorization: Bearer abcdefghijklmnop, edm_0123456789ab_0123456789abcdef")
    try:
        raise ValueError("redis://:deep@host")
    except ValueError:
        logger.exception("no")
    text = stream.getvalue()
    for secret in ("p4ss", "hush-hush", "abcdefghijklmnop", "_0123456789abcdef", ":deep@"):
        assert secret not in text
    assert lines(stream)[0]["message"] == "postgresql://edm:…@host/edm and …"


@pytest.mark.parametrize("given", [{"log_level": "LOUD"}, {"log_file": "/nowhere/at/all"}])
def test_what_cannot_be_used_is_said(given):
    with pytest.raises(SettingsError, match="EDM_LOG_"):
        logs.set_up(Settings(**given))


def test_what_a_handler_logs_carries_its_job() -> None:
    doing = logs.of_job(lambda payload, progress: logs.JOB.get())
    assert doing({"job": {"id": "7", "attempt": 1}}, None) == "7"
    assert doing({"id": "sha256:00"}, None) == ""
    assert logs.JOB.get() == ""


LOADED = """
    import logging
    from edm_core.service.observing import logs
    from edm_core.settings import Settings
    logs.set_up(Settings(log_format="json", llm_api_key="hush-hush"))
    import streamlit
    from streamlit import logger
    logs.gather()
    logger.get_logger("uvicorn.error").warning("server hush-hush")
    logger.get_logger("streamlit.made.later").error("page")
    logger.update_formatter()
    logger.get_logger("streamlit.made.later").error("page again")
    logging.getLogger("streamlit").info("not this")
"""


def test_what_the_framework_of_the_pages_logs_goes_the_same_way():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LOADED)], capture_output=True, text=True, check=True
    )
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in found] == ["server …", "page", "page again"]
