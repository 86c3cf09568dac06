"""Transcription measured: words, their times, speech over music, silence kept, speed; beside the peers."""

from __future__ import annotations

from .section import section

__all__ = ["section"]
