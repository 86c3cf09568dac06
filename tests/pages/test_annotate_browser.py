"""A whole session of an annotator in a real browser, on the page and in JupyterLab: the same edits land as the
same revisions."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import soundfile

import edm_core
from edm_core.annotation import Annotation, annotation_of
from edm_core.audio import load
from edm_core.cache import Cache
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.store.annotations import Annotations
from edm_core.store.assignments import assign
from edm_core.timeline import Layer, Passage, Reaction, Section, Target, Timeline, Word

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
READY = "[data-testid='stApp'][data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']"
WAIT_MS = 60_000  # the machine may be busy


# --- what is annotated -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """A served data folder with two analysed recordings: the demo track, and a short tone."""

    address: str
    library: Library
    track: Entry
    tone: Entry

    def page(self, author: str, entry: Entry | None = None, **more: str) -> str:
        named = {} if entry is None else {"recording": entry.digest[:12]}
        query = {"author": author, **named, **more}
        return f"{self.address}/annotate?" + "&".join(f"{name}={value}" for name, value in query.items())

    @property
    def annotations(self) -> Annotations:
        return self.library.annotations

    def history(self, author: str, entry: Entry | None = None) -> list[int]:
        found = self.annotations.history((entry or self.track).id, author)
        return [revision.number for revision in found]

    def labels(self, author: str) -> list[str]:
        saved = self.annotations.annotation(self.track.id, author)
        return [section.label for section in saved.sections or ()]


@pytest.fixture(scope="module")
def room(
    start_server: Callable[..., Any], demo: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Room:
    library = Library(Settings(data_dir=tmp_path_factory.mktemp("data")))
    tone = tmp_path_factory.mktemp("sound") / "tone.wav"
    soundfile.write(tone, 0.5 * np.sin(2 * np.pi * 440 * np.arange(8 * 44_100) / 44_100), 44_100)
    # What this session has analysed before is in its stage cache.
    first = added(library, demo["edm_track"], edm_core.analyze(demo["edm_track"]).layers)
    parts = (Section(0.0, 4.0, "intro"), Section(4.0, 8.0, "drop"))
    second = added(library, tone, (Layer("sections", "model:sections@1", parts),))
    return Room(start_server(library.settings.data_dir).address, library, first, second)


def added(library: Library, path: Path, layers: tuple[Layer, ...]) -> Entry:
    library.add_file(path)
    sound = load(path, settings=library.settings, cache=Cache.of(library.settings))
    entry = library.save_timeline(Timeline(sound.recording, layers), outline_of(sound.peaks))
    assert entry is not None
    return entry


# --- who annotates -----------------------------------------------------------------------------------


class Sitting:
    """An editor in a browser, by its keys and its status line."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.status = page.get_by_test_id("editor-status")

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.status.get_attribute("data-state"))
        return found

    @property
    def labels(self) -> list[str]:
        return [section["label"] for section in self.state["sections"]]

    def press(self, *keys: str) -> "Sitting":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def until(self, **wanted: Any) -> dict[str, Any]:
        """Wait until the status line says so, and return all that it says."""
        from playwright.sync_api import expect

        for name, value in wanted.items():
            said = re.escape(f'"{name}":{json.dumps(value, separators=(",", ":"))}') + "[,}]"
            expect(self.status).to_have_attribute("data-state", re.compile(said), timeout=WAIT_MS)
        return self.state

    def until_labelled(self, at: int, label: str) -> None:
        """Wait until a section has a label; those before the end by their index, from the end below zero."""
        from playwright.sync_api import expect

        one = rf'{{"start":[^}}]*,"label":"{label}"}}'
        other = r'\{"start":[^}]*\},?'
        place = rf"({other}){{{at}}}{one}" if at >= 0 else rf"[^\]]*{one},?({other}){{{-at - 1}}}\]"
        said = re.compile(rf'"sections":\[{place}')
        expect(self.status).to_have_attribute("data-state", said, timeout=WAIT_MS)

    def saved(self, revision: int) -> dict[str, Any]:
        self.press("Control+s")
        return self.until(saving="saved", revision=revision, dirty=False)


@pytest.fixture
def sit(chromium: Any) -> Iterator[Callable[..., Sitting]]:
    """Open editors, each in a browser of its own; none may have had an error or have asked another host.

    Answers of 409 and 503 are written into the console by the browser itself.
    """
    contexts, complaints = [], []

    def watch(line: Any) -> None:
        if line.type == "error" and not re.search("status of (409|503)", line.text):
            complaints.append(line.text)

    def asked(request: Any) -> None:
        if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1):|data:|blob:", request.url):
            complaints.append(request.url)

    def open_editor(
        address: str, *, beside: Sitting | None = None, theme: str = "light", ready: bool = True
    ) -> Sitting:
        if beside is None:
            size = {"width": 1440, "height": 900}
            contexts.append(chromium.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce"))
        page = (beside.page.context if beside else contexts[-1]).new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", watch)
        page.on("request", asked)
        page.goto(address)
        if ready:
            opened(page)
        return Sitting(page)

    yield open_editor
    for context in contexts:
        context.close()
    assert complaints == []


def opened(page: Any) -> None:
    page.wait_for_selector(READY)
    page.wait_for_selector("[data-testid=editor-status][data-ready=true]", state="attached")


def mark(editor: Sitting) -> None:
    """Mark the demo track from its suggestion: accept, tap, type the tempo, shift the bars, mark, label, undo."""
    editor.press("Home", "Shift+A")
    first = editor.until(steps=1)
    assert first["grid"] == 1 and len(first["sections"]) > 5 and None not in editor.labels

    for _ in range(4):  # how fast is no matter: the tempo is typed after that
        editor.press("t")
        editor.page.wait_for_timeout(300)
    assert editor.until(steps=2)["bpm"] > 60
    editor.press("g").until(lane="grid")
    field = editor.page.get_by_test_id("grid-bpm")
    field.fill("126")
    field.press("Enter")
    assert editor.until(steps=3, bpm=126)["downbeat"] == pytest.approx(first["downbeat"], abs=1e-6)
    field.press("Escape")
    editor.until(lane="sections")
    editor.press("g").until(lane="grid")
    shifted = editor.press(".").until(steps=4)["downbeat"]
    assert shifted != pytest.approx(first["downbeat"], abs=0.1)
    assert editor.press("z").until(steps=3)["downbeat"] == pytest.approx(first["downbeat"], abs=1e-6)
    editor.press("Escape").until(lane="sections")

    # A boundary at bar 9, the part behind it relabelled, taken back and done again.
    editor.press("Home", "Shift+ArrowRight", "b")
    assert len(editor.until(steps=4)["sections"]) == len(first["sections"]) + 1
    index = next(i for i, part in enumerate(editor.state["sections"]) if part["start"] > 15)
    editor.press("4").until(steps=5)
    assert editor.labels[index] == "breakdown"
    editor.press("z").until(steps=4)
    assert editor.labels[index] is None  # what a new boundary begins has no label yet
    editor.press("Shift+Z").until(steps=5)
    assert editor.labels[index] == "breakdown"
    # That boundary one step of the grid later: one boundary is one number, so both sections change.
    before = editor.press("ArrowDown").until(boundary=index)["sections"]
    after = editor.press(".").until(steps=6)["sections"]
    assert after[index]["start"] > before[index]["start"] and len(after) == len(before)
    assert after[index - 1]["end"] == after[index]["start"]


# --- the page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])  # first, while nobody else has annotated the track
def test_it_looks_like_this(
    room: Room, sit: Callable[..., Sitting], picture: Callable[..., None], theme: str
) -> None:
    found = annotation_of(room.library.analysis(room.track.id))
    heard = Annotation(grid=found.grid, sections=found.sections)
    store, id, duration = room.annotations, room.track.id, room.track.duration
    if store.head(id, "ben") is None:
        intro, rise, *rest = heard.sections
        earlier = (replace(intro, end=intro.end - 2.0), replace(rise, start=intro.end - 2.0), *rest)
        other = replace(heard, sections=earlier)
        store.save(id, "ben", other, parent=None, duration=duration, tool="test")
    kim = sit(room.page("kim" if theme == "light" else "lee", room.track), theme=theme)
    for step in range(1, 7):  # accepted one by one, from boundary to boundary
        kim.press("a").until(steps=step)
        kim.press("ArrowDown")
    kim.press("ArrowUp", "ArrowUp", "f").until(steps=7)
    assert [label for label in kim.labels if label] == [part.label for part in heard.sections[:6]]
    colour = kim.page.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).backgroundColor")
    lightness = [int(value) for value in colour.strip("rgb()").split(",")[:3]]
    assert min(lightness) > 230 if theme == "light" else max(lightness) < 40
    assert kim.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    kim.until(saving="kept")
    kim.page.get_by_test_id("editor-distance").wait_for()
    picture(kim.page, "annotate" if theme == "light" else "annotate_dark", 800)


def test_a_whole_session(room: Room, sit: Callable[..., Sitting]) -> None:
    ada = sit(room.page("Ada", room.track))
    assert ada.state["revision"] is None and ada.state["sections"] == []
    mark(ada)
    ada.saved(1)
    assert room.history("ada") == [1] and room.labels("ada") == ada.labels

    # The same person in a second browser, at another end of the track: both are kept without a question.
    other = sit(room.page("ada", room.track))
    assert other.state["revision"] == 1 and other.labels == ada.labels
    other.press("Home", "7").until_labelled(0, "other")
    other.saved(2)
    ada.press("End", "1").until_labelled(-1, "intro")
    ada.press("Control+s").until(saving="clashed", clashes=0)
    ada.page.get_by_test_id("merge-save").click()
    ada.until(saving="saved", revision=3)
    assert (ada.labels[0], ada.labels[-1]) == ("other", "intro") and room.labels("ada") == ada.labels

    # Both change the same section: the one who comes later chooses, and nothing is lost.
    ada.press("Home", "6").until_labelled(0, "silence")
    ada.saved(4)
    other.press("Home", "3").until_labelled(0, "drop")
    other.press("Control+s").until(saving="clashed", clashes=1)
    other.press("1", "Enter").until(saving="saved", revision=5)
    assert (other.labels[0], other.labels[-1]) == ("drop", "intro") and room.labels("ada") == other.labels
    assert room.history("ada") == [5, 4, 3, 2, 1]

    # What was seen is there again.
    seen = other.state["sections"]
    other.page.reload()
    opened(other.page)
    assert (other.state["revision"], other.state["dirty"]) == (5, False) and other.state["sections"] == seen


def test_an_old_revision_is_looked_at_and_restored(room: Room, sit: Callable[..., Sitting]) -> None:
    bob = sit(room.page("bob", room.track))
    bob.press("Home", "Shift+A").until(steps=1)
    bob.saved(1)
    bob.press("Home", "7").until_labelled(0, "other")
    bob.saved(2)
    again = sit(room.page("bob", room.track, revision="1"))  # an address that can be passed on
    from playwright.sync_api import expect

    expect(again.status).to_have_attribute("data-state", re.compile('"ghost":"[^"]*1'), timeout=WAIT_MS)
    assert again.labels[0] == "other"
    again.press("Shift+H")
    listed = again.page.get_by_test_id("revision")
    expect(listed).to_have_count(2)
    again.page.get_by_test_id("restore").last.click()
    again.until(revision=3)
    again.until_labelled(0, "intro")
    assert room.history("bob") == [3, 2, 1] and room.labels("bob")[0] == "intro"


@pytest.mark.parametrize("leaving", ["close", "go elsewhere"])
def test_leaving_in_the_middle_of_an_edit_loses_nothing(
    room: Room, sit: Callable[..., Sitting], leaving: str
) -> None:
    name = f"eve-{leaving.replace(' ', '-')}"
    eve = sit(room.page(name, room.track))
    eve.press("Home", "Shift+A").until(steps=1)
    eve.saved(1)
    eve.press("Home", "2").until_labelled(0, "buildup")
    if leaving == "close":
        eve.page.close()
    else:
        eve.page.goto(room.address)
    end = time.monotonic() + WAIT_MS / 1000
    while (draft := room.annotations.draft(room.track.id, name)) is None:
        assert time.monotonic() < end, "the edit did not reach the store"
        time.sleep(0.05)
    assert draft.base == 1 and draft.annotation.sections[0].label == "buildup"
    back = sit(room.page(name, room.track))  # another browser: nothing but the store remembers
    assert back.labels[0] == "buildup" and back.until(dirty=True)["revision"] == 1
    back.saved(2)
    assert room.labels(name)[0] == "buildup"


def test_what_is_said_is_corrected_and_judged(room: Room, sit: Callable[..., Sitting]) -> None:
    from playwright.sync_api import expect

    words = tuple(
        Word(at, at + 0.5, text=text, probability=0.9)
        for at, text in [(1.0, "Good"), (1.5, "mourning"), (2.0, "all."), (5.0, "Rain"), (5.5, "later.")]
    )
    said = tuple(
        Passage(
            part[0].start, part[-1].end, text=" ".join(word.text for word in part), words=part, language="en"
        )
        for part in (words[:3], words[3:])
    )
    even = (0.2,) * 5
    heard = tuple(
        Reaction(
            each.start, each.end, persona="genz", target=Target("passage", index), status="ok",
            score=3.0, distribution=even,
        )
        for index, each in enumerate(said)
    )  # fmt: skip
    analysis = room.library.analysis(room.tone.id)
    for kind, items in (("words", words), ("passages", said), ("reactions", heard)):
        analysis = analysis.with_layer(Layer(kind, "model:talk@1", items))
    room.library.save_timeline(analysis, room.tone.outline)

    pam = sit(room.page("pam", room.tone))
    pam.press("w").until(lane="passages")
    pam.page.get_by_test_id("word").nth(1).dblclick()
    field = pam.page.get_by_test_id("word-field")
    field.fill("morning")
    field.press("Enter")
    assert pam.until(steps=1)["passages"] == 2
    expect(pam.page.get_by_test_id("turn").first).to_contain_text("Good morning all.")
    pam.page.get_by_test_id("turn").last.locator("[data-does=topic]").click()
    pam.page.get_by_test_id("palette-field").fill("Weather")
    pam.page.keyboard.press("Enter")
    pam.until(steps=2)
    pam.saved(1)

    mine = room.annotations.annotation(room.tone.id, "pam")
    assert [passage.text for passage in mine.passages] == ["Good morning all.", "Rain later."]
    assert [word.text for word in mine.words] == ["Good", "morning", "all.", "Rain", "later."]
    assert (mine.passages[1].topic.status, mine.passages[1].topic.label) == ("ok", "Weather & Climate")
    # Nobody has listened to what was changed.
    assert [reaction.status for reaction in room.library.timeline(room.tone.id).reactions] == ["pending"] * 2


def test_keys_are_the_editors_and_not_the_frameworks(room: Room, sit: Callable[..., Sitting]) -> None:
    from playwright.sync_api import expect

    ned = sit(room.page("ned", room.track))
    ned.press("c", "r", "Shift+C", "Home", "Shift+A").until(steps=1)  # its own keys are c and r
    expect(ned.page.get_by_role("dialog")).to_have_count(0)
    ned.press("/")
    field = ned.page.get_by_test_id("palette-field")
    field.fill("snap")  # letters that are typed are letters
    expect(ned.page.get_by_test_id("palette-option").first).to_contain_text("snap")
    assert ned.state["steps"] == 1
    ned.press("Escape")
    expect(field).not_to_be_visible()


def test_who_else_is_here_and_what_they_said_is_shown_but_not_in_a_blind_pass(
    room: Room, sit: Callable[..., Sitting]
) -> None:
    from playwright.sync_api import expect

    uma = sit(room.page("uma", room.tone))
    uma.press("Home", "Shift+A").until(steps=1)
    uma.saved(1)
    assign(room.annotations, [room.tone.id], "vic", by="uma", kind="blind")
    vic = sit(room.page("vic", room.tone))
    expect(vic.page.get_by_test_id("editor-present")).to_contain_text("uma")
    expect(vic.page.get_by_text("Blind pass")).to_be_visible()
    lane = vic.page.get_by_test_id("editor").get_by_text("uma", exact=True)
    expect(lane).to_have_count(0)
    vic.press("Home", "3").until_labelled(0, "drop")
    vic.saved(1)
    vic.page.reload()
    opened(vic.page)
    expect(lane).to_be_visible()
    expect(vic.page.get_by_text("Blind pass")).to_have_count(0)


def test_a_service_that_is_gone_for_a_while_loses_nothing(room: Room, sit: Callable[..., Sitting]) -> None:
    leo = sit(room.page("leo", room.track))
    leo.press("Home", "Shift+A").until(steps=1)
    leo.saved(1)
    pattern = re.compile("/annotations")
    leo.page.route(pattern, lambda route: route.fulfill(status=503, json={"detail": "away"}))
    leo.press("Home", "2").until(saving="offline")
    leo.page.unroute(pattern)
    leo.until(saving="kept")  # it asked again by itself
    draft = room.annotations.draft(room.track.id, "leo")
    assert draft is not None and draft.annotation.sections[0].label == "buildup"
    leo.saved(2)


def test_a_window_that_was_overtaken_and_closed_loses_nothing(
    room: Room, sit: Callable[..., Sitting]
) -> None:
    one = sit(room.page("ivy", room.track))
    one.press("Home", "Shift+A").until(steps=1)
    one.saved(1)
    other = sit(room.page("ivy", room.track))
    one.press("Home", "2").until_labelled(0, "buildup")
    one.until(saving="kept")
    other.press("End", "1").until_labelled(-1, "intro")
    other.saved(2)  # which is the end of the line's draft
    one.page.goto(room.address)
    end = time.monotonic() + WAIT_MS / 1000
    while (draft := room.annotations.draft(room.track.id, "ivy")) is None:
        assert time.monotonic() < end, "the edit is nowhere"
        time.sleep(0.05)
    assert draft.base == 1
    back = sit(room.page("ivy", room.track))
    assert back.labels[0] == "buildup"
    back.press("Control+s").until(saving="clashed", clashes=0)
    back.page.get_by_test_id("merge-save").click()
    back.until(saving="saved", revision=3)
    assert (room.labels("ivy")[0], room.labels("ivy")[-1]) == ("buildup", "intro")


def test_the_next_recording_comes_without_a_new_page(room: Room, sit: Callable[..., Sitting]) -> None:
    from playwright.sync_api import expect

    mia = sit(f"{room.address}/annotate?author=mia")

    def shows(entry: Entry) -> None:  # the picture before it stays until it is drawn
        mia.page.wait_for_url(f"**recording={entry.digest[:12]}*")
        titles = mia.page.get_by_test_id("editor-title")
        expect(titles.filter(has_text=entry.shown)).to_have_count(1, timeout=WAIT_MS)
        expect(titles).to_have_count(1, timeout=WAIT_MS)

    order = [room.track, room.tone]
    if room.tone.digest[:12] in mia.page.url:  # fewer have annotated it, so it comes first
        order.reverse()
    first, second = order
    shows(first)
    mia.page.evaluate("window.same = true")
    mia.press("Home", "Shift+A").until(steps=1)
    mia.press("n")
    shows(second)
    mia.page.wait_for_selector("[data-testid=editor-status][data-ready=true]", state="attached")
    assert mia.until(revision=None)["dirty"] is False and room.history("mia", first) == [1]
    mia.press("Home", "Shift+A").until(steps=1)
    mia.press("p")
    shows(first)
    mia.until(revision=1)
    assert room.history("mia", second) == [1] and mia.page.evaluate("window.same")


def test_the_name_is_asked_once(room: Room, sit: Callable[..., Sitting]) -> None:
    zoe = sit(f"{room.address}/annotate?recording={room.tone.digest[:12]}", ready=False)
    field = zoe.page.get_by_label("Your name")
    field.fill("Zoe")
    field.press("Enter")
    opened(zoe.page)
    assert "author=zoe" in zoe.page.url
    later = sit(f"{room.address}/annotate?recording={room.tone.digest[:12]}", beside=zoe)
    assert "author=zoe" in later.page.url
    later.page.get_by_role("button", name="Somebody else").click()
    later.page.get_by_label("Your name").wait_for()
    again = sit(f"{room.address}/annotate", beside=zoe, ready=False)
    again.page.get_by_label("Your name").wait_for()


# --- JupyterLab --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jupyterlab(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a real JupyterLab on this machine, with one notebook; return the notebook's address."""
    if importlib.util.find_spec("jupyterlab") is None:
        message = "no JupyterLab: pip install 'edm-workbench[notebook]'"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    folder = tmp_path_factory.mktemp("lab")
    data = str(room.library.settings.data_dir)
    source = (
        "import edm_core\nfrom edm_core.settings import Settings\nfrom edm_core.store import Library\n"
        f"found = Library(Settings.from_environment()).analysis({room.track.id!r})\n"
        "edm_core.edit(found, author='Lab')"
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_code_cell(source), nbformat.v4.new_code_cell("1 + 1")]
    # Whether to ask a host for news is a question that would lie over the notebook.
    news = folder / "own" / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "session.ipynb")
    own = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
    )
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {
        **os.environ,
        **{name: str(folder / "own" / name.lower()) for name in own},
        "EDM_DATA_DIR": data,
        "PYTHONPATH": paths,
    }
    options = (
        "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )  # fmt: skip
    log = folder / "log.txt"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "jupyterlab", *options]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file)
    try:
        end = time.monotonic() + 120
        while not (found := re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text())):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield f"{found[0]}/doc/tree/session.ipynb"
    finally:
        process.terminate()
        process.wait(30)


def test_the_same_edits_in_jupyterlab_land_as_the_same_revision(
    room: Room, sit: Callable[..., Sitting], jupyterlab: str, request: pytest.FixtureRequest
) -> None:
    page = sit(room.page("page", room.track))
    mark(page)
    page.saved(1)

    lab = sit(jupyterlab, ready=False)
    cells = lab.page.locator(".jp-Notebook .jp-Cell")
    cells.first.locator(".cm-content").click()
    lab.page.locator("[data-status=idle]").first.wait_for(state="attached")
    lab.press("Shift+Enter")
    lab.page.wait_for_selector("[data-testid=editor-status][data-ready=true]", state="attached")
    lab.page.get_by_test_id("editor-overview").click()  # the keys are the editor's while it has the focus
    mark(lab)
    lab.saved(1)
    assert cells.count() == 2  # a, b, d, x, z … did nothing to the notebook
    audio = lab.page.get_by_test_id("editor-audio")  # its sound came through the widget's channel
    assert audio.evaluate("audio => audio.currentSrc").startswith("blob:")
    lab.press("Home", "Space")
    audio.evaluate(
        "audio => new Promise(done => audio.ontimeupdate = () => audio.currentTime > 0.2 && done())"
    )
    lab.press("Space")
    assert audio.evaluate("audio => audio.paused")
    annotations = room.annotations
    one, other = (annotations.head(room.track.id, name) for name in ("page", "lab"))
    photograph(lab.page, "annotate_jupyterlab", request)
    assert one.digest == other.digest and (one.tool, other.tool) == ("editor", "notebook")

    # The notebook's line goes on in the app, and the app's revision is found by the notebook.
    app = sit(room.page("lab", room.track))
    assert app.labels == lab.labels
    app.press("Home", "7").until_labelled(0, "other")
    app.saved(2)
    lab.press("End", "1").until_labelled(-1, "intro")
    lab.press("Control+s").until(saving="clashed", clashes=0)
    lab.press("Enter").until(saving="saved", revision=3)
    assert (lab.labels[0], lab.labels[-1]) == ("other", "intro") and room.labels("lab") == lab.labels
    assert cells.count() == 2


def photograph(page: Any, name: str, request: pytest.FixtureRequest) -> None:
    """Write a picture of JupyterLab for the documentation, if the option says so."""
    if request.config.getoption("--update-screenshots", default=False):
        page.mouse.move(0, 0)
        page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
