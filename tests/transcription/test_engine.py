"""The engines are one kind of thing: the same options in, the same types out."""

import inspect

import pytest

from edm_core.errors import ModelError
from edm_core.settings import Settings
from edm_core.transcription.engine import ENGINES, Engine, load_engine
from edm_core.transcription.faster_whisper_engine import FasterWhisper
from edm_core.transcription.openai_whisper_engine import OpenAIWhisper
from edm_core.transcription.server_engine import SpeechServer

KINDS = {"faster-whisper": FasterWhisper, "openai-whisper": OpenAIWhisper, "server": SpeechServer}


def test_every_engine_has_its_class():
    assert set(KINDS) == set(ENGINES)


@pytest.mark.parametrize("kind", KINDS.values())
@pytest.mark.parametrize("name", ["detect_language", "recognise"])
def test_they_take_the_same_and_return_the_same(kind, name):
    assert inspect.signature(getattr(kind, name)) == inspect.signature(getattr(Engine, name))


@pytest.mark.parametrize("kind", KINDS.values())
def test_they_tell_their_languages(kind):
    assert hasattr(kind, "languages")


def test_engines_are_listed_when_one_is_unknown():
    with pytest.raises(ModelError, match="faster-whisper"):
        load_engine("none", "base")


def test_a_folder_that_is_no_model(tmp_path):
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="CTranslate2"):
        load_engine("faster-whisper", str(tmp_path), Settings(data_dir=tmp_path / "data"))


def test_a_checkpoint_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match="no such file"):
        load_engine("openai-whisper", str(tmp_path / "none.pt"), Settings(data_dir=tmp_path))
