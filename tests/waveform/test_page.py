"""The player on a page."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from edm_core.waveform import view


def page(props):
    from edm_core.waveform import player

    player(props, key="listen")


def test_the_props_reach_the_component_unchanged(timeline, peaks, personas):
    props = view(timeline, audio_url="/sound", peaks=peaks, peaks_url="/peaks", personas=personas)
    app = AppTest.from_function(page, default_timeout=20, args=(props,)).run()
    assert not app.exception
    (mounted,) = app.get("bidi_component")
    assert mounted.proto.component_name == "edm-workbench.player"
    assert json.loads(mounted.proto.json) == props
    assert "player-audio" in mounted.proto.js_content


def test_a_rerun_keeps_its_identity(timeline, peaks, personas):
    props = view(timeline, audio_url="/sound", peaks=peaks, peaks_url="/peaks", personas=personas)
    app = AppTest.from_function(page, default_timeout=20, args=(props,)).run()
    first = app.get("bidi_component")[0].proto.id
    assert app.run().get("bidi_component")[0].proto.id == first
