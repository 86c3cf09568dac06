"""Make the files in ``golden``, and ``expected.json`` beside them: what each of them says, written by hand.

    python tests/exchange/make_golden.py

Nothing here uses :mod:`edm_core`. The music is made up so that times are easy: 120 BPM in 4/4, a bar is 2 s.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
GRID = [[0.5, 120.0, 4, 1]]
SECTIONS = [[0.0, 16.5, "intro", None], [16.5, 32.5, "buildup", "breakbuild"], [32.5, 64.0, "drop", None]]
WORDS = ["intro", "breakbuild", "drop"]

FILES: dict[str, bytes] = {}
EXPECTED: dict[str, dict] = {}


def golden(name, content, encoding="utf-8", *, format, findings=(), **said):
    """Note a file and what it says; lists of several recordings are given as ``annotations``."""
    FILES[name] = content if isinstance(content, bytes) else content.encode(encoding)
    EXPECTED[name] = {
        "format": format, "findings": list(findings),
        "annotations": said.get("annotations", [said]),
    }  # fmt: skip


# --- the earlier annotator ---------------------------------------------------------------------------

golden("current.yaml", """\
metadata: {tier: 1, confidence: 1.0, source: manual, created: '2025-12-04T10:30:00Z', modified: '2025-12-04T10:30:00Z', verified_by: user, notes: x,
           flags: [needs_review], validation: {beat_grid_valid: false, cue_points_snapped: false, min_section_length: false}}
audio: {file: /m/song.flac, duration: 64.0, bpm: 120.0, downbeat: 0.5, time_signature: [4, 4], key: 8A}
structure:
- {bar: 1, label: intro, time: 0.5, confidence: 1.0}
- {bar: 9, label: breakbuild, time: 16.5, confidence: 1.0}
- {bar: 19, label: drop, time: 32.5, confidence: 1.0}
energy: {overall: 0.7, by_section: [{section: 0, bass: .4, mid: .6, high: .8}], at_boundaries: [{boundary: 0, delta: .25}]}
""", format="yaml", findings=["bars_disagree", "gap"], path="/m/song.flac", duration=64.0, grid=GRID, key="A minor",
    sections=SECTIONS, tier="verified")  # bar 19 begins at 36.5 s  # fmt: skip
golden("older.yaml", """\
file: 'C:\\Music\\söng.flac'
bpm: 120
downbeat: 0.5
time_signature: 4/4
annotations:
- [1, intro, '0:00.500']
- [9, breakbuild, '0:16.500']
- [17, drop, '0:32.500']
- [17, kick in, '0:32.500']
---
# raw events
# - [33, drop]
""".replace("\n", "\r\n"), "cp1252", format="yaml", findings=["encoding", "no_end"], path="C:\\Music\\söng.flac", grid=GRID,
    sections=[[0.5, 16.5, "intro", None], SECTIONS[1], [32.5, 34.5, "drop", None]], events=[[32.5, "kick in"]])  # fmt: skip
golden("oldest.yaml", "file: song.flac\nbpm: 120\ndownbeat: 0.5\nduration: 64\nstructure: [[1, 8, intro], [9, 16, breakbuild], [17, 32, drop]]\n",
    format="yaml", findings=["gap", "outside"], path="song.flac", duration=64.0, grid=GRID, sections=SECTIONS)  # fmt: skip
golden("analysis.json", json.dumps({
    "file": "song.flac", "duration": 64.0, "bpm": 120.0, "downbeat": 0.5, "time_signature": "4/4",
    "structure": [[1, 8, "segment1"], [9, 31, "segment2"]], "events": [[17, "drop"]],
    "raw": [{"start": 0.5, "end": 16.5, "start_bar": 1, "end_bar": 8, "label": "segment1", "confidence": 0.5}],
}), format="json", findings=["gap", "gap"], path="song.flac", duration=64.0, grid=GRID, events=[[32.5, "drop"]],
    sections=[[0.0, 16.5, "other", "segment1"], [16.5, 62.5, "other", "segment2"], [62.5, 64.0, "other", None]])  # fmt: skip

# --- ours ----------------------------------------------------------------------------------------------

BEATS = [{"time": 0.5 + index / 2, "position": index % 4 + 1, "bar": index // 4 + 1} for index in range(127)]
golden("analyze.json", json.dumps({
    "schema": 1, "recording": {"id": "sha256:aa", "path": "song.flac", "duration": 64.0, "sample_rate": 44100, "channels": 2},
    "author": "ada", "tier": "reference", "tempo": {"bpm": 120.0, "confidence": 0.9}, "meter": {"beats_per_bar": 4},
    "key": {"name": "A minor", "camelot": "8A", "confidence": 0.7}, "beats": BEATS, "events": [{"time": 32.5, "label": "drop", "bar": 17}],
    "sections": [{"start": start, "end": end, "label": word} for (start, end, _, _), word in zip(SECTIONS, WORDS, strict=True)],
    "findings": [],
}), format="json", path="song.flac", duration=64.0, grid=GRID, key="A minor", sections=SECTIONS, events=[[32.5, "drop"]],
    author="ada", tier="reference")  # fmt: skip

# --- JAMS ----------------------------------------------------------------------------------------------


def layer(namespace, data, annotator, **more):
    return {
        "namespace": namespace,
        "annotation_metadata": {"annotator": annotator, "data_source": "a person"},
        "data": data,
        **more,
    }


def one(time, duration, value, confidence=None):
    return {"time": time, "duration": duration, "value": value, "confidence": confidence}


golden("two-annotators.jams", json.dumps({
    "file_metadata": {"title": "Song", "artist": "Nobody", "duration": 64.0, "jams_version": "0.3.5", "release": "EP"},
    "annotations": [
        layer("segment_open", [one(start, end - start, word) for (start, end, _, _), word in zip(SECTIONS, WORDS, strict=True)], {"name": "ada"}),
        layer("beat_position", [one(beat["time"], 0.0, {"position": beat["position"], "measure": beat["bar"], "num_beats": 4, "beat_units": 4})
                                for beat in BEATS], {"name": "ada"}),
        layer("key_mode", [one(0.0, 64.0, "A:minor", 1.0)], {"name": "ada"}),
        layer("segment_salami_function", [one(0.0, 32.5, "Intro"), one(32.5, 31.5, "Chorus")], {"name": "bob"}),
        layer("chord", [one(0.0, 64.0, "A:min")], {"name": "bob"}),
    ],
    "sandbox": {"x": 1},
}), format="jams", findings=["unread", "unknown_label"], annotations=[
    {"title": "Song", "artist": "Nobody", "duration": 64.0, "author": "ada", "sections": SECTIONS, "grid": GRID, "key": "A minor"},
    {"title": "Song", "artist": "Nobody", "duration": 64.0, "author": "bob",
     "sections": [[0.0, 32.5, "intro", "Intro"], [32.5, 64.0, "other", "Chorus"]]},
])  # fmt: skip
golden("no-lengths.jams", json.dumps({
    "file_metadata": {"title": "Song", "duration": 64.0, "jams_version": "0.3.4"},
    "annotations": [{
        "namespace": "segment_open", "annotation_metadata": {"curator": {"name": "", "email": ""}, "annotator": {}},
        "data": {"time": [0.5, 16.5, 32.5], "duration": [0, 0, 0], "value": WORDS, "confidence": [1, 1, 1]},
        "sandbox": {"bpm": 120.0, "key": "8A", "downbeat": 0.5, "time_signature": "4/4", "bar_numbers": [1, 9, 17]},
    }],
    "sandbox": {},
}), format="jams", findings=["gap"], title="Song", duration=64.0, sections=SECTIONS, grid=GRID, key="A minor")  # fmt: skip

# --- rekordbox -------------------------------------------------------------------------------------------

golden("collection.xml", """\
<?xml version="1.0" encoding="UTF-8"?>
<DJ_PLAYLISTS Version="1.0.0">
  <PRODUCT Name="rekordbox" Version="6.7.4" Company="AlphaTheta"/>
  <COLLECTION Entries="3">
    <TRACK TrackID="1" Name="Söng &amp; Dance" Artist="Nobody" TotalTime="64" AverageBpm="120.00" Tonality="Am"
           Location="file://localhost/C:/Music/a%20b/S%C3%B6ng%20%26%20Dance.mp3">
      <TEMPO Inizio="0.5" Bpm="120.00" Metro="4/4" Battito="3"/>
      <TEMPO Inizio="32.5" Bpm="140.00" Metro="4/4" Battito="1"/>
      <POSITION_MARK Name="intro" Type="0" Start="0.500" Num="-1"/>
      <POSITION_MARK Name="Drop" Type="0" Start="32.500" Num="0" Red="40" Green="226" Blue="20"/>
      <POSITION_MARK Name="Drop" Type="0" Start="32.500" Num="-1"/>
      <POSITION_MARK Name="" Type="4" Start="16.500" End="24.500" Num="1"/>
      <POSITION_MARK Name="vocals" Type="0" Start="20.000" Num="-1"/>
    </TRACK>
    <TRACK TrackID="2" Name="Cues" Artist="" TotalTime="60" Location="file://localhost/Users/x/cues.wav">
      <TEMPO Inizio="0.025" Bpm="174.00" Metro="4/4" Battito="1"/>
      <POSITION_MARK Name="" Type="0" Start="10.000" Num="2"/>
    </TRACK>
    <TRACK TrackID="3" Name="Bare" Location="file://localhost/Users/x/bare.wav"/>
  </COLLECTION>
  <PLAYLISTS><NODE Type="0" Name="ROOT" Count="1"><NODE Name="all" Type="1" KeyType="0" Entries="1"><TRACK Key="1"/></NODE></NODE></PLAYLISTS>
</DJ_PLAYLISTS>
""", format="rekordbox", findings=["unread", "unread", "gap", "unread"], annotations=[
    {"path": "C:/Music/a b/Söng & Dance.mp3", "title": "Söng & Dance", "artist": "Nobody", "duration": 64.0, "key": "A minor",
     "grid": [[0.5, 120.0, 4, 3], [32.5, 140.0, 4, 1]],
     "sections": [[0.0, 32.5, "intro", None], [32.5, 64.0, "drop", "Drop"]],
     "events": [[16.5, "hot loop B"], [20.0, "vocals"]]},
    {"path": "/Users/x/cues.wav", "title": "Cues", "duration": 60.0, "grid": [[0.025, 174.0, 4, 1]],
     "events": [[10.0, "hot cue C"]]},
])  # fmt: skip

# --- lines of labels --------------------------------------------------------------------------------------

golden("labels.txt", "0.000000\t16.500000\tintro\n16.500000\t32.500000\tbreakbuild\n\\\t100.0\t8000.0\n"
    "32.500000\t64.000000\tdrop\n32.500000\t32.500000\tkick in\n".replace("\n", "\r\n"),
    format="audacity", findings=["unread"], path="labels", sections=SECTIONS, events=[[32.5, "kick in"]])  # fmt: skip
golden("points.txt", "0,500000\t0,500000\tintro\n16,500000\t16,500000\tbreakbuild\n20,0\t20,0\tsinger\n32,500000\t32,500000\tdrop\n",
    format="audacity", findings=["no_end"], path="points", events=[[20.0, "singer"]],
    sections=[[0.5, 16.5, "intro", None], SECTIONS[1], [32.5, 33.5, "drop", None]])  # fmt: skip
golden("corpus.lab", "# by ada\n0.0 16.5 intro\n16.5 32.5 breakbuild\n32.5 64.0 drop\n", "utf-8-sig",
    format="lab", path="corpus", sections=SECTIONS)  # fmt: skip
golden("htk.lab", "0 165000000 intro\n165000000 325000000 breakbuild\n325000000 640000000 drop\n",
    format="lab", findings=["unread"], path="htk", sections=SECTIONS)  # fmt: skip
golden("starts.lab", "0.0\tintro\n16.5\tbreakbuild\n32.5\tdrop\n64.0\tEnd\n",
    format="lab", path="starts", sections=SECTIONS)  # fmt: skip
golden("song.mirex", "0.0\t16.5\tintro\n16.5\t32.5\tbreakbuild\n32.5\t64.0\tdrop\n",
    format="mirex", path="song", sections=SECTIONS)  # fmt: skip

# --- TextGrid ----------------------------------------------------------------------------------------------

golden("long.TextGrid", '''\
File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 64
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "sections"
        xmin = 0
        xmax = 64
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 16.5
            text = "intro"
        intervals [2]:
            xmin = 16.5
            xmax = 32.5
            text = "breakbuild"
        intervals [3]:
            xmin = 32.5
            xmax = 64
            text = "drop"
    item [2]:
        class = "TextTier"
        name = "events"
        xmin = 0
        xmax = 64
        points: size = 1
        points [1]:
            number = 32.5
            mark = "say ""go"""
    item [3]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 64
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 64
            text = ""
''', format="textgrid", findings=["unread"], path="long", duration=64.0, sections=SECTIONS, events=[[32.5, 'say "go"']])  # fmt: skip
golden(
    "short.TextGrid",
    """\
File type = "ooTextFile"
Object class = "TextGrid"

0
64
<exists>
1
"IntervalTier"
"words"
0
64
3
0
1
""
1
1.5
"Hé"
1.5
64
""
""",
    "utf-16",
    format="textgrid",
    path="short",
    duration=64.0,
    words=[[1.0, 1.5, "Hé"]],
)

# --- tables ---------------------------------------------------------------------------------------------------

golden("seconds.csv", "filename,start,end,label\nsong.mp3,0,16.5,intro\nsong.mp3,16.5,32.5,breakbuild\n\"a, b.mp3\",0,8,drop\nsong.mp3,32.5,64,drop\n",
    format="csv", annotations=[{"path": "song.mp3", "sections": SECTIONS}, {"path": "a, b.mp3", "sections": [[0.0, 8.0, "drop", None]]}])  # fmt: skip
golden("bars.csv", "filename;start_bar;end_bar;label;bpm;first_downbeat\nsong.mp3;1;8;intro;120;0,5\nsong.mp3;9;16;breakbuild;120;0,5\n",
    format="csv", path="song.mp3", grid=GRID, sections=[[0.5, 16.5, "intro", None], SECTIONS[1]])  # fmt: skip
golden("starts.csv", "filename,bar,label,bpm\nsong.mp3,1,intro,120\nsong.mp3,9,chorus,120\n", format="csv",
    findings=["unread", "no_end", "unknown_label"], path="song.mp3", grid=[[0.0, 120.0, 4, 1]],
    sections=[[0.0, 16.0, "intro", None], [16.0, 18.0, "other", "chorus"]])  # fmt: skip
golden("tempo.csv", "path,bpm\na.mp3,120\nb.mp3,174\n", format="csv", findings=["unread", "unread"], annotations=[
    {"path": "a.mp3", "grid": [[0.0, 120.0, 4, 1]]}, {"path": "b.mp3", "grid": [[0.0, 174.0, 4, 1]]}])  # fmt: skip
golden("corpus.jsonl", "".join(json.dumps(record) + "\n" for record in (
    {"id": "1", "file_path": "01 - Song.mp3", "labels": [[0.026, "intro"], [16.5, "buildup"], [32.5, "drop"], [64.0, "end"]]},
    {"id": "2", "file_path": "02 - Other.mp3", "labels": [[0.0, "drop"], [30.0, "silence"], [32.0, "outro"], [60.0, "end"]]},
)), format="edm98", findings=["gap"], annotations=[
    {"path": "01 - Song.mp3", "duration": 64.0, "sections": [[0.0, 16.5, "intro", None], [16.5, 32.5, "buildup", None], [32.5, 64.0, "drop", None]]},
    {"path": "02 - Other.mp3", "duration": 60.0, "sections": [[0.0, 30.0, "drop", None], [30.0, 32.0, "silence", None], [32.0, 60.0, "outro", None]]},
])  # fmt: skip

# --- captions ---------------------------------------------------------------------------------------------------

golden("talk.vtt", """\
WEBVTT - a talk
Kind: captions

NOTE 00:00:00.000 --> 00:00:01.000 is no cue,
as this is a comment

STYLE
::cue { color: red }

first
00:01.000 --> 00:00:02.500 align:start position:10%
<v ada>Good <i>morning</i> &amp; welcome

00:00:03.000 --> 00:00:04.000
<00:00:03.000>R&amp;B<00:00:03.500> <00:00:03.600>time<00:00:04.000>
""", format="webvtt", findings=["unread"], path="talk", passages=[[1.0, 2.5, "Good morning & welcome"], [3.0, 4.0, "R&B time"]],
    words=[[3.0, 3.5, "R&B"], [3.6, 4.0, "time"]])  # fmt: skip
golden("chapters.vtt", "WEBVTT\n\n00:00.000 --> 00:16.500\nintro\n\n00:16.500 --> 00:32.500\nbreakbuild\n\n00:32.500 --> 01:04.000\ndrop\n",
    format="webvtt", findings=["unread"], path="chapters", sections=SECTIONS)  # fmt: skip
golden("talk.srt", "\ufeff1\n00:00:01,000 --> 00:00:02,500\n<i>Good</i>\nmorning\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}Hey\n3\n00:00:05,000 --> 00:00:06,000\n42\n",
    format="srt", path="talk", passages=[[1.0, 2.5, "Good morning"], [3.0, 4.0, "Hey"], [5.0, 6.0, "42"]])  # fmt: skip


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (FOLDER / name).write_bytes(content)
    text = json.dumps(EXPECTED, ensure_ascii=False, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")
