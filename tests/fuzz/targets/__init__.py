"""Every parser that reads what comes from outside, by name."""

from ..running import Target
from .annotations import TARGETS as ANNOTATIONS
from .documents import TARGETS as DOCUMENTS
from .headers import TARGETS as HEADERS
from .requests import TARGETS as REQUESTS
from .sounds import TARGETS as SOUNDS
from .stored import TARGETS as STORED
from .words import TARGETS as WORDS

TARGETS: dict[str, Target] = {
    target.name: target
    for targets in (ANNOTATIONS, DOCUMENTS, HEADERS, REQUESTS, SOUNDS, STORED, WORDS)
    for target in targets
}
