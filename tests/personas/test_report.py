import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from edm_core.items import Evidence, Passage, Reaction, Recording, Safety, Section, Target
from edm_core.personas import Audience
from edm_core.personas.calibration import calibrate
from edm_core.personas.panel import panel
from edm_core.ratings import Rating

EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
SONG = Recording("sha256:" + "0" * 64, 240.0, 44100, 2, title=EVIL)
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page holds: tags with their attributes, text, and whether tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.open, self.torn = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.torn.append(tag)

    def handle_data(self, data):
        self.text.append(data)

    @property
    def shown(self):
        return " ".join(" ".join(self.text).split())


def reaction(index, score, persona="genz", kind="passage", start=None, length=8.0, status="ok", **more):
    said = {"score": score, "distribution": (0.1, 0.2, 0.4, 0.2, 0.1), "confidence": 0.5} if score else {}
    start = 10.0 * index if start is None else start
    return Reaction(
        start, start + length, persona=persona, target=Target(kind, index), status=status, scorer="offline@2",
        persona_version="abc123", **said, **more,
    )  # fmt: skip


def audience(**more):
    reactions = [
        *(
            reaction(i, 1 + i % 5, note=EVIL, opinion=EVIL, evidence=(Evidence(EVIL, 0.0, 1.0),))
            for i in range(8)
        ),
        *(reaction(i, 5 - i % 5, "mum") for i in range(6)),
        reaction(6, None, "mum", status="failed", note=EVIL),
        reaction(7, None, "mum", status="pending"),
        reaction(0, 4.0, "mum", "section", 0.0, 120.0),
        reaction(1, None, "mum", "section", 120.0, 120.0, status="abstained"),
    ]
    items = {Target("passage", i): Passage(10.0 * i, 10.0 * i + 8, text=EVIL) for i in range(8)}
    items[Target("passage", 3)] = replace(items[Target("passage", 3)], safety=Safety("flagged"))
    items[Target("section", 0)] = Section(0.0, 120.0, "drop")
    people = {"genz": SimpleNamespace(name=EVIL, emoji="<b>", weight=1.0)}
    return Audience.gather(reactions, people, items=items, recording=SONG, **more)


RATINGS = [
    Rating(
        recording=SONG.id,
        kind="passage",
        start=10.0 * i,
        end=10.0 * i + 8,
        rater=rater,
        score=1 + (i + k) % 5,
    )
    for k, rater in enumerate((EVIL, "ben", "cy", "dan", "eve"))
    for i in range(8)
]
REACTIONS = {SONG.id: list(audience().reactions)}


def test_it_needs_nothing_else():
    page = Page(audience().to_html(panel=panel(REACTIONS, RATINGS, draws=50)))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in page.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "href", "srcdoc")
        ], tag
    assert "url(http" not in audience().to_html() and "@import" not in audience().to_html()


def test_what_recordings_and_people_say_is_text():
    page = Page(audience().to_html(panel=panel(REACTIONS, RATINGS, draws=50)))
    assert page.torn == [] and page.open == []
    assert page.shown.count("<script>alert(1)</script>") > 5


def test_it_says_what_it_is():
    page = Page(audience().to_html())
    assert "Simulated audience" in page.shown and "uncalibrated" in page.shown
    assert "no person was asked" in page.shown
    assert "Agreement with people" not in page.shown, "nothing is said of people who were not asked"


def test_what_has_no_score_is_hatched_and_has_no_figure():
    html = audience().to_html()
    stage = html[html.index('<svg class="stage"') : html.index("</svg>", html.index('<svg class="stage"'))]
    hatched = re.findall(r'<g><rect [^>]*fill="url\(#hatch\)"/>(?:<text[^>]*>([^<]*)</text>)?', stage)
    assert sorted(hatched) == sorted(["×", "…", "–"])
    assert "failed, &lt;script&gt;" in stage, "the reason stands in the tooltip"


def test_it_tells_the_panel_and_the_calibration():
    made = calibrate(REACTIONS, RATINGS, time="2026-01-01T00:00:00Z")
    calibrated = made.apply(REACTIONS[SONG.id])
    found = Audience.gather(calibrated, recording=SONG, calibration=str(made))
    page = Page(found.to_html(calibration=made, panel=panel(REACTIONS, RATINGS, draws=50)))
    assert "calibrated on 40 ratings of 5 people" in page.shown
    assert made.panel in page.shown and "Agreement with people" in page.shown
    assert any(tag == "circle" and attributes["class"] == "after" for tag, attributes in page.tags)


def test_provenance_stands_in_it():
    page = Page(audience().to_html())
    assert "offline@2" in page.shown and "abc123" in page.shown


@pytest.mark.browser
def test_a_browser_shows_it_without_asking_for_anything(chromium, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(audience().to_html(), encoding="utf-8")
    for theme in ("light", "dark"):
        for width in (420, 1280):
            page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
            asked, said = [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("dialog", lambda dialog, said=said: said.append(dialog.message))
            page.goto(path.as_uri())
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"it is wider than {width} px"
            stage = page.locator("svg.stage").bounding_box()
            assert stage["width"] > 0.8 * min(width, 1180)
            assert asked == [path.as_uri()] and said == []
            page.close()
