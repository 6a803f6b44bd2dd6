"""Batch norm in nets: folding it, undoing it, finding bugs with it; questions (notebook 06)."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils import fusion

from autograder.exercise import Case, Exercise, Question, mistake, near, raises
from autograder.exercises.batchnorm import affine

NOTEBOOK = "06_batchnorm"


def statistics(rng, d):
    """Running statistics that differ in size, so that a variance is no standard deviation."""
    return rng.choice([-1, 1], d) * rng.uniform(0.5, 2, d), rng.uniform(0.05, 4, d)


class fold_batchnorm(Exercise):
    """One layer in place of two: batch norm's test mode is affine, so it goes into the weights."""

    signature = "fold_batchnorm(w, b, gamma, beta, mean, var, eps) -> w, b"
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "In test mode batch norm is a·z + c for each channel. Write a and c on paper.",
        "Put z = w·x + b into a·z + c and read off the new weight and the new bias. Which axis of "
        "w is the output channel?",
    )

    def cases(self, rng):
        for name, points, shape, bias, eps in [
            ("a convolution", 2, (4, 3, 3, 2), True, 1e-2),
            ("an affine layer", 1, (5, 3), True, 1e-2),
            ("a convolution without a bias", 1, (3, 2, 2, 3), False, 1e-5),
            ("a square affine layer", 1, (4, 4), True, 1e-5),
        ]:
            d = shape[0]
            gamma, beta = affine(rng, d)
            mean, var = statistics(rng, d)
            yield Case(
                name, points, w=rng.normal(size=shape), b=rng.normal(size=d) if bias else None,
                gamma=gamma, beta=beta, mean=mean, var=var, eps=eps,
            )  # fmt: skip

    def observe(self, code, w, b, gamma, beta, mean, var, eps):
        # from_numpy shares memory: a weight that is changed in place shows as a changed input.
        w, gamma, beta, mean, var = (torch.from_numpy(a) for a in (w, gamma, beta, mean, var))
        b = None if b is None else torch.from_numpy(b)
        folded, bias = code.fold_batchnorm(w, b, gamma, beta, mean, var, eps)
        return {"w": folded, "b": bias}

    def reference(self, w, b, gamma, beta, mean, var, eps):
        w, gamma, beta, mean, var = (
            torch.tensor(a, device=self.device) for a in (w, gamma, beta, mean, var)
        )
        b = None if b is None else torch.tensor(b, device=self.device)
        fuse = fusion.fuse_conv_bn_weights if w.ndim == 4 else fusion.fuse_linear_bn_weights
        folded, bias = fuse(w, b, mean, var, eps, gamma, beta)
        return {"w": folded, "b": bias}

    def scaled(self, w, scale):
        return w * scale.reshape(-1, *[1] * (w.ndim - 1))

    @mistake
    def bias_not_scaled(self, right, w, b, gamma, beta, mean, var, eps):
        """The layer's own bias passes through the division and through γ as well: you add it
        unscaled."""
        if b is not None:
            scale = gamma / np.sqrt(var + eps)
            return {"b": b - mean * scale + beta}

    @mistake
    def bias_lost(self, right, w, b, gamma, beta, mean, var, eps):
        """The layer's own bias is gone from the new one. It only cancels while batch norm
        subtracts the mean of the batch; here it subtracts a fixed number."""
        if b is not None:
            return {"b": right["b"] - b * gamma / np.sqrt(var + eps)}

    @mistake
    def eps_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """ε is missing beside the variance, so the folded layer differs from what was trained,
        most where the variance is small."""
        scale = gamma / np.sqrt(var)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def divides_by_variance(self, right, w, b, gamma, beta, mean, var, eps):
        """You divide by the variance. Batch norm divides by its square root."""
        scale = gamma / (var + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def eps_outside_the_root(self, right, w, b, gamma, beta, mean, var, eps):
        """ε belongs under the root, beside the variance; you add it to the standard deviation."""
        scale = gamma / (np.sqrt(var) + eps)
        return {"w": self.scaled(w, scale), "b": ((0 if b is None else b) - mean) * scale + beta}

    @mistake
    def mean_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """The running mean is missing from the new bias."""
        return {"b": right["b"] + mean * gamma / np.sqrt(var + eps)}

    @mistake
    def beta_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """β is missing from the new bias."""
        return {"b": right["b"] - beta}

    @mistake
    def gamma_forgotten(self, right, w, b, gamma, beta, mean, var, eps):
        """γ is missing: the new weight and bias only divide by the standard deviation."""
        return {
            "w": self.scaled(w, 1 / np.sqrt(var + eps)),
            "b": (right["b"] - beta) / gamma + beta,
        }

    @mistake
    def scales_the_input_axis(self, right, w, b, gamma, beta, mean, var, eps):
        """You scale the wrong axis of w. Batch norm stands behind the layer, so it belongs to the
        output channels, the first axis; it only happens to run where both have one size."""
        stops = w.shape[0] != w.shape[1]
        scale = gamma / np.sqrt(var + eps)
        if stops:
            return {name: raises("RuntimeError") for name in ("w", "b")}
        return {"w": w * scale}

    @mistake
    def expects_a_bias(self, right, w, b, gamma, beta, mean, var, eps):
        """Your code stops when the layer has no bias. In front of batch norm that is the usual
        case (bias=False): treat it as zero."""
        if b is None:
            return {name: raises("TypeError") for name in ("w", "b")}


class identity_parameters(Exercise):
    """γ and β with which batch norm changes nothing."""

    signature = "identity_parameters(mean, var, eps) -> gamma, beta"
    minutes = 4
    extra = True
    hints = ("Set γ·(x − mean)/√(var + ε) + β equal to x and compare both sides.",)

    def cases(self, rng):
        mean, var = statistics(rng, 4)
        yield Case("ordinary variances", 1, mean=mean, var=var, eps=1e-2)
        yield Case("a variance of 1e-6", 1, mean=mean[:3], var=np.array([1e-6, 2.0, 1.0]), eps=1e-5)

    def observe(self, code, mean, var, eps):
        gamma, beta = code.identity_parameters(mean, var, eps)
        return {"gamma": gamma, "beta": beta}

    def reference(self, mean, var, eps):
        # From the operator itself: its output at 0 and its slope are what must be undone.
        mean, var = (torch.tensor(a, device=self.device) for a in (mean, var))
        x = torch.stack([torch.zeros_like(mean), torch.ones_like(mean)])
        low, high = torch.batch_norm(x, None, None, mean, var, False, 0.0, eps, False)
        return {"gamma": 1 / (high - low), "beta": -low / (high - low)}

    @mistake
    def eps_forgotten(self, right, mean, var, eps):
        """γ is the standard deviation alone, so the layer is the identity only up to ε: with a
        variance of 1e-6 it is far from it."""
        return {"gamma": np.sqrt(var)}

    @mistake
    def eps_outside_the_root(self, right, mean, var, eps):
        """ε is added to the standard deviation; it stands beside the variance, under the root."""
        return {"gamma": np.sqrt(var) + eps}

    @mistake
    def root_forgotten(self, right, mean, var, eps):
        """γ is the variance with ε; what batch norm divides by is its square root."""
        return {"gamma": var + eps}

    @mistake
    def divides_again(self, right, mean, var, eps):
        """γ has to undo the division, and yours divides a second time."""
        return {"gamma": 1 / right["gamma"]}

    @mistake
    def mean_subtracted_again(self, right, mean, var, eps):
        """β has to put back the mean that batch norm takes away; yours takes it away again."""
        return {"beta": -mean}

    @mistake
    def swapped(self, right, mean, var, eps):
        """γ and β have changed places: γ first."""
        return {"gamma": right["beta"], "beta": right["gamma"]}


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
        for case, points, forgets in [
            ("a bug, and the model left in evaluation mode", 2, 1),
            ("the bug in the last loop", 1, 2),
            ("no bug at all", 1, None),
        ]:
            yield Case(
                case, points, names=[str(n) for n in rng.permutation(names)], forgets=forgets,
                x=rng.normal(size=(60, 5)) * [0.1, 1, 5, 1, 20], held=rng.normal(2, 3, (30, 5)),
                seed=int(rng.integers(1000)),
            )  # fmt: skip

    def observe(self, code, names, forgets, x, held, seed):
        import course_utils.training as training

        def target(rows):
            return (rows[:, 1] + 0.3 * rows[:, 2] > 0.5).long()

        def make_model():
            with training.seeded(seed):
                return torch.nn.Sequential(
                    torch.nn.Linear(5, 12), torch.nn.BatchNorm1d(12), torch.nn.ReLU(),
                    torch.nn.Linear(12, 2),
                )  # fmt: skip

        def make_loop(forgets_eval, rate):
            def loop(model, train, validation):
                (x, y), (held_x, held_y) = train, validation
                optimizer = torch.optim.SGD(model.parameters(), lr=rate)
                model.train()
                for rows in torch.arange(len(x)).split(20):
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

        # The first loop learns so slowly that its loss is the highest, honestly measured.
        rates = [1e-5, 0.1, 0.2]
        loops = {n: make_loop(i == forgets, rates[i]) for i, n in enumerate(names)}
        x, held = torch.tensor(x).float(), torch.tensor(held).float()
        answer = code.find_mode_bug(loops, make_model, (x, target(x)), (held, target(held)))
        return {"answer": answer}

    def reference(self, names, forgets, **data):
        return {"answer": None if forgets is None else names[forgets]}

    @mistake
    def went_by_the_mode_at_the_end(self, right, names, forgets, **data):
        """You went by the mode in which a loop leaves its model. A loop may measure rightly and
        switch back to training, and the reverse: compare what was measured."""
        return {"answer": names[0] if forgets != 0 else names[1]}

    @mistake
    def always_accuses(self, right, names, forgets, **data):
        """You accuse a loop where all are right: the largest difference is still rounding. Ask
        whether it is more than that, and return None when it is not."""
        if forgets is None:
            return {"answer": names[0]}

    @mistake
    def accuses_the_slowest(self, right, names, forgets, **data):
        """You accuse the loop with the highest loss. It only learns slowly; its number is
        honest, as measuring again in evaluation mode shows."""
        if forgets is not None:
            return {"answer": names[0]}

    @mistake
    def never_accuses(self, right, names, forgets, **data):
        """You find no bug where there is one. Measure the model in evaluation mode yourself and
        compare with what the loop reports."""
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


# Questions about earlier notebooks, and one about this.


class q06_init(Question):
    """What depth does to the scale of activations (notebook 04)."""

    def cases(self, rng):
        yield Case("answer", 1, layers=int(rng.choice([8, 10, 12])), share=0.8)

    def text(self, layers, share):
        return f"""**From notebook 04.** A net has {layers} ReLU layers. He's initialisation keeps
the mean square of the activations the same from layer to layer. Somebody draws all weights with
{share} times He's standard deviation. What happens to the root mean square of the activations
from the input to layer {layers}?

- **a** it is multiplied by {share}
- **b** it is multiplied by {share}^{layers} ≈ {share**layers:.2f}
- **c** it is multiplied by 1 − {layers}·{1 - share:.1f}, so it reaches zero
- **d** nothing, ReLU keeps the scale
"""

    def reference(self, layers, share):
        return {"answer": "b"}

    @mistake
    def once(self, right, **numbers):
        """That is what one layer does. The next layer multiplies again."""
        return {"answer": "a"}

    @mistake
    def added_up(self, right, **numbers):
        """Factors of layers in a row multiply; they do not add up."""
        return {"answer": "c"}

    @mistake
    def relu_restores(self, right, **numbers):
        """ReLU passes positive values on as they are: half the scale in, half the scale out."""
        return {"answer": "d"}


class q06_statistics(Question):
    """Whose statistics normalise test images (notebook 03)."""

    def cases(self, rng):
        yield Case("answer", 1, test=int(rng.choice([1, 10, 100])))

    def text(self, test):
        return f"""**From notebook 03.** You subtract a mean and divide by a standard deviation
per colour channel. At test time {test} new image{"s" if test > 1 else ""} arrive. Which mean?

- **a** that of the new images, since they are what is normalised
- **b** that of the training and the new images together
- **c** that of the training images
- **d** none: normalising only helps training
"""

    def reference(self, test):
        return {"answer": "c"}

    @mistake
    def of_the_test_images(self, right, **numbers):
        """Then the answer for one image would depend on which others came along, and one image on
        its own would lose its brightness. Test-mode batch norm has the same problem to solve."""
        return {"answer": "a"}

    @mistake
    def of_all_images(self, right, **numbers):
        """Then test data would shape what is computed from training data: a leak, and another net
        for every new image."""
        return {"answer": "b"}

    @mistake
    def none_at_all(self, right, **numbers):
        """The net has learned on normalised images. Others are a different input to it."""
        return {"answer": "d"}


class q06_noise(Question):
    """What training and test mode are for (notebook 05)."""

    def cases(self, rng):
        yield Case("answer", 1, keep=float(rng.choice([0.6, 0.7, 0.8])))

    def text(self, keep):
        return f"""**From notebook 05.** Inverted dropout keeps a unit with probability
{keep} and divides by {keep}. What does it do in test mode?

- **a** it multiplies by {keep}
- **b** it drops units as in training, or the scale would be wrong
- **c** it divides by {keep}
- **d** nothing
"""

    def reference(self, keep):
        return {"answer": "d"}

    @mistake
    def scaled_at_test(self, right, **numbers):
        """That is plain dropout, which leaves the scaling to test time. The inverted kind has done
        it while training."""
        return {"answer": "a"}

    @mistake
    def random_at_test(self, right, **numbers):
        """Then the same image would get another answer each time. Averaging many such answers is
        Monte-Carlo dropout, which is something else."""
        return {"answer": "b"}

    @mistake
    def still_divides(self, right, **numbers):
        """The division makes up for the units that were dropped, and none are dropped now."""
        return {"answer": "c"}


class q06_border(Question):
    """Batch norm in front of a padded convolution."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, size=int(rng.choice([8, 12, 16])))

    def text(self, size):
        inner = (size - 2) ** 2
        return f"""Batch norm stands BEFORE a 3×3 convolution with zero padding 1, on maps of
{size}×{size}. Somebody folds it into the convolution's weight and bias. In test mode, which
outputs agree with the unfolded pair?

- **a** all {size * size}
- **b** the inner {inner}; at the border a padded zero stands for another value than before
- **c** none, since the bias of every output is off
- **d** the border; inside, the folded bias is added nine times
"""

    def reference(self, size):
        return {"answer": "b"}

    @mistake
    def all_agree(self, right, **numbers):
        """The padding comes after batch norm: its zeros are not normalised. Folded, the zeros are
        padded before, and would have to be the value that batch norm maps to zero."""
        return {"answer": "a"}

    @mistake
    def none_agree(self, right, **numbers):
        """Where the kernel sees no padding, the pair is one affine map and folds exactly."""
        return {"answer": "c"}

    @mistake
    def border_agrees(self, right, **numbers):
        """It is the other way round: inside all nine inputs are real."""
        return {"answer": "d"}
