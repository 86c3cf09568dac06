"""Every answer of the tests, held against what the API says of itself."""

import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

UNDESCRIBED = ("/api/docs", "/api/openapi.json", "/evaluate")
"""What the description leaves out: itself, and an address without its last slash."""


class Contract:
    """What an OpenAPI document allows."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        # Fixed paths before those with a name in them, as the routes are matched.
        paths = sorted(document["paths"], key=lambda path: [part.startswith("{") for part in path.split("/")])
        self.paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths]
        self.validator = lru_cache(maxsize=None)(self._validator)

    def check(self, method: str, path: str, answer: Any) -> None:
        """Fail where an answer is none of those that are described."""
        method = "get" if method == "HEAD" else method.lower()
        found = next((name for pattern, name in self.paths if pattern.fullmatch(path)), None)
        if found is None or method not in self.document["paths"][found]:
            assert answer.status_code in (204, 404, 405) or path.startswith(UNDESCRIBED), (method, path)
            return
        place = f"{method} {found} → {answer.status_code}"
        responses = self.document["paths"][found][method]["responses"]
        assert str(answer.status_code) in responses, f"{place} is not described"
        described = self._resolved(responses[str(answer.status_code)])
        kinds = described.get("content", {})
        if not answer.content:
            return
        kind = answer.headers["content-type"].partition(";")[0]
        fitting = next((name for name in kinds if _fits(kind, name)), None)
        assert fitting is not None, f"{place}: {kind} is none of {list(kinds)}"
        if kind.endswith("json"):
            faults = list(self.validator(place, fitting).iter_errors(answer.json()))
            assert not faults, f"{place}: {[(list(fault.path), fault.message[:200]) for fault in faults[:5]]}"

    def _resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in described:
            return described
        found: Any = self.document
        for name in described["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)

    def _validator(self, place: str, kind: str) -> Draft202012Validator:
        method, path, _, status = place.split(" ")
        described = self._resolved(self.document["paths"][path][method]["responses"][status])
        return Draft202012Validator(
            {**described["content"][kind]["schema"], "components": self.document["components"]}
        )


class CheckedClient(TestClient):
    """A client whose answers must be as they are described."""

    contract: Contract

    def request(self, method: str, url: Any, **more: Any) -> Any:
        answer = super().request(method, url, **more)
        self.contract.check(method, answer.request.url.raw_path.decode().partition("?")[0], answer)
        return answer


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted.endswith("/*") and kind.startswith(wanted[:-1]))
