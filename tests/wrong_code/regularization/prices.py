"""Notebook 05: the penalties with one piece wrong, piece by piece."""

import numpy as np
from wrong_code import wrong


def price(name, cost, slope, picks=None, rest=None, after=None):
    """A penalty by cost and slope of an array, the names that `picks` takes, what the rest gets."""

    def penalty(params, lam):
        total, grads = 0.0, {}
        for key, value in params.items():
            if (picks or (lambda key, value: key.startswith("W")))(key, value):
                total += cost(value, lam)
                grads[key] = np.asarray(slope(value, lam), value.dtype)
            else:
                grads[key] = rest(value) if rest else np.zeros_like(value)
        return after(total, grads, lam) if after else (total, grads)

    penalty.__name__ = name
    return penalty


def squares(value, lam):
    return 0.5 * lam * np.sum(value**2)


def sizes(value, lam):
    return lam * np.sum(np.abs(value))


def shrink(value, lam):
    return lam * value


def push(value, lam):
    return lam * np.sign(value)


BOTH = {
    "only_biases_spared": {"picks": lambda key, value: key[0] != "b"},
    "w_anywhere": {"picks": lambda key, value: "W" in key},
    "small_letter_too": {"picks": lambda key, value: key.upper().startswith("W")},
    "w_and_a_digit": {"picks": lambda key, value: key[0] == "W" and key[1:].isnumeric()},
    "number_for_an_array": {"rest": lambda value: 0.0},
    "none_for_an_array": {"rest": lambda value: None},
    "zeros_in_double": {"rest": lambda value: np.zeros(value.shape)},
    "nothing_for_a_price_of_0": {
        "after": lambda total, grads, lam: (total, grads) if lam else (0.0, {})
    },
    "gradient_backwards": {
        "after": lambda total, grads, lam: (total, {k: -g for k, g in grads.items()})
    },
    "wider_gradients": {
        "after": lambda total, grads, lam: (
            total, {k: g.astype(float) if k[0] == "W" else g for k, g in grads.items()}
        )
    },
}  # fmt: skip
for identity, change in BOTH.items():
    wrong("l2_penalty", identity)(price("l2_penalty", squares, shrink, **change))
    wrong("l1_penalty", identity)(price("l1_penalty", sizes, push, **change))


for identity, cost, slope in [
    ("gradient_halved", squares, lambda value, lam: lam * value / 2),
    ("factor_left_out_of_the_cost", lambda value, lam: np.sum(value**2) / 2, shrink),
    ("averaged_in_both", lambda v, lam: squares(v, lam) / v.size, lambda v, lam: lam * v / v.size),
]:
    wrong("l2_penalty", identity)(price("l2_penalty", cost, slope))

for identity, cost, slope in [
    ("softened", sizes, lambda value, lam: lam * value / (np.abs(value) + 1e-3)),
    ("softened_a_little", sizes, lambda value, lam: lam * value / (np.abs(value) + 1e-8)),
    ("softened_hardly", sizes, lambda value, lam: lam * value / (np.abs(value) + 1e-12)),
    ("small_taken_for_zero", sizes,
     lambda value, lam: lam * np.where(np.isclose(value, 0), 0, np.sign(value))),
    ("cost_halved", lambda value, lam: 0.5 * sizes(value, lam), push),
    ("gradient_halved", sizes, lambda value, lam: push(value, lam) / 2),
    ("absolute_value_of_the_sum", lambda value, lam: lam * abs(np.sum(value)), push),
    ("matrix_norm", lambda value, lam: lam * np.linalg.norm(value, 1), push),
    ("matrix_norm_of_rows",
     lambda value, lam: lam * np.linalg.norm(value.reshape(len(value), -1), 1), push),
    ("factor_left_out_of_the_cost", lambda value, lam: np.sum(np.abs(value)), push),
    ("is_l2", squares, shrink),
    ("gradient_is_the_cost", sizes, lambda value, lam: lam * np.abs(value)),
    ("gradient_without_sign", sizes, lambda value, lam: np.full_like(value, lam)),
]:  # fmt: skip
    wrong("l1_penalty", identity)(price("l1_penalty", cost, slope))


@wrong("l2_penalty", "cost_of_biases_too")
def l2_penalty(params, lam):
    cost = sum(squares(value, lam) for value in params.values())
    return cost, {k: v * (lam if k[0] == "W" else 0) for k, v in params.items()}


@wrong("l1_penalty", "gradient_of_biases_too")
def l1_penalty(params, lam):
    cost = sum(sizes(value, lam) for key, value in params.items() if key[0] == "W")
    return cost, {key: lam * np.sign(value) for key, value in params.items()}
