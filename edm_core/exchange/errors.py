"""What is wrong with a file of annotations."""

from __future__ import annotations

from ..errors import EdmError


class ExchangeError(EdmError):
    """A file of annotations that cannot be read, or annotations that a format cannot hold."""
