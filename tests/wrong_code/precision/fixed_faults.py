"""Notebook 13: fixed point, a fault at a time."""

import numpy as np
from wrong_code import wrong
from wrong_code.precision.half_faults import enter


def _by_floor(steps, rng):
    low = np.floor(steps)
    return low + (rng.random(steps.shape) < steps - low)


def _range(whole, fraction):
    top = 2.0 ** (whole + fraction - 1)
    return -top, top - 1


def _quantize(nearest=np.rint, chance=_by_floor, limits=_range, cut=("nearest", "stochastic"),
              step=lambda fraction: 2.0**-fraction, last=None, always=False):  # fmt: skip
    def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
        size = step(fraction_bits)
        steps = np.asarray(x, np.float64) / size
        if always:
            rng.random(steps.shape)
        steps = nearest(steps) if mode == "nearest" else chance(steps, rng)
        low, high = limits(integer_bits, fraction_bits)
        if mode in cut:
            steps = np.clip(steps, low, high)
        if last:
            steps = last(steps, low, high)
        return (steps * size).astype(x.dtype)

    return quantize_fixed


def _cut_off_for_negatives(steps, rng):
    cut = np.trunc(steps)
    up = rng.random(steps.shape) < np.abs(steps - cut)
    return np.where(steps == cut, steps, cut + up)


def _one_draw(steps, rng):
    low = np.floor(steps)
    return low + (rng.random() < steps - low)


def _where_needed(steps, rng):
    low = np.floor(steps)
    off = steps != low
    out = low.copy()
    out[off] += rng.random(off.sum()) < (steps - low)[off]
    return out


def _twice(steps, rng):
    rng.random(steps.shape)
    return _by_floor(steps, rng)


def _a_row(steps, rng):
    return np.floor(steps + rng.random((len(steps), 1)))


def _a_column(steps, rng):
    return np.floor(steps + rng.random(steps.shape[1]))


def _into_int32(steps, low, high):
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(steps) > 2**31, low, steps)


enter("quantize_fixed", _quantize, {
    "ties_away_from_zero": {"nearest": lambda s: np.sign(s) * np.floor(np.abs(s) + 0.5)},
    "cut_off": {"nearest": np.trunc},
    "half_added_and_cut_off": {"nearest": lambda s: np.trunc(s + 0.5)},
    "rounded_up": {"nearest": np.ceil},
    "rounded_down": {"nearest": np.floor},
    "rng_used_for_the_nearest": {"always": True},
    "size_of_the_fraction_for_negatives": {"chance": _cut_off_for_negatives},
    "noise_before_the_nearest": {"chance": lambda s, rng: np.rint(s + rng.random(s.shape))},
    "noise_of_a_whole_step": {"chance": lambda s, rng: np.rint(s + 2 * rng.random(s.shape) - 1)},
    "a_coin_for_each": {
        "chance": lambda s, rng: np.where(rng.random(s.shape) < 0.5, np.floor(s), np.ceil(s)),
    },
    "never_by_chance": {"chance": lambda s, rng: np.rint(s)},
    "one_draw_compared_with_all": {"chance": _one_draw},
    "drawn_where_needed": {"chance": _where_needed},
    "one_draw_a_row": {"chance": _a_row},
    "one_draw_a_column": {"chance": _a_column},
    "one_draw_a_column_compared": {
        "chance": lambda s, rng: np.floor(s) + (rng.random(s.shape[1]) < s - np.floor(s)),
    },
    "two_draws_a_value": {"chance": _twice},
    "symmetric_range": {"limits": lambda w, f: (1 - 2.0 ** (w + f - 1), 2.0 ** (w + f - 1) - 1)},
    "sign_bit_forgotten": {"limits": lambda w, f: _range(w + 1, f)},
    "limits_in_numbers": {"limits": lambda w, f: (-(2.0 ** (w - 1)), 2.0 ** (w - 1) - 2.0**-f)},
    "highest_whole_number": {
        "limits": lambda w, f: (-(2.0 ** (w + f - 1)), (2.0 ** (w - 1) - 1) * 2.0**f),
    },
    "wraps_around": {
        "cut": (), "last": lambda s, low, high: (s - low) % (high - low + 1) + low,
    },
    "no_limits": {"cut": ()},
    "no_limits_by_chance": {"cut": ("nearest",)},
    "no_limits_for_the_nearest": {"cut": ("stochastic",)},
    "negatives_cut": {"limits": lambda w, f: (0, 2.0 ** (w + f - 1) - 1)},
})  # fmt: skip


def _quantized(x, integer_bits, fraction_bits, mode, rng):
    return _quantize()(x, integer_bits, fraction_bits, mode, rng)


@wrong("quantize_fixed", "decimal_places")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    if mode == "stochastic":
        return _quantized(x, integer_bits, fraction_bits, mode, rng)
    top = 2.0 ** (integer_bits - 1)
    return np.clip(np.round(x, fraction_bits), -top, top - 2.0**-fraction_bits).astype(x.dtype)


@wrong("quantize_fixed", "share_in_units_of_x")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(steps, rng):
        low = np.floor(steps)
        return low + (rng.random(steps.shape) < (steps - low) * 2.0**-fraction_bits)

    return _quantize(chance=chance)(x, integer_bits, fraction_bits, mode, rng)


@wrong("quantize_fixed", "top_too_high_by_chance")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    top = 2.0 ** (integer_bits + fraction_bits - 1)
    limits = (lambda w, f: (-top, top)) if mode == "stochastic" else _range
    return _quantize(limits=limits)(x, integer_bits, fraction_bits, mode, rng)


@wrong("quantize_fixed", "overflows_an_integer")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    steps = x * 2.0**fraction_bits
    if mode == "stochastic":
        return _quantized(x, integer_bits, fraction_bits, mode, rng)
    low, high = _range(integer_bits, fraction_bits)
    whole = np.where(np.abs(steps) < 2**31, np.rint(steps), low)
    return (np.clip(whole, low, high) / 2.0**fraction_bits).astype(x.dtype)


@wrong("quantize_fixed", "eight_bits_only")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    out = _quantized(x, integer_bits, fraction_bits, mode, rng)
    steps = np.rint(out * 2.0**fraction_bits).astype(np.int64).astype(np.int8)
    return (steps * 2.0**-fraction_bits).astype(x.dtype)


def _beyond(x, end):
    return (x < -end) | (x >= end)


def _rule(n, over, half, most):
    if not n:
        return 0
    return 1 if over > most * n else -1 if half <= most * n else 0


class _Groups:
    """Dynamic fixed point with a class attribute for each fault."""

    init_bits = step_bits = "update_bits"
    round_bits = weights_bits = "bits"
    init_counts = step_counts = round_counts = True
    weights_count = after = kept = again = needed = moved_only = first_after = False
    forget, sign, half, wide, lowest, new_start, default = True, -1, 0.5, 1.0, None, None, 1e-4
    rounding, rule, beyond = staticmethod(np.rint), staticmethod(_rule), staticmethod(_beyond)
    tally = staticmethod(lambda old, new: [a + b for a, b in zip(old, new, strict=True)])
    fraction = staticmethod(lambda width, whole, first: width - whole)
    moves = staticmethod(lambda group, params: True)

    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=None,
                 integer_bits=2):  # fmt: skip
        self.rate, self.first = learning_rate, integer_bits
        self.most = self.default if max_overflow is None else max_overflow
        self.widths = {"bits": bits, "update_bits": update_bits}
        self.integer_bits, self.counts, self.largest = dict.fromkeys(params, integer_bits), {}, {}
        after, self.after = self.after, self.first_after
        self.params = {n: self._onto(n, w, self.init_bits, self.init_counts)
                       for n, w in params.items()}  # fmt: skip
        self.after = after

    def _onto(self, group, x, width, counts, what=True):
        start = self.first if self.new_start is None else self.new_start
        whole = self.integer_bits.setdefault(group, start)
        fraction = self.fraction(self.widths.get(width, width), whole, self.first)
        top = 2.0 ** (whole - 1 + fraction)
        out = np.clip(self.rounding(x * 2.0**fraction), -top, top - 1) / 2.0**fraction
        before = self.counts.setdefault(group, [0, 0, 0])
        if counts:
            end, seen = self.wide * 2.0 ** (whole - 1), out if self._late(what) else x
            new = [x.size, *(int(self.beyond(seen, e).sum()) for e in (end, self.half * end))]
            self.counts[group] = self.tally(before, new)
            self.largest[group] = max(self.largest.get(group, 0), np.abs(x).max())
        return out

    def _late(self, what):
        return self.after is True or self.after == what

    def round(self, group, values):
        return self._onto(group, values, self.round_bits, self.round_counts, "round")

    def weights(self):
        out = {n: self._onto(n, w, self.weights_bits, self.weights_count)
               for n, w in self.params.items()}  # fmt: skip
        if self.kept:
            self.params = dict(out)
        return out

    def step(self, grads):
        for name, g in grads.items():
            moved = self.params[name] + self.sign * self.rate * g
            self.params[name] = self._onto(name, moved, self.step_bits, self.step_counts, "step")

    def rescale(self):
        for group, counts in self.counts.items():
            move = self.rule(*counts, self.most)
            if self.moves(group, self.params):
                self.integer_bits[group] += move
                if self.needed and move > 0:
                    bits = int(np.floor(np.log2(self.largest[group]))) + 2
                    self.integer_bits[group] = bits
                if self.lowest is not None:
                    self.integer_bits[group] = max(self.integer_bits[group], self.lowest)
            if self.forget and (move or not self.moved_only):
                self.counts[group] = [0, 0, 0]
        self.largest = {}
        if self.again:
            self.params = {n: self._onto(n, w, "update_bits", self.again != "uncounted")
                           for n, w in self.params.items()}  # fmt: skip


def _groups(**faults):
    plain = {n: staticmethod(f) if callable(f) else f for n, f in faults.items()}
    return type("FixedPointSGD", (_Groups,), plain)


def _ruled(empty=0, more=lambda over, most: over > most, few=lambda half, most: half <= most):
    def rule(n, over, half, most):
        if not n:
            return empty
        return 1 if more(over, most * n) else -1 if few(half, most * n) else 0

    return rule


def _divides(n, over, half, most):
    return 1 if over / n > most else -1 if half / n <= most else 0


def _number(n, over, half, most):
    return 0 if not n else 1 if over > most else -1 if half <= most else 0


enter("FixedPointSGD", _groups, {
    "first_weights_not_counted": {"init_counts": False},
    "parameters_not_counted": {"init_counts": False, "step_counts": False},
    "round_not_counted": {"round_counts": False},
    "weights_counted": {"weights_count": True},
    "weights_counted_and_fine": {"weights_count": True, "weights_bits": "update_bits"},
    "counted_after_rounding": {"after": True, "first_after": True},
    "counted_after_rounding_but_first": {"after": True},
    "first_counted_after_rounding": {"first_after": True},
    "step_counted_after_rounding": {"after": "step"},
    "round_counted_after_rounding": {"after": "round"},
    "last_call_counts": {"tally": lambda old, new: new},
    "shares_averaged": {"tally": lambda old, new: [a + b / new[0]
                                                   for a, b in zip(old, new, strict=True)]},
    "upper_edge_inside": {"beyond": lambda x, end: (x < -end) | (x > end)},
    "lower_edge_outside": {"beyond": lambda x, end: np.abs(x) >= end},
    "edges_turned": {"beyond": lambda x, end: (x <= -end) | (x > end)},
    "positive_only": {"beyond": lambda x, end: x >= end},
    "range_twice_as_wide": {"wide": 2.0},
    "never_widens": {"rule": lambda *counts: min(_rule(*counts), 0)},
    "moves_the_wrong_way": {"rule": lambda *counts: -_rule(*counts)},
    "number_for_rate": {"rule": _number},
    "default_overflow_too_large": {"default": 1e-3},
    "widens_at_the_share": {"rule": _ruled(more=lambda over, most: over >= most)},
    "narrows_below_the_share": {"rule": _ruled(few=lambda half, most: half < most)},
    "narrows_only_when_none": {"rule": _ruled(few=lambda half, most: half == 0)},
    "a_quarter_for_half": {"half": 0.25},
    "empty_groups_narrow": {"rule": _ruled(empty=-1)},
    "empty_groups_divide": {"rule": _divides},
    "never_below_one": {"lowest": 1},
    "never_below_zero": {"lowest": 0},
    "as_many_bits_as_needed": {"needed": True},
    "only_parameters_move": {"moves": lambda group, params: group in params},
    "counts_kept": {"forget": False},
    "counts_kept_where_nothing_moves": {"moved_only": True},
    "counts_kept_and_no_look": {"forget": False, "half": 1},
    "first_stored_coarsely": {"init_bits": "bits"},
    "step_stored_coarsely": {"step_bits": "bits"},
    "step_coarse_and_not_counted": {"step_bits": "bits", "step_counts": False},
    "used_finely": {"round_bits": "update_bits", "weights_bits": "update_bits"},
    "weights_finely": {"weights_bits": "update_bits"},
    "round_finely": {"round_bits": "update_bits"},
    "stored_in_full": {"init_bits": 45, "step_bits": 45},
    "first_stored_in_full": {"init_bits": 45},
    "step_stored_in_full": {"step_bits": 45},
    "weights_kept": {"kept": True},
    "rounded_again": {"again": True},
    "put_on_the_new_grid": {"again": "uncounted"},
    "rounded_down": {"rounding": np.floor},
    "cut_off": {"rounding": np.trunc},
    "climbs": {"sign": 1},
    "fraction_bits_fixed": {"fraction": lambda width, whole, first: width - first},
    "sign_counted_on_top": {"fraction": lambda width, whole, first: width - whole - 1},
    "new_groups_start_at_two": {"new_start": 2},
})  # fmt: skip


@wrong("FixedPointSGD", "wants_every_gradient")
class FixedPointSGD(_Groups):
    def step(self, grads):
        super().step({name: grads[name] for name in self.params})


@wrong("FixedPointSGD", "one_range_for_all")
class FixedPointSGD(_Groups):
    def _onto(self, group, x, width, counts, what=True):
        names = [*self.integer_bits, group]
        self.integer_bits = {"all": getattr(self, "whole", self.first)}
        out = super()._onto("all", x, width, counts)
        self.integer_bits = dict.fromkeys(names, self.integer_bits["all"])
        return out

    def rescale(self):
        names, self.integer_bits = [*self.integer_bits], {"all": getattr(self, "whole", self.first)}
        super().rescale()
        self.whole = self.integer_bits["all"]
        self.integer_bits = dict.fromkeys(names, self.whole)


@wrong("FixedPointSGD", "rate_forgotten")
class FixedPointSGD(_Groups):
    def step(self, grads):
        self.rate = 1.0
        super().step(grads)
