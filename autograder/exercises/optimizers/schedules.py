"""Exercise of notebook 07: a learning rate that falls on a line. One that falls as 1/t is in
`time_decay`, who asks for them in `training`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


def rounded(digits: int, name: str):
    """The mistake that a rate, or a list of them, is rounded to so many digits after the point."""

    def show(self, right, **inputs):
        value = right[name].value if hasattr(right[name], "value") else right[name]
        return {name: np.round(value, digits).tolist()}

    show.__doc__ = f"""You round the rate to {digits} digits after the point. It is used, not
        printed: give it back as it is."""
    return mistake(show)


class linear_decay(Exercise):
    """A learning rate that falls on a straight line, then stays (Goodfellow 2016, eq. 8.14)."""

    signature = "linear_decay(k, tau, eps0, eps_tau) -> rate"
    growth = {"eps0": 1, "eps_tau": 1}, {"rate": 1}
    minutes = 8
    difficulty = 1
    hints = (
        "How far along is update k? A number that runs from 0 at k = 0 to 1 at k = τ.",
        "The rate is a weighted mean of the two ends. What keeps that number from exceeding 1?",
    )

    def cases(self, rng):
        tau = 2 * int(rng.integers(20, 60))
        eps0 = round(float(rng.uniform(0.1, 0.5)), 6)  # so many digits that rounding shows
        ends = {"tau": tau, "eps0": eps0, "eps_tau": round(eps0 / 16, 6)}
        yield Case("the first update, k = 0", 1, k=0, **ends)
        yield Case("on the way, k = τ/2", 1, k=tau // 2, **ends)
        yield Case("on the way, k = 3", 0.5, k=3, **ends)
        yield Case("one before the end, k = τ − 1", 0.5, k=tau - 1, **ends)
        yield Case("at its end, k = τ", 1, k=tau, **ends)
        # Neither a whole number of times τ, nor one that a decimal power falls on.
        later = 10 * tau + int(rng.integers(1, tau))
        yield Case("long after, k > 10τ", 0.5, k=later, **ends)
        yield Case("a line that ends at 0", 0.5, k=tau // 2 + 1, **{**ends, "eps_tau": 0.0})

    def observe(self, code, k, tau, eps0, eps_tau):
        return {"rate": code.linear_decay(k, tau, eps0, eps_tau)}

    def reference(self, k, tau, eps0, eps_tau):
        parameter = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([parameter], lr=eps0)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, eps_tau / eps0, tau)
        for _ in range(k):
            optimizer.step()
            schedule.step()
        # torch multiplies factor by factor, so its last digits are rounding.
        return {"rate": near(schedule.get_last_lr()[0], rtol=1e-9, atol=1e-12)}

    @mistake
    def never_stays(self, right, k, tau, eps0, eps_tau):
        """Your line goes on beyond τ, where the rate becomes negative and the updates climb. From
        τ on it stays at ε_τ."""
        if k > tau:
            return {"rate": eps0 + k / tau * (eps_tau - eps0)}

    @mistake
    def ends_at_zero(self, right, k, tau, eps0, eps_tau):
        """Your rate falls to 0. Its lowest value is ε_τ, which has a share that grows as that of
        ε₀ shrinks."""
        return {"rate": eps0 * max(0.0, 1 - k / tau)}

    to_two_digits, to_three_digits, to_four_digits = (rounded(n, "rate") for n in (2, 3, 4))

    @mistake
    def end_taken_for_a_factor(self, right, k, tau, eps0, eps_tau):
        """Your rate ends at ε₀ times ε_τ: you take ε_τ for a factor, as torch's LinearLR has it. It
        is the last rate itself."""
        a = min(k / tau, 1)
        return {"rate": eps0 * (1 - a + a * eps_tau)}

    @mistake
    def a_hundredth_from_tau(self, right, k, tau, eps0, eps_tau):
        """From τ on your rate is ε₀/100. That is a usual choice of ε_τ; which one is meant is
        given."""
        if k >= tau:
            return {"rate": eps0 / 100}

    @mistake
    def ends_at_a_hundredth(self, right, k, tau, eps0, eps_tau):
        """Your rate falls to ε₀/100. That is a usual choice of ε_τ; which one is meant is given."""
        a = min(k / tau, 1)
        return {"rate": (1 - a) * eps0 + a * eps0 / 100}

    @mistake
    def end_of_zero_taken_for_missing(self, right, k, tau, eps0, eps_tau):
        """With ε_τ = 0 your line ends at ε₀/100, as with `eps_tau or eps0 / 100`. 0 is an end like
        any other."""
        return self.ends_at_a_hundredth(right, k, tau, eps0, eps_tau) if eps_tau == 0 else None

    @mistake
    def share_squared(self, right, k, tau, eps0, eps_tau):
        """Your rate falls on a parabola: k/τ is squared on the way. A line falls by a constant
        difference."""
        a = min(k / tau, 1)
        return {"rate": eps_tau + (eps0 - eps_tau) * (1 - a) ** 2}

    @mistake
    def ends_swapped(self, right, k, tau, eps0, eps_tau):
        """Your rate rises from ε_τ to ε₀. The two weights are swapped."""
        a = min(k / tau, 1)
        return {"rate": a * eps0 + (1 - a) * eps_tau}

    @mistake
    def jumps(self, right, k, tau, eps0, eps_tau):
        """Your rate stays at ε₀ and then jumps. A whole-number division (//) makes every k below
        τ a 0."""
        return {"rate": eps0 if k < tau else eps_tau}

    @mistake
    def geometric(self, right, k, tau, eps0, eps_tau):
        """Yours falls by a constant factor, which is exponential decay. A line falls by a constant
        difference."""
        return {"rate": eps0 * (eps_tau / eps0) ** min(k / tau, 1)}

    @mistake
    def whole_number(self, right, k, tau, eps0, eps_tau):
        """Your rate is 0: a rate below 1 that is made a whole number is nothing."""
        return {"rate": 0.0}

    @mistake
    def offset_added(self, right, k, tau, eps0, eps_tau):
        """ε_τ is added on top, so the rate starts too high. At k = 0 it has no share at all."""
        return {"rate": eps0 * max(0.0, 1 - k / tau) + eps_tau}

    @mistake
    def zero_after_tau(self, right, k, tau, eps0, eps_tau):
        """After τ your rate is 0, so nothing is learned any more. From τ on it stays at ε_τ."""
        if k > tau:
            return {"rate": 0.0}

    @mistake
    def zero_from_tau(self, right, k, tau, eps0, eps_tau):
        """From τ on your rate is 0, so nothing is learned any more. It stays at ε_τ."""
        if k >= tau:
            return {"rate": 0.0}

    @mistake
    def first_rate_after_tau(self, right, k, tau, eps0, eps_tau):
        """After τ your rate is ε₀ again. It stays at ε_τ."""
        if k > tau:
            return {"rate": eps0}

    @mistake
    def starts_over(self, right, k, tau, eps0, eps_tau):
        """Your line starts over every τ updates. It falls once, and from τ on the rate stays at
        ε_τ."""
        if k >= tau:
            a = k % tau / tau
            return {"rate": (1 - a) * eps0 + a * eps_tau}

    @mistake
    def rises_again_after_tau(self, right, k, tau, eps0, eps_tau):
        """After τ your rate jumps up, onto a line that is longer by τ each time, as Keras' `cycle`
        has it. It stays at ε_τ."""
        if k > tau:
            return {"rate": eps0 + k / (tau * -(-k // tau)) * (eps_tau - eps0)}

    @mistake
    def line_to_zero_cut_off(self, right, k, tau, eps0, eps_tau):
        """Your line heads for 0 and is cut off at ε_τ, so it gets there too early. It heads for
        ε_τ, and gets there at k = τ."""
        return {"rate": max(eps0 * (1 - k / tau), eps_tau)}

    @mistake
    def larger_for_smaller(self, right, k, tau, eps0, eps_tau):
        """Your rate stays while it should fall, and goes on falling beyond τ where it should stay:
        of k/τ and 1 you take the larger. The smaller is meant."""
        a = max(k / tau, 1)
        return {"rate": (1 - a) * eps0 + a * eps_tau}

    @mistake
    def unbounded_to_zero(self, right, k, tau, eps0, eps_tau):
        """Your line heads for 0 and goes on beyond τ, where the rate is negative. It ends at ε_τ
        when k is τ, and stays there."""
        return {"rate": eps0 * (1 - k / tau)}

    @mistake
    def cosine(self, right, k, tau, eps0, eps_tau):
        """Yours falls along half a cosine. On a line the rate loses the same at every update."""
        share = (1 + np.cos(np.pi * min(k / tau, 1))) / 2
        return {"rate": float(eps_tau + (eps0 - eps_tau) * share)}

    @mistake
    def one_over_k(self, right, k, tau, eps0, eps_tau):
        """Yours falls as 1/(1 + k/τ), steep at first and then ever slower. A line falls by a
        constant difference."""
        return {"rate": max(eps0 / (1 + k / tau), eps_tau)}

    @mistake
    def difference_forgotten(self, right, k, tau, eps0, eps_tau):
        """At k = τ your rate is ε₀ − ε_τ: you take away shares of ε_τ. What the rate loses on the
        way is the difference of the two ends."""
        return {"rate": eps0 - min(k / tau, 1) * eps_tau}

    @mistake
    def one_too_late(self, right, k, tau, eps0, eps_tau):
        """Your line is one update late: at k = 1 it still has the rate ε₀, which belongs to k = 0
        alone."""
        a = min(max(k - 1, 0) / tau, 1)
        return {"rate": (1 - a) * eps0 + a * eps_tau}

    @mistake
    def one_too_late_and_rounded(self, right, k, tau, eps0, eps_tau):
        """Two things: your line is one update late, since ε₀ belongs to k = 0 alone; and you round
        the rate to 3 digits after the point. Give it back as it is."""
        late = self.one_too_late(right, k, tau, eps0, eps_tau)["rate"]
        return {"rate": round(late, 3)}

    @mistake
    def ends_one_early(self, right, k, tau, eps0, eps_tau):
        """Your line is at its end at k = τ − 1. It takes τ updates, from k = 0 to k = τ."""
        a = min(k / (tau - 1), 1)
        return {"rate": (1 - a) * eps0 + a * eps_tau}

    @mistake
    def counts_from_one(self, right, k, tau, eps0, eps_tau):
        """Your line is one update early: k counts from 0, and at k = 0 the rate is ε₀."""
        a = min((k + 1) / tau, 1)
        return {"rate": (1 - a) * eps0 + a * eps_tau}
