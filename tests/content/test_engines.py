import pytest

from edm_core.content import classifier, judged_by
from edm_core.content.language_model import LanguageModel
from edm_core.content.packaged import Packaged
from edm_core.content.zero_shot import ZeroShot
from edm_core.errors import SettingsError
from edm_core.settings import Settings


def test_the_settings_name_the_engine(tmp_path):
    settings = Settings(data_dir=tmp_path, llm_base_url="http://localhost:1/v1", llm_model="m")
    assert isinstance(classifier("packaged", len, settings), Packaged)
    assert isinstance(classifier("language-model", len, settings), LanguageModel)
    zero_shot = classifier("zero-shot:/models/bart", len, settings)
    assert isinstance(zero_shot, ZeroShot) and zero_shot.model == "/models/bart"


@pytest.mark.parametrize("name", ["", "bart", "packaged:x", "language-model:x"])
def test_there_is_no_other(name):
    with pytest.raises(SettingsError, match="EDM_CONTENT_ENGINE"):
        classifier(name, len, Settings())


def test_a_language_model_needs_a_server():
    with pytest.raises(SettingsError):
        classifier("language-model", len, Settings())


def test_results_of_one_engine_are_not_another_s():
    plain = Settings(content_engine="language-model", llm_base_url="http://a", llm_model="m")
    other = Settings(content_engine="language-model", llm_base_url="http://a", llm_model="n")
    assert len({judged_by(plain), judged_by(other), judged_by(Settings())}) == 3
