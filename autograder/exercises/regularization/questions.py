"""The questions of notebook 05: three about earlier notebooks, two about conventions."""

import numpy as np
import torch

from autograder.exercise import Case, Question, mistake


def nearest(choices, value):
    return min(choices, key=lambda choice: abs(choices[choice] - value))


class q05_sigmoid_slope(Question):
    """What a saturated unit lets through (02)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, a=float(rng.choice([0.9, 0.95, 0.98])))

    def text(self, a):
        return (
            f"A sigmoid unit outputs {a:g} for an example. In the backward pass, by what factor is "
            "the gradient with respect to this output multiplied to give the gradient with "
            "respect to the pre-activation?\n\n"
            f"- **a** {a:g}\n- **b** {a * (1 - a):.3g}\n- **c** {1 - a**2:.3g}\n- **d** 0.25"
        )

    def reference(self, a):
        z = torch.logit(torch.tensor(a, dtype=torch.float64)).requires_grad_()
        slope = torch.autograd.grad(torch.sigmoid(z), z)[0]
        choices = {"a": a, "b": a * (1 - a), "c": 1 - a**2, "d": 0.25}
        return {"answer": nearest(choices, float(slope))}

    @mistake
    def output_itself(self, right, a):
        """That is the output. Where it is near 1 the curve is nearly flat."""
        return {"answer": "a"}

    @mistake
    def slope_of_tanh(self, right, a):
        """One minus the square of the output is the slope of tanh."""
        return {"answer": "c"}

    @mistake
    def steepest_slope(self, right, a):
        """¼ is the steepest slope, where the output is ½. This one is far from there."""
        return {"answer": "d"}


class q05_whose_mean(Question):
    """Which mean is subtracted from a test picture (03)."""

    extra = True

    def cases(self, rng):
        train, held, test = (int(v) for v in rng.permutation([110, 124, 131]))
        pixel = int(rng.integers(150, 200))
        yield Case("answer", 1, train=train, held=held, test=test, pixel=pixel)

    def text(self, train, held, test, pixel):
        everything = (8 * train + held + test) / 10
        return (
            f"The mean of a channel is {train} over the training pictures, {held} over the "
            f"validation pictures and {test} over the test pictures. Of all pictures, 80 % are for "
            f"training, 10 % for validation and 10 % for testing. In a test picture a pixel of "
            f"this channel is {pixel}. Preprocessing subtracts the channel's mean. Which value "
            f"does the net get for it?"
            f"\n\n- **a** {pixel - test}\n- **b** {pixel - train}\n"
            f"- **c** {pixel - everything:g}\n- **d** {pixel - held}"
        )

    def reference(self, train, held, test, pixel):
        # Statistics are part of the model: fitted on training pictures, fixed from then on.
        centred = np.array([pixel], float) - np.mean(np.full(8, float(train)))
        choices = {"a": pixel - test, "b": pixel - train,
                   "c": pixel - (8 * train + held + test) / 10, "d": pixel - held}  # fmt: skip
        return {"answer": nearest(choices, float(centred[0]))}

    @mistake
    def of_the_test_images(self, right, **numbers):
        """A model that needs the mean of all test pictures cannot answer for a single one, and the
        net was trained with another number."""
        return {"answer": "a"}

    @mistake
    def of_all_images(self, right, **numbers):
        """Then the test pictures have taken part in the preprocessing, and that is a leak. For a
        mean it does little harm, but do not make it a habit."""
        return {"answer": "c"}

    @mistake
    def of_the_validation_images(self, right, **numbers):
        """Validation pictures are for choosing settings. Whatever is computed from data, even a
        mean, is computed from the training pictures."""
        return {"answer": "d"}


class q05_he(Question):
    """The scale of first weights under ReLU (04)."""

    extra = True

    def cases(self, rng):
        n_in, n_out = (int(v) for v in rng.choice([50, 200, 450, 800], 2, replace=False))
        yield Case("answer", 1, n_in=n_in, n_out=n_out)

    def text(self, n_in, n_out):
        c = self.choices(n_in, n_out)
        return (
            f"A layer has {n_in} inputs and {n_out} outputs, and ReLUs before and after it. Its "
            "weights are drawn from a normal distribution with mean 0. Which **standard "
            "deviation** keeps the activations equally large from layer to layer?\n\n"
            + "\n".join(f"- **{key}** {value:.4g}" for key, value in c.items())
        )

    @staticmethod
    def choices(n_in, n_out):
        return {"a": 2 / n_in, "b": (2 / (n_in + n_out)) ** 0.5, "c": (1 / n_in) ** 0.5,
                "d": (2 / n_in) ** 0.5}  # fmt: skip

    def reference(self, n_in, n_out):
        gain = torch.nn.init.calculate_gain("relu")
        return {"answer": nearest(self.choices(n_in, n_out), gain / n_in**0.5)}

    @mistake
    def variance(self, right, n_in, n_out):
        """That is the variance. The standard deviation is its root."""
        return {"answer": "a"}

    @mistake
    def xavier(self, right, n_in, n_out):
        """That is Xavier's standard deviation, made for activations that are nearly linear around
        0. A ReLU removes half of the mean square."""
        return {"answer": "b"}

    @mistake
    def without_the_two(self, right, n_in, n_out):
        """This would keep the scale if every unit let everything through. A ReLU lets half
        through."""
        return {"answer": "c"}


class q05_hinge(Question):
    """One class against the rest, or against the right one: two hinge losses."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, scores=[3.0, round(float(rng.integers(12, 19)) / 10, 1), -2.0])

    def text(self, scores):
        return (
            f"Three classes have the scores {scores[0]:g}, {scores[1]:g} and {scores[2]:g}; the "
            "first is right. What is the multiclass hinge loss with margin 1? (Answer with a "
            "number.)"
        )

    def reference(self, scores):
        loss = 3 * torch.nn.functional.multi_margin_loss(torch.tensor([scores]), torch.tensor([0]))
        return {"answer": float(loss)}

    @mistake
    def one_against_the_rest(self, right, scores):
        """That compares each score with 0, as tf.losses.hinge_loss does. The second class is far
        above 0, and it still keeps its distance from the right one."""
        return {"answer": (1 + scores[1]) / 3}

    @mistake
    def one_against_the_rest_summed(self, right, scores):
        """That compares each score with 0 and adds up. Here only distances from the right score
        count."""
        return {"answer": 1 + scores[1]}

    @mistake
    def right_class_counted(self, right, scores):
        """You have counted the right class against itself: it always violates its own margin."""
        return {"answer": 1.0}


class q05_weight_decay(Question):
    """One penalty, three conventions."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, lam=float(rng.choice([0.02, 0.04, 0.06])))

    def text(self, lam):
        return (
            f"A paper's cost is loss + λ‖W‖² with λ = {lam:g}. You train the same net with "
            "`torch.optim.SGD(..., weight_decay=d)`, which adds d·W to the gradient. Which d gives "
            f"the same steps?\n\n- **a** {lam:g}\n- **b** {lam / 2:g}\n- **c** {2 * lam:g}\n"
            "- **d** none, because weight decay is something else"
        )

    def reference(self, lam):
        w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
        slope = torch.autograd.grad((lam * w**2).sum(), w)[0]
        return {"answer": nearest({"a": lam, "b": lam / 2, "c": 2 * lam}, float(slope))}

    @mistake
    def the_same_number(self, right, lam):
        """It would be the same with a ½ in front of λ. What is the derivative of λw²?"""
        return {"answer": "a"}

    @mistake
    def half(self, right, lam):
        """It is the other way round. Differentiate λw², and compare with d·w."""
        return {"answer": "b"}

    @mistake
    def never_the_same(self, right, lam):
        """For plain SGD, adding d·W to the gradient is adding the gradient of a penalty. (Under
        Adam the two differ: notebook 07.)"""
        return {"answer": "d"}
