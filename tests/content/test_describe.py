from pathlib import Path

import pytest
import yaml

from edm_core.content import describe, read_labels
from edm_core.models import minilm
from edm_core.resources import LABELS
from edm_core.settings import Settings
from edm_core.timeline import Passage

CHECK = yaml.safe_load((Path(__file__).parent / "check_set.yaml").read_text())


@pytest.fixture(scope="module")
def embed(tmp_path_factory):
    return minilm(settings=Settings(data_dir=tmp_path_factory.mktemp("data")))


def passages(*texts, language="en"):
    return [Passage(10.0 * i, 10.0 * i + 8, text=text, language=language) for i, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("kind", "least_right", "least_answered"), [("topics", 0.90, 0.85), ("tones", 0.85, 0.85)]
)
def test_check_set(embed, kind, least_right, least_answered):
    """Sentences of our own that are no prototypes; the figures hold for such sentences only."""
    truth = [(text, name) for name, texts in CHECK[kind].items() for text in texts]
    described = describe(passages(*(text for text, _ in truth)), embed=embed)
    judged = [getattr(passage, kind.removesuffix("s")) for passage in described]
    right = [j.label == name for j, (_, name) in zip(judged, truth, strict=True) if j.status == "ok"]
    assert len(right) / len(truth) >= least_answered
    assert sum(right) / len(right) >= least_right


def test_check_set_shares_nothing_with_the_prototypes():
    for kind in ("topics", "tones"):
        labels = read_labels(LABELS / f"{kind}.yaml")
        known = {text for label in labels.labels for text in label.prototypes}
        assert set(CHECK[kind]) <= set(labels.names)
        assert not known & {text for texts in CHECK[kind].values() for text in texts}


def test_confidences_are_ordered_shares(embed):
    (passage,) = describe(passages("Rain will cross the coast and reach the hills by noon."), embed=embed)
    assert passage.topic.label == "Weather & Climate"
    confidences = [score.confidence for score in passage.topic.top]
    assert (
        len(confidences) == 3 and confidences == sorted(confidences, reverse=True) and sum(confidences) <= 1
    )
    assert passage.topic.confidence == confidences[0]


@pytest.mark.parametrize("text", ["", "Yes.", "Thank you all", "xq zv wq rrk plm"])
def test_what_cannot_be_told_is_not_labelled(embed, text):
    (passage,) = describe(passages(text), embed=embed)
    assert passage.topic.status == "abstained" and passage.topic.label is None and passage.topic.reason


def test_other_languages_abstain_everywhere(embed):
    (passage,) = describe(
        passages("Domani pioverà su tutta la costa occidentale.", language="it"), embed=embed
    )
    assert passage.topic.status == passage.tone.status == "abstained"
    assert "English only" in (passage.topic.reason or "")
    assert passage.safety.status == "unknown" and "it" in (passage.safety.reason or "")


def test_same_in_same_out_and_no_neighbour_matters(embed):
    first = describe(passages("The coach picked a young player.", "Shares fell after the loss."), embed=embed)
    assert first == describe(
        passages("The coach picked a young player.", "Shares fell after the loss."), embed=embed
    )
    assert first[0] == describe(passages("The coach picked a young player."), embed=embed)[0]


def test_nothing_in_nothing_out():
    assert describe([]) == ()


def test_a_topic_is_added_by_editing_the_file(embed, tmp_path):
    for name in ("topics.yaml", "tones.yaml", "safety.yaml"):
        (tmp_path / name).write_text((LABELS / name).read_text())
    data = yaml.safe_load((tmp_path / "topics.yaml").read_text())
    fishing = {
        "name": "Angling",
        "description": "Fishing with rod and line.",
        "prototypes": ["He caught a pike."],
    }
    data["labels"].append(fishing)
    (tmp_path / "topics.yaml").write_text(yaml.safe_dump(data))
    (passage,) = describe(
        passages("I went fishing and caught a trout with my new rod."), embed=embed, folder=tmp_path
    )
    assert passage.topic.label == "Angling"
