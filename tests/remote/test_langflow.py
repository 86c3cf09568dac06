"""Flows: what is sent, what is read, and what is no answer."""

from __future__ import annotations

import pytest

from edm_core.cache import Cache
from edm_core.errors import ModelError, SettingsError
from edm_core.remote import Langflow, Unanswered
from edm_core.settings import Settings

SCHEMA = {"type": "object", "properties": {"label": {"enum": ["a", "b"]}}, "required": ["label"]}
ASK = [{"role": "system", "content": "You label."}, {"role": "user", "content": "a or b?"}]


def said(text: str):
    return 200, {"outputs": [{"outputs": [{"results": {"message": {"text": text}}}]}]}


def at(server, **options) -> Langflow:
    return Langflow(server.url, "my flow", **{"api_key": "secret", "retries": 0, **options})


def test_a_flow_is_given_one_text_and_its_answer_is_checked(server):
    server.answer = lambda body: said('Here you are: {"label": "b"}')
    assert at(server).complete(ASK, SCHEMA) == {"label": "b"}
    path, headers, _ = server.asked[0]
    (body,) = server.bodies()
    assert path == "/api/v1/run/my%20flow"
    assert headers["x-api-key"] == "secret"
    assert (body["input_type"], body["output_type"]) == ("chat", "chat")
    assert body["input_value"].startswith("You label.\n\na or b?\n\n") and '"enum"' in body["input_value"]


def test_each_question_has_a_session_of_its_own(server):
    server.answer = lambda body: said("Fine by me.")
    flow = at(server)
    assert flow.complete_text(ASK) == "Fine by me."
    flow.complete_text([{"role": "user", "content": "b or a?"}])
    flow.complete_text(ASK, seed=2)
    assert len({body["session_id"] for body in server.bodies()}) == 3


def test_an_answer_is_repaired_once_and_kept(server, tmp_path):
    cache = Cache(tmp_path, 1_000_000)
    server.answer = lambda body: said("b, I would say" if len(server.asked) == 1 else '{"label": "b"}')
    for _ in range(2):
        assert at(server).complete(ASK, SCHEMA, cache=cache) == {"label": "b"}
    assert len(server.asked) == 2
    assert "b, I would say" in server.bodies()[1]["input_value"]


@pytest.mark.parametrize(
    ("answer", "message", "is_answered"),
    [
        (said("prose"), "no JSON object", True),
        ((200, {"outputs": []}), "holds no message", True),
        ((200, b"<html>sign in</html>"), "is no JSON", True),
        ((200, b" " * 2_000_000), "larger than 1 MB", True),
        ((403, {"detail": "no"}), "refuses the key", False),
        ((404, {"detail": "no"}), "no such model", False),
        ((500, {"detail": "boom"}), "error 500.*boom", False),
        ((429, {}), "patience after 1 tries", False),
        ((307, {}, {"Location": "http://elsewhere"}), "error 307", False),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_flow(server, answer, message, is_answered):
    server.answer = lambda body: answer
    with pytest.raises(ModelError, match=message) as caught:
        at(server).complete(ASK, SCHEMA)
    assert caught.value.subject == f"flow my flow at {server.url}"
    assert isinstance(caught.value, Unanswered) is not is_answered


def test_a_dead_server_is_named():
    with pytest.raises(Unanswered, match="cannot be reached"):
        Langflow("http://127.0.0.1:9", "flow", retries=0).complete_text(ASK)


def test_the_names_of_the_earlier_system_will_do(server):
    settings = Settings.from_environment(
        {"LANGFLOW_BASE_URL": server.url, "LANGFLOW_API_KEY": "k", "EDM_LANGFLOW_FLOW": "f"}
    )
    assert Langflow.of(settings) == Langflow(server.url, "f", "k")
    ours = Settings.from_environment(
        {"LANGFLOW_BASE_URL": "http://old", "EDM_LANGFLOW_BASE_URL": "http://new", "EDM_LANGFLOW_FLOW": "f"}
    )
    assert ours.langflow_base_url == "http://new"


@pytest.mark.parametrize(
    "environment", [{}, {"LANGFLOW_BASE_URL": "http://localhost:1"}, {"LANGFLOW_BASE_URL": "here"}]
)
def test_what_is_not_configured_is_said(environment):
    with pytest.raises(SettingsError, match=r"EDM_LANGFLOW|no address"):
        Langflow.of(Settings.from_environment(environment))
