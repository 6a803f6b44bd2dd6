# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 06 · Batch normalization
#
# After this you can
#
# - **write** batch normalization forward and backward, in training and in test mode, for rows and
#   for images,
# - **find** the bugs that come with a layer that behaves differently in the two modes,
# - **measure** what you gain from it (larger learning rates, less care with the initial weights)
#   and what it costs when batches are small.
#
# This takes an estimated 110 minutes, in two sittings of 55 and 55. It builds on 01 (backward
# passes), 02 (ReLU), 03 (normalising), 04 (initialisation) and 05 (dropout).

# %% name="imports"
import copy
import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.batchnorm import explore_batchnorm
from course_utils.predictions import compare, drawn, predict

# %% name="device"
torch.set_num_threads(1)  # nets this small lose more by sharing work than they gain
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# The three questions below the next cell are about earlier notebooks. You will need their answers.
# Answer with a letter in quotes.

# %% name="show_q06_init"
ask("q06_init")

# %% name="q06_init"
q06_init = ...

# %% nbgrader={"grade_id": "check_q06_init", "locked": true}
from autograder import check

check("q06_init")

# %% name="show_q06_statistics"
ask("q06_statistics")

# %% name="q06_statistics"
q06_statistics = ...

# %% nbgrader={"grade_id": "check_q06_statistics", "locked": true}
from autograder import check

check("q06_statistics")

# %% name="show_q06_noise"
ask("q06_noise")

# %% name="q06_noise"
q06_noise = ...

# %% nbgrader={"grade_id": "check_q06_noise", "locked": true}
from autograder import check

check("q06_noise")

# %% [markdown] name="why"
# ## Why: a net that does not learn
#
# This net has five hidden layers of 100 ReLU units, with He's initialisation. It trains on 1,077
# handwritten digits by plain SGD, at the very large learning rate 2. How much does it learn in
# five epochs? There are ten classes, so guessing gives an accuracy of 0.10.

# %% tags=["experiment"] name="failing_net"
digits = datasets.digits().flat()
SEEDS = 1 if training.quick() else 3
EPOCHS = 1 if training.quick() else 5


def deep_net(norm=None, order="before", scale=None, seed=0, depth=5, width=100):
    """A ReLU net for digits; `norm(width)` makes the normalising layer before or after each ReLU.

    `scale` is the standard deviation of the initial weights; with None it is He's.
    """
    layers, fan_in = [], 64
    for _ in range(depth):
        block = [nn.Linear(fan_in, width), nn.ReLU()]
        if norm is not None:
            block.insert(1 if order == "before" else 2, norm(width))
        layers += block
        fan_in = width
    model = nn.Sequential(*layers, nn.Linear(fan_in, 10))
    with training.seeded(seed):
        for layer in model:
            if isinstance(layer, nn.Linear):
                std = scale if scale is not None else (2 / layer.in_features) ** 0.5
                nn.init.normal_(layer.weight, 0, std)
                nn.init.zeros_(layer.bias)
    return model


def accuracy(norm=None, rate=0.1, seed=0, batch_size=64, epochs=None, **net):
    """Validation accuracy of a deep_net after a few epochs of SGD with learning rate `rate`."""
    history = training.fit(
        deep_net(norm, seed=seed, **net), digits.train, digits.validation,
        lambda parameters: torch.optim.SGD(parameters, lr=rate),
        epochs=epochs or EPOCHS, batch_size=batch_size, seed=seed, progress=False,
    )
    return history.validation_accuracy[-1]


def accuracies(settings, **common):
    """The accuracies under each of `settings` (dicts for `accuracy`): a Spread over seeds, with
    `low`, `middle` (the median) and `high`.
    """
    return training.seeds(
        lambda seed: [accuracy(seed=seed, **common, **setting) for setting in settings], SEEDS
    )


print("Validation accuracy:", training.seeds(lambda seed: accuracy(rate=2.0, seed=seed), SEEDS))

### BEGIN CLAIMS
failing = training.seeds(lambda seed: accuracy(rate=2.0, seed=seed), SEEDS)
assert failing.high < 0.2, "at rate 2 the net guesses"
### END CLAIMS

# %% [markdown] name="idea"
# ## The idea
#
# A layer's inputs change in mean and scale while the layers before it learn, so the layer has to
# keep adapting to them. Batch normalization was invented to prevent that (Ioffe and Szegedy 2015).
# Near the end you will see that this is probably not why it helps. With batch norm each feature
# gets two learned parameters, and these alone set its mean and its scale. Here is one feature, with
# the values $x_1,\dots,x_N$ in a mini-batch:
#
# $$\mu=\frac1N\sum_i x_i,\qquad \sigma^2=\frac1N\sum_i (x_i-\mu)^2,\qquad
# \hat x_i=\frac{x_i-\mu}{\sqrt{\sigma^2+\varepsilon}},\qquad y_i=\gamma\,\hat x_i+\beta .$$
#
# - $\sigma^2$ is the biased variance: it divides by N, not by N − 1. $\varepsilon$ is added
#   **under** the root. It prevents a division by zero for a feature that does not vary.
# - $\gamma$ and $\beta$ are learned, one pair per feature. The output has mean **β** and standard
#   deviation **|γ|** (up to ε). Its variance is therefore γ², not |γ|.
# - In **test mode** there may be only one example. So running averages of $\mu$ and $\sigma^2$ take
#   the place of the batch's own. During training, each batch moves them a little towards its own
#   values.
#
# People say that batch norm whitens the features (makes them uncorrelated), and that it makes their
# values normally distributed. Both are wrong. Features stay correlated, and a shift and a scale
# leave the shape of a distribution as it is. In the explorer below, "two humps" stay two humps.

# %% tags=["experiment"] name="explorer"
explore_batchnorm()

# %% [markdown] name="explorer_tasks"
# Three things to try (the "population" is all the values from which a batch is drawn):
#
# 1. Set the batch size to 2. What can you still tell about an example's own value from its output?
#    And at batch size 3?
# 2. Set the standard deviation of the population to 0.001 and move ε between 1e-8 and 1e-2. At
#    which ε does the output begin to shrink?
# 3. Move the mean and the standard deviation of the population. Which of these changes can you
#    still see on the right, after batch norm?
#
# ## Exercise: the forward pass
#
# *12 minutes · difficulty 2 of 3 · builds on the formulas above*
#
# In two conventions we follow Stanford's course CS231n and not torch, so that you can compare your
# code with published solutions:
#
# | | here | torch |
# |---|---|---|
# | `momentum` | the fraction of the OLD running value that is kept, 0.9 | the fraction taken from the new batch, 0.1 |
# | running variance | averages biased variances, starts at 0 | averages unbiased ones, starts at 1 |
#
# If you are stuck, `hint("batchnorm_forward")` in a cell of your own gives a small hint, and a
# larger one when you ask again. It works for every exercise.

# %% nbgrader={"grade_id": "batchnorm_forward", "solution": true}
def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalization of rows (Ioffe & Szegedy 2015, algorithm 1).

    Parameters
    ----------
    x : (N, D) array of floats, one example per row; not modified. A feature's mean may be large
        compared with its spread, so mean(x²) − mean² would lose its digits to rounding
    gamma, beta : (D,) arrays, scale and shift
    bn_param : dict, modified:
        "mode" : "train" (normalise by the batch's statistics) or "test" (by the running ones)
        "eps" : added to the variance under the root; 1e-5 when absent
        "momentum" : fraction of the OLD running value kept in training; 0.9 when absent
        "running_mean", "running_var" : (D,) arrays; they start at 0 when absent, in the dtype
        of x. Training stores the new values here (in place or as new arrays); test mode changes
        none. The variance is biased.

    Returns
    -------
    out : (N, D), in the dtype of x
    cache : whatever your backward pass will need
    """
    ### BEGIN SOLUTION
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    mean = bn_param.get("running_mean", zeros)
    var = bn_param.get("running_var", zeros)
    if bn_param["mode"] == "train":
        old_mean, old_var = mean, var
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * old_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * old_var + (1 - momentum) * var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (x, mean, var, eps, gamma)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_batchnorm_forward", "grade": true}
from autograder import check

check("batchnorm_forward")

# %% [markdown] name="predict_learning_rate"
# ## Experiment: learning rate × batch norm
#
# We take the failing net again, with a batch norm before each ReLU, and train it at six learning
# rates. At rate 2 the net above only guessed. What accuracy will it reach at that rate with batch
# norm?

# %% name="prediction_learning_rate"
# Put a number in place of the dots.
predict("accuracy at rate 2 with batch norm", ..., between=(0, 1))

# %% tags=["experiment"] name="experiment_learning_rate"
with_and_without = {"without": None, "with batch norm": nn.BatchNorm1d}
rates = [0.01, 0.03, 0.1, 0.5, 1.0, 2.0]
curves = {
    name: accuracies([{"rate": rate} for rate in rates], norm=norm)
    for name, norm in with_and_without.items()
}
plots.show(
    drawn("accuracy at rate 2 with batch norm", plots.lines(
        curves, "learning rate", "validation accuracy", x=rates, log="x", accent="with batch norm",
        title="Five layers, five epochs of SGD on digits; bands: three seeds",
    ))
)
compare("accuracy at rate 2 with batch norm", curves["with batch norm"].middle[-1])

### BEGIN CLAIMS
without, with_norm = curves.values()
assert without.high[-1] < 0.2 and 0.8 < with_norm.low[-1], "at rate 2 one guesses, one learns"
assert abs(without.middle[0] - with_norm.middle[0]) < 0.25, "little between them at rate 0.01"
assert without.middle.max() + 0.02 < with_norm.middle.max(), "the best of each differs as well"
working = [int((spread.middle > 0.7).sum()) for spread in (without, with_norm)]
assert working[0] + 1 < working[1], "the range of working rates is wide with batch norm"
### END CLAIMS

# %% [markdown] name="after_learning_rate"
# At rate 2 the net without batch norm only guesses, whatever the seed. The net with batch norm gets
# well above 0.8. At rate 0.01 the two are close. Batch norm also raises the best accuracy reached
# in five epochs, but what stands out is how much wider the range of usable rates has become.

# %% [markdown] name="photographs_text"
# ### The same on photographs
#
# Digits are easy. The next cell trains a net of three convolutional layers on photographs of
# CIFAR-10 if your machine has them (`course data cifar10` in a terminal fetches them), and on the
# course's drawn shapes if not. Below your own plot you see a stored run on photographs, with more
# pictures than yours and three seeds. That run had only 4,000 of CIFAR-10's 50,000 training
# pictures: 3,000 to learn from and 1,000 to measure on. So its accuracies are far below those that
# you find in papers.
#
# What accuracy does the stored run reach with batch norm, at rate 1 and after four epochs?

# %% name="prediction_photographs"
predict("accuracy on photographs at rate 1 with batch norm", ..., between=(0, 1))

# %% tags=["experiment"] name="on_photographs"
def convolutional(norm, seed):
    """Three convolutions of stride 2 and an affine layer; with `norm`, a batch norm after each."""
    with training.seeded(seed):
        blocks = []
        for c_in, c_out, size in ((3, 16, 5), (16, 32, 3), (32, 32, 3)):
            blocks.append(nn.Conv2d(c_in, c_out, size, stride=2, padding=size // 2))
            blocks += [nn.BatchNorm2d(c_out), nn.ReLU()] if norm else [nn.ReLU()]
        return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(32 * 4 * 4, 10))


def on_pictures(pictures, epochs, seeds, rates=(0.01, 0.03, 0.1, 0.3, 1.0)):
    """Accuracies on the pictures that are held out, seeds × rates, without and with batch norm."""
    def accuracy(norm, rate, seed):
        return training.fit(
            convolutional(norm, seed), pictures.train, pictures.held_out,
            lambda parameters: torch.optim.SGD(parameters, lr=rate),
            epochs=epochs, batch_size=50, seed=seed, progress=False,
        ).validation_accuracy[-1]

    return {"rates": list(rates)} | {
        name: [[accuracy(norm, rate, seed) for rate in rates] for seed in range(seeds)]
        for name, norm in (("without", False), ("with batch norm", True))
    }


pictures = datasets.photographs_or_shapes(*((100, 50) if training.quick() else (1000, 500)))
found = on_pictures(pictures, epochs=1 if training.quick() else 3, seeds=1)
for title, run in datasets.beside_stored("06", pictures, found).items():
    by_norm = {name: training.Spread(np.array(run[name])) for name in ("without", "with batch norm")}
    plots.show(plots.lines(by_norm, "learning rate", "accuracy on other pictures", x=run["rates"],
                           log="x", accent="with batch norm", title=title))
compare("accuracy on photographs at rate 1 with batch norm", by_norm["with batch norm"].middle[-1])

### BEGIN CLAIMS
plain, normed = (np.array(run[name]) for name in ("without", "with batch norm"))
assert plain[:, -1].max() < 0.15 and normed[:, -1].min() > 0.2, "at rate 1 one guesses, one learns"
assert np.median(plain, 0).max() + 0.03 < np.median(normed, 0).max(), "the best is higher, too"
assert max(found["without"][0]) < max(found["with batch norm"][0]), "so it is in the run made here"
### END CLAIMS

# %% [markdown] name="after_photographs"
# On photographs the same happens. At rate 1 the net without batch norm is right on about one
# picture in ten, as if by guessing, and the net with batch norm learns. Its best accuracy is higher
# as well, and it learns over a wider range of rates.
#
# ## Backwards through batch norm
#
# Now for the backward pass. The gradient that arrives at `out` has to reach `x`. In the graph,
# **three** arrows leave `x`:
#
# ```
#   x ──┬──────────────────► x − mean ──► x̂ = (x − mean) / √(var + ε) ──► out = γ·x̂ + β
#       │                      ▲               ▲
#       ├──► mean = Σx / N ────┤               │
#       │        │             │               │
#       │        ▼             │               │
#       └──► var = Σ(x − mean)² / N ───────────┘
# ```
#
# So when you nudge one `x`, its own x̂ changes, and through `mean` and `var` so does the x̂ of
# every other example. Treating the mean and the variance as constants is the classic mistake.

# %% [markdown] name="worked_example"
# ### A worked example: three examples, two features
#
# Take ε = 4/3 and γ = (2, 4), which give simple numbers. This is the first feature, by hand:
#
# | | example 1 | example 2 | example 3 | |
# |---|---|---|---|---|
# | x | 1 | 3 | 5 | mean 3, var 8/3, √(var + ε) = 2 |
# | x̂ | −1 | 0 | 1 | |
# | dout | 1 | 0 | 2 | given: the gradient at the output |
# | **dx̂** | 2 | 0 | 4 | dout times γ = 2 |
#
# The root √(var + ε) divides x − mean in all three examples, so the gradient with respect to var
# collects something from all three x̂. Nudge var by a small δ. The root grows from 2 by δ/(2·2) =
# δ/4, which is the fraction δ/8 of it. So each x̂ shrinks by that fraction: an x̂ of 1 falls by
# δ/8, and an x̂ of −1 rises by δ/8. Divide each change by δ, multiply it by the dx̂ of the same
# example, and add up the three: **dvar** = 2·(1/8) + 0 − 4·(1/8) = **−1/4**.
#
# The mean is subtracted from all three, so nudging it by δ lowers each x̂ by δ/2, which gives
# **dmean** = −(2 + 0 + 4)/2 = **−3**. The mean also enters the variance, with the derivative
# −2·(average of x − mean). That average is 0, so this path carries nothing.
#
# Each x now collects three things: its own dx̂ divided by 2, because x̂ = (x − mean)/2; a third of
# dmean, because the mean averages three values; and dvar times 2(x − mean)/3, the derivative of the
# variance with respect to this x.
#
# | | example 1 | example 2 | example 3 |
# |---|---|---|---|
# | directly, through x̂ | 1 | 0 | 2 |
# | through the mean | −1 | −1 | −1 |
# | through the variance | +1/3 | 0 | −1/3 |
# | **dx** | **1/3** | **−1** | **2/3** |
#
# The three entries of dx sum to zero. They must, because adding the same amount to every x leaves
# the output as it is. Try the second feature yourself on paper: x = (2, 4, 0), dout = (2, 1, 0).
# You should find dvar = −1/2, dmean = −6 and dx = (2, −2/3, −4/3).

# %% [markdown] name="stages"
# ### Exercise: three stages
#
# *2 + 5 + 5 minutes · difficulty 1, 2, 2 of 3 · builds on the worked example*
#
# Write one function for each of three nodes of the graph: x̂, var and mean. Each function has its
# own check, so you see where a mistake is. Begin where the gradient enters, at x̂.

# %% nbgrader={"grade_id": "bn_dxhat", "solution": true}
def bn_dxhat(dout, gamma):
    """The gradient with respect to x̂, in out = γ·x̂ + β.

    Parameters
    ----------
    dout : (N, D) gradient of the loss with respect to out; not modified
    gamma : (D,)

    Returns
    -------
    dxhat : (N, D)
    """
    ### BEGIN SOLUTION
    return dout * gamma
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bn_dxhat", "grade": true}
from autograder import check

check("bn_dxhat")

# %% nbgrader={"grade_id": "bn_dvar", "solution": true}
def bn_dvar(dxhat, x, mean, var, eps):
    """The gradient with respect to the variance, in x̂ = (x − mean) / √(var + eps).

    Parameters
    ----------
    dxhat : (N, D) gradient with respect to x̂
    x : (N, D)
    mean, var : (D,) of the batch, var biased
    eps : float

    Returns
    -------
    dvar : (D,)
    """
    ### BEGIN SOLUTION
    return -0.5 * (dxhat * (x - mean)).sum(axis=0) * (var + eps) ** -1.5
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bn_dvar", "grade": true}
from autograder import check

check("bn_dvar")

# %% [markdown] name="stage_mean"
# Two arrows leave the mean. You saw in the worked example that the one into the variance carries
# nothing when `mean` is the batch's own. The check also tries a `mean` that differs a little from
# the batch's own, and then the second path counts. So write down both paths, as in the graph.

# %% nbgrader={"grade_id": "bn_dmean", "solution": true}
def bn_dmean(dxhat, dvar, x, mean, var, eps):
    """The gradient with respect to the mean, by both of its paths.

    The mean enters x̂ = (x − mean) / √(var + eps) and var = (average of (x − mean)²).

    Parameters
    ----------
    dxhat : (N, D) gradient with respect to x̂
    dvar : (D,) gradient with respect to the variance
    x : (N, D)
    mean, var : (D,); `mean` need not be exactly the mean of x
    eps : float

    Returns
    -------
    dmean : (D,)
    """
    ### BEGIN SOLUTION
    direct = -dxhat.sum(axis=0) / np.sqrt(var + eps)
    by_variance = -2 * dvar * (x - mean).mean(axis=0)
    return direct + by_variance
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bn_dmean", "grade": true}
from autograder import check

check("bn_dmean")

# %% [markdown] name="assemble"
# ### Exercise: the backward pass
#
# *8 minutes · difficulty 3 of 3 · builds on your three stages and your forward pass*
#
# Put the stages together, and return the gradients with respect to γ and β as well, which come from
# out = γ·x̂ + β. If your dx is wrong, the check tells you which stage to look at first.

# %% nbgrader={"grade_id": "batchnorm_backward", "solution": true}
def batchnorm_backward(dout, cache):
    """The gradients of batch normalization in training mode.

    Parameters
    ----------
    dout : (N, D) gradient of the loss with respect to out; not modified
    cache : what your batchnorm_forward returned in training mode; a later call of that
        function must not change it

    Returns
    -------
    dx : (N, D)
    dgamma, dbeta : (D,); sums over the batch, not means
    """
    ### BEGIN SOLUTION
    x, mean, var, eps, gamma = cache
    n, sigma = len(x), np.sqrt(var + eps)
    dxhat = bn_dxhat(dout, gamma)
    dvar = bn_dvar(dxhat, x, mean, var, eps)
    dmean = bn_dmean(dxhat, dvar, x, mean, var, eps)
    dx = dxhat / sigma + 2 * (x - mean) * dvar / n + dmean / n
    dgamma = (dout * (x - mean) / sigma).sum(axis=0)
    return dx, dgamma, dout.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_batchnorm_backward", "grade": true}
from autograder import check

check("batchnorm_backward")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If the kernel has stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="images"
# ## Images
#
# A convolution slides the same filter over every pixel, so all pixels of a channel are examples of
# one feature. That is why μ and σ² are taken over N, H and W, one pair per channel. Here images are
# N×C×H×W.
#
# ### Exercise: batch norm for images
#
# *7 + 4 minutes · difficulty 2 of 3 · builds on your batchnorm_forward and batchnorm_backward*
#
# You already have both passes for rows, so you can reuse them. Remember that `reshape` never moves
# an axis.

# %% nbgrader={"grade_id": "spatial_batchnorm_forward", "solution": true}
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalization of images, one mean and variance per channel.

    Parameters
    ----------
    x : (N, C, H, W) array of floats; not modified
    gamma, beta : (C,)
    bn_param : dict as in batchnorm_forward; running statistics are (C,) arrays; modified

    Returns
    -------
    out : (N, C, H, W)
    cache : whatever your backward pass will need
    """
    ### BEGIN SOLUTION
    n, c, h, w = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(n, h, w, c).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_spatial_batchnorm_forward", "grade": true}
from autograder import check

check("spatial_batchnorm_forward")

# %% nbgrader={"grade_id": "spatial_batchnorm_backward", "solution": true}
def spatial_batchnorm_backward(dout, cache):
    """The gradients of batch normalization of images, in training mode.

    Parameters
    ----------
    dout : (N, C, H, W), not modified
    cache : what your spatial_batchnorm_forward returned in training mode

    Returns
    -------
    dx : (N, C, H, W)
    dgamma, dbeta : (C,)
    """
    ### BEGIN SOLUTION
    n, c, h, w = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, c)
    dx, dgamma, dbeta = batchnorm_backward(rows, cache)
    return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_spatial_batchnorm_backward", "grade": true}
from autograder import check

check("spatial_batchnorm_backward")

# %% [markdown] name="test_mode"
# ## Test mode is an affine map
#
# With fixed statistics, batch norm only multiplies and adds, and so does an affine or convolutional
# layer before it. Two affine maps in a row are one affine map. So once a net is trained, its batch
# norm need not cost anything.
#
# ### Exercise: fold it away
#
# *10 minutes · difficulty 2 of 3 · in torch · builds on test mode*
#
# Torch keeps weights as (out, in, ...), so the first axis of `w` belongs to the output channels, in
# affine and in convolutional layers.

# %% nbgrader={"grade_id": "fold_batchnorm", "solution": true}
def fold_batchnorm(w, b, gamma, beta, mean, var, eps):
    """Weights and bias of one layer that replaces a layer and the test-mode batch norm behind it.

    Parameters
    ----------
    w : tensor (F, C, KH, KW) of a convolution, or (F, C) of an affine layer; not modified
    b : tensor (F,), or None for a layer without a bias
    gamma, beta, mean, var : tensors (F,): batch norm's parameters and running statistics
    eps : float

    Returns
    -------
    w, b : new tensors in the shapes of w and of gamma
    """
    ### BEGIN SOLUTION
    scale = gamma / torch.sqrt(var + eps)
    shift = -mean if b is None else b - mean
    return w * scale.reshape(-1, *[1] * (w.ndim - 1)), shift * scale + beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fold_batchnorm", "grade": true}
from autograder import check

check("fold_batchnorm")

# %% [markdown] name="modes"
# ## Forgetting eval()
#
# The commonest bug with batch norm is to measure without `model.eval()`. Nothing crashes, but the
# numbers are wrong, and they depend on which examples share a batch. How would you find out whether
# a training loop does this? The mode in which it leaves the model proves nothing, because it may
# have switched modes after measuring. The number that it reports is the evidence.
#
# ### Exercise: find the loop that forgets
#
# *10 minutes · difficulty 2 of 3 · in torch · builds on the two modes*

# %% nbgrader={"grade_id": "find_mode_bug", "solution": true}
def find_mode_bug(loops, make_model, train, validation):
    """The name of the training loop that measures its validation loss without eval().

    Parameters
    ----------
    loops : dict from name to loop. `loop(model, train, validation)` trains `model` in place and
        returns the mean cross-entropy on `validation` that it measured itself after training, a
        float. At most one of the loops forgets to switch to evaluation mode before it measures,
        which changes that number by 0.02 or more, up or down.
    make_model : function without arguments. Each call returns a new, untrained model with the same
        initial weights; use one for each loop. The model takes (N, D) tensors, gives class scores
        (N, classes) and contains batch norm
    train, validation : pairs (x, y) of tensors

    Returns
    -------
    name : str, or None when every loop's number is right. A difference of 1e-5 or less is rounding
        and no bug.
    """
    ### BEGIN SOLUTION
    x, y = validation
    for name, loop in loops.items():
        model = make_model()
        reported = loop(model, train, validation)
        model.eval()
        with torch.no_grad():
            honest = F.cross_entropy(model(x), y).item()
        if not np.isclose(reported, honest):
            return name
    return None
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_find_mode_bug", "grade": true}
from autograder import check

check("find_mode_bug")

# %% [markdown] name="predict_batch_size"
# ## Experiment: batch size × batch norm
#
# The mean of two examples is a poor estimate of the mean over the training set. We train the net of
# five hidden layers on digits for one epoch at rate 0.05, with batches of 2 to 32, once with batch
# norm and once with layer norm, which normalises each example by its own features. What accuracy
# will batch norm reach with batches of 2?

# %% name="prediction_batch_size"
predict("batch norm with batches of 2", ..., between=(0, 1))

# %% tags=["experiment"] name="experiment_batch_size"
sizes = [8, 32] if training.quick() else [2, 4, 8, 32]
by_size = {
    name: accuracies([{"batch_size": n} for n in sizes], norm=norm, rate=0.05, epochs=1)
    for name, norm in [("batch norm", nn.BatchNorm1d), ("layer norm", nn.LayerNorm)]
}
plots.show(
    drawn("batch norm with batches of 2", plots.lines(
        by_size, "batch size", "validation accuracy", x=sizes, log="x", accent="batch norm",
        title="Small batches; bands: three seeds",
    ))
)
compare("batch norm with batches of 2", by_size["batch norm"].middle[0])

### BEGIN CLAIMS
batch, layer = by_size.values()
assert batch.high[0] < 0.4 and 0.6 < layer.low[0], "batch norm falls apart at 2, layer norm does not"
assert 0.6 < min(batch.middle[1:].min(), layer.middle[1:].min()), "from 4 on both are above 0.6"
### END CLAIMS

# %% [markdown] name="after_batch_size"
# With batches of 2, batch norm stays below 0.4 and layer norm gets above 0.6. With batches of 4 or
# more, both are above 0.6 in most runs, and which of the two is ahead changes with the size. All
# runs used the same learning rate, so they do not show which norm is better when each is tuned. But
# the collapse of batch norm at 2 does not come from the learning rate: almost no gradient gets
# through a batch norm there, and then no rate helps the layers before it.
#
# With two examples and ε = 0 every x̂ is +1 or −1, whatever the two values of x were. So dx is 0.
# (Set the explorer's batch size to 2 again and look.)

# %% [markdown] name="remember"
# ## What to remember
#
# - Batch norm uses the mean and variance of the **batch** during training and the **running** ones
#   in test mode, and γ and β in both. In training the output's mean is β and its standard deviation
#   is |γ|.
# - The statistics depend on x, so dx is the sum of three paths. dx sums to zero over the batch.
# - For images, the statistics are taken over N, H and W.
# - In test mode batch norm is affine, and you can fold it into the layer before it. In training
#   mode a bias directly before batch norm has no effect, because it is subtracted with the mean.
#   With a ReLU between them (affine, ReLU, norm) the bias does matter.
# - Batch norm makes the examples of a batch depend on each other. So beware of a forgotten `eval()`
#   and of small batches.

# %% [markdown] name="teacher_question"
# ## A question for your teacher to read
#
# A colleague trains a net that finds objects in images. It has batch norm, and each batch has two
# large images. The training loss is fine. But the validation loss jumps up and down from epoch to
# epoch, and when the colleague calls `model.eval()` before validation, that loss is even *higher*.
# Explain what happens, name two remedies, and say what each costs. (Six to ten sentences.)
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_pairs", "grade": true, "solution": true, "points": 3}
# With two images per batch, the batch's mean and variance are poor estimates and change from batch
# to batch. While training, the net normalises by these noisy values and its weights adapt to that.
# The running averages describe an average batch that the net has hardly ever seen, so with
# `eval()` it computes a different function from the one that was trained. Without `eval()` each
# validation image is normalised by its neighbour, which is why the loss depends on the pairing and
# jumps.
#
# Remedies: group or layer norm does not use the batch at all; the cost is that accuracy has to be
# compared anew, and a trained checkpoint with batch norm cannot be used as it is. Synchronised
# batch norm pools the statistics of several devices; it costs communication in every layer. Fixing
# the statistics of a pretrained net (evaluation mode while fine-tuning) removes the discrepancy;
# it costs the wide range of learning rates that batch norm brings. Recomputing the statistics over
# the whole training set before validation removes the noise of the moving average, not that of
# training.
#
# (One point for noisy statistics while training, one for the discrepancy between the modes, one for
# two remedies with their costs.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | TensorFlow 1, with inputs `a`: `tf.nn.moments(a, [0])` (for images, which are N×H×W×C, `[0, 1, 2]`), `tf.nn.batch_normalization(a, mean, ...)` | `F.batch_norm(a, ...)` |
# | `tf.layers.batch_normalization(a)` | `nn.BatchNorm1d(D)`, `nn.BatchNorm2d(C)` |
# | `training=True`, and running `tf.GraphKeys.UPDATE_OPS` | `model.train()`, `model.eval()` |
# | Keras `momentum=0.99`, the fraction of the old value that is kept; `epsilon=1e-3` | `momentum=0.1`, the fraction taken from the new batch; `eps=1e-5` |
# | Caffe: `BatchNorm`, then `Scale` for γ and β | one layer, `affine=True` |
#
# Written without further arguments, `tf.layers.batch_normalization(a)` has `training=False`, so it
# never normalises by the batch. A torch module starts in training mode.

# %% [markdown] name="since"
# ## What has changed since
#
# - The first explanation was that batch norm stops the inputs of layers from drifting ("internal
#   covariate shift"). It did not hold up. When noise with a changing mean and scale is added after
#   batch norm, so that the inputs drift again, nets still train well. What does change is the loss
#   surface, which becomes smoother (Santurkar 2018). The first cell below moves the weights by 0.1
#   to 0.8 times the gradient and measures how much the loss varies on the way. After 50 steps of
#   training that is several nats (the unit of a loss with ln) without batch norm, and a tenth of a
#   nat with it.
# - When batch norm follows a weight matrix, multiplying the weights by 10 leaves the output as it
#   is and divides the gradient by 10. The second cell shows both. So weight decay does not make
#   such a layer's function simpler. The loss does not depend on the length of the weights, so their
#   gradient is at right angles to them. So each step makes them longer (Pythagoras), and longer
#   weights have smaller gradients. Without weight decay, the layer would hardly move in the end.
#   Weight decay keeps the weights short and the steps large enough to matter (van Laarhoven 2017).
# - For small batches there are layer norm (Ba 2016) and group norm (Wu & He 2018), which do not
#   use the batch. ConvNeXt (Liu 2022) uses layer norm, and normaliser-free nets use no norm at all
#   (Brock 2021).
# - "Rethinking 'Batch' in BatchNorm" (Wu & Johnson 2021) collects the cases where batch norm does
#   harm, with remedies.

# %% tags=["experiment"] name="since_smoothness"
def loss_ranges(norm, seed, every=5):
    """How far the loss of a batch varies along its gradient, every few steps of training."""
    steps = 10 if training.quick() else 60
    model = deep_net(norm, seed=seed)
    x, y = (torch.as_tensor(part) for part in digits.train)
    x, y = x.float(), y.long()
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ranges = []
    for step in range(steps):
        rows = torch.randint(len(x), (64,), generator=order)
        optimizer.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        if step % every == 0:
            probe = copy.deepcopy(model)
            losses = []
            with torch.no_grad():
                for size in (0.1, 0.2, 0.4, 0.8):
                    for p, q in zip(probe.parameters(), model.parameters(), strict=True):
                        p.copy_(q - size * q.grad)
                    losses.append(F.cross_entropy(probe(x[rows]), y[rows]).item())
            ranges.append(max(losses) - min(losses))
        optimizer.step()
    return ranges


surface = {
    name: training.seeds(functools.partial(loss_ranges, norm), SEEDS)
    for name, norm in with_and_without.items()
}
steps = list(range(0, 5 * len(surface["without"].middle), 5))
plots.show(
    plots.lines(
        surface, "training step", "range of the loss (nats)", x=steps, log="y",
        accent="with batch norm", title="How far the loss varies 0.1 to 0.8 along the gradient",
    )
)

### BEGIN CLAIMS
last = {name: spread.values[:, -3:].mean(1) for name, spread in surface.items()}
assert last["without"].min() > 2, "several nats without batch norm"
assert last["with batch norm"].max() < 0.3, "a tenth of a nat with it"
### END CLAIMS

# %% tags=["experiment"] name="since_scale"
with training.seeded(0):
    layer, batch_norm = nn.Linear(64, 20, bias=False), nn.BatchNorm1d(20)
    direction = torch.randn(100, 20)
images = torch.as_tensor(digits.train_x[:100]).float()
for factor in (1, 10):
    larger = copy.deepcopy(layer)
    larger.weight.data *= factor
    out = batch_norm(larger(images))
    (out * direction).sum().backward()
    print(
        f"weights times {factor:2d}: output {out.norm():.4f}, "
        f"gradient {larger.weight.grad.norm():.4f}"
    )

# %% [markdown] name="further_reading"
# ## Further reading
#
# - S. Ioffe, C. Szegedy, *Batch Normalization: Accelerating Deep Network Training by Reducing
#   Internal Covariate Shift*, 2015. Algorithms 1 and 2, and section 3.1 on inference.
# - S. Santurkar et al., *How Does Batch Normalization Help Optimization?*, 2018.
# - Y. Wu, J. Johnson, *Rethinking "Batch" in BatchNorm*, 2021, written for practitioners.
# - Y. Wu, K. He, *Group Normalization*, 2018.

# %% [markdown] name="go_further"
# ## Go further
#
# These exercises have checks and hints, but no points.
#
# ### Experiment: initial scale × batch norm
#
# How far from He's choice can the initial weights be before the net stops learning? We draw the
# weights with standard deviations from 0.001 to 3 and train at rate 0.1. He's choice would be 0.14
# for layers with 100 inputs.

# %% tags=["experiment"] name="experiment_init"
scales = [0.01, 0.1, 1.0] if training.quick() else [0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
by_scale = {
    name: accuracies([{"scale": scale} for scale in scales], norm=norm, rate=0.1)
    for name, norm in with_and_without.items()
}
plots.show(
    plots.lines(
        by_scale, "standard deviation of the initial weights", "validation accuracy", x=scales,
        log="x", accent="with batch norm", title="Careless initialisation; bands: three seeds",
    )
)

### BEGIN CLAIMS
without, with_norm = by_scale.values()
learns = [scale for scale, accuracy_ in zip(scales, without.low, strict=True) if accuracy_ > 0.3]
assert learns == [0.1] and np.sort(without.high)[-2] < 0.2, "without it, at 0.1 only"
assert with_norm.low[1:5].min() > 0.8, "with it, above 0.8 from 0.01 to 0.3"
assert with_norm.low.min() > 0.4, "and above 0.4 everywhere"
### END CLAIMS

# %% [markdown] name="after_init"
# Without batch norm the net learns at scale 0.1 only, and guesses at all others. With batch norm
# its accuracy is above 0.8 at scales from 0.01 to 0.3, and above 0.4 at 0.001, 1 and 3. Batch norm
# removes the scale of the weights from the output, but the scale still sets how effective a step is
# (see "What has changed since", above).
#
# ### Experiment: before or after the ReLU
#
# People argue about the order. Ioffe and Szegedy put batch norm before the activation; many nets
# put it after. We train the net with each order at four learning rates. How large will the largest
# gap between their median accuracies be?

# %% name="prediction_order"
predict("largest gap between before and after", ..., between=(0, 1))

# %% tags=["experiment"] name="experiment_order"
order_rates = [0.1, 1.0] if training.quick() else [0.03, 0.1, 0.3, 1.0]
by_order = {
    f"{order} the ReLU": accuracies(
        [{"rate": rate} for rate in order_rates], norm=nn.BatchNorm1d, order=order
    )
    for order in ("before", "after")
}
plots.show(
    plots.lines(
        by_order, "learning rate", "validation accuracy", x=order_rates, log="x",
        accent="before the ReLU", title="Batch norm before or after the ReLU; bands: three seeds",
    )
)
before, after = (spread.middle for spread in by_order.values())
compare("largest gap between before and after", float(np.abs(before - after).max()))

### BEGIN CLAIMS
assert np.abs(before - after).max() < 0.06, "the order hardly matters"
### END CLAIMS

# %% [markdown] name="after_order"
# At each of these rates the two orders differ by a few hundredths at most, and so do runs with the
# same order and different seeds. So in this net the order hardly matters. If it might matter in
# yours, measure it there.
#
# ### Exercise: the closed form
#
# *12 minutes · difficulty 3 of 3 · builds on batchnorm_backward*
#
# Put your three stages into one formula for dx and simplify it on paper until no intermediate
# gradient is left. The code is then only a few lines long, and faster.

# %% nbgrader={"grade_id": "batchnorm_backward_alt", "solution": true}
def batchnorm_backward_alt(dout, cache):
    """The gradients of batch normalization in training mode, in closed form.

    Parameters
    ----------
    dout : (N, D), not modified
    cache : what your batchnorm_forward returned in training mode. As above, a later
        call must not change it

    Returns
    -------
    dx : (N, D)
    dgamma, dbeta : (D,)
    """
    ### BEGIN SOLUTION
    x, mean, var, eps, gamma = cache
    sigma = np.sqrt(var + eps)
    xhat = (x - mean) / sigma
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)
    dx = gamma / sigma * (dout - dbeta / len(x) - xhat * dgamma / len(x))
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_batchnorm_backward_alt", "locked": true}
from autograder import check

check("batchnorm_backward_alt")

# %% [markdown] name="layernorm"
# ### Exercise: layer norm
#
# *6 + 8 minutes · difficulty 1 and 3 of 3 · builds on batch norm's two passes*
#
# Transpose the idea: now each example is normalised over its own D features. There is still one γ
# and one β per feature, so in the backward pass γ varies along the axis over which you average.

# %% nbgrader={"grade_id": "layernorm_forward", "solution": true}
def layernorm_forward(x, gamma, beta, ln_param):
    """Layer normalization of rows (Ba 2016): the same in training and in test mode.

    Parameters
    ----------
    x : (N, D) array of floats; not modified
    gamma, beta : (D,)
    ln_param : dict; "eps" as in batch norm (1e-5 when absent), other keys are ignored. The
        variance is biased

    Returns
    -------
    out : (N, D)
    cache : whatever your backward pass will need
    """
    ### BEGIN SOLUTION
    sigma = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    xhat = (x - x.mean(axis=1, keepdims=True)) / sigma
    return gamma * xhat + beta, (xhat, sigma, gamma)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_layernorm_forward", "locked": true}
from autograder import check

check("layernorm_forward")

# %% nbgrader={"grade_id": "layernorm_backward", "solution": true}
def layernorm_backward(dout, cache):
    """The gradients of layer normalization.

    Parameters
    ----------
    dout : (N, D), not modified
    cache : what your layernorm_forward returned; the function may have been called again since

    Returns
    -------
    dx : (N, D)
    dgamma, dbeta : (D,)
    """
    ### BEGIN SOLUTION
    xhat, sigma, gamma = cache
    dxhat = dout * gamma
    along_ones = dxhat.mean(axis=1, keepdims=True)
    along_xhat = xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = (dxhat - along_ones - along_xhat) / sigma
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_layernorm_backward", "locked": true}
from autograder import check

check("layernorm_backward")

# %% [markdown] name="groupnorm"
# ### Exercise: group norm
#
# *8 + 10 minutes · difficulty 2 and 3 of 3 · builds on layer norm*
#
# Each image's channels are split into G groups of neighbouring channels, and each group is
# normalised over its channels and pixels. With G = 1 this is layer norm over the whole image; with
# G = C it is called instance norm.

# %% nbgrader={"grade_id": "spatial_groupnorm_forward", "solution": true}
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Group normalization of images (Wu & He 2018).

    Parameters
    ----------
    x : (N, C, H, W) array of floats; not modified
    gamma, beta : (1, C, 1, 1), one value per channel, as in Stanford's CS231n
    G : number of groups of neighbouring channels; divides C
    gn_param : dict; "eps" is 1e-5 when absent, other keys are ignored. The variance is biased

    Returns
    -------
    out : (N, C, H, W)
    cache : whatever your backward pass will need
    """
    ### BEGIN SOLUTION
    groups = x.reshape(x.shape[0], G, -1)
    sigma = np.sqrt(groups.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    xhat = (groups - groups.mean(axis=2, keepdims=True)) / sigma
    return gamma * xhat.reshape(x.shape) + beta, (xhat, sigma, gamma)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_spatial_groupnorm_forward", "locked": true}
from autograder import check

check("spatial_groupnorm_forward")

# %% nbgrader={"grade_id": "spatial_groupnorm_backward", "solution": true}
def spatial_groupnorm_backward(dout, cache):
    """The gradients of group normalization.

    Parameters
    ----------
    dout : (N, C, H, W), not modified
    cache : what your spatial_groupnorm_forward returned

    Returns
    -------
    dx : (N, C, H, W)
    dgamma, dbeta : (1, C, 1, 1)
    """
    ### BEGIN SOLUTION
    xhat, sigma, gamma = cache
    dxhat = (dout * gamma).reshape(xhat.shape)
    along_ones = dxhat.mean(axis=2, keepdims=True)
    along_xhat = xhat * (dxhat * xhat).mean(axis=2, keepdims=True)
    dx = ((dxhat - along_ones - along_xhat) / sigma).reshape(dout.shape)
    dgamma = (dout * xhat.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    return dx, dgamma, dout.sum(axis=(0, 2, 3), keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_spatial_groupnorm_backward", "locked": true}
from autograder import check

check("spatial_groupnorm_backward")

# %% [markdown] name="identity"
# ### Exercise: undo it
#
# *4 minutes · difficulty 1 of 3 · builds on test mode*
#
# It is often said that with γ = σ and β = μ batch norm is the identity. That is true only up to ε.
# Which γ makes it exact?

# %% nbgrader={"grade_id": "identity_parameters", "solution": true}
def identity_parameters(mean, var, eps):
    """γ and β with which batch norm in test mode returns its input.

    Parameters
    ----------
    mean, var : (D,) running statistics
    eps : float

    Returns
    -------
    gamma, beta : (D,), gamma positive
    """
    ### BEGIN SOLUTION
    return np.sqrt(var + eps), mean
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_identity_parameters", "locked": true}
from autograder import check

check("identity_parameters")

# %% [markdown] name="bias"
# ### Exercise: is the bias needed?
#
# *10 minutes · difficulty 2 of 3 · in torch · builds on the two modes*
#
# "The bias in front of batch norm cancels" is true only sometimes. Write a function that tells from
# the outputs whether it does, for any normalising layer in any mode, and that leaves everything as
# it found it.

# %% nbgrader={"grade_id": "bias_is_redundant", "solution": true}
def bias_is_redundant(conv, norm, x):
    """Whether changing the bias of `conv` leaves `norm(conv(x))` as it is, up to rounding.

    Change it by amounts of about 1, chosen so that a bias that matters shows. If no output
    then changes by more than 1e-4 times the largest absolute output, that is rounding.

    Parameters
    ----------
    conv : nn.Conv2d with a bias, possibly all zeros
    norm : any module that takes conv's output; it stays in its present mode
    x : tensor (N, C, H, W)

    Returns
    -------
    answer : bool (True or False, not a tensor). Neither layer is changed: not the bias, not running
        statistics or the count of batches (num_batches_tracked), not the mode.
    """
    ### BEGIN SOLUTION
    conv, norm = copy.deepcopy(conv), copy.deepcopy(norm)
    with torch.no_grad():
        before = norm(conv(x))
        conv.bias += torch.arange(len(conv.bias))
        after = norm(conv(x))
    change, largest = (after - before).abs().max(), before.abs().max()
    return bool(change <= 1e-4 * largest)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bias_is_redundant", "locked": true}
from autograder import check

check("bias_is_redundant")

# %% [markdown] name="population"
# ### Exercise: statistics of the whole training set
#
# *12 minutes · difficulty 2 of 3 · in torch · builds on test mode*
#
# With torch's momentum of 0.1 a running average reflects about the last ten batches, with all their
# noise. When training is over you can afford something better, the exact mean and variance of a
# layer's input over the whole training set. Compute them in one pass over the batches, without
# keeping all outputs (Chan 1979 shows how).

# %% nbgrader={"grade_id": "population_statistics", "solution": true}
def population_statistics(model, loader):
    """Mean and biased variance per channel of the outputs of `model` over a whole data set, in one
    pass and without keeping all outputs.

    `model` is the part of a net before a batch norm layer. That layer normalises the outputs of
    `model`.

    Parameters
    ----------
    model : nn.Module with outputs (N, C) or (N, C, H, W). It may contain batch norm itself, so
        it is measured in evaluation mode; afterwards all its parts are in the mode from before.
    loader : iterable of batches (x, y), the last one possibly smaller; iterate over it once

    Returns
    -------
    mean, var : tensors (C,), in the dtype of the outputs, with no autograd graph attached
    """
    ### BEGIN SOLUTION
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    count, mean, squares = 0, 0.0, 0.0
    with torch.no_grad():
        for x, _ in loader:
            out = model(x)
            rows = out.movedim(1, -1).flatten(0, -2).double()
            n, batch_mean = len(rows), rows.mean(0)
            # Chan, Golub and LeVeque (1979): joining the squares of two samples.
            squares = squares + ((rows - batch_mean) ** 2).sum(0)
            squares = squares + (batch_mean - mean) ** 2 * count * n / (count + n)
            mean = mean + (batch_mean - mean) * n / (count + n)
            count += n
    for part, mode in modes:
        part.training = mode
    return mean.to(out.dtype), (squares / count).to(out.dtype)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_population_statistics", "locked": true}
from autograder import check

check("population_statistics")

# %% [markdown] name="border"
# ### Question: in front of a convolution
#
# You have folded a batch norm into the layer before it. Can you also fold it into the layer after
# it, a convolution?

# %% name="show_q06_border"
ask("q06_border")

# %% name="q06_border"
q06_border = ...

# %% nbgrader={"grade_id": "check_q06_border", "locked": true}
from autograder import check

check("q06_border")

# %% [markdown] name="see_border"
# The next cell shows where batch norm with a convolution after it and the folded convolution
# differ, on one 6×6 map of one channel.

# %% tags=["experiment"] name="experiment_border"
with training.seeded(1):
    conv = nn.Conv2d(1, 1, 3, padding=1)
    x = torch.randn(1, 1, 6, 6)
mean, std = 2.0, 0.5
with torch.no_grad():
    pair = conv((x - mean) / std)
    bias = conv.bias - conv.weight.sum() * mean / std
    folded = F.conv2d(x, conv.weight / std, bias, padding=1)
plots.show(
    plots.heat((pair - folded).abs()[0, 0].numpy(), "column", "row", value="difference")
)
