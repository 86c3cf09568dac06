"""Checks: whether the layers of a timeline agree, and whether what they say is plausible for dance music.

A check looks at the chosen layers alone, not at the sound, and never changes them. What it has to say is a
:class:`Finding` with a place, a kind and a severity:

``error``
    Two things are said that cannot both be true, or one that cannot be: one of them is wrong.
``warning``
    It could be, but is more likely a slip.
``note``
    Unusual, or more likely wrong than right by its own confidence; worth a look.

One cause gives one finding: what goes wrong several times in a row is told once, with its span and count.

Beats, tempo and key
    ``missing_beat``, ``double_beat`` (warnings) and ``irregular_beat`` (note): intervals that stray more than
    20 % from the median of the 17 around them, but for edges of tempo and meter and gaps without music.
    ``bar_position`` (error): beats of a bar do not count 1, 2, 3 …. ``bar_number`` (error): bars do not count
    up by one, or not from 1. ``bar_length`` (warning): a bar has not as many beats as the meter says.
    ``tempo_mismatch``: the slope of the beats is over 1 % off the tempo (error), or a grid at that tempo
    would be half a beat off by its end (note). ``tempo_octave``: tempo doubles or halves from one stretch to
    the next (warning), or twice or half of it has nearly as much evidence, 80 % (note). ``tempo_range``
    (note): outside of 60 to 200 BPM. ``key_name`` (error): name and place on the Camelot wheel disagree.
Sections
    ``off_downbeat`` (note): a boundary over 100 ms from any downbeat; 83 % of people's boundaries are nearer
    (Harmonix set, Dance/Electronic). ``shifted_downbeats`` (warning): most boundaries are off by the same
    part of a bar, as when the first downbeat is mis-set. ``bars_disagree`` (error): a bar number whose bar
    begins over 0.25 s from the time beside it, and is not the nearest. ``odd_length`` (note): no multiple of
    4 bars, as 80 % in that set are. ``too_short`` (warning): under 2 bars. ``too_long`` (note): over 64 bars,
    or over half of the recording.
    ``weak_drop`` (warning): quieter, or with less bass, by 1 dB than every part it touches.
    ``lonely_buildup`` (note): no drop follows; one in twenty does so in the forms of EDM-98.
    ``intro_not_first``, ``outro_not_last`` (warnings): a part of the same piece lies before, or behind.
    ``no_contrast`` (note): two parts of one label in a row that measure alike, within 1.5 dB in each band.
    ``wrong_repeat`` (error): it repeats itself, a later section, or one of another label.
Between layers
    ``no_beats``: sections whose bars nothing can confirm (note), or a drop in which no beat lies (warning).
    ``drop_event`` (warning): a drop without its event, an event without its drop, or one over 70 ms early or
    late. ``loud_silence`` (warning): silence above -30 dBFS, or in which activity heard music.
    ``no_music`` (warning): a part of the form where activity heard speech alone, or silence.
    ``outside`` (error): items behind the recording's end. ``low_confidence`` (note): beats or sections of a
    confidence under 0.5, beats for 8 in a row.
"""

from __future__ import annotations

from ..findings import SEVERITIES, Finding, Kind, Severity
from ..timeline import Timeline
from ._beat_checks import beat_findings
from ._beat_grid import BeatGrid
from ._form_checks import form_findings
from ._layer_checks import layer_findings
from ._tempo_checks import tempo_findings

__all__ = ["SEVERITIES", "Finding", "Kind", "Severity", "check"]


def check(timeline: Timeline) -> tuple[Finding, ...]:
    """Return what does not agree in a timeline, or is not plausible.

    Parameters
    ----------
    timeline : Timeline
        Its chosen layers are looked at; what needs a layer that is not there is not checked.

    Returns
    -------
    tuple of Finding
        In order of time, the graver first where they begin together; empty if there is nothing to say.

    Examples
    --------
    >>> from edm_core.timeline import Key, Layer, Recording, Timeline
    >>> song = Recording("sha256:00", duration=60.0, sample_rate=44100, channels=2)
    >>> key = Key(0.0, 60.0, name="A minor", camelot="9B")
    >>> for finding in check(Timeline(song, (Layer("key", "model:a@1", (key,)),))):
    ...     print(finding.severity, finding.kind, finding.message)
    error key_name A minor is 8A on the Camelot wheel, not 9B
    """
    grid = BeatGrid.of(timeline)
    found = [
        *beat_findings(timeline, grid),
        *tempo_findings(timeline, grid),
        *form_findings(timeline, grid),
        *layer_findings(timeline, grid),
    ]
    placed = {grid.placed(finding) for finding in found}  # a layer may hold the same item twice
    return tuple(sorted(placed, key=_order))


def _order(finding: Finding) -> tuple[float, int, str, float, str]:
    end = finding.start if finding.end is None else finding.end
    return (finding.start, -SEVERITIES.index(finding.severity), finding.kind, end, finding.message)
