import struct

import numpy as np
import pytest

from edm_core.errors import ModelError
from edm_core.models.openai_weights import openai_checkpoint, renamed, state_of, tensors_of
from edm_core.settings import Settings


def text(value):
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def packed(tensors, aliases=()):
    out = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<I", 3) + struct.pack("<I", len(tensors))
    for name, tensor in tensors.items():
        out += text(name) + struct.pack("<B", tensor.ndim) + struct.pack(f"<{tensor.ndim}I", *tensor.shape)
        out += (
            struct.pack("<BI", {"float32": 0, "float16": 4}[tensor.dtype.name], tensor.nbytes)
            + tensor.tobytes()
        )
    out += struct.pack("<I", len(aliases))
    return out + b"".join(text(alias) + text(name) for alias, name in aliases)


def test_variables_are_read_with_their_shapes_and_aliases():
    tensors = {"a/weight": np.arange(6, dtype=np.float16).reshape(2, 3), "b/bias": np.ones(4, np.float32)}
    found = tensors_of(packed(tensors, [("c/bias", "b/bias")]))
    assert set(found) == {"a/weight", "b/bias", "c/bias"}
    assert (found["a/weight"] == tensors["a/weight"]).all() and (found["c/bias"] == 1).all()


@pytest.mark.parametrize(
    "raw", [b"", b"not a model at all", packed({"a/weight": np.ones(4, np.float32)})[:40]]
)
def test_what_is_no_model_is_refused(raw):
    with pytest.raises(ValueError, match="not a CTranslate2 model"):
        tensors_of(raw)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("encoder/conv1/weight", "encoder.conv1.weight"),
        ("encoder/layer_norm/gamma", "encoder.ln_post.weight"),
        ("decoder/layer_norm/beta", "decoder.ln.bias"),
        ("encoder/layer_0/ffn/linear_1/bias", "encoder.blocks.0.mlp.2.bias"),
        ("decoder/layer_11/self_attention/linear_0/weight", "decoder.blocks.11.attn.query+key+value.weight"),
        ("decoder/layer_2/attention/layer_norm/gamma", "decoder.blocks.2.cross_attn_ln.weight"),
    ],
)
def test_names(name, wanted):
    assert renamed(name) == wanted


def test_joined_projections_are_split_and_keys_lose_their_empty_bias():
    joined = np.arange(12, dtype=np.float32)
    state = state_of({
        "encoder/layer_0/self_attention/linear_0/weight": joined.reshape(6, 2),
        "encoder/layer_0/self_attention/linear_0/bias": joined[:6],
        "decoder/projection/weight": joined, "num_heads": np.array(8),
    })  # fmt: skip
    assert {name: tensor.shape for name, tensor in state.items()} == {
        "encoder.blocks.0.attn.query.weight": (2, 2), "encoder.blocks.0.attn.key.weight": (2, 2),
        "encoder.blocks.0.attn.value.weight": (2, 2), "encoder.blocks.0.attn.query.bias": (2,),
        "encoder.blocks.0.attn.value.bias": (2,),
    }  # fmt: skip
    assert state["encoder.blocks.0.attn.value.bias"].tolist() == [4.0, 5.0]


def test_a_checkpoint_of_the_users_is_taken_as_it_is(tmp_path):
    own = tmp_path / "mine.pt"
    own.write_bytes(b"anything")
    assert openai_checkpoint(own) == own
    with pytest.raises(ModelError, match="no such file"):
        openai_checkpoint(tmp_path / "other.pt")
    with pytest.raises(ModelError, match="no Whisper model of this name"):
        openai_checkpoint("enormous", settings=Settings(data_dir=tmp_path))
