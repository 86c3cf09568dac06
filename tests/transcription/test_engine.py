import pytest

from edm_core.errors import ModelError
from edm_core.settings import Settings
from edm_core.transcription.engine import HeardWord, Utterance, load_engine


def test_engines_are_listed_when_one_is_unknown():
    with pytest.raises(ModelError, match="faster-whisper"):
        load_engine("none", "base")


def test_a_folder_that_is_no_model(tmp_path):
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="CTranslate2"):
        load_engine("faster-whisper", str(tmp_path), Settings(data_dir=tmp_path / "data"))


def test_an_utterances_text():
    words = (HeardWord(0, 1, "Good", 1.0), HeardWord(1, 2, "day", 1.0))
    assert Utterance(words, 0, 0, 0).text == "Good day"
