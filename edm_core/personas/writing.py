"""Persona files as text: written in a stable order, or changed in one place and nowhere else. Pure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from .._codec import encode
from ..errors import SettingsError
from .persona import SCORES, Persona, Tastes, parse_persona

HEAD = """\
# A simulated listener: what such a person might say, not what people do say.
# Weights run from 0 to 1, the rubric's points from 0 to 4; `anchors` are what they say at each score.
"""
_BLOCKS = ("who", "prompt")
_FLOWS = ("topics", "tones", "sections", "energy", "tempo", "rubric")


def to_yaml(persona: Persona) -> str:
    """Return a persona as the text of its file: the same persona, the same text.

    Examples
    --------
    >>> from edm_core.personas import load_personas, parse_persona
    >>> persona = load_personas()["genz"]
    >>> parse_persona(to_yaml(persona).encode(), Path("genz.yaml")) == persona
    True
    """
    import yaml

    values: dict[str, Any] = {
        "id": persona.id,
        "name": persona.name,
        "emoji": persona.emoji,
        "description": persona.description,
        "age": persona.age,
        **({"who": persona.who} if persona.who != persona.description else {}),
        "listens_to": persona.listens_to,
        **({"weight": _plain(persona.weight)} if persona.weight != 1.0 else {}),
        **({"retired": True} if persona.retired else {}),
        "likes": _tastes(persona.likes),
        "dislikes": _tastes(persona.dislikes),
        "rubric": {name: _plain(value) for name, value in encode(persona.rubric).items()},
        "tolerates": persona.tolerates,
        "anchors": dict(zip(SCORES, persona.anchors, strict=True)),
        **({"prompt": persona.prompt} if persona.prompt else {}),
    }
    return HEAD + str(yaml.dump(values, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110))


def with_values(text: str, changes: dict[str, str | bool], path: Path) -> str:
    """Return a persona file's text with values at its top level changed; comments and spelling stay.

    Parameters
    ----------
    text : str
        A valid persona file.
    changes : dict of str to str or bool
        What ``id``, ``name`` or ``retired`` shall be.
    path : Path
        What errors call it.

    Raises
    ------
    SettingsError
        If the text, or what becomes of it, is not a persona.
    """
    from yaml import YAMLError

    wanted = replace(parse_persona(text.encode(), path), version="", **changes)  # type: ignore[arg-type]
    changed = text
    try:
        for key, value in changes.items():
            changed = _spliced(changed, key, value)
        found = parse_persona(changed.encode(), path)
    except (SettingsError, YAMLError):
        found = None
    if found is None or replace(found, version="") != wanted:  # spelt so oddly that it is better written anew
        return to_yaml(wanted)
    return changed


def blank(id: str, name: str) -> str:
    """Return the text of a new persona, with placeholders for all that has to be said of them."""
    import json

    return BLANK.format(id=id, name=json.dumps(name.strip(), ensure_ascii=False))


BLANK = (
    HEAD
    + """\
id: {id}
name: {name}
emoji: "🙂"
description: Say in a sentence who this is.
age: "18–80"
listens_to: speech
likes:
  topics: {{}}
  tones: {{}}
  statements:
    - Write a few sentences that this listener would enjoy hearing.
dislikes:
  topics: {{}}
  tones: {{}}
  statements:
    - Write a few sentences that would make this listener switch over.
rubric: {{topic: 0.8, tone: 0.8, statements: 0.9, safety: 0.8, repetition: 0.4}}
tolerates: 4
anchors:
  1: "I cannot stand this."
  2: "This is not for me."
  3: "It is all right."
  4: "I like this."
  5: "I love this."
"""
)


# --- private ---------------------------------------------------------------------------------------


def _spliced(text: str, key: str, value: str | bool) -> str:
    """Replace the value of a key at the top level, or add the key at the end."""
    import yaml

    scalar = yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    tree: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, node in tree.value:
        if name.value == key:
            first, last = node.start_mark.index, node.end_mark.index
            rest = text[last:] if text[last - 1] != "\n" else "\n" + text[last:]  # a block ends its line
            return text[:first] + scalar + rest
    return f"{text.rstrip()}\n{key}: {scalar}\n"


def _tastes(tastes: Tastes) -> dict[str, Any]:
    labels = {
        kind: {label: _plain(weight) for label, weight in getattr(tastes, kind).items()}
        for kind in ("topics", "tones", "sections", "energy")
    }
    values: dict[str, Any] = {kind: weights for kind, weights in labels.items() if weights}
    if tastes.tempo:
        values["tempo"] = {
            f"{_plain(one.low)}-{_plain(one.high)}": _plain(one.weight) for one in tastes.tempo
        }
    return {**values, "statements": list(tastes.statements)}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Long texts as blocks, weights on one line."""

        def represent_str(self, text: str) -> Any:
            # Outside quotes, YAML takes these for ends of lines, and its writer does not mind that.
            style = '"' if set(text) & {"\x85", "\u2028", "\u2029"} else None
            return self.represent_scalar("tag:yaml.org,2002:str", text, style)

        def represent_mapping(self, tag: str, mapping: Any, flow_style: Any = None) -> Any:
            node = super().represent_mapping(tag, mapping, flow_style)
            for key, value in node.value:
                if key.value in _FLOWS and value.id == "mapping":
                    value.flow_style = True
                if value.id == "scalar" and key.value in _BLOCKS and value.style is None:
                    value.style = "|"
            return node

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            """Indent lists below their key."""
            super().increase_indent(flow, indentless=False)

    Dumper.add_representer(str, Dumper.represent_str)
    return Dumper
