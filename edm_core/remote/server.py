"""Servers that speak OpenAI's protocol: LM Studio, Ollama, vLLM, llama.cpp, Azure OpenAI and others.

The ``openai`` package does the transport; retries, bounds and the check of what comes back are ours, and the
same for every kind of server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, SettingsError
from . import answers
from .answers import Said
from .completes import Messages
from .transport import MOST_BYTES, RETRIES, TIMEOUT, RefusedError, bounds, check_address, patiently, shown

if TYPE_CHECKING:
    from ..cache import Cache
    from ..settings import Settings
    from .usage import Usage

MOST_TRANSCRIPT_BYTES = 64_000_000
"""Size from which a transcript is refused: that of a long recording, with word times, has several MB."""

_TELLING = (
    "X-Stainless-Lang", "X-Stainless-Package-Version", "X-Stainless-OS", "X-Stainless-Arch",
    "X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Async",
)  # fmt: skip

_WISHES = ("response_format", "temperature", "seed", "max_tokens", "max_completion_tokens")
"""What a request can do without, where a server does not know it."""


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server and the model that it is asked for.

    Parameters
    ----------
    base_url : str
        Such as ``http://localhost:1234/v1``; of Azure OpenAI ``https://NAME.openai.azure.com``.
    model : str
        What the server calls the model; on Azure the deployment.
    api_key : str, optional
        What the server asks for, if anything.
    timeout : float, optional
        Seconds for one answer.
    retries : int, optional
        How often a request is sent again after a lost connection, "too many requests" or an error of the
        server.
    api_version : str, optional
        Of Azure OpenAI, such as ``2024-10-21``; with it the server is spoken to as Azure's are.

    Raises
    ------
    SettingsError
        If the address is none, or no model is named.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    retries: int = RETRIES
    api_version: str = ""

    def __post_init__(self) -> None:
        check_address(self.base_url, "http://localhost:1234/v1")
        if not self.model:
            raise SettingsError(
                "no model is named", subject=self.base_url, remedy="set the name that the server knows"
            )

    @classmethod
    def of(cls, settings: Settings) -> Server:
        """Return the server of language models that the settings name (``EDM_LLM_*``).

        Raises
        ------
        SettingsError
            If they name none, or no model.
        """
        if not settings.llm_base_url:
            raise SettingsError(
                "no server of language models is named",
                subject="EDM_LLM_BASE_URL",
                remedy="set its address, such as http://localhost:1234/v1, and EDM_LLM_MODEL",
            )
        return cls(
            settings.llm_base_url,
            settings.llm_model,
            settings.llm_api_key,
            timeout=settings.llm_timeout_s,
            api_version=settings.llm_api_version,
        )

    @property
    def name(self) -> str:
        """The model."""
        return self.model

    @property
    def where(self) -> str:
        """The model and its address, as errors call them."""
        return f"{self.model} at {shown(self.base_url)}"

    def complete(
        self,
        messages: Messages,
        schema: Mapping[str, Any],
        *,
        accepts: Sequence[Mapping[str, Any]] = (),
        most_tokens: int = 600,
        temperature: float = 0.0,
        seed: int = 1,
        cache: Cache | None = None,
        usage: Usage | None = None,
    ) -> dict[str, Any]:
        """Return a language model's answer: an object that fits a JSON schema.

        Parameters
        ----------
        messages : sequence of mapping
            With ``role`` and ``content``.
        schema : mapping
            The JSON schema of the answer. Servers that cannot be held to one are asked without; the answer is
            checked here in any case, and shown to the model once if it does not fit.
        accepts : sequence of mapping, optional
            Further schemas that will do, of which the server is not told.
        most_tokens : int, optional
            Length at which the answer is cut off (and then refused).
        temperature : float, optional
            0 is as near to "the same answer again" as the protocol comes.
        seed : int, optional
            For servers that draw with one.
        cache : Cache, optional
            Where answers are kept: the same question to the same model is asked once.
        usage : Usage, optional
            Told what was spent.

        Raises
        ------
        ModelError
            If there is no answer (then :class:`~edm_core.remote.Unanswered`), or none that fits.
        """
        wishes = {"temperature": temperature, "seed": seed, "max_tokens": most_tokens}
        form = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(schema), "strict": True},
        }
        schemas = [schema, *accepts]
        return answers.kept(
            cache,
            (*self._asked(messages, wishes), schemas),
            usage,
            lambda: answers.fitting(
                lambda said: self._chat(said, {**wishes, "response_format": form}, usage),
                messages,
                schemas,
                self.where,
                usage,
            ),
        )

    def complete_text(
        self,
        messages: Messages,
        *,
        most_tokens: int = 300,
        temperature: float = 0.0,
        seed: int = 1,
        cache: Cache | None = None,
        usage: Usage | None = None,
    ) -> str:
        """Return what a language model writes; parameters as in :meth:`complete`.

        Raises
        ------
        ModelError
            If there is no answer, or an empty one.
        """
        wishes = {"temperature": temperature, "seed": seed, "max_tokens": most_tokens}
        found = answers.kept(
            cache,
            self._asked(messages, wishes),
            usage,
            lambda: answers.free(lambda said: self._chat(said, wishes, usage), messages, self.where, usage),
        )
        return str(found["text"])

    def transcribe(
        self, wav: bytes, *, language: str | None = None, prompt: str = "", temperature: float = 0.0
    ) -> dict[str, Any]:
        """Return what a speech server hears in a WAV file: the protocol's ``verbose_json``, with word times.

        Raises
        ------
        ModelError
            If there is no answer, or one without text.
        """
        wishes: dict[str, Any] = {"temperature": temperature, "response_format": "verbose_json"}
        wishes["timestamp_granularities"] = ["word", "segment"]
        if language:
            wishes["language"] = language
        if prompt:
            wishes["prompt"] = prompt
        line = _line(self, MOST_TRANSCRIPT_BYTES)
        answer = self._patiently(
            lambda: line.client.audio.transcriptions.create(
                file=("speech.wav", wav, "audio/wav"), model=self.model, **wishes
            )
        )
        found = answer.model_dump() if hasattr(answer, "model_dump") else None
        if not isinstance(found, dict) or not isinstance(found.get("text"), str):
            raise self._odd("its answer holds no text")
        return found

    def models(self) -> tuple[str, ...]:
        """Return the names of the models that the server says it has: also a way to see whether it answers.

        Raises
        ------
        ModelError
            If it does not answer.
        """
        line = _line(self, MOST_BYTES)
        found = self._patiently(lambda: list(line.client.models.list()))
        return tuple(str(getattr(model, "id", model)) for model in found)

    def _asked(self, messages: Messages, wishes: Mapping[str, Any]) -> tuple[Any, ...]:
        return (self.base_url, self.api_version, self.model, list(map(dict, messages)), dict(wishes))

    def _chat(self, messages: Messages, wishes: Mapping[str, Any], usage: Usage | None) -> Said:
        line = _line(self, MOST_BYTES)
        answer = self._patiently(lambda: line.chat(list(map(dict, messages)), wishes, self.model), usage)
        try:
            choice = answer.choices[0]
            text = choice.message.content or getattr(choice.message, "refusal", None) or ""
        except (AttributeError, IndexError, TypeError):
            raise self._odd("its answer is none of the protocol: it holds no message") from None
        spent = getattr(answer, "usage", None)
        return Said(
            str(text),
            getattr(spent, "prompt_tokens", None),
            getattr(spent, "completion_tokens", None),
            cut=getattr(choice, "finish_reason", None) == "length",
        )

    def _patiently(self, send: Any, usage: Usage | None = None) -> Any:
        return patiently(
            lambda: self._sent(send), self.where, timeout=self.timeout, retries=self.retries, usage=usage
        )

    def _sent(self, send: Any) -> Any:
        """Send once, and let what the package raises be what :func:`~.transport.patiently` understands."""
        import openai

        try:
            return send()
        except openai.APIConnectionError as error:
            raise error.__cause__ or self._odd(str(error)) from None
        except openai.APIStatusError as error:
            raise RefusedError(error.status_code, str(error.message), error.response.headers) from None
        except openai.OpenAIError as error:  # an answer that is no answer of the protocol
            raise self._odd(f"its answer cannot be read: {' '.join(str(error).split())[:200]}") from None
        except (ValueError, RecursionError):
            raise self._odd("its answer is no JSON") from None

    def _odd(self, problem: str) -> ModelError:
        return ModelError(problem, subject=self.where, remedy="see that it speaks OpenAI's protocol")


# --- private ---------------------------------------------------------------------------------------


class _Line:
    """The connection to a server, with what it turned out not to know."""

    def __init__(self, server: Server, limit: int) -> None:
        import openai

        omitted: Any = openai.omit
        common: dict[str, Any] = {
            "api_key": server.api_key or "none",  # the package insists on one, servers at home do not
            "timeout": server.timeout,
            "max_retries": 0,
            # What machine asks is nobody's business.
            "default_headers": dict.fromkeys(_TELLING, omitted),
            "http_client": openai.DefaultHttpxClient(timeout=server.timeout, **bounds(server.timeout, limit)),
        }
        self.client: Any
        if server.api_version:
            self.client = openai.AzureOpenAI(
                azure_endpoint=server.base_url,
                azure_deployment=server.model,
                api_version=server.api_version,
                **common,
            )
        else:
            self.client = openai.OpenAI(base_url=server.base_url, **common)
        self.unknown: frozenset[str] = frozenset()

    def chat(self, messages: list[dict[str, str]], wishes: Mapping[str, Any], model: str) -> Any:
        """Ask for an answer; what the server objects to is left out, and not tried again after it helped."""
        import openai

        unknown = self.unknown
        while True:
            request = _without(wishes, unknown)
            try:
                answer = self.client.chat.completions.create(model=model, messages=messages, **request)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                culprit = _culprit(error, request)
                if culprit is None:
                    raise
                unknown |= {culprit}
            else:
                self.unknown |= unknown
                return answer


@lru_cache(maxsize=16)
def _line(server: Server, limit: int) -> _Line:
    return _Line(server, limit)


def _without(wishes: Mapping[str, Any], unknown: frozenset[str]) -> dict[str, Any]:
    request = {name: value for name, value in wishes.items() if name not in unknown}
    if "max_tokens" in unknown and "max_completion_tokens" not in unknown:
        request["max_completion_tokens"] = wishes["max_tokens"]  # its newer name
    return request


def _culprit(error: Any, request: Mapping[str, Any]) -> str | None:
    """Return which wish a server objects to: the one it names, or the likeliest."""
    if getattr(error, "code", None) in ("content_filter", "context_length_exceeded"):
        return None
    param, message = getattr(error, "param", None), str(error.message)
    named = [name for name in _WISHES if name in request and (name == param or name in message)]
    return named[0] if named else "response_format" if "response_format" in request else None
