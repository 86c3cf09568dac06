"""Flows on a Langflow server: one text goes in, one comes out.

The interface is that of Langflow's ``POST /api/v1/run/{flow}``. A flow knows no roles and no schema, so both
are written into the text, and the JSON is found in the answer and checked like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import ModelError, SettingsError
from . import answers
from .answers import Said
from .completes import Messages
from .transport import RETRIES, TIMEOUT, RefusedError, bounds, check_address, patiently, shown

if TYPE_CHECKING:
    from ..cache import Cache
    from ..settings import Settings
    from .usage import Usage


@dataclass(frozen=True, slots=True)
class Langflow:
    """A flow on a Langflow server.

    Parameters
    ----------
    base_url : str
        Such as ``http://localhost:7860``.
    flow : str
        The flow's id or endpoint name.
    api_key : str, optional
        What the server asks for, if anything.
    timeout, retries
        As of :class:`~edm_core.remote.Server`.

    Raises
    ------
    SettingsError
        If the address is none, or no flow is named.
    """

    base_url: str
    flow: str
    api_key: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    retries: int = RETRIES

    def __post_init__(self) -> None:
        check_address(self.base_url, "http://localhost:7860")
        if not self.flow:
            raise SettingsError("no flow is named", subject=self.base_url, remedy="set EDM_LANGFLOW_FLOW")

    @classmethod
    def of(cls, settings: Settings) -> Langflow:
        """Return the flow that the settings name (``EDM_LANGFLOW_*``).

        Raises
        ------
        SettingsError
            If they name no server or no flow.
        """
        if not settings.langflow_base_url:
            raise SettingsError(
                "no Langflow server is named",
                subject="EDM_LANGFLOW_BASE_URL",
                remedy="set its address, such as http://localhost:7860, and EDM_LANGFLOW_FLOW",
            )
        return cls(
            settings.langflow_base_url,
            settings.langflow_flow,
            settings.langflow_api_key,
            timeout=settings.llm_timeout_s,
        )

    @property
    def name(self) -> str:
        """The flow."""
        return f"langflow:{self.flow}"

    @property
    def where(self) -> str:
        """The flow and its address, as errors call them."""
        return f"flow {self.flow} at {shown(self.base_url)}"

    def complete(
        self,
        messages: Messages,
        schema: Mapping[str, Any],
        *,
        accepts: Sequence[Mapping[str, Any]] = (),
        most_tokens: int = 600,  # noqa: ARG002  # a flow's own settings say these two
        temperature: float = 0.0,  # noqa: ARG002
        seed: int = 1,
        cache: Cache | None = None,
        usage: Usage | None = None,
    ) -> dict[str, Any]:
        """Return an object that fits a JSON schema; see :meth:`edm_core.remote.Server.complete`.

        Length and temperature are the flow's own; ``seed`` only tells one run from another.

        Raises
        ------
        ModelError
            If there is no answer, or none that fits.
        """
        schemas = [schema, *accepts]
        wish = f"Answer with nothing but one JSON object that fits this schema: {json.dumps(dict(schema))}"
        asked = [*messages, {"role": "user", "content": wish}]
        return answers.kept(
            cache,
            (self.base_url, self.flow, list(map(dict, asked)), seed, schemas),
            usage,
            lambda: answers.fitting(
                lambda said: self._run(said, seed, usage), asked, schemas, self.where, usage
            ),
        )

    def complete_text(
        self,
        messages: Messages,
        *,
        most_tokens: int = 300,  # noqa: ARG002  # a flow's own settings say these two
        temperature: float = 0.0,  # noqa: ARG002
        seed: int = 1,
        cache: Cache | None = None,
        usage: Usage | None = None,
    ) -> str:
        """Return what the flow writes.

        Raises
        ------
        ModelError
            If there is no answer, or an empty one.
        """
        found = answers.kept(
            cache,
            (self.base_url, self.flow, list(map(dict, messages)), seed),
            usage,
            lambda: answers.free(lambda said: self._run(said, seed, usage), messages, self.where, usage),
        )
        return str(found["text"])

    def _run(self, messages: Messages, seed: int, usage: Usage | None) -> Said:
        text = "\n\n".join(message["content"] for message in messages)
        # A session of its own: flows remember what was said before under the same name.
        session = hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()[:32]
        body = {"input_value": text, "output_type": "chat", "input_type": "chat", "session_id": session}
        answer = patiently(
            lambda: self._post(body), self.where, timeout=self.timeout, retries=self.retries, usage=usage
        )
        try:
            return Said(str(answer["outputs"][0]["outputs"][0]["results"]["message"]["text"]))
        except (LookupError, TypeError):
            raise self._odd("its answer holds no message") from None

    def _post(self, body: Mapping[str, str]) -> Any:
        address = f"{self.base_url.rstrip('/')}/api/v1/run/{quote(self.flow, safe='')}"
        headers = {"x-api-key": self.api_key} if self.api_key else {}
        response = _client(self.timeout).post(address, json=dict(body), headers=headers)
        if response.status_code >= 300:
            raise RefusedError(response.status_code, response.text, response.headers)
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise self._odd("its answer is no JSON") from None

    def _odd(self, problem: str) -> ModelError:
        return ModelError(problem, subject=self.where, remedy="see that it is the address of Langflow")


@lru_cache(maxsize=8)
def _client(timeout: float) -> Any:
    import httpx2

    return httpx2.Client(timeout=timeout, **bounds(timeout))
