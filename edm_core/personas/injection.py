"""Instructions in what is heard; see :mod:`edm_core.content.injection`."""

from __future__ import annotations

from ..content.injection import FLAG as FLAG
from ..content.injection import flags_of as flags_of
from ..content.injection import instructs as instructs
