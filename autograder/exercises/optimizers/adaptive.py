"""Exercises of notebook 07: rules that give each weight a rate of its own, AdaGrad to Adam.

The rules without are in `optimizers`.
"""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.momentum import WithState


class Adaptive(WithState, abstract=True):
    """What the rules share that divide each weight's step by the size of its gradients."""

    state = ("cache",)

    def remember(self, cache, g, config):
        """The cache after a gradient."""
        raise NotImplementedError

    def divided(self, by, **inputs):
        """Steps of ε·g divided by `by(cache, config)`."""

        def update(w, g, c):
            c["cache"] = self.remember(c["cache"], g, c)
            return w - c["learning_rate"] * g / by(c["cache"], c)

        return self.imitate(update, **inputs)

    @mistake
    def epsilon_inside(self, right, **inputs):
        """Your ε stands under the root, where it counts as much as a gradient of √ε = 1e-4. It
        belongs outside: added to the root, it only keeps the divisor from being 0."""
        return self.divided(lambda cache, c: np.sqrt(cache + c["epsilon"]), **inputs)

    @mistake
    def root_forgotten(self, right, **inputs):
        """You divide by the mean square itself. Its root has the gradient's unit, so that what is
        left has none."""
        return self.divided(lambda cache, c: cache + c["epsilon"], **inputs)

    @mistake
    def old_cache(self, right, **inputs):
        """You divide by the cache from before this gradient, which is 0 at the first step: a step
        of ε·g/1e-8. First the cache, then w."""

        def update(w, g, c):
            before = c["cache"]
            c["cache"] = self.remember(before, g, c)
            return w - c["learning_rate"] * g / (np.sqrt(before) + c["epsilon"])

        return self.imitate(update, **inputs)

    @mistake
    def size_for_square(self, right, **inputs):
        """Your cache collects the gradients' absolute values. It is their squares that go in, and
        the root that is taken of them afterwards."""

        def update(w, g, c):
            c["cache"] = self.remember(c["cache"], np.sqrt(np.abs(g)), c)
            return w - c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)


class adagrad(Adaptive):
    """AdaGrad (Duchi 2011): each weight's rate falls with the gradients it has seen."""

    signature = "adagrad(w, dw, config) -> next_w, config"
    needs = ("sgd",)
    minutes = 7
    difficulty = 2
    extra = True
    hints = (
        "One number a weight is remembered: the sum of its squared gradients so far.",
        "Everything is element by element; ε only guards the division.",
    )
    defaults = {"learning_rate": 1e-2, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "epsilon": 0.1}

    def optimizer(self, parameters, config):
        return torch.optim.Adagrad(parameters, lr=config["learning_rate"], eps=config["epsilon"])

    def to_torch(self, config):
        total = torch.tensor(config.get("cache", 0.0))
        return {"step": torch.tensor(0.0), "sum": total.expand(4, 3).clone()}

    def from_torch(self, held, config):
        return {"cache": held["sum"].cpu().numpy().copy()}

    def remember(self, cache, g, config):
        return cache + g**2

    @mistake
    def average_for_sum(self, right, **inputs):
        """Your cache forgets: it is a moving average, as in RMSProp. AdaGrad sums over all steps,
        so its rates only ever fall."""

        def update(w, g, c):
            c["cache"] = 0.9 * c["cache"] + 0.1 * g**2
            return w - c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)


class rmsprop(Adaptive):
    """RMSProp (Hinton 2012): the rate follows the recent size of each weight's gradient."""

    signature = "rmsprop(w, dw, config) -> next_w, config"
    needs = ("sgd",)
    minutes = 8
    difficulty = 2
    hints = (
        "The cache is a moving average of the squared gradient. Which share of the old is kept?",
        "decay_rate is near 1, and it is the share of the OLD value. The rest is the new one's.",
    )
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "decay_rate": 0.7, "epsilon": 0.1}

    def optimizer(self, parameters, config):
        return torch.optim.RMSprop(
            parameters, lr=config["learning_rate"], alpha=config["decay_rate"],
            eps=config["epsilon"],
        )  # fmt: skip

    def to_torch(self, config):
        if "cache" not in config:
            return {}
        return {"step": torch.tensor(0.0), "square_avg": torch.tensor(config["cache"])}

    def from_torch(self, held, config):
        return {"cache": held["square_avg"].cpu().numpy().copy()}

    def remember(self, cache, g, config):
        return config["decay_rate"] * cache + (1 - config["decay_rate"]) * g**2

    @mistake
    def sum_for_average(self, right, **inputs):
        """Your cache only grows: that is AdaGrad's sum. RMSProp takes a moving average, in which
        old gradients fade."""

        def update(w, g, c):
            c["cache"] = c["cache"] + g**2
            return w - c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)

    @mistake
    def new_gradient_whole(self, right, **inputs):
        """The old cache fades and the new square is added whole, so the cache settles at
        1/(1 − ρ) mean squares. In an average the two shares sum to 1."""

        def update(w, g, c):
            c["cache"] = c["decay_rate"] * c["cache"] + g**2
            return w - c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)

    @mistake
    def shares_swapped(self, right, **inputs):
        """decay_rate is the share of the OLD cache that is kept. Yours keeps 1 − decay_rate of
        it, so next to nothing is remembered."""

        def update(w, g, c):
            c["cache"] = (1 - c["decay_rate"]) * c["cache"] + c["decay_rate"] * g**2
            return w - c["learning_rate"] * g / (np.sqrt(c["cache"]) + c["epsilon"])

        return self.imitate(update, **inputs)


class adam(WithState):
    """Adam (Kingma & Ba 2015, algorithm 1)."""

    signature = "adam(w, dw, config) -> next_w, config"
    needs = ("sgd_momentum", "rmsprop")
    minutes = 14
    difficulty = 3
    hints = (
        "Two moving averages, one of the gradient and one of its square. Both start at 0, so "
        "both are too small at first: by which factor after t steps?",
        "Count t up before you use it. Correct copies of m and v for this step only; what goes "
        "back into config is not corrected.",
    )
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.7, "epsilon": 0.1}
    state = ("m", "v", "t")

    def optimizer(self, parameters, config):
        return torch.optim.Adam(
            parameters, lr=config["learning_rate"], betas=(config["beta1"], config["beta2"]),
            eps=config["epsilon"],
        )  # fmt: skip

    def to_torch(self, config):
        if "m" not in config:
            return {}
        held = {"exp_avg": torch.tensor(config["m"]), "exp_avg_sq": torch.tensor(config["v"])}
        return held | {"step": torch.tensor(float(config["t"]))}

    def from_torch(self, held, config):
        m, v = (held[key].cpu().numpy().copy() for key in ("exp_avg", "exp_avg_sq"))
        return {"m": m, "v": v, "t": int(held["step"])}

    def changed(self, inputs, start=0, late=False, correct=(True, True), store=False,
                divisor=None, betas=("beta1", "beta2"), count=True):  # fmt: skip
        """Adam with one thing changed."""

        def update(w, g, c):
            a, b = (c[name] for name in betas)
            used = c["t"] + (not late)
            c["t"] = c["t"] + count
            m, v = a * c["m"] + (1 - a) * g, b * c["v"] + (1 - b) * g**2
            hats = m / (1 - a**used if correct[0] else 1), v / (1 - b**used if correct[1] else 1)
            c["m"], c["v"] = hats if store else (m, v)
            if divisor is None:
                return w - c["learning_rate"] * hats[0] / (np.sqrt(hats[1]) + c["epsilon"])
            return w - c["learning_rate"] * hats[0] / divisor(hats[1], v, 1 - b**used, c["epsilon"])

        config = inputs["config"]
        config = config if "t" in config else {**config, "t": start}
        # 0/0 where t is used before it is counted up: that NaN is what the mistake shows.
        with np.errstate(all="ignore"):
            return self.imitate(update, **{**inputs, "config": config})

    @mistake
    def climbs(self, right, **inputs):
        """Yours goes uphill: the averages are right, and the step is added where it has to be
        subtracted. Check the sign in the update."""
        steps = [name for name in right if name.startswith("w ")]
        return {name: 2 * inputs["w"] - right[name] for name in steps}

    @mistake
    def t_not_kept(self, right, **inputs):
        """The new t does not get into config, so the next step takes itself for the same one.
        What is counted has to be kept, as m and v are."""
        seen = self.changed(inputs, count=False)
        return seen if "t" in inputs["config"] else seen | {"t": None}

    @mistake
    def no_bias_correction(self, right, **inputs):
        """m and v start at 0 and are too small at first, v much more so than m: without the
        correction the first step is about three times too long."""
        return self.changed(inputs, correct=(False, False))

    @mistake
    def only_m_corrected(self, right, **inputs):
        """You correct m and leave v as it is. Both start at 0, so both are too small at first."""
        return self.changed(inputs, correct=(True, False))

    @mistake
    def only_v_corrected(self, right, **inputs):
        """You correct v and leave m as it is. Both start at 0, so both are too small at first."""
        return self.changed(inputs, correct=(False, True))

    @mistake
    def t_counted_late(self, right, **inputs):
        """t is counted up after its use, so at the first step it is still 0, the correction
        divides by 1 − β⁰ = 0, and everything is NaN. Count first."""
        return self.changed(inputs, late=True)

    @mistake
    def t_starts_at_one(self, right, **inputs):
        """You start t at 1 and count up after its use. The first steps agree, but the t in config
        is one too many, and a saved config that is taken up again is read differently."""
        return self.changed(inputs, start=1, late=True)

    @mistake
    def corrected_moments_stored(self, right, **inputs):
        """You put the corrected m and v into config, and the next step corrects them again. The
        correction is for this step only."""
        return self.changed(inputs, store=True)

    @mistake
    def epsilon_inside(self, right, **inputs):
        """Your ε stands under the root, where it counts as much as a gradient of √ε = 1e-4. It
        belongs outside."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: np.sqrt(hat + eps))

    @mistake
    def epsilon_before_correction(self, right, **inputs):
        """You add ε to the root of v before v is corrected. That is the paper's shortcut, which
        has another ε; here ε is added to the root of the corrected v."""
        return self.changed(
            inputs, divisor=lambda hat, v, c, eps: (np.sqrt(v) + eps) / np.sqrt(c)
        )

    @mistake
    def root_forgotten(self, right, **inputs):
        """You divide by v itself. Its root has the gradient's unit, so that the step has the
        size of the rate."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: hat + eps)

    @mistake
    def betas_swapped(self, right, **inputs):
        """β1 and β2 have changed places: β1 is the shorter memory and belongs to m."""
        return self.changed(inputs, betas=("beta2", "beta1"))
