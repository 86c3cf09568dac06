"""The one client for servers that speak OpenAI's protocol: language models and speech recognisers.

Nothing here is used unless the user names a server. Every failure (no answer, a refusal, an answer that is
not what was asked for) is a :class:`~edm_core.errors.ModelError` that says which server, what went wrong and
what to do; there is never a value in place of an answer. The ``openai`` package does the transport, with its
retries (growing pauses, no more than ``retries``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .errors import ModelError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cache import Cache

TIMEOUT, RETRIES = 60.0, 2
"""Seconds that an answer may take, and how often a request is sent again."""

_TELLING = (
    "X-Stainless-Lang", "X-Stainless-Package-Version", "X-Stainless-OS", "X-Stainless-Arch",
    "X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Async",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """An OpenAI-compatible server and the model that it is asked for.

    Parameters
    ----------
    base_url : str
        Such as ``http://localhost:1234/v1``.
    model : str
        What the server calls the model.
    api_key : str, optional
        What the server asks for, if anything.
    timeout : float, optional
        Seconds for one answer.
    retries : int, optional
        How often a request is sent again after no answer, "too many requests" or an error of the server.

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

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")):
            raise SettingsError(
                "is no address of a server",
                subject=repr(self.base_url),
                remedy="give one such as http://localhost:1234/v1",
            )
        if not self.model:
            raise SettingsError(
                "no model is named", subject=self.base_url, remedy="set the name that the server knows"
            )

    def complete(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any],
        *,
        most_tokens: int = 600,
        cache: Cache | None = None,
    ) -> dict[str, Any]:
        """Return a language model's answer: an object that fits a JSON schema.

        Parameters
        ----------
        messages : sequence of mapping
            With ``role`` and ``content``.
        schema : mapping
            The JSON schema of the answer. Servers that cannot be held to one are asked without; the answer is
            checked here in any case.
        most_tokens : int, optional
            Length at which the answer is cut off (and then refused).
        cache : Cache, optional
            Where answers are kept: the same question to the same model is asked once.

        Raises
        ------
        ModelError
            If there is no answer, or none that fits.
        """
        # Temperature 0 and a seed: as near to "the same answer again" as the protocol comes.
        request = {
            "model": self.model, "messages": list(map(dict, messages)), "temperature": 0.0, "seed": 1,
            "max_tokens": most_tokens,
        }  # fmt: skip
        return _kept(cache, (self.base_url, request, schema), lambda: self._complete(request, schema))

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
        with _explained(self):
            answer = _client(self).audio.transcriptions.create(
                file=("speech.wav", wav, "audio/wav"), model=self.model, **wishes
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
        with _explained(self):
            return tuple(str(model.id) for model in _client(self).models.list())

    def _complete(self, request: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
        import jsonschema
        import openai

        wish = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(schema), "strict": True},
        }
        with _explained(self):
            create: Any = _client(self).chat.completions.create
            try:
                answer = create(**request, response_format=wish)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                answer = create(**request)  # an older server, which knows no schemas
        try:
            text = answer.choices[0].message.content or ""
            found = json.loads(text[text.index("{") : text.rindex("}") + 1])
            jsonschema.validate(found, dict(schema))
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise self._odd("its answer is no JSON object") from error
        except jsonschema.ValidationError as error:
            raise self._odd(f"its answer does not fit: {error.message}") from None
        return dict(found)

    def _odd(self, problem: str) -> ModelError:
        return ModelError(
            problem, subject=f"{self.model} at {self.base_url}", remedy="try another model or server"
        )


# --- private ---------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _client(server: Server) -> Any:
    import openai

    omitted: Any = openai.omit
    return openai.OpenAI(
        base_url=server.base_url,
        api_key=server.api_key or "none",  # the package insists on one, servers at home do not
        timeout=server.timeout,
        max_retries=server.retries,
        # What machine asks is nobody's business.
        default_headers=dict.fromkeys(_TELLING, omitted),
    )


@contextmanager
def _explained(server: Server) -> Iterator[None]:
    """Turn what the transport raises into a ModelError that says what to do."""
    import openai

    where = f"{server.model} at {server.base_url}"
    try:
        yield
    except openai.APITimeoutError:
        raise ModelError(
            f"no answer within {server.timeout:g} s", subject=where, remedy="see whether it is overloaded"
        ) from None
    except openai.APIConnectionError as error:
        cause = error.__cause__ or error
        raise ModelError(
            f"it cannot be reached ({cause})", subject=where, remedy="start the server or correct its address"
        ) from None
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise ModelError("it refuses the key", subject=where, remedy="set the API key it asks for") from None
    except openai.NotFoundError:
        raise ModelError(
            "it knows no such model or service",
            subject=where,
            remedy="correct the address or the model's name",
        ) from None
    except openai.RateLimitError:
        raise ModelError(
            f"it still asks for patience after {server.retries + 1} tries", subject=where, remedy="try later"
        ) from None
    except openai.APIStatusError as error:
        text = " ".join(str(error.message).split())[:200]
        raise ModelError(
            f"it answers with error {error.status_code}: {text}", subject=where, remedy="look at its log"
        ) from None
    except openai.OpenAIError as error:  # an answer that is no answer of the protocol
        text = " ".join(str(error).split())[:200]
        raise ModelError(
            f"its answer cannot be read: {text}", subject=where, remedy="see that it speaks OpenAI's protocol"
        ) from None
    except json.JSONDecodeError:
        raise ModelError(
            "its answer is no JSON", subject=where, remedy="see that it speaks OpenAI's protocol"
        ) from None


def _kept(cache: Cache | None, question: object, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    from .cache import key_of
    from .errors import StorageError

    if cache is None:
        return ask()
    key = key_of("remote", 1, question)
    entry = cache.get(key)
    if entry is not None:
        try:
            return dict(json.loads((entry / "answer.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            cache.drop(key)
    answer = ask()
    try:
        with cache.create(key) as draft:
            (draft / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    except (OSError, StorageError):
        pass  # it is asked again next time
    return answer
