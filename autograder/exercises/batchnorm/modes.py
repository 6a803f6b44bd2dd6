"""Training mode against evaluation mode, by evidence from outputs (notebook 06)."""

import numpy as np
import torch
from torch import nn

from autograder.exercise import Case, Exercise, mistake, near


class bias_is_redundant(Exercise):
    """Does a convolution's bias matter to what a normalising layer behind it gives out?"""

    signature = "bias_is_redundant(conv, norm, x)"
    library = "torch"
    minutes = 10
    difficulty = 2
    extra = True
    hints = (
        "Run conv and norm twice with different biases and compare what comes out.",
        "A bias that is the same in all channels is a weak test, and so is taking away a bias of "
        "zero. And put everything back as you found it.",
    )

    def cases(self, rng):
        for name, norm, training, bias in [
            ("batch norm right after the convolution", "batch", True, "any"),
            ("a ReLU between them", "relu, batch", True, "zero"),
            ("batch norm in evaluation mode", "batch", False, "any"),
            ("group norm with two groups", "group", True, "any"),
            ("instance norm", "instance", True, "zero"),
        ]:
            channels = 4
            yield Case(
                name, 1, norm=norm, training=training, x=rng.normal(size=(3, 2, 5, 4)),
                weight=rng.normal(size=(channels, 2, 3, 2)),
                bias=rng.normal(size=channels) if bias == "any" else np.zeros(channels),
                running_mean=rng.normal(size=channels),
            )  # fmt: skip

    def observe(self, code, norm, training, x, weight, bias, running_mean):
        channels, c_in, *kernel = weight.shape
        # Not initialised: its weights are given, and nothing is to be drawn here.
        conv = torch.nn.utils.skip_init(torch.nn.Conv2d, c_in, channels, kernel).double()
        batch = torch.nn.BatchNorm2d(channels, dtype=torch.float64)
        batch.running_mean.copy_(torch.from_numpy(running_mean))
        layer = {
            "batch": batch,
            "relu, batch": torch.nn.Sequential(torch.nn.ReLU(), batch),
            "group": torch.nn.GroupNorm(2, channels, dtype=torch.float64),
            "instance": torch.nn.InstanceNorm2d(channels, dtype=torch.float64),
        }[norm]
        conv.train(training)
        layer.train(training)
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(weight))
            conv.bias.copy_(torch.from_numpy(bias))
        answer = code.bias_is_redundant(conv, layer, torch.from_numpy(x))
        return {
            "answer": answer,
            "bias afterwards": None if conv.bias is None else conv.bias.detach(),
            "running mean afterwards": batch.running_mean,
            "training afterwards": layer.training,
        }

    def read(self, seen, **inputs):
        """A tensor or a numpy bool that holds one truth value is that truth value."""
        answer = seen["answer"]
        if isinstance(answer, np.ndarray) and answer.size == 1:
            answer = bool(answer)
        return seen | {"answer": answer}

    def reference(self, norm, training, x, weight, bias, running_mean):
        # By what the layers are: a constant in one channel is lost exactly where that channel's
        # own mean is subtracted from it.
        return {
            "answer": norm == "instance" or (norm == "batch" and training),
            "bias afterwards": bias,
            "running mean afterwards": running_mean,
            "training afterwards": training,
        }

    @mistake
    def compared_to_the_last_digit(self, right, **inputs):
        """You say no where the bias makes no difference beyond rounding. Compare with a
        tolerance."""
        return {"answer": False} if right["answer"] else None

    @mistake
    def always_redundant(self, right, **inputs):
        """It says yes to everything. The bias cancels only where the mean that is subtracted is
        taken from the very values that hold it, channel by channel."""
        return {"answer": True}

    @mistake
    def judged_by_type(self, right, norm, **inputs):
        """It goes by the kind of layer. In evaluation mode batch norm subtracts a fixed number,
        and then the bias matters: let the outputs decide."""
        return {"answer": norm in ("batch", "instance")}

    @mistake
    def tried_only_without_bias(self, right, norm, training, bias, **inputs):
        """You compare with the bias taken away. Where the bias is zero to begin with, that is no
        change at all: try a bias that is different."""
        return {"answer": True if not bias.any() else right["answer"]}

    @mistake
    def same_shift_in_all_channels(self, right, norm, **inputs):
        """You change the bias by the same amount in every channel. A layer that averages several
        channels swallows that, though it would notice if they changed differently."""
        return {"answer": True if norm == "group" else right["answer"]}

    @mistake
    def bias_not_put_back(self, right, bias, **inputs):
        """The convolution's bias is another one afterwards. The caller still needs its layer: put
        back what you change."""
        return {"bias afterwards": np.zeros_like(bias)}

    @mistake
    def running_mean_moved(self, right, norm, training, x, weight, bias, running_mean):
        """Asking the question moved the layer's running mean: in training mode every forward pass
        does. Ask a copy, or put the statistics back."""
        if "batch" in norm and training:
            z = nn.functional.conv2d(*(torch.from_numpy(a) for a in (x, weight, bias)))
            z = z.relu() if "relu" in norm else z
            batch_mean = z.mean((0, 2, 3)).numpy()
            return {"running mean afterwards": 0.9 * running_mean + 0.1 * batch_mean}

    @mistake
    def put_into_training_mode(self, right, training, norm, **inputs):
        """You switch the layer to training mode first, and that changes the answer. The question
        is about the mode it is in."""
        if not training:
            return {"answer": True, "training afterwards": True}

    @mistake
    def put_into_evaluation_mode(self, right, training, norm, **inputs):
        """You switch the layer to evaluation mode first. There batch norm subtracts a fixed mean,
        and the question is about the mode it is in."""
        if training:
            return {"training afterwards": False} | ({"answer": False} if norm == "batch" else {})


class find_mode_bug(Exercise):
    """Which training loop measures its validation loss without eval()?"""

    signature = "find_mode_bug(loops, make_model, train, validation)"
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "Each loop trains the model it is given and returns the validation loss that it "
        "measured. What should that number be, if you measure it yourself afterwards?",
        "The mode in which a loop leaves its model is no evidence, and neither is a high loss. "
        "Set the mode yourself, measure, and compare. Allow for rounding.",
    )

    def cases(self, rng):
        names = ["northern", "southern", "western"]
        for case, points, forgets, biased in [
            ("a bug, and the model left in evaluation mode", 2, 1, 2),
            ("the bug in the last loop", 1, 2, 1),
            ("no bug at all", 1, None, 1),
        ]:
            yield Case(
                case, points,
                names=[str(n) for n in rng.permutation(names)], forgets=forgets, biased=biased,
                x=rng.normal(size=(60, 5)), held=rng.normal(2, 1, (30, 5)),
                seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, names, forgets, biased, x, held, seed):
        import course_utils.training as training

        def target(rows):
            return (rows[:, 1] + 0.5 * rows[:, 2] > 0.5).long()

        def make_model():
            with training.seeded(seed):
                return torch.nn.Sequential(
                    torch.nn.Linear(5, 12), torch.nn.BatchNorm1d(12), torch.nn.ReLU(),
                    torch.nn.Linear(12, 2),
                )  # fmt: skip

        def make_loop(forgets_eval, starts_biased):
            def loop(model, train, validation):
                (x, y), (held_x, held_y) = train, validation
                if starts_biased:
                    model[3].bias.data[0] += 8
                optimizer = torch.optim.SGD(
                    model.parameters(), lr=1e-5 if starts_biased else 0.3
                )
                model.train()
                for rows in torch.arange(len(x)).repeat(6).split(20):
                    optimizer.zero_grad()
                    torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
                    optimizer.step()
                if not forgets_eval:
                    model.eval()
                with torch.no_grad():
                    loss = torch.nn.functional.cross_entropy(model(held_x), held_y)
                # The right loops end in training mode, the wrong one does not.
                model.train(not forgets_eval)
                return loss.item()

            return loop

        # The biased loop learns slowly and has the highest loss, honestly measured.
        loops = {n: make_loop(i == forgets, i == biased) for i, n in enumerate(names)}
        x, held = torch.tensor(x).float(), torch.tensor(held).float()
        answer = code.find_mode_bug(loops, make_model, (x, target(x)), (held, target(held)))
        return {"answer": answer}

    def reference(self, names, forgets, **data):
        return {"answer": None if forgets is None else names[forgets]}

    @mistake
    def went_by_the_mode_at_the_end(self, right, names, forgets, **data):
        """You accuse the first loop that is right. Did you go by the mode in which it leaves its
        model? It may measure rightly and switch back to training. Or is your own measurement not
        what its should be: evaluation mode, the validation data, mean cross-entropy?"""
        return {"answer": names[0] if forgets != 0 else names[1]}

    @mistake
    def always_accuses(self, right, names, forgets, **data):
        """You accuse a loop where all are right: the largest difference is still rounding. Ask
        whether it is more than that, and return None when it is not."""
        if forgets is None:
            return {"answer": names[0]}

    @mistake
    def accuses_the_highest_loss(self, right, names, biased, **data):
        """You accuse the loop with the highest loss. It only learns badly; its number is honest,
        as measuring again in evaluation mode shows."""
        return {"answer": names[biased]}

    @mistake
    def never_accuses(self, right, names, forgets, **data):
        """You find no bug where there is one, or return nothing. Measure the model in evaluation
        mode yourself and compare with what the loop reports."""
        if forgets is not None:
            return {"answer": None}

    @mistake
    def says_where_not_which(self, right, names, forgets, **data):
        """You return the position. The loops have names: return the name."""
        if forgets is not None:
            return {"answer": forgets}


class population_statistics(Exercise):
    """Mean and variance of a layer's inputs over the whole training set, batch by batch."""

    signature = "population_statistics(model, loader) -> mean, var"
    library = "torch"
    minutes = 12
    difficulty = 2
    extra = True
    hints = (
        "The last batch may be smaller: what is summed over it must not count as much.",
        "A variance of everything is more than the average of the batches' variances: their means "
        "differ too.",
        "The net below the layer has batch norm of its own. In which mode does it see one example "
        "as it will in use?",
    )

    def cases(self, rng):
        for name, points, kind, n, batch, offset in [
            ("features, a short last batch", 2, "affine", 10, 4, 0.0),
            ("channels of a convolution", 1, "conv", 7, 3, 0.0),
            ("a mean far from zero", 1, "affine", 11, 4, 1000.0),
        ]:
            size = (n, 3) if kind == "affine" else (n, 2, 4, 5)
            drift = np.linspace(-1, 2, n).reshape(-1, *[1] * (len(size) - 1))
            yield Case(
                name, points, kind=kind, x=rng.normal(size=size) + drift, batch=batch,
                offset=offset, seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, kind, x, batch, offset, seed):
        import course_utils.training as training

        with training.seeded(seed):
            if kind == "affine":
                model = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 4))
            else:
                model = torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.Conv2d(2, 3, 3))
        with torch.no_grad():
            model[1].bias += offset
        loader = [(part, torch.zeros(len(part))) for part in torch.tensor(x).float().split(batch)]
        model.train()
        mean, var = code.population_statistics(model, loader)
        return {
            "mean": mean,
            "var": var,
            "training afterwards": model.training,
            "running mean below": model[0].running_mean,
        }

    def outputs(self, kind, x, offset, seed, batch=None):
        """What the net gives out: in training mode by batches of `batch`, else all in evaluation
        mode."""
        from course_utils.training import seeded

        with seeded(seed):
            if kind == "affine":
                model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 4))
            else:
                model = nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 3, 3))
        with torch.no_grad():
            model[1].bias += offset
            # Double precision from the single-precision weights: the oracle is not to round.
            model = model.double().train(batch is not None)
            parts = torch.tensor(x).float().double().split(batch or len(x))
            return [model(part) for part in parts]

    def values(self, outputs):
        """A row for every example and pixel, a column for every channel."""
        return np.concatenate([o.movedim(1, -1).flatten(0, -2).numpy() for o in outputs])

    def statistics(self, mean, var):
        return {"mean": mean.astype(np.float32), "var": var.astype(np.float32)}

    def reference(self, kind, x, batch, offset, seed):
        rows = self.values(self.outputs(kind, x, offset, seed))
        found = self.statistics(rows.mean(0), rows.var(0))
        return {
            "mean": near(found["mean"], rtol=1e-5, atol=1e-5),
            "var": near(found["var"], rtol=2e-3 if offset else 1e-4, atol=1e-5),
            "training afterwards": True,
            "running mean below": np.zeros(x.shape[1], np.float32),
        }

    def by_batch(self, kind, x, batch, offset, seed):
        """The rows of each batch, as the net in evaluation mode gives them out."""
        (outputs,) = self.outputs(kind, x, offset, seed)
        return [self.values([part]) for part in outputs.split(batch)]

    @mistake
    def batches_weigh_the_same(self, right, **inputs):
        """Every batch weighs the same in your averages, the short last one too. Weigh each by how
        many values it holds."""
        parts = self.by_batch(**inputs)
        mean = np.mean([p.mean(0) for p in parts], 0)
        square = np.mean([((p - mean) ** 2).mean(0) for p in parts], 0)
        return self.statistics(mean, square)

    @mistake
    def average_of_variances(self, right, **inputs):
        """Your variance is the average of the batches' variances. It leaves out that the batches'
        means differ from one another."""
        parts = self.by_batch(**inputs)
        sizes = [len(p) for p in parts]
        return {"var": np.average([p.var(0) for p in parts], 0, sizes).astype(np.float32)}

    @mistake
    def plain_average_of_both(self, right, **inputs):
        """You average the batches' means and the batches' variances. A short batch must weigh
        less, and the spread of the batches' means belongs to the variance."""
        parts = self.by_batch(**inputs)
        return self.statistics(
            np.mean([p.mean(0) for p in parts], 0), np.mean([p.var(0) for p in parts], 0)
        )

    @mistake
    def measured_in_training_mode(self, right, kind, x, batch, offset, seed):
        """The net ran in training mode: its own batch norm below used the batch, and its running
        statistics have moved. Measure in evaluation mode, and put the mode back."""
        rows = self.values(self.outputs(kind, x, offset, seed, batch))
        running = np.zeros(x.shape[1])
        for part in torch.tensor(x).float().split(batch):
            axes = [axis for axis in range(x.ndim) if axis != 1]
            running = 0.9 * running + 0.1 * part.mean(axes).numpy()
        return self.statistics(rows.mean(0), rows.var(0)) | {
            "running mean below": running.astype(np.float32)
        }

    @mistake
    def mode_not_put_back(self, right, **inputs):
        """The net is left in evaluation mode. Whoever called you was training it: put the mode
        back."""
        return {"training afterwards": False}

    @mistake
    def unbiased_variance(self, right, **inputs):
        """Your variance divides by one less than the number of values. The course's is the plain
        average of squared deviations."""
        n = sum(map(len, self.by_batch(**inputs)))
        if not inputs["offset"]:
            return {"var": right["var"] * np.float32(n / (n - 1))}

    @mistake
    def standard_deviation(self, right, **inputs):
        """The second value is the standard deviation; the variance was asked for."""
        return {"var": np.sqrt(right["var"])}
