import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.patterns import Found, Patterns, forms

GROUPS = {"person": ["you", "all of you", "him"]}


def find(pattern, text, hidden=None):
    return Patterns({pattern: 1}, GROUPS).find(text.split(), hidden)


@pytest.mark.parametrize(
    ("word", "all_forms"),
    [
        ("kill", {"kill", "kills", "killed", "killing", "killin'"}),
        ("bury", {"bury", "buries", "buried", "burying", "buryin'"}),
        ("smash", {"smash", "smashes", "smashed", "smashing", "smashin'"}),
        ("rape", {"rape", "rapes", "raped", "raping", "rapin'"}),
        ("hit", {"hit", "hits", "hitted", "hitting", "hittin'"}),
        ("beat", {"beat", "beats", "beated", "beating", "beatin'"}),
    ],
)
def test_forms(word, all_forms):
    assert set(forms(word)) == all_forms


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("kill~ <person>", "he killed all of you", (1, 5)),
        ("kill~ <person>", "he killed time", None),
        ("shoot|stab him", "they stab him", (1, 3)),
        ("go really? home", "go home now", (0, 2)),
        ("go really? home", "go really home", (0, 3)),
        ("cut ... wrists", "cut both of her wrists", (0, 5)),
        ("cut ... wrists", "cut it . her wrists", None),
        ("cut ... wrists", "cut a b c d e f g wrists", None),
        ("skill", "kill", None),
    ],
)
def test_syntax(pattern, text, found):
    matches = find(pattern, text)
    assert [(one.start, one.end) for one in matches] == ([found] if found else [])


def test_the_gravest_and_then_the_longest_match_is_kept():
    both = Patterns({"kill": 2, "kill him now": 2, "him": 5}, {})
    assert both.find(["kill", "him", "now"]) == [Found(0, 1, 2), Found(1, 2, 5)]
    assert Patterns({"kill": 2, "kill him": 2}, {}).find(["kill", "him"]) == [Found(0, 2, 2)]


def test_hidden_tokens_are_part_of_no_match():
    assert find("kill~ <person>", "kill him", [True, False]) == []


@pytest.mark.parametrize(
    "pattern", ["<nobody> dies", "ki~ll", "... end", "a||b", "maybe?", "", "~", "\u2003", "a|\x1c"]
)
def test_what_is_no_pattern(pattern):
    with pytest.raises(ValueError, match=r"cannot be read|not there|does not begin"):
        Patterns({pattern: 1}, GROUPS)


@given(st.lists(st.sampled_from(["kill", "you", "all", "of", ".", "him", "x"]), max_size=30))
def test_matches_lie_in_order_and_apart(tokens):
    found = Patterns({"kill ... <person>": 3, "<person>": 1, "all": 1}, GROUPS).find(tokens)
    assert all(0 <= one.start < one.end <= len(tokens) for one in found)
    assert all(first.end <= second.start for first, second in zip(found, found[1:], strict=False))
