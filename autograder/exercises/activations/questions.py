"""The questions about 01 with which notebook 02 opens."""

import numpy as np
import torch

from autograder.exercise import Case, Question, mistake


class q02_centred(Question):
    """How far off a centred difference is."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, x=float(rng.integers(2, 6)), h=0.1)

    def text(self, x, h):
        return (
            f"For $f(x) = x^3$ at $x = {x:g}$ with $h = {h:g}$, by how much does the centred "
            "difference $\\frac{f(x+h) - f(x-h)}{2h}$ exceed the true derivative?\n\n"
            f"- **a** by 0, because a centred difference is exact\n"
            f"- **b** by {h**2:g}\n"
            f"- **c** by {3 * x * h + h**2:g}\n"
            f"- **d** by {h:g}"
        )

    def reference(self, x, h):
        excess = ((x + h) ** 3 - (x - h) ** 3) / (2 * h) - 3 * x**2
        choices = {0.0: "a", h**2: "b", 3 * x * h + h**2: "c", h: "d"}
        return {"answer": choices[min(choices, key=lambda value: abs(value - excess))]}

    @mistake
    def exact(self, right, x, h):
        """A centred difference is exact for parabolas only. A cubic has a third derivative, and
        that is the first term that does not cancel."""
        return {"answer": "a"}

    @mistake
    def one_sided(self, right, x, h):
        """That is the error of the one-sided difference. Subtract the two expansions around x:
        which terms cancel?"""
        return {"answer": "c"}

    @mistake
    def first_order(self, right, x, h):
        """The error of a centred difference is of second order in h, so ten times smaller steps
        make it a hundred times smaller."""
        return {"answer": "d"}


class q02_accumulate(Question):
    """What `.grad` holds after several calls of backward."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, g=float(rng.integers(2, 8)) / 10, calls=int(rng.integers(3, 6)))

    def text(self, g, calls):
        return (
            f"A weight's gradient on a batch is {g:g}. Starting from `w.grad is None`, you run "
            f"forward and `loss.backward()` on that batch {calls} times, without "
            "`optimizer.zero_grad()` and without a step. What does `w.grad` hold?\n\n"
            f"- **a** {g:g}\n- **b** {g**calls:.3g}\n- **c** {g * calls:g}\n"
            "- **d** nothing, because the second call raises an error"
        )

    def reference(self, g, calls):
        w = torch.zeros(1, device=self.device, requires_grad=True)
        for _ in range(calls):
            (g * w).sum().backward()
        choices = {"a": g, "b": g**calls, "c": g * calls}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - float(w.grad)))}

    @mistake
    def replaced(self, right, g, calls):
        """backward adds to `.grad`; nothing sets it to 0 between the calls but you."""
        return {"answer": "a"}

    @mistake
    def multiplied(self, right, g, calls):
        """The chain rule multiplies along one path. Separate calls are separate terms of a sum."""
        return {"answer": "b"}

    @mistake
    def graph_is_gone(self, right, g, calls):
        """Each forward builds a graph of its own, so each backward has one to go through. An
        error comes only when backward is called twice on the same forward."""
        return {"answer": "d"}


class q02_bias_gradient(Question):
    """The gradient of a bias that every example shares."""

    extra = True

    def cases(self, rng):
        n, h = (int(v) for v in rng.choice(np.arange(5, 20), 2, replace=False))
        yield Case("answer", 1, n=n, h=h, g=float(rng.integers(2, 5)))

    def text(self, n, h, g):
        return (
            f"An affine layer $y = xW + b$ maps a batch of {n} examples to {h} units. Its `dout`, "
            f"the gradient with respect to $y$, has shape {n}×{h}, and every entry of it is {g:g}. "
            "What is each entry of `db`? (Answer with a number.)"
        )

    def reference(self, n, h, g):
        b = torch.zeros(h, device=self.device, requires_grad=True)
        (g * (torch.zeros(n, h, device=self.device) + b)).sum().backward()
        return {"answer": float(b.grad[0])}

    @mistake
    def mean_over_the_batch(self, right, n, h, g):
        """The layer itself takes no mean. If the loss is a mean over the batch, dout contains the
        1/N already."""
        return {"answer": g}

    @mistake
    def summed_over_units(self, right, n, h, g):
        """Each unit has a bias of its own, and all examples share it. So sum over the examples."""
        return {"answer": h * g}

    @mistake
    def summed_over_everything(self, right, n, h, g):
        """db has one entry per unit. So sum over the examples, but not over the units."""
        return {"answer": n * h * g}
