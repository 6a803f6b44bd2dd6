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
# - **draw** first weights after Xavier and He, for affine layers and for convolutions,
# - **watch** how activations fade, saturate or stay as they pass through a deep net,
# - **explain** what all-equal and all-zero weights do, with the gradients in hand.
#
# **Time:** estimated 105 minutes, in two sittings of 55 and 50. **Builds on:** 01 (affine layers, autograd), 02 (tanh,
# ReLU, saturation), 03 (centred data).

# %% name="imports"
import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import ask, check, grade, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.initialization import initialization_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown] name="warm-up"
# ## Three questions about earlier notebooks
#
# Answer with a letter in quotes.

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
# Ten hidden layers of 100 ReLU units for 8×8 pictures of digits. Data, rate, number of epochs and
# the net are the same. What differs is one number: the standard deviation of the first weights.
# The fourth run leaves torch's default as it is. Ten classes: guessing is right one time in ten.

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
# **Predict.** What share of validation digits will the net get right that starts with standard
# deviation 0.01, a value found in many an old program? Write a number between 0 and 1.

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
# Only He's start gets anywhere in eight epochs; 0.01 and torch's default stay at 0.10, a guess, and
# Xavier's hardly gets beyond. Yet 0.01 and 0.14 (He, for 100
# inputs) look like small numbers, both.
#
# ## The idea: a variance a layer
#
# A pre-activation is a sum of `n_in` terms: $z = \sum_i w_i x_i$. With weights that are
# independent, of mean 0 and variance $v$,
#
# $$\operatorname{Var}(z) = n_{in}\; v\; \overline{x^2}$$
#
# So each affine layer multiplies the mean square by $n_{in} v$, and ten layers do it ten times.
# Only a value near $v = 1/n_{in}$ neither fades nor explodes. On the way back the sum runs over
# what comes out, and the same argument asks for $v = 1/n_{out}$. Two answers:
#
# - **Xavier** (Glorot 2010) takes the middle of the two fans, for activations that are about
#   linear around 0, such as tanh: $\;v = \dfrac{2}{n_{in} + n_{out}}$. Drawn uniformly, that is the
#   interval $\pm\sqrt{6/(n_{in}+n_{out})}$.
# - **He** (2015) adds that a ReLU throws half of the mean square away: $\;v = \dfrac{2}{n_{in}}$.
#
# By hand, with four inputs: $x = (2, -1, 1, 0)$ has the mean square $(4 + 1 + 1 + 0)/4 = 1.5$. A unit's
# $z = 2w_1 - w_2 + w_3$ has the variance $(4 + 1 + 1 + 0)\,v = 6v$.
#
# | | $v$ | mean square of $z$ | behind the ReLU |
# |---|---|---|---|
# | He | 2/4 | 3 | 1.5, as it came in |
# | Xavier, four outputs | 2/(4 + 4) | 1.5 | 0.75, half of it |
# | 0.01 as standard deviation | 0.0001 | 0.0006 | 0.0003 |
#
# (Half, since $z$ is as often above 0 as below, and the ReLU keeps what is above.)
#
# All of these are variances. The argument of `rng.normal` is a standard deviation.

# %% [markdown]
# ### Exercise: draw the weights
#
# *12 minutes · difficulty 2 of 3*
#
# Six kinds, among them those that do not work: you will want to watch them fail.


# %% nbgrader={"grade_id": "init_weights", "solution": true}
def init_weights(n_in, n_out, kind, rng):
    """The first weights of an affine layer x @ W.

    Parameters
    ----------
    n_in, n_out : how many numbers come in and go out
    kind : one of
        "zero" : all 0
        "constant" : all 0.1
        "small" : normal, standard deviation 0.01
        "xavier_uniform" : uniform on plus and minus sqrt(6 / (n_in + n_out))
        "xavier_normal" : normal, variance 2 / (n_in + n_out)
        "he" : normal, variance 2 / n_in
    rng : numpy Generator; nothing else is drawn from, so that a run can be repeated

    Returns
    -------
    W : float array n_in×n_out. A second call on the same generator gives other weights.

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
# A convolution is an affine layer whose weights are shared, so the formulas hold if you count
# well: how many input numbers feed one output number, and how many output numbers does one input
# number feed (stride 1, far from the border)? The weight has shape filters × channels × kernel
# sides, F×C×H×W for pictures; torch's `nn.Linear` keeps F×C.


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
# White noise goes through a net with layers of 200 units. The slider is the standard deviation of
# the weights, times √200: at 1 the variance of a weight is 1/n.
#
# 1. tanh, depth 20: what is the smallest scale at which layer 20 still has a spread you can see?
#    What goes wrong at scale 5, although nothing fades?
# 2. ReLU: find the scale that neither fades nor explodes. Which number is it, and where have you
#    just read it?
# 3. linear, depth 20: how far may the scale be from 1 before the last layer is ten times too small
#    or too large? And at depth 2?

# %% tags=["experiment"] name="explorer"
initialization_explorer()

# %% [markdown]
# ### Exercise: measure it, layer by layer
#
# *12 minutes · difficulty 2 · builds on init_weights*
#
# Fresh weights for each layer, no biases. Measure what comes **out of the activation**, over all
# examples and units at once.


# %% nbgrader={"grade_id": "std_by_depth", "solution": true}
def std_by_depth(widths, activation, kind, rng, examples=200):
    """The standard deviation of the activations of a net with fresh weights.

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
        function), one over all examples and units together
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
# A classic experiment. The histograms show one seed; the numbers below them are ranges over eight.
#
# **Predict.** tanh, standard deviation 0.01, so each layer multiplies by about 0.01·√500 ≈ 0.22:
# what is the standard deviation at layer 10?

# %% name="predict_tanh_small"
predict("tanh from 0.01, layer 10", ..., between=(0, None))

# %% [markdown]
# **Predict.** ReLU with Xavier's weights: its √(1/500) lacks He's 2. What is left at layer 10?

# %% name="predict_relu_xavier"
predict("ReLU from Xavier, layer 10", ..., between=(0, None))


# %% tags=["experiment"] name="ten_of_500"
def ten_of_500(activation, start, seed=0, width=500, depth=10):
    """The activations of each layer, for white noise and fresh weights."""
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
# Over eight seeds, at layer 10 (the tall bar at 0 of a ReLU layer is the half that does not fire):
#
# | activation, first weights | standard deviation | what it looks like |
# |---|---|---|
# | tanh, 0.01 | about 3 · 10⁻⁷ | faded: 10 factors of 0.22 |
# | tanh, 1 | 0.98 | nothing fades, and nearly every output is −1 or 1: saturated (02) |
# | tanh, Xavier | 0.23 | still there, and still shrinking: tanh is linear only near 0 |
# | ReLU, Xavier | about 0.02 to 0.03 | half of the mean square is lost in each layer: $2^{-5} \approx 0.03$ |
# | ReLU, He | about 0.6 to 0.9 | kept; √(1 − 1/π) ≈ 0.83 would be expected of an infinitely wide net |
#
# He keeps the mean square on average over draws of the weights; a single net of finite width
# wanders, more so the deeper it is. That is why the last line is a range and not a number.

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## When all weights are alike
#
# Two hidden units that start with the same weights and bias, and feed the next layer with the same
# weights, get the same gradient. So they take the same step and are alike after it, and after the
# next one, for ever. A hundred such units are one unit.
#
# ### Exercise: do they ever part?
#
# *15 minutes · difficulty 2 · builds on 01's training step*
#
# Train a **copy** of the net with plain gradient descent on the whole batch (mean cross-entropy),
# then count how many of its hidden units are different, and by how much they differ.


# %% nbgrader={"grade_id": "symmetry_after", "solution": true}
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    """Train a copy of a net and say how many different hidden units it has.

    Parameters
    ----------
    net : nn.Sequential of nn.Linear, activation, nn.Linear; it is left as it is, without gradients
    steps : number of gradient descent steps, each on all of x; the loss is the mean cross-entropy
    x : float tensor N×D
    y : tensor of N class numbers
    learning_rate : each step subtracts this times the gradient

    Returns
    -------
    different : how many different units the hidden layer (net[0]) has after training. Two units
        are the same when their incoming weights and their biases agree, all rounded to six
        decimals
    spread : float; for each incoming weight, and for the bias, take the largest value over the
        units less the smallest. The largest of these differences, not rounded
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
# Constant weights are a thing to be warned of; many conclude that the zero **biases** are to blame.
# Below, 20 tanh units learn the digits from four beginnings.
#
# **Predict.** Constant weights and biases of 0: how many different units after 50 steps?

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
    print("This experiment uses your symmetry_after. Come back when its check says Right.")

### BEGIN CLAIMS
assert alike == 1, "constant weights and biases of 0: one unit"
### END CLAIMS

# %% [markdown]
# The biases are not to blame: random weights with biases of 0 give 20 different units from the
# start, and with constant weights it takes either random biases or different weights above (then
# one step parts them) to tell the units apart. Any difference will do, below or above. Without
# any there is 1 unit, for ever. (All this is in exact arithmetic. On a GPU, or with another order
# of summation, rounding may part twins after many steps.)

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
# "Zero is a critical point", it is often said of weights of zero: all gradients vanish and nothing
# ever moves. Look at them one by one.
#
# ### Exercise: which gradients vanish?
#
# *10 minutes · difficulty 2 · builds on symmetry_after*
#
# For each parameter of a net, report the largest entry of its gradient in absolute value. Where
# that is 0, the whole gradient vanishes.


# %% nbgrader={"grade_id": "critical_point_report", "solution": true}
def critical_point_report(net, x, y):
    """How large the gradient of each parameter is.

    Parameters
    ----------
    net : nn.Module that gives class scores; backward may have been called on it before
    x : float tensor N×D
    y : tensor of N class numbers; the loss is the mean cross-entropy over the batch

    Returns
    -------
    report : dict from the name of each parameter, as net.named_parameters() has it, to the
        largest absolute entry of this loss's gradient, a float
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
# **Predict.** A net of two layers, all weights and biases 0, tanh between. How many of its four
# parameters have a gradient other than 0?

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
    print("This experiment uses your critical_point_report. Come back when its check says Right.")

### BEGIN CLAIMS
assert sum(value > 0 for value in report.values()) == 1, "only the output bias moves"
### END CLAIMS

# %% [markdown]
# So zero is no critical point: the **output bias** moves. Its gradient is softmax minus label,
# averaged, and no weight stands in its way. With tanh or ReLU the hidden units give 0, so the
# output weights have no gradient, and with output weights of 0 nothing gets down to the hidden
# layer. The net learns how frequent each class is, and stops. With sigmoid the hidden units give ½:
# the output weights move too, all units alike. (Had each class as many examples as the others, the
# output bias would stand still as well, and zero would be a critical point after all. One of the
# cases in the check is just that.)

# %% [markdown]
# ## What torch does when you say nothing
#
# `nn.Linear` and `nn.Conv2d` draw weights and biases uniformly from $\pm 1/\sqrt{fan_{in}}$. That
# is neither Xavier nor He.

# %% name="show_q04_torch_default"
ask("q04_torch_default")

# %% name="q04_torch_default"
q04_torch_default = ...

# %% nbgrader={"grade_id": "check_q04_torch_default", "locked": true}
from autograder import check

check("q04_torch_default")

# %% [markdown]
# **Predict.** Ten ReLU layers of 500 with torch's default weights, biases set to 0. By how much do
# the examples still differ at layer 10: what is a unit's standard deviation over the examples?

# %% name="predict_default"
predict("torch's default, layer 10", ..., between=(0, None))


# %% tags=["experiment"] name="default"
def default_stds(seed, biases, width=500, depth=10):
    """Standard deviations by layer under nn.Linear's own first weights and ReLU."""
    with training.seeded(seed), torch.no_grad():
        h, stds = torch.randn(300, width), []
        for _ in range(depth):
            affine = nn.Linear(width, width)
            if not biases:
                nn.init.zeros_(affine.bias)
            h = torch.relu(affine(h))
            # Over the examples only: a bias shifts a unit for all of them alike.
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
                "nn.Linear's own first weights, ReLU", accent="torch's biases too",
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
# The largest weight is the end of the interval and the standard deviation 1/√3 of it. In eight
# seeds the examples differ by about 5 · 10⁻⁵ at layer 10 with biases of 0, and by some 7 · 10⁻⁵ with
# torch's biases. The biases refill the activations, but with the same numbers for
# every example: the net hardly sees its input, which is why its run at the beginning only guessed.
# (It is no secret: the default is old, and normalisation layers hide it. Notebook 06.)
#
# ## What to remember
#
# - A layer multiplies the mean square by `fan_in` times the variance of its weights. Make that 1
#   for linear and tanh layers, 2 for ReLU.
# - Variance, not standard deviation. Fan in of a convolution: channels times kernel area.
# - Too small: signals fade. Too large: tanh saturates, ReLU explodes. Both are exponential in
#   depth, so a factor of 1.2 matters in 20 layers and not in two.
# - Units that start alike stay alike. Random weights part them; biases may well be 0.
# - All zero: only what needs no weight to be reached moves, the output bias.
# - torch's default is too small for a deep ReLU net without normalisation.
#
# To have your weights at hand in later notebooks, write them into `my_layers.py`, in a cell of your
# own: `from course_utils.keeping import keep`, then `keep(init_weights, conv_fan)`.
#
# ## A question for your teacher
#
# A colleague builds a plain net of 30 convolutions (3×3, 64 channels, ReLU, no normalisation) with
# torch's default weights. Its loss does not move. She says: "The learning rate must be too small",
# and multiplies it by 100. Explain in six sentences at most what is the matter, with a number, why
# her remedy will not do, and what you would write instead.

# %% [markdown] nbgrader={"grade_id": "explain_plain_30", "grade": true, "solution": true, "points": 3}
# torch draws from ±1/√fan_in, here ±1/√576, which has variance 1/(3·576): with the half that ReLU
# takes, each layer multiplies the mean square by 1/6 and the signal by 0.41. After 30 layers about
# 0.41³⁰ ≈ 2·10⁻¹² of what an example differs by from another is left, and the gradients fade on
# their way down in the same manner (1 point). A larger rate multiplies all layers' steps by the
# same 100: the last layers and the output bias, which have ordinary gradients, diverge long before
# the first ones move (1 point). I would draw the weights from N(0, 2/576), that is
# `nn.init.kaiming_normal_(w, nonlinearity="relu")`, with biases of 0, or put batch norm after each
# convolution, or add skip connections (1 point).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | mind |
# |---|---|---|
# | `tf.random_normal(shape, stddev=0.01)`, Caffe `type: "gaussian" std: 0.01` | `nn.init.normal_(w, std=0.01)` | AlexNet's; dies in ten layers |
# | `tf.contrib.layers.xavier_initializer()`, Caffe `type: "xavier"` | `nn.init.xavier_uniform_(w, gain=...)` | Caffe's divides by fan in alone, unless told otherwise |
# | `tf.contrib.layers.variance_scaling_initializer()`, Keras `he_normal`, Caffe `type: "msra"` | `nn.init.kaiming_normal_(w, nonlinearity="relu")` | TensorFlow's and Keras' are cut off at two standard deviations |
# | Keras `Dense(...)`: Glorot uniform | `nn.Linear(...)`: U(±1/√fan_in) | the same net, another start |
# | `tf.constant_initializer(0.1)` for biases of ReLUs | `nn.init.zeros_(b)` | the 0.1 was against dead units |
#
# `nn.init.kaiming_uniform_(w, a=math.sqrt(5))` is what `nn.Linear` calls: He's formula for a leaky
# ReLU of slope √5, which happens to be U(±1/√fan_in). Nobody has such a ReLU.
#
# ## What has changed since
#
# Orthogonal weights keep the length of every vector, not only on average (Saxe 2013); with them, and
# a carefully chosen scale, plain tanh convolutions of 10,000 layers train (Xiao 2018). LSUV (Mishkin
# and Matas 2015) measures where others derive: see below. Residual nets changed the question: the
# last normalisation of each block starts with γ = 0, so that every block begins as the identity
# (Goyal 2017), and Fixup (Zhang 2019) trains them without any normalisation, by first weights and
# a few learned scalars. Batch norm (notebook 06) forgives most of what went wrong here. And μP (Yang 2022) scales
# first weights and learning rates with width so that the best learning rate of a narrow net is
# that of a wide one.

# %% [markdown]
# # Go further
#
# All of this is extra: the same checks and hints, no points.
#
# ### A gain for any activation
#
# *8 minutes · difficulty 2*
#
# He's 2 is $1/\mathbb{E}[f(z)^2]$ for ReLU and $z \sim N(0, 1)$. The same works for any $f$:
# weights of standard deviation $g/\sqrt{n_{in}}$ with
#
# $$g = \frac{1}{\sqrt{\mathbb{E}[f(z)^2]}}$$
#
# send mean square 1 to mean square 1. Compute it numerically. (`nn.init.calculate_gain("tanh")` says
# 5/3, a rule of thumb. What do you get?)


# %% nbgrader={"grade_id": "activation_gain", "solution": true}
def activation_gain(f):
    """The factor that makes up for what an activation takes from the mean square.

    Parameters
    ----------
    f : function of a float array, returns an array of its shape

    Returns
    -------
    gain : float, one over the root of the mean of f(z)², z normal with mean 0 and standard
        deviation 1; right to 0.4 %. Use a grid or a generator of your own, not global random state
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
# *18 minutes · difficulty 3 · builds on symmetry_after*
#
# Mishkin and Matas: start from orthogonal weights, then go through the layers from the first to the
# last, and scale each one's weights until its output (before the activation) has variance 1 on a
# batch of real data. No formula about the activation is needed.


# %% nbgrader={"grade_id": "lsuv", "solution": true}
def lsuv(layers, batch, tol=0.05, generator=None):
    """Layer-sequential unit-variance initialisation; the layers are changed in place.

    Parameters
    ----------
    layers : list of modules that are applied in turn, none of them in place; those of type
        nn.Linear get new weights and stay trainable
    batch : float tensor N×D, not modified
    tol : a layer is done when the variance of its output differs from 1 by at most this
    generator : torch.Generator for the orthogonal weights, or None

    Each nn.Linear in turn: its weights become orthogonal (nn.init.orthogonal_) and its biases 0;
    then its weights are scaled until its output on the batch, as the finished layers below
    transform it, has variance 1 (biased, over all examples and units together).

    Returns
    -------
    variances : list of floats, the variance of each nn.Linear's output, as it is when it is done

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
# **Predict.** The ten-layer ReLU net of the beginning, started with LSUV on a batch of 256 digits:
# validation accuracy after three epochs? (He's start is below 0.5 then.)

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
    print("This experiment uses your lsuv. Come back when its check says Right.")

### BEGIN CLAIMS
early, he = lsuv_runs["after three epochs"], runs["He"]["after three epochs"]
assert he.high < 0.5 < early.low, "after three epochs LSUV is well ahead"
### END CLAIMS

# %% [markdown]
# After three epochs the net that LSUV started is well ahead, whatever the seed; by the eighth, He's may
# have caught up with it. It is a head start. He's formula
# takes the input's mean square for 1 and the width for infinite; these pixels lie between 0 and 1,
# with a mean square well below 1, and a batch tells LSUV so.
#
# ## Further reading
#
# - Glorot, Bengio 2010, *Understanding the difficulty of training deep feedforward neural
#   networks*: the sections on activations and gradients at the start.
# - He, Zhang, Ren, Sun 2015, *Delving deep into rectifiers*, section 2.2: the derivation, one page.
# - Saxe, McClelland, Ganguli 2013, *Exact solutions to the nonlinear dynamics of learning in deep
#   linear neural networks*: why orthogonal.
# - Mishkin, Matas 2015, *All you need is a good init*.
# - Hanin, Rolnick 2018, *How to start training*: why a single net wanders, and what width does
#   about it.
# - Prince 2023, *Understanding Deep Learning*, section 7.5.
