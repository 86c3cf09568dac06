"""What can be asked for text: the one protocol of OpenAI-compatible servers and of flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..cache import Cache
    from .usage import Usage

Messages = Sequence[Mapping[str, str]]
"""What is said to a model: each with ``role`` and ``content``."""


class Completes(Protocol):
    """A language model behind an address."""

    @property
    def name(self) -> str:
        """What answers: a model or a flow."""
        ...

    @property
    def where(self) -> str:
        """The same with its address, as errors call it."""
        ...

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
        """Return an object that fits ``schema``, or one of the schemas in ``accepts``.

        An answer that fits none is shown to the model once, with what is wrong with it. With a ``cache`` the
        same question to the same model is asked once; ``usage`` is told what was spent.

        Raises
        ------
        ModelError
            If there is no answer (then :class:`~edm_core.remote.Unanswered`), or none that fits.
        """
        ...

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
        """Return free text, which is never empty.

        Raises
        ------
        ModelError
            If there is no answer, or an empty one.
        """
        ...
