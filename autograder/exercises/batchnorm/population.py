"""Mean and variance of a layer's inputs over a whole data set, batch by batch (notebook 06)."""

import numpy as np
import torch
from torch import nn

from autograder.exercise import Case, Exercise, mistake, near, raises


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

    counted = ("passes over the loader", "outputs kept")
    reads = {
        "mean": "your mean",
        "var": "your variance",
        "digits of the variance": "your variance has {seen} digits to rounding where the mean is "
        "large; {right} are right",
        "mode afterwards": "the model is in {seen} mode after your call; it came in {right} mode",
        "parts afterwards": "the modes of the model's parts are {seen} after your call; {right} is "
        "right",
        "running statistics below":
            "the running statistics of the model are {seen} after your call; {right} is right",
        "graph": "your results carry {seen} of operations with them; {right} is asked for",
        "passes over the loader": "your code goes through the loader {seen} times; {right} is "
        "asked for",
        "outputs kept": "your code keeps {seen} of the outputs at once; {right} are needed",
    }  # fmt: skip

    def cases(self, rng):
        for name, points, kind, n, batch, offset, training in [
            ("features, a short last batch", 1, "affine", 10, 4, 0.0, True),
            ("a net in evaluation mode", 1, "affine", 10, 4, 0.0, False),
            ("channels of a convolution", 1, "conv", 7, 3, 0.0, True),
            ("a mean far from zero", 0.5, "affine", 11, 4, 1000.0, True),
            ("one pass, nothing kept", 0.5, "affine", 14, 2, 0.0, True),
        ]:
            size = (n, 3) if kind == "affine" else (n, 2, 4, 5)
            drift = np.linspace(-1, 2, n).reshape(-1, *[1] * (len(size) - 1))
            yield Case(
                name, points, kind=kind, x=rng.normal(size=size) + drift, batch=batch,
                offset=offset, training=training, seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, kind, x, batch, offset, training, seed):
        import copy

        from torch.multiprocessing.reductions import StorageWeakRef

        from course_utils.training import seeded

        with seeded(seed):
            if kind == "affine":
                model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 4))
            else:
                model = nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 3, 3))
        with torch.no_grad():
            model[1].bias += offset
        batches = [(part, torch.zeros(len(part))) for part in torch.tensor(x).float().split(batch)]
        passes, outputs, kept = [], [], [0]

        class Loader:
            def __len__(self):
                return len(batches)

            def __iter__(self):
                yield from batches
                passes.append(1)

        def look(module, inputs, output):
            kept.append(sum(not earlier.expired() for earlier in outputs))
            outputs.append(StorageWeakRef(output.untyped_storage()))

        model.register_forward_hook(look)
        model.train(training)
        if kind == "conv":
            model[1].eval()  # a part that is frozen, say
        before, modes = copy.deepcopy(model.state_dict()), [part.training for part in model]
        mean, var = code.population_statistics(model, Loader())
        moved = [name for name, value in model.state_dict().items()
                 if not torch.equal(value, before[name])]  # fmt: skip
        graph = [torch.is_tensor(value) and value.requires_grad for value in (mean, var)]
        return {
            "mean": mean.detach() if graph[0] else mean,
            "var": var.detach() if graph[1] else var,
            "training": model.training,
            "parts": modes == [part.training for part in model],
            "moved": moved,
            "graph": any(graph),
            "passes": len(passes),
            "kept": max(kept),
        }

    def aid(self, **inputs):
        return {"right_var": self.reference(**inputs)["var"].value}

    def read(self, seen, kind, x, batch, offset, training, right_var, **inputs):
        """What is judged, in words. A variance that single precision rounded away is told by the
        grid on which it lies."""
        found = {
            "mean": seen["mean"], "var": seen["var"],
            "mode afterwards": "training" if seen["training"] else "evaluation",
            "running statistics below": "changed" if seen["moved"] else "as before",
            "graph": "a graph" if seen["graph"] else "no graph",
        }  # fmt: skip
        if offset:
            var, n = np.asarray(seen["var"]), len(x)
            lost = (
                var.shape == right_var.shape and var.dtype.kind == "f"
                and np.abs(var).max() < offset  # beyond, every float32 lies on that grid
                and not np.allclose(var, right_var, rtol=2e-3)
                and any(np.allclose(var * per, np.rint(var * per), atol=1e-4) for per in (16, n))
            )  # fmt: skip
            found |= {"digits of the variance": "lost" if lost else "kept"}
            found |= {"var": right_var} if lost else {}
        if kind == "conv":
            # Beside a wrong mode of the whole it tells nothing.
            same = seen["parts"] or seen["training"] != training
            found |= {"parts afterwards": "as before" if same else "changed"}
        if batch == 2:
            few = seen["kept"] < 3
            found |= {"passes over the loader": seen["passes"],
                      "outputs kept": "a few" if few else "all"}  # fmt: skip
        return found

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

    def reference(self, kind, x, batch, offset, training, seed):
        rows = self.values(self.outputs(kind, x, offset, seed))
        found = self.statistics(rows.mean(0), rows.var(0))
        right = {
            "mean": near(found["mean"], rtol=1e-5, atol=1e-5),
            "var": near(found["var"], rtol=2e-3 if offset else 1e-4, atol=1e-5),
            "mode afterwards": "training" if training else "evaluation",
            "running statistics below": "as before",
            "graph": "no graph",
        }
        right |= {"digits of the variance": "kept"} if offset else {}
        right |= {"parts afterwards": "as before"} if kind == "conv" else {}
        return right | ({"passes over the loader": 1, "outputs kept": "a few"}
                        if batch == 2 else {})  # fmt: skip

    def by_batch(self, kind, x, batch, offset, training, seed):
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
    def mean_of_means(self, right, **inputs):
        """Your mean is the mean of the batches' means: the short last batch counts as much as the
        others. Weigh each by how many values it holds."""
        parts = self.by_batch(**inputs)
        return {"mean": np.mean([p.mean(0) for p in parts], 0).astype(np.float32)}

    @mistake
    def plain_average_of_unbiased(self, right, **inputs):
        """You average the batches' means and the batches' unbiased variances. A short batch must
        weigh less, the spread of the batches' means belongs to the variance, and the number of all
        values stands below."""
        parts = self.by_batch(**inputs)
        return self.statistics(
            np.mean([p.mean(0) for p in parts], 0), np.mean([p.var(0, ddof=1) for p in parts], 0)
        )

    @mistake
    def average_of_unbiased(self, right, **inputs):
        """Your variance is the average of the batches' unbiased variances. It leaves out that the
        batches' means differ from one another, and the number of all values stands below."""
        parts = self.by_batch(**inputs)
        own = [p.var(0, ddof=1) for p in parts]
        return {"var": np.average(own, 0, [len(p) for p in parts]).astype(np.float32)}

    def moving(self, parts, mean, var):
        for part in parts:
            mean, var = 0.9 * mean + 0.1 * part.mean(0), 0.9 * var + 0.1 * part.var(0)
        return self.statistics(mean, var)

    @mistake
    def moving_average(self, right, **inputs):
        """You keep a moving average over the batches, as in training, so the last batches decide.
        Every value of the data set counts the same here."""
        first, *rest = self.by_batch(**inputs)
        return self.moving(rest, first.mean(0), first.var(0))

    @mistake
    def moving_average_from_zero(self, right, **inputs):
        """You keep a moving average over the batches that starts at 0, as in training. Every value
        of the data set counts the same here, and nothing else does."""
        return self.moving(self.by_batch(**inputs), 0.0, 0.0)

    @mistake
    def measured_in_training_mode(self, right, kind, x, batch, offset, training, seed):
        """You measure in training mode: the net's own batch norm used the batch, and its running
        statistics have moved. Measure in evaluation mode, and put the mode back."""
        if training:
            rows = self.values(self.outputs(kind, x, offset, seed, batch))
            return self.statistics(rows.mean(0), rows.var(0)) | {
                "running statistics below": "changed"
            }

    @mistake
    def mode_not_put_back(self, right, training, **inputs):
        """You leave the net in evaluation mode. Whoever called you was training it: put the mode
        back."""
        if training:
            return {"mode afterwards": "evaluation"}

    @mistake
    def always_training_afterwards(self, right, kind, training, **inputs):
        """You leave the net in training mode, whatever mode it came in. Look at the mode first, and
        put that one back."""
        if not training:
            return {"mode afterwards": "training"}
        return {"parts afterwards": "changed"} if kind == "conv" else None

    @mistake
    def parts_woken(self, right, kind, **inputs):
        """Parts of the model are not in the mode in which they came, as when the mode of the whole
        is put back and goes down to all of them, frozen ones too. Note the mode of each part, and
        put each back."""
        return {"parts afterwards": "changed"} if kind == "conv" else None

    @mistake
    def unbiased_variance(self, right, **inputs):
        """Your variance divides by one less than the number of values. The course's is the plain
        average of squared deviations."""
        n = sum(map(len, self.by_batch(**inputs)))
        return {"var": right["var"] * np.float32(n / (n - 1))}

    @mistake
    def standard_deviation(self, right, **inputs):
        """Your second value is the standard deviation; the variance was asked for."""
        return {"var": np.sqrt(right["var"])}

    @mistake
    def mean_square(self, right, offset, **inputs):
        """Your variance is the mean of the squares. The square of the mean still has to be taken
        off, or the mean before squaring."""
        return {"var": right["var"] + right["mean"] ** 2}

    @mistake
    def digits_lost(self, right, offset, **inputs):
        """You subtract the squared mean from the mean of squares in single precision. Where the
        mean is large both are huge and nearly equal, and the digits of the variance are lost: add
        up in double precision, or take the mean off before squaring."""
        if offset:
            return {"digits of the variance": "lost"}

    @mistake
    def in_double_precision(self, right, **inputs):
        """Your results are float64. They are to have the dtype of the outputs, whatever you add up
        in."""
        return {n: right[n].astype(np.float64) for n in ("mean", "var")}

    @mistake
    def graph_kept(self, right, **inputs):
        """Your results hang on the graph of every batch, which keeps all of them in memory. Nothing
        is differentiated here: run the net without recording operations."""
        return {"graph": "a graph"}

    @mistake
    def two_passes(self, right, batch, **inputs):
        """You go through the loader twice. One pass is enough: what is needed of a batch for the
        mean and for the variance can be added up at once."""
        if batch == 2:
            return {"passes over the loader": 2}

    @mistake
    def everything_kept(self, right, batch, **inputs):
        """You keep the outputs of all batches until the end. A training set does not fit: keep only
        what has to be added up."""
        if batch == 2:
            return {"outputs kept": "all"}

    # Which values belong together.

    def of_outputs(self, rows, **inputs):
        """What the statistics of other rows of the whole data set's outputs are."""
        kind, x, offset, seed = (inputs[n] for n in ("kind", "x", "offset", "seed"))
        (outputs,) = self.outputs(kind, x, offset, seed)
        rows = rows(outputs.numpy())
        return self.statistics(rows.mean(0), rows.var(0))

    @mistake
    def one_number_for_each_pixel(self, right, kind, **inputs):
        """Your statistics have a height and a width. Every pixel is one more value of its channel:
        average over height and width as well."""
        if kind == "conv":
            return self.of_outputs(lambda out: out, kind=kind, **inputs)

    @mistake
    def channels_not_moved(self, right, kind, **inputs):
        """Your channels of images are mixed up: reshape does not move an axis, it only cuts the
        same row of numbers anew. Move the channels to the end first."""
        if kind == "conv":
            return self.of_outputs(lambda o: o.reshape(-1, o.shape[1]), kind=kind, **inputs)

    @mistake
    def pixels_averaged_first(self, right, kind, **inputs):
        """You average each image over its pixels first, so the spread within an image is lost.
        Every pixel is a value of its channel and belongs to the variance."""
        if kind == "conv":
            return self.of_outputs(lambda out: out.mean((2, 3)), kind=kind, **inputs)

    @mistake
    def images_counted(self, right, kind, x, **inputs):
        """You divide the sums over all pixels by the number of images. What counts is how many
        values of a channel there are: images times height times width."""
        if kind == "conv":
            (outputs,) = self.outputs(kind, x, inputs["offset"], inputs["seed"])
            pixels = outputs.shape[2] * outputs.shape[3]
            square = pixels * (right["var"] + right["mean"] ** 2)
            return self.statistics(pixels * right["mean"], square - (pixels * right["mean"]) ** 2)

    @mistake
    def images_only(self, right, kind, **inputs):
        """Your code stops where the outputs have two axes, (N, C): it asks for a height and a
        width. The model may give out features as well as images."""
        if kind == "affine":
            return dict.fromkeys(right, raises("IndexError", "out of range"))

    @mistake
    def of_the_inputs(self, right, x, **inputs):
        """You measure what comes in. Asked for are the statistics of what `model` gives out."""
        rows = np.moveaxis(x.astype(np.float32), 1, -1).reshape(-1, x.shape[1])
        return self.statistics(rows.mean(0), rows.var(0))
