"""Bounds while a download is unpacked: what one student hands in costs a sentence, not the disk."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import click
import pytest

from autograder.grading.classroom import downloads
from autograder.grading.classroom.downloads import Full, Handed, opened, take

LIMIT = 10**6


def packed(files, how=zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", how) as archive:
        for name, data in dict(files).items():
            archive.writestr(name, data)
    return held.getvalue()


def taken(folder: Path, files) -> tuple[Handed, bool, Path]:
    """What is taken of a student's files, whether it was too much, and where it was put."""
    download, staging = folder / "all.zip", folder / "staging"
    download.write_bytes(packed(files))
    staging.mkdir()
    handed = Handed(downloads.MOST_FILES * LIMIT)
    with opened(download, []) as found:
        try:
            for file in found:
                take(file, handed, staging, LIMIT)
        except Full:
            return handed, True, staging
    return handed, False, staging


def on_disk(staging: Path) -> int:
    return sum(path.stat().st_size for path in staging.iterdir())


def test_a_zip_that_grows_stops_at_what_one_student_may_bring(tmp_path):
    inner = packed({f"{number}.ipynb": bytes(LIMIT) for number in range(50)})
    assert len(inner) < LIMIT / 10
    handed, full, staging = taken(tmp_path, {"mine.zip": inner})
    assert full and on_disk(staging) <= downloads.MOST_FILES * LIMIT
    assert len(handed.notebooks) < downloads.MOST_FILES


def test_a_member_larger_than_a_file_may_be_is_not_unpacked(tmp_path):
    inner = packed({"large.ipynb": bytes(LIMIT + 1), "small.ipynb": b"{}"})
    handed, full, staging = taken(tmp_path, {"mine.zip": inner})
    assert not full and [found.path for found in handed.notebooks] == ["mine.zip/small.ipynb"]
    assert handed.said == ["mine.zip/large.ipynb is larger than 1 MB; left out"]


def test_a_size_that_lies_is_no_way_around_the_bound(tmp_path):
    """A member says 10 bytes and unpacks to more than a student may bring."""
    inner = bytearray(packed({"x.ipynb": bytes(3 * LIMIT)}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", inner, inner.index(mark) + place, 10)
    handed, full, staging = taken(tmp_path, {"mine.zip": bytes(inner)})
    assert not full and not handed.notebooks and on_disk(staging) < 100
    assert "mine.zip/x.ipynb cannot be read" in handed.said[0]


def test_more_members_than_a_student_may_bring_are_not_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_MEMBERS", 5)
    inner = packed({f"{number}.py": "" for number in range(9)})
    handed = Handed(10**6, members=5)
    (tmp_path / "all.zip").write_bytes(packed({"a.zip": inner}))
    with opened(tmp_path / "all.zip", []) as (file,), pytest.raises(Full):
        take(file, handed, tmp_path, LIMIT)
    assert len(handed.others) == 5


def test_a_list_of_members_that_is_too_long_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_DIRECTORY", 300)
    inner = packed({f"{number}.ipynb": "" for number in range(9)})
    monkeypatch.setattr(downloads, "_in_zip", pytest.fail)
    handed = Handed(10**6)
    (tmp_path / "a.zip").write_bytes(inner)
    file = downloads._on_disk(tmp_path / "a.zip", "a.zip")
    with pytest.raises(Full):
        take(file, handed, tmp_path, LIMIT)


def test_a_zip_in_a_zip_in_a_zip_is_told_so(tmp_path):
    inner = packed({"b.zip": packed({"x.ipynb": "{}"}), "y.ipynb": "{}"})
    handed, full, _ = taken(tmp_path, {"a.zip": inner})
    assert [found.path for found in handed.notebooks] == ["a.zip/y.ipynb"] and not full
    assert handed.said == ["a.zip/b.zip is a zip in a zip; ask for the notebook itself"]


def test_what_a_student_packed_oddly_is_told_and_the_rest_is_taken(tmp_path):
    locked = bytearray(packed({"x.ipynb": "{}"}, zipfile.ZIP_STORED))
    locked[6] |= 1  # encrypted, says the member and says the list
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    files = {
        "lzma.zip": packed({"x.ipynb": "{}"}, zipfile.ZIP_LZMA), "locked.zip": bytes(locked),
        "cut.zip": packed({"x.ipynb": "{}"})[:-30], "none.zip": b"",
        "good.zip": packed({"y.ipynb": "{}"}),
    }  # fmt: skip
    handed, full, staging = taken(tmp_path, files)
    assert [found.path for found in handed.notebooks] == ["good.zip/y.ipynb"] and not full
    assert len(handed.said) == 4 and all("ask for" in said for said in handed.said)
    assert len(list(staging.iterdir())) == 1


@pytest.mark.parametrize("name", ["all.rar", "all.tar.gz", "list.pdf"])
def test_a_download_that_is_none_is_told_what_to_do(tmp_path, name):
    (tmp_path / name).write_bytes(b"something")
    with pytest.raises(click.ClickException, match="unpacked first"), opened(tmp_path / name, []):
        pass


def test_a_download_that_is_cut_off_is_told_so(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x01\x02" + packed({"x.ipynb": "{}"})[-22:])
    with pytest.raises(click.ClickException, match="Download it again"):
        with opened(tmp_path / "a.zip", []):
            pass


def test_a_name_that_leads_out_is_named_and_leads_nowhere(tmp_path):
    inner = packed({"../../zoe.ipynb": "{}", "a.ipynb": "{}"})
    download = tmp_path / "moodle.zip"
    download.write_bytes(packed({"../up.ipynb": "{}", "..\\b.ipynb": "{}", "ada.zip": inner}))
    notes, handed = [], Handed(LIMIT)
    with opened(download, notes) as files:
        (ada,) = files
        take(ada, handed, tmp_path, LIMIT)
    assert notes == [f"../{name} names a folder above its own; left out."
                     for name in ("up.ipynb", "b.ipynb")]  # fmt: skip
    assert handed.said == ["ada.zip/../../zoe.ipynb names a folder above its own; left out"]
    assert [found.path for found in handed.notebooks] == ["ada.zip/a.ipynb"]


def test_what_is_locked_with_a_password_is_told_so(tmp_path):
    locked = bytearray(packed({"ada.ipynb": "{}"}))
    locked[6] |= 1
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    handed = Handed(LIMIT)
    with opened(tmp_path / "locked.zip", []) as (file,):
        take(file, handed, tmp_path, LIMIT)
    assert handed.said == [
        "ada.ipynb cannot be read (it is locked with a password); ask for it again"
    ]
