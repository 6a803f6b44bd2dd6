# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 04 · First weights
#
# After this you can
#
# - **draw** initial weights by the rules of Xavier and He, for affine layers and for convolutions,
# - **watch** how activations fade, saturate or keep their size as they pass through a deep net,
# - **explain** from the gradients what happens to weights that are all equal or all zero.
#
# This takes an estimated 105 minutes, in two sittings of 55 and 50. It builds on 01 (affine layers,
# autograd), 02 (tanh, ReLU, saturation) and 03 (centred data).

# %% name="imports"
import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, grade, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.initialization import initialization_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown] name="warm-up"
# ## Three questions about earlier notebooks
#
# Answer with a letter in quotes. For the third you need a rule: the variance of a sum of
# independent terms is the sum of their variances.

# %% name="show_q04_zero_weight"
ask("q04_zero_weight")

# %% name="q04_zero_weight"
q04_zero_weight = ...

# %% nbgrader={"grade_id": "check_q04_zero_weight", "locked": true}
from autograder import check

check("q04_zero_weight")

# %% name="show_q04_ten_layers"
ask("q04_ten_layers")

# %% name="q04_ten_layers"
q04_ten_layers = ...

# %% nbgrader={"grade_id": "check_q04_ten_layers", "locked": true}
from autograder import check

check("q04_ten_layers")

# %% name="show_q04_centred_data"
ask("q04_centred_data")

# %% name="q04_centred_data"
q04_centred_data = ...

# %% nbgrader={"grade_id": "check_q04_centred_data", "locked": true}
from autograder import check

check("q04_centred_data")

# %% [markdown] name="why"
# ## Why: the same net, four beginnings
#
# We train a net with ten hidden layers of 100 ReLU units on 8×8 pictures of digits, four times. The
# data, the learning rate, the number of epochs and the architecture are the same. In three of the
# runs only one number differs, the standard deviation of the initial weights. It is 0.01, or it
# follows one of two rules, named after Xavier Glorot and Kaiming He, that are explained below. The
# fourth run keeps the weights and biases that torch draws by default.

# %% tags=["experiment"] name="nets"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
_ = devices.announce("cpu")
digits = datasets.digits().flat()
RUNS = 1 if training.quick() else 3
STARTS = {
    "0.01": lambda fan_in, fan_out: 0.01,
    "Xavier": lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 0.5,
    "He": lambda fan_in, fan_out: (2 / fan_in) ** 0.5,
}


def deep_net(start, depth=10, width=100, activation=nn.ReLU, seed=0):
    """`depth` hidden layers; `start` is a name in STARTS or "torch's default"."""
    layers, fan_in = [], 64
    with training.seeded(seed):
        for _ in range(depth):
            affine = nn.Linear(fan_in, width)
            if start in STARTS:
                nn.init.normal_(affine.weight, std=STARTS[start](fan_in, width))
                nn.init.zeros_(affine.bias)
            layers += [affine, activation()]
            fan_in = width
        return nn.Sequential(*layers, nn.Linear(fan_in, 10))


def learn(net, seed):
    """Eight epochs of plain SGD on the digits."""
    return training.fit(
        net, digits.train, digits.validation, lambda p: torch.optim.SGD(p, lr=0.05),
        epochs=2 if training.quick() else 8, seed=seed, progress=False,
    )


# %% [markdown]
# **Predict.** One net starts with standard deviation 0.01, a value that you find in many old
# programs. What fraction of the validation digits will it get right? Write a number between 0
# and 1.

# %% name="predict_small_start"
predict("accuracy from 0.01", ..., between=(0, 1))

# %% tags=["experiment"] name="four_starts"
runs = {}
for start in [*STARTS, "torch's default"]:
    def run(seed, start=start):
        history = learn(deep_net(start, seed=seed), seed)
        accuracies = history.validation_accuracy
        return {"loss": history.train_loss, "accuracy": accuracies[-1],
                "after three epochs": accuracies[:3][-1]}

    runs[start] = training.seeds(run, RUNS)
plots.show(plots.lines({start: run["loss"] for start, run in runs.items()}, "epoch",
                       "training loss (nats)", "Ten hidden ReLU layers, four beginnings",
                       accent="He"))
for start, run in runs.items():
    print(f"{start:15} validation accuracy {run['accuracy']}")
compare("accuracy from 0.01", float(runs["0.01"]["accuracy"].middle))

### BEGIN CLAIMS
ends = {start: run["accuracy"] for start, run in runs.items()}
assert max(ends["0.01"].high, ends["torch's default"].high) < 0.15, "0.01 and the default guess"
assert ends["Xavier"].high < 0.35 < ends["He"].low, "Xavier's hardly gets beyond, He's does"
### END CLAIMS

# %% [markdown] name="idea"
# Only the net with He's initial weights learns much in eight epochs. The nets with 0.01 and with
# torch's default stay at 0.10, which is guessing, and the one with Xavier's weights hardly does
# better. Both 0.01 and 0.14 (He's standard deviation for 100 inputs) look like small numbers. Why
# does the difference matter so much?
#
# ## The idea: the variance in each layer
#
# A pre-activation is a sum of `n_in` terms, $z = \sum_i w_i x_i$. If the weights are independent,
# with mean 0 and variance $v$, then
#
# $$\operatorname{Var}(z) = n_{in}\; v\; \overline{x^2}$$
#
# where $\overline{x^2}$ is the mean square of the inputs. Because $z$ has mean 0, this variance is
# also its mean square, over draws of the weights. A layer's many units are such draws. So each
# affine layer multiplies the mean square by about $n_{in} v$, and ten layers do it ten times.
# Without an activation, only a $v$ near $1/n_{in}$ keeps the numbers from fading or exploding. In
# the backward pass $dx = dout\,W^\top$ is a sum over the layer's $n_{out}$ outputs, so gradients
# keep their size if $v = 1/n_{out}$. There are two well-known rules:
#
# - **Xavier's rule** (Glorot 2010) divides 1 by the mean of the two numbers $n_{in}$ and $n_{out}$
#   (the fan in and fan out): $\;v = \dfrac{2}{n_{in} + n_{out}}$. It is meant for activations that
#   are nearly linear around 0, such as tanh. A uniform distribution on $\pm a$ has the variance
#   $a^2/3$, so for this rule $a = \sqrt{6/(n_{in}+n_{out})}$.
# - **He's rule** (He 2015) doubles $1/n_{in}$, because a ReLU removes half of the mean square:
#   $\;v = \dfrac{2}{n_{in}}$.
#
# Here is an example by hand, with four inputs. $x = (2, -1, 1, 0)$ has the mean square
# $(4 + 1 + 1 + 0)/4 = 1.5$. A unit's $z = 2w_1 - w_2 + w_3$ has the variance
# $(4 + 1 + 1 + 0)\,v = 6v$.
#
# | | $v$ | mean square of $z$ | after the ReLU |
# |---|---|---|---|
# | He | 2/4 | 3 | 1.5, the same as the input's |
# | Xavier, four outputs | 2/(4 + 4) | 1.5 | 0.75, half of the input's |
# | 0.01 as standard deviation | 0.0001 | 0.0006 | 0.0003 |
#
# (The ReLU halves the mean square because $z$ is as often above 0 as below, and the ReLU keeps only
# the part above.)
#
# Remember that $v$ is a variance, while `rng.normal` expects a standard deviation, its square root.

# %% [markdown]
# ### Exercise: draw the weights
#
# *12 minutes · difficulty 2 of 3*
#
# Write a function that draws six kinds of initial weights. Some of them do not work, and in the
# experiments you will watch them fail.


# %% nbgrader={"grade_id": "init_weights", "solution": true}
def init_weights(n_in, n_out, kind, rng):
    """The initial weights of an affine layer x @ W.

    Parameters
    ----------
    n_in, n_out : the numbers of inputs and of outputs
    kind : one of
        "zero" : all 0
        "constant" : all 0.1
        "small" : normal, standard deviation 0.01
        "xavier_uniform" : uniform between -a and a, where a = sqrt(6 / (n_in + n_out))
        "xavier_normal" : normal, variance 2 / (n_in + n_out)
        "he" : normal, variance 2 / n_in
    rng : numpy Generator; the only source of randomness, so that a run can be repeated

    Returns
    -------
    W : float array n_in×n_out. A second call with the same generator gives other weights.

    Sources: Glorot and Bengio 2010, eq. 12 and 16; He 2015, eq. 10.
    """
    ### BEGIN SOLUTION
    if kind in ("zero", "constant"):
        return np.full((n_in, n_out), {"zero": 0.0, "constant": 0.1}[kind])
    both = n_in + n_out
    if kind == "xavier_uniform":
        limit = np.sqrt(6 / both)
        return rng.uniform(-limit, limit, (n_in, n_out))
    std = {"small": 0.01, "xavier_normal": np.sqrt(2 / both), "he": np.sqrt(2 / n_in)}[kind]
    return std * rng.standard_normal((n_in, n_out))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_init_weights", "grade": true}
from autograder import check

check("init_weights")

# %% [markdown]
# ### Exercise: what are the fans of a convolution?
#
# *6 minutes · difficulty 1*
#
# A convolution slides a small kernel of weights over a picture. It is an affine layer that uses the
# same weights at every place, so the formulas hold if you count correctly. How many input numbers
# feed one output number? And how many output numbers does one input number feed, far from the
# border, if the kernel moves one pixel at a time? A picture has C channels, three colours for
# example. Each of the F filters has weights for all C channels within its small window, and gives
# one output channel, so the weight has shape F×C×kernel height×kernel width. (For sequences there is
# one kernel side, for volumes there are three.) The weight of torch's `nn.Linear` has shape F×C.


# %% nbgrader={"grade_id": "conv_fan", "solution": true}
def conv_fan(shape):
    """The fans of a convolution or affine layer, from the shape of its weight.

    Parameters
    ----------
    shape : tuple (filters, channels, *kernel sides); no kernel sides for an affine layer, one for
        sequences, two for pictures, three for volumes

    Returns
    -------
    fan_in : how many input numbers feed one output number
    fan_out : how many output numbers one input number feeds, at stride 1 and far from the border
    """
    ### BEGIN SOLUTION
    filters, channels, *sides = shape
    area = int(np.prod(sides))
    return channels * area, filters * area
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_fan", "grade": true}
from autograder import check

check("conv_fan")

# %% [markdown]
# ## Explore: scale, depth, activation
#
# Random inputs from a normal distribution go through a net with layers of 200 units. The slider
# sets the scale, which is √200 times the standard deviation of the weights. At scale 1 the variance
# of a weight is 1/200, that is, $1/n_{in}$.
#
# 1. tanh, depth 20: what is the smallest scale at which you can still see that the activations of
#    layer 20 differ from one another? What goes wrong at scale 5, although nothing fades?
# 2. ReLU: find the scale at which the activations neither fade nor explode. Which of the rules
#    above gives this number?
# 3. linear, depth 20: how far from 1 may the scale be before the activations of the last layer are
#    ten times too small or too large? And at depth 2?

# %% tags=["experiment"] name="explorer"
initialization_explorer()

# %% [markdown]
# ### Exercise: measure it, layer by layer
#
# *12 minutes · difficulty 2 · builds on init_weights*
#
# The formula predicts how one layer changes the size of the numbers. Now measure their standard
# deviation after each of many layers. (After a ReLU it is smaller than the root mean square.) Draw
# new weights for each layer and use no biases. Measure what comes **out of the activation**.


# %% nbgrader={"grade_id": "std_by_depth", "solution": true}
def std_by_depth(widths, activation, kind, rng, examples=200):
    """The standard deviation of the activations in each layer of a net with new weights.

    Parameters
    ----------
    widths : list of L + 1 sizes: widths[0] inputs, then the units of L layers
    activation : "tanh" or "relu", after every layer
    kind : as in init_weights; each layer draws weights of its own
    rng : numpy Generator, for the input and for the weights
    examples : number of rows of the input, which is drawn from N(0, 1)

    Returns
    -------
    stds : array L, the standard deviation of each layer's activations (after the activation
        function), one number per layer, over all its examples and units together
    """
    ### BEGIN SOLUTION
    h = rng.standard_normal((examples, widths[0]))
    stds = []
    for layer in range(1, len(widths)):
        h = h @ init_weights(widths[layer - 1], widths[layer], kind, rng)
        h = np.tanh(h) if activation == "tanh" else np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_std_by_depth", "grade": true}
from autograder import check

check("std_by_depth")

# %% [markdown]
# ## Measure: ten layers of 500
#
# In the plots below, the histograms show one seed, and the numbers below them are ranges over eight
# seeds.
#
# **Predict.** With tanh and weights of standard deviation 0.01, each layer multiplies the
# activations by about 0.01·√500 ≈ 0.22. What is their standard deviation at layer 10?

# %% name="predict_tanh_small"
predict("tanh from 0.01, layer 10", ..., between=(0, None))

# %% [markdown]
# **Predict.** Now take ReLU with Xavier's weights, whose variance 1/500 is half of He's. What is
# the standard deviation of the activations at layer 10?

# %% name="predict_relu_xavier"
predict("ReLU from Xavier, layer 10", ..., between=(0, None))


# %% tags=["experiment"] name="ten_of_500"
def ten_of_500(activation, start, seed=0, width=500, depth=10):
    """The activations of each layer, for inputs from N(0, 1) and new weights."""
    draw = torch.Generator().manual_seed(seed)
    h, layers = torch.randn(300, width, generator=draw), []
    for _ in range(depth):
        h = activation(h @ (start(width, width) * torch.randn(width, width, generator=draw)))
        layers.append(h)
    return layers


settings = {
    "tanh from 0.01": (torch.tanh, STARTS["0.01"]),
    "tanh from 1": (torch.tanh, lambda fan_in, fan_out: 1.0),
    "tanh from Xavier": (torch.tanh, STARTS["Xavier"]),
    "ReLU from Xavier": (torch.relu, STARTS["Xavier"]),
    "ReLU from He": (torch.relu, STARTS["He"]),
}
spreads = {}
for name, (activation, start) in settings.items():
    spreads[name] = training.seeds(
        lambda seed, a=activation, s=start: [float(h.std()) for h in ten_of_500(a, s, seed)],
        2 if training.quick() else 8,
    )
    limits = (-1, 1) if name.startswith("tanh") else (0, 3)
    plots.show(plots.histograms_per_layer([h.numpy() for h in ten_of_500(activation, start)],
                                          "activation", name, limits=limits))
plots.show(drawn("tanh from 0.01, layer 10", drawn("ReLU from Xavier, layer 10",
    plots.lines(spreads, "layer", "standard deviation of the activations",
                "Ten layers of 500", accent="ReLU from He", log="y"))))
for name, spread in spreads.items():
    print(f"{name:17} layer 10: {spread.low[-1]:.2g} to {spread.high[-1]:.2g}")
compare("tanh from 0.01, layer 10", float(spreads["tanh from 0.01"].middle[-1]))
compare("ReLU from Xavier, layer 10", float(spreads["ReLU from Xavier"].middle[-1]))

### BEGIN CLAIMS
at_ten = {name: (spread.low[-1], spread.high[-1]) for name, spread in spreads.items()}
assert 2.8e-7 < at_ten["tanh from 0.01"][0] and at_ten["tanh from 0.01"][1] < 3.2e-7, "faded"
assert 0.97 < at_ten["tanh from 1"][0] and at_ten["tanh from 1"][1] < 0.99, "saturated"
assert 0.21 < at_ten["tanh from Xavier"][0] and at_ten["tanh from Xavier"][1] < 0.25, "0.23"
assert 0.014 < at_ten["ReLU from Xavier"][0] and at_ten["ReLU from Xavier"][1] < 0.04, "0.02 to 0.03"
assert 0.5 < at_ten["ReLU from He"][0] and at_ten["ReLU from He"][1] < 1.2, "kept"
### END CLAIMS

# %% [markdown]
# These are the standard deviations at layer 10, over eight seeds. (In the histograms of the ReLU
# layers, the tall bar at 0 is the half of the outputs that do not fire.)
#
# - tanh, 0.01: about 3 · 10⁻⁷. The activations have faded, by ten factors of 0.22.
# - tanh, 1: 0.98. Nothing fades, but nearly every output is close to −1 or 1, so the units are
#   saturated (notebook 02).
# - tanh, Xavier: 0.23. It shrinks slowly, because tanh is linear only near 0.
# - ReLU, Xavier: about 0.02 to 0.03. Each layer halves the mean square, so ten layers multiply the
#   standard deviation by about $2^{-5} \approx 0.03$.
# - ReLU, He: about 0.6 to 0.9. On average the mean square stays 1. The standard deviation is
#   smaller than 1, because the mean of the outputs is not 0. In an infinitely wide net the standard
#   deviation is √(1 − 1/π) ≈ 0.83.
#
# He's rule keeps the mean square on average over many draws of the weights. In a single net of
# finite width the mean square drifts up or down, and more so the deeper the net is. That is why the
# items for ReLU give ranges.

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## When all weights are alike
#
# Suppose two hidden units start with the same weights and bias, and feed the next layer with the
# same weights. Then they get the same gradient, so they take the same step and are equal after it,
# and after every later step. A hundred such units can do no more than one unit.
#
# ### Exercise: do equal units stay equal?
#
# *15 minutes · difficulty 2 · builds on 01's training step*
#
# Train a **copy** of the net with plain gradient descent on the whole batch (mean cross-entropy).
# Then count how many different hidden units it has, and measure by how much they differ.


# %% nbgrader={"grade_id": "symmetry_after", "solution": true}
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    """Train a copy of a net and say how many different hidden units it has.

    Parameters
    ----------
    net : nn.Sequential of nn.Linear, activation, nn.Linear; it is not changed and gets no gradients
    steps : number of gradient descent steps, each on all of x; the loss is the mean cross-entropy
    x : float tensor N×D
    y : tensor of N class numbers
    learning_rate : each step subtracts this times the gradient

    Returns
    -------
    different : the number of different units in the hidden layer (net[0]) after training. Two
        units are the same when their incoming weights and their biases agree, all rounded to
        six decimals
    spread : float; for each incoming weight, and for the bias, take the largest value over the
        units minus the smallest. Return the largest of these differences, not rounded
    """
    ### BEGIN SOLUTION
    net = copy.deepcopy(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    units = torch.column_stack([net[0].weight, net[0].bias])
    different = len(torch.unique(units.round(decimals=6), dim=0))
    return different, (units.amax(0) - units.amin(0)).max().item()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_symmetry_after", "grade": true}
from autograder import check

check("symmetry_after")

# %% [markdown]
# You may have read that biases of 0 are to blame when units stay equal. Let us see what it takes to
# make them differ. Below, 20 tanh units learn the digits from four different starts.
#
# **Predict.** With constant weights and biases of 0, how many different units are there after 50
# steps?

# %% name="predict_symmetry"
predict("different units of 20", ..., between=(0, 20))


# %% tags=["experiment"] name="symmetry"
def shallow(weights, bias, above, seed=0):
    """64 → 20 → 10 with tanh; each argument is "constant", "random" or "zero"."""
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(64, 20), nn.Tanh(), nn.Linear(20, 10))
        fill = {
            "constant": lambda p: nn.init.constant_(p, 0.1),
            "random": lambda p: nn.init.normal_(p, std=0.1),
            "zero": nn.init.zeros_,
        }
        fill[weights](net[0].weight), fill[bias](net[0].bias)
        fill[above](net[2].weight), nn.init.zeros_(net[2].bias)
    return net


beginnings = {
    "constant weights, biases 0": ("constant", "zero", "constant"),
    "constant weights, random biases": ("constant", "random", "constant"),
    "constant below, random above": ("constant", "zero", "random"),
    "random weights, biases 0": ("random", "zero", "random"),
}
x, y = torch.tensor(digits.train_x), torch.tensor(digits.train_y)
if grade("symmetry_after", globals()):
    for name, how in beginnings.items():
        counts = [
            [symmetry_after(shallow(*how, seed), steps, x, y)[0] for steps in (0, 1, 50)]
            for seed in range(RUNS)
        ]
        ends = zip(np.min(counts, 0), np.max(counts, 0), strict=True)
        told = ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in ends)
        print(f"{name:32} different units after 0, 1, 50 steps: {told}")
    alike = symmetry_after(shallow(*beginnings["constant weights, biases 0"]), 50, x, y)[0]
    compare("different units of 20", alike)
else:
    print("This experiment uses your symmetry_after. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
assert alike == 1, "constant weights and biases of 0: one unit"
### END CLAIMS

# %% [markdown]
# The biases are not to blame, because random weights with biases of 0 give 20 different units from
# the start. With constant weights, random biases make the units different from the start, and
# different weights in the layer above make them different after one step. Any difference is enough,
# in the layer itself or above it. Without any difference all 20 units stay copies of one unit.
# (This holds in exact arithmetic; rounding may make equal units differ after many steps.)

# %% name="show_q04_what_breaks_symmetry"
ask("q04_what_breaks_symmetry")

# %% name="q04_what_breaks_symmetry"
q04_what_breaks_symmetry = ...

# %% nbgrader={"grade_id": "check_q04_what_breaks_symmetry", "locked": true}
from autograder import check

check("q04_what_breaks_symmetry")

# %% [markdown]
# ## When all weights are zero
#
# People often say that zero weights are a critical point, where all gradients are 0 and nothing
# ever changes. Check this by looking at the gradients one by one.
#
# ### Exercise: which gradients vanish?
#
# *10 minutes · difficulty 2 · builds on symmetry_after*
#
# For each parameter of a net, report the largest absolute value in its gradient. Where that is 0,
# the whole gradient is 0.


# %% nbgrader={"grade_id": "critical_point_report", "solution": true}
def critical_point_report(net, x, y):
    """How large the gradient of each parameter is.

    Parameters
    ----------
    net : nn.Module that gives class scores. The .grad of its parameters may already hold something
        when your function is called, and may hold anything when it returns
    x : float tensor N×D
    y : tensor of N class numbers; the loss is the mean cross-entropy over the batch

    Returns
    -------
    report : dict from the name of each parameter, as net.named_parameters() gives it, to a float,
        the largest absolute value in the gradient of this loss with respect to it
    """
    ### BEGIN SOLUTION
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {name: float(p.grad.abs().max()) for name, p in net.named_parameters()}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_critical_point_report", "grade": true}
from autograder import check

check("critical_point_report")

# %% [markdown]
# **Predict.** A net has two affine layers with tanh between them, and all weights and biases are 0.
# How many of its four parameters (two weights, two biases) have a gradient other than 0?

# %% name="predict_critical"
predict("gradients that do not vanish", ..., between=(0, 4))


# %% tags=["experiment"] name="critical"
def all_zero(activation):
    net = nn.Sequential(nn.Linear(64, 20), activation, nn.Linear(20, 10))
    for p in net.parameters():
        nn.init.zeros_(p)
    return net


if grade("critical_point_report", globals()):
    for activation in (nn.Tanh(), nn.ReLU(), nn.Sigmoid()):
        report = critical_point_report(all_zero(activation), x, y)
        told = ", ".join(f"{name} {value:.2g}" for name, value in report.items())
        print(f"{type(activation).__name__:8} {told}")
    report = critical_point_report(all_zero(nn.Tanh()), x, y)
    compare("gradients that do not vanish", sum(value > 0 for value in report.values()))
else:
    print("This experiment uses your critical_point_report. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
assert sum(value > 0 for value in report.values()) == 1, "only the output bias moves"
### END CLAIMS

# %% [markdown]
# So zero is not a critical point, because the output bias moves. Its gradient is the softmax
# probabilities minus the one-hot label (1 for the right class, 0 for the others), averaged over the
# batch (notebook 05 derives this), and it does not pass through any weight. With tanh or ReLU the
# hidden units give 0, so the gradient of the output weights is 0. The output weights are 0 too, so
# no gradient reaches the hidden layer. The net learns only how frequent each class is. With a
# sigmoid the hidden units give ½, so the output weights move too, but in the same way for all
# units. (If all classes had the same number of examples, the output bias would not move either, and
# zero would be a critical point after all.)

# %% [markdown]
# ## What torch does when you say nothing
#
# `nn.Linear` and `nn.Conv2d` draw weights and biases uniformly between $-1/\sqrt{fan_{in}}$ and
# $1/\sqrt{fan_{in}}$. That is neither Xavier's rule nor He's.

# %% name="show_q04_torch_default"
ask("q04_torch_default")

# %% name="q04_torch_default"
q04_torch_default = ...

# %% nbgrader={"grade_id": "check_q04_torch_default", "locked": true}
from autograder import check

check("q04_torch_default")

# %% [markdown]
# **Predict.** Take ten ReLU layers of 500 units with torch's default weights, and set their biases
# to 0. The inputs are drawn from N(0, 1) again. For each unit, take the standard deviation of its
# outputs over the examples. It shows how well the unit still tells the examples apart. How large is
# it for a typical unit of layer 10?

# %% name="predict_default"
predict("torch's default, layer 10", ..., between=(0, None))


# %% tags=["experiment"] name="default"
def default_stds(seed, biases, width=500, depth=10):
    """Standard deviations by layer with nn.Linear's own initial weights and ReLU."""
    with training.seeded(seed), torch.no_grad():
        h, stds = torch.randn(300, width), []
        for _ in range(depth):
            affine = nn.Linear(width, width)
            if not biases:
                nn.init.zeros_(affine.bias)
            h = torch.relu(affine(h))
            # Over the examples only, because a bias shifts a unit by the same for all.
            stds.append(float(h.std(0).square().mean().sqrt()))
    return stds


weight = nn.Linear(500, 300).weight.detach()
print(f"largest weight · √500 = {weight.abs().max() * 500**0.5:.4f}, "
      f"standard deviation · √500 = {weight.std() * 500**0.5:.3f}")
default = {
    name: training.seeds(lambda seed, b=b: default_stds(seed, b), 2 if training.quick() else 8)
    for name, b in (("biases 0", False), ("torch's biases too", True))
}
plots.show(drawn("torch's default, layer 10",
    plots.lines(default, "layer", "standard deviation over the examples",
                "nn.Linear's own initial weights, ReLU", accent="torch's biases too",
                log="y")))
for name, spread in default.items():
    print(f"{name:18} layer 10: {spread.low[-1]:.2g} to {spread.high[-1]:.2g}")
compare("torch's default, layer 10", float(default["biases 0"].middle[-1]))

### BEGIN CLAIMS
without, with_biases = default.values()
assert 3.5e-5 < without.low[-1] and without.high[-1] < 6e-5, "about 5e-5 with biases of 0"
assert 5.5e-5 < with_biases.low[-1] and with_biases.high[-1] < 9.5e-5, "some 7e-5 with torch's"
### END CLAIMS

# %% [markdown]
# The first line of the printout shows that the largest weight is at the end of the interval, and
# that the standard deviation is 1/√3 of that largest weight. Over eight seeds the examples differ
# by about 5 · 10⁻⁵ at layer 10 with biases of 0, and by some 7 · 10⁻⁵ with torch's biases. The
# biases make the activations larger, but by nearly the same amount for every example. (With biases
# of 0 the root mean square at layer 10 is larger, about 1.3 · 10⁻⁴. Deep layers give nearly the
# same outputs for all examples, so the differences between examples are smaller than the outputs
# themselves.) So the last layers hardly see the input, and that is why this net only guessed at the
# beginning of the notebook.
#
# ## What to remember
#
# - A layer multiplies the mean square by `fan_in` times the variance of its weights. Make that
#   product 1 for linear and tanh layers and 2 for ReLU layers.
# - The rules give a variance, not a standard deviation. The fan in of a convolution is its input
#   channels times the kernel area.
# - If the weights are too small, activations fade. If they are too large, tanh saturates and ReLU
#   explodes. Fading and exploding are exponential in depth, so a factor of 1.2 per layer matters in
#   20 layers but not in two.
# - Units that start with equal incoming and equal outgoing weights stay equal. Random weights make
#   them different, so the biases can all start at 0.
# - In a net of zeros (with tanh or ReLU) only the output bias moves, because its gradient passes
#   through no weight.
# - torch's default weights are too small for a deep ReLU net without normalisation.
#
# To use your functions in later notebooks, write them to `my_layers.py`. In a cell of your own run
# `from course_utils.keeping import keep`, then `keep(init_weights, conv_fan)`.
#
# ## A question for your teacher to read
#
# A colleague builds a plain net of 30 convolutions (3×3, 64 channels, ReLU, no normalisation) with
# torch's default weights. Its loss does not change. She says, "The learning rate must be too
# small", and multiplies it by 100. In six sentences at most, explain what is wrong (with a number),
# why her remedy does not work, and what you would write instead.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_plain_30", "grade": true, "solution": true, "points": 3}
# torch draws from ±1/√fan_in, here ±1/√576, which has variance 1/(3·576): with the half that ReLU
# takes, each layer multiplies the mean square by 1/6 and the signal by 0.41. After 30 layers about
# 0.41³⁰ ≈ 2·10⁻¹² of the difference between two examples is left, and the gradients fade on their
# way down in the same manner (1 point). A larger rate multiplies all layers' steps by the same 100:
# the last layers and the output bias, which have ordinary gradients, diverge long before the first
# ones move (1 point). I would draw the weights from N(0, 2/576), that is
# `nn.init.kaiming_normal_(w, nonlinearity="relu")`, with biases of 0, or put batch norm after each
# convolution, or add skip connections (1 point).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | watch out for |
# |---|---|---|
# | `tf.random_normal(shape, stddev=0.01)`, Caffe `type: "gaussian" std: 0.01` | `nn.init.normal_(w, std=0.01)` | AlexNet used it; in ten layers the activations fade |
# | `tf.contrib.layers.xavier_initializer()`, Caffe `type: "xavier"` | `nn.init.xavier_uniform_(w, gain=...)` | Caffe's divides by fan in alone, unless told otherwise |
# | `tf.contrib.layers.variance_scaling_initializer()`, Keras `he_normal`, Caffe `type: "msra"` | `nn.init.kaiming_normal_(w, nonlinearity="relu")` | TensorFlow and Keras cut the normal distribution off at two standard deviations |
# | Keras `Dense(...)`: Glorot uniform | `nn.Linear(...)`: U(±1/√fan_in) | the same net starts from different weights |
# | `tf.constant_initializer(0.1)` for biases of ReLUs | `nn.init.zeros_(b)` | the 0.1 was meant to prevent dead units |
#
# `nn.init.kaiming_uniform_(w, a=math.sqrt(5))` is what `nn.Linear` calls: He's formula for a leaky
# ReLU of slope √5, which works out as U(±1/√fan_in). Nobody uses such a ReLU.
#
# ## What has changed since
#
# Orthogonal weight matrices keep the length of every vector, not only the average length (Saxe
# 2013). With them and a carefully chosen scale, plain tanh nets of 10,000 convolutions can be
# trained (Xiao 2018). LSUV (layer-sequential unit variance, Mishkin and Matas 2015) measures
# activations instead of deriving a rule; you can write it below. In residual nets (notebook 09) the
# output of each block of layers is added to its input. You can multiply that output by a learned
# factor before it is added. If the factor starts at 0, the block at first passes on its input
# unchanged (Goyal 2017). Fixup (Zhang 2019) trains such nets without normalisation (notebook 06),
# with special initial weights and a few learned scalars. Batch norm (notebook 06) makes up for most
# of what went wrong here. And μP (Yang 2022) scales initial weights and learning rates with the
# width, so that the best learning rate of a narrow net is also that of a wide one.

# %% [markdown]
# # Go further
#
# Everything from here on is optional. It has the same checks and hints, but no points.
#
# ### A gain for any activation
#
# *8 minutes · difficulty 2*
#
# The 2 in He's rule is $1/\mathbb{E}[f(z)^2]$ for $f$ = ReLU and $z \sim N(0, 1)$. The same works
# for any $f$. Weights of standard deviation $g/\sqrt{n_{in}}$ with
#
# $$g = \frac{1}{\sqrt{\mathbb{E}[f(z)^2]}}$$
#
# turn inputs of mean square 1 into activations of mean square 1. Compute this gain $g$ numerically.
# (`nn.init.calculate_gain("tanh")` returns 5/3, a rule of thumb. What do you get?)


# %% nbgrader={"grade_id": "activation_gain", "solution": true}
def activation_gain(f):
    """The factor that makes up for how an activation changes the mean square.

    Parameters
    ----------
    f : function that takes a float array and returns an array of its shape

    Returns
    -------
    gain : float, one over the root of the mean of f(z)², where z is normal with mean 0 and
        standard deviation 1; accurate to 0.4 %. Use a grid or a generator of your own, not global
        random state
    """
    ### BEGIN SOLUTION
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    return np.sqrt(weight.sum() / np.sum(weight * f(z) ** 2))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_activation_gain", "locked": true}
from autograder import check

check("activation_gain")

# %% [markdown]
# ### LSUV: let the data decide
#
# *18 minutes · difficulty 3 · in torch*
#
# The method of Mishkin and Matas needs no formula for the activation. Start from orthogonal
# weights, then go through the layers from the first to the last, and scale the weights of each
# until its output (before the activation) has variance 1 on a batch of real data.


# %% nbgrader={"grade_id": "lsuv", "solution": true}
def lsuv(layers, batch, tol=0.05, generator=None):
    """Layer-sequential unit-variance initialisation; the layers are changed in place.

    Parameters
    ----------
    layers : list of modules that are applied one after another; none of them overwrites its input.
        Those of type nn.Linear get new weights and stay trainable
    batch : float tensor N×D, not modified
    tol : a layer is done when the variance of its output differs from 1 by at most this
    generator : torch.Generator for the orthogonal weights, or None

    For each nn.Linear in turn, make its weights orthogonal (nn.init.orthogonal_) and its biases 0.
    Then scale its weights until its output has variance 1 (biased, over all examples and units
    together). Its input is what the layers before it, already finished, make of the batch.

    Returns
    -------
    variances : list of floats, the variance of each nn.Linear's output once that layer is done

    Source: Mishkin and Matas 2015, algorithm 1.
    """
    ### BEGIN SOLUTION
    x, variances = batch, []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                while abs(layer(x).var(correction=0) - 1) > tol:
                    layer.weight /= layer(x).std(correction=0)
                variances.append(float(layer(x).var(correction=0)))
            x = layer(x)
    return variances
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_lsuv", "locked": true}
from autograder import check

check("lsuv")

# %% [markdown]
# **Predict.** We train the ten-layer ReLU net from the start of this notebook again, now with
# initial weights that LSUV found on a batch of 256 digits. What is its validation accuracy after
# three epochs? (At that point the net with He's weights is still below 0.5.)

# %% name="predict_lsuv"
predict("accuracy from LSUV", ..., between=(0, 1))


# %% tags=["experiment"] name="lsuv_race"
def from_lsuv(seed):
    net = deep_net("He", seed=seed)
    batch = torch.tensor(digits.train_x[:256])
    lsuv(list(net), batch, generator=torch.Generator().manual_seed(seed))
    accuracies = learn(net, seed).validation_accuracy
    return {"after three epochs": accuracies[:3][-1], "accuracy": accuracies[-1]}


if grade("lsuv", globals()):
    lsuv_runs = training.seeds(from_lsuv, RUNS)
    for when, what in (("after three epochs", "after three epochs"), ("accuracy", "at the end")):
        print(f"validation accuracy {what}: LSUV {lsuv_runs[when]}; He {runs['He'][when]}")
    compare("accuracy from LSUV", float(lsuv_runs["after three epochs"].middle))
else:
    print("This experiment uses your lsuv. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
early, he = lsuv_runs["after three epochs"], runs["He"]["after three epochs"]
assert he.high < 0.5 < early.low, "after three epochs LSUV is well ahead"
### END CLAIMS

# %% [markdown]
# After three epochs the net with LSUV's weights is well ahead for every seed. By the eighth epoch
# the net with He's weights may have caught up. He's rule keeps the mean square that the inputs have
# (exactly so only in infinitely wide layers). These pixels lie between 0 and 1 and their mean
# square is well below 1, so it stays there. LSUV measures the variance on its batch and brings it
# to 1.
#
# ## Further reading
#
# - Glorot, Bengio 2010, *Understanding the difficulty of training deep feedforward neural
#   networks*: the sections on activations and gradients at the start.
# - He, Zhang, Ren, Sun 2015, *Delving deep into rectifiers*, section 2.2: the derivation, on one
#   page.
# - Saxe, McClelland, Ganguli 2013, *Exact solutions to the nonlinear dynamics of learning in deep
#   linear neural networks*: why orthogonal weights help.
# - Mishkin, Matas 2015, *All you need is a good init*.
# - Hanin, Rolnick 2018, *How to start training*: why the mean square drifts in a single net, and
#   how width helps.
# - Prince 2023, *Understanding Deep Learning*, section 7.5.
