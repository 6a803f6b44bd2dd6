"""A file of a class is there as a whole or as it was."""

from __future__ import annotations

import os

import pytest

from autograder.grading.whole_files import write_whole


def test_text_and_bytes_are_put_with_their_folder(tmp_path):
    write_whole(tmp_path / "new" / "a.json", "ä")
    write_whole(tmp_path / "new" / "a.json", b"b")
    assert (tmp_path / "new" / "a.json").read_bytes() == b"b"
    assert os.listdir(tmp_path / "new") == ["a.json"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "kept.csv"
    write_whole(path, "as it was")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "half")
    assert path.read_text() == "as it was" and os.listdir(tmp_path) == ["kept.csv"]
