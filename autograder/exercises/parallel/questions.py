"""Questions of notebook 14: three about earlier notebooks, two on the way."""

import torch

from autograder.exercise import Case, Question, mistake, near


def about(value):
    """A number that may be rounded to three digits."""
    return {"answer": near(float(value), rtol=5e-3, atol=0.0)}


class q14_noise_of_the_joined_batch(Question):
    """What more machines do to the noise of a gradient."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, batch=int(rng.choice([32, 64])), workers=int(rng.choice([4, 16])))

    def text(self, batch, workers):
        return (
            f"The gradient of a mini-batch of {batch} examples, drawn with replacement, has a "
            f"standard deviation of 1. Now {workers} machines take {batch} examples each, and the "
            "mean of their gradients is used. What is the standard deviation of this mean? "
            "(Answer with a number.)"
        )

    def reference(self, batch, workers):
        return about(torch.full((workers,), 1 / workers, dtype=torch.float64).norm())

    @mistake
    def falls_with_the_number(self, right, batch, workers):
        """The variance falls like that. The standard deviation is its root."""
        return {"answer": 1 / workers}

    @mistake
    def stays(self, right, batch, workers):
        """The machines draw different examples, so part of their noise cancels in the mean."""
        return {"answer": 1.0}

    @mistake
    def grows(self, right, batch, workers):
        """That is how the noise of the SUM grows. A mean divides it by the number of machines."""
        return {"answer": workers**0.5}


class q14_weights_and_maps(Question):
    """Weights and outputs of a convolution, counted."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, channels=int(rng.choice([64, 128])), size=int(rng.choice([28, 56])))

    def text(self, channels, size):
        return (
            f"From notebook 09: a 3×3 convolution without bias has {channels} channels in and "
            f"{channels} out and gives maps of {size}×{size}. For one image, how many output "
            "numbers does it have per weight? (Answer with a number. Two digits are enough.)"
        )

    def reference(self, channels, size):
        conv = torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False, device="meta")
        out = conv(torch.empty(1, channels, size, size, device="meta"))
        return {"answer": near(out.numel() / conv.weight.numel(), rtol=3e-2, atol=0.0)}

    @mistake
    def turned_round(self, right, channels, size):
        """That is weights for each output."""
        return {"answer": 1 / float(right["answer"])}

    @mistake
    def one_channel_in(self, right, channels, size):
        """Each filter has a 3×3 kernel for every channel that comes in."""
        return {"answer": size * size / 9}

    @mistake
    def one_map(self, right, channels, size):
        """That counts one map. There is one for each filter."""
        return {"answer": size * size / (9 * channels * channels)}


class q14_batch_statistics(Question):
    """What batch norm sees on each of several machines."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, workers=int(rng.choice([4, 8])), each=int(rng.choice([2, 4])))

    def text(self, workers, each):
        return (
            f"From notebook 06: a net with ordinary batch norm trains on {workers} machines, "
            f"{each} images on each, and the gradients are averaged. Is that the same as one "
            f"machine with all {workers * each} images?\n\n"
            "- **a** yes, since the means of equal parts average to the mean of all\n"
            f"- **b** no, each machine normalises by the statistics of its {each} images\n"
            "- **c** no, since γ and β are not averaged\n"
            "- **d** yes in training, no in test mode"
        )

    def reference(self, workers, each):
        x = torch.randn(workers * each, 3, generator=torch.Generator().manual_seed(0))
        norm = torch.nn.BatchNorm1d(3)
        apart = torch.cat([norm(shard) for shard in x.split(each)])
        return {"answer": "a" if torch.allclose(apart, norm(x)) else "b"}

    @mistake
    def means_only(self, right, workers, each):
        """The means do average. Variances within a shard do not make up the variance of all, and
        each image is normalised by its own machine's numbers."""
        return {"answer": "a"}

    @mistake
    def parameters_apart(self, right, workers, each):
        """γ and β have gradients like all parameters, and these are averaged."""
        return {"answer": "c"}

    @mistake
    def training_is_the_same(self, right, workers, each):
        """It is in training that statistics of the batch are used."""
        return {"answer": "d"}


class q14_bubble(Question):
    """How many micro-batches keep a pipeline busy."""

    extra = True

    def cases(self, rng):
        stages = int(rng.choice([4, 5, 6]))
        yield Case("answer", 1, stages=stages, idle=float(rng.choice([0.2, 0.1])))

    def text(self, stages, idle):
        return (
            f"A pipeline has {stages} stages that take equally long. What is the smallest number "
            f"of micro-batches with which its machines are idle {idle:.0%} of the time or less? "
            "(Answer with a whole number.)"
        )

    def reference(self, stages, idle):
        slots = next(t for t in range(stages, 1000) if (stages - 1) / t <= idle + 1e-12)
        return {"answer": slots - stages + 1}

    @mistake
    def all_slots(self, right, stages, idle):
        """That is the number of time slots, p − 1 more than there are micro-batches. The share is
        one of all slots, not idle ones against busy ones."""
        return {"answer": int(right["answer"]) + stages - 1}

    @mistake
    def one_for_each_stage(self, right, stages, idle):
        """With as many micro-batches as stages, nearly half of the slots are idle."""
        return {"answer": stages}

    @mistake
    def a_stage_more(self, right, stages, idle):
        """A pipeline of p stages has p − 1 idle slots a stage, not p."""
        return {"answer": round(stages * (1 - idle) / idle)}


class q14_staleness(Question):
    """How late gradients come when nobody waits."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, workers=int(rng.choice([8, 16, 32])))

    def text(self, workers):
        return (
            f"{workers} workers, all equally fast, train one net asynchronously. In the long run, "
            "how many updates do the others make after a worker has read the weights and before "
            "its own update? (Answer with a whole number.)"
        )

    def reference(self, workers):
        read, made = [0] * workers, 0
        for turn in range(10 * workers):
            stale = made - read[turn % workers]
            made += 1
            read[turn % workers] = made
        return {"answer": stale}

    @mistake
    def itself_counted(self, right, workers):
        """Its own update is not one by others."""
        return {"answer": workers}

    @mistake
    def half_on_average(self, right, workers):
        """Between a worker's reading and its update each of the others comes once, not half of
        them."""
        return {"answer": workers // 2}

    @mistake
    def none(self, right, workers):
        """That would be so if they waited for each other."""
        return {"answer": 0}
