"""Every parser bears what is sent to it; and the fuzzers see what they are to see."""

from __future__ import annotations

import logging
import time

import pytest

from edm_core.errors import EdmError
from tests.fuzz import TARGETS, Target, run
from tests.fuzz.mutations import LARGEST, mutated
from tests.fuzz.running import Random, input_of

INPUTS = 1_000


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_ends_in_a_result_or_in_an_error_of_ours(name):
    logging.disable(logging.CRITICAL)
    try:
        outcome = run(name, INPUTS, seed=7)
    finally:
        logging.disable(logging.NOTSET)
    told = "\n".join(f"{each.index}: {each.what}: {each.data[:200]!r}" for each in outcome.failures)
    assert outcome.held, f"python -m tests.fuzz --only {name} --inputs {INPUTS} --seed 7\n{told}"
    assert outcome.inputs == INPUTS


def test_the_same_seed_gives_the_same_inputs():
    target = Target("a", lambda: [b'{"a": [1, 2, {"b": "x"}]}', b"a,b\n1,2\n"], len)
    inputs = [[input_of(target, target.seeds(), seed, index) for index in range(300)] for seed in (1, 1, 2)]
    assert inputs[0] == inputs[1]
    assert inputs[0] != inputs[2]
    assert len(set(inputs[0])) > 200
    assert max(map(len, inputs[0])) <= 4 * LARGEST


def test_mutations_reach_what_is_nasty():
    seeds = [b'{"start": 1.5, "label": "drop"}\n{"start": 2}']
    inputs = [mutated(seeds, Random(index)) for index in range(3000)]
    for piece in (b"NaN", b"[" * 300, b"\xff\xfe", b"9" * 1000, b"\\ud800"):
        assert any(piece in each for each in inputs), piece
    assert any(each in seeds[0] and each != seeds[0] for each in inputs)


def _raises(data):
    if b"7" in data:
        raise KeyError("seven")


def _hangs(data):
    while b"7" in data:
        pass


def _sleeps(data):
    if b"7" in data:
        time.sleep(0.05)


def _hoards(data):
    if b"7" in data:
        bytearray(3 << 30)


def _rambles(data):
    if b"7" in data:
        raise EdmError("x" * 100_000) if len(str(EdmError("x" * 100_000))) > 5_000 else EdmError("")


@pytest.mark.parametrize(
    ("parse", "words"),
    [
        (_raises, "KeyError"),
        (_hangs, "not done"),
        (_sleeps, "by the clock"),
        (_hoards, "MemoryError"),
        (_rambles, "told"),
    ],
)
def test_what_goes_wrong_is_seen(parse, words):
    target = Target("a", lambda: [b"1"], parse, tokens=(b"7",) * 50, seconds=0.1, wall=0.04)
    outcome = run(target, 60)
    assert not outcome.held
    assert words in outcome.failures[0].what
    assert outcome.failures[0].data == input_of(target, [b"1"], 0, outcome.failures[0].index)
    assert len(outcome.failures) == 1  # one of a kind


def test_a_seed_that_fails_is_an_error_of_the_fuzzer():
    with pytest.raises(AssertionError, match="seed 0"):
        run(Target("a", lambda: [b"7"], _raises), 1)
