"""Dynamic fixed point in numpy, with one thing changed where asked (notebook 13)."""

from fractions import Fraction

import numpy as np

DEFAULTS = {"learning_rate": 0.1, "bits": 10, "update_bits": 12, "max_overflow": 1e-4,
            "integer_bits": 2}  # fmt: skip


def half_even(steps):
    """To whole numbers, exactly: Python rounds fractions to the even neighbour."""
    return np.reshape([float(round(Fraction(float(v)))) for v in steps.flat], steps.shape)


def out_of(x, end):
    return (x < -end) | (x >= end)


def by_share(n, beyond, beyond_half, most):
    """The course's rule: how many integer bits more a group gets."""
    if not n:
        return 0
    return 1 if beyond > most * n else -1 if beyond_half <= most * n else 0


class Ranges:
    """Every group's range and counts.

    Parameters
    ----------
    options : those of the case
    widths : to how many bits, by what is rounded ("init", "step", "round", "weights"): a name or
        a number
    counted : whether that is counted
    base : from which weights a step starts
    out, half, wide : what lies beyond an end; what part of the range half of it is, and all of it
    after : where the rounded values are counted
    tally : the counts after a call, from those before and those of the call
    decide : the rule of rescale
    forget : of which groups the counts start anew
    shared : whether all groups share one range
    start : the first integer bits of groups that are no parameters, "widest" in use, or None
    fraction : the fraction bits, from width, integer bits and the first integer bits
    moving : which groups rescale moves
    keep : whether weights() stores what it gives
    again : whether rescale rounds the stored weights once more; "uncounted" where it does only that
    lowest : the least integer bits
    needed : whether a range widens to what the largest value needs
    gradients : whether a step counts the gradients
    between : whether what overflows is left out of what lies beyond half of the range
    together : whether one rule for the counts of all groups moves them all
    """

    def __init__(self, options, widths=(), counted=(), base="stored", sign=-1, rounding=np.rint,
                 out=out_of, half=0.5, wide=1.0, after=(), tally=np.add, decide=by_share,
                 forget="all", shared=False, start=None,
                 fraction=lambda width, whole, first: width - whole,
                 moving=lambda group, params: True, keep=False, again=False, lowest=None,
                 needed=False, gradients=False, between=False, together=False):  # fmt: skip
        vars(self).update({k: v for k, v in locals().items() if k not in ("self", "options")})
        self.o = DEFAULTS | options
        self.widths = {"init": "update_bits", "step": "update_bits", "round": "bits",
                       "weights": "bits"} | dict(widths)  # fmt: skip
        self.counted = {"init": True, "step": True, "round": True, "weights": False} | dict(counted)
        self.bits, self.counts, self.largest, self.params = {}, {}, {}, {}

    def on_grid(self, group, x, what):
        """x on the grid of its group, whose range and counts begin where it is met first."""
        first = self.o["integer_bits"]
        start = first if self.start is None or group in self.params else self.start
        start = max(self.bits.values(), default=first) if start == "widest" else start
        group = self.named(group)
        whole = self.bits.setdefault(group, start)
        self.counts.setdefault(group, np.zeros(3))
        width = self.widths[what]
        fraction = self.fraction(self.o.get(width, width), whole, first)
        limit = 2.0 ** (whole - 1 + fraction)
        steps = self.rounding(x * 2.0**fraction)
        return np.clip(steps, -limit, limit - 1) / 2.0**fraction

    def count(self, group, x, seen):
        """Counts `seen`, as many numbers as x has."""
        group = self.named(group)
        end = self.wide * 2.0 ** (self.bits[group] - 1)
        new = [x.size, self.out(seen, end).sum(), self.out(seen, self.half * end).sum()]
        new[2] -= new[1] if self.between else 0
        self.counts[group] = self.tally(self.counts[group], np.array(new, float))
        self.largest[group] = max(self.largest.get(group, 0), np.abs(x).max(initial=0))

    def named(self, group):
        return "all" if self.shared else group

    def rounded(self, group, x, what, counts=None):
        """x on the grid of its group; x is counted there, or `counts` in its place."""
        value = self.on_grid(group, x, what)
        if self.counted[what]:
            seen = value if what in self.after else x
            self.count(group, x, seen if counts is None else counts)
        return value

    def rescale(self):
        all_counts = sum(self.counts.values(), np.zeros(3))
        for group, counts in self.counts.items():
            n, beyond, beyond_half = all_counts if self.together else counts
            move = self.decide(n, beyond, beyond_half, self.o["max_overflow"])
            if self.moving(group, self.params):
                self.bits[group] += move
                if self.needed and move > 0:
                    self.bits[group] = int(np.floor(np.log2(self.largest[group]))) + 2
                if self.lowest is not None:
                    self.bits[group] = max(self.bits[group], self.lowest)
            if self.forget == "all" or self.forget == "moved" and move:
                self.counts[group] = np.zeros(3)
        if self.forget == "all":
            self.largest = {}
        if self.again:
            put = self.on_grid if self.again == "uncounted" else self.rounded
            for name, w in self.params.items():
                self.params[name] = put(name, w, "step")


def play(r: Ranges, params, script) -> dict:
    """What is seen of it along a script."""
    r.params = dict.fromkeys(params)
    for name, w in params.items():
        r.params[name] = r.rounded(name, w, "init")
    seen = {"rounded": [], "integer_bits": []}

    def weights():
        given = {name: r.rounded(name, w, "weights") for name, w in r.params.items()}
        if r.keep:
            r.params = dict(given)
        return given

    met = list(params)
    for what, *arguments in script:
        if what == "round":
            met.append(arguments[0])
            seen["rounded"].append(r.rounded(*arguments, "round"))
        elif what == "step":
            for name, g in arguments[0].items():
                w = r.params[name]
                if r.base == "coarse":
                    w = r.on_grid(name, w, "weights")
                counts = g if r.gradients else None
                w = w + r.sign * r.o["learning_rate"] * g
                r.params[name] = r.rounded(name, w, "step", counts)
        elif what == "weights":
            weights()
        else:
            r.rescale()
            shared = r.shared and dict.fromkeys(met, r.bits["all"])
            seen["integer_bits"].append(shared or dict(r.bits))
    return seen | {"params": dict(r.params), "weights": weights()}
