"""Questions of notebook 12: three about earlier notebooks, two on the way."""

import torch

from autograder.exercise import Case, Question, mistake, near


def about(value):
    """A number that may be rounded to three digits."""
    return {"answer": near(float(value), rtol=5e-3, atol=0.0)}


class q12_conv_operations(Question):
    """What a convolution layer costs."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, c_in=int(rng.choice([16, 48, 64])), c_out=int(rng.choice([32, 96])),
                   k=int(rng.choice([3, 5])), side=int(rng.choice([14, 28])))  # fmt: skip

    def text(self, c_in, c_out, k, side):
        return (
            f"A convolution has {c_in} channels in and {c_out} out, {k}×{k} kernels, stride 1, and "
            f"its output map is {side}×{side}. How many million multiplications does one image "
            "cost with the direct algorithm? (Answer with a number.)"
        )

    def reference(self, c_in, c_out, k, side):
        weight = torch.empty(c_out, c_in, k, k)
        return about(weight.numel() * side * side / 1e6)

    @mistake
    def additions_too(self, right, **inputs):
        """You counted the additions as well. Here multiplications alone are asked."""
        return {"answer": 2 * right["answer"]}

    @mistake
    def weights(self, right, side, **inputs):
        """That is the number of weights. Each of them is used at every place of the output."""
        return {"answer": right["answer"] / side**2}

    @mistake
    def one_channel_in(self, right, c_in, **inputs):
        """A kernel reaches through all channels of its input."""
        return {"answer": right["answer"] / c_in}

    @mistake
    def one_filter(self, right, c_out, **inputs):
        """That is one filter's share. The layer has as many as it has channels out."""
        return {"answer": right["answer"] / c_out}


class q12_adam_memory(Question):
    """What Adam keeps."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, millions=int(rng.choice([20, 60, 140, 350])))

    def text(self, millions):
        return (
            f"A net has {millions} million parameters in float32. How many megabytes (10⁶ bytes) "
            "does Adam's own state take, apart from parameters and gradients? (Answer with a "
            "number.)"
        )

    def reference(self, millions):
        weight = torch.zeros(1, requires_grad=True)
        weight.grad = torch.ones(1)
        optimizer = torch.optim.Adam([weight])
        optimizer.step()
        kept = optimizer.state[weight]
        moments = [kept[name] for name in ("exp_avg", "exp_avg_sq")]
        return about(millions * sum(m.numel() * m.element_size() for m in moments))

    @mistake
    def one_moment(self, right, millions):
        """Adam keeps two moments for each parameter."""
        return {"answer": 4 * millions}

    @mistake
    def numbers(self, right, millions):
        """Those are numbers; each float32 takes four bytes."""
        return {"answer": 2 * millions}

    @mistake
    def everything(self, right, millions):
        """That counts parameters and gradients as well."""
        return {"answer": 16 * millions}


class q12_minibatches(Question):
    """How many updates an epoch has."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.choice([1000, 1797, 50000])),
                   batch=int(rng.choice([48, 96, 192])))  # fmt: skip

    def text(self, n, batch):
        return (
            f"You train on {n} examples in mini-batches of {batch}, and use the short last batch "
            "too. How many updates does an epoch have? (Answer with a number.)"
        )

    def reference(self, n, batch):
        return {"answer": len(torch.arange(n).split(batch))}

    @mistake
    def last_one_dropped(self, right, n, batch):
        """You left out the last, short batch."""
        return {"answer": n // batch}

    @mistake
    def one_too_many(self, right, n, batch):
        """One batch too many: how many are full, and is there a rest?"""
        return {"answer": right["answer"] + 1}

    @mistake
    def a_fraction(self, right, n, batch):
        """There are no parts of an update."""
        return {"answer": n / batch}


class q12_roofline(Question):
    """Which roof an operation meets."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, peak=int(rng.choice([20, 40, 60])),
                   bandwidth=int(rng.choice([500, 1000])),
                   intensity=float(rng.choice([0.25, 0.5, 2.0])))  # fmt: skip

    def text(self, peak, bandwidth, intensity):
        return (
            f"A GPU has a peak of {peak} TFLOP/s and a memory of {bandwidth} GB/s. A kernel does "
            f"{intensity:g} operations for each byte it moves. What is the most that it can reach, "
            "in TFLOP/s? (Answer with a number.)"
        )

    def reference(self, peak, bandwidth, intensity):
        roofs = torch.tensor([peak * 1e12, bandwidth * 1e9 * intensity], dtype=torch.float64)
        return about(roofs.min() / 1e12)

    @mistake
    def peak_alone(self, right, peak, bandwidth, intensity):
        """The peak is out of reach when numbers do not arrive fast enough."""
        return {"answer": peak}

    @mistake
    def in_gflops(self, right, **inputs):
        """That is in GFLOP/s."""
        return {"answer": right["answer"] * 1000}

    @mistake
    def divided(self, right, peak, bandwidth, intensity):
        """Bytes a second times operations a byte: you divided."""
        return {"answer": bandwidth / intensity / 1e3}


class q12_clock(Question):
    """A measurement that is too good."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.choice([4096, 8192])), micro=int(rng.integers(8, 30)))

    def text(self, n, micro):
        tera = 2 * n**3 / (micro * 1e-6) / 1e12
        return (
            f"On a GPU, time.perf_counter() around one product of two {n}×{n} matrices of float32 "
            f"shows {micro} µs. That would be {tera:,.0f} TFLOP/s. What was measured?\n\n"
            "- **a** the product: matrix units are that fast\n"
            "- **b** how long it takes to hand the work over\n"
            "- **c** the product, but the clock is too coarse\n"
            "- **d** a product of zeros, which the GPU skips"
        )

    def reference(self, n, micro):
        return {"answer": "b"}

    @mistake
    def that_fast(self, right, **inputs):
        """No chip of today comes near that number in float32. What does the call wait for?"""
        return {"answer": "a"}

    @mistake
    def coarse_clock(self, right, **inputs):
        """perf_counter counts in fractions of a microsecond. Its reading is right, and of something
        else."""
        return {"answer": "c"}

    @mistake
    def zeros(self, right, **inputs):
        """A dense product does not look at its numbers."""
        return {"answer": "d"}
