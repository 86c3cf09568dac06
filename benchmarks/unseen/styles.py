"""Ten styles of dance music: tempo, drum grids, bass rhythms, parts, and the kinds of sound they have.

Grids are strings over sixteenth notes, one or two bars long: a digit is a stroke of that loudness (9 is
full), a dot is none.
"""

from __future__ import annotations

from dataclasses import dataclass

FOUR = ("9...9...9...9...",)
BACKBEAT = ("....9.......9...",)
OFFBEAT = ("..8...8...8...8.",)


@dataclass(frozen=True)
class Style:
    """What a style fixes; everything else is drawn for each piece.

    Attributes
    ----------
    tempo : (int, int)
        Range of beats per minute.
    kick, snare, hat, openhat, perc : tuple of str
        Grids to draw from.
    bass : tuple of str
        Rhythms of the bass line; digits are steps of the line (see ``notes.bass_line``).
    parts : tuple of str
        Melodic parts it may have beside bass.
    swing : float
        How late every second sixteenth comes, as a share of one.
    pump : (float, float)
        Depth of the sidechain, as the share of level it takes away.
    half_tempo : bool
        Half the tempo is right too.
    sub : bool
        A sine doubles the bass.
    drop_kinds : tuple of str
        Ways of its drops, to draw from.
    steady_drums : bool
        Drums rarely leave, as in techno.
    """

    name: str
    tempo: tuple[int, int]
    kit: str
    bass_kind: tuple[str, ...]
    bass: tuple[str, ...]
    lead_kind: str
    chord_kind: str
    parts: tuple[str, ...]
    kick: tuple[str, ...] = FOUR
    snare: tuple[str, ...] = BACKBEAT
    hat: tuple[str, ...] = ("8.6.8.6.8.6.8.6.", "7464746474647464", "8...8...8...8...")
    openhat: tuple[str, ...] = OFFBEAT
    perc: tuple[str, ...] = ("...6..6....6..6.", "......7..7....7.", "..5..5...7..5...")
    swing: float = 0.0
    pump: tuple[float, float] = (0.4, 0.75)
    half_tempo: bool = False
    sub: bool = False
    drop_kinds: tuple[str, ...] = ("full", "full", "minimal")
    steady_drums: bool = False


STYLES: tuple[Style, ...] = (
    Style(
        "house", (120, 128), "club", ("round", "saw"),
        ("..1...1...1...1.", "1..1..1...1..1..", "..1..21...1..2.3"), "tight", "keys",
        ("chords", "arp", "lead", "vox", "pad"), swing=0.12,
    ),
    Style(
        "techno", (126, 138), "club", ("saw", "dirty"),
        (".111.111.111.111", "..1...1...1...1.", "1.11..1.1.11.21."), "tight", "stab",
        ("chords", "arp", "pad", "drone"), perc=("..6..6....6.6...", "6..6..6..6..6..6"),
        drop_kinds=("minimal", "minimal", "full"), steady_drums=True,
    ),
    Style(
        "trance", (132, 142), "club", ("saw", "round"),
        (".111.111.111.111", "..11..11..11..11", "..1...1...1...1."), "saw", "stab",
        ("chords", "arp", "lead", "pad", "vox"), hat=("7464746474647464", "8.6.8.6.8.6.8.6."),
        pump=(0.6, 0.85),
    ),
    Style(
        "progressive", (122, 130), "club", ("saw", "round"),
        ("1..1..1.1..1..1.", "..1...1...1...1.", "1.1.1.1.1.1.1.1."), "saw", "keys",
        ("chords", "arp", "lead", "pad", "vox"), pump=(0.6, 0.85),
    ),
    Style(
        "electro", (126, 130), "club", ("dirty", "dirty", "saw"),
        ("1.1..1.11.1..213", "1..1..1..1..3.2.", "1.1.1.1131.1.121"), "tight", "stab",
        ("chords", "arp", "lead", "vox", "pad"), pump=(0.5, 0.8),
    ),
    Style(
        "dubstep", (138, 144), "break", ("dirty",),
        ("1.....1.1.....3.1..1..1.2.2.3...", "1...1.1...2...3.1.1.....1...2.2.", "1.......1..1..1."),
        "saw", "stab",
        ("chords", "arp", "lead", "pad", "vox"),
        kick=("9.........6.....", "9..6......9.....", "9.....7...6....."), snare=("........9.......",),
        hat=("7.5.7.5.7.5.7.5.", "7...6...7...6.66"), openhat=("......7.........",),
        half_tempo=True, sub=True,
    ),
    Style(
        "dnb", (170, 176), "break", ("dirty", "saw"),
        ("1.....1...1.....1..1..1.....2...", "1...............2.......3.......", "1.1...1..1....2."),
        "saw", "keys",
        ("chords", "arp", "lead", "pad", "vox"),
        kick=("9.........9.....", "9.........8....."), snare=("....9.......9...", "....9..3.3..9..3"),
        hat=("8.5.8.5.8.5.8.5.", "7464746474647464"), openhat=("..6...6...6...6.",),
        perc=("...4..4....4..4.", ".......4.4.....4"), half_tempo=True, sub=True, pump=(0.15, 0.45),
    ),
    Style(
        "breaks", (128, 136), "break", ("saw", "round", "dirty"),
        ("1..1..1...2.1...", "1.....1.1..1..3.", "..1.1...1..2..1."), "tight", "stab",
        ("chords", "arp", "lead", "pad", "vox"),
        kick=("9.....5...9.....", "9..7......9..6..", "9.....9....7...."),
        snare=("....9..3.3..9...", "....9.......9..4"),
        hat=("8.6.8.6.8.6.8.6.", "7464746474647464"), pump=(0.15, 0.45),
    ),
    Style(
        "garage", (130, 135), "break", ("round", "saw"),
        ("1..1....1..1..2.", "..1..1....1..3..", "1.....11...1..2."), "tight", "keys",
        ("chords", "arp", "vox", "pad"),
        kick=("9.....7...9.....", "9.........7..6..", "9..6......9....."),
        hat=("..7..47...7..47.", "8.5.8.5.8.5.8.5."),
        openhat=("..7.......7.....",), swing=0.3, sub=True, pump=(0.15, 0.5),
    ),
    Style(
        "synthwave", (100, 118), "retro", ("saw", "round"),
        ("1.1.1.1.1.1.1.1.", "1111111111111111", "1.112.1.1.112.3."), "saw", "keys",
        ("chords", "arp", "lead", "pad"),
        kick=("9...9...9...9...", "9.......9.9.....", "9.......9......."),
        hat=("8.6.8.6.8.6.8.6.", "8...8...8...8..."),
        openhat=("......6.......6.", "..6...6...6...6."), pump=(0.1, 0.4),
    ),
)  # fmt: skip
BY_NAME = {style.name: style for style in STYLES}
