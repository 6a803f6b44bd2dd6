"""Exercise of notebook 01: a function for autograd with a backward of one's own."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake


class Swish(Exercise):
    """A function for autograd with a backward by hand."""

    signature = "Swish"
    library = "torch"
    extra = True
    minutes = 12
    difficulty = 3
    hints = (
        "What does the derivative of x·σ(x) need, the input or the output? Keep it with "
        "ctx.save_for_backward; there it is looked after.",
        "The product rule gives two terms. Both contain σ(x).",
        "backward gets the gradient from above and returns one value for each input of forward.",
    )

    def cases(self, rng):
        def case(name, points, x, dtype="f8"):
            return Case(name, points, x=x.astype(dtype),
                        dout=rng.normal(size=x.shape).astype(dtype))  # fmt: skip

        yield case("ordinary values", 1, rng.normal(size=(3, 4)) * 2)
        yield case("from -1000 to 1000", 1, np.array([-1000.0, -100, -1, 0, 1, 100, 1000]))
        yield case("single precision", 1, rng.normal(size=(2, 3)), "f4")

    def observe(self, code, x, dout):
        import torch

        leaf = torch.tensor(x, requires_grad=True)
        inner = 1 * leaf
        out = code.Swish.apply(inner)
        saved = len(getattr(out.grad_fn, "saved_tensors", ())) > 0
        (dx,) = torch.autograd.grad(out, leaf, torch.tensor(dout), allow_unused=True)
        again = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        agrees = torch.autograd.gradcheck(code.Swish.apply, (again,), raise_exception=False)
        return {
            "out": out,
            "dx": dx,
            "gradcheck": "passes" if agrees else "fails",
            "kept": "by save_for_backward" if saved else "otherwise",
        }

    def reference(self, x, dout):
        z = torch.tensor(x, device=self.device, requires_grad=True)
        out = F.silu(z)
        (dx,) = torch.autograd.grad(out, z, torch.tensor(dout, device=self.device))
        return {"out": out, "dx": dx, "gradcheck": "passes", "kept": "by save_for_backward"}

    @mistake
    def one_term_of_two(self, right, x, dout):
        """x·σ(x) is a product, and both of its factors depend on x. Yours has the term where only
        the x in front is differentiated."""
        return {"dx": dout * _sigma(x), "gradcheck": "fails"}

    @mistake
    def the_other_term(self, right, x, dout):
        """x·σ(x) is a product, and both of its factors depend on x. Yours has the term where only
        the sigmoid is differentiated."""
        return {"dx": dout * x * _sigma(x) * (1 - _sigma(x)), "gradcheck": "fails"}

    @mistake
    def output_for_input(self, right, x, dout):
        """The formula you use is about the input, and you put the output into it. Which of the two
        did you save?"""
        return {"dx": dout * _slope(x * _sigma(x)), "gradcheck": "fails"}

    @mistake
    def gradient_from_above_ignored(self, right, x, dout):
        """That is the slope of the function alone. Multiply it by the gradient from above."""
        return {"dx": _slope(x), "gradcheck": "fails"}

    @mistake
    def returns_nothing(self, right, x, dout):
        """Your backward returns None, which tells autograd that the function does not depend on
        x."""
        return {"dx": None, "gradcheck": "fails"}

    @mistake
    def kept_on_ctx(self, right, x, dout):
        """The numbers are right. Tensors that are set as attributes of ctx can make a cycle that
        is never freed, and autograd does not notice when they are changed in place. It looks
        after those that are handed to save_for_backward."""
        return {"kept": "otherwise"}

    @mistake
    def is_sigmoid(self, right, x, dout):
        """Yours is the sigmoid alone. Swish is x times that."""
        s = _sigma(x)
        return {"out": s, "dx": dout * s * (1 - s)}


def _sigma(x):
    return (0.5 * (1 + np.tanh(x.astype(np.float64) / 2))).astype(x.dtype)


def _slope(x):
    return _sigma(x) * (1 + x * (1 - _sigma(x)))
