"""The questions of notebook 01: what it builds on, and what its two experiments show."""

import numpy as np
import torch

from autograder.exercise import Case, Question, mistake


def letter(place, turn):
    """The letter of the choice at this place, when the choices begin `turn` places later."""
    return "abcd"[(place + turn) % 4]


def listed(choices, turn):
    """The four choices with their letters, in the order of the letters."""
    lines = (f"- **{letter(i, turn)}** {choice}" for i, choice in enumerate(choices))
    return "\n".join(sorted(lines))


class q01_broadcast(Question):
    """What numpy makes of a column minus a row."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.integers(4, 12)))

    def text(self, n):
        return (
            f"A net's predictions have shape ({n}, 1), and its targets have shape ({n},). How many "
            "squares does `((predictions - targets) ** 2).sum()` add up?\n\n"
            f"- **a** {n}\n- **b** {n * n}\n- **c** {2 * n}\n"
            "- **d** none, because the shapes do not fit and numpy raises an error"
        )

    def reference(self, n):
        count = (np.zeros((n, 1)) - np.zeros(n)).size
        return {"answer": {n: "a", n * n: "b", 2 * n: "c"}[count]}

    @mistake
    def pair_by_pair(self, right, n):
        """So many were meant, but numpy computes more. It aligns shapes at their last axis: put the
        two shapes one above the other and fill up with ones on the left."""
        return {"answer": "a"}

    @mistake
    def side_by_side(self, right, n):
        """A difference does not put arrays side by side. Align the shapes at their last axis;
        where one has length 1 it is repeated."""
        return {"answer": "c"}

    @mistake
    def an_error(self, right, n):
        """It would be kinder if it were. An axis of length 1 fits every length, and a missing axis
        counts as one of length 1."""
        return {"answer": "d"}


class q01_shape(Question):
    """Which product is the gradient of a matrix."""

    extra = True

    def cases(self, rng):
        n, d, m = (int(v) for v in rng.choice(np.arange(3, 9), 3, replace=False))
        yield Case("answer", 1, n=n, d=d, m=m)

    def text(self, n, d, m):
        return (
            f"A layer computes out = x @ w, where x is {n}×{d} and w is {d}×{m}. `dout`, the "
            f"gradient of a loss with respect to out, is {n}×{m}. Which of these is the gradient "
            "of the loss with respect to w?"
            "\n\n- **a** `dout @ w.T`\n- **b** `dout.T @ x`\n- **c** `x * dout`\n"
            "- **d** `x.T @ dout`"
        )

    def reference(self, n, d, m):
        x, w = torch.arange(n * d).reshape(n, d) * 1.0, torch.ones(d, m, requires_grad=True)
        dout = torch.arange(n * m).reshape(n, m) * 1.0
        (grad,) = torch.autograd.grad(x @ w, w, dout)
        choices = {"a": dout @ w.T, "b": dout.T @ x, "d": x.T @ dout}
        fits = [k for k, v in choices.items() if v.shape == grad.shape and torch.allclose(v, grad)]
        return {"answer": fits[0]}

    @mistake
    def of_x(self, right, n, d, m):
        """That has the shape of x, and it is the gradient with respect to x."""
        return {"answer": "a"}

    @mistake
    def turned(self, right, n, d, m):
        """That has all the right numbers, in the shape of w transposed."""
        return {"answer": "b"}

    @mistake
    def element_by_element(self, right, n, d, m):
        """These shapes do not even broadcast. An entry of w touches all examples, so its gradient
        is a sum over them: a product of matrices."""
        return {"answer": "c"}


class q01_chain(Question):
    """The chain rule through one unit."""

    extra = True

    def cases(self, rng):
        x, w1, w2 = (float(v) for v in rng.permutation([2, 3, 5]))
        if w2 == 2:  # two of the choices would be the same number
            x, w2 = w2, x
        yield Case("answer", 1, x=x, w1=w1, w2=w2, y=w2 * w1 * x - 1)

    def text(self, x, w1, w2, y):
        values = self.choices(x, w1, w2, y)
        return (
            "A net with one hidden unit computes $h = \\max(0, w_1 x)$, $\\hat y = w_2 h$ and "
            "$L = (\\hat y - y)^2$, "
            f"with $x = {x:g}$, $w_1 = {w1:g}$, $w_2 = {w2:g}$, $y = {y:g}$. What is "
            "$\\partial L / \\partial w_1$?\n\n"
            + "\n".join(f"- **{letter}** {value:g}" for letter, value in values.items())
        )

    def choices(self, x, w1, w2, y):
        d = 2 * (w2 * w1 * x - y)
        return {"a": d * w2 * x, "b": d * x, "c": d * w2 * x / 2, "d": d * w1 * x}

    def reference(self, x, w1, w2, y):
        w = torch.tensor(w1, requires_grad=True)
        ((w2 * torch.relu(w * x) - y) ** 2).backward()
        found = self.choices(x, w1, w2, y)
        return {"answer": min(found, key=lambda k: abs(found[k] - float(w.grad)))}

    @mistake
    def a_factor_skipped(self, right, x, w1, w2, y):
        """The path from the loss to w1 leads through the output weight, whose factor is missing."""
        return {"answer": "b"}

    @mistake
    def square_without_two(self, right, x, w1, w2, y):
        """Half of it: the derivative of a square has a factor in front."""
        return {"answer": "c"}

    @mistake
    def for_the_other_weight(self, right, x, w1, w2, y):
        """That is the slope for the output weight, whose local derivative is the hidden unit's
        value."""
        return {"answer": "d"}


class q01_rate(Question):
    """A mean for a sum: what becomes of the step."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.choice([20, 50])), outputs=int(rng.choice([4, 5])))

    def text(self, n, outputs):
        return (
            f"With {n} examples and {outputs} outputs a net learns well at the rate 0.0001 when "
            "the loss is the **sum** of all squares. You replace the sum by the mean over all "
            "entries (the default of `mse_loss`). Which rate makes exactly the same steps?\n\n"
            f"- **a** 0.0001, because the minimum is where it was\n- **b** {1e-4 * n:g}\n"
            f"- **c** {1e-4 * n * outputs:g}\n- **d** {100 / (n * outputs):g}·10⁻⁶"
        )

    def reference(self, n, outputs):
        p = torch.ones(n, outputs, requires_grad=True)
        sizes = [torch.autograd.grad(loss, p)[0][0, 0] for loss in ((p**2).sum(), (p**2).mean())]
        factor = float(sizes[0] / sizes[1])
        choices = {"a": 1, "b": n, "c": n * outputs, "d": 1 / (n * outputs)}
        return {"answer": min(choices, key=lambda k: abs(np.log(choices[k] / factor)))}

    @mistake
    def same_minimum(self, right, n, outputs):
        """The minimum is the same, but how far a step goes is the rate times the gradient, and the
        gradient has shrunk."""
        return {"answer": "a"}

    @mistake
    def over_examples_only(self, right, n, outputs):
        """mse_loss divides by the number of all entries, not of examples only."""
        return {"answer": "b"}

    @mistake
    def the_wrong_way(self, right, n, outputs):
        """The mean's gradient is smaller already. That rate would make the steps smaller once
        more."""
        return {"answer": "d"}


class q01_float32(Question):
    """Why the same net differs from itself in single precision."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, digits=7, steps=int(rng.choice([500, 600, 800])),
                   turn=int(rng.integers(4)))  # fmt: skip

    def text(self, digits, steps, turn):
        choices = [
            "autograd uses numerical differences, which are worse in float32",
            f"each way adds the numbers in a different order and rounds to {digits} digits; late "
            "in training the loss consists of small differences of nearly equal numbers, and "
            "compared with these the rounding is large",
            "numpy computes in float64 inside, whatever the arrays hold",
            "the rate is too large for float32, so the five runs diverge",
        ]
        return (
            "The net, the weights and the data are the same. In float64 the losses of the five "
            f"ways agree almost exactly even after {steps} steps. In float32 they drift apart, and "
            "near the end the difference is easy to see. Why?\n\n" + listed(choices, turn)
        )

    def reference(self, digits, steps, turn):
        """A sum in two orders, and its difference from a target that it nearly equals."""
        terms = np.random.default_rng(0).normal(size=1000).astype(np.float32)
        forwards, sorted_sum = np.cumsum(terms)[-1], np.cumsum(np.sort(terms))[-1]
        target = np.float32(forwards * (1 - 1e-5))
        relative = abs((forwards - target) / (sorted_sum - target) - 1)
        place = 1 if relative > abs(forwards / sorted_sum - 1) * 100 else 3
        return {"answer": letter(place, turn)}

    @mistake
    def numerical(self, right, turn, **numbers):
        """autograd applies the chain rule with exact local derivatives. There is no h in it."""
        return {"answer": letter(0, turn)}

    @mistake
    def numpy_is_double(self, right, turn, **numbers):
        """numpy multiplies float32 matrices in float32. And the framework's ways differ from each
        other too."""
        return {"answer": letter(2, turn)}

    @mistake
    def diverging(self, right, turn, **numbers):
        """All of them go down, by eleven powers of ten. A rate that is too large shows as a loss
        that grows."""
        return {"answer": letter(3, turn)}
