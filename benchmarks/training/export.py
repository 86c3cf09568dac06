"""Networks as ONNX files, with what was fitted to them and what they were made of in the metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

WEIGHTS = Path(__file__).resolve().parents[2] / "edm_core" / "models" / "weights"


def write(net: nn.Module, path: Path, constants: dict[str, Any], made: dict[str, Any]) -> None:
    """Write a network that maps (1, things, features) to (1, things, scores).

    Parameters
    ----------
    net : nn.Module
    path : Path
    constants : dict
        What the analysis needs besides the weights; see :class:`edm_core.models.Judge`.
    made : dict
        Seed and data, for whoever asks where the weights come from.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    features = next(net.parameters()).shape[1]
    torch.onnx.export(
        net.eval(),
        (torch.zeros(1, 32, features),),
        str(path),
        dynamo=False,
        input_names=["things"],
        output_names=["scores"],
        dynamic_axes={"things": {1: "count"}, "scores": {1: "count"}},
    )
    model = onnx.load(str(path))
    for key, value in (("constants", constants), ("made", made)):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value, sort_keys=True)
    onnx.save(model, str(path))


def describe(folders: Sequence[Path]) -> str:
    """Return what folders of renderings hold, in words."""
    parts = []
    for folder in folders:
        names = sorted(path.stem for path in folder.glob("*.npz"))
        parts.append(f"{len(names)} synthetic renderings, {names[0]} to {names[-1]}")
    return "; ".join(parts)
