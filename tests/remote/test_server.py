"""The client of OpenAI-compatible servers against one that answers well, badly, slowly or not at all."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from edm_core.cache import Cache
from edm_core.errors import ModelError, SettingsError
from edm_core.remote import Server, Unanswered, Usage

SCHEMA = {
    "type": "object", "properties": {"label": {"enum": ["a", "b"]}}, "required": ["label"], "additionalProperties": False,
}  # fmt: skip
ASK = [{"role": "user", "content": "a or b?"}]


def at(http, **options) -> Server:
    return Server(f"{http.url}/v1", "test-model", **{"retries": 0, **options})


def chat(text: str, **more):
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return 200, {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        **more,
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
    assert at(server).complete(ASK, SCHEMA) == {"label": "a"}
    assert len(server.asked) == 3  # it is remembered


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
    assert caught.value.subject == f"test-model at {server.url}/v1"


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


def test_a_password_in_an_address_is_not_told():
    with pytest.raises(ModelError) as caught:
        Server("http://me:secret@127.0.0.1:9/v1", "m", "sk-key", retries=0).complete(ASK, SCHEMA)
    assert "secret" not in str(caught.value) and "sk-key" not in repr(caught.value)
    assert "m at http://127.0.0.1:9/v1" in str(caught.value)


def test_an_error_of_the_server_is_tried_again(server):
    server.answer = lambda body: (503, {"error": {}}) if len(server.asked) == 1 else chat('{"label": "a"}')
    assert at(server, retries=1).complete(ASK, SCHEMA) == {"label": "a"}


def test_a_new_name_of_a_wish_and_one_that_is_not_known_are_learnt(server):
    def answer(body):
        asked = json.loads(body)
        for name in ("max_tokens", "temperature"):
            if name in asked:
                return 400, {"error": {"message": f"unsupported: {name}", "param": name}}
        return chat('{"label": "a"}')

    server.answer = answer
    assert at(server).complete(ASK, SCHEMA, most_tokens=77) == {"label": "a"}
    last = server.bodies()[-1]
    assert last["max_completion_tokens"] == 77 and "response_format" in last and last["seed"] == 1


def test_what_a_text_is_refused_for_is_no_fault_of_the_wishes(server):
    server.answer = lambda body: (400, {"error": {"message": "filtered", "code": "content_filter"}})
    with pytest.raises(ModelError, match=r"error 400: .*filtered") as caught:
        at(server).complete(ASK, SCHEMA)
    assert len(server.asked) == 1 and not isinstance(caught.value, Unanswered)


def test_an_answer_that_does_not_fit_is_repaired_once(server):
    usage = Usage(input_price=1.0, output_price=10.0)
    spent = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    server.answer = lambda body: chat(
        '{"label": "c"}' if len(server.asked) == 1 else '{"label": "a"}', usage=spent
    )
    assert at(server).complete(ASK, SCHEMA, usage=usage) == {"label": "a"}
    first, second = (asked["messages"] for asked in server.bodies())
    assert second[: len(first)] == first
    assert second[-2] == {"role": "assistant", "content": '{"label": "c"}'}
    assert "does not fit" in second[-1]["content"] and '"enum"' in second[-1]["content"]
    assert (usage.spent.requests, usage.spent.repaired) == (2, 1)
    assert (usage.spent.prompt_tokens, usage.spent.completion_tokens) == (200, 20)
    assert usage.spent.cost == pytest.approx(400e-6)


def test_there_is_no_second_repair(server):
    server.answer = lambda body: chat("prose")
    with pytest.raises(ModelError, match="no JSON object, also when asked again") as caught:
        at(server).complete(ASK, SCHEMA)
    assert len(server.asked) == 2 and not isinstance(caught.value, Unanswered)


def test_a_cost_is_not_told_where_it_is_not_known(server):
    server.answer = lambda body: chat('{"label": "a"}')  # without the tokens it took
    usage = Usage(1.0, 1.0)
    at(server).complete(ASK, SCHEMA, usage=usage)
    assert (usage.spent.untold, usage.spent.cost) == (1, None)


def test_an_answer_of_ten_megabytes_is_not_read(server):
    sent = []

    def flood():
        yield b'{"choices": ['
        for _ in range(160):
            sent.append(1)
            yield b" " * 65_536

    server.answer = lambda body: (200, flood())
    with pytest.raises(ModelError, match="larger than 1 MB"):
        at(server, retries=2).complete(ASK, SCHEMA)
    assert len(server.asked) == 1
    assert len(sent) < 160  # it was hung up on


def test_an_answer_that_drips_is_given_up(server):
    hung_up = threading.Event()

    def drips():
        try:
            while True:
                yield b" "
                time.sleep(0.05)
        finally:
            hung_up.set()

    server.answer = lambda body: (200, drips())
    with pytest.raises(Unanswered, match=r"no answer within 0\.4 s"):
        at(server, timeout=0.4).complete(ASK, SCHEMA)
    assert hung_up.wait(30)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_pause_that_is_asked_for_is_kept(server, form):
    times = []

    def answer(body):
        times.append(time.monotonic())
        if len(times) > 1:
            return chat('{"label": "a"}')
        then = format_datetime(datetime.now(UTC) + timedelta(seconds=2.5), usegmt=True)
        return 429, {"error": {}}, {"Retry-After": "1.5" if form == "seconds" else then}

    server.answer = answer
    usage = Usage()
    assert at(server, retries=1).complete(ASK, SCHEMA, usage=usage) == {"label": "a"}
    assert times[1] - times[0] >= 1.4  # a date has whole seconds
    assert usage.spent.retried == 1


def test_too_long_a_pause_is_not_waited_for(server):
    server.answer = lambda body: (429, {"error": {}}, {"Retry-After": "3600"})
    with pytest.raises(Unanswered, match="asks to wait 3600 s"):
        at(server, retries=5).complete(ASK, SCHEMA)
    assert len(server.asked) == 1


def test_free_text_is_returned_without_what_was_thought_before(server):
    server.answer = lambda body: chat("<think>{hm}</think> I like it. ")
    assert at(server).complete_text(ASK) == "I like it."
    assert "response_format" not in server.bodies()[0]
    server.answer = lambda body: chat("")
    with pytest.raises(ModelError, match="is empty"):
        at(server).complete_text(ASK)


def test_azure_is_asked_at_the_deployment(server):
    server.answer = lambda body: chat('{"label": "a"}')
    asked = Server(server.url, "gpt", "secret", retries=0, api_version="2024-10-21")
    assert asked.complete(ASK, SCHEMA) == {"label": "a"}
    path, headers, _ = server.asked[0]
    assert path == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    assert headers["api-key"] == "secret"


def test_equal_questions_at_the_same_time_are_asked_once(server, tmp_path):
    cache, together = Cache(tmp_path, 1_000_000), threading.Barrier(4)
    server.answer = lambda body: chat('{"label": "a"}')
    found = []

    def ask():
        together.wait()
        found.append(at(server).complete(ASK, SCHEMA, cache=cache))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"label": "a"}] * 4
    assert len(server.asked) == 1


@pytest.mark.parametrize(("seed", "temperature"), [(2, 0.0), (1, 0.7)])
def test_another_seed_or_temperature_is_another_question(server, tmp_path, seed, temperature):
    cache = Cache(tmp_path, 1_000_000)
    server.answer = lambda body: chat('{"label": "a"}')
    at(server).complete(ASK, SCHEMA, cache=cache)
    at(server).complete(ASK, SCHEMA, cache=cache, seed=seed, temperature=temperature)
    assert len(server.asked) == 2


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
