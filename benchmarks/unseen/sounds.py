"""Which of LMMS's presets and samples play which part.

Chosen by measuring a held C of each preset: attack, what is left after half a second, and the octave it
really sounds in. A sound is (preset, octaves to add); paths are below LMMS's ``presets`` and
``samples`` folders.
"""

from __future__ import annotations

Sound = tuple[str, int]

ZYN = "ZynAddSubFX/"
OSC = "TripleOscillator/"

BASS: dict[str, tuple[Sound, ...]] = {
    "round": (
        (ZYN + "Bass/0003-Bass 3 _analog_.xiz", 0),
        (ZYN + "Bass/0035-FM Bass 1.xiz", 0),
        (ZYN + "the_mysterious_bank_4/0022-synth_bass_2.xiz", 0),
        (ZYN + "the_mysterious_bank_4/0025-synth_bass_3.xiz", 0),
        (OSC + "PluckBass.xpf", 1),
        (OSC + "PMbass.xpf", 1),
    ),
    "saw": (
        (ZYN + "net-wisdom/0030-Analog Bass.xiz", 1),
        (ZYN + "the_mysterious_bank/0010-synth_bass.xiz", 0),
        (ZYN + "the_mysterious_bank/0011-synth_bass_fat.xiz", 0),
        (ZYN + "olivers-100/0058-Basic Thick Bass.xiz", 1),
        (OSC + "ResoBass.xpf", 1),
        (ZYN + "net-wisdom/0032-Chip Bass 4.xiz", 1),
    ),
    "dirty": (
        (OSC + "DirtyReece.xpf", 1),
        (OSC + "HugeGrittyBass.xpf", 1),
        (OSC + "TB303.xpf", 1),
        (OSC + "RaveBass.xpf", 0),
        ("LB302/AngryLead.xpf", 0),
        (ZYN + "olivers-100/0061-Formant Bass.xiz", 1),
        (ZYN + "the_mysterious_bank_4/0023-hard_bass.xiz", 0),
    ),
}
SUB: tuple[Sound, ...] = (("Organic/puresine.xpf", 0),)
LEAD: dict[str, tuple[Sound, ...]] = {
    "saw": (
        (OSC + "SuperSawLead.xpf", 0),
        (ZYN + "Misc/0065-SuperSaw 1.xiz", 1),
        (ZYN + "Misc/0069-SuperSaw 5.xiz", 1),
        (ZYN + "the_mysterious_bank/0013-supersaw.xiz", 0),
        (ZYN + "the_mysterious_bank_3/0010-supersaw.xiz", 0),
        (ZYN + "net-wisdom/0102-progressive-lead-1.xiz", 0),
        (ZYN + "Laba170bank/0007-MorphingSuperSaw.xiz", 1),
        (ZYN + "Collection/0037-Stereo Sweep Saw.xiz", 1),
    ),
    "tight": (
        (OSC + "MoveYourBody.xpf", 0),
        (OSC + "WarmStack.xpf", 0),
        (ZYN + "Laba170bank/0005-BrightLead.xiz", 1),
        (ZYN + "net-wisdom/0103-square-lead.xiz", 1),
        (ZYN + "Collection/0034-Hard Saw.xiz", 1),
        ("LB302/AcidLead.xpf", -1),
    ),
}
PLUCK: tuple[Sound, ...] = (
    (ZYN + "net-wisdom/0084-progressive-house-pluck.xiz", 1),
    (ZYN + "net-wisdom/0099-Plucked Synth.xiz", 0),
    (ZYN + "Cris Owl Alvarez/0081-EDM keys hit ensemble 3.xiz", 0),
    (ZYN + "Cris Owl Alvarez/0086-EDM pluck keys 5.xiz", 1),
    (ZYN + "Misc/0002-Bells 1.xiz", 0),
    (OSC + "SquarePing.xpf", 0),
    (OSC + "AnalogBell.xpf", 1),
    ("BitInvader/pluck.xpf", -1),
)
CHORDS: dict[str, tuple[Sound, ...]] = {
    "keys": (
        (ZYN + "Rhodes/0001-DX Rhodes 1.xiz", 0),
        (ZYN + "Rhodes/0042-Hard Rhodes1.xiz", 0),
        (ZYN + "the_mysterious_bank_4/0033-80s_rhodes.xiz", 1),
        (ZYN + "SynthPiano/0002-Soft Piano 2.xiz", 0),
        (ZYN + "SynthPiano/0034-Analog Piano 2.xiz", 0),
        (ZYN + "Organ/0001-Organ 1.xiz", 0),
        (ZYN + "Organ/0003-Organ 3.xiz", 1),
    ),
    "stab": (
        (ZYN + "Cris Owl Alvarez/0080-EDM keys hit ensemble 2.xiz", 1),
        (ZYN + "SynthPiano/0043-Saw Piano 1.xiz", 0),
        (ZYN + "Misc/0068-SuperSaw 4.xiz", 1),
        (ZYN + "the_mysterious_bank/0014-supersaw_wihout_release.xiz", 0),
        (OSC + "WarmStack.xpf", 0),
    ),
}
PAD: tuple[Sound, ...] = (
    (ZYN + "Strings/0002-Saw Strings 2.xiz", 1),
    (ZYN + "Strings/0004-Saw Strings 4.xiz", 1),
    (ZYN + "the_mysterious_bank/0002-analog_strings.xiz", 1),
    (ZYN + "the_mysterious_bank/0005-mega_string.xiz", 1),
    (ZYN + "Pads/0035-Synth Pad 3.xiz", 1),
    (ZYN + "Pads/0003-Analog Pad 1.xiz", 0),
    (ZYN + "net-wisdom/0045-Galactic Pad.xiz", 1),
    (ZYN + "net-wisdom/0047-Soft Pad.xiz", 1),
    (ZYN + "olivers-100/0079-Subtle Supersaw Strings.xiz", 1),
    (ZYN + "olivers-100/0069-Mellow Echo Pad.xiz", 1),
)
VOX: tuple[Sound, ...] = (
    (ZYN + "Choir and Voice/0003-EHH Choir 1.xiz", 0),
    (ZYN + "Choir and Voice/0004-Voice OOH.xiz", 0),
    (ZYN + "Choir and Voice/0007-Choir Pad3.xiz", 1),
    (ZYN + "Choir and Voice/0009-Choir Pad5.xiz", 0),
    (ZYN + "Choir and Voice/0036-Eooooo.xiz", 0),
    (ZYN + "Choir and Voice/0069-Vocal Morph 5.xiz", 0),
    (ZYN + "Collection/0122-Another Choir.xiz", 1),
)
DRONE: tuple[Sound, ...] = (
    (ZYN + "olivers-100/0068-Vintage Sweep Pad.xiz", 0),
    (ZYN + "Companion/0118-Ooo.xiz", -1),
    (ZYN + "Pads/0001-Sine Pad.xiz", 0),
    ("Organic/pad_sweep.xpf", -1),
    ("BitInvader/soft_pad.xpf", -1),
)

# Recorded breaks of one bar, with the bar's length in seconds as played; they go over the struck drums.
BREAKS: dict[str, tuple[tuple[str, float], ...]] = {
    "dnb": (("beats/break01.ogg", 1.4392), ("beats/break03.ogg", 1.4401)),
    "breaks": (("beats/break02.ogg", 1.7197),),
    "garage": (("beats/house_loop01.ogg", 1.6901),),
    "house": (("beats/house_loop01.ogg", 1.6901),),
}

# Drums: samples, DrumSynth sounds (.ds) and two presets; one of each is drawn for a piece.
DRUMS: dict[str, dict[str, tuple[str, ...]]] = {
    "club": {
        "kick": (
            "drums/kick01.ogg",
            "drums/kick_hard01.ogg",
            "drums/bassdrum01.ogg",
            "drums/bassdrum02.ogg",
            "drumsynth/tr909/TR909_Kick.ds",
            "drumsynth/tr808/Kickhard.ds",
            "Kicker/KickPower.xpf",
        ),
        "snare": (
            "drums/clap01.ogg",
            "drums/clap02.ogg",
            "drums/clap04.ogg",
            "drumsynth/tr909/TR909_Clap.ds",
        ),
        "hat": ("drums/hihat_closed01.ogg", "drums/hihat_closed03.ogg", "drums/hihat_closed05.ogg"),
    },
    "break": {
        "kick": (
            "drums/kick03.ogg",
            "drums/kick_hiphop01.ogg",
            "drums/bassdrum04.ogg",
            "drums/bassdrum02.ogg",
        ),
        "snare": (
            "drums/snare01.ogg",
            "drums/snare_hiphop01.ogg",
            "drums/snare_acoustic01.ogg",
            "drums/snare05.ogg",
        ),
        "hat": ("drums/hihat_closed02.ogg", "drums/hihat_closed04.ogg", "drums/hihat_closed01.ogg"),
    },
    "retro": {
        "kick": ("drums/kick02.ogg", "drumsynth/linn/linn_kik.ds", "drums/bassdrum03.ogg"),
        "snare": ("drumsynth/linn/linn_snr.ds", "drums/snare_electro01.ogg", "drums/snare03.ogg"),
        "hat": ("drums/hihat_closed05.ogg", "drumsynth/cr8000/Hat_c.ds", "drums/hihat_closed03.ogg"),
    },
}
SHARED_DRUMS: dict[str, tuple[str, ...]] = {
    "openhat": ("drums/hihat_opened01.ogg", "drums/hihat_opened02.ogg", "drums/hihat_opened03.ogg"),
    "ride": ("drums/ride01.ogg", "drums/ride02.ogg"),
    "perc": (
        "drums/rim01.ogg",
        "drums/clav02.ogg",
        "drums/wood01.ogg",
        "drums/tom_hi01.ogg",
        "drumsynth/cr78/Conga.ds",
        "drumsynth/cr8000/Cowbell.ds",
    ),
    "shaker": ("drums/shaker01.ogg", "drums/shaker02.ogg", "drums/shaker03.ogg"),
    "roll": ("drums/snare02.ogg", "drums/snare04.ogg", "drums/snare07.ogg", "drums/snare_short01.ogg"),
    "tom": ("drums/tom01.ogg", "drums/tom03.ogg", "drums/tom_low01.ogg"),
    "crash": ("drums/crash02.ogg", "drumsynth/cr78/Cymbal.ds"),
    "impact": ("drums/kick_long01.ogg", "effects/explode01.ogg"),
}
