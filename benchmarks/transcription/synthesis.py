"""Speech whose words have known times, by flite and espeak-ng, from their libraries.

flite says of each segment when it ends and to which word it belongs. espeak-ng sends an event at every word
and at every pause; a word ends where the next one or a pause begins. Times are of the samples returned.
espeak-ng carries a state from one text to the next, so that its samples depend on what it said before.
Both are Debian packages (`libflite1`, `libespeak-ng1`), loaded by ctypes; nothing is installed.
"""

from __future__ import annotations

import ctypes as c
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .words import Timed

RATE = 16_000

VOICES = (
    "flite-slt", "espeak-en-us", "flite-rms", "espeak-en", "flite-awb", "espeak-en-us+f3",
)  # fmt: skip
"""What speaks: Americans, a Briton and a Scot, by statistics (flite) and by formants (espeak-ng)."""


class SynthesisMissing(RuntimeError):
    """A synthesiser is not installed; the message is fit for a table."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples, shape (n,), float32 at 16 kHz, and the words in them."""

    samples: NDArray[np.float32]
    words: tuple[Timed, ...]


def speak(voice: str, text: str) -> Spoken:
    """Say a text.

    Parameters
    ----------
    voice : str
        One of :data:`VOICES`.
    text : str
        Words separated by blanks; the words returned are these, as written.

    Raises
    ------
    SynthesisMissing
        If the library is not there.

    Examples
    --------
    >>> [word.text for word in speak("flite-slt", "Good morning.").words]
    ['Good', 'morning.']
    """
    engine, _, name = voice.partition("-")
    return _flite(name, text) if engine == "flite" else _espeak(name, text)


def _flite(name: str, text: str) -> Spoken:
    flite, voice = _flite_voice(name)
    c.CDLL(None).srand(1)  # the noise in the statistical voices
    utterance = flite.flite_synth_text(text.encode("ascii"), voice)
    words: list[Timed] = []
    last, begun = None, 0.0
    segment = flite.relation_head(flite.utt_relation(utterance, b"Segment"))
    while segment:
        end = float(flite.item_feat_float(segment, b"end"))
        syllable = flite.item_parent(flite.item_as(segment, b"SylStructure") or None)
        word = flite.item_parent(syllable) if syllable else None
        if word and word == last:
            words[-1] = Timed(words[-1].text, words[-1].start, end)
        elif word:
            words.append(Timed(flite.item_feat_string(word, b"name").decode(), begun, end))
        last, begun = word, end
        segment = flite.item_next(segment)
    wave = flite.utt_wave(utterance).contents
    samples = np.ctypeslib.as_array(wave.samples, (wave.count,)).astype(np.float32) / np.float32(32768)
    # Statistical voices make frames of 5 ms: the sound is up to a frame per phrase shorter than its segments.
    rate, scale = wave.rate, (wave.count / wave.rate) / begun
    flite.delete_utterance(utterance)
    timed = [Timed(w.text, (w.start or 0) * scale, (w.end or 0) * scale) for w in words]
    return Spoken(_at_rate(samples, rate), _as_written(text, timed))


def _as_written(text: str, spoken: list[Timed]) -> tuple[Timed, ...]:
    """Give the written words the times of the spoken ones: "well-known" is two, "o'clock" one."""
    words: list[Timed] = []
    at = 0
    for written in text.split():
        letters = "".join(sign for sign in written.lower() if sign.isalnum())
        first, found = at, ""
        while at < len(spoken) and len(found) < len(letters):
            found += "".join(sign for sign in spoken[at].text.lower() if sign.isalnum())
            at += 1
        if found != letters:
            raise ValueError(f"{written!r} is spoken as {found!r}: write the text as it is said")
        words.append(Timed(written, spoken[first].start, spoken[at - 1].end))
    return tuple(words)


class _Wave(c.Structure):
    _fields_ = (
        ("type", c.c_char_p), ("rate", c.c_int), ("count", c.c_int), ("channels", c.c_int),
        ("samples", c.POINTER(c.c_short)),
    )  # fmt: skip


@lru_cache
def _flite_voice(name: str) -> tuple[Any, int]:
    try:
        flite = c.CDLL("libflite.so.1", mode=c.RTLD_GLOBAL)
        for library in ("cmulex", "usenglish"):
            c.CDLL(f"libflite_{library}.so.1", mode=c.RTLD_GLOBAL)
        voice = c.CDLL(f"libflite_cmu_us_{name}.so.1")
    except OSError:
        raise SynthesisMissing("flite is not installed (Debian: `flite`)") from None
    pointer = c.c_void_p
    for function, result, arguments in (
        ("flite_synth_text", pointer, (c.c_char_p, pointer)),
        ("utt_relation", pointer, (pointer, c.c_char_p)),
        ("relation_head", pointer, (pointer,)),
        ("item_next", pointer, (pointer,)),
        ("item_parent", pointer, (pointer,)),
        ("item_as", pointer, (pointer, c.c_char_p)),
        ("item_feat_string", c.c_char_p, (pointer, c.c_char_p)),
        ("item_feat_float", c.c_float, (pointer, c.c_char_p)),
        ("utt_wave", c.POINTER(_Wave), (pointer,)),
        ("delete_utterance", None, (pointer,)),
    ):
        getattr(flite, function).restype = result
        getattr(flite, function).argtypes = arguments
    flite.flite_init()
    register = getattr(voice, f"register_cmu_us_{name}")
    register.restype, register.argtypes = pointer, (c.c_char_p,)
    return flite, register(None)


_KEPT: list[Any] = []
_LIST_END, _WORD, _PHONEME = 0, 1, 7


class _Identity(c.Union):
    _fields_ = (("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8))


class _Event(c.Structure):
    _fields_ = (
        ("type", c.c_int), ("unique", c.c_uint), ("position", c.c_int), ("length", c.c_int),
        ("milliseconds", c.c_int), ("sample", c.c_int), ("user", c.c_void_p), ("id", _Identity),
    )  # fmt: skip


def _espeak(name: str, text: str) -> Spoken:
    espeak, rate, heard = _espeak_library()
    for found in heard:
        found.clear()
    if espeak.espeak_SetVoiceByName(name.encode()):
        raise SynthesisMissing(f"espeak-ng has no voice {name}")
    data = text.encode("ascii")
    espeak.espeak_Synth(data, c.c_size_t(len(data) + 1), 0, 1, 0, 1, None, None)
    blocks, events = heard
    samples = np.concatenate(blocks).astype(np.float32) / np.float32(32768)
    total = len(samples) / rate
    begins: dict[int, float] = {}
    pauses: list[float] = []
    places = _places(text)
    for kind, position, sample, phoneme in events:
        if kind == _WORD and 1 <= position <= len(text):
            begins.setdefault(places[position - 1], sample / rate)
        elif kind == _PHONEME and phoneme.startswith(b"_"):
            pauses.append(sample / rate)
    edges = sorted([*begins.values(), *pauses, total])
    words: list[Timed] = []
    begun = 0.0
    for index, word in enumerate(text.split()):
        # "in the" is said as one and marked once: where the second word begins is not known.
        start = begins.get(index)
        begun = begun if start is None else start
        alone = index + 1 in begins or index + 1 == len(text.split())
        words.append(Timed(word, start, next(edge for edge in edges if edge > begun) if alone else None))
    return Spoken(_at_rate(samples, rate), tuple(words))


def _places(text: str) -> list[int]:
    """Return for each sign of a text which word it is in or before."""
    places: list[int] = []
    index = 0
    for before, sign in zip(" " + text, text, strict=False):
        index += before == " " and sign != " " and bool(places)
        places.append(index)
    return places


@lru_cache
def _espeak_library() -> tuple[Any, int, tuple[list[Any], list[Any]]]:
    try:
        espeak = c.CDLL("libespeak-ng.so.1")
    except OSError:
        raise SynthesisMissing("espeak-ng is not installed (Debian: `espeak-ng`)") from None
    synchronous, phoneme_events = 2, 1
    rate = espeak.espeak_Initialize(synchronous, 0, None, phoneme_events)
    blocks: list[Any] = []
    events: list[Any] = []

    def take(samples: Any, count: int, event: Any) -> int:
        if samples and count > 0:
            blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while event[index].type != _LIST_END:
            one = event[index]
            events.append((one.type, one.position, one.sample, bytes(one.id.string)))
            index += 1
        return 0

    callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))(take)
    espeak.espeak_SetSynthCallback(callback)
    _KEPT.append(callback)  # the library keeps only its address
    return espeak, rate, (blocks, events)


def _at_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    converted: NDArray[np.float32] = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    return converted
