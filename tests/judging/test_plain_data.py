"""Plain data: it comes back as it went, and bytes from a stranger can do no harm."""

import json
import math
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.judging.plain_data import (
    DTYPES,
    MAGIC,
    NotPlain,
    Strange,
    Tensor,
    bounded_json,
    pack,
    plain,
    unpack,
)

ROOT = Path(__file__).resolve().parents[2]

arrays = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text()
    | arrays
    | arrays.map(Tensor)
    | st.text(max_size=9).map(Strange)
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4)
    | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def same(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return same(a.array, b.array)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b) or (a != a and b != b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@settings(deadline=None)
@given(trees)
def test_what_goes_over_comes_back_the_same(value):
    assert same(unpack(pack(value)), value)


@settings(deadline=None)
@given(trees)
def test_the_same_data_always_gives_the_same_bytes(value):
    assert pack(value) == pack(unpack(pack(value)))


@settings(deadline=None)
@given(trees)
def test_a_copy_shares_no_memory(value):
    copy = plain(value)
    assert same(copy, value)
    if isinstance(value, np.ndarray) and value.size:
        assert not np.shares_memory(copy, value)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data):
    with pytest.raises(NotPlain):
        unpack(data)


def forged(header, tail=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return MAGIC + struct.pack("<Q", len(text) if length is None else length) + text + tail


json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=10,
)
tagged = st.tuples(
    st.sampled_from(["array", "tensor", "int", "float", "list", "tuple", "dict", "strange", "x"]),
    json_trees,
)

descriptions = st.lists(st.tuples(st.sampled_from(sorted(DTYPES)), json_trees))


@settings(deadline=None, max_examples=300)
@given(json_trees | tagged, json_trees | descriptions)
def test_a_forged_header_gives_plain_data_or_is_refused(tree, described):
    try:
        value = unpack(forged({"tree": tree, "arrays": described}))
    except NotPlain:
        return
    assert same(plain(value), value)


@settings(deadline=None)
@given(trees, st.data())
def test_a_changed_byte_gives_plain_data_or_is_refused(value, data):
    raw = bytearray(pack(value))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    try:
        found = unpack(bytes(raw))
    except NotPlain:
        return
    assert same(plain(found), found)


@settings(deadline=None)
@given(trees, st.data())
def test_bytes_that_are_cut_off_or_too_many_are_refused(value, data):
    raw = pack(value)
    with pytest.raises(NotPlain):
        unpack(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(NotPlain):
        unpack(raw + b"x")


BOMBS = {
    "a huge array": forged({"tree": ["array", 0], "arrays": [["float64", [10**12]]]}),
    "a shape beyond machine integers": forged({"tree": 1, "arrays": [["int8", [0, 10**40]]]}),
    "a negative shape": forged({"tree": 1, "arrays": [["int8", [-1, -4]]]}, b"abcd"),
    "a shape of true": forged({"tree": 1, "arrays": [["int8", [True]]]}, b"a"),
    "an object array": forged({"tree": ["array", 0], "arrays": [["object", [1]]]}, b"\0" * 8),
    "an array that is not there": forged({"tree": ["array", 3], "arrays": []}),
    "a length beyond the end": forged({"tree": 1, "arrays": []}, length=2**63),
    "deep nesting": forged(b"[" * 200_000 + b"]" * 200_000),
    "deep lists": forged(
        b'{"arrays": [], "tree": ' + b'["list", [' * 5_000 + b"1" + b"]]" * 5_000 + b"}"
    ),
    "a whole number without end": forged(b'{"arrays": [], "tree": ' + b"9" * 100_000 + b"}"),
    "too many dimensions": forged({"tree": 1, "arrays": [["int8", [1] * 100]]}, b"a"),
    "a bare object": forged({"tree": {"a": [1]}, "arrays": []}),
    "no header": MAGIC,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_without_taking_memory(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(NotPlain):
            unpack(bomb)
        assert tracemalloc.get_traced_memory()[1] < 50 * len(bomb) + 10**7
    finally:
        tracemalloc.stop()


def test_more_bytes_than_allowed_are_refused():
    with pytest.raises(NotPlain, match="more than the 10 allowed"):
        unpack(pack("a long enough text"), limit=10)


class Hostile:
    """Raises at everything one can ask of it."""

    def _fail(self, *args):
        raise RuntimeError("hands off")

    __class__ = property(_fail)
    __eq__ = __bool__ = __len__ = __iter__ = __array__ = __str__ = __repr__ = _fail
    __hash__ = None


class HostileDict(dict):
    items = keys = __iter__ = __len__ = Hostile._fail


class HostileTuple(tuple):
    __iter__ = __len__ = Hostile._fail


@pytest.mark.filterwarnings("ignore:the matrix subclass", "ignore:Sparse invariant checks")
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Hostile, "Hostile"),
        (lambda: np.matrix([[1.0]]), "matrix"),
        (lambda: np.ma.array([1.0]), "MaskedArray"),
        (lambda: np.array([object()]), "array of object"),
        (lambda: np.array(["text"]), "array of <U4"),
        (lambda: {1: 2}, "dict whose keys are not all strings"),
        (lambda: print, "builtin_function_or_method"),
        (lambda: {1, 2}, "set"),
        (lambda: torch.sparse_coo_tensor([[0]], [1.0], (2,)), "torch tensor of float32"),
        (lambda: torch.empty(2, device="meta"), "torch tensor of float32"),
    ],
)
def test_what_is_not_plain_is_known_by_its_type_only(make, name):
    assert plain(make()) == Strange(name)


def test_containers_are_read_without_their_own_methods():
    assert plain(HostileDict(a=1)) == {"a": 1}
    assert plain(HostileTuple((1, 2))) == (1, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.complex64])
def test_a_tensor_is_remembered_as_one(dtype):
    value = torch.arange(4).to(dtype).reshape(2, 2).t()
    found = plain(value)
    assert isinstance(found, Tensor)
    assert found.array.tolist() == value.tolist()


def test_a_tensor_that_needs_a_gradient_is_read():
    assert plain(torch.ones(2, requires_grad=True) * 2).array.tolist() == [2.0, 2.0]


def test_numpy_scalars_and_strings_are_plain():
    assert plain(np.float32(2)).dtype == np.float32
    assert plain(np.str_("b")) == "b" and type(plain(np.str_("b"))) is str


def test_nothing_in_the_grader_pickles():
    """What crosses from a learner's process is never unpickled; `plain` is all there is."""
    # engine: submissions for our own workers, as a pool's own pipe pickles them.
    # forked: what a worker's own copy made of a submission.
    # base, judges: what is asked of our own workers and what they answer, over sockets that no
    # learner's process inherits (tests/grading/sandbox/test_nursery.py looks).
    # packing: asks a learner's data set to be pickled, in the learner's process.
    ours = {
        "autograder/grading/pipeline/engine.py", "autograder/exercises/gpu/packing.py",
        "autograder/grading/pipeline/workers/forked.py",
        "autograder/grading/pipeline/workers/base.py",
        "autograder/grading/pipeline/workers/judges.py",
    }  # fmt: skip
    forbidden = re.compile(
        r"\b(?:import|from)\s+(?:c?pickle|cloudpickle|dill|marshal|shelve|joblib)\b"
        r"|torch\.load\(|allow_pickle\s*=\s*True"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "autograder").rglob("*.py"))
        if str(path.relative_to(ROOT)) not in ours
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [b"[" + b"{}," * 1000 + b"1]", b"[" * 2000, b'{"a": [' + b"1," * 1000 + b'1], "b": "]"}'],
)
def test_json_of_more_parts_than_may_be_is_refused_before_it_is_read(text):
    with pytest.raises(ValueError, match="parts; 1,000 are taken"):
        bounded_json(text, 1000)


@pytest.mark.parametrize("text", ["[,{" * 1000, '"[,' * 1000, "\\" * 999 + '"[,', "\ud800,[" * 300])
def test_what_stands_in_a_string_is_no_part(text):
    assert bounded_json(json.dumps([text, 1]).encode(), 10) == [text, 1]
