"""ONNX sessions that give the same numbers on every run: one thread, no hidden state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ModelError


def session(path: Path) -> Any:
    """Return an onnxruntime session on the processor with one thread.

    Raises
    ------
    ModelError
        If onnxruntime cannot read the file.
    """
    import onnxruntime  # type: ignore[import-untyped,unused-ignore]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps its largest size for good
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own kinds, all derived from Exception
        raise ModelError(
            f"onnxruntime cannot load it: {error}", subject=str(path), remedy="install the package again"
        ) from error
