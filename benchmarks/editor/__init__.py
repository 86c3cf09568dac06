"""The editor in a real browser: how fast it is, whether sound and picture agree, how few keys it takes."""

from .measuring import SIZES
from .section import section

__all__ = ["SIZES", "section"]
