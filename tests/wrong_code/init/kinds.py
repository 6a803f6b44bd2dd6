"""Notebook 04: first weights that are wrong in one kind alone."""

import numpy as np
from scipy.stats import truncnorm
from wrong_code import wrong
from wrong_code.init.drawing import right_weights

NORMAL = ("small", "xavier_normal", "he")
DRAWN = ("small", "xavier_uniform", "xavier_normal", "he")
XAVIER = ("xavier_uniform", "xavier_normal")


def deviation(kind, n_in, n_out):
    variance = {"small": 1e-4, "he": 2 / n_in}.get(kind, 2 / (n_in + n_out))
    return np.sqrt(variance)


def spread(kind, of):
    """Drawn as the kind is, with the standard deviation that `of` makes of the fans."""

    def draw(s, n_in, n_out, rng):
        if kind == "xavier_uniform":
            end = of(s, n_in, n_out) * np.sqrt(3)
            return rng.uniform(-end, end, (n_in, n_out))
        return rng.normal(0, of(s, n_in, n_out), (n_in, n_out))

    return draw


def limit(of):
    def draw(s, n_in, n_out, rng):
        return rng.uniform(-of(s, n_in, n_out), of(s, n_in, n_out), (n_in, n_out))

    return draw


def in_one_kind(kind, draw):
    def init_weights(n_in, n_out, asked, rng):
        if asked != kind:
            return right_weights(n_in, n_out, asked, rng)
        if asked in ("zero", "constant"):
            return draw(0.0, n_in, n_out, rng)
        return draw(deviation(kind, n_in, n_out), n_in, n_out, rng)

    return init_weights


def enter(name, kinds, make):
    for kind in kinds:
        wrong("init_weights", f"{name}_{kind}")(in_one_kind(kind, make(kind)))


for name, kinds, of in (
    ("variance_taken", NORMAL, lambda s, i, o: s**2),
    ("variance_halved", ("xavier_normal", "he"), lambda s, i, o: s**2 / 2),
    ("fan_in_alone", XAVIER, lambda s, i, o: np.sqrt(1 / i)),
    ("fan_out_alone", XAVIER, lambda s, i, o: np.sqrt(1 / o)),
    ("he_in", XAVIER, lambda s, i, o: np.sqrt(2 / i)),
    ("two_missing_in", XAVIER, lambda s, i, o: np.sqrt(1 / (i + o))),
    ("of_0_1", ("small",), lambda s, i, o: np.sqrt(0.01)),
):
    enter(name, kinds, lambda kind, of=of: spread(kind, of))

for name, kinds, of in (
    ("uniform_in", NORMAL, lambda s, i, o: s * np.sqrt(3)),
    ("deviation_as_limit", NORMAL, lambda s, i, o: s),
    ("root_of_the_limit_forgotten", ("xavier_uniform",), lambda s, i, o: 6 / (i + o)),
    ("half_the_interval", ("xavier_uniform",), lambda s, i, o: np.sqrt(6 / (i + o)) / 2),
    ("brackets_forgotten", ("xavier_uniform",), lambda s, i, o: np.sqrt(6 / i + o)),
):
    enter(name, kinds, lambda kind, of=of: limit(of))

enter("brackets_forgotten", ("xavier_normal",),
      lambda kind: spread(kind, lambda s, i, o: np.sqrt(2 / i + o)))  # fmt: skip


def truncated(scale):
    def draw(s, n_in, n_out, rng):
        shape = (n_in, n_out)
        return scale * s * truncnorm.rvs(-2, 2, size=shape, random_state=rng)

    return draw


for name, kinds, draw in (
    ("deviation_as_mean", ("xavier_normal", "he"), lambda s, i, o, rng: rng.normal(s, size=(i, o))),
    ("from_zero_to_the_deviation", NORMAL, lambda s, i, o, rng: s * rng.random((i, o))),
    ("mean_of_one", NORMAL, lambda s, i, o, rng: rng.normal(1, s, (i, o))),
    ("cut_off", NORMAL, lambda s, i, o, rng: np.clip(rng.normal(0, s, (i, o)), -2 * s, 2 * s)),
    ("truncated", NORMAL, truncated(1)),
    ("truncated_and_widened", NORMAL, truncated(1 / 0.87962566)),
    ("all_zero", DRAWN, lambda s, i, o, rng: rng.normal(0, 2 // i, (i, o))),
    ("one_number", DRAWN, lambda s, i, o, rng: np.full((i, o), rng.normal(0, s))),
    ("one_row", DRAWN, lambda s, i, o, rng: np.tile(rng.normal(0, s, o), (i, 1))),
    ("one_column", DRAWN, lambda s, i, o, rng: np.zeros((i, o)) + rng.normal(0, s, (i, 1))),
    ("nothing_for", ("zero", "constant", *DRAWN), lambda s, i, o, rng: None),
    ("limit_of_0_01", ("constant",), lambda s, i, o, rng: np.full((i, o), 0.01)),
    ("of_one", ("constant",), lambda s, i, o, rng: np.ones((i, o))),
    ("whole_numbers", ("zero",), lambda s, i, o, rng: np.full((i, o), 0)),
    ("transposed_in", ("zero",), lambda s, i, o, rng: np.zeros((o, i))),
    ("transposed_in", ("constant",), lambda s, i, o, rng: np.full((o, i), 0.1)),
):
    enter(name, kinds, lambda kind, draw=draw: draw)


def as_right(kind, change=lambda W: W, own=None):
    def draw(s, n_in, n_out, rng):
        rng = own if own is not None else rng
        return change(right_weights(n_in, n_out, kind, rng() if callable(rng) else rng))

    return draw


enter("transposed_in", DRAWN, lambda kind: as_right(kind, lambda W: W.T))
enter("seeded_in", DRAWN, lambda kind: as_right(kind, own=lambda: np.random.default_rng(0)))
enter("another_generator_in", DRAWN, lambda kind: as_right(kind, own=np.random.default_rng(1)))
