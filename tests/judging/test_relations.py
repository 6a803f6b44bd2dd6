"""Plain relations: what is said when no known mistake fits, and that garbage gets no name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exercise import Expected, near
from autograder.judging.compare import Pair
from autograder.judging.relations import relation

RNG = np.random.default_rng(7)
# The batch has 6 and 5 examples; nothing else in the inputs is of these sizes.
CASES = [RNG.normal(size=(6, 3, 7)) + 2, RNG.normal(size=(5, 4, 8)) - 1]


def pairs(wrong, rights=CASES, others=None):
    return [
        Pair(wrong(right), Expected(right), {"x": right + 1}, others(right) if others else {})
        for right in rights
    ]


def border(right):
    wrong = right.copy()
    wrong[..., 0, :] = wrong[..., -1, :] = 0
    wrong[..., 0] = wrong[..., -1] = 0
    return wrong


def first_row(right):
    wrong = np.cos(right) + right**2
    wrong[0] = right[0]
    return wrong


SENTENCES = {
    "half": (
        lambda r: r / 2,
        "factor",
        "Your dx is 1/2 times the right one, in every case in which it is off.",
    ),
    "batch": (
        lambda r: r / len(r),
        "factor",
        "Your dx is 1/6 times the right one: it is divided by the length of axis 0 of x.",
    ),
    "three": (
        lambda r: 3.5 * r,
        "factor",
        "Your dx is 7/2 times the right one, in every case in which it is off.",
    ),
    "sign": (
        np.negative, "sign", "Your dx has the wrong sign: it is the negative of the right one.",
    ),
    "zero": (np.zeros_like, "zero", "Your dx is all zeros."),
    "one for all": (
        lambda r: np.broadcast_to(r.sum(0, keepdims=True), r.shape), "one-for-all",
        "Your dx is the same at all indices of axis 0: the sum of the right ones along that axis.",
    ),
    "mean for all": (
        lambda r: np.broadcast_to(r.mean(2, keepdims=True), r.shape), "one-for-all",
        "Your dx is the same at all indices of axis 2: the mean of the right ones along that axis.",
    ),
    "flip": (lambda r: np.flip(r, 1), "flip", "Your dx is flipped along axis 1."),
    "flip both": (
        lambda r: r[:, ::-1, ::-1], "flip", "Your dx is flipped along axes 1, 2.",
    ),
    "axes": (
        lambda r: r.transpose(0, 2, 1),
        "transpose",
        "Your dx is right with its axes in the order (0, 2, 1).",
    ),
    "rows": (
        lambda r: r[np.argsort(np.arange(len(r)) % 2, kind="stable")],
        "other-order",
        "Your dx holds the right rows in another order.",
    ),
    "offset": (
        lambda r: r + 0.25, "offset", "Your dx is the right one plus 0.25, everywhere.",
    ),
    "border": (
        border,
        "border",
        "Your dx is right inside and wrong only at the border of its last two axes.",
    ),
    "first row": (first_row, "first-row", "Your dx is right at the first index of axis 0 only."),
    "float32": (
        lambda r: r.astype(np.float32).astype(np.float64),
        "precision",
        "Your dx is right only to single precision. Somewhere the numbers pass through float32.",
    ),
    "input": (lambda r: r + 1, "input", "Your dx is x, unchanged."),
}  # fmt: skip


@pytest.mark.parametrize("what", SENTENCES)
def test_a_relation_is_told_in_a_sentence(what):
    wrong, name, sentence = SENTENCES[what]
    wrong_pairs = pairs(wrong)
    if what == "offset":  # where x is not itself an offset of the right value
        wrong_pairs = [Pair(p.seen, p.expected, {}, {}) for p in wrong_pairs]
    if what == "border":
        tall = [np.random.default_rng(1).normal(size=(2, 5, 6)), CASES[1]]
        wrong_pairs = pairs(wrong, tall)
    assert relation("dx", wrong_pairs) == (f"relation:{name}", sentence)


def test_a_matrix_is_transposed():
    square = [np.arange(9.0).reshape(3, 3) ** 2, np.arange(6.0).reshape(2, 3)]
    assert relation("dw", pairs(np.transpose, square)) == (
        "relation:transpose",
        "Your dw is transposed.",
    )


def test_two_outputs_that_are_swapped():
    found = relation("dx", pairs(np.exp, others=lambda right: {"dw": Expected(np.exp(right))}))
    assert found == ("relation:swapped", "Your dx is what dw should be: are the two swapped?")


def test_a_factor_that_no_case_shares_is_no_relation():
    factors = iter((2.5, 3.7))
    assert relation("dx", pairs(lambda right: next(factors) * right)) is None


def test_a_relation_must_hold_in_every_case():
    signs = iter((-1, 1.3))
    assert relation("dx", pairs(lambda right: next(signs) * right)) is None


@pytest.mark.parametrize("value", [None, "text", [1.0], {"a": 1}, np.array(["a"])])
def test_what_is_no_number_has_no_relation(value):
    assert relation("dx", pairs(lambda right: value)) is None


def test_one_number_alone_has_no_relation_to_another():
    assert relation("loss", [Pair(3.1, near(2.0, rtol=1e-6, atol=0), {}, {})]) is None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_garbage_gets_no_relation(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 6, rng.integers(1, 4)))
    rights = [rng.normal(size=shape) for _ in range(2)]
    assert relation("out", pairs(lambda right: rng.normal(size=shape), rights)) is None


def test_a_value_that_is_off_in_its_dtype_only_is_no_offset():
    same = [Pair(r.astype(float), Expected(r.astype("f4")), {}, {}) for r in CASES]
    assert relation("dx", same) is None


def test_a_list_that_begins_right_has_no_first_row():
    rights = [RNG.normal(size=5), RNG.normal(size=4)]
    assert relation("losses", pairs(first_row, rights)) is None


@pytest.mark.parametrize("nearly", [
    lambda r: r * (1 + 3e-7), lambda r: np.clip(r, None, r.max() - 5e-7),
    lambda r: np.where(np.arange(r.size).reshape(r.shape) % 7, r, r * (1 - 4e-7)),
], ids=["a factor", "a clip", "some values"])  # fmt: skip
def test_what_is_nearly_right_is_not_called_single_precision(nearly):
    name, sentence = relation("dx", pairs(nearly))
    assert name == "relation:precision"
    assert sentence == "Your dx is right to about six digits only; more are asked for."
