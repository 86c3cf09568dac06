"""The API's description: valid, whole, with an example for everything; and the page that shows it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.testclient import TestClient

from edm_core.service.api.mounted import api, routes

from ..contract import Contract
from ..running.test_server import serving


@pytest.fixture(scope="module")
def document(contract: Contract) -> dict[str, Any]:
    return contract.document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    faults = [str(fault) for fault in OPENAPI_31_VALIDATOR.iter_errors(document)]
    assert faults == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for each in value.values():
                yield from walk(each)
        elif isinstance(value, list):
            for each in value:
                yield from walk(each)

    for reference in set(walk(document)):
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            assert name in found, reference
            found = found[name]


def test_operations_have_names_that_make_good_clients(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    for _, path, operation in operations(document):
        assert operation["summary"] and operation["description"] and operation["tags"], path
        assert operation.get("deprecated", False) == (not path.startswith("/api/v1/")), path


def test_every_operation_says_how_it_may_fail(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert {"400", "401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), path
        for status, response in operation["responses"].items():
            if "$ref" in response or int(status) < 400 or (path, status) == ("/api/v1/ready", "503"):
                continue
            assert "application/problem+json" in response["content"], (method, path, status)
        if method == "post":
            assert "Idempotency-Key" in [each["name"] for each in operation["parameters"]], path


def test_every_json_has_an_example_that_fits(document: dict[str, Any]) -> None:
    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return document["components"]["schemas"][name] if name else schema

    def check(place: tuple[str, ...], schema: dict[str, Any]) -> None:
        options = schema.get("anyOf", [schema.get("items", schema)])
        for option in map(resolved, options):
            if option.get("type") in ("null", "array", "string"):
                continue
            if "anyOf" in option:
                check(place, option)
                continue
            assert option.get("examples"), (place, option.get("title"))
            validator = Draft202012Validator({**option, "components": document["components"]})
            for one in option["examples"]:
                assert [fault.message for fault in validator.iter_errors(one)] == [], place

    for method, path, operation in operations(document):
        bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
        for body in bodies:
            for kind, content in body.get("content", {}).items():
                if kind.endswith("json"):
                    check((method, path), content["schema"])


def test_requests_that_say_more_than_is_understood_are_described_as_wrong(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name


def test_the_document_is_served(client: TestClient, document: dict[str, Any]) -> None:
    assert client.get("/api/openapi.json").json() == document


def test_the_page_asks_nobody_else_and_runs_nothing_written_in_it(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "default-src 'none'" in policy
    assert re.findall(r"https?://", page.text) == []
    assert re.findall(r"<script(?! src=)|\son\w+=|style=", page.text) == []
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = client.get(address)
        assert answer.status_code == 200 and answer.content, address
    assert client.get("/api/docs/page.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/api/docs/nothing.js").status_code == 404
    assert client.get("/api/docs/..%2fcore.py").status_code == 404


def test_all_paths_are_mounted_beside_the_pages(document: dict[str, Any]) -> None:
    mounted = [re.compile(re.sub(r"\{[^}]+\}", ".+", route.path)) for route in routes()]  # type: ignore[attr-defined]
    for path in document["paths"]:
        assert any(pattern.fullmatch(path) for pattern in mounted), path
    assert len(api().routes) >= len(document["paths"])


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_works_under_its_own_policy(chromium: Any, tmp_path: Path, scheme: str) -> None:
    said: list[str] = []
    with serving(tmp_path, "--no-workers") as (_, port):
        page = chromium.new_context(color_scheme=scheme).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if str(port) not in request.url else None)
        page.goto(f"http://localhost:{port}/")
        block = page.locator("#operations-service-read_health")
        block.get_by_role("button").first.click()
        block.get_by_role("button", name="Try it out").click()
        block.get_by_role("button", name="Execute").click()
        page.wait_for_function("document.querySelector('.live-responses-table')?.innerText.includes('ok')")
        assert page.evaluate("document.documentElement.classList.contains('dark-mode')") == (scheme == "dark")
        page.close()
    assert [each for each in said if not each.startswith("data:")] == []
