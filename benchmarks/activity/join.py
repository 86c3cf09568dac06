"""Join trained networks into one file that gives the mean of their scores, its weights kept in 16 bits.

    python -m benchmarks.activity.join ONE.onnx OTHER.onnx … --out edm_core/models/weights/activity.onnx

What ships is two networks of one seed: one trained on 604 mixes before the voices of hedgewars, the plain
tunes and the floor of each band were added, one on 663 mixes with them. The first knew noise and song better
(validation mixes: 0.946 right, the second 0.925, both 0.943), the second drones and talk through MP3; their
mean loses little of either.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, OUTPUT = "things", "scores"
SMALL = 64
"""Tensors of no more numbers keep 32 bits."""


def join(paths: Sequence[Path], out: Path) -> None:
    """Write a network whose scores are the mean of those of networks with the same input."""
    models = [onnx.load(str(path)) for path in paths]
    nodes: list[Any] = []
    tensors: list[Any] = []
    for number, model in enumerate(models):
        _add(model.graph, f"net{number}_", nodes, tensors)
    scores = [f"net{number}_{OUTPUT}" for number in range(len(models))]
    nodes.append(helper.make_node("Mean", scores, [OUTPUT]))
    first = models[0]
    graph = helper.make_graph(nodes, "activity", [first.graph.input[0]], [first.graph.output[0]], tensors)
    joined = helper.make_model(graph, opset_imports=first.opset_import, ir_version=first.ir_version)
    made = {"mean of": [json.loads(_metadata(model)["made"]) for model in models]}
    for key, value in (("constants", {}), ("made", made)):
        entry = joined.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value, sort_keys=True)
    onnx.checker.check_model(joined)
    onnx.save(joined, str(out))


def _add(graph: Any, prefix: str, nodes: list[Any], tensors: list[Any]) -> None:
    """Add a network's nodes and tensors under names of its own."""

    def named(name: str) -> str:
        return name if name in (INPUT, "") else prefix + name

    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > SMALL:
            half = numpy_helper.from_array(values.astype(np.float16), f"{named(tensor.name)}_half")
            tensors.append(half)
            nodes.append(helper.make_node("Cast", [half.name], [named(tensor.name)], to=TensorProto.FLOAT))
        else:
            tensors.append(numpy_helper.from_array(values, named(tensor.name)))
    for node in graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = prefix + node.name
        copy.ClearField("input")
        copy.ClearField("output")
        copy.input.extend(named(name) for name in node.input)
        copy.output.extend(named(name) for name in node.output)
        nodes.append(copy)


def _metadata(model: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def main() -> None:
    """Join the networks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    join(arguments.networks, arguments.out)


if __name__ == "__main__":
    main()
