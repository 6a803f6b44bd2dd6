"""Questions of notebook 08: three about earlier notebooks, two on the way."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Question, mistake, near
from course_utils.recipes.modules import seeded


def about(value):
    """A number that may be rounded to two digits after the first."""
    return {"answer": near(float(value), rtol=1e-2, atol=0.0)}


class q08_first_loss(Question):
    """What a net that guesses pays."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, classes=int(rng.choice([4, 20, 50, 100, 200])))

    def text(self, classes):
        return (
            f"A net for {classes} classes has tiny initial weights, so its scores are all about 0. "
            "What is its first softmax loss, in nats, without a penalty? (Answer with a number, "
            "three digits are enough.)"
        )

    def reference(self, classes):
        scores = torch.zeros(1, classes, dtype=torch.float64)
        return about(F.cross_entropy(scores, torch.tensor([1])))

    @mistake
    def probability(self, right, classes):
        """That is the probability of the right class. The loss is minus its logarithm."""
        return {"answer": 1 / classes}

    @mistake
    def in_bits(self, right, classes):
        """That is the loss in bits. A nat is the natural logarithm's unit."""
        return {"answer": float(np.log2(classes))}

    @mistake
    def in_decades(self, right, classes):
        """That is the decimal logarithm. The loss is a natural one."""
        return {"answer": float(np.log10(classes))}

    @mistake
    def wrong_sign(self, right, classes):
        """The logarithm of a probability is negative; the loss is minus that."""
        return {"answer": -float(np.log(classes))}


class q08_dropout_scale(Question):
    """What inverted dropout makes of a unit."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, keep=float(rng.choice([0.2, 0.25, 0.4, 0.8])),
                   value=float(rng.choice([3.0, 6.0, 7.0])))  # fmt: skip

    def text(self, keep, value):
        return (
            f"Inverted dropout keeps each unit with probability p = {keep:g}. A unit's output is "
            f"{value:g}, and it is kept. What does the dropout layer output for it in training? "
            "(Answer with a number.)"
        )

    def reference(self, keep, value):
        # torch's p is the share that is dropped; what is not zero was kept.
        units = torch.full((200,), value, dtype=torch.float64)
        return about(seeded(lambda: F.dropout(units, 1 - keep), 0).max())

    @mistake
    def not_scaled(self, right, keep, value):
        """Then training and test would differ in the mean. Inverted dropout makes up for it while
        training."""
        return {"answer": value}

    @mistake
    def scaled_down(self, right, keep, value):
        """That is what plain dropout does at test time. Inverted dropout scales up, while
        training."""
        return {"answer": value * keep}

    @mistake
    def share_dropped(self, right, keep, value):
        """You divide by the share that is dropped; p is the share that is kept."""
        return {"answer": value / (1 - keep)}


class q08_test_set(Question):
    """What a choice among many does to the number it is made by."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, runs=int(rng.choice([50, 100, 200])),
                   images=int(rng.choice([200, 400, 500])))  # fmt: skip

    def text(self, runs, images):
        return (
            f"{runs} settings are equally good: each would get 90 % of digits right in the long "
            f"run. You measure each on {images} validation digits and choose the best. What do "
            "you expect of its validation accuracy?\n\n"
            "- **a** about 0.90, because that is its true accuracy\n"
            "- **b** above 0.90\n"
            "- **c** below 0.90\n"
            "- **d** above 0.90, and its test accuracy above 0.90 by as much"
        )

    def reference(self, runs, images):
        rng = np.random.default_rng(0)
        best = rng.binomial(images, 0.9, (500, runs)).max(1).mean() / images
        return {"answer": "b" if best > 0.91 else "a"}

    @mistake
    def unbiased(self, right, runs, images):
        """Each single measurement is right on average. The largest of many is not: it was chosen
        for its luck too."""
        return {"answer": "a"}

    @mistake
    def pessimistic(self, right, runs, images):
        """You take the highest of many noisy numbers. Which way does that lean?"""
        return {"answer": "c"}

    @mistake
    def luck_carries_over(self, right, runs, images):
        """The luck was with these validation images. The test images know nothing of it."""
        return {"answer": "d"}


class q08_log_uniform(Question):
    """Where an even draw between two rates lands."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, low=1e-6, high=float(rng.choice([1.0, 0.1])),
                   below=float(rng.choice([1e-2, 1e-4])))  # fmt: skip

    def text(self, low, high, below):
        return (
            f"You draw learning rates between {low:f} and {high:g}, evenly in the exponent. What "
            f"fraction of them is below {below:g}? (Answer with a number from 0 to 1.)"
        )

    def reference(self, low, high, below):
        ends = torch.log(torch.tensor([low, high, below], dtype=torch.float64))
        even = torch.distributions.Uniform(ends[0], ends[1])
        return about(even.cdf(ends[2]))

    @mistake
    def even_in_the_rate(self, right, low, high, below):
        """That is the share when the rate itself is drawn evenly: hardly any. Count decades."""
        return {"answer": (below - low) / (high - low)}

    @mistake
    def share_above(self, right, low, high, below):
        """That is the share above it."""
        return {"answer": 1 - float(right["answer"])}


class q08_validation_split(Question):
    """Which examples Keras' validation_split takes."""

    extra = True

    def cases(self, rng):
        each = int(rng.choice([300, 500, 600]))
        yield Case("answer", 1, each=each, split=float(rng.choice([0.1, 0.2])))

    def text(self, each, split):
        return (
            f"A data set holds {each} zeros, then {each} ones, and so on to {each} nines, in this "
            f"order. Somebody calls `model.fit(x, y, validation_split={split:g})` on it. How many "
            "different digits are in the validation part? (Answer with a number.)"
        )

    def reference(self, each, split):
        labels = np.repeat(np.arange(10), each)
        last = labels[round(len(labels) * (1 - split)) :]
        return {"answer": len(np.unique(last))}

    @mistake
    def drawn(self, right, each, split):
        """That would be so if the part were drawn. Keras takes the last rows, before it
        shuffles."""
        return {"answer": 10}

    @mistake
    def nothing_left(self, right, each, split):
        """The part is not empty. Which rows stand last?"""
        return {"answer": 0}
