"""Questions of notebook 17: three about earlier notebooks, one on the way."""

import math

from autograder.exercise import Case, Question, mistake, near


class q17_products(Question):
    """Where a net's products are, and where its weights."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, c_in=int(rng.choice([16, 24, 32])),
                   c_out=int(rng.choice([40, 48, 64])), side=int(rng.choice([8, 16])))  # fmt: skip

    def text(self, c_in, c_out, side):
        return (
            f"A 3×3 convolution without bias takes {c_in} maps of {side}×{side} to {c_out} maps of "
            "the same size (padding 1). How many multiply-adds does it need for one picture? "
            "(Answer with a number.)"
        )

    def reference(self, c_in, c_out, side):
        import torch

        # Each map that comes out takes one product with each number of each window.
        windows = torch.nn.functional.unfold(torch.zeros(1, c_in, side, side), 3, padding=1)
        return {"answer": c_out * windows.numel()}

    @mistake
    def weights_alone(self, right, c_in, c_out, side):
        """That is the number of weights. Each of them is used once for every place of the map."""
        return {"answer": 9 * c_in * c_out}

    @mistake
    def one_side(self, right, c_in, c_out, side):
        """A map has as many places as its height times its width."""
        return {"answer": 9 * c_in * c_out * side}

    @mistake
    def kernel_forgotten(self, right, c_in, c_out, side):
        """That is a 1×1 convolution. This kernel has nine weights for each pair of maps."""
        return {"answer": c_in * c_out * side**2}

    @mistake
    def one_map_in(self, right, c_in, c_out, side):
        """A kernel reaches through all maps that come in."""
        return {"answer": 9 * c_out * side**2}

    @mistake
    def additions_too(self, right, c_in, c_out, side):
        """That counts multiplications and additions singly. A multiply-add is one of each."""
        return {"answer": 2 * right["answer"]}


class q17_error(Question):
    """How far a measured accuracy is from the true one."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, p=float(rng.choice([0.8, 0.85, 0.9])),
                   n=int(rng.choice([400, 800, 1600])))  # fmt: skip

    def text(self, p, n):
        return (
            f"A net is shown {n:,} pictures that it has never seen, and classifies a fraction "
            f"{p:g} of them correctly. What is the standard error of that fraction? (Answer with a "
            "number. Three significant digits are enough.)"
        )

    def reference(self, p, n):
        return {"answer": near(math.sqrt(p * (1 - p) / n), rtol=0.01, atol=0)}

    @mistake
    def not_divided(self, right, p, n):
        """That is the standard deviation of one answer, right or wrong. A mean over n varies less,
        by the root of n."""
        return {"answer": math.sqrt(p * (1 - p))}

    @mistake
    def no_root(self, right, p, n):
        """That is the variance. Its root is in the units of the accuracy."""
        return {"answer": p * (1 - p) / n}

    @mistake
    def divided_by_n(self, right, p, n):
        """The variance is divided by n, so its root by the root of n."""
        return {"answer": math.sqrt(p * (1 - p)) / n}

    @mistake
    def worst_case(self, right, p, n):
        """That is the error at a share of one half, the largest that there is. At this share it is
        smaller."""
        return {"answer": 0.5 / math.sqrt(n)}


class q17_best(Question):
    """What the best of many is worth."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, runs=int(rng.choice([20, 30, 50])), n=int(rng.choice([200, 400])))

    def text(self, runs, n):
        return f"""You train {runs} nets and keep the one that is best on your {n} validation
pictures. Its accuracy there is 0.90. What do you expect on {n} other pictures, which played no part
in the choice?

- **a** 0.90: it was never trained on the validation pictures
- **b** less than 0.90: the best of many is partly the luckiest
- **c** more than 0.90: it is the best of {runs}
- **d** nothing can be said
"""

    def reference(self, runs, n):
        return {"answer": "b"}

    @mistake
    def never_trained(self, right, runs, n):
        """It was chosen by them, and choosing is a way of learning: each of the measured accuracies
        has an error, and the greatest of them more often has one upwards."""
        return {"answer": "a"}

    @mistake
    def best_of_all(self, right, runs, n):
        """It is the best of them on those pictures. Others do not know that."""
        return {"answer": "c"}

    @mistake
    def nothing_known(self, right, runs, n):
        """The direction is known, and for nets that are alike the size too: it is what the greatest
        of so many errors comes to."""
        return {"answer": "d"}


class q17_seeds(Question):
    """Whether a difference between two choices is one."""

    def cases(self, rng):
        low = float(rng.choice([0.83, 0.84]))
        yield Case("answer", 1, low=low)

    def text(self, low):
        a = ", ".join(f"{low + d:.2f}" for d in (0.00, 0.04, 0.02))
        b = ", ".join(f"{low + d:.2f}" for d in (0.03, 0.01, 0.05))
        return f"""Without mirroring, three seeds give validation accuracies of {a}. With mirroring
the same three seeds give {b}. What belongs in your log?

- **a** mirroring helps: its mean is higher, and so is its best
- **b** mirroring makes no difference: the ranges overlap
- **c** the difference is no larger than that between seeds, so three seeds cannot tell whether
  mirroring helps
- **d** with the second seed mirroring is the worse choice, with the others the better one
"""

    def reference(self, low):
        return {"answer": "c"}

    @mistake
    def higher_mean(self, right, low):
        """Its mean is higher by 0.01, and the seeds move either by four times as much. The next
        three could turn it round."""
        return {"answer": "a"}

    @mistake
    def no_difference(self, right, low):
        """That ranges overlap says that a difference was not seen. It does not say that there is
        none."""
        return {"answer": "b"}

    @mistake
    def seed_by_seed(self, right, low):
        """A seed is no circumstance under which something helps: the same seed in two recipes is
        two draws, as the numbers are used for other things."""
        return {"answer": "d"}
