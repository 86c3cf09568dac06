"""The page Agreement as a script, without a browser: which pair, which difference, what is decided and saved."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.annotation import Annotation
from edm_core.cache import Cache
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.store.assignments import assign
from edm_core.timeline import Layer, Section, Timeline

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"
END = 4.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench whose queue is not started: what is submitted stays waiting."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


def recording(bench: Workbench, name: str) -> Entry:
    from edm_core.audio import load

    file = BytesIO()
    hertz = 440.0 + len(name)
    soundfile.write(
        file, 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(END * 22_050)) / 22_050), 22_050, format="WAV"
    )
    file.seek(0)
    entry = bench.library.add_upload(name, file)
    sound = load(bench.library.source(entry), settings=bench.settings, cache=Cache.of(bench.settings))
    layers = (Layer("sections", "model:sections@1", parts(("intro", 2.0), ("drop", END))),)
    saved = bench.library.save_timeline(Timeline(sound.recording, layers), outline_of(sound.peaks))
    assert saved is not None
    return saved


def parts(*ends: tuple[str, float]) -> tuple[Section, ...]:
    starts = [0.0, *(end for _, end in ends)]
    return tuple(Section(start, end, label) for start, (label, end) in zip(starts, ends, strict=False))


def save(bench: Workbench, entry: Entry, author: str, *ends: tuple[str, float]) -> None:
    store = bench.library.annotations
    head = store.head(entry.id, author)
    store.save(
        entry.id, author, Annotation(sections=parts(*ends)), parent=head.number if head else None,
        duration=END, tool="test",
    )  # fmt: skip


@pytest.fixture
def two(bench: Workbench) -> tuple[Entry, Entry]:
    """Of the first recording two annotators agree but for a boundary; of the second they do not at all."""
    near, far = recording(bench, "near.wav"), recording(bench, "far away.wav")
    save(bench, near, "ada", ("intro", 2.0), ("drop", END))
    save(bench, near, "ben", ("intro", 2.3), ("drop", END))
    save(bench, far, "ada", ("intro", 1.0), ("buildup", 2.0), ("drop", END))
    save(bench, far, "ben", ("drop", 1.0), ("drop", 2.0), ("outro", END))
    return near, far


def page(**query: str) -> AppTest:
    app = AppTest.from_file(NAVIGATION, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(NAVIGATION.parent / "agreement.py"))
    app.run()
    assert not app.exception
    return app


def props_of(app: AppTest) -> dict[str, Any]:
    (props,) = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    return props


def text_of(app: AppTest) -> str:
    shown = [element.proto.body for element in app.get("html")]
    return " ".join(
        [*shown, *(each.value for each in (*app.markdown, *app.caption, *app.subheader))]
    ).replace("\\", "")


def label_of(app: AppTest, key: str) -> str:
    return app.button(key=key).label


def test_without_two_annotators_it_says_what_is_needed(bench: Workbench) -> None:
    entry = recording(bench, "alone.wav")
    save(bench, entry, "ada", ("drop", END))
    app = page()
    assert "Nothing to compare yet" in text_of(app) and "blind" in text_of(app)
    assert [link.proto.label for link in app.get("page_link")] == ["Open Annotate"]


def test_the_worst_pair_is_opened_with_the_lanes_of_both(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page()
    props = props_of(app)
    assert props["recording"]["id"] == two[1].id
    assert props["sectionsBy"]["name"] == "ada"
    assert [part["label"] for part in props["sections"]] == ["intro", "buildup", "drop"]
    theirs, topics, marks = props["also"]
    assert topics == {"name": "ben: topics", "items": []}
    assert theirs["name"] == "ben" and [part["label"] for part in theirs["items"]] == [
        "drop",
        "drop",
        "outro",
    ]
    assert [(item["kind"], item["label"]) for item in marks["items"]] == [
        ("difference", "1: intro or drop"), ("difference", "2: buildup or drop"), ("difference", "3: drop or outro"),
    ]  # fmt: skip
    assert "1 of 3" in text_of(app)
    assert list(app.dataframe(key="pairs").value["recording"]) == ["far away.wav", "near.wav"]


def test_a_pair_and_a_difference_have_an_address(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page(recording=two[0].digest[:12], a="ada", b="ben")
    assert props_of(app)["recording"]["id"] == two[0].id
    assert "intro becomes drop at 0:02.000 or at 0:02.300" in text_of(app)
    assert (label_of(app, "pick-a"), label_of(app, "pick-b")) == (
        "ada\\: 0\\:02\\.000",
        "ben\\: 0\\:02\\.300",
    )
    app = page(recording=two[1].digest[:12], a="ada", b="ben", difference="3")
    assert "3 of 3" in text_of(app) and props_of(app)["at"] == 0.0
    for nonsense in ("0", "99999999999", "-1", "x", ""):
        assert "of 3" in text_of(page(recording=two[1].digest[:12], difference=nonsense))


def test_a_pair_is_chosen_by_name(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page()
    other = next(link for link in app.selectbox(key="case").options if link.startswith("near"))
    app.selectbox(key="case").select(other).run()
    assert props_of(app)["recording"]["id"] == two[0].id
    assert app.query_params["recording"] == two[0].digest[:12]


def test_differences_only_leaves_out_what_both_say(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page(recording=two[0].digest[:12])
    app.toggle(key="only").set_value(True).run()
    props = props_of(app)
    assert [(part["start"], part["end"], part["label"]) for part in props["sections"]] == [(2.0, 2.3, "drop")]
    assert [(part["start"], part["end"], part["label"]) for part in props["also"][0]["items"]] == [
        (2.0, 2.3, "intro")
    ]


def test_differences_are_walked_decided_and_saved_as_the_reference(
    bench: Workbench, two: tuple[Entry, Entry]
) -> None:
    app = page(recording=two[1].digest[:12])
    assert app.button(key="save").disabled and app.button(key="previous").disabled
    app.button(key="next").click().run()
    assert "2 of 3" in text_of(app) and app.query_params["difference"] == "2"
    app.button(key="pick-b").click().run()
    assert "3 of 3" in text_of(app) and "1 of 3 differences decided" in text_of(app)
    app.button(key="pick-neither").click().run()
    assert "1 of 3" in text_of(app)  # the one that was passed over
    app.button(key="rest-a").click().run()
    assert "3 of 3 differences decided" in text_of(app)
    assert app.button(key="save").disabled  # nobody has said who settles it
    app.text_input(key="by").set_value("Cleo").run()
    app.button(key="save").click().run()
    assert not app.exception and "Saved as revision 1" in app.success[0].value
    reference = bench.library.annotations.annotation(two[1].id, "reference")
    assert [(part.start, part.label) for part in reference.sections or ()] == [
        (0.0, "intro"), (1.0, "drop"), (2.0, "other"),
    ]  # fmt: skip
    assert reference.verified_by == "cleo" and [comment.label for comment in reference.comments or ()] == [
        "flag"
    ]
    assert "Settled by cleo" in text_of(app)
    assert list(app.dataframe(key="pairs").value["settled"]) == ["by cleo", ""]
    # What is not settled comes first when the page is opened anew.
    assert props_of(page())["recording"]["id"] == two[0].id


def test_picks_of_an_older_revision_do_not_count(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page(recording=two[0].digest[:12])
    app.button(key="pick-a").click().run()
    assert "1 of 1 differences decided" in text_of(app)
    save(bench, two[0], "ben", ("intro", 2.6), ("drop", END))
    app.run()
    assert "0 of 1 differences decided" in text_of(app)


def test_a_name_that_is_none_is_told(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page(recording=two[0].digest[:12])
    app.button(key="pick-a").click().run()
    app.text_input(key="by").set_value("../cleo").run()
    app.button(key="save").click().run()
    assert "no name of an author" in app.error[0].value
    assert bench.library.annotations.head(two[0].id, "reference") is None


def test_two_who_agree_have_nothing_to_decide(bench: Workbench) -> None:
    entry = recording(bench, "same.wav")
    for author in ("ada", "ben"):
        save(bench, entry, author, ("intro", 2.0), ("drop", END))
    app = page()
    assert "They agree" in text_of(app)
    app.text_input(key="by").set_value("cleo").run()
    app.button(key="save").click().run()
    assert bench.library.annotations.head(entry.id, "reference") is not None


def test_few_recordings_have_no_interval_and_it_says_so(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    app = page()
    assert "With fewer than 5 recordings" in text_of(app)
    assert set(app.table[-1].value["95 %"]) == {""}
    for number in range(3):
        entry = recording(bench, f"{'more' * (number + 5)}.wav")
        save(bench, entry, "ada", ("intro", 2.0), ("drop", END))
        save(bench, entry, "ben", ("intro", 2.0 + number / 2), ("drop", END))
    app = page()
    assert "recordings drawn anew" in text_of(app)
    assert any(" to " in text for text in app.table[-1].value["95 %"])


def test_who_still_has_a_blind_pass_to_do_is_not_shown_what_others_said(
    bench: Workbench, two: tuple[Entry, Entry]
) -> None:
    assign(bench.library.annotations, [two[1].id], "ben", by="ada", kind="blind")
    app = page(recording=two[1].digest[:12], author="ben")
    assert "You still have a blind pass" in text_of(app) and not app.get("bidi_component")
    assert page(recording=two[1].digest[:12], author="ada").get("bidi_component")
    save(bench, two[1], "ben", ("drop", 1.5), ("outro", END))
    assert page(recording=two[1].digest[:12], author="ben").get("bidi_component")


def test_a_recording_that_is_gone_is_left_out(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    bench.library.remove(two[1].id)
    assert props_of(page(recording=two[1].digest[:12]))["recording"]["id"] == two[0].id
    bench.library.remove(two[0].id)
    assert "Nothing to compare yet" in text_of(page())


def test_a_file_that_is_gone_can_still_be_settled(bench: Workbench, two: tuple[Entry, Entry]) -> None:
    source = bench.library.source(two[0])
    source.unlink()
    import shutil

    shutil.rmtree(bench.settings.data_dir / "cache", ignore_errors=True)
    bench._sounds.clear()
    app = page(recording=two[0].digest[:12])
    assert "cannot be played" in app.error[0].value and "1 of 1" in text_of(app)
