"""Exercise of notebook 07: a learning rate that falls as 1/t. Others are in `schedules`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from autograder.exercises.optimizers.schedules import rounded


class time_decay(Exercise):
    """The rate that falls as 1/t: Keras' old `decay` argument."""

    signature = "time_decay(lr0, decay, t) -> rate"
    growth = {"lr0": 1}, {"rates": 1}
    minutes = 4
    extra = True
    hints = (
        "Write it from lr0 and t alone: no answer depends on an earlier one.",
        "At t = 0 it is lr0, and at t = 1/decay it is half of that.",
    )

    def cases(self, rng):
        rates = {"lr0": round(float(rng.uniform(0.1, 0.9)), 6),
                 "decay": round(float(rng.uniform(0.02, 0.2)), 3)}  # fmt: skip
        yield Case("before the first update", 1, t=[0], **rates)
        fast = rates | {"decay": round(float(rng.uniform(1.5, 3)), 3)}
        yield Case("after 7 updates, a decay above 1", 1, t=[7], **fast)
        yield Case("one after the other", 1, t=[1, 2, 3, 4], **rates)
        yield Case("out of order", 1, t=[100, 3, 3], **rates)

    reads = {"rates": "your rates, one for each t of the case:"}

    def observe(self, code, lr0, decay, t):
        return {"rates": [code.time_decay(lr0, decay, update) for update in t]}

    def reference(self, lr0, decay, t):
        parameter = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([parameter], lr=lr0)
        fall = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + decay * step))
        rates = {0: lr0}
        for update in range(1, max(t) + 1):
            optimizer.step()
            fall.step()
            rates[update] = fall.get_last_lr()[0]
        return {"rates": near([rates[update] for update in t], rtol=1e-9, atol=1e-13)}

    to_two_digits, to_three_digits, to_four_digits = (rounded(n, "rates") for n in (2, 3, 4))

    @mistake
    def divided_by_decay(self, right, lr0, decay, t):
        """Your divisor has t/decay in it, as if decay were a number of updates. It is what the
        divisor grows by at every update: decay times t."""
        return {"rates": [lr0 / (1 + u / decay) for u in t]}

    @mistake
    def divided_by_decay_and_counts_from_one(self, right, lr0, decay, t):
        """Two things: your divisor has t/decay in it, where it grows by decay at every update; and
        you count from 1, so that the rate has fallen at t = 0, where it is lr0."""
        return {"rates": [lr0 / (1 + (u + 1) / decay) for u in t]}

    @mistake
    def compounded(self, right, lr0, decay, t):
        """You divide the rate that is divided already. The formula starts from lr0 each time; yours
        falls far faster than 1/t."""
        rates = [lr0 * float(np.prod(1 / (1 + decay * np.arange(1, u + 1)))) for u in t]
        return {"rates": rates}

    @mistake
    def power_of_t(self, right, lr0, decay, t):
        """Yours is divided by 1 + decay t times over, as where t is an exponent, so it falls
        exponentially. In 1/t decay the divisor grows by the same amount at every update."""
        return {"rates": [lr0 / (1 + decay) ** u for u in t]}

    @mistake
    def exponential(self, right, lr0, decay, t):
        """That is exponential decay, which soon falls below every 1/t."""
        return {"rates": [lr0 * float(np.exp(-decay * u)) for u in t]}

    @mistake
    def brackets_forgotten(self, right, lr0, decay, t):
        """Your rate grows: a division binds more tightly than a sum, so the divisor needs
        brackets."""
        return {"rates": [lr0 + decay * u for u in t]}

    @mistake
    def subtracts(self, right, lr0, decay, t):
        """Yours falls on a straight line, and becomes negative. Here one divides."""
        return {"rates": [lr0 * (1 - decay * u) for u in t]}

    @mistake
    def counts_from_one(self, right, lr0, decay, t):
        """Yours is one update early. At t = 0 the rate is lr0."""
        return {"rates": [lr0 / (1 + decay * (u + 1)) for u in t]}

    @mistake
    def subtracts_down_to_zero(self, right, lr0, decay, t):
        """Yours falls on a straight line, and is 0 from 1/decay updates on. Here one divides, and
        the rate never gets to 0."""
        return {"rates": [max(lr0 * (1 - decay * u), 0.0) for u in t]}

    @mistake
    def whole_numbers_only(self, right, lr0, decay, t):
        """Your rate falls in steps: decay·t is cut to a whole number. It falls a little at every
        update."""
        return {"rates": [lr0 / (1 + int(decay * u)) for u in t]}

    @mistake
    def decay_in_percent(self, right, lr0, decay, t):
        """You divide decay by 100, and the rate falls too slowly. It is no percentage: after
        1/decay updates the rate has halved."""
        return {"rates": [lr0 / (1 + decay / 100 * u) for u in t]}

    @mistake
    def large_decay_in_percent(self, right, lr0, decay, t):
        """Where decay is above 1 you divide it by 100. It is used as it is, however large."""
        return self.decay_in_percent(right, lr0, decay, t) if decay > 1 else None

    @mistake
    def large_decay_cut_off(self, right, lr0, decay, t):
        """Where decay is above 1 you take 1. It is used as it is, however large."""
        return {"rates": [lr0 / (1 + u) for u in t]} if decay > 1 else None

    @mistake
    def counts_late(self, right, lr0, decay, t):
        """Yours is one update late: at t = 1 the rate is still lr0, which belongs to t = 0
        alone."""
        return {"rates": [lr0 / (1 + decay * max(u - 1, 0)) for u in t]}

    @mistake
    def without_the_one(self, right, lr0, decay, t):
        """Your divisor is 0 before the first update: the 1 is missing that makes the rate lr0
        there."""
        if 0 in t:
            return {"rates": raises("ZeroDivisionError")}
        return {"rates": [lr0 / (decay * u) for u in t]}

    @mistake
    def without_the_one_later(self, right, lr0, decay, t):
        """From the first update on your divisor is decay times t. The 1 is missing from it, which
        makes the rate lr0 at t = 0 without asking for that."""
        return {"rates": [lr0 / (decay * u) if u else lr0 for u in t]}

    @mistake
    def one_times_t(self, right, lr0, decay, t):
        """Your divisor is (1 + decay)·t, which is 0 before the first update. t multiplies decay
        alone; the 1 is added to that."""
        if 0 in t:
            return {"rates": raises("ZeroDivisionError")}
        return self.one_times_t_later(right, lr0, decay, t)

    @mistake
    def one_times_t_later(self, right, lr0, decay, t):
        """From the first update on your divisor is (1 + decay)·t. t multiplies decay alone; the 1
        is added to that."""
        return {"rates": [lr0 / ((1 + decay) * u) if u else lr0 for u in t]}

    @mistake
    def times_t(self, right, lr0, decay, t):
        """Your rate is multiplied by t, so it is 0 at first and grows. t belongs in the divisor,
        with decay."""
        return {"rates": [lr0 / (1 + decay) * u for u in t]}

    @mistake
    def decay_not_in_the_divisor(self, right, lr0, decay, t):
        """Your divisor is 1 + t: decay is missing from it. It stands beside t, so that the rate has
        halved after 1/decay updates."""
        return {"rates": [lr0 / (1 + u) for u in t]}

    @mistake
    def root_of_the_divisor(self, right, lr0, decay, t):
        """You divide by the root of 1 + decay·t, so the rate falls too slowly. After 1/decay
        updates it has halved."""
        return {"rates": [lr0 / (1 + decay * u) ** 0.5 for u in t]}

    @mistake
    def logarithm(self, right, lr0, decay, t):
        """Your divisor grows with a logarithm, so the rate falls ever more slowly. In 1/t decay it
        grows by the same amount at every update."""
        return {"rates": [float(lr0 / (1 + np.log(1 + decay * u))) for u in t]}

    @mistake
    def root_of_t(self, right, lr0, decay, t):
        """Your divisor grows with the root of t. In 1/t decay it grows by the same amount at every
        update."""
        return {"rates": [lr0 / (1 + decay * u**0.5) for u in t]}

    @mistake
    def squared(self, right, lr0, decay, t):
        """Your divisor grows with a square, so the rate falls too fast. After 1/decay updates it
        has halved."""
        return {"rates": [lr0 / (1 + decay * u) ** 2 for u in t]}

    @mistake
    def half_lives(self, right, lr0, decay, t):
        """Yours is halved again every 1/decay updates, which is exponential decay. In 1/t decay it
        has halved once after 1/decay updates, and takes longer every time."""
        return {"rates": [lr0 * 0.5 ** (decay * u) for u in t]}
