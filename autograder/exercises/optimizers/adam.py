"""Exercise of notebook 07: Adam. AdaGrad and RMSProp are in `adaptive`."""

import numpy as np
import torch

from autograder.exercise import mistake
from autograder.exercises.optimizers.rules import WithState, in_config, settings, zero_ignored


def share(old, new, beta):
    return beta * old + (1 - beta) * new


def correction(beta, t):
    return 1 - beta**t


class adam(WithState):
    """Adam (Kingma & Ba 2015, algorithm 1)."""

    signature = "adam(w, dw, config) -> next_w, config"
    minutes = 14
    difficulty = 3
    hints = (
        "Two moving averages, one of the gradient and one of its square. Both start at 0, so "
        "both are too small at first: by which factor after t steps?",
        "Add 1 to t before you use it. Correct copies of m and v for this step only; what goes "
        "back into config is not corrected.",
    )
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    own = {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.7, "epsilon": 1.5}
    settings = settings(
        defaults, learning_rate=(1e-2,), beta1=(0.99, 0.5), beta2=(0.99, 0.9), epsilon=(1e-7, 1e-10)
    )
    state = ("m", "v", "t")
    reads = in_config("m", "v", "t")

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

    def changed(self, inputs, start=0, ahead=1, correct=(correction, correction), store=False,
                divisor=None, betas=("beta1", "beta2"), corrected_by=None, count=True,
                into_m=share, into_v=share, square=np.square, along=None,
                alone=False, of_m=None):  # fmt: skip
        """Adam with one thing changed.

        `ahead` is what is added to t where it is used, `along` what is divided in the end,
        `into_m(old, new, beta)` the new average, `square(g)` or `of_m(g, m)` what goes into v.
        """
        along = along or (lambda g, m_hat: m_hat)
        corrected_by = corrected_by or betas

        def update(w, g, c):
            a, b = (c[name] for name in betas)
            used = c["t"] + ahead
            c["t"] = c["t"] + count
            m = into_m(c["m"], g, a)
            v = into_v(c["v"], of_m(g, m) if of_m else square(g), b)
            before, root = (c[name] for name in corrected_by)
            hats = m / correct[0](before, used), v / correct[1](root, used)
            c["m"], c["v"] = hats if store else (m, v)
            step = c["learning_rate"] * along(g, hats[0])
            w = 0 * w if alone else w
            if divisor is None:
                return w - step / (np.sqrt(hats[1]) + c["epsilon"])
            return w - step / divisor(hats[1], v, correction(b, used), c["epsilon"])

        config = inputs["config"]
        config = config if "t" in config else {**config, "t": start}
        # 0/0 where t is used before it is counted up: that NaN is what the mistake shows.
        with np.errstate(all="ignore"):
            return self.imitate(update, **{**inputs, "config": config})

    beta1_of_zero_ignored = zero_ignored("beta1")
    beta2_of_zero_ignored = zero_ignored("beta2")
    epsilon_of_zero_ignored = zero_ignored("epsilon")
    zeros_ignored = zero_ignored("learning_rate", "beta1", "beta2", "epsilon")

    @mistake
    def climbs(self, right, **inputs):
        """Yours goes uphill: the step is added to w, and it has to be subtracted. Check the sign in
        the update."""
        steps = [name for name in right if name.startswith("w ")]
        return {name: 2 * inputs["w"] - right[name] for name in steps}

    @mistake
    def returns_the_change(self, right, **inputs):
        """You return the change alone. The first return value is the next w."""
        return self.changed(inputs, alone=True)

    @mistake
    def t_not_kept(self, right, **inputs):
        """The new t does not get into config, so the next step takes itself for the same one.
        What is counted has to be kept, as m and v are."""
        seen = self.changed(inputs, count=False)
        return seen if "t" in inputs["config"] else seen | {"t": None}

    @mistake
    def t_stands_still(self, right, **inputs):
        """The t in config is always the old one: t is counted up for the step, and what goes back
        into config is not."""
        return self.changed(inputs, count=False)

    @mistake
    def no_bias_correction(self, right, **inputs):
        """m and v start at 0 and are too small at first, v much more so than m: without the
        correction the first step is about three times too long."""
        return self.changed(inputs, correct=(lambda b, t: 1, lambda b, t: 1))

    @mistake
    def only_m_corrected(self, right, **inputs):
        """You correct m and leave v as it is. Both start at 0, so both are too small at first."""
        return self.changed(inputs, correct=(correction, lambda b, t: 1))

    @mistake
    def only_v_corrected(self, right, **inputs):
        """You correct v and leave m as it is. Both start at 0, so both are too small at first."""
        return self.changed(inputs, correct=(lambda b, t: 1, correction))

    @mistake
    def v_corrected_by_beta1(self, right, **inputs):
        """You correct v by the power of β1. v was averaged with β2, so that is what is missing from
        it."""
        return self.changed(inputs, corrected_by=("beta1", "beta1"))

    @mistake
    def m_corrected_by_beta2(self, right, **inputs):
        """You correct m by the power of β2. m was averaged with β1, so that is what is missing from
        it."""
        return self.changed(inputs, corrected_by=("beta2", "beta2"))

    @mistake
    def corrections_exchanged(self, right, **inputs):
        """You correct m by the power of β2 and v by that of β1. Each is corrected by the β with
        which it was averaged."""
        return self.changed(inputs, corrected_by=("beta2", "beta1"))

    @mistake
    def starts_at_the_first_gradient(self, right, **inputs):
        """Where config has none, your m and v are the first gradient and its square, whole. Both
        start at zeros, and the correction makes up for that."""
        if "m" not in inputs["config"]:
            first = lambda old, new, beta: share(old, new, beta) if old.any() else new
            return self.changed(inputs, into_m=first, into_v=first)

    @mistake
    def first_step_alone_corrected(self, right, **inputs):
        """You correct at the first step only. At the second and later ones m and v are too small
        still: the correction fades by itself as βᵗ does."""
        first = lambda b, t: 1 - b if t == 1 else 1
        return self.changed(inputs, correct=(first, first))

    @mistake
    def power_forgotten(self, right, **inputs):
        """You divide by 1 − β at every step. After t steps what is missing from an average is β to
        the power t, so the correction fades as t grows."""
        return self.changed(inputs, correct=(lambda b, t: 1 - b, lambda b, t: 1 - b))

    @mistake
    def product_for_power(self, right, **inputs):
        """Your correction has β times t. It is β to the power t."""
        return self.changed(inputs, correct=(lambda b, t: 1 - b * t, lambda b, t: 1 - b * t))

    @mistake
    def multiplied_by_the_correction(self, right, **inputs):
        """You multiply m and v by 1 − βᵗ, which makes them smaller still. They are too small:
        divide by it."""
        return self.changed(
            inputs, correct=(lambda b, t: 1 / (1 - b**t), lambda b, t: 1 / (1 - b**t))
        )

    @mistake
    def t_counted_late(self, right, **inputs):
        """t is counted up after its use, so at the first step it is still 0, the correction
        divides by 1 − β⁰ = 0, and everything is NaN. Count first."""
        return self.changed(inputs, ahead=0)

    @mistake
    def corrected_one_update_late(self, right, **inputs):
        """You correct with the number of updates before this one, so the second is corrected as the
        first was. Count this one first."""
        late = lambda b, t: correction(b, max(t - 1, 1))
        return self.changed(inputs, correct=(late, late))

    @mistake
    def t_one_too_many(self, right, **inputs):
        """The t in your correction is one too large: at the first step it is 2. Count it up once,
        then use it."""
        return self.changed(inputs, ahead=2)

    @mistake
    def t_starts_at_one(self, right, **inputs):
        """Where config has no t, yours starts at 1, so the t that you store is one too large, and a
        saved config that is taken up again is read differently. It starts at 0 and is counted up
        before its use."""
        return self.changed(inputs, start=1, ahead=0)

    @mistake
    def t_starts_at_one_and_is_counted(self, right, **inputs):
        """Where config has no t, yours starts at 1 and is counted up before its use, so the first
        step has t = 2. It starts at 0."""
        return self.changed(inputs, start=1)

    def one_array(self, root, inputs):
        """m and v in one array that each of them changes in place."""
        if "m" in inputs["config"]:
            return None

        def update(w, g, c):
            a, b, t = c["beta1"], c["beta2"], c["t"] + 1
            both = b * share(c["m"], g, a) + (1 - b) * g**2
            c.update(m=both, v=both, t=t)
            divisor = root(both / correction(b, t)) + c["epsilon"]
            return w - c["learning_rate"] * both / correction(a, t) / divisor

        with np.errstate(all="ignore"):
            return self.imitate(update, **inputs)

    @mistake
    def m_and_v_are_one_array(self, right, **inputs):
        """m and v are two names for one array of zeros, and what is done to one in place is done to
        the other. Let each start with an array of its own."""
        return self.one_array(np.sqrt, inputs)

    @mistake
    def m_and_v_are_one_array_of_sizes(self, right, **inputs):
        """m and v are two names for one array of zeros, and what is done to one in place is done to
        the other. Let each start with an array of its own."""
        return self.one_array(lambda v: np.sqrt(np.abs(v)), inputs)

    @mistake
    def corrected_moments_stored(self, right, **inputs):
        """You put the corrected m and v into config, and the next step corrects them again. The
        correction is for this step only."""
        return self.changed(inputs, store=True)

    @mistake
    def epsilon_inside(self, right, **inputs):
        """Your δ stands under the root, where it counts as much as a gradient of √δ, by default
        1e-4. It belongs outside."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: np.sqrt(hat + eps))

    @mistake
    def epsilon_forgotten(self, right, **inputs):
        """What you divide by is the root alone. δ is added to the root of the corrected v in every
        entry."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: np.sqrt(hat))

    @mistake
    def larger_of_root_and_epsilon(self, right, **inputs):
        """You divide by the larger of the root and δ. δ is added to the root, in every entry."""
        larger = lambda hat, v, c, eps: np.maximum(np.sqrt(hat), eps)
        return self.changed(inputs, divisor=larger)

    @mistake
    def epsilon_before_correction(self, right, **inputs):
        """You add δ to the root of v before v is corrected. That is the paper's shortcut, which
        has another δ; here δ is added to the root of the corrected v."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: (np.sqrt(v) + eps) / c**0.5)

    @mistake
    def root_forgotten(self, right, **inputs):
        """You divide by v itself. Its root has the gradient's unit, so that the step has the
        size of the rate."""
        return self.changed(inputs, divisor=lambda hat, v, c, eps: hat + eps)

    @mistake
    def betas_swapped(self, right, **inputs):
        """β1 and β2 have changed places: β1 is the shorter memory and belongs to m."""
        return self.changed(inputs, betas=("beta2", "beta1"))

    @mistake
    def one_beta_for_both(self, right, **inputs):
        """You use β1 for v, too. v has a memory of its own, β2."""
        return self.changed(inputs, betas=("beta1", "beta1"))

    @mistake
    def shares_swapped(self, right, **inputs):
        """β is the share of the OLD average that is kept. Yours keeps 1 − β of it, so next to
        nothing is remembered."""
        swapped = lambda old, new, beta: share(old, new, 1 - beta)
        return self.changed(inputs, into_m=swapped, into_v=swapped)

    @mistake
    def new_gradient_whole(self, right, **inputs):
        """The gradient goes into m whole: its share 1 − β1 is missing. In an average the two shares
        sum to 1."""
        return self.changed(inputs, into_m=lambda old, new, beta: beta * old + new)

    @mistake
    def new_square_whole(self, right, **inputs):
        """The square goes into v whole: its share 1 − β2 is missing. In an average the two shares
        sum to 1."""
        return self.changed(inputs, into_v=lambda old, new, beta: beta * old + new)

    @mistake
    def sum_for_average(self, right, **inputs):
        """Your v only grows: it is AdaGrad's sum of all squares. Here it is a moving average, in
        which old ones fade."""
        return self.changed(inputs, into_v=lambda old, new, beta: old + new)

    @mistake
    def size_for_square(self, right, **inputs):
        """Your v collects the gradients' absolute values. It is their squares that go in, and the
        root that is taken of them afterwards."""
        return self.changed(inputs, square=np.abs)

    @mistake
    def not_squared(self, right, **inputs):
        """Your v collects the gradients as they are, with their signs. It is their squares that go
        in; of a negative number there is no root."""
        return self.changed(inputs, square=lambda g: g)

    @mistake
    def one_mean_for_all(self, right, **inputs):
        """All weights get the same number in v: the mean of the squares over the whole array. Each
        weight has an entry of its own, made of its own gradient."""
        return self.changed(inputs, square=lambda g: np.mean(g**2) + 0 * g)

    @mistake
    def largest_v_kept(self, right, **inputs):
        """Your v never falls: you keep the largest so far, which is AMSGrad. Adam divides by the
        average as it is."""
        return self.changed(inputs, into_v=lambda old, new, b: np.maximum(old, share(old, new, b)))

    @mistake
    def largest_v_used(self, right, **inputs):
        """You divide by the root of the largest v so far, which is AMSGrad. Adam divides by that of
        the average as it is."""
        so_far = [0.0]

        def divisor(hat, v, missing, eps):
            so_far[0] = np.maximum(so_far[0], v)
            return np.sqrt(so_far[0] / missing) + eps

        return self.changed(inputs, divisor=divisor)

    @mistake
    def largest_corrected_v_used(self, right, **inputs):
        """You divide by the root of the largest corrected v so far, as AMSGrad does. Adam divides
        by that of the present one."""
        so_far = [0.0]

        def divisor(hat, v, missing, eps):
            so_far[0] = np.maximum(so_far[0], hat)
            return np.sqrt(so_far[0]) + eps

        return self.changed(inputs, divisor=divisor)

    def largest_size(self, divisor, inputs):
        """The rule whose v is the largest |g| so far, which fades by β2."""
        largest = lambda old, new, beta: np.maximum(beta * old, new)
        return self.changed(inputs, square=np.abs, into_v=largest, divisor=divisor)

    @mistake
    def largest_size_for_v(self, right, **inputs):
        """Your v is the largest size of a gradient so far, which fades: that is AdaMax. Adam's v is
        the average of the squares, and one divides by its root."""
        return self.largest_size(lambda hat, v, missing, eps: v + eps, inputs)

    @mistake
    def largest_size_for_v_alone(self, right, **inputs):
        """Your v is the largest size of a gradient so far, which fades, and you divide by it alone:
        that is AdaMax. Adam's v is the average of the squares; one divides by its root plus δ."""
        return self.largest_size(lambda hat, v, missing, eps: v, inputs)

    @mistake
    def deviation_from_m(self, right, **inputs):
        """Your v is made of the squared distance of the gradient from m, which is AdaBelief. Adam's
        v is the average of the squared gradients themselves."""
        return self.changed(inputs, of_m=lambda g, m: (g - m) ** 2)

    @mistake
    def square_of_m(self, right, **inputs):
        """Your v is made of the square of m. It is the average of the squared gradients, not the
        square of their average."""
        return self.changed(inputs, of_m=lambda g, m: m**2)

    @mistake
    def gradient_for_m(self, right, **inputs):
        """What you divide by the root is the gradient itself. It is its average, the corrected m,
        that w moves along."""
        return self.changed(inputs, along=lambda g, m_hat: g)
