"""Questions of notebook 07: three about earlier notebooks, two on the way."""

import numpy as np
import torch

from autograder.exercise import Case, Question, mistake, near


def about(value):
    """A number that may be rounded to three digits."""
    return {"answer": near(float(value), rtol=5e-3, atol=0.0)}


class q07_running_mean(Question):
    """The momentum of batch norm here and in torch."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, kept=float(rng.choice([0.75, 0.8, 0.95, 0.98])))

    def text(self, kept):
        return (
            f'A batch norm of notebook 06 has `bn_param["momentum"] = {kept:g}`. Which `momentum` '
            "makes `torch.nn.BatchNorm2d` move its running mean in the same way? (Answer with a "
            "number.)"
        )

    def reference(self, kept):
        # Measured: the running mean starts at 0 and sees a batch whose mean is 1.
        norm = torch.nn.BatchNorm1d(1, momentum=0.5)
        norm(torch.tensor([[0.0], [2.0]]))
        share_of_the_new = float(norm.running_mean) / 0.5
        return about((1 - kept) * share_of_the_new)

    @mistake
    def the_same_number(self, right, kept):
        """In the course it is the share of the OLD value that is kept, in torch the share of the
        NEW one that comes in."""
        return {"answer": kept}

    @mistake
    def the_default(self, right, kept):
        """That is torch's default, which goes with a momentum of 0.9 here. What goes with the one
        in the question?"""
        return {"answer": 0.1}


class q07_he(Question):
    """How widely He's initialisation spreads a convolution's weights."""

    extra = True

    def cases(self, rng):
        channels = [int(c) for c in rng.choice([8, 16, 32, 64, 128], 2, replace=False)]
        yield Case("answer", 1, c_in=channels[0], c_out=channels[1], k=int(rng.choice([3, 5])))

    def text(self, c_in, c_out, k):
        return (
            f"A convolution has {c_in} channels in, {c_out} out and {k}×{k} kernels. With which "
            "standard deviation does He's initialisation draw its weights (fan in, before a ReLU)? "
            "(Answer with a number, three digits are enough.)"
        )

    def reference(self, c_in, c_out, k):
        weight = torch.empty(c_out, c_in, k, k)
        fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(weight)
        return about(torch.nn.init.calculate_gain("relu") / fan_in**0.5)

    @mistake
    def variance(self, right, c_in, c_out, k):
        """That is the variance. The standard deviation is its root."""
        return {"answer": right["answer"] ** 2}

    @mistake
    def kernel_forgotten(self, right, c_in, c_out, k):
        """An output sums over the channels and over the k×k places of the kernel; your fan counts
        the channels alone."""
        return {"answer": right["answer"] * k}

    @mistake
    def two_forgotten(self, right, c_in, c_out, k):
        """Half of the inputs are 0 after a ReLU, and the 2 makes up for it."""
        return {"answer": right["answer"] / np.sqrt(2)}

    @mistake
    def fan_out(self, right, c_in, c_out, k):
        """You counted the outputs. What a unit adds up are its inputs."""
        return {"answer": float(np.sqrt(2 / (c_out * k * k)))}


class q07_penalty(Question):
    """What an L2 penalty adds to a weight's gradient."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, lam=float(rng.choice([0.02, 0.05, 0.1])),
                   w=float(rng.choice([-6.0, -5.0, -3.0, 3.0, 5.0])))  # fmt: skip

    def text(self, lam, w):
        return (
            f"A weight is {w:g} and λ = {lam:g}. How much does the penalty of notebook 05, "
            "$\\tfrac12\\lambda\\|W\\|^2$, add to this weight's gradient? (Answer with a number.)"
        )

    def reference(self, lam, w):
        weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
        (0.5 * lam * weight**2).backward()
        return about(weight.grad)

    @mistake
    def half_forgotten(self, right, lam, w):
        """That is the derivative of a penalty that has no ½. Here the ½ takes the 2 of the
        derivative away."""
        return {"answer": 2 * lam * w}

    @mistake
    def the_cost(self, right, lam, w):
        """That is what the penalty adds to the loss. You were asked for its derivative."""
        return {"answer": 0.5 * lam * w * w}

    @mistake
    def l1(self, right, lam, w):
        """A push of the same size for every weight is what the L1 penalty gives."""
        return {"answer": lam * float(np.sign(w))}

    @mistake
    def towards_zero(self, right, lam, w):
        """The weight is pulled towards 0 by the step, which goes against the gradient. The
        gradient itself points away from 0."""
        return {"answer": -lam * w}


class q07_first_step(Question):
    """How long Adam's first step is."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, gradient=float(rng.choice([20.0, 50.0, 300.0])),
                   rate=float(rng.choice([0.002, 0.003, 0.005])))  # fmt: skip

    def text(self, gradient, rate):
        return (
            f"Adam starts from an empty config with learning rate {rate:g}, β₁ = 0.9, β₂ = 0.999. "
            f"The first gradient of a weight is {gradient:g}. By how much does the weight change? "
            "(Answer with a number, without the sign.)"
        )

    def reference(self, gradient, rate):
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        torch.optim.Adam([weight], lr=rate).step()
        return about(abs(float(weight.detach())))

    @mistake
    def gradient_descent(self, right, gradient, rate):
        """That is the step of plain SGD. Adam divides by the gradient's size."""
        return {"answer": rate * gradient}

    @mistake
    def without_correction(self, right, gradient, rate):
        """That is the step without bias correction, 0.1/√0.001 of the right one."""
        return {"answer": rate * 0.1 / 0.001**0.5}

    @mistake
    def only_m_counted(self, right, gradient, rate):
        """Both moments are corrected at the first step: what is left of m is the whole gradient,
        and not a tenth of it."""
        return {"answer": 0.1 * rate}


class q07_saddle(Question):
    """What the Hessian's eigenvalues say about a place where the gradient is zero."""

    extra = True

    def cases(self, rng):
        low = -round(float(rng.uniform(0.01, 0.09)), 2)
        yield Case("answer", 1, low=low, high=round(float(rng.uniform(3, 9)), 1))

    def text(self, low, high):
        return (
            "At some weights the gradient is 0 and the Hessian's eigenvalues are "
            f"{high:g}, {high / 4:g} and {low:g}. What kind of place is that?\n\n"
            "- **a** a minimum: most eigenvalues are positive, and so is their sum\n"
            "- **b** a saddle\n"
            "- **c** a maximum\n"
            "- **d** you cannot tell without the third derivatives"
        )

    def reference(self, low, high):
        signs = set(np.sign([low, high]))
        return {"answer": "b" if len(signs) == 2 else "a"}

    @mistake
    def majority(self, right, low, high):
        """One direction in which the loss falls is enough to leave. How likely is it that none of
        a million eigenvalues is negative?"""
        return {"answer": "a"}

    @mistake
    def maximum(self, right, low, high):
        """At a maximum the loss falls in every direction. Here it falls in one."""
        return {"answer": "c"}

    @mistake
    def cannot_be_told(self, right, low, high):
        """That would be so if an eigenvalue were 0 and the others had one sign."""
        return {"answer": "d"}
