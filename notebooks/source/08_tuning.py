# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 08 · Tuning: from a net that runs to a net that works
#
# After this you can
#
# - **build** a net of any depth from your own layers, and **check** in seconds that it has no
#   gross mistake,
# - **tell** from the curves of a run what to change,
# - **search** for good settings in two stages, without ever looking at the test set.
#
# This takes an estimated 125 minutes, in two sittings of 65 and 60. It builds on 03 (splits), 04
# (initial weights), 05 (losses, dropout), 06 (batch norm) and 07 (update rules).

# %% name="imports"
import copy
import importlib.util

import numpy as np
import torch
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.tuning import tuning_explorer
from course_utils.predictions import compare, drawn, predict

try:
    import my_layers as layers  # your own layers, where you have kept some
except ImportError:
    from course_utils import layers

# %% [markdown]
# If you are stuck on an exercise, `hint("sanity_checks")` in a cell of your own gives a small hint.
# Ask again and you get a larger one.

# %% [markdown]
# ## Before you start
#
# You will need the answers to these three questions about earlier notebooks.

# %% name="show_q08_first_loss"
ask("q08_first_loss")

# %% name="q08_first_loss"
q08_first_loss = ...

# %% nbgrader={"grade_id": "check_q08_first_loss", "locked": true}
from autograder import check

check("q08_first_loss")

# %% name="show_q08_dropout_scale"
ask("q08_dropout_scale")

# %% name="q08_dropout_scale"
q08_dropout_scale = ...

# %% nbgrader={"grade_id": "check_q08_dropout_scale", "locked": true}
from autograder import check

check("q08_dropout_scale")

# %% name="show_q08_test_set"
ask("q08_test_set")

# %% name="q08_test_set"
q08_test_set = ...

# %% nbgrader={"grade_id": "check_q08_test_set", "locked": true}
from autograder import check

check("q08_test_set")

# %% [markdown]
# ## The same code, sixty times
#
# Below is a net with two hidden layers for 8×8 digits. Every line of its code is correct. We train
# it sixty times, for three epochs each. Two numbers are drawn anew for each run: the learning rate,
# from 0.00001 to 10, and the standard deviation of the initial weights, from 0.001 to 1. They are
# drawn so that every power of ten in the range is equally likely.
#
# **Predict.** What fraction of the sixty runs will get more than 90 % of the validation digits
# right? Write a number between 0 and 1.

# %% name="predict_lucky"
predict("share of runs above 90 %", ..., between=(0, 1))


# %% tags=["experiment"] name="sixty_runs"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
device = devices.announce("cpu")
digits = datasets.digits().flat()
QUICK = training.quick()


def short_run(rate, scale, seed, epochs=3):
    """Validation accuracy of a plain 64-100-100-10 net after a few epochs of SGD with momentum."""
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(),
                            nn.Linear(100, 10))
        for layer in net[::2]:
            nn.init.normal_(layer.weight, std=scale)
            nn.init.zeros_(layer.bias)
    history = training.fit(
        net, digits.train, digits.validation,
        lambda p: torch.optim.SGD(p, lr=rate, momentum=0.9), epochs=epochs, seed=seed,
        progress=False,
    )
    return history.validation_accuracy[-1]


draw = np.random.default_rng(8)
rates, scales = 10 ** draw.uniform(-5, 1, 60), 10 ** draw.uniform(-3, 0, 60)
runs = range(10 if QUICK else 60)
accuracies = np.array([short_run(rates[i], scales[i], seed=i) for i in runs])
plots.show(plots.scatter(
    rates[: len(runs)], scales[: len(runs)], "learning rate",
    "standard deviation of the initial weights", accuracies, "validation accuracy",
    f"{len(runs)} runs of one correct net, three epochs each", log="xy",
    groups=np.where(accuracies > 0.9, "above 90 %", "90 % or less"),
    frame=((1e-5, 10), (1e-3, 1)),
))
print(f"worst {accuracies.min():.2f}, median {np.median(accuracies):.2f}, best {accuracies.max():.2f}")
compare("share of runs above 90 %", float((accuracies > 0.9).mean()))

### BEGIN CLAIMS
assert (accuracies > 0.9).sum() <= 9, "a handful at most get above 90 %"
assert (accuracies < 0.2).sum() >= 33, "more than half stay below 20 %"
assert accuracies.max() > 0.85, "the best one learns"
### END CLAIMS

# %% [markdown]
# Fewer than ten of the sixty runs get above 90 %, and more than half stay below 20 %. (Guessing
# gives 10 %.) A run at 10 % and the best run share every line of code. If a setting is wrong by two
# powers of ten, a correct net looks broken. So when a net does not learn, first check that its code
# is right, and then search for its settings systematically.
#
# ## A net of any depth
#
# To search, you first need a net in which every setting can be changed. You put it together from
# layers of earlier notebooks, and from layer norm, which normalises each example by its own
# features. In this formula a question mark means that the layer is optional, and L is the number of
# affine layers:
#
# $$[\text{affine} \to \text{norm?} \to \text{ReLU} \to \text{dropout?}] \times (L-1) \to
# \text{affine} \to \text{softmax}$$
#
# The module `layers` has them all: `affine_forward/backward`, `relu_forward/backward`,
# `batchnorm_forward/backward`, `layernorm_forward/backward`, `dropout_forward/backward`,
# `softmax_loss`. You call them as in your exercises (`help(layers.dropout_forward)` tells you
# how). They are the course's functions unless you have kept **your own**. To keep some, run this,
# for example, in the notebook where you wrote them:
#
# ```python
# from course_utils.keeping import keep
# keep(relu_forward, relu_backward)
# ```
#
# It writes to `my_layers.py` those of your functions whose checks pass. Then restart the kernel of
# this notebook, and it imports them from there. (Grading always uses the course's functions.)

# %% [markdown]
# ### A worked example: what belongs to a layer
#
# Five examples of 4 numbers go through a net with `hidden_dims` [3], batch norm and 2 classes:
#
# | layer | its entries in `params` | their shapes | what comes out |
# |---|---|---|---|
# | first affine | W1, b1 | 4×3, 3 | 5×3 |
# | norm | gamma1, beta1 | 3, 3 | 5×3 |
# | ReLU (dropout, if there is any) | none | | 5×3 |
# | second affine | W2, b2 | 3×2, 2 | 5×2 scores |
#
# The penalty is ½λ times the sum of all squared weights. Let λ be 0.1, all 12 entries of W1 be 0.5
# and all 6 of W2 be 1. Then it is ½ · 0.1 · (12 · 0.5² + 6 · 1²) = 0.45. It adds 0.1 · 0.5 = 0.05 to each entry of W1's gradient and
# 0.1 to each of W2's. To the gradients of b1, b2, gamma1 and beta1 it adds nothing.
#
# Now take `hidden_dims` [6, 5], no norm and 3 classes, again with 4 inputs. Let λ be 0.2 and all
# weights be 1. Find what is missing.
#
# | | |
# |---|---|
# | entries in `params` | W1, b1, W2, b2, **?**, b3 |
# | shape of W2 | **?** |
# | penalty | **?** |
# | what it adds to each entry of W2's gradient | **?** |
#
# **What was missing.** The entry is W3, and W2 is 6×5. There are
# 24 + 30 + 15 = 69 weights, so the penalty is ½ · 0.2 · 69 = 6.9. It adds 0.2.

# %% [markdown]
# ### Exercise: a fully connected net
#
# *25 minutes · difficulty 3 of 3 · builds on 05, 06*
#
# The loss is softmax cross-entropy plus $\tfrac12\lambda\sum_i\|W_i\|^2$. The sum is over the
# weights only, not over biases, γ or β. `hidden_dims` may be empty. Pay attention to the two modes.
# A call with labels is in training mode, and a call without labels is a prediction in test mode.


# %% nbgrader={"grade_id": "FullyConnectedNet", "solution": true}
class FullyConnectedNet:
    """[affine, norm?, ReLU, dropout?] × (L - 1), affine, softmax.

    Attributes
    ----------
    params : dict of arrays: W1, b1, W2, b2, ... up to WL, bL (Wi is inputs × outputs) and, if
        there is a norm, gamma1, beta1, ... for the hidden layers. loss reads params at every
        call, because they change between calls.
    reg : λ, may also be changed between calls

    Source: the form of the classic CNN assignments (Stanford's CS231n).
    """

    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        """Make the parameters.

        Parameters
        ----------
        hidden_dims : list of the L - 1 hidden sizes, may be empty
        dropout_keep_ratio : probability of KEEPING a unit; 1 means no dropout
        normalization : None, "batchnorm" or "layernorm"
        reg : λ of the penalty ½λ‖W‖², summed over all W
        weight_scale : standard deviation of the initial weights, normal with mean 0. Biases and
            β start at 0, γ at 1
        dtype : of all parameters, gradients and scores
        seed : seed of the net's own generator, from which the initial weights and dropout are
            drawn (dropout_forward takes it as dropout_param["rng"]); None gives a different net
            each time. Leave the global random state alone
        """
        ### BEGIN SOLUTION
        self.normalization, self.reg, self.dtype = normalization, reg, dtype
        rng = np.random.default_rng(seed)
        sizes = [input_dim, *hidden_dims, num_classes]
        params = {}
        for i in range(1, len(sizes)):
            params[f"W{i}"] = weight_scale * rng.normal(size=sizes[i - 1 : i + 1])
            params[f"b{i}"] = np.zeros(sizes[i])
        if normalization:
            for i, width in enumerate(hidden_dims, 1):
                params[f"gamma{i}"] = np.ones(width)
                params[f"beta{i}"] = np.zeros(width)
        self.params = {name: value.astype(dtype) for name, value in params.items()}
        self.norm_params = [{} for _ in hidden_dims]
        self.dropout_param = {"p": dropout_keep_ratio, "rng": rng}
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores for a batch, or its loss and gradients.

        Parameters
        ----------
        X : array N×input_dim, or N×C×H×W with C·H·W = input_dim; of any dtype; not changed
        y : array of N class indices, or None

        Returns
        -------
        Without y, the net is in test mode:
        scores : array N×num_classes. Such a call changes nothing in the net.

        With y, it is in training mode:
        loss : number, which includes the penalty and is finite however large the scores are
        grads : dict with the keys of params, the gradients of this loss
        Each such call updates the running statistics of batch norm (momentum 0.9, starting from
        0, as in notebook 06) and draws anew which units to drop.
        """
        ### BEGIN SOLUTION
        p, norm = self.params, self.normalization
        for state in [*self.norm_params, self.dropout_param]:
            state["mode"] = "test" if y is None else "train"
        h, caches = X.astype(self.dtype), []
        for i, state in enumerate(self.norm_params, 1):
            h, cache = layers.affine_forward(h, p[f"W{i}"], p[f"b{i}"])
            caches.append(cache)
            if norm:
                forward = getattr(layers, f"{norm}_forward")
                h, cache = forward(h, p[f"gamma{i}"], p[f"beta{i}"], state)
                caches.append(cache)
            h, cache = layers.relu_forward(h)
            caches.append(cache)
            h, cache = layers.dropout_forward(h, self.dropout_param)
            caches.append(cache)
        last = len(self.norm_params) + 1
        scores, cache = layers.affine_forward(h, p[f"W{last}"], p[f"b{last}"])
        if y is None:
            return scores
        loss, dout = layers.softmax_loss(scores, y)
        grads = {}
        dout, grads[f"W{last}"], grads[f"b{last}"] = layers.affine_backward(dout, cache)
        for i in reversed(range(1, last)):
            dout = layers.dropout_backward(dout, caches.pop())
            dout = layers.relu_backward(dout, caches.pop())
            if norm:
                backward = getattr(layers, f"{norm}_backward")
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = backward(dout, caches.pop())
            dout, grads[f"W{i}"], grads[f"b{i}"] = layers.affine_backward(dout, caches.pop())
        for name in (name for name in p if name.startswith("W")):
            loss += 0.5 * self.reg * np.sum(p[name] ** 2)
            grads[name] = grads[name] + self.reg * p[name]
        return loss, grads
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_FullyConnectedNet", "grade": true}
from autograder import check

check("FullyConnectedNet")

# %% [markdown]
# ## Before you train: three checks in a second
#
# A net with a mistake in it usually still learns something, so you may spend a week tuning it
# before you notice. Three cheap checks find most mistakes before that. (They come from the notes
# of Stanford's CS231n, "Sanity checks tips/tricks", and have been in every good recipe since.)
#
# 1. **The first loss.** With small initial weights all scores are about 0, so the net guesses, and
#    its loss for C classes should be $\ln C$.
# 2. **The penalty.** Turn λ up, and the loss should rise.
# 3. **Twenty examples.** Any net with enough weights can learn twenty examples by heart, given
#    time. If yours does not reach 100 % on them, give it more steps, then try a different learning
#    rate. If neither helps, its gradients or its updates are wrong.
#
# ### Exercise: sanity checks
#
# *12 minutes · difficulty 2 of 3 · builds on the interface of FullyConnectedNet*
#
# The model that you are given has `params`, `reg` and `loss(X, y=None)`, like yours. It may
# contain a mistake, and your report should show it. Leave the model as you found it.


# %% nbgrader={"grade_id": "sanity_checks", "solution": true}
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    """Check a net before it is trained. Afterwards the model is as it was before.

    Parameters
    ----------
    model : has params (dict of arrays), reg (a number), loss(X) → scores N×C and
        loss(X, y) → (loss, grads); it may have other state that loss changes (running statistics)
    X, y : examples and labels, 20 or more; some classes may be missing from the labels
    learning_rate, steps : for the third check

    Returns
    -------
    report : dict with
        first_loss : loss of all examples with reg = 0
        expected_loss : ln C
        loss_with_reg : loss of all examples with reg = 1, for the weights as they were given
        accuracy_on_20 : accuracy on the first 20 examples, after `steps` steps of plain gradient
            descent on these 20 as one batch, with reg = 0
        sound : True when the first loss differs from ln C by less than 10 % of ln C, the loss with
            reg = 1 is above the first loss, and the accuracy is 1
    """
    ### BEGIN SOLUTION
    model = copy.deepcopy(model)  # so that nothing has to be put back
    model.reg = 1
    loss_with_reg, _ = model.loss(X, y)
    model.reg = 0
    first_loss, _ = model.loss(X, y)
    expected_loss = np.log(model.loss(X).shape[1])
    few, labels = X[:20], y[:20]
    for _ in range(steps):
        _, grads = model.loss(few, labels)
        for name, grad in grads.items():
            model.params[name] -= learning_rate * grad
    right = model.loss(few).argmax(1) == labels
    close = np.isclose(first_loss, expected_loss, rtol=0.1)
    return {
        "first_loss": first_loss,
        "expected_loss": expected_loss,
        "loss_with_reg": loss_with_reg,
        "accuracy_on_20": right.mean(),
        "sound": close and loss_with_reg > first_loss and right.all(),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sanity_checks", "grade": true}
from autograder import check

check("sanity_checks")

# %% [markdown]
# Now apply the checks to your own net: first with the default weight scale of 0.01 and the default
# 200 steps, then with more steps, then with larger and larger initial weights.

# %% tags=["experiment"] name="own_checks"
if passes("FullyConnectedNet", "sanity_checks"):
    reports = []
    for weight_scale, check_steps in ((0.01, 200), (0.01, 1000), (0.05, 1000), (1.0, 1000)):
        net = FullyConnectedNet([50, 50], input_dim=64, weight_scale=weight_scale, seed=0)
        report = sanity_checks(net, digits.train_x[:200], digits.train_y[:200], steps=check_steps)
        reports.append(report)
        print(f"weight_scale {weight_scale}, {check_steps} steps: "
              f"{'sound' if report['sound'] else 'not sound'}")
        print("   ", ", ".join(f"{name} {report[name]:.5g}" for name in report if name != "sound"))

### BEGIN CLAIMS
assert abs(reports[0]["first_loss"] - np.log(10)) < 0.01, "the first loss is ln 10"
assert not reports[0]["sound"] and reports[0]["accuracy_on_20"] < 0.7, "200 steps are too few"
assert reports[1]["sound"] and reports[2]["sound"], "1,000 steps are enough"
assert reports[3]["first_loss"] > 50 and not reports[3]["sound"], "large weights: certain, and wrong"
### END CLAIMS

# %% [markdown]
# With small initial weights the first loss is 2.303, which is ln 10. And yet the first report calls
# a correct net "not sound". In a deep net each layer's gradient contains the weights of the layers
# after it as factors, so with weights as small as 0.01 the gradients are tiny, and 200 steps are
# too few. In 1,000 steps the net learns the twenty examples by heart. So "not sound" is only a
# reason to look closer: give the net more steps, then change the rate, and then look for a mistake
# in your code. With weights of scale 1.0 the first loss is above 50, because the net does not guess
# but is confident and wrong. It may memorise twenty digits all the same, so the third check alone
# might have let it pass.
#
# ## While it trains: what the curves say
#
# There is a rule of thumb: *you should see improvement within a few hundred updates*. If not, stop
# and look at the curves. The training loss tells you about the learning rate. Training and
# validation accuracy tell you about the size of the net and the amount of data:
#
# | what you see | what it means | what to try |
# |---|---|---|
# | the loss is NaN or infinite, or above the one you started from | the rate is too high | a third of the rate |
# | the loss still falls when the run ends, and the training accuracy is below your goal | the rate is too low, or the run too short | three times the rate |
# | the loss no longer falls, and the training accuracy is low | underfitting | a larger net, less penalty |
# | the training accuracy is high, and the validation accuracy is well below it | overfitting | more data, augmentation, dropout, penalty |
#
# ### Exercise: diagnose
#
# *10 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "diagnose", "solution": true}
def diagnose(history, goal=0.9):
    """What a run's curves say: the first of five phrases that fits.

    Parameters
    ----------
    history : dict with
        loss : list of training losses, one per update, at least ten
        train_accuracy, val_accuracy : lists, one entry per epoch, from 0 to 1
    goal : the training accuracy that a net of the right size should reach

    Returns
    -------
    "lr too high" : any loss is NaN or infinite, or the mean of the last tenth of the losses is
        above the very first loss (the only one computed before any update)
    "lr too low" : the last training accuracy is below the goal, and the loss is still falling.
        Single losses are noisy, so take the mean loss of the first tenth (a), of the tenth that
        starts in the middle of the run (b), and of the last tenth (c). The loss is still falling
        if b − c is more than a quarter of a − c
    "underfit" : the last training accuracy is below the goal
    "overfit" : the last training accuracy is more than 0.1 above the last validation accuracy
    "healthy" : none of these

    A tenth of n losses is n // 10 of them, the middle is at n // 2.
    """
    ### BEGIN SOLUTION
    losses = np.array(history["loss"])
    if not np.isfinite(losses).all():
        return "lr too high"
    tenth, half = len(losses) // 10, len(losses) // 2
    start, end = losses[:tenth].mean(), losses[-tenth:].mean()
    middle = losses[half : half + tenth].mean()
    if end > losses[0]:
        return "lr too high"
    trained = history["train_accuracy"][-1]
    if trained < goal:
        return "lr too low" if middle - end > (start - end) / 4 else "underfit"
    return "overfit" if trained - history["val_accuracy"][-1] > 0.1 else "healthy"
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_diagnose", "grade": true}
from autograder import check

check("diagnose")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If the kernel has stopped by
# the time you come back, run all cells above first.*

# %% [markdown]
# ## Explore: one net, four knobs
#
# The knobs are the four sliders. Whenever you move one, a net is really trained with that setting,
# for 300 updates on digits. Once your `diagnose` passes its check, its answer appears under the
# plots.
#
# 1. Find a setting for each of the five diagnoses.
# 2. With 1000 images, over how many powers of ten of the learning rate is the net healthy? And over
#    how many with only 2 hidden units?
# 3. At a rate of 3 the loss stays near 2.3, and by the table the net is underfitting. Why would a
#    larger net not help here? (What is $\ln 10$, and what does a large step do to a ReLU?)

# %% tags=["experiment"] name="explorer"
tuning_explorer(diagnose if passes("diagnose") else None)

# %% [markdown]
# ## Where to look: draw exponents
#
# What counts for a learning rate is the factor: from 0.001 to 0.002 is as large a step as from 0.1
# to 0.2. So you draw its exponent uniformly, not the rate itself. And you **draw** settings instead
# of laying them on a grid, because nine runs on a 3×3 grid try only three learning rates, while
# nine draws try nine (Bergstra 2012).

# %% name="show_q08_log_uniform"
ask("q08_log_uniform")

# %% name="q08_log_uniform"
q08_log_uniform = ...

# %% nbgrader={"grade_id": "check_q08_log_uniform", "locked": true}
from autograder import check

check("q08_log_uniform")

# %% [markdown]
# ### Exercise: draw settings
#
# *10 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "sample_hyperparameters", "solution": true}
def sample_hyperparameters(space, n, rng):
    """Draw n settings.

    Parameters
    ----------
    space : dict from a name to one of
        ("log", low, high) : a float whose logarithm is uniform between those of low and high
        ("uniform", low, high) : a float, uniform between low and high
        ("int", low, high) : a whole number from low to high, both included, all equally likely
        ("choice", options) : one of the options, all equally likely
    n : number of settings
    rng : numpy Generator, from which everything is drawn

    Returns
    -------
    settings : list of n dicts from name to value. All values are drawn independently of each other
    """
    ### BEGIN SOLUTION
    def draw(kind, *ends):
        if kind == "choice":
            (options,) = ends
            return options[rng.integers(len(options))]
        if kind == "int":
            return int(rng.integers(ends[0], ends[1], endpoint=True))
        if kind == "log":
            return float(np.exp(rng.uniform(*np.log(ends))))
        return float(rng.uniform(*ends))

    return [{name: draw(*entry) for name, entry in space.items()} for _ in range(n)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sample_hyperparameters", "grade": true}
from autograder import check

check("sample_hyperparameters")

# %% [markdown] name="range_test_text"
# ## One run that brackets the rate
#
# Before you draw learning rates, bracket them: find the range that is worth drawing from. Begin
# with a rate that is much too small and multiply it by the same factor at every update. In this way
# one short run passes through all rates, and its loss shows where the net begins to learn and where
# it diverges. This is called a **range test** (Smith 2015).

# %% tags=["experiment"] name="range_test"
rising = np.geomspace(1e-4, 30, 240)


def losses_while_rising(seed):
    """The loss of each mini-batch while the rate rises, until it is four times what it was at first."""
    x, y = torch.tensor(digits.train_x), torch.tensor(digits.train_y)
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(),
                            nn.Linear(100, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
    draw, losses = torch.Generator().manual_seed(seed), []
    for rate in rising:
        rows = torch.randint(len(x), (64,), generator=draw)
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        losses.append(float(loss.detach()))
        if not losses[-1] < 4 * losses[0]:
            break
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


brackets, smooth = [], {}
for seed in range(3):
    losses = losses_while_rising(seed)
    mean = np.convolve(losses, np.full(9, 1 / 9), "valid")  # single batches are noisy
    begins, lowest = np.flatnonzero(mean < 0.9 * mean[0])[0], mean.argmin()
    brackets.append((rising[begins], rising[lowest], rising[len(losses) - 1]))
    smooth[f"seed {seed}"] = (rising[: len(mean)], mean)
    print("seed {}: learns from {:.2g} on, lowest loss at {:.2g}, diverges at {:.2g}".format(
        seed, *brackets[-1]))
plots.show(plots.lines(smooth, "learning rate, rising from update to update",
                       "loss (nats, mean of nine updates)",
                       "A range test: three runs, each until its loss is four times the first",
                       log="xy"))

### BEGIN CLAIMS
begins, lowest, bursts = np.array(brackets).T
assert 0.02 < begins.min() and begins.max() < 0.05, "the net learns from about 0.03 on"
assert 0.3 < bursts.min() and bursts.max() < 2, "it bursts at about 1"
assert np.all(begins < lowest) and np.all(lowest < bursts), "the lowest loss is between the two"
### END CLAIMS

# %% [markdown]
# In so short a run the net begins to learn at a rate of about 0.03 and diverges at about 1. A good
# fixed rate is a tenth to a third of the rate at which the net diverges. In a longer run a net
# learns at smaller rates, too, so a search should begin one or two powers of ten below the rate at
# which this net begins to learn. The range test takes a second; the sixty runs above took a minute.
#
# ## Coarse, then fine
#
# Most settings are hopeless, and you can see that after one epoch. So you make many short runs in
# a wide space first, and then a few longer ones around the best. Two rules keep you from fooling
# yourself:
#
# - **If the best setting is at the border** of its range, look beyond that border. (A keep
#   probability cannot go above 1, but a learning rate can always go further.)
# - **Choose settings by their validation accuracy only.** Once you have chosen by the test
#   accuracy, the test set no longer tests anything.

# %% [markdown]
# ### A worked example: a narrower space, by hand
#
# The rate is drawn between 0.001 and 1 by its exponent (to base 10), which is uniform between −3
# and 0. The keep probability is uniform between 0.4 and 1. You have made three short runs:
#
# | rate | exponent | keep probability | accuracy |
# |---|---|---|---|
# | 0.002 | −2.7 | 0.5 | 0.31 |
# | 0.1 | −1 | 0.7 | **0.62** |
# | 0.5 | −0.3 | 0.95 | 0.48 |
#
# The second run is the best, so the fine ranges are centred on it. As in the next exercise, they
# are a third as wide as the old ones. The exponent's range shrinks from width 3 to 1 and goes from
# −1.5 to −0.5, so the rates go from 0.032 to 0.32. The keep probability's range shrinks from 0.6 to
# 0.2 and goes from 0.6 to 0.8.
#
# Suppose that the third run had been the best. The exponent may then go beyond its old ends, but the
# keep probability is cut off at them. Find the missing ends.
#
# | | best | fine range |
# |---|---|---|
# | exponent | −0.3 | −0.8 to **?** |
# | rate | 0.5 | 0.16 to **?** |
# | keep probability | 0.95 | **?** to 1 |
#
# **The missing numbers.** The exponent ends at 0.2 and the rate at 1.6, beyond the old border of 1.
# The keep probability begins at 0.85. Centred on 0.95, its range would end at 1.05, so it is cut off at 1.

# %% [markdown]
# ### Exercise: search in two stages
#
# *18 minutes · difficulty 3 of 3 · builds on sample_hyperparameters*


# %% nbgrader={"grade_id": "coarse_to_fine", "solution": true}
def coarse_to_fine(evaluate, space, budget, rng):
    """Search wide with short runs, then around the best with long ones.

    Parameters
    ----------
    evaluate : function (config, epochs, split="validation") → accuracy. It trains a net with that
        setting for `epochs` epochs. With split="test" it measures on the
        test set, which a search must not do
    space : as for sample_hyperparameters; it is not changed
    budget : ((runs, epochs), (runs, epochs)) of the coarse and of the fine stage
    rng : numpy Generator, from which everything is drawn

    Returns
    -------
    best : the setting with the highest accuracy among the fine runs, in a tie any of the best (a
        coarse run is shorter, so its accuracy cannot be compared with theirs)
    trials : list of (config, epochs, accuracy), all runs of both stages in the order you made them

    The fine stage draws from ranges around the best coarse setting, a third as wide:
        "log" : a third as wide in the logarithm, centred on the best, even beyond the old ends
        "uniform" : a third as wide, centred on the best, cut off at the old ends
        "int", "choice" : always the value of the best coarse setting
    """
    ### BEGIN SOLUTION
    (coarse_runs, short), (fine_runs, long) = budget

    def run(space, n, epochs):
        configs = sample_hyperparameters(space, n, rng)
        return [(config, epochs, evaluate(config, epochs)) for config in configs]

    def narrowed(entry, value):
        kind, *ends = entry
        if kind == "log":
            low, high = np.log(ends)
            factor = np.exp((high - low) / 6)
            return kind, value / factor, value * factor
        if kind == "uniform":
            step = (ends[1] - ends[0]) / 6
            return kind, max(ends[0], value - step), min(ends[1], value + step)
        return "choice", [value]

    coarse = run(space, coarse_runs, short)
    best, *_ = max(coarse, key=lambda trial: trial[2])
    fine = run({name: narrowed(space[name], best[name]) for name in space}, fine_runs, long)
    return max(fine, key=lambda trial: trial[2])[0], coarse + fine
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_coarse_to_fine", "grade": true}
from autograder import check

check("coarse_to_fine")

# %% [markdown]
# ## Measure: your search, a plain one, and Optuna
#
# Now your net and your search work together, with the course's Adam (or yours, if you have kept
# it). We search over five hyperparameters: learning rate, scale of the initial weights, penalty,
# keep probability and width. Three searches get the same 60 epochs each:
#
# - **yours**: 20 runs of one epoch, then 10 of four,
# - **random**: 30 runs of two epochs, drawn by your `sample_hyperparameters`,
# - **Optuna**: 30 runs of two epochs. It divides the runs so far into good and bad ones, and draws
#   the next settings where there are many good runs and few bad ones (TPE, the tree-structured
#   Parzen estimator, Bergstra 2011; Optuna, Akiba 2019).
#
# We then train each winner for eight epochs from new initial weights. Only then do we look at the
# test digits, once per winner.
#
# **Predict.** By how much will the test accuracy of Optuna's winner exceed that of the random
# search's winner? (Write a difference such as 0.02; it may be negative.)

# %% name="predict_optuna"
predict("Optuna minus random", ..., between=(-1, 1))


# %% tags=["experiment"] name="the_search"
SPACE = {
    "learning_rate": ("log", 1e-5, 1.0),
    "weight_scale": ("log", 1e-3, 1.0),
    "reg": ("log", 1e-6, 1.0),
    "keep": ("uniform", 0.5, 1.0),
    "hidden": ("choice", [32, 100]),
}
BUDGET = ((20, 1), (10, 4))  # 60 epochs altogether


def trained(config, epochs, seed=0):
    """Your net with this setting after so many epochs of Adam on the training digits."""
    net = FullyConnectedNet(
        [config["hidden"]] * 2, input_dim=64, dropout_keep_ratio=config["keep"],
        reg=config["reg"], weight_scale=config["weight_scale"], seed=seed,
    )
    states = {name: {"learning_rate": config["learning_rate"]} for name in net.params}
    shuffle = np.random.default_rng(seed)
    with np.errstate(all="ignore"):  # hopeless settings overflow
        for _ in range(epochs):
            order = shuffle.permutation(len(digits.train_x))
            for rows in np.array_split(order, len(order) // 64):
                _, grads = net.loss(digits.train_x[rows], digits.train_y[rows])
                for name, grad in grads.items():
                    net.params[name], states[name] = layers.adam(
                        net.params[name], grad.astype(np.float32), states[name]
                    )
    return net


def accuracy(net, part):
    x, y = part
    return float((net.loss(x).argmax(1) == y).mean())


def evaluate(config, epochs, split="validation"):
    return accuracy(trained(config, epochs), getattr(digits, split))


def random_search(seed, runs=30, epochs=2):
    """As many epochs as BUDGET, all runs of one length, no second stage."""
    settings = sample_hyperparameters(SPACE, runs, np.random.default_rng(seed))
    trials = [(config, epochs, evaluate(config, epochs)) for config in settings]
    return max(trials, key=lambda trial: trial[2])[0], trials


def optuna_search(seed, runs=30, epochs=2):
    """The same budget for Optuna's default, the tree-structured Parzen estimator."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial):
        suggest = {
            "log": lambda name, low, high: trial.suggest_float(name, low, high, log=True),
            "uniform": trial.suggest_float, "choice": trial.suggest_categorical,
        }
        config = {name: suggest[kind](name, *ends) for name, (kind, *ends) in SPACE.items()}
        return evaluate(config, epochs)

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
    )
    study.optimize(objective, n_trials=runs)
    return study.best_params, [(t.params, epochs, t.value) for t in study.trials]


SEARCHES = 1  # 3 shows how much is luck, and takes three times as long
found = {}
if passes("FullyConnectedNet", "sample_hyperparameters", "coarse_to_fine"):
    searches = {
        "yours": lambda seed: coarse_to_fine(evaluate, SPACE, BUDGET, np.random.default_rng(seed)),
        "random": random_search,
    }
    if importlib.util.find_spec("optuna"):
        searches["Optuna"] = optuna_search
    else:
        print("Optuna is not installed. Run  %pip install optuna  and then this cell again.")
    if QUICK:
        BUDGET = ((2, 1), (2, 1))
        searches = {"yours": searches["yours"]}
    for name, search in searches.items():
        for seed in range(SEARCHES):
            best, trials = search(seed)
            net = trained(best, 8, seed=1)  # the search had 0
            scores = accuracy(net, digits.validation), accuracy(net, digits.test)
            found.setdefault(name, []).append((best, trials, *scores))
            print(f"{name:7} best seen {max(trial[2] for trial in trials):.3f}, trained longer: "
                  f"validation {scores[0]:.3f}, test {scores[1]:.3f}, "
                  f"learning rate {best['learning_rate']:.2g}")
    trials = found["yours"][0][1]
    (_, short), (_, long) = BUDGET
    winner = max((i for i, trial in enumerate(trials) if trial[1] == long),
                 key=lambda i: trials[i][2])
    stage = [f"coarse, {short} epoch" if epochs == short else f"fine, {long} epochs"
             for _, epochs, _ in trials]
    stage[winner] = "the best fine one"
    plots.show(plots.scatter(
        [config["learning_rate"] for config, *_ in trials],
        [config["weight_scale"] for config, *_ in trials], "learning rate",
        "standard deviation of the initial weights", [trial[2] for trial in trials],
        "validation accuracy", "Your search in its space (dashed)", log="xy", groups=stage,
        frame=[SPACE[name][1:] for name in ("learning_rate", "weight_scale")],
    ))
    if "Optuna" in found:
        compare("Optuna minus random", found["Optuna"][0][3] - found["random"][0][3])

### BEGIN CLAIMS
fine = [value for _, epochs, value in found["yours"][0][1] if epochs == 4]
assert np.mean(np.array(fine) > 0.8) > 0.5, "most of the fine runs are good"
assert min(runs_[0][3] for runs_ in found.values()) > 0.88, "all winners, trained longer, are good"
### END CLAIMS

# %% [markdown]
# Trained longer, all three winners reach nearly the same accuracy. The standard error of an
# accuracy tells by how much it typically varies from one set of 360 test digits to another. For an
# accuracy p it is √(p(1 − p)/360), about 0.012 here. If the winners were tested on different
# digits, the standard error of their difference would be √2 times as large. On the same digits it
# is usually somewhat smaller, because most digits are easy for all winners. So treat differences
# below two standard errors of the difference, about 0.03, as noise. The searches do differ in the
# runs that they make. Your ten fine runs are four epochs long, and most of them are good. The runs
# of the other searches are shorter, and their last ten are hardly better than their first. There is
# a wide range of good settings, and so the winners' learning rates may differ by a factor of ten.
# Thirty runs are few for a method that learns from earlier runs; its advantage shows with more runs
# or more hyperparameters.
#
# Look at the plot of your search again. Is its best setting near a border? Which of the two axes
# matters more?
#
# ## Where did the validation set come from?
#
# Many Keras programs for MNIST call `model.fit(x, y, validation_split=0.1)`. Keras then takes the
# **last** tenth of the rows for validation, before anything is shuffled. But many data sets are
# stored sorted by class. What happens with those?
#
# **Predict.** We sort the digits by class and use the last tenth for validation. The net trains on
# the rest until it classifies nearly all of it correctly. What will its validation accuracy be?

# %% name="predict_last_tenth"
predict("accuracy on the last tenth", ..., between=(0, 1))


# %% tags=["experiment"] name="last_tenth"
def keras_split(order, seed):
    """Validation accuracy of a net with one hidden layer on the last tenth of this order."""
    x, y = digits.train_x[order], digits.train_y[order]
    cut = len(x) - len(x) // 10
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))
    history = training.fit(net, (x[:cut], y[:cut]), (x[cut:], y[cut:]), epochs=2 if QUICK else 8,
                           seed=seed, progress=False)
    return history.validation_accuracy[-1]


in_order = np.argsort(digits.train_y, kind="stable")
last_tenth = {
    "sorted by class": training.seeds(lambda seed: keras_split(in_order, seed), 3),
    "shuffled first": training.seeds(
        lambda seed: keras_split(np.random.default_rng(seed).permutation(len(in_order)), seed), 3
    ),
}
plots.show(drawn("accuracy on the last tenth",
    plots.bars_with_range(last_tenth, "validation accuracy",
                          "validation_split=0.1 on sorted and on shuffled rows",
                          accent="sorted by class")))
compare("accuracy on the last tenth", float(last_tenth["sorted by class"].middle))

### BEGIN CLAIMS
assert last_tenth["sorted by class"].high < 0.01, "sorted by class: 0"
assert 0.85 < last_tenth["shuffled first"].low, "shuffled first: nine in ten"
### END CLAIMS

# %% [markdown]
# On sorted rows the accuracy is 0 for all three seeds, because the last tenth is all nines, and the
# net has seen at most one nine in training. With rows shuffled first, the same net gets about 90 %
# right, or more. Nobody would overlook a 0. But rows that are sorted by patient, by camera or by
# day cause the same kind of error, and there the number looks plausible.

# %% name="show_q08_validation_split"
ask("q08_validation_split")

# %% name="q08_validation_split"
q08_validation_split = ...

# %% nbgrader={"grade_id": "check_q08_validation_split", "locked": true}
from autograder import check

check("q08_validation_split")

# %% [markdown]
# ## What to remember
#
# - Check the net before you tune it: its first loss is ln C, a penalty raises the loss, and it can
#   learn twenty examples by heart.
# - The training loss tells you about the learning rate. Training and validation accuracy tell you
#   about the size of the net and the data.
# - Draw settings instead of using a grid, and for a learning rate draw the exponent.
# - Make many short runs, then a few long ones. If the best setting is at a border, look beyond it.
# - The best of many validation accuracies is partly luck, so it is too high. The test set corrects
#   that, but only the first time you use it.
#
# ## A question for your teacher to read
#
# A colleague writes: "I tried 200 settings and kept the one with the best test accuracy, 97.2 %,
# which I report. My learning rates were evenly spaced from 0.0001 to 0.1, and the best was 0.098.
# Its training loss was still falling when I stopped." Name the faults, in six sentences at most:
# what is wrong with the number, what is wrong with the search, and what should be done next?
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_tuned_on_test", "grade": true, "solution": true, "points": 3}
# The 97.2 % were chosen as the highest of 200 numbers on the test set, so they are too high by luck
# and no estimate any more: the choice belongs on a validation set, and the report needs test images
# that no choice has seen (1 point). On an even scale nine in ten of the rates lie above 0.01, so
# the small ones were hardly tried, and the best one lies at the upper border, so the range has to be
# extended: draw exponents, from 0.001 to 1, say (1 point). The falling loss says that the rate may
# be too low or the run too short; so the next step is a finer search around and beyond 0.1 with
# longer runs, chosen on validation, and then one test (1 point).

# %% [markdown]
# ## Then and now
#
# | then (Keras, TensorFlow 1) | now (torch) | watch out for |
# |---|---|---|
# | `Sequential()`, `model.add(Dense(512, activation="relu", input_shape=(784,)))` | `nn.Sequential(nn.Linear(784, 512), nn.ReLU())` | in torch you give every size yourself, or use `nn.LazyLinear(512)` |
# | `model.add(Dropout(0.2))` | `nn.Dropout(0.2)` | both give the fraction that is dropped; this course gives the fraction that is kept |
# | `Dense(10, activation="softmax")` with `loss="categorical_crossentropy"` | `nn.Linear(512, 10)` with `nn.CrossEntropyLoss()` | the loss takes scores (no softmax before it) and class indices |
# | `model.compile(optimizer="rmsprop")` | `torch.optim.RMSprop(net.parameters())` | defaults differ: Keras rate 0.001 and decay 0.9, torch 0.01 and 0.99 |
# | `model.fit(x, y, validation_split=0.1)` | a split of your own, shuffled and stratified (03) | Keras takes the last rows, unshuffled |
# | `tf.summary.scalar("loss", loss)`, `tf.summary.histogram("w1", w1)`, `tf.summary.FileWriter("runs", sess.graph)` | `writer.add_scalar("loss", loss, step)`, `writer.add_histogram("w1", w1, step)`, `writer.add_graph(net, x)` | the same TensorBoard opens both |
# | nested `for` loops over rates | `optuna.create_study().optimize(objective, n_trials=30)` | the nested loops were a grid search |
#
# ## What has changed since
#
# Random search beat grids in Bergstra 2012, because only a few settings matter, and a grid repeats
# their values. Making many short runs and a few long ones has become an algorithm: start many
# runs, stop the worse ones early and go on with the rest (Hyperband, Li 2018; ASHA, Li 2020, does
# it without waiting for the slowest).
#
# How much harm does it do to use a test set again and again? Recht 2019 made new test sets for
# CIFAR-10 and ImageNet. All nets lost accuracy on them, 3 to 15 percentage points on CIFAR-10 and
# 11 to 14 on ImageNet, yet their order hardly changed. If some nets had led only by luck with the
# old images, they would have fallen back. So the new images were harder, and years of choosing by
# the old ones had done less harm than feared. That does not make it safe to reuse a test set as
# small as ours.
#
# Two texts in the list at the end are for everyone: Karpathy 2019 and Godbole 2023.

# %% [markdown]
# # Go further
#
# All of this is extra. It has the same checks and hints, but no points.
#
# ### A log that you can open
#
# *12 minutes · difficulty 2 of 3*
#
# TensorBoard shows curves from a folder of event files. In torch, `SummaryWriter("runs/first")`
# from `torch.utils.tensorboard` writes them. Each value is written with a step, its place on the
# horizontal axis. For losses and accuracies to line up, the step of both must be a number of
# updates. (Writing the graph runs the model once; torch does that in evaluation mode and restores
# the mode by itself.)


# %% nbgrader={"grade_id": "log_run", "solution": true}
def log_run(writer, model, history, example):
    """Write one run to a TensorBoard log.

    Parameters
    ----------
    writer : a torch.utils.tensorboard.SummaryWriter; it is not closed here
    model : an nn.Module; afterwards its mode, parameters and running statistics are as they were
    history : dict with loss (one per update) and val_accuracy (one per epoch; all epochs have the
        same number of updates)
    example : tensor, a batch that the model takes

    Writes
    ------
    scalar "loss" : each at the number of updates made before it: 0, 1, 2, ...
    scalar "val_accuracy" : each at the number of updates made by the end of its epoch
    histograms : one of each parameter, under its name, at the total number of updates
    graph : that of `model`, run on `example`
    """
    ### BEGIN SOLUTION
    losses, accuracies = history["loss"], history["val_accuracy"]
    for step, loss in enumerate(losses):
        writer.add_scalar("loss", loss, step)
    updates, _ = divmod(len(losses), len(accuracies))
    for epoch, accuracy in enumerate(accuracies, 1):
        writer.add_scalar("val_accuracy", accuracy, epoch * updates)
    for name, value in model.named_parameters():
        writer.add_histogram(name, value, len(losses))
    writer.add_graph(model, example)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_log_run", "locked": true}
from autograder import check

check("log_run")

# %% [markdown]
# ### Open it
#
# The cell below trains three small nets, called TwoLayers, with the weight matrices w1 and w2. It
# logs each with your `log_run` to the folder `runs` beside this notebook. Then open the log:
#
# - In **JupyterLab on your machine**, choose File → New → Terminal, type
#   `tensorboard --logdir notebooks/runs` (without `notebooks/` if the terminal opens in that
#   folder), and then open the address that it prints (http://localhost:6006).
# - On **Colab**, and in a notebook on your machine as well, run a cell with
#
# ```
# %load_ext tensorboard
# %tensorboard --logdir runs
# ```
#
# *Time series* shows the three losses in one plot; a slider smooths them. *Histograms* shows how
# the values of w1 are spread in each run. In *Graphs*, a double click on TwoLayers opens its two
# matrix products, with a batch norm and a ReLU between them.

# %% tags=["experiment"] name="tensorboard_runs"
if passes("log_run"):
    from torch.utils.tensorboard import SummaryWriter

    from course_utils.recipes.tuning import TwoLayers

    for rate in (0.01, 0.1, 1.0):
        net = TwoLayers(64, 32, 10, seed=0)
        run = training.fit(net, digits.train, digits.validation,
                           lambda p, rate=rate: torch.optim.SGD(p, lr=rate),
                           epochs=2 if QUICK else 6, progress=False)
        with SummaryWriter(f"runs/rate {rate:g}") as writer:
            log_run(writer, net, {"loss": run.step_loss, "val_accuracy": run.validation_accuracy},
                    torch.tensor(digits.train_x[:8]))
        print(f"runs/rate {rate:g}: {run}")

# %% [markdown]
# ### Accuracy against time
#
# *8 minutes · difficulty 2 of 3*
#
# A run is pointless if another one is at least as fast and at least as accurate, and better in one
# of the two. Take away all pointless runs, and what is left is called the (Pareto) front. It shows
# the best accuracy that you can get in a given time.


# %% nbgrader={"grade_id": "pareto_front", "solution": true}
def pareto_front(seconds, accuracies):
    """The runs that no other run makes pointless.

    A run makes another pointless when it is at least as fast and at least as accurate, and better
    in one of the two. Two equal runs do not make each other pointless.

    Parameters
    ----------
    seconds, accuracies : arrays of N numbers, at least one

    Returns
    -------
    front : sequence of indices of the runs on the front, by rising seconds (equal ones by rising
        index)
    """
    ### BEGIN SOLUTION
    faster = np.less.outer(seconds, seconds)
    better = np.greater.outer(accuracies, accuracies)
    beats = (faster & ~better.T) | (better & ~faster.T)
    front = np.flatnonzero(~beats.any(axis=0))
    return sorted(front, key=lambda i: seconds[i])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pareto_front", "locked": true}
from autograder import check

check("pareto_front")

# %% tags=["experiment"] name="front"
if passes("pareto_front"):
    timed = []
    widths = (4, 16, 64) if QUICK else (4, 16, 64, 256, 1024)
    for hidden in widths:
        for epochs in (1, 3, 9):
            with training.seeded(0):
                net = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))
            run = training.fit(net, digits.train, digits.validation, epochs=epochs, progress=False)
            timed.append((f"{hidden} units, {epochs} epoch{'s' if epochs > 1 else ''}",
                          run.seconds, run.validation_accuracy[-1]))
    seconds, reached = (np.array([row[i] for row in timed]) for i in (1, 2))
    front = list(pareto_front(seconds, reached))
    figure = plots.lines({f"{hidden} units": (seconds[3 * i : 3 * i + 3], reached[3 * i : 3 * i + 3])
                          for i, hidden in enumerate(widths)},
                         "training time (s)", "validation accuracy", log="x",
                         title="1, 3 and 9 epochs of each width; blue: the best for the time")
    figure.axes[0].step(seconds[front], reached[front], where="post", color=plots.ACCENT, zorder=4)
    figure.axes[0].plot(seconds[front], reached[front], "o", color=plots.ACCENT, zorder=4)
    plots.show(figure)
    print("On the front:", *(timed[i][0] for i in front), sep="\n  ")

### BEGIN CLAIMS
by_name = {name: (s, a) for name, s, a in timed}
assert by_name["4 units, 3 epochs"][1] < by_name["256 units, 1 epoch"][1], "width beats epochs"
### END CLAIMS

# %% [markdown]
# If a net with 4 units is on the front at all, it is one of the very fastest, and its accuracy is
# low. One epoch with 256 units is better than three epochs with 4 units, and on most CPUs it is
# faster as well. Products of matrices this small spend most of their time on the call itself, not
# on the arithmetic. So width is nearly free here, and epochs are not. Your times will differ, but
# the question stays the same: which setting gives you the highest accuracy in the seconds that you
# have?
#
# ## Further reading
#
# - Karpathy 2019, *A recipe for training neural networks*: know your data, overfit first, change
#   one thing at a time.
# - Godbole, Dahl, Gilmer, Shallue, Nado 2023, *Deep learning tuning playbook*: which settings to
#   study, which to tune anew for every comparison, and which to fix.
# - Bergstra, Bengio 2012, *Random search for hyper-parameter optimization*: figure 1 is the whole
#   argument.
# - Bergstra, Bardenet, Bengio, Kégl 2011, *Algorithms for hyper-parameter optimization*: TPE.
#   Akiba and others 2019, *Optuna*.
# - Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, *Hyperband*; Li and others 2020, *A system
#   for massively parallel hyperparameter tuning* (ASHA).
# - Smith 2015, *Cyclical learning rates for training neural networks*, section 3.3: the range
#   test.
# - Recht, Roelofs, Schmidt, Shankar 2019, *Do ImageNet classifiers generalize to ImageNet?*
