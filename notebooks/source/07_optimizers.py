# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 07 · Optimizers
#
# After this you can
#
# - **write** momentum, RMSProp and Adam, and say what each line of them is for,
# - **build** the training loop around them: mini-batches, a falling learning rate, and a copy of
#   the best weights,
# - **judge** a comparison of optimizers by asking what was tuned and what was measured.
#
# This takes an estimated 140 minutes, in two sittings of 75 and 65. It builds on 01 (gradients), 05
# (losses) and 06 (batch norm's running averages).

# %% name="imports"
import functools

import numpy as np
import torch
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, results, training
from course_utils.explorers.optimizers import explore_optimizers
from course_utils.predictions import compare, drawn, predict
from course_utils.recipes.models import LinearSoftmax

# %% name="device"
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# You will need the answers to these three questions about earlier notebooks. Answer with a number.

# %% name="show_q07_running_mean"
ask("q07_running_mean")

# %% name="q07_running_mean"
q07_running_mean = ...

# %% nbgrader={"grade_id": "check_q07_running_mean", "locked": true}
from autograder import check

check("q07_running_mean")

# %% name="show_q07_he"
ask("q07_he")

# %% name="q07_he"
q07_he = ...

# %% nbgrader={"grade_id": "check_q07_he", "locked": true}
from autograder import check

check("q07_he")

# %% name="show_q07_penalty"
ask("q07_penalty")

# %% name="q07_penalty"
q07_penalty = ...

# %% nbgrader={"grade_id": "check_q07_penalty", "locked": true}
from autograder import check

check("q07_penalty")

# %% [markdown] name="why"
# ## Why: a valley
#
# Suppose that a loss is curved much more strongly in one direction than in another, κ times as
# strongly. Then it is a valley, and κ is its **condition number**. Gradient descent must take steps
# that are small enough for the steep walls, and then it hardly moves along the floor. In the next
# cell the smallest curvature is 1/κ and the largest is 1. Along a direction of curvature c the
# gradient at distance d is c·d, so each step multiplies the distance by 1 − rate · c. The learning
# rate is 2/(1 + 1/κ), the best fixed rate. With it the factors of the steep and the flat direction
# are −(κ − 1)/(κ + 1) and (κ − 1)/(κ + 1), so the distance shrinks equally fast along both. A
# larger rate would slow the approach along the steep direction, and a smaller one would slow it
# along the flat direction.

# %% tags=["experiment"] name="valley"
kappas = [1, 10, 100] if training.quick() else [1, 10, 100, 1000]
for kappa in kappas:
    curvatures, place, steps = np.array([1 / kappa, 1.0]), np.ones(2), 0
    while np.linalg.norm(place) > 0.01 * np.sqrt(2):
        place = place - 2 / (1 + 1 / kappa) * curvatures * place
        steps += 1
    print(f"condition number {kappa:4}: {steps:4} steps to a hundredth of the distance")

### BEGIN CLAIMS
assert 2200 < steps < 2400, "the steps grow in proportion to κ: 2.3 κ"
### END CLAIMS

# %% [markdown] name="explorer_intro"
# The number of steps grows in proportion to κ, and for a net's loss κ can be many thousands. Every
# rule in this notebook tries to move along such a valley faster. In the explorer below, five of
# them start at the dot.

# %% tags=["experiment"] name="explorer"
explore_optimizers()

# %% [markdown] name="explorer_tasks"
# Three things to try:
#
# 1. Raise the learning rate on the surface "bowl". At which rate does SGD leave the picture, and
#    what does the largest curvature, 1, have to do with it?
# 2. Turn the bowl from 0 to 45 degrees. For two of the rules this changes nothing but the
#    direction of the path. Which two? (You will see why when you have met the rules.)
# 3. The surface "saddle" rises in one direction and falls in the other. Which rules get away from
#    it? Which of them still do when it is turned?
#
# The explorer has three more surfaces. Leave them until you have written your own rules.
#
# ## The form of an update rule
#
# Each rule is a function `rule(w, dw, config) -> (next_w, config)`. It is called once for each
# array of weights at every update. Each array has a `config` of its own, a dict with settings, such
# as the learning rate, in which the rule also keeps what it must remember. At the first call it may
# be empty, because settings that are missing take their defaults.
#
# If you are stuck, `hint("sgd")` in a cell of your own gives a small hint, and a larger one when
# you ask again.

# %% [markdown] name="sgd_text"
# ### Exercise: plain SGD
#
# *3 minutes · difficulty 1 of 3 · builds on notebook 01*
#
# $$w \leftarrow w - \varepsilon\, g$$
#
# Here $g$ is the gradient of a mini-batch (`dw`) and $\varepsilon$ is the learning rate.


# %% nbgrader={"grade_id": "sgd", "solution": true}
def sgd(w, dw, config):
    """One update of stochastic gradient descent.

    Parameters
    ----------
    w : array of floats, any shape; not modified
    dw : gradient of the loss with respect to w, same shape; not modified
    config : dict, may be modified:
        "learning_rate" : 1e-2 when absent

    Returns
    -------
    next_w : array in the shape and dtype of w
    config : the dict, for the next call
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-2)
    return w - rate * dw, config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sgd", "grade": true}
from autograder import check

check("sgd")

# %% [markdown] name="momentum"
# ## Momentum
#
# Let the weights roll like a ball. The velocity $v$ of the ball remembers earlier gradients. Across
# the valley they cancel, because they keep changing sign, and along the floor they add up. Each
# update keeps a fraction α of the velocity, the *momentum*:
#
# $$v \leftarrow \alpha v - \varepsilon\, g,\qquad w \leftarrow w + v$$
#
# While the gradient stays the same, $v$ grows towards $-\varepsilon g/(1-\alpha)$. With α = 0.9
# that is ten times a single step of SGD.
#
# torch stores $b \leftarrow \alpha b + g$ instead and steps by $-\varepsilon b$. At a fixed rate
# the path is the same. When the rate falls, torch's ball slows down at once, because the new rate
# multiplies all earlier gradients. In our form each gradient keeps its old rate, so the ball rolls
# on for a while.
#
# ### Exercise: momentum
#
# *8 minutes · difficulty 2 of 3 · builds on sgd*


# %% nbgrader={"grade_id": "sgd_momentum", "solution": true}
def sgd_momentum(w, dw, config):
    """One update of gradient descent with momentum (Polyak 1964).

    Parameters
    ----------
    w : array of floats, any shape; not modified
    dw : gradient, same shape; not modified
    config : dict, may be modified:
        "learning_rate" : ε, 1e-2 when absent
        "momentum" : α, 0.9 when absent
        "velocity" : v, in the shape and dtype of w; zeros when absent. v = αv − ε·g is what is
            added to w, so it points downhill.

    Returns
    -------
    next_w : array in the shape and dtype of w
    config : the dict, with the new "velocity"
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-2)
    alpha = config.setdefault("momentum", 0.9)
    v = alpha * config.get("velocity", np.zeros_like(w)) - rate * dw
    config["velocity"] = v
    return w + v, config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sgd_momentum", "grade": true}
from autograder import check

check("sgd_momentum")

# %% [markdown] name="own_rates"
# ## A rate for each weight
#
# The gradient of one weight may be a hundred times that of another all through training, so no
# single learning rate suits both. RMSProp (Hinton's lecture, 2012) keeps a moving average of the
# **squared** gradient and divides the gradient by the root of this average:
#
# $$r \leftarrow \rho\, r + (1-\rho)\, g^2,\qquad
# w \leftarrow w - \varepsilon\,\frac{g}{\sqrt r + \delta}$$
#
# ρ is the fraction of the old average that is kept; δ is explained below. Everything here is done
# element by element, so each **weight** has a rate of its own. After a few hundred updates a
# weight's step is about as long as ε, whatever the scale of its gradient. (With ρ = 0.99 the first
# step is ten times as long, because r starts at 0 and is then only 0.01 g².) Separate rates help
# when one weight moves along the floor of a valley and another up the wall. In a valley turned by
# 45 degrees every weight does both at once, as you saw in the explorer.
#
# AdaGrad (2011) is older. It sums the squares where RMSProp averages them, so its rates only ever
# fall. (It is an extra exercise at the end.)
#
# δ prevents a division by zero where a weight's gradient has always been 0. It stands **outside**
# the root. If 1e-8 stood inside, √(r + 1e-8), it would act like a δ of √1e-8 = 1e-4 and damp every
# gradient below that.
#
# ### Exercise: RMSProp
#
# *8 minutes · difficulty 2 of 3 · builds on sgd*


# %% nbgrader={"grade_id": "rmsprop", "solution": true}
def rmsprop(w, dw, config):
    """One update of RMSProp (Hinton 2012).

    Parameters
    ----------
    w : array of floats, any shape; not modified
    dw : gradient, same shape; not modified
    config : dict, may be modified:
        "learning_rate" : ε, 1e-2 when absent
        "decay_rate" : ρ, fraction of the OLD average that is kept; 0.99 when absent
        "epsilon" : δ, added to the root; 1e-8 when absent
        "cache" : r, the moving average of squared gradients, in the shape and dtype of w; zeros
            when absent

    Returns
    -------
    next_w : array in the shape and dtype of w
    config : the dict, with the new "cache"
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-2)
    rho = config.setdefault("decay_rate", 0.99)
    delta = config.setdefault("epsilon", 1e-8)
    cache = rho * config.get("cache", np.zeros_like(w)) + (1 - rho) * dw**2
    config["cache"] = cache
    return w - rate * dw / (np.sqrt(cache) + delta), config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_rmsprop", "grade": true}
from autograder import check

check("rmsprop")

# %% [markdown] name="adam_idea"
# ## Adam: both at once
#
# Like momentum, Adam follows past gradients, but it uses their moving average instead of their sum.
# Like RMSProp, it divides by the root of a moving average of the squares. Here $v$ is that second
# average, which was called $r$ above, and not the velocity:
#
# $$t \leftarrow t+1,\qquad m \leftarrow \beta_1 m + (1-\beta_1) g,\qquad
# v \leftarrow \beta_2 v + (1-\beta_2) g^2$$
#
# Both averages start at 0, so at first both are too small. A moving average is a weighted sum of
# all gradients so far. The gradient of $k$ steps ago has the coefficient $(1-\beta)\beta^k$, and
# after $t$ steps these sum to $1-\beta^t$ instead of 1. Dividing by that sum corrects the average:
#
# $$\hat m = \frac{m}{1-\beta_1^t},\qquad \hat v = \frac{v}{1-\beta_2^t},\qquad
# w \leftarrow w - \varepsilon\,\frac{\hat m}{\sqrt{\hat v}+\delta}$$
#
# $\hat m$ and $\hat v$ are used in this step only. What you store for the next one is $m$, $v$ and
# $t$.

# %% name="show_q07_first_step"
ask("q07_first_step")

# %% name="q07_first_step"
q07_first_step = ...

# %% nbgrader={"grade_id": "check_q07_first_step", "locked": true}
from autograder import check

check("q07_first_step")

# %% [markdown]
# ### A worked example: two steps of Adam
#
# Take one weight $w = 1$, the rate $\varepsilon = 0.1$, $\beta_1 = 0.5$ and $\beta_2 = 0.8$. The
# gradient is first 2, then 0. A $\delta$ of 1e-8 changes no digit shown here.
#
# | $t$ | $g$ | $m$ | $v$ | $\hat m$ | $\hat v$ | $w$ |
# |---|---|---|---|---|---|---|
# | 1 | 2 | 0.5·2 = 1 | 0.2·4 = 0.8 | 1/0.5 = 2 | 0.8/0.2 = 4 | 1 − 0.1·2/2 = 0.9 |
# | 2 | 0 | 0.5·1 = 0.5 | 0.8·0.8 = 0.64 | 0.5/0.75 = 0.667 | 0.64/0.36 = 1.78 | 0.85 |
#
# The last entry is 0.9 − 0.1·0.667/1.33. The second $m$ is made from the stored 1, not from the
# corrected 2. The weight moves although the gradient is 0, because $m$ remembers the first one.
#
# Now the gradient is first −6, then 6. Everything else is as before.
#
# | $t$ | $g$ | $m$ | $v$ | $\hat m$ | $\hat v$ | $w$ |
# |---|---|---|---|---|---|---|
# | 1 | −6 | −3 | 7.2 | −6 | **?** | 1.1 |
# | 2 | 6 | **?** | 12.96 | 2 | 36 | **?** |
#
# Find the three missing numbers.
#
# **The missing numbers.** The first $\hat v$ is 7.2/0.2 = 36, the second $m$ is 0.5·(−3) + 0.5·6 =
# 1.5, and the last $w$ is 1.1 − 0.1·2/6 = 1.067.

# %% [markdown] name="adam_exercise"
# ### Exercise: Adam
#
# *14 minutes · difficulty 3 of 3 · builds on sgd_momentum and rmsprop*


# %% nbgrader={"grade_id": "adam", "solution": true}
def adam(w, dw, config):
    """One update of Adam (Kingma & Ba 2015, algorithm 1).

    Parameters
    ----------
    w : array of floats, any shape; not modified
    dw : gradient, same shape; not modified
    config : dict, may be modified:
        "learning_rate" : ε, 1e-3 when absent
        "beta1", "beta2" : fractions of the OLD averages kept; 0.9 and 0.999 when absent
        "epsilon" : δ, added to the root of the corrected v; 1e-8 when absent
        "m", "v" : the averages, NOT corrected, in the shape and dtype of w; zeros when absent
        "t" : number of updates so far; 0 when absent; add 1 to it before you use it

    Returns
    -------
    next_w : array in the shape and dtype of w
    config : the dict, with the new "m", "v" and "t"
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-3)
    beta1, beta2 = config.setdefault("beta1", 0.9), config.setdefault("beta2", 0.999)
    delta = config.setdefault("epsilon", 1e-8)
    t = config.get("t", 0) + 1
    m = beta1 * config.get("m", np.zeros_like(w)) + (1 - beta1) * dw
    v = beta2 * config.get("v", np.zeros_like(w)) + (1 - beta2) * dw**2
    config["m"], config["v"], config["t"] = m, v, t
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - rate * m_hat / (np.sqrt(v_hat) + delta), config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adam", "grade": true}
from autograder import check

check("adam")

# %% [markdown] name="own_explorer_text"
# ## Your rules on difficult surfaces
#
# The explorer now runs **your** functions on three surfaces like those that you meet in the losses
# of nets. The *bend* is a valley whose floor turns, so that no direction stays right for long. On
# the *plateau*, far from the minimum, there is next to no gradient. At the *cliff* the loss falls
# over a very short distance, so the gradient there is huge, as happens in recurrent nets
# (Pascanu 2013). Begin with rate 0.1 and momentum 0.9, which are already set:
#
# 1. On the plateau, which rule stands still? What do the other rules do that this one does not?
# 2. Momentum reaches the cliff first. What happens to it there, and why does this not happen to
#    Adam? Then raise the rate until plain SGD reaches the cliff, too.
# 3. On the bend, at which rate is momentum faster than Adam? At which rate does neither get
#    anywhere?

# %% tags=["experiment"] name="own_explorer"
explore_optimizers({"SGD": sgd, "momentum": sgd_momentum, "RMSProp": rmsprop, "Adam": adam})

### BEGIN CLAIMS
from course_utils.explorers.optimizers import walk_own
from course_utils.recipes.grounds import GROUNDS

mine = {"SGD": sgd, "momentum": sgd_momentum, "RMSProp": rmsprop, "Adam": adam}
def ends_and_farthest(ground, rate):
    paths, _ = walk_own(mine, GROUNDS[ground].turned(50, 0), rate, 0.9)
    far = {rule: np.linalg.norm(path, axis=1) for rule, path in paths.items()}
    return {rule: (way[-1], way.max()) for rule, way in far.items()}
flat, wall = ends_and_farthest("plateau", 0.1), ends_and_farthest("cliff", 0.1)
assert flat["SGD"][0] > 2 and max(flat[rule][0] for rule in mine if rule != "SGD") < 0.1, (
    "on the plateau SGD stands still, and the others come in")
assert wall["momentum"][1] > 4 and wall["Adam"][1] < 2.5, "the cliff throws momentum, not Adam"
assert ends_and_farthest("cliff", 1.0)["SGD"][1] > 10, "at rate 1 it throws SGD, too"
bend = ends_and_farthest("bend", 0.3)
assert bend["momentum"][0] < 0.2 and bend["Adam"][0] > 1, "on the bend momentum is faster at 0.3"
assert min(end for end, _ in ends_and_farthest("bend", 0.01).values()) > 2.5, "at 0.01 none of use"
### END CLAIMS

# %% [markdown] name="predict_figure"
# ## Experiment: a famous figure
#
# Many lectures show the same figure: the training cost (that is, the training loss) of several
# optimizers on CIFAR-10, over the first 3 epochs and over all 45. It is **figure 3 of the Adam
# paper** (Kingma & Ba 2015), so Adam's authors chose the net, the data and the rates. Their net is
# conv64-conv64-conv128-fc1000: three convolutional layers with that many channels, then an affine
# layer of 1,000 units. We first train a small version of it, conv16-conv16-conv32-fc100, on digits,
# with each optimizer at the best of four learning rates. (Nesterov is a variant of momentum.)
#
# Which of sgd, nesterov, adagrad, rmsprop and adam will have the **lowest** training cost in the
# last epoch?

# %% name="prediction_figure"
predict("lowest training cost in the last epoch", ...,
        one_of=("sgd", "nesterov", "adagrad", "rmsprop", "adam"))

# %% tags=["experiment"] name="experiment_figure"
torch.set_num_threads(1)  # nets this small lose more by sharing work than they gain
digits = datasets.digits()
SEEDS = 1 if training.quick() else 3
BANDS = "one seed" if SEEDS == 1 else f"bands: {SEEDS} seeds"
EPOCHS = 2 if training.quick() else 15
OPTIMIZERS = {
    "sgd": (lambda p, rate: torch.optim.SGD(p, rate), [0.03, 0.1, 0.3, 1.0]),
    "nesterov": (
        lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True),
        [0.01, 0.03, 0.1, 0.3],
    ),
    "adagrad": (lambda p, rate: torch.optim.Adagrad(p, rate), [0.003, 0.01, 0.03, 0.1]),
    "rmsprop": (lambda p, rate: torch.optim.RMSprop(p, rate), [1e-3, 3e-3, 1e-2, 3e-2]),
    "adam": (lambda p, rate: torch.optim.Adam(p, rate), [1e-3, 3e-3, 1e-2, 3e-2]),
}


def small_cnn(seed):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(),
        nn.Linear(128, 100), nn.ReLU(), nn.Linear(100, 10),
    )
    with training.seeded(seed):
        for layer in model:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)
    return model


def costs(name, rate, seed, epochs=None):
    """Training cost of each epoch."""
    return training.fit(
        small_cnn(seed), digits.train, None, lambda p: OPTIMIZERS[name][0](p, rate),
        epochs=epochs or EPOCHS, batch_size=128, seed=seed, progress=False,
    ).train_loss


curves, swept = {}, {}
for name, (_, rates) in OPTIMIZERS.items():
    by_seed = {rate: training.seeds(functools.partial(costs, name, rate), SEEDS) for rate in rates}
    # A rate at which one seed diverges is not a rate to recommend.
    ends = {rate: np.nan_to_num(run.values[:, -1], nan=9.0) for rate, run in by_seed.items()}
    swept[name] = {rate: float(np.median(end)) for rate, end in ends.items()}
    rate = min(rates, key=lambda rate: np.median(ends[rate]))
    curves[f"{name}, rate {rate:g}"] = by_seed[rate]
plots.show(
    plots.lines(
        curves, "epoch", "training cost (nats)", log="y", accent=[*curves][-1],
        x=range(1, EPOCHS + 1), family=[*OPTIMIZERS],
        title=f"Each optimizer at the best of four rates; {BANDS}",
    )
)
for (name, by_rate), curve in zip(swept.items(), curves.values(), strict=True):
    found = ", ".join(f"{rate:g}: {cost:.2g}" for rate, cost in by_rate.items())
    print(f"{name:9} last epoch {curve.low[-1]:.2g} to {curve.high[-1]:.2g}   (by rate {found})")
compare("lowest training cost in the last epoch",
        min(curves, key=lambda name: curves[name].middle[-1]).split(",")[0])

### BEGIN CLAIMS
ends = {name.split(",")[0]: curve for name, curve in curves.items()}
close = [ends[name].middle[-1] for name in ("nesterov", "adagrad", "rmsprop")]
assert 2 * ends["adam"].high[-1] < min(ends[name].low[-1] for name in ends if name != "adam"), (
    "adam has the lowest cost by far")
assert max(close) < ends["sgd"].middle[-1], "plain sgd the highest"
assert max(close) < 3 * min(close), "nesterov, adagrad and rmsprop lie close together"
lead = [swept["nesterov"][rate] / swept["adam"][rate] for rate in (0.01, 0.03)]
assert lead[0] > 10, "at rate 0.01 adam is more than ten times lower than nesterov"
assert lead[1] < 3, "at 0.03 nothing is left of that lead"
### END CLAIMS

# %% [markdown] name="after_figure"
# With each optimizer at its own best rate, adam has the lowest cost by far, plain sgd has the
# highest, and nesterov, adagrad and rmsprop lie close together. Now read the costs by rate, which
# are printed under the plot. At rate 0.01 adam's cost is less than a tenth of nesterov's; at 0.03
# nothing is left of that lead. So whoever chooses one rate for all chooses the winner.
#
# The next cell draws our version of the figure, from a run that was stored by
# `benchmarks/optimizers_figure.py`. (You can run this script yourself.) For each optimizer the
# script chooses the rate that is best over the whole run, and it records the device, the data and
# the command. **The run that comes with the course is a reduced one.** Its net has a quarter of the
# figure's channels and units, and it trained on 1,000 images of CIFAR-10 for 20 epochs, on a CPU.
# If you have made the full-size run on a GPU (`make gpu` in the course's folder), that one is drawn
# first.

# %% tags=["experiment"] name="stored_figure"
reduced = results.stored("optimizers_figure")
figures = [*results.on_gpus("optimizers_figure"), *([reduced] if reduced else [])]
if not figures:
    print(
        "No run is stored here. This makes one (FOLDER holds CIFAR-10):\n"
        "python benchmarks/optimizers_figure.py --data FOLDER"
    )
for full in figures:
    print(f"{full['net']} on {full['data']}; {full['device']}, torch {full['torch']}, "
          f"{full['seconds'] / 60:.1f} minutes\nmade by: {full['command']}")
    for dropout in (False, True):
        early, late = {}, {}
        for run in full["runs"]:
            # A run that became infinite ended early; it is left out.
            whole = [k for k, c in enumerate(run["epoch_cost"]) if len(c) == full["epochs"]]
            if run["dropout"] != dropout or not whole:
                continue
            name = f"{run['optimizer']}, rate {run['learning_rate']:g}"
            first = np.array([run["first_costs"][k] for k in whole])
            block = max(1, first.shape[1] // 40)  # updates of which the mean is drawn
            blocks = first.shape[1] // block
            first = first[:, : blocks * block].reshape(len(first), blocks, block).mean(2)
            early[name] = training.Spread(first)
            late[name] = training.Spread(np.array([run["epoch_cost"][k] for k in whole]))
        if not late:  # a run that was stopped early
            continue
        at = (np.arange(blocks) + 0.5) * block / full["updates_per_epoch"]
        until, seeds = round(at[-1]), max(len(spread.values) for spread in late.values())
        accent = next((name for name in late if name.startswith("adam")), None)
        noise = "with dropout on inputs and hidden units" if dropout else "without dropout"
        family = ["sgd", "nesterov", "adagrad", "rmsprop", "adam"]
        look = {"accent": accent, "log": "y", "family": family}
        plots.show(plots.lines(early, "epoch", "training cost (nats)", x=at, **look,
                               title=f"First {until} epochs, {noise}; bands: {seeds} seeds"))
        plots.show(plots.lines(late, "epoch", "training cost (nats)", **look,
                               x=range(1, full["epochs"] + 1),
                               title=f"All {full['epochs']} epochs, {noise}; bands: {seeds} seeds"))

# %% [markdown] name="read_figure"
# In the reduced run, the cost of the last epoch over three seeds is
#
# | optimizer | without dropout | with dropout |
# |---|---|---|
# | adam | 0.41 to 1.16 | 1.61 to 1.74 |
# | nesterov | 0.93 to 1.29 | 1.50 to 1.70 |
# | rmsprop | 1.07 to 1.43 | not run |
# | adagrad | 1.19 to 1.44 | 1.68 to 1.77 |
# | plain sgd | 1.78 to 1.90 | not run |
#
# Without dropout only plain sgd stands clearly apart, and each of the other ranges overlaps the
# next. With dropout the three ranges overlap as well.
#
# Three things to ask of any such figure:
#
# - **What is on the axis?** Here it is training cost. The optimizer with the lowest cost need not
#   be the best on new images.
# - **Who tuned what?** With one rate for all, any optimizer can be made to lose. In the run on
#   digits above, the best rates differ by up to a factor of thirty.
# - **How long?** The winner of the first three epochs need not be that of the last.

# %% [markdown] name="photographs_text"
# ### One rate for all
#
# The next cell trains a net of three convolutions with three optimizers. It uses photographs of
# CIFAR-10 if your machine has them (`course data cifar10` fetches them), and drawn shapes if not.
# Beside your run you see a stored one, with two seeds and 500 photographs of CIFAR-10.
#
# Which of sgd, momentum and adam has the lowest cost in the stored run, if all three get rate 0.1?

# %% name="prediction_photographs"
predict("lowest cost on photographs at rate 0.1", ..., one_of=("sgd", "momentum", "adam"))

# %% tags=["experiment"] name="on_photographs"
def three_convolutions(seed):
    with training.seeded(seed):
        return nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10),
        )


def on_pictures(pictures, epochs, seeds, rates=(1e-4, 1e-3, 1e-2, 1e-1)):
    """Training costs of the last epoch, seeds × rates, by optimizer; 9 where a run diverged."""
    rules = {
        "sgd": torch.optim.SGD,
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "adam": torch.optim.Adam,
    }

    def cost(rule, rate, seed):
        last = training.fit(
            three_convolutions(seed), pictures.train, None, lambda p: rules[rule](p, lr=rate),
            epochs=epochs, batch_size=50, seed=seed, progress=False,
        ).train_loss[-1]
        return min(last, 9.0) if np.isfinite(last) else 9.0

    return {"rates": list(rates)} | {
        rule: [[cost(rule, rate, seed) for rate in rates] for seed in range(seeds)]
        for rule in rules
    }


pictures = datasets.photographs_or_shapes(*((100, 50) if training.quick() else (500, 100)))
found = on_pictures(pictures, epochs=1 if training.quick() else 6, seeds=1)
for title, run in datasets.beside_stored("07", pictures, found).items():
    by_rule = {rule: training.Spread(np.array(run[rule])) for rule in ("sgd", "momentum", "adam")}
    plots.show(plots.lines(by_rule, "learning rate", "training cost (nats)", x=run["rates"],
                           log="x", accent="adam", title=title))
one_rate = run["rates"].index(1e-1)
compare("lowest cost on photographs at rate 0.1",
        min(by_rule, key=lambda rule: by_rule[rule].middle[one_rate]))

### BEGIN CLAIMS
sgd, momentum, adam = (np.array(run[rule]) for rule in ("sgd", "momentum", "adam"))
assert adam[:, 1].max() < 1.9 < 2.2 < min(sgd[:, 1].min(), momentum[:, 1].min()), (
    "at rate 0.001 adam alone has learned")
assert sgd[:, -1].max() < 2.15 < 2.25 < adam[:, -1].min(), "at 0.1 sgd has, and adam has not"
assert found["adam"][0][1] < 1.9 < 2.2 < min(found["sgd"][0][1], found["momentum"][0][1]), (
    "at 0.001 it is so on shapes, too")
### END CLAIMS

# %% [markdown] name="after_photographs"
# In the stored run only adam has learned anything at rate 0.001. At rate 0.1 plain sgd has the
# lowest cost. Momentum has learned with one of its two seeds, and adam with neither. Its cost is
# that of a guess, $\ln 10 \approx 2.30$. Nothing but the rate differs between these two rankings.
#
# ## Rates that fall
#
# At a fixed rate SGD does not stop at the minimum. Each mini-batch pulls in a different direction,
# so the weights keep moving in a **ball of noise** around it. The larger the rate, the larger the
# ball. So the rate should be large while the weights are far from the minimum, and small once they
# are near it. In a simple schedule the rate falls along a straight line from $\varepsilon_0$ to
# $\varepsilon_\tau$ during the first $\tau$ updates, and then stays there:
#
# $$\varepsilon_k = (1-a)\,\varepsilon_0 + a\,\varepsilon_\tau,\qquad a=\min(k/\tau, 1)$$
#
# $k$ counts **updates**, not epochs. A usual choice is $\varepsilon_\tau = \varepsilon_0/100$.
#
# ### Exercise: linear decay
#
# *8 minutes · difficulty 1 of 3 · builds on the formula*


# %% nbgrader={"grade_id": "linear_decay", "solution": true}
def linear_decay(k, tau, eps0, eps_tau):
    """A learning rate that falls along a straight line (Goodfellow and others 2016, eq. 8.14).

    Parameters
    ----------
    k : int, number of updates before this one
    tau : int, 1 or more; from update tau on the rate stays the same
    eps0 : rate of the first update, k = 0
    eps_tau : rate from k = tau on

    Returns
    -------
    rate : float
    """
    ### BEGIN SOLUTION
    a = min(k / tau, 1)
    return (1 - a) * eps0 + a * eps_tau
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_decay", "grade": true}
from autograder import check

check("linear_decay")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If the kernel has stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="predict_ball"
# ## Experiment: the ball of noise
#
# How large is the ball? We take the simplest loss, the mean of ½(w − xᵢ)² over examples xᵢ. They
# are drawn from a normal distribution with mean 0 and standard deviation 1, so the minimum is at
# zero. From w = 5 we start 500 independent runs ("walkers") of **your** `sgd`, with one new example
# per update. At rate 0.3 they end at a root mean square distance of about 0.42 from the minimum. At
# what distance will they end at rate 0.03?

# %% name="prediction_ball"
predict("distance at rate 0.03", ..., between=(0, None))

# %% tags=["experiment"] name="experiment_ball"
UPDATES = 100 if training.quick() else 1000


def distances(schedule, seed):
    """Root mean square distance of 500 walkers from the minimum after each update."""
    rng = np.random.default_rng(seed)
    w, config, far = np.full(500, 5.0), {}, []
    for k in range(UPDATES):
        config["learning_rate"] = schedule(k)
        w, config = sgd(w, w - rng.normal(size=500), config)
        far.append(np.sqrt((w**2).mean()))
    return far


if passes("sgd", "linear_decay"):
    schedules = {
        "fixed 0.3": lambda k: 0.3,
        "fixed 0.03": lambda k: 0.03,
        "line, 0.3 to 0.003": lambda k: linear_decay(k, 0.8 * UPDATES, 0.3, 0.003),
    }
    balls = {
        name: training.seeds(lambda seed, schedule=schedule: distances(schedule, seed), SEEDS)
        for name, schedule in schedules.items()
    }
    plots.show(
        drawn("distance at rate 0.03", plots.lines(
            balls, "update", "distance from the minimum", log="y", accent="line, 0.3 to 0.003",
            title=f"500 walkers, one example an update; {BANDS}",
        ))
    )
    for name, spread in balls.items():
        print(f"{name:19} ends at a distance of {spread.low[-1]:.3f} to {spread.high[-1]:.3f}")
    compare("distance at rate 0.03", float(balls["fixed 0.03"].middle[-1]))

### BEGIN CLAIMS
assert 0.38 < balls["fixed 0.3"].low[-1] and balls["fixed 0.3"].high[-1] < 0.46, "0.42 at rate 0.3"
assert 0.115 < balls["fixed 0.03"].low[-1] and balls["fixed 0.03"].high[-1] < 0.135, "0.12 to 0.13"
assert balls["line, 0.3 to 0.003"].high[-1] < 0.075, "the falling rate ends inside both, at 0.06"
### END CLAIMS

# %% [markdown] name="after_ball"
# Over three seeds the distance is 0.41 to 0.44 at rate 0.3, and 0.12 to 0.13 at rate 0.03. For this
# loss you can compute the radius of the ball. One update takes w to (1 − ε)w + εx, where x has mean
# 0 and variance 1 and does not depend on w. So it takes the mean squared distance d² to
# (1 − ε)²d² + ε². At the end d² no longer changes, so
# d = √(ε/(2 − ε)). So with a tenth of the rate the radius shrinks only by a factor of about √10, a
# little more than 3. With the falling rate the walkers move fast at first and still end closer than
# the others, at 0.06. They would come closer still (at rate 0.003 the ball has a radius of 0.04),
# but at so small a rate that takes many updates.
#
# ## Mini-batches
#
# The gradient over a mini-batch is the gradient over all examples plus noise. On average over the
# draws the noise is zero (the estimate is *unbiased*), as long as every example is equally likely to
# be drawn. (In the first epoch every example is new, so the mini-batch's gradient estimates the
# gradient over all examples that could ever be drawn. From the second epoch
# on examples repeat, and it estimates the gradient over the training set.)
#
# In practice you shuffle the examples and then cut them into batches, so that every example comes
# once per epoch. Batch gradient descent uses one batch of all examples; online learning uses
# batches of one.
#
# ### Exercise: an epoch of mini-batches
#
# *10 minutes · difficulty 2 of 3 · builds on notebook 03*


# %% nbgrader={"grade_id": "minibatches", "solution": true}
def minibatches(X, y, batch_size, rng):
    """One epoch: every example once, in a new random order.

    Parameters
    ----------
    X : array with N rows of any shape; not modified
    y : array of N labels; not modified
    batch_size : int. The last batch is shorter when batch_size does not divide N; none is empty.
    rng : numpy Generator, the only source of randomness: the same state gives the same batches

    Returns
    -------
    A list or a generator of pairs (rows of X, labels of the same rows). Making the next
    batch must not overwrite an earlier one.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_minibatches", "grade": true}
from autograder import check

check("minibatches")

# %% [markdown] name="predict_batches"
# ## Experiment: batch, mini-batch, online; and the order
#
# We train softmax regression on digits for five epochs, with your `sgd` at rate 0.1. First we
# compare batches of 1, of 32 and of all 1,077 images. Then we take the images **sorted by class**,
# shuffle them never, once, or in each epoch, and cut them into batches of 32. Guessing gives 0.10.
# What validation accuracy will "never" reach?

# %% name="prediction_order"
predict("accuracy when never shuffled", ..., between=(0, 1))

# %% tags=["experiment"] name="experiment_batches"
flat = digits.flat()
by_class = np.argsort(flat.train_y, kind="stable")
X, y = flat.train_x[by_class].astype(float), flat.train_y[by_class]
X_val, y_val = flat.validation_x.astype(float), flat.validation_y


def learn(batch_size, shuffled, seed, epochs=5):
    """Training cost after each epoch and the validation accuracy at the end."""
    rng = np.random.default_rng(seed)
    model, after = LinearSoftmax(np.zeros((64, 10)), np.zeros(10)), []
    once = rng.permutation(len(X))
    for _ in range(epochs):
        if shuffled == "each epoch":
            batches = minibatches(X, y, batch_size, rng)
        else:
            order = once if shuffled == "once" else np.arange(len(X))
            cuts = [order[i : i + batch_size] for i in range(0, len(X), batch_size)]
            batches = [(X[rows], y[rows]) for rows in cuts]
        for x_batch, y_batch in batches:
            _, gradients = model.loss(x_batch, y_batch)
            for name, gradient in gradients.items():
                model.params[name], _ = sgd(model.params[name], gradient, {"learning_rate": 0.1})
        after.append(model.loss(X, y)[0])
    return after, float((model.loss(X_val).argmax(1) == y_val).mean())


if passes("sgd", "minibatches"):
    sizes = {"1 (online)": 1, "batches of 32": 32, f"all {len(X)} (batch)": len(X)}
    by_size = {
        name: training.seeds(lambda seed, size=size: learn(size, "each epoch", seed)[0], SEEDS)
        for name, size in sizes.items()
    }
    plots.show(
        plots.lines(
            by_size, "epoch", "training cost (nats)", x=range(1, 6), accent="batches of 32",
            log="y", title=f"The same examples, batches of different size, rate 0.1; {BANDS}",
        )
    )
    for name, spread in by_size.items():
        print(f"{name:16} ends at a cost of {spread.low[-1]:.2f} to {spread.high[-1]:.2f}")
    by_order = {
        f"shuffled {order}": training.seeds(lambda seed, order=order: learn(32, order, seed)[1], SEEDS)
        for order in ("never", "once", "each epoch")
    }
    plots.show(drawn("accuracy when never shuffled",
        plots.bars_with_range(by_order, "validation accuracy after five epochs",
                              "Sorted by class, in batches of 32, rate 0.1",
                              accent="shuffled each epoch")))
    for name, spread in by_order.items():
        print(f"{name:19} {spread.low:.3f} to {spread.high:.3f}")
    compare("accuracy when never shuffled", by_order["shuffled never"].middle)

### BEGIN CLAIMS
last = np.array([spread.values[:, -1] for spread in by_size.values()])
said = np.array([[0.11], [0.80], [2.21]])
assert np.abs(last - said).max() < 0.0051, "the costs after five epochs are 0.11, 0.80 and 2.21"
assert by_order["shuffled never"].high < 0.7, "never shuffled: about 0.6"
assert min(by_order[f"shuffled {how}"].low for how in ("once", "each epoch")) > 0.86, "else 0.9"
### END CLAIMS

# %% [markdown] name="after_batches"
# Five epochs are 5,385 updates online, 170 with batches of 32, and 5 with the whole set. The costs
# at the end are 0.11, 0.80 and 2.21 (three seeds agree to these digits). Per update, a larger
# batch gives a better gradient. For the same number of examples, smaller batches get further,
# because they make more updates, until the ball of noise stops them. (In the same time they may
# not get further, because a batch of 32 takes hardly longer than a single example.)
#
# Without shuffling, each epoch ends with batches of nothing but nines, so the last updates spoil
# what was learned about the other classes, and the accuracy is about 0.6 instead of 0.9. Shuffling
# once is as good here as shuffling in each epoch. But then the same examples share a batch in
# every epoch, and over many epochs that can do harm.
#
# ## The loop
#
# You now have a rule, a schedule and batches. What is missing is a loop that trains any model of
# this form: `model.params` is a dict of arrays, `model.loss(X, y)` gives the loss and a dict of
# gradients with the same names, and `model.loss(X)` gives scores, N × classes.
#
# ### A worked example: ten examples, two epochs
#
# Ten examples are numbered from 0 to 9, and a batch has four. The rate falls linearly, with
# $\varepsilon_0$ = 0.5, $\varepsilon_\tau$ = 0.1 and $\tau$ = 4. The order is drawn anew in each
# epoch.
#
# | epoch | rows in the batch | $k$ | rate |
# |---|---|---|---|
# | 1 | 7, 2, 9, 0 | 0 | 0.5 |
# | 1 | 4, 1, 8, 3 | 1 | 0.4 |
# | 1 | 6, 5 | 2 | 0.3 |
# | 2 | 3, 9, 5, 1 | 3 | 0.2 |
# | 2 | 0, 6, 2, 8 | 4 | 0.1 |
# | 2 | 7, 4 | 5 | 0.1 |
#
# At $k$ = 1 the rate has fallen by a quarter of 0.5 − 0.1. From $k$ = 4 on it stays the same. The
# six updates give six losses, but there are only two validation accuracies, one after each epoch.
#
# Now seven examples are cut into batches of three. The rate falls from 0.6 to 0.2, again with
# $\tau$ = 4. Find what is missing.
#
# | epoch | rows in the batch | $k$ | rate |
# |---|---|---|---|
# | 1 | 4, 0, 6 | 0 | 0.6 |
# | 1 | 2, 5, 1 | 1 | 0.5 |
# | 1 | 3 | 2 | **?** |
# | 2 | 6, 3, 5 | **?** | 0.3 |
# | 2 | 0, 2, 4 | 4 | 0.2 |
# | 2 | **?** | 5 | 0.2 |
#
# **The missing numbers.** The rate at $k$ = 2 lies halfway between 0.6 and 0.2, so it is 0.4. The
# second epoch begins with $k$ = 3. In its last batch row 1 is left over, because every row comes
# once per epoch.
#
# ### Exercise: a small solver
#
# *20 minutes · difficulty 3 of 3 · builds on your minibatches*


# %% nbgrader={"grade_id": "train", "solution": true}
def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
    """Train a model with an update rule and keep the weights that do best on validation data.

    Parameters
    ----------
    model : has `params` (dict name → array), `loss(X, y)` → (loss, dict name → gradient) and
        `loss(X)` → scores (N, classes). At the end its `params` are those after the epoch with
        the highest validation accuracy; in a tie, the earliest.
    data : dict with "X_train", "y_train", "X_val", "y_val"; not modified
    rule : `rule(w, dw, config)` → (next_w, config), as above. Each parameter has a config of its
        own that starts empty and lives as long as the training.
    schedule : `schedule(k)` → learning rate of update k = 0, 1, 2, ...; k is not reset at a new
        epoch. The rate goes into config["learning_rate"] before each call of the rule.
    epochs, batch_size : ints
    rng : numpy Generator for your minibatches; a new one when None

    Returns
    -------
    history : dict with "loss" (the mini-batch's loss before each update, one entry per update) and
        "val_accuracy" (the fraction of correct answers after each epoch, one entry per epoch)
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng() if rng is None else rng
    configs = {name: {} for name in model.params}
    history = {"loss": [], "val_accuracy": []}
    best, kept, k = -1.0, {}, 0
    for _ in range(epochs):
        for X, y in minibatches(data["X_train"], data["y_train"], batch_size, rng):
            loss, gradients = model.loss(X, y)
            history["loss"].append(loss)
            for name, dw in gradients.items():
                configs[name]["learning_rate"] = schedule(k)
                model.params[name], configs[name] = rule(model.params[name], dw, configs[name])
            k += 1
        right = model.loss(data["X_val"]).argmax(axis=1) == data["y_val"]
        history["val_accuracy"].append(right.mean())
        if history["val_accuracy"][-1] > best:
            best = history["val_accuracy"][-1]
            kept = {name: value.copy() for name, value in model.params.items()}
    model.params.update(kept)
    return history
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train", "grade": true}
from autograder import check

check("train")

# %% [markdown] name="own_run"
# In the next cell your loop trains softmax regression with your rules and your schedule.

# %% tags=["experiment"] name="experiment_own"
data = {"X_train": X, "y_train": y, "X_val": X_val, "y_val": y_val}
if passes("sgd", "sgd_momentum", "rmsprop", "adam", "linear_decay", "train"):
    ROUNDS = 2 if training.quick() else 10
    updates = ROUNDS * -(-len(X) // 32)
    own, reached = {}, {}
    for name, rule, rate in [
        ("sgd", sgd, 0.5), ("momentum", sgd_momentum, 0.1), ("rmsprop", rmsprop, 0.01),
        ("adam", adam, 0.03),
    ]:

        def run(seed, rule=rule, rate=rate):
            model = LinearSoftmax(np.zeros((64, 10)), np.zeros(10))
            falling = lambda k: linear_decay(k, updates, rate, rate / 100)
            history = train(model, data, rule, falling, ROUNDS, 32, np.random.default_rng(seed))
            epochs = np.array(history["loss"]).reshape(ROUNDS, -1).mean(1)
            return {"cost": epochs, "accuracy": max(history["val_accuracy"])}

        found = training.seeds(run, SEEDS)
        own[f"{name}, from {rate:g}"], reached[name] = found["cost"], found["accuracy"]
    plots.show(
        plots.lines(
            own, "epoch", "training cost (nats)", x=range(1, ROUNDS + 1), log="y",
            accent=[*own][-1], family=["sgd", "momentum", "adagrad", "rmsprop"],
            title=f"Your rules in your loop, at a falling rate; {BANDS}",
        )
    )
    for name, spread in reached.items():
        print(f"{name:9} validation accuracy {spread.low:.3f} to {spread.high:.3f}")

### BEGIN CLAIMS
assert 0.91 < min(spread.low for spread in reached.values()), "all four end at about 0.94"
assert max(spread.high for spread in reached.values()) < 0.97, "and none above that"
### END CLAIMS

# %% [markdown] name="after_own"
# All four end at an accuracy of about 0.94, which seems to be what a linear model can reach here.
# They differ in how fast they get there, at rates that were found by hand. In notebook 08 the same
# loop trains a deep net of your own layers.
#
# To keep your functions, run `from course_utils.keeping import keep` and then
# `keep(sgd, sgd_momentum, rmsprop, adam, minibatches, train)`. It writes to `my_layers.py` those
# whose checks pass.

# %% [markdown] name="saddles"
# ## Saddles
#
# Training slows down wherever the gradient is near zero. Is such a place a minimum? The gradient is
# zero at maxima and saddles as well. The **Hessian**, the matrix of second derivatives, tells you
# which it is. It has as many directions as there are weights, at right angles to each other: its
# *eigenvectors*. Each has a number, its *eigenvalue*, which is the loss's curvature along that
# direction. Where it is positive, the loss rises on both sides; where it is negative, it falls on
# both.

# %% name="show_q07_saddle"
ask("q07_saddle")

# %% name="q07_saddle"
q07_saddle = ...

# %% nbgrader={"grade_id": "check_q07_saddle", "locked": true}
from autograder import check

check("q07_saddle")

# %% [markdown] name="saddles_seen"
# The next cell takes the smallest two-layer net, $\hat y = w_2 w_1 x$, with targets $3x$. It
# computes the Hessian of the net's squared loss where both weights are zero. Then it counts how
# often a random symmetric matrix, as a stand-in for a Hessian, has only positive eigenvalues.

# %% tags=["experiment"] name="experiment_saddles"
def squared_loss(w):
    x = torch.tensor([-1.0, 0.5, 2.0])
    return ((w[1] * w[0] * x - 3 * x) ** 2).mean()


hessian = torch.autograd.functional.hessian(squared_loss, torch.zeros(2))
print("Hessian at zero weights: eigenvalues", torch.linalg.eigvalsh(hessian).numpy().round(2))
rng = np.random.default_rng(0)
for size in (1, 2, 3, 4, 6):
    matrices = rng.normal(size=(20_000, size, size))
    smallest = np.linalg.eigvalsh(matrices + matrices.transpose(0, 2, 1))[:, 0]
    print(f"{size} dimensions: {(smallest > 0).mean():.4f} of random Hessians are minima")

# %% [markdown] name="after_saddles"
# At zero weights the gradient is 0, and the two eigenvalues have opposite signs, so the net sits on
# a saddle. Among random Hessians, the fraction with only positive eigenvalues falls faster than
# exponentially with the dimension (0.50, 0.15, 0.027 and 0.0024 in one to four dimensions, and none
# of 20,000 in six). A net's Hessian is not random. But in nets, too, a gradient that vanishes at a
# loss far above the best one usually means a saddle (Dauphin 2014). SGD slows down there. Its noise
# carries the weights away, and so does a rule that enlarges small gradients.

# %% [markdown] name="remember"
# ## What to remember
#
# - Momentum sets v = αv − ε·g and then w = w + v. Where the gradients agree, its step grows to
#   1/(1 − α) times that of SGD.
# - RMSProp and Adam divide by the root of the mean squared gradient, so each weight's step is about
#   as long as the rate. Each weight has its own step, so these two rules help most when the loss's
#   valley runs along an axis.
# - Adam corrects its averages because they start at 0. It stores them uncorrected, and adds 1 to t
#   before using it.
# - At a fixed rate SGD ends in a ball of noise whose radius grows with the root of the rate. So
#   let the rate fall.
# - Shuffle before each epoch, and use every example once per epoch.
# - A comparison of optimizers is a comparison of how well each was tuned.

# %% [markdown] name="teacher_question"
# ## A question for your teacher to read
#
# A paper shows that its new optimizer reaches a training cost of 0.01 in 20 epochs, Adam 0.03 and
# SGD with momentum 0.05, "all with learning rate 0.001, as is standard". You review it. What do
# you ask for before you believe the ranking, and how could each of your points change it? (Six to
# ten sentences.)
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_comparison", "grade": true, "solution": true, "points": 3}
# One rate for all is no comparison: a step of Adam is about as long as the rate itself, a step of
# SGD as long as the rate times the gradient, so the same number means different things. I ask for a
# search over the rate for each optimizer, with the same number of trials, including momentum and
# the schedule, and for a grid whose best value is not on its border. With its own rate momentum may
# well be first.
#
# Training cost is not what is wanted: I ask for validation accuracy, since the lowest training cost
# may overfit most. I ask for several seeds with their range, since 0.01 and 0.03 may lie within it.
# I ask for the whole curve and for wall-clock time: rules that are fast at first may be overtaken,
# and a step of one may cost more than a step of another.
#
# (One point for separate, equal tuning with the reason; one for held-out data or for the length of
# the run; one for several seeds or for cost in time.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | `tf.train.GradientDescentOptimizer(lr).minimize(loss)` | `torch.optim.SGD(model.parameters(), lr)`, `loss.backward()`, `optimizer.step()` |
# | `tf.train.MomentumOptimizer(lr, 0.9, use_nesterov=True)` | `SGD(..., momentum=0.9, nesterov=True)` |
# | `tf.train.AdamOptimizer(lr, epsilon=1e-8)` (its epsilon is added to √v before the correction, so the same number acts differently) | `Adam(..., eps=1e-8)`, added after the correction, as in your function |
# | `tf.train.exponential_decay(lr, global_step, ...)` | `torch.optim.lr_scheduler.ExponentialLR`, `.LinearLR`, `.LambdaLR` |
# | Keras `SGD(lr, decay=1e-4)`: lr / (1 + decay·t), t counts updates | `LambdaLR(optimizer, lambda t: 1 / (1 + 1e-4 * t))` |
# | Caffe's solver: `base_lr`, `lr_policy: "step"` | `StepLR` |

# %% [markdown] name="since"
# ## What has changed since
#
# - Under Adam an L2 penalty is not weight decay: the penalty's gradient is divided by the root of
#   v like any other, so weights with large gradients are hardly decayed. AdamW decays the weights
#   themselves (Loshchilov & Hutter 2017). The cell below shows it.
# - Old programs let the rate fall from the start, for example in proportion to 1/t. Now the rate
#   usually rises first, in a warm-up (Goyal 2017, with a rate in proportion to the batch size), and
#   then falls along half a cosine wave (Loshchilov & Hutter 2016). One cycle (Smith 2018) is a long
#   rise and a long fall.
# - Rankings depend on the tuning. Tuned SGD generalised better than adaptive rules in Wilson
#   (2017). But in Choi (2019), with a wide enough search, a rule never did worse than one that it
#   contains as a special case. For example, Adam with a large δ acts like momentum, and Adam was
#   never worse than momentum.
# - Among newer rules, SAM looks for minima around which the loss stays low (Foret 2020), and Lion
#   steps by the sign of a moving average of gradients (Chen 2023). Muon (Jordan 2024) makes the
#   update of a whole matrix orthogonal. Unlike RMSProp and Adam in the explorer, it does not
#   depend on the choice of axes.

# %% tags=["experiment"] name="since_decay"
for name, make in [
    ("Adam + L2", lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1)),
    ("AdamW", lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
]:
    shrunk = []
    for seed in range(SEEDS):
        noise = torch.Generator().manual_seed(seed)
        w = torch.full((2, 100), 5.0, requires_grad=True)
        optimizer = make([w])
        for _ in range(300):
            # Gradients that are nothing but noise: small for the first weights, large for the rest.
            w.grad = torch.randn(2, 100, generator=noise) * torch.tensor([[0.1], [10.0]])
            optimizer.step()
        shrunk.append(w.detach().mean(1).numpy())
    low, high = np.min(shrunk, 0), np.max(shrunk, 0)
    print(f"{name:10} from 5 to {low[0]:.2f}–{high[0]:.2f} with small gradients, "
          f"to {low[1]:.2f}–{high[1]:.2f} with large ones")

### BEGIN CLAIMS
assert 3.6 < low[0] and high[0] < 3.8 and 3.6 < low[1] and high[1] < 3.8, "AdamW: 3.7 in both rows"
### END CLAIMS

# %% [markdown] name="after_since"
# Weights with small and with large gradients should shrink alike. Under AdamW they do, from 5 to
# about 3.7, which is 5·(1 − 0.01·0.1)³⁰⁰. With L2 inside Adam the weights with large gradients stay
# at 4.8 to 4.9, and those with small ones fall to 2.5 (three seeds).

# %% [markdown] name="groups_text"
# ### Not all parameters alike
#
# Weight decay is meant to keep weights small. On biases, and on the scale and shift of a norm, it
# is of no use. Goyal (2017) exempted the parameters of the norms, and many recipes since then
# exempt the biases, too. In torch you do that with **parameter groups**. The optimizer gets a list
# of dicts, each with some of the parameters and with settings for them. Where a dict lacks a
# setting, the one given to the optimizer is used. In the next cell all parameters begin at 1 and
# all gradients are 0, so that you see the decay alone.

# %% tags=["experiment"] name="parameter_groups"
net = nn.Sequential(nn.Linear(20, 30), nn.BatchNorm1d(30), nn.ReLU(), nn.Linear(30, 10))
groups = [
    {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.1},
    {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=0.01)
with torch.no_grad():
    for p in net.parameters():
        p.fill_(1.0)
        p.grad = torch.zeros_like(p)
for _ in range(300):
    optimizer.step()
for name, p in net.named_parameters():
    print(f"{name:9} {str(tuple(p.shape)):9} from 1 to {float(p.detach().mean()):.2f}")

### BEGIN CLAIMS
ends = {p.ndim > 1: float(p.detach().mean()) for p in net.parameters()}
assert abs(ends[True] - 0.999**300) < 1e-3 and ends[False] == 1, "weights decay, the rest does not"
### END CLAIMS

# %% [markdown] name="after_groups"
# The two matrices fall to 0.74, which is (1 − 0.01·0.1)³⁰⁰, while biases, scales and shifts do not
# change. In notebook 15 you will use groups to give each part of a net its own learning rate.

# %% [markdown] name="further"
# # Go further
#
# Everything from here on is optional. It has the same checks and hints, but no points.
#
# ### Exercise: Nesterov's momentum
#
# *8 minutes · difficulty 3 of 3 · builds on sgd_momentum*
#
# Write θ for the weights. Momentum will carry them to about θ + αv anyway, so take the gradient
# there (a prime marks the new value):
#
# $$v' = \alpha v - \varepsilon\, \nabla L(\theta + \alpha v),\qquad \theta' = \theta + v'$$
#
# But a rule is given the gradient at `w` and cannot choose another place. So let `w` **be** the
# place ahead, w = θ + αv; then `dw` is the gradient in the formula. Return the next place ahead,
# θ' + αv', and rewrite the update in terms of w instead of θ (Bengio 2012). That is what torch does,
# too.


# %% nbgrader={"grade_id": "nesterov", "solution": true}
def nesterov(w, dw, config):
    """One update of Nesterov's accelerated gradient, written for w = θ + αv.

    Parameters
    ----------
    w : array of floats, the place ahead θ + αv, at which dw was taken; not modified
    dw : gradient, same shape; not modified
    config : dict, may be modified: "learning_rate" (1e-2 when absent), "momentum" (0.9),
        "velocity" (v, zeros when absent), as in sgd_momentum

    Returns
    -------
    next_w : the next place ahead, in the shape and dtype of w
    config : the dict, with the new "velocity"
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-2)
    alpha = config.setdefault("momentum", 0.9)
    before = config.get("velocity", np.zeros_like(w))
    v = alpha * before - rate * dw
    config["velocity"] = v
    return w - alpha * before + (1 + alpha) * v, config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_nesterov", "locked": true}
from autograder import check

check("nesterov")

# %% [markdown] name="adagrad_text"
# ### Exercise: AdaGrad
#
# *7 minutes · difficulty 2 of 3 · builds on rmsprop*
#
# AdaGrad (Duchi 2011) is the ancestor of RMSProp. It divides by the root of the **sum** of all
# squared gradients so far. That is good for features that occur rarely, because their weights
# still have a large rate when the feature does occur. It is bad for long runs, because the rates
# only fall.
#
# $$r \leftarrow r + g^2,\qquad w \leftarrow w - \varepsilon\,\frac{g}{\sqrt r+\delta}$$


# %% nbgrader={"grade_id": "adagrad", "solution": true}
def adagrad(w, dw, config):
    """One update of AdaGrad (Duchi, Hazan, Singer 2011).

    Parameters
    ----------
    w : array of floats, any shape; not modified
    dw : gradient, same shape; not modified
    config : dict, may be modified:
        "learning_rate" : ε, 1e-2 when absent
        "epsilon" : δ, added to the root; 1e-8 when absent
        "cache" : r, the sum of squared gradients, in the shape and dtype of w; zeros when absent

    Returns
    -------
    next_w : array in the shape and dtype of w
    config : the dict, with the new "cache"
    """
    ### BEGIN SOLUTION
    rate = config.setdefault("learning_rate", 1e-2)
    delta = config.setdefault("epsilon", 1e-8)
    cache = config.get("cache", np.zeros_like(w)) + dw**2
    config["cache"] = cache
    return w - rate * dw / (np.sqrt(cache) + delta), config
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adagrad", "locked": true}
from autograder import check

check("adagrad")

# %% [markdown] name="time_decay_text"
# ### Exercise: 1/t decay
#
# *4 minutes · difficulty 1 of 3 · builds on linear_decay*
#
# $$\varepsilon_t = \frac{\varepsilon_0}{1 + \text{decay}\cdot t}$$
#
# Always compute the rate from $\varepsilon_0$. A rate that you divide again at every update falls
# far faster than 1/t.


# %% nbgrader={"grade_id": "time_decay", "solution": true}
def time_decay(lr0, decay, t):
    """The rate of update t under 1/t decay.

    Parameters
    ----------
    lr0 : rate of the first update, t = 0
    decay : how fast it falls; after 1/decay updates the rate has halved
    t : int, number of updates so far

    Returns
    -------
    rate : float
    """
    ### BEGIN SOLUTION
    return lr0 / (1 + decay * t)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_time_decay", "locked": true}
from autograder import check

check("time_decay")

# %% [markdown] name="noise_text"
# ### Exercise: how noisy is a mini-batch's gradient?
#
# *12 minutes · difficulty 2 of 3 · builds on minibatches*
#
# When a batch's examples are drawn with replacement, its gradient is a mean of B independent draws,
# so its typical distance from the gradient over all examples falls as $1/\sqrt B$. Half the noise
# costs four times the work. When they are drawn without replacement the distance falls faster, and
# it is 0 for the whole set.


# %% nbgrader={"grade_id": "gradient_noise", "solution": true}
def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
    """How far mini-batch gradients lie from the gradient over all of X.

    Parameters
    ----------
    model : `loss(X, y)` → (loss, dict name → gradient), a mean over the rows; not trained
    X, y : arrays with N rows
    batch_sizes : list of ints
    rng : numpy Generator, the only source of randomness
    draws : int, number of batches of each size
    replace : whether an example may come twice in a batch

    Returns
    -------
    noise : (len(batch_sizes),) array. For each size, the root of the mean over the draws of the
        squared distance between the batch's gradient and the one over X. The distance is taken
        over all components of all parameters together.
    """
    ### BEGIN SOLUTION
    _, whole = model.loss(X, y)
    noise = []
    for size in batch_sizes:
        squares = []
        for _ in range(draws):
            rows = rng.choice(len(X), size, replace=replace)
            _, part = model.loss(X[rows], y[rows])
            squares.append(sum(((part[name] - whole[name]) ** 2).sum() for name in whole))
        noise.append(np.sqrt(np.mean(squares)))
    return np.array(noise)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gradient_noise", "locked": true}
from autograder import check

check("gradient_noise")

# %% tags=["experiment"] name="experiment_noise"
if passes("gradient_noise"):
    batch_sizes = [1, 4, 16, 64, 256, 1000]
    start = LinearSoftmax(np.zeros((64, 10)), np.zeros(10))
    noise = {
        name: training.seeds(
            lambda seed, replace=replace: gradient_noise(
                start, X, y, batch_sizes, np.random.default_rng(seed), 40, replace
            ),
            SEEDS,
        )
        for name, replace in [("with replacement", True), ("without replacement", False)]
    }
    plots.show(
        plots.lines(
            noise, "batch size", "distance from the true gradient", x=batch_sizes, log="xy",
            accent="with replacement",
            title=f"Softmax regression on digits, at zero weights; {BANDS}",
        )
    )

# %% [markdown] name="reading"
# ## Further reading
#
# - Goodfellow, Bengio, Courville 2016, *Deep Learning*, chapter 8.
# - Kingma & Ba 2015, *Adam: a method for stochastic optimization*, with the figure of the
#   experiment above.
# - Bottou, Curtis, Nocedal 2018, *Optimization methods for large-scale machine learning*.
# - Goh 2017, *Why momentum really works* (distill.pub): the valley, with sliders.
# - Dauphin and others 2014, *Identifying and attacking the saddle point problem*.
# - Choi and others 2019, *On empirical comparisons of optimizers for deep learning*.
