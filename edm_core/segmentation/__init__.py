"""What plays when: speech, music and silence, beats and bars, sections, and the key.

Each function takes a :class:`~edm_core.audio.Sound` and what the one above it gives::

    sound = edm_core.audio.load("track.mp3")
    activity = find_activity(sound)
    rhythm = track_beats(sound, activity)
    sections = find_sections(sound, rhythm, activity)
    key = find_key(sound, activity)

``activity`` may be left out everywhere; the whole recording then counts as music.
"""

from .activity import find_activity
from .beats import Rhythm, track_beats
from .key import find_key
from .sections import drop_events, find_sections

__all__ = ["Rhythm", "drop_events", "find_activity", "find_key", "find_sections", "track_beats"]
