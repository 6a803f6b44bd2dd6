"""Notebook 04: a net's spread, layer by layer, as people measure it wrong."""

import numpy as np
from wrong_code import wrong
from wrong_code.init.drawing import right_weights

ACTIVATIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def measured(
    look=lambda z, h, last: h.std(), go_on=lambda z, h: h, activations=ACTIVATIONS, fresh=False,
    draw=right_weights, start=None, rows=None, biases=0.0, end=lambda stds, x: stds,
    layers=lambda pairs: pairs,
):  # fmt: skip
    """std_by_depth with one thing changed."""

    def std_by_depth(widths, activation, kind, rng, examples=200):
        rows_now = examples if rows is None else rows(examples)
        x = h = (start or (lambda rng, shape: rng.normal(size=shape)))(rng, (rows_now, widths[0]))
        stds, pairs = [], layers(list(zip(widths[:-1], widths[1:], strict=True)))
        for place, (n_in, n_out) in enumerate(pairs):
            fed = rng.normal(size=(rows_now, n_in)) if fresh and place else h
            z = fed @ draw(n_in, n_out, kind, rng)
            if biases:
                z = z + rng.normal(0, biases, n_out)
            h = activations[activation](z)
            stds.append(look(z, h, place == len(pairs) - 1))
            h = go_on(z, h)
        return end(stds, x)

    return std_by_depth


def nothing(stds, x):
    """Forgets to return."""


def shared():
    kept = {}

    def draw(n_in, n_out, kind, rng):
        if (n_in, n_out) not in kept:
            kept[n_in, n_out] = right_weights(n_in, n_out, kind, rng)
        return kept[n_in, n_out]

    return draw


def sharing(widths, activation, kind, rng, examples=200):
    return measured(draw=shared())(widths, activation, kind, rng, examples)


sharing.__name__ = "std_by_depth"
wrong("std_by_depth", "layers_share_weights")(sharing)

for identity, how in {
    "variances": {"look": lambda z, h, last: h.var()},
    "mean_square": {"look": lambda z, h, last: (h**2).mean()},
    "root_mean_square": {"look": lambda z, h, last: np.sqrt((h**2).mean())},
    "per_unit_and_before": {"look": lambda z, h, last: z.std(0).mean()},
    "per_example": {"look": lambda z, h, last: h.std(1).mean()},
    "array_for_each_layer": {"look": lambda z, h, last: h.std(0)},
    "means": {"look": lambda z, h, last: h.mean()},
    "mean_sizes": {"look": lambda z, h, last: np.abs(h).mean()},
    "input_included_in_mean_squares": {
        "look": lambda z, h, last: (h**2).mean(), "end": lambda stds, x: [(x**2).mean(), *stds],
    },
    "last_layer_left_out": {"end": lambda stds, x: stds[:-1]},
    "one_layer_too_few": {"layers": lambda pairs: pairs[:-1]},
    "first_layer_left_out": {"end": lambda stds, x: stds[1:]},
    "last_layer_alone": {"end": lambda stds, x: stds[-1:]},
    "activation_ignored": {"activations": dict.fromkeys(ACTIVATIONS, np.tanh)},
    "relu_always": {"activations": dict.fromkeys(ACTIVATIONS, ACTIVATIONS["relu"])},
    "tanh_left_out": {"activations": {**ACTIVATIONS, "tanh": lambda z: z}},
    "relu_left_out": {"activations": {**ACTIVATIONS, "relu": lambda z: z}},
    "no_activation": {"activations": dict.fromkeys(ACTIVATIONS, lambda z: z)},
    "size_for_relu": {"activations": {**ACTIVATIONS, "relu": np.abs}},
    "leaky_relu": {"activations": {**ACTIVATIONS, "relu": lambda z: np.where(z > 0, z, 0.01 * z)}},
    "sigmoid_for_tanh": {"activations": {**ACTIVATIONS, "tanh": lambda z: 1 / (1 + np.exp(-z))}},
    "last_without_activation": {"look": lambda z, h, last: z.std() if last else h.std()},
    "activation_not_passed_on": {"go_on": lambda z, h: z},
    "normalised_on_the_way": {"go_on": lambda z, h: h / h.std()},
    "fresh_noise_for_each_layer": {"fresh": True},
    "with_biases": {"biases": 0.1},
    "kind_ignored": {"draw": lambda i, o, kind, rng: right_weights(i, o, "he", rng)},
    "fans_exchanged": {"draw": lambda i, o, kind, rng: right_weights(o, i, kind, rng).T},
    "uniform_input": {"start": lambda rng, shape: rng.random(shape)},
    "examples_ignored": {"rows": lambda examples: 200},
    "hundred_examples_by_default": {"rows": lambda n: 100 if n == 200 else n},
    "thousand_examples_by_default": {"rows": lambda n: 1000 if n == 200 else n},
    "weights_not_from_rng": {
        "draw": lambda i, o, kind, rng: right_weights(i, o, kind, np.random.default_rng(0)),
    },
    "returns_nothing": {"end": nothing},
}.items():  # fmt: skip
    wrong("std_by_depth", identity)(measured(**how))
