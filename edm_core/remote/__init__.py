"""The clients for servers that the user names: language models, Langflow flows and speech recognisers.

Nothing here is used unless the user names a server. Every failure (no answer, a refusal, an answer that is
not what was asked for) is a :class:`~edm_core.errors.ModelError` that says which server, what went wrong and
what to do; there is never a value in place of an answer. One that never came is :class:`Unanswered`: the
next question would most likely fail too.
"""

from __future__ import annotations

from .completes import Completes
from .langflow import Langflow
from .server import Server
from .transport import RETRIES, TIMEOUT, Unanswered
from .usage import Spent, Usage

__all__ = ["RETRIES", "TIMEOUT", "Completes", "Langflow", "Server", "Spent", "Unanswered", "Usage"]
