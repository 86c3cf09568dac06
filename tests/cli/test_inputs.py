from edm_core.cli.inputs import collect


def test_files_in_order_and_once(tmp_path):
    for name in ("b.mp3", "a.wav", ".hidden.mp3", "notes.txt"):
        (tmp_path / name).write_text("x")
    files, problems = collect([str(tmp_path / "b.mp3"), str(tmp_path)], recursive=False)
    assert [file.name for file in files] == ["b.mp3", "a.wav"]
    assert problems == []


def test_an_empty_path_is_not_the_current_folder():
    files, (problem,) = collect([""], recursive=False)
    assert files == []
    assert "empty path" in str(problem)


def test_a_named_file_may_end_in_anything(tmp_path):
    odd = tmp_path / "track.bin"
    odd.write_text("x")
    assert collect([str(odd)], recursive=False) == ([odd], [])
