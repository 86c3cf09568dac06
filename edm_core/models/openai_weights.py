"""Whisper for OpenAI's own package: a ``.pt`` file, made from CTranslate2 weights where there is none.

The tensors are the same numbers in both forms; CTranslate2 names them by layer and joins the projections of
attention into one matrix. So the reference engine runs offline on the very weights that the quick one uses.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files import write_atomic
from ..errors import ModelError
from ..settings import Settings
from .recogniser import whisper, whisper_weights
from .verify import models_dir

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_KEPT = r"^(?!decoder/projection).*/(weight|bias|gamma|beta|encodings)$"  # the projection is the embedding
_HEAD = 64  # width of a head of attention, in every Whisper

# (in CTranslate2, in OpenAI's), by suffix of a layer; what has several parts is split along its first axis.
_RENAMED = (
    (r"^(encoder|decoder)/layer_norm/(gamma|beta)$", r"\1.ln_post.\2"),
    (r"^encoder/conv(\d)/", r"encoder.conv\1."),
    (r"^(encoder|decoder)/position_encodings/encodings$", r"\1.positional_embedding"),
    (r"^decoder/embeddings/weight$", "decoder.token_embedding.weight"),
    (r"^(encoder|decoder)/layer_(\d+)/", r"\1.blocks.\2."),
    (r"self_attention/layer_norm/", "attn_ln."),
    (r"self_attention/linear_0/", "attn.query+key+value."),
    (r"self_attention/linear_1/", "attn.out."),
    (r"attention/layer_norm/", "cross_attn_ln."),
    (r"attention/linear_0/", "cross_attn.query."),
    (r"attention/linear_1/", "cross_attn.key+value."),
    (r"attention/linear_2/", "cross_attn.out."),
    (r"ffn/layer_norm/", "mlp_ln."),
    (r"ffn/linear_0/", "mlp.0."),
    (r"ffn/linear_1/", "mlp.2."),
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
    (r"^decoder\.ln_post", "decoder.ln"),
)


def openai_checkpoint(name: str | Path = "base", *, settings: Settings | None = None) -> Path:
    """Return a checkpoint that ``openai-whisper`` loads.

    Parameters
    ----------
    name : str or Path
        A ``.pt`` file, or what :func:`edm_core.models.whisper` takes: those weights are converted, once.
    settings : Settings, optional
        The process's own by default.

    Raises
    ------
    ModelError
        If there is no such model, or its weights cannot be converted (int8 ones have lost too much).
    """
    settings = settings or Settings.from_environment()
    given = Path(name).expanduser()
    if given.suffix == ".pt":
        if given.is_file():
            return given
        raise ModelError("there is no such file", subject=str(given), remedy="give a .pt file of Whisper")
    folder = whisper(name, settings=settings)
    mark = re.sub(r"\W+", "-", whisper_weights(name, settings=settings))[:40]
    target = models_dir(settings) / "openai" / f"{folder.name}-{mark}.pt"
    if not target.is_file():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, _checkpoint(folder))
        except OSError as error:
            raise ModelError(
                f"cannot be written: {error}",
                subject=str(target),
                remedy="make room there or set EDM_DATA_DIR",
            ) from None
    return target


def renamed(name: str) -> str:
    """Return OpenAI's name of a CTranslate2 variable; parts that are joined there stand with ``+``.

    Examples
    --------
    >>> renamed("decoder/layer_3/attention/linear_1/weight")
    'decoder.blocks.3.cross_attn.key+value.weight'
    """
    for pattern, new in _RENAMED:
        name = re.sub(pattern, new, name)
    return name


def tensors_of(raw: bytes) -> dict[str, NDArray[Any]]:
    """Return the variables of a CTranslate2 ``model.bin`` by name.

    The format: version, name and revision of the specification, then each variable with its name, shape, type
    and bytes, then aliases; all little-endian, texts with their length (and a zero) in front.

    Raises
    ------
    ValueError
        If it is no such file.
    """
    at = 0

    def take(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{form}", raw, at)
        at += struct.calcsize(form)
        return int(value)

    def text() -> str:
        nonlocal at
        length = take("H")
        at += length
        return raw[at - length : at].rstrip(b"\0").decode()

    try:
        take("I"), text(), take("I")
        found: dict[str, NDArray[Any]] = {}
        for _ in range(take("I")):
            name = text()
            shape = [take("I") for _ in range(take("B"))]
            kind = np.dtype(_TYPES[take("B")])
            size = take("I")
            found[name] = np.frombuffer(raw, kind, size // kind.itemsize, at).reshape(shape)
            at += size
        aliases = [(text(), text()) for _ in range(take("I"))]
        return found | {alias: found[name] for alias, name in aliases}
    except (struct.error, KeyError, ValueError) as error:
        raise ValueError(f"not a CTranslate2 model: {error}") from None


def state_of(tensors: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return OpenAI's state: the same tensors under its names, joined ones split."""
    state: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        if not re.search(r"/(weight|bias|gamma|beta|encodings)$", name) or name.startswith(
            "decoder/projection"
        ):
            continue
        head, _, parts_and_tail = renamed(name).rpartition("attn.")
        parts, _, tail = parts_and_tail.partition(".")
        if "+" not in parts:
            state[renamed(name)] = tensor
            continue
        names = parts.split("+")
        for part, piece in zip(names, np.split(tensor, len(names)), strict=True):
            if (part, tail) != ("key", "bias"):  # Whisper's keys have no bias: these are zeros
                state[f"{head}attn.{part}.{tail}"] = piece
    return state


def _checkpoint(folder: Path) -> bytes:
    import io

    try:
        import torch
    except ImportError:
        raise ModelError(
            "it needs torch, which is not installed",
            subject="openai-whisper",
            remedy="install it: pip install 'edm-workbench[research]', or use the engine faster-whisper",
        ) from None
    try:
        state = state_of(tensors_of((folder / "model.bin").read_bytes()))
        dims = _dimensions(state)
    except (ValueError, KeyError) as error:
        raise ModelError(f"it cannot be converted: {error}", subject=str(folder)) from None
    if any(tensor.dtype == np.int8 for tensor in state.values()):
        raise ModelError(
            "its weights are int8, which cannot be turned back",
            subject=str(folder),
            remedy="give CTranslate2 weights in float16 or float32, or a .pt file",
        )
    out = io.BytesIO()
    tensors = {name: torch.from_numpy(np.array(tensor)) for name, tensor in state.items()}
    torch.save({"dims": dims, "model_state_dict": tensors}, out)
    return out.getvalue()


def _dimensions(state: dict[str, NDArray[Any]]) -> dict[str, int]:
    width, bands, _ = state["encoder.conv1.weight"].shape
    layers = {
        side: 1 + max(int(name.split(".")[2]) for name in state if name.startswith(f"{side}.blocks."))
        for side in ("encoder", "decoder")
    }
    common = {"n_mels": bands, "n_vocab": len(state["decoder.token_embedding.weight"])}
    audio = (len(state["encoder.positional_embedding"]), width, width // _HEAD, layers["encoder"])
    text = (len(state["decoder.positional_embedding"]), width, width // _HEAD, layers["decoder"])
    names = ("ctx", "state", "head", "layer")
    return (
        common
        | {f"n_audio_{name}": value for name, value in zip(names, audio, strict=True)}
        | {f"n_text_{name}": value for name, value in zip(names, text, strict=True)}
    )
