"""Weights as files and as text: what comes back, and one sentence for what cannot be taken."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import weights
from course_utils.weights import Unusable


def net(width=4, classes=8):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.Flatten(),
                         nn.Linear(width, classes))  # fmt: skip


def test_arrays_come_back_from_a_file_and_from_text(tmp_path):
    arrays = weights.arrays_of(net())
    weights.save(tmp_path / "my_net.npz", arrays)
    for back in (weights.from_file(tmp_path / "my_net.npz"),
                 weights.from_text(weights.to_text(arrays))):  # fmt: skip
        assert list(back) == list(arrays)
        for name, array in arrays.items():
            assert back[name].dtype == array.dtype and np.array_equal(back[name], array)
    assert [path.name for path in tmp_path.iterdir()] == ["my_net.npz"]


def test_the_same_arrays_are_the_same_text():
    arrays = weights.arrays_of(net())
    assert weights.to_text(arrays) == weights.to_text(dict(arrays))
    assert max(map(len, weights.to_text(arrays).splitlines())) <= 96


def test_what_is_loaded_answers_alike():
    first, second = net().eval(), net().eval()
    weights.load(second, weights.arrays_of(first))
    x = torch.rand(2, 3, 3, 3)
    assert torch.equal(first(x), second(x))


def with_code():
    """A pickled object in a file of arrays."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        member = io.BytesIO()
        np.save(member, np.array([print], dtype=object), allow_pickle=True)
        archive.writestr("0.weight.npy", member.getvalue())
    return out.getvalue()


def unpacks_to_gigabytes():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.weight.npy", bytes(30_000_000))
    return out.getvalue()


def claims_to_be_large():
    """A header of terabytes with a few bytes behind it."""
    out, member = io.BytesIO(), io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(member, header)
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("0.weight.npy", member.getvalue() + bytes(40))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "holds no weights that can be read"),
        (b"no archive", "holds no weights that can be read"),
        (pickle.dumps({"0.weight": [1.0]}), "holds no weights that can be read"),
        (with_code(), "holds objects, which could be code"),
        (unpacks_to_gigabytes(), "unpacks to more than 2 MB"),
        (claims_to_be_large(), "my_net.npz (is damaged|holds no weights)"),
        (bytes(3_000_000), "has 3.0 MB; 2 MB are allowed"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_in_a_sentence(tmp_path, data, says):
    path = tmp_path / "my_net.npz"
    path.write_bytes(data)
    with pytest.raises(Unusable, match=says):
        weights.from_file(path)


def test_a_file_of_gigabytes_is_not_read(tmp_path):
    path = tmp_path / "my_net.npz"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)
    with pytest.raises(Unusable, match=r"has 2000\.0 MB"):
        weights.from_file(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Unusable, match=r"my_net\.npz cannot be read \(No such file"):
        weights.from_file(tmp_path / "my_net.npz")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (3, "is a int; a string is wanted"),
        ("no base 85: \\", "is damaged: copy all"),
        ("abcde", "holds no weights that can be read"),
        ("a" * 5_000_000, r"has 5\.0 MB"),
    ],
)
def test_text_that_cannot_be_taken_is_told(text, says):
    with pytest.raises(Unusable, match=says):
        weights.from_text(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: [1, 2], "a dict of arrays by name, not a list"),
        (lambda a: {**a, "0.bias": "code"}, r"0\.bias is no numpy array of numbers \(str\)"),
        (lambda a: {**a, "0.bias": np.array(["1"])}, "is no numpy array of numbers"),
        (lambda a: {**a, "0.bias": np.full(4, np.nan, np.float32)}, "0.bias has NaN"),
        (lambda a: {**a, "0.bias": np.zeros(10**6)}, "take 8.0 MB and more; 2 MB are allowed"),
        (lambda a: {n: v for n, v in a.items() if n != "0.bias"}, r"they have no 0\.bias"),
        (lambda a: {**a, "9.bias": np.zeros(3)}, r"they have 9\.bias, which it has not"),
        (lambda a: {**a, "0.bias": np.zeros(5)}, r"another net or variant: 0\.bias has shape"),
    ],
)
def test_arrays_that_do_not_fit_are_told_and_change_nothing(change, says):
    own = net()
    before = weights.arrays_of(own)
    with pytest.raises(Unusable, match=says):
        weights.load(own, change(weights.arrays_of(net())))
    after = weights.arrays_of(own)
    assert all(np.array_equal(before[name], after[name]) for name in before)
