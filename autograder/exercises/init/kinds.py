"""What goes wrong in one kind of first weights alone. No exercise lives here."""

from statistics import NormalDist

from autograder.exercise import Exercise, mistake

NORMAL = ("small", "xavier_normal", "he")
DRAWN = ("small", "xavier_uniform", "xavier_normal", "he")
ALL = ("zero", "constant", *DRAWN)
below = NormalDist().cdf  # the share of standard normal numbers below one
FAR = {"beyond two standard deviations": 0.0, "beyond two and a half": 0.0}


def std(value):
    return {"standard deviation": value}


def cut(factor, spread):
    """Normal numbers within two standard deviations whose own deviation is `factor` of it."""
    inside = 1 - 2 * below(-2)
    beyond = 2 * (below(-2 * factor) - below(-2)) / inside if factor < 0.9 else (
        2 * below(-2 * factor))  # fmt: skip
    return std(spread) | {"beyond two standard deviations": beyond, "beyond two and a half": 0.0}


# Of a normal variable that is drawn again, or set to the end, beyond two standard deviations.
DRAWN_AGAIN, SET_TO_THE_END = 0.879626, 0.959307

# Name, kinds, hint, and what it shows where s is the right deviation, i and o the two fans.
IN_ONE_KIND = (
    ("variance_taken", NORMAL, """Your standard deviation in "{kind}" is the square of the right
     one, a variance. The generator wants the standard deviation, its root.""",
     lambda s, i, o: std(s**2)),
    ("variance_halved", ("xavier_normal", "he"), """Your standard deviation in "{kind}" is half the
     variance, as x ** 1 / 2 gives it: the power comes before the division. Take the root.""",
     lambda s, i, o: std(s**2 / 2)),
    ("uniform_in", NORMAL, """Your weights in "{kind}" are uniform, of the right spread: none of
     them lies far out. They are to be normal.""",
     lambda s, i, o: FAR),
    ("deviation_as_limit", NORMAL, """Your weights in "{kind}" are uniform, between plus and minus
     the standard deviation. They are to be normal with this deviation.""",
     lambda s, i, o: std(s / 3**0.5) | FAR),
    ("from_zero_to_the_deviation", NORMAL, """Your weights in "{kind}" are uniform, between 0 and
     the standard deviation, as a product with `rng.random` is. They are to be normal, about 0, with
     this deviation.""",
     lambda s, i, o: std(s / 12**0.5) | {"mean": s / 2} | FAR),
    ("deviation_as_mean", ("xavier_normal", "he"), """Your weights in "{kind}" have the standard
     deviation 1, about a mean that is not 0: the first argument of rng.normal is the mean.""",
     lambda s, i, o: std(1.0) | {"mean": s}),
    ("mean_of_one", NORMAL, """Your weights in "{kind}" have the mean 1. It is to be 0.""",
     lambda s, i, o: {"mean": 1.0}),
    ("cut_off", NORMAL, """Your weights in "{kind}" are cut off at two standard deviations: what
     lies beyond is set to the end. A plain normal distribution is asked for.""",
     lambda s, i, o: cut(SET_TO_THE_END, s * SET_TO_THE_END)),
    ("truncated", NORMAL, """Your weights in "{kind}" end at two standard deviations: what lies
     beyond is drawn again, which makes the spread smaller. A plain normal distribution is asked
     for.""",
     lambda s, i, o: cut(DRAWN_AGAIN, s * DRAWN_AGAIN)),
    ("truncated_and_widened", NORMAL, """None of your weights in "{kind}" lies beyond some 2.3
     standard deviations: they are from a truncated normal distribution. A plain one is asked
     for.""",
     lambda s, i, o: cut(DRAWN_AGAIN, s)),
    ("all_zero", DRAWN, """Your weights in "{kind}" are all 0. Does a whole division (//) make a
     fraction 0? A fraction below 1 becomes 0 by it.""",
     lambda s, i, o: {"numbers": "all are 0"}),
    ("one_number", DRAWN, """Your weights in "{kind}" are all the same number: one is drawn and
     fills the array. Every entry is to be drawn, so tell the generator the size.""",
     lambda s, i, o: {"numbers": "all are the same"}),
    ("one_row", DRAWN, """All rows of your weights in "{kind}" are the same: one is drawn and
     repeated. Every entry is to be drawn.""",
     lambda s, i, o: {"numbers": "all rows are the same"}),
    ("one_column", DRAWN, """All columns of your weights in "{kind}" are the same: one is drawn and
     repeated. Every entry is to be drawn.""",
     lambda s, i, o: {"numbers": "all columns are the same"}),
    ("transposed_in", ALL, """Your array for "{kind}" is n_out×n_in. Here x @ W has to work for x of
     N×n_in.""",
     lambda s, i, o: {"shape": [o, i]}),
    ("nothing_for", ALL, """Your function returns nothing for "{kind}". Is the name of the kind
     spelled like this, and does its branch return?""",
     lambda s, i, o: {"returned": "nothing"}),
    ("seeded_in", DRAWN, """A second call with the same generator gives the same weights for
     "{kind}" again, as where a generator is made or seeded inside the function, or where weights
     are kept from call to call. Draw anew in each call, from the generator that is passed in.""",
     lambda s, i, o: {"repeated by a second call": 1.0}),
    ("another_generator_in", DRAWN, """Your weights for "{kind}" come from another generator than
     the one that is passed in, so nobody can repeat your run.""",
     lambda s, i, o: {"repeated by the same generator": 0.0}),
    ("fan_in_alone", ("xavier_uniform", "xavier_normal"), """Your spread in "{kind}" comes from n_in
     alone. Xavier counts both fans, n_in for the activations and n_out for the gradients.""",
     lambda s, i, o: std(i**-0.5)),
    ("fan_out_alone", ("xavier_uniform", "xavier_normal"), """Your spread in "{kind}" comes from
     n_out alone. Xavier counts both fans.""",
     lambda s, i, o: std(o**-0.5)),
    ("he_in", ("xavier_uniform", "xavier_normal"), """Your spread in "{kind}" is He's, from
     2 / n_in. Xavier divides by both fans.""",
     lambda s, i, o: std((2 / i) ** 0.5)),
    ("two_missing_in", ("xavier_uniform", "xavier_normal"), """Your variance in "{kind}" is half the
     right one. It is one over the mean of the two fans: leave a 2 over their sum.""",
     lambda s, i, o: std(s / 2**0.5)),
    ("root_of_the_limit_forgotten", ("xavier_uniform",), """Your interval in "{kind}" is too narrow:
     its end is 6 over the sum of the fans, without the root.""",
     lambda s, i, o: std(6 / (i + o) / 3**0.5)),
    ("root_of_the_numerator", ("xavier_uniform", "xavier_normal", "he"), """Your spread in "{kind}"
     is far too small: the root covers the numerator of the fraction only. It covers all of it.""",
     lambda s, i, o: std(s**2 / 2**0.5)),
    ("half_the_interval", ("xavier_uniform",), """Your interval in "{kind}" is half as wide as it
     should be: it runs from minus one half of the limit to plus one half. Both ends are the limit
     itself.""",
     lambda s, i, o: std(s / 2)),
    ("upper_end_left_out", ("xavier_uniform",), """Your weights in "{kind}" run from minus the limit
     to 1, which is the upper end that rng.uniform takes where none is given. The interval is to be
     symmetric about 0.""",
     lambda s, i, o: std((1 + s * 3**0.5) / 12**0.5) | {"mean": (1 - s * 3**0.5) / 2}),
    ("lower_end_left_out", ("xavier_uniform",), """Your weights in "{kind}" run from the limit to 1,
     which is the upper end that rng.uniform takes where none is given. The interval is to be
     symmetric about 0.""",
     lambda s, i, o: std((1 - s * 3**0.5) / 12**0.5) | {"mean": (1 + s * 3**0.5) / 2}),
    ("brackets_forgotten", ("xavier_uniform",), """Your interval in "{kind}" is far too wide: 6 is
     divided by n_in alone, and n_out added to that. Brackets around the sum are missing.""",
     lambda s, i, o: std((6 / i + o) ** 0.5 / 3**0.5)),
    ("brackets_forgotten", ("xavier_normal",), """Your spread in "{kind}" is far too large: 2 is
     divided by n_in alone, and n_out added to that. Brackets around the sum are missing.""",
     lambda s, i, o: std((2 / i + o) ** 0.5)),
    ("of_0_1", ("small",), """Your standard deviation in "{kind}" is 0.1, as if 0.01 were the
     variance. The standard deviation is to be 0.01.""",
     lambda s, i, o: std(0.1)),
    ("limit_of_0_01", ("constant",), """Your entries in "{kind}" are 0.01. They are to be 0.1.""",
     lambda s, i, o: {"mean": 0.01}),
    ("of_one", ("constant",), """Your entries in "{kind}" are 1. They are to be 0.1.""",
     lambda s, i, o: {"mean": 1.0}),
    ("whole_numbers", ("zero",), """Your array for "{kind}" holds whole numbers, as np.full gives
     them for a 0 without a point. A float array is asked for.""",
     lambda s, i, o: {"kind of numbers": "whole numbers"}),
)  # fmt: skip


def _of_one_kind(kind, hint, shows):
    def found(self, right, n_in, n_out, **case):
        if case["kind"] == kind:
            return shows(right["standard deviation"], n_in, n_out)

    found.__doc__ = hint.format(kind=kind)
    return mistake(found)


class OneKind(Exercise, abstract=True):
    """An exercise with the mistakes that are made in one kind alone."""


for _name, _kinds, _hint, _shows in IN_ONE_KIND:
    for _kind in _kinds:
        setattr(OneKind, f"{_name}_{_kind}", _of_one_kind(_kind, _hint, _shows))
