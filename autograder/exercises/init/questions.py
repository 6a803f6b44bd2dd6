"""The questions of notebook 04: three about earlier notebooks, and two on its own matter."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Question, mistake


def letter(place, turn):
    """The letter of the choice at this place, when the choices begin `turn` places later."""
    return "abcd"[(place + turn) % 4]


def listed(choices, turn):
    """The four choices with their letters, in the order of the letters."""
    lines = (f"- **{letter(i, turn)}** {choice}" for i, choice in enumerate(choices))
    return "\n".join(sorted(lines))


class q04_zero_weight(Question):
    """What an affine layer passes on when its weights are 0."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.integers(3, 9)))

    def text(self, n):
        return (
            f"An affine layer $y = xW + b$ has $W = 0$. Its input $x$ ({n} examples) and its "
            "`dout` (the gradient with respect to $y$) contain no zeros. Which gradients are "
            "0, whatever `dout` is?\n\n"
            "- **a** `dx` and `dW`\n- **b** `dx` only\n- **c** `dW` only\n- **d** none of them"
        )

    def reference(self, n):
        x = torch.linspace(1, 2, 3 * n, device=self.device).reshape(n, 3).requires_grad_()
        weight = torch.zeros(3, 2, device=self.device, requires_grad=True)
        (x @ weight).sum().backward()
        zero = not x.grad.any(), not weight.grad.any()
        answers = {(True, True): "a", (True, False): "b", (False, True): "c"}
        return {"answer": answers.get(zero, "d")}

    @mistake
    def both(self, right, n):
        """The gradient of the weights is made of x and dout. Does W occur in it?"""
        return {"answer": "a"}

    @mistake
    def other_way_round(self, right, n):
        """Write both gradients down: one is made of dout and W, the other of x and dout. Which
        of them does W = 0 wipe out?"""
        return {"answer": "c"}

    @mistake
    def neither(self, right, n):
        """On its way down through this layer a gradient is multiplied by W. So what arrives
        below?"""
        return {"answer": "d"}


class q04_ten_layers(Question):
    """A factor a layer, through many layers."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, factor=float(rng.choice([0.4, 0.5, 0.6])), layers=10)

    def text(self, factor, layers):
        return (
            f"Each of {layers} layers multiplies a gradient's norm by about {factor:g}. What "
            "fraction of it is left after all of them?\n\n"
            f"- **a** {factor / layers:.2g}\n- **b** {factor**layers:.1g}\n- **c** {factor:g}\n"
            f"- **d** {1 - layers * (1 - factor):.2g}, so it has changed its sign"
        )

    def reference(self, factor, layers):
        found = float(np.prod(np.full(layers, factor)))
        choices = {"a": factor / layers, "b": factor**layers, "c": factor,
                   "d": 1 - layers * (1 - factor)}  # fmt: skip
        return {"answer": min(choices, key=lambda c: abs(choices[c] - found))}

    @mistake
    def divided(self, right, factor, layers):
        """The layers follow each other: the second multiplies what the first has left over."""
        return {"answer": "a"}

    @mistake
    def once(self, right, factor, layers):
        """That is what one layer leaves. The next one multiplies again."""
        return {"answer": "c"}

    @mistake
    def subtracted(self, right, factor, layers):
        """Fractions are multiplied, not subtracted, because each layer leaves a fraction of what
        reaches it."""
        return {"answer": "d"}


class q04_centred_data(Question):
    """What a mean image does to pre-activations when nobody subtracts it."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, mean=float(rng.integers(100, 130)), std=float(rng.integers(50, 70)))

    def text(self, mean, std):
        return (
            f"The $n$ pixels of a picture have mean {mean:g} and standard deviation {std:g}. The "
            "picture stays the same, and a unit's weights are drawn independently, with mean 0 "
            "and variance $s^2$. Over these draws, the variance of its pre-activation is $n s^2$ "
            "times what?\n\n"
            + f"- **a** {std:g}²\n- **b** {mean:g}²\n- **c** {mean:g}² + {std:g}²\n"
            f"- **d** ({mean:g} + {std:g})²"
        )

    def reference(self, mean, std):
        pixels = torch.tensor([mean - std, mean + std], dtype=torch.float64, device=self.device)
        found = float((pixels**2).mean())
        choices = {"a": std**2, "b": mean**2, "c": mean**2 + std**2, "d": (mean + std) ** 2}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - found))}

    @mistake
    def variance_of_the_pixels(self, right, mean, std):
        """That holds once the mean is subtracted. The variance is over the weights: each term
        w·x has the variance s²·x², mean and all."""
        return {"answer": "a"}

    @mistake
    def mean_only(self, right, mean, std):
        """That would hold if all pixels were alike. What is the mean of x² when x varies?"""
        return {"answer": "b"}

    @mistake
    def squared_sum(self, right, mean, std):
        """The mean of a square has no cross term left: deviations from the mean average to 0."""
        return {"answer": "d"}


class q04_torch_default(Question):
    """By what the layers of torch's default multiply, under ReLU."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.choice([300, 400, 600])))

    def text(self, n):
        return (
            f"`nn.Linear({n}, {n})` draws its weights uniformly from $\\pm 1/\\sqrt{{{n}}}$. "
            "Ignore its biases. A ReLU follows, which halves the mean square. By what factor does "
            "each such layer multiply the root mean square of the activations?\n\n"
            "- **a** 1, so they keep their size\n- **b** √(1/2) ≈ 0.71\n- **c** √(1/3) ≈ 0.58\n"
            "- **d** √(1/6) ≈ 0.41"
        )

    def reference(self, n):
        # The variance of a uniform variable is a twelfth of the squared width of its interval.
        found = (n * (2 / n**0.5) ** 2 / 12 / 2) ** 0.5
        choices = {"a": 1.0, "b": 2**-0.5, "c": 3**-0.5, "d": 6**-0.5}
        return {"answer": min(choices, key=lambda c: abs(choices[c] - found))}

    @mistake
    def kept(self, right, n):
        """That would be He's weights, of variance 2/n. What is the variance of a uniform variable
        on ±1/√n?"""
        return {"answer": "a"}

    @mistake
    def limit_for_deviation(self, right, n):
        """1/√n is the end of the interval, not the standard deviation: a uniform variable varies
        less than that."""
        return {"answer": "b"}

    @mistake
    def relu_forgotten(self, right, n):
        """The weights are right. But the ReLU halves the mean square as well."""
        return {"answer": "c"}


class q04_what_breaks_symmetry(Question):
    """Random weights or random biases?"""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, rate=0.5, steps=20, seed=int(rng.integers(1000)),
                   units=int(rng.choice([10, 30, 100])), turn=int(rng.integers(4)))  # fmt: skip

    def text(self, rate, steps, seed, units, turn):
        choices = [
            "random weights, all biases 0",
            "constant weights other than 0 in both layers, all biases 0",
            "constant weights in both layers, random biases in the hidden layer",
            "constant hidden weights and biases, random output weights",
        ]
        return (
            f"A net with one hidden layer of {units} tanh units is trained by gradient descent. In "
            "which case do its hidden units stay equal for ever?\n\n" + listed(choices, turn)
        )

    def reference(self, rate, steps, seed, units, turn):
        draw = torch.Generator().manual_seed(seed)

        def random(*shape):
            return torch.randn(shape, generator=draw, dtype=torch.float64)

        x, y = random(16, 3), torch.arange(16) % 2
        constant = torch.full((3, 4), 0.3).double(), torch.full((4, 2), 0.2).double()
        none = torch.zeros(4).double()
        starts = {
            0: (random(3, 4), none, random(4, 2)), 1: (constant[0], none, constant[1]),
            2: (constant[0], random(4), constant[1]), 3: (constant[0], none, random(4, 2)),
        }  # fmt: skip
        for place, start in starts.items():
            parameters = [p.clone().requires_grad_() for p in start]
            for _ in range(steps):
                w1, b1, w2 = parameters
                loss = F.cross_entropy(torch.tanh(x @ w1 + b1) @ w2, y)
                slopes = torch.autograd.grad(loss, parameters)
                parameters = [(p - rate * g).detach().requires_grad_()
                              for p, g in zip(parameters, slopes, strict=True)]  # fmt: skip
            if float((parameters[0] - parameters[0][:, :1]).detach().abs().max()) < 1e-9:
                return {"answer": letter(place, turn)}
        raise AssertionError("one of the four stays symmetric")

    @mistake
    def biases_blamed(self, right, turn, **numbers):
        """Units with different weights compute different things, so their gradients differ.
        Biases of 0 do no harm."""
        return {"answer": letter(0, turn)}

    @mistake
    def random_biases_break_it(self, right, turn, **numbers):
        """Units with different biases give different outputs for the same example, so their
        gradients differ from the first step on."""
        return {"answer": letter(2, turn)}

    @mistake
    def seen_from_below_only(self, right, turn, **numbers):
        """They give the same output at first. But a unit's gradient passes through its output
        weight, and those differ."""
        return {"answer": letter(3, turn)}
