# %% [markdown]
# # 02 · Activations
#
# After this you can
#
# - **write** an activation forward and backward so that it stays finite, keeps its dtype and has
#   the derivative that you chose at 0,
# - **measure** whether a layer still learns: what fraction of its outputs is saturated, and which
#   units are dead,
# - **choose** an activation by an experiment that is fair to all candidates.
#
# This takes an estimated 105 minutes, in two sittings of 55 and 50. It builds on 01 (chain rule,
# forward and backward, gradient checks).

# %% name="imports"
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.activations import activation_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown]
# Are you stuck on an exercise? `hint("sigmoid_forward")` in a cell of your own gives you a nudge.
# Ask again and you get a bigger one.

# %% [markdown]
# ## Three questions about 01

# %% name="show_q02_centred"
ask("q02_centred")

# %% name="q02_centred"
q02_centred = ...

# %% nbgrader={"grade_id": "check_q02_centred", "locked": true}
from autograder import check

check("q02_centred")

# %% name="show_q02_accumulate"
ask("q02_accumulate")

# %% name="q02_accumulate"
q02_accumulate = ...

# %% nbgrader={"grade_id": "check_q02_accumulate", "locked": true}
from autograder import check

check("q02_accumulate")

# %% name="show_q02_bias_gradient"
ask("q02_bias_gradient")

# %% name="q02_bias_gradient"
q02_bias_gradient = ...

# %% nbgrader={"grade_id": "check_q02_bias_gradient", "locked": true}
from autograder import check

check("q02_bias_gradient")

# %% [markdown]
# ## Ten layers, three activations
#
# Below, a net with ten hidden layers learns to read 8×8 pictures of digits. We train it with three
# different functions between the layers. Such a function is called an activation. (The scale of the
# initial weights is adapted to the activation, as notebook 04 explains.) There are ten classes, so
# guessing is right one time in ten. The plot gives the loss in nats, the unit that belongs to
# natural logarithms.

# %% tags=["experiment"] name="nets"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
device = devices.announce("cpu")  # with a GPU, name it here, for example "cuda"
digits = datasets.digits().flat()
ACTIVATIONS = {
    "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU,
    "leaky ReLU": lambda: nn.LeakyReLU(0.1), "ELU": nn.ELU, "GELU": nn.GELU,
    "SiLU": nn.SiLU,
}
RUNS = 1 if training.quick() else 3


def deep_net(kind, depth, width=64, seed=0):
    """A net with `depth` hidden layers, with initial weights that notebook 04 explains."""
    gain = 1 if kind in ("sigmoid", "tanh") else 2
    layers, fan_in = [], 64
    with training.seeded(seed):
        for _ in range(depth):
            affine = nn.Linear(fan_in, width)
            nn.init.normal_(affine.weight, std=(gain / fan_in) ** 0.5)
            nn.init.zeros_(affine.bias)
            layers += [affine, ACTIVATIONS[kind]()]
            fan_in = width
        return nn.Sequential(*layers, nn.Linear(fan_in, 10))


# %% [markdown]
# **Predict.** What fraction of the validation digits will the ten-layer net with sigmoids get right
# after eight epochs (eight times through the training set)? Write a number between 0 and 1.

# %% name="predict_ten_sigmoids"
predict("ten sigmoids", ..., between=(0, 1))


# %% tags=["experiment"] name="ten_layers"
def learn(kind, rate=0.05, depth=10):
    def run(seed):
        net = deep_net(kind, depth, seed=seed)
        history = training.fit(
            net, digits.train, digits.validation, lambda p: torch.optim.SGD(p, lr=rate),
            epochs=2 if training.quick() else 8, seed=seed, progress=False,
        )
        return {"loss": history.train_loss, "accuracy": history.validation_accuracy[-1]}

    return training.seeds(run, RUNS)


runs = {kind: learn(kind) for kind in ("sigmoid", "tanh", "ReLU")}
plots.show(plots.lines({kind: run["loss"] for kind, run in runs.items()}, "epoch",
                       "training loss (nats)", "Ten hidden layers, three activations",
                       accent="sigmoid"))
for kind, run in runs.items():
    print(f"{kind:8} validation accuracy {run['accuracy']}")
compare("ten sigmoids", float(runs["sigmoid"]["accuracy"].middle))

### BEGIN CLAIMS
ends = {kind: run["accuracy"] for kind, run in runs.items()}
assert ends["sigmoid"].high < 0.2, "the sigmoid net guesses"
assert 0.6 < ends["tanh"].low, "tanh learns"
assert 0.4 < ends["ReLU"].middle, "ReLU learns"
### END CLAIMS

# %% [markdown]
# The sigmoid net stays at 0.10, which is guessing, while the nets with tanh and ReLU learn. Nothing
# is wrong with the code. To see what happens, follow a gradient from the loss back to the first
# layer.
#
# ## The idea: one slope for each layer
#
# An activation works on each number separately, $a = f(z)$. In the backward pass, the gradient that
# arrives from the layer above (the next one, nearer to the loss) is multiplied by the local slope:
#
# $$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \cdot f'(z)$$
#
# On its way through ten layers a gradient is multiplied by ten such slopes (and by ten weight
# matrices). The sigmoid
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} \qquad \sigma'(z) = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)
# \le \tfrac14$$
#
# is never steeper than ¼, and far from 0 it is nearly flat. We call an output on that flat part
# saturated. Ten factors of ¼ make a millionth, and that is the best case unless the weights enlarge
# the gradient. People have three complaints about the sigmoid: saturated units stop gradients, its
# outputs are not centred on 0 (notebook 03 shows why that is bad), and the exponential costs time.
# You will measure the first and the last of these.

# %% [markdown]
# ### Exercise: sigmoid, forward
#
# *10 minutes · difficulty 2 of 3 · builds on nothing but numpy*
#
# $\sigma(z) = 1/(1+e^{-z})$ is one line of code. It is also the classic example of a correct
# formula that goes wrong in a computer, because $e^{1000}$ is more than a float can hold. Your
# function should give the right value from −1000 to 1000, without a warning, and return float32 for
# float32.


# %% nbgrader={"grade_id": "sigmoid_forward", "solution": true}
def sigmoid_forward(x):
    """The logistic sigmoid, element by element.

    Parameters
    ----------
    x : array of any shape, of floats or whole numbers (int64)

    Returns
    -------
    out : array of the shape of x, in [0, 1]; of the dtype of x where that is a float type, else
        float64. Finite for every finite x, and no warning is raised.
    cache : whatever your sigmoid_backward needs

    x is not changed.
    """
    ### BEGIN SOLUTION
    out = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
    return out, out
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sigmoid_forward", "grade": true}
from autograder import check

check("sigmoid_forward")

# %% [markdown]
# ### Exercise: sigmoid, backward
#
# *8 minutes · difficulty 1 · builds on sigmoid_forward*
#
# The formula for $\sigma'$ above needs only the output. So the cache can be small, and you need no
# second exponential.


# %% nbgrader={"grade_id": "sigmoid_backward", "solution": true}
def sigmoid_backward(dout, cache):
    """The gradient of a sigmoid layer.

    Parameters
    ----------
    dout : array of the shape and dtype of the output, the gradient of the loss with respect to it
    cache : what sigmoid_forward returned as its second value. It may have been called again since
        then, so keep nothing outside the cache; the same holds for every layer of the course

    Returns
    -------
    dx : array of the shape and dtype of dout, the gradient with respect to x; no warning is raised

    Neither dout nor the output of sigmoid_forward, which the cache may hold, is changed.
    """
    ### BEGIN SOLUTION
    out = cache
    return dout * out * (1 - out)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sigmoid_backward", "grade": true}
from autograder import check

check("sigmoid_backward")

# %% [markdown]
# ## Explore: where do the pre-activations fall?
#
# The pre-activations are the numbers $z$ that go into the activation. Move the sliders for their
# mean and their scale. In the left plot the grey area shows where the pre-activations fall on the
# curve. The middle plot shows the outputs, and the right one the slopes by which a gradient is
# multiplied.
#
# 1. Sigmoid: look at the root mean square of the slopes, a typical slope of the layer. Is there a
#    scale at which it reaches ¼? At which scale is half of the layer saturated? (The explorer calls
#    an output saturated where the slope is below 5 % of the steepest.)
# 2. ReLU: at which mean is the slope 0 for half of the pre-activations? Does the scale matter?
# 3. Which of the functions have outputs with mean 0 when the pre-activations have mean 0?

# %% tags=["experiment"] name="explorer"
activation_explorer()

# %% [markdown]
# ### Exercise: how much of a layer is saturated?
#
# *9 minutes · difficulty 2 · builds on sigmoid_backward*
#
# A layer in which most outputs are saturated hardly passes a gradient on, so you want to measure
# how many are. Slopes differ between activations, so "flat" has to be relative. We call an output
# saturated when the slope there is **less than** `threshold` times the steepest slope of this
# activation. The steepest slope is 1 for tanh and ReLU, and for the sigmoid you have seen it above.
# You are given outputs, not pre-activations, so use $\sigma' = a(1-a)$, $\tanh' = 1-a^2$, and for
# ReLU the slope 1 where the output is positive and 0 elsewhere.


# %% nbgrader={"grade_id": "saturation_fraction", "solution": true}
def saturation_fraction(a, kind, threshold=0.05):
    """The fraction of a layer's outputs at which the activation is nearly flat.

    Parameters
    ----------
    a : array of any shape, the layer's outputs (after the activation)
    kind : "sigmoid", "tanh" or "relu"
    threshold : above 0, at most 1, 0.05 by default; an output counts when the slope there is less
        than threshold times the steepest slope that the activation has anywhere

    Returns
    -------
    fraction : float in [0, 1], over all outputs together
    """
    ### BEGIN SOLUTION
    if kind == "sigmoid":
        slope = 4 * a * (1 - a)
    elif kind == "tanh":
        slope = 1 - a**2
    else:
        slope = np.sign(a)
    return np.mean(slope < threshold)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_saturation_fraction", "grade": true}
from autograder import check

check("saturation_fraction")

# %% [markdown]
# ## Measure: a gradient on its way through ten layers
#
# Now there is no training, only one forward and one backward pass with the initial weights. The
# plot shows the norm of the gradient at each layer's pre-activations, divided by the norm at
# layer 10. (ELU and GELU, and SiLU further down, are smooth relatives of ReLU. You need not know
# them yet.)
#
# **Predict.** For the sigmoid, how large is the gradient at layer 1 if it is 1 at layer 10?

# %% name="predict_gradient_at_layer_1"
predict("gradient at layer 1", ..., between=(0, None))


# %% tags=["experiment"] name="gradient_norms"
def gradient_norms(kind, depth=10, examples=256):
    x = torch.tensor(digits.train_x[:examples])
    x = (x - x.mean(0)) / (x.std(0) + 1e-3)
    y = torch.tensor(digits.train_y[:examples])

    def run(seed):
        h, pre_activations = x, []
        for layer in deep_net(kind, depth, width=100, seed=seed):
            h = layer(h)
            if isinstance(layer, nn.Linear):
                h.retain_grad()
                pre_activations.append(h)
        F.cross_entropy(h, y).backward()
        norms = [float(z.grad.norm()) for z in pre_activations[:depth]]
        return [norm / norms[-1] for norm in norms]

    return training.seeds(run, 1 if training.quick() else 5)


norms = {kind: gradient_norms(kind) for kind in ("sigmoid", "tanh", "ReLU", "ELU", "GELU")}
plots.show(drawn("gradient at layer 1",
    plots.lines(norms, "layer", "gradient norm (1 at layer 10)",
                "Gradients on their way down, initial weights", accent="sigmoid",
                log="y")))
for kind, spread in norms.items():
    print(f"{kind:8} layer 1: {spread.low[0]:.2g} to {spread.high[0]:.2g}")
compare("gradient at layer 1", float(norms["sigmoid"].middle[0]))

### BEGIN CLAIMS
assert 1e-6 < norms["sigmoid"].low[0] and norms["sigmoid"].high[0] < 4e-6, "about 2 millionths"
assert 0.15 < norms["tanh"].low[0] and norms["tanh"].high[0] < 0.6, "tanh keeps about 0.3"
assert 0.6 < norms["ReLU"].low[0] and norms["ReLU"].high[0] < 1.6, "ReLU keeps about all"
### END CLAIMS

# %% [markdown]
# Over five seeds the sigmoid's gradient at layer 1 is about 2 millionths of that at layer 10.
# Between the pre-activations of layer 10 and those of layer 1 lie nine activations, and nine
# factors of ¼ would give 3.8 millionths, which is close. tanh keeps about 0.3 of the gradient, and
# ReLU keeps nearly all of it. With so small a gradient, the first layers of the sigmoid net hardly
# change. In the forward pass, the same slopes shrink the differences between pictures, so the last
# layers can hardly tell one picture from another, and the net only guesses. The choice of the
# initial weights matters as much as the activation; it is the subject of notebook 04.
#
# ## ReLU: no ceiling, and a floor
#
# $$\operatorname{relu}(z) = \max(0, z)$$
#
# Where a unit's output is positive we say that it fires. There the slope is 1, however large the
# input, so nothing saturates on the right, and no exponential is needed. Where the unit does not
# fire, the slope is 0. At exactly 0 there is no derivative, so we need a convention. **Here it is
# the slope on the left, 0**, as in torch's relu. (Setting `dz[z < 0] = 0` gives 1 at 0, and so does
# `torch.clamp(min=0)`; `torch.maximum` gives ½.)

# %% [markdown]
# ### Exercise: ReLU, forward
#
# *4 minutes · difficulty 1*


# %% nbgrader={"grade_id": "relu_forward", "solution": true}
def relu_forward(x):
    """The rectified linear unit, element by element.

    Parameters
    ----------
    x : float array of any shape; it is not changed

    Returns
    -------
    out : array of the shape and dtype of x
    cache : whatever your relu_backward needs

    Source: Nair and Hinton 2010.
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0), x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_forward", "grade": true}
from autograder import check

check("relu_forward")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ### Exercise: ReLU, backward
#
# *6 minutes · difficulty 1 · builds on relu_forward*


# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_backward(dout, cache):
    """The gradient of a ReLU layer. At x = 0 the derivative is 0.

    Parameters
    ----------
    dout : array of the shape and dtype of the output; it is not changed
    cache : what relu_forward returned as its second value

    Returns
    -------
    dx : array of the shape and dtype of dout
    """
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_backward", "grade": true}
from autograder import check

check("relu_backward")

# %% [markdown]
# ## Dead units
#
# A ReLU unit that gives 0 for an example learns nothing from that example. That does no harm, and
# in a healthy net about half of all outputs are 0. But a unit that gives 0 for **every** example of
# the training set gets no gradient from any of them, and we call it dead. In the first layer a dead
# unit stays dead, because its inputs are the pictures, which do not change. (This holds as long as
# only the gradient moves the weights; other parts of an optimizer, which you meet in notebook 07,
# can move them too.) In a deeper layer the inputs are what the layers below make of the pictures.
# Those layers go on learning, and so they may bring the unit back.
#
# ### Exercise: what fraction is dead?
#
# *8 minutes · difficulty 1 · builds on relu_backward*


# %% nbgrader={"grade_id": "dead_fraction", "solution": true}
def dead_fraction(activations):
    """The fraction of units that never fire on the whole data set.

    Parameters
    ----------
    activations : list of arrays N_b×H, a layer's outputs, one array for each mini-batch (of any
        size); together they are the whole data set. Outputs may be negative, as in a leaky ReLU;
        a unit fires only where its output is above 0

    Returns
    -------
    fraction : float in [0, 1], the number of units that fire for no example at all, divided by H
    """
    ### BEGIN SOLUTION
    highest = np.max(np.concatenate(activations), axis=0)
    return 1 - np.mean(highest > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_dead_fraction", "grade": true}
from autograder import check

check("dead_fraction")

# %% [markdown]
# Large steps kill units, because one unlucky update can move a bias so far down that no input
# brings the unit above 0 again. Here we train a net with three hidden layers of 64 units at a
# learning rate of 0.5 and look at the first hidden layer. For comparison we do the same with a
# leaky ReLU (the next exercise), whose slope on the left is small but not 0.
#
# **Predict.** What fraction of the ReLU units in that layer is dead after eight epochs?

# %% name="predict_dead_units"
predict("dead ReLU units", ..., between=(0, 1))


# %% tags=["experiment"] name="dead_units"
def dead_after(kind, rate):
    """Use your dead_fraction on the first hidden layer, before and after training."""
    batches = torch.tensor(digits.train_x).split(128)

    def run(seed):
        net = deep_net(kind, 3, seed=seed)
        with torch.no_grad():
            before = dead_fraction([net[:2](batch).numpy() for batch in batches])
        history = training.fit(
            net, digits.train, digits.validation, lambda p: torch.optim.SGD(p, lr=rate),
            epochs=2 if training.quick() else 8, seed=seed, progress=False,
        )
        with torch.no_grad():
            after = dead_fraction([net[:2](batch).numpy() for batch in batches])
        return {"before": before, "after": after, "accuracy": history.validation_accuracy[-1]}

    return training.seeds(run, RUNS)


from autograder import grade

if grade("dead_fraction", globals()):
    dead = {kind: dead_after(kind, 0.5) for kind in ("ReLU", "leaky ReLU")}
    bars = {"ReLU, untrained": dead["ReLU"]["before"], "ReLU, trained": dead["ReLU"]["after"],
            "leaky ReLU, trained": dead["leaky ReLU"]["after"]}
    plots.show(drawn("dead ReLU units",
        plots.bars_with_range(bars, "fraction of units that never fire",
                              "First hidden layer, learning rate 0.5",
                              accent="ReLU, trained")))
    for kind, run in dead.items():
        print(f"{kind:11} validation accuracy {run['accuracy']}")
    compare("dead ReLU units", float(dead["ReLU"]["after"].middle))
    ends = dead["ReLU"]["after"]
    print(f"Of the ReLU units {ends.low:.0%} to {ends.high:.0%} are dead at the end, by seed.")
else:
    print("This experiment counts with your dead_fraction. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
assert dead["ReLU"]["before"].high < 0.05 < dead["ReLU"]["after"].middle, "a large step kills units"
assert dead["ReLU"]["accuracy"].low > 0.35, "the ReLU net still works"
### END CLAIMS

# %% [markdown]
# Large steps have killed some of the first layer's units; the last line of the printout says what
# fraction. The ReLU net still works, because it has more units than it needs, but you pay for units
# that do nothing. (A leaky unit may be below 0 for every picture, too. The plot counts it as one
# that never fires, but it is not dead, because it still has a slope.)
#
# Now look at all three layers after each of twelve epochs. We say that a unit **died** if, with the
# weights at the end of some epoch, it fires for no picture, and that it **came back** if it fires
# again with the weights of a later epoch.

# %% tags=["experiment"] name="dead_and_back"
def fires(net):
    """An array layer × unit: whether each ReLU unit fires for some training picture."""
    h, alive = torch.tensor(digits.train_x), []
    with torch.no_grad():
        for part in net[:-1]:
            h = part(h)
            if not isinstance(part, nn.Linear):
                alive.append((h > 0).any(0))
    return torch.stack(alive)


def died_and_back(seed):
    net = deep_net("ReLU", 3, seed=seed)
    states = [fires(net)]
    training.fit(net, digits.train, digits.validation, lambda p: torch.optim.SGD(p, lr=0.5),
                 epochs=2 if training.quick() else 12, seed=seed, progress=False,
                 on_epoch=lambda _: states.append(fires(net)))
    alive = torch.stack(states)  # epoch, layer, unit
    died = ~alive.all(0)
    # Dead at the end of one epoch, alive at the end of the next.
    back = (alive[1:] & ~alive[:-1]).any(0)
    return [[int(died[layer].sum()), int(back[layer].sum())] for layer in range(3)]


lives = np.array([died_and_back(seed) for seed in range(RUNS)])
for layer, (died, back) in enumerate(lives.sum(0), 1):
    print(f"hidden layer {layer}: {died} units died in {RUNS} runs, {back} of them came back")

### BEGIN CLAIMS
died, back = lives.sum(0).T
assert back[0] == 0 and died[0] > 5, "in the first layer none comes back"
assert min(back[1:] / died[1:]) > 0.5, "in the layers above it most do"
### END CLAIMS

# %% [markdown]
# In the first layer no dead unit comes back. In the layers above it most dead units do. So a count
# of dead units describes one moment; only in the first layer is it final.
#
# ## Leaky ReLU: a slope below zero
#
# $$f(z) = \begin{cases} z & z > 0 \\ \alpha z & z \le 0 \end{cases}$$
#
# With a small slope on the left, a unit that does not fire still gets a gradient and may fire
# again. The value of α is a choice, so you will meet both 0.1 and 0.01. (TensorFlow's default is
# 0.2, Keras's 0.3, and torch's 0.01.) You will also meet max(αx, x), which is the same function
# only if α ≤ 1.
#
# ### Exercise: leaky ReLU, forward
#
# *5 minutes · difficulty 1 · builds on relu_forward*


# %% nbgrader={"grade_id": "leaky_relu_forward", "solution": true}
def leaky_relu_forward(x, alpha=0.01):
    """Leaky ReLU, element by element.

    Parameters
    ----------
    x : float array of any shape; it is not changed
    alpha : the slope on the negative side, 0.01 by default; 0 or more, even above 1

    Returns
    -------
    out : array of the shape and dtype of x
    cache : whatever your leaky_relu_backward needs

    Source: Maas 2013.
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0) + alpha * np.minimum(x, 0), (x, alpha)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_leaky_relu_forward", "grade": true}
from autograder import check

check("leaky_relu_forward")

# %% [markdown]
# ### Exercise: leaky ReLU, backward
#
# *6 minutes · difficulty 1 · builds on leaky_relu_forward*
#
# At 0 the derivative is again the slope on the left, which is α.


# %% nbgrader={"grade_id": "leaky_relu_backward", "solution": true}
def leaky_relu_backward(dout, cache):
    """The gradient of a leaky ReLU layer. At x = 0 the derivative is alpha.

    Parameters
    ----------
    dout : array of the shape and dtype of the output; it is not changed
    cache : what leaky_relu_forward returned as its second value

    Returns
    -------
    dx : array of the shape and dtype of dout
    """
    ### BEGIN SOLUTION
    x, alpha = cache
    return np.where(x > 0, dout, alpha * dout)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_leaky_relu_backward", "grade": true}
from autograder import check

check("leaky_relu_backward")

# %% [markdown]
# ## Measure: what does the exponential cost?
#
# **Predict.** Take a million float32 numbers in numpy, and divide the time of a sigmoid by the time
# of a ReLU. What is the ratio?

# %% name="predict_cost"
predict("sigmoid / ReLU", ..., between=(0, None))

# %% tags=["experiment"] name="cost"
z = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)
tensor = torch.tensor(z, device=device)
in_numpy = {
    "ReLU": lambda: np.maximum(z, 0),
    "leaky ReLU": lambda: np.where(z > 0, z, np.float32(0.01) * z),
    "tanh": lambda: np.tanh(z),
    "sigmoid": lambda: 1 / (1 + np.exp(-z)),
}
in_torch = {"ReLU": F.relu, "leaky ReLU": F.leaky_relu, "tanh": torch.tanh,
            "sigmoid": torch.sigmoid, "ELU": F.elu, "GELU": F.gelu}
matrix = torch.randn(1000, 1000, device=device)
repeats = 3 if training.quick() else 15
milliseconds = {
    **{f"numpy {k}": 1e3 * devices.timed(f, repeats=repeats) for k, f in in_numpy.items()},
    **{
        f"torch {k}": 1e3 * devices.timed(lambda f=f: f(tensor), device, repeats=repeats)
        for k, f in in_torch.items()
    },
    "torch 1000×1000 affine map that feeds it": 1e3
    * devices.timed(lambda: matrix @ matrix, device, repeats=repeats),
}
plots.show(plots.bars_with_range(milliseconds, "time for a million numbers (ms, median)",
                                 "Cost on this machine, one thread"))
compare("sigmoid / ReLU", milliseconds["numpy sigmoid"] / milliseconds["numpy ReLU"], "times")
print(f"In torch: {milliseconds['torch sigmoid'] / milliseconds['torch ReLU']:.1f} times.")
product = milliseconds["torch 1000×1000 affine map that feeds it"]
slowest = max(milliseconds[f"torch {kind}"] for kind in in_torch)
print(f"The affine map takes {product / slowest:.1f} times as long as torch's slowest function.")

### BEGIN CLAIMS
ratio = milliseconds["numpy sigmoid"] / milliseconds["numpy ReLU"]
assert ratio > 1.2, "numpy's sigmoid takes longer than ReLU"
### END CLAIMS

# %% [markdown]
# numpy's sigmoid takes about twice as long as ReLU on some processors, and ten times as long or more
# on others. Torch's sigmoid is slower than its ReLU, too. The lines below the plot say by how much
# here. How long numpy's tanh takes depends on the processor even more: where numpy has a fast tanh
# of its own, it is hardly slower than ReLU. Look at the leaky ReLU written with `np.where`. It has
# no exponential, yet on many processors it is among the slowest, because the processor cannot
# predict which side `np.where` takes next. (Open the cell, put `z.sort()` below its line `z = …`,
# and run it again. With sorted numbers the side is easy to predict, and the leaky ReLU gets much
# faster.) Then look at the last bar and the last line. If nothing else is running, the matrix
# product that would compute a million pre-activations (1,000 examples in a layer of 1,000 inputs
# and 1,000 units) takes longer than any of torch's activations. So the exponential makes the
# activation slower, but seldom the net.
#
# ## Measure: "ReLU converges six times faster than tanh"
#
# This claim goes back to Krizhevsky 2012 (figure 1), where a four-layer convolutional net on
# CIFAR-10 reached a training error of 25 % in a sixth of the epochs when its tanh units were
# replaced by ReLU. The learning rates were chosen for each net separately. Does this hold in
# general? Let us test it on our digits. At its own best learning rate, how many updates does each
# activation need until the training error is 5 %? We take the median of three seeds.
#
# **Predict** the number of updates with tanh divided by the number with ReLU, each at its best
# rate.

# %% name="predict_race"
predict("tanh / ReLU", ..., between=(0, None))


# %% tags=["experiment"] name="race"
def updates_until(kind, rate, seed, goal=0.05, most=150):
    """Updates until the training error is `goal`; NaN when it is not reached or diverges."""
    x, y = torch.tensor(digits.train_x), torch.tensor(digits.train_y)
    net = deep_net(kind, 3, seed=seed)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    draw = torch.Generator().manual_seed(seed)
    for step in range(1, most + 1):
        rows = torch.randint(len(x), (64,), generator=draw)
        loss = F.cross_entropy(net(x[rows]), y[rows])
        if not torch.isfinite(loss):
            return np.nan
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            error = (net(x).argmax(1) != y).float().mean()
        if error <= goal:
            return step
    return np.nan


rates = [0.1, 0.4] if training.quick() else [0.1, 0.2, 0.3, 0.4, 0.6]
racers = ["tanh", "ReLU", "leaky ReLU", "ELU", "GELU", "SiLU"]
updates = {k: np.array([[updates_until(k, r, s) for r in rates] for s in range(RUNS)])
           for k in racers}
best = {}
for kind, table in updates.items():
    # A rate at which any seed fails does not count.
    middle = np.where(np.isnan(table).any(0), np.inf, np.median(table, 0))
    chosen = int(middle.argmin())
    best[f"{kind}, rate {rates[chosen]:g}"] = table[:, chosen]
plots.show(plots.bars_with_range(best, "updates until 5 % training error",
                                 "Each activation at its own best learning rate"))
at_first = {kind: np.median(table[:, 0]) for kind, table in updates.items()}
told = {kind: "not reached" if np.isnan(v) else f"{v:.0f}" for kind, v in at_first.items()}
print(f"All at rate {rates[0]:g}: " + ", ".join(f"{kind} {v}" for kind, v in told.items()))
medians = [float(np.median(runs)) for runs in best.values()]
compare("tanh / ReLU", medians[0] / medians[1], "times")

### BEGIN CLAIMS
assert 0.4 < medians[0] / medians[1] < 2, "tanh needs about as many updates as ReLU, not six times"
at_rate = [at_first[kind] / middle for kind, middle in zip(racers, medians, strict=True)]
assert not np.nanmin(at_rate) < 1.2, "at rate 0.1 each needs more than at its own rate"
### END CLAIMS

# %% [markdown]
# On digits, with each activation at its best rate, tanh needs about as many updates as ReLU, so the
# ratio is near one and not six. With the same rate for all (0.1), every activation needs more
# updates than at its own rate, and the ranking is different. So the factor of six is a fact about
# one net and one data set. Our net has only three hidden layers, and its initial weights suit each
# activation, so tanh hardly saturates. What does hold in general is the method: compare activations
# at the best setting of each, over several seeds, and expect the ranking to depend on depth,
# initial weights and data.
#
# ## What to remember
#
# - Each layer multiplies the gradient by a slope. A sigmoid's slope is at most ¼, and ten factors
#   of ¼ make a millionth.
# - "Saturated" describes one output for one example; "dead" describes a unit on the whole data set.
#   Measure both, because you cannot compute one from the other.
# - Try ReLU first. Use leaky ReLU when units die, tanh where an output should be between −1 and 1,
#   and a sigmoid where the output is a probability, but not between layers.
# - At a kink the derivative is a convention. Say which one you use.
# - Before you compare two activations, tune the learning rate of each, over several seeds.
#
# ## A question for your teacher to read
#
# A colleague reports: "In my 20-layer net 48 % of the ReLU outputs in layer 7 are zero, so half of
# the layer is dead; I will switch to sigmoids, whose outputs are never zero." Write down, in six
# sentences at most, what is wrong with the conclusion and with the remedy, and which two numbers
# you would ask for instead of the 48 %.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_dead_or_sparse", "grade": true, "solution": true, "points": 3}
# The 48 % are zeros over units and examples together, and in a healthy ReLU layer about half are
# zero, because each example silences different units, and each unit still learns from the examples
# for which it fires (1 point). A unit is dead if it fires for no example of the training set, so I
# would ask for the fraction of such units, and for the norm of the gradient at layer 7 or at
# layer 1 compared with that at layer 20 (1 point). Sigmoids would make it worse, because their
# outputs are never zero, but their slopes are at most ¼, so through 20 layers a gradient shrinks by
# about 10⁻¹². If units were really dead, a lower learning rate or a leaky ReLU would be the remedy
# (1 point).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | watch out for |
# |---|---|---|
# | `tf.nn.sigmoid(z)`, `tf.nn.tanh(z)` | `torch.sigmoid(z)`, `torch.tanh(z)` | for a loss use `F.binary_cross_entropy_with_logits`, not a sigmoid and a log |
# | `tf.nn.relu(z)`, Caffe `type: "ReLU"` | `F.relu(z)`, `nn.ReLU(inplace=True)` | in place, the input is overwritten |
# | `tf.nn.leaky_relu(z, alpha=0.2)`, `keras.layers.LeakyReLU(alpha=0.3)`, Caffe `negative_slope` | `F.leaky_relu(z, negative_slope=0.01)` | the three defaults differ |
# | `keras.layers.PReLU(shared_axes=[1, 2])` | `nn.PReLU(num_parameters=C)` | torch's default is one α for all channels |
# | `tf.nn.elu(z)` (α = 1) | `F.elu(z, alpha=1.0)` | |
# | `tf.contrib.layers.maxout(z, num_units)` | `z.unflatten(1, (2, -1)).amax(1)` after one affine map of twice the width | |
#
# ## What has changed since
#
# ReLU is still the default in convolutional nets. ELU (Clevert 2015), GELU (Hendrycks 2016) and
# SiLU, also called Swish (Elfwing 2017, Ramachandran 2017), are smooth where ReLU has a kink. Large
# language models mostly use GELU, SiLU or gated units. Gated units such as SwiGLU (Shazeer 2020)
# apply two affine maps to the same input, pass one of the results through an activation, and
# multiply it by the other. ConvNeXt (Liu 2022) replaced ReLU by GELU in a modern convolutional net
# and found the accuracy unchanged. ELU, GELU and SiLU were in the comparison above, so you can
# judge for yourself. And normalisation layers (notebook 06) now keep pre-activations where slopes
# are large, so the choice of the activation matters less than it did.

# %% [markdown]
# # Go further
#
# Everything from here on is optional. It has the same checks and hints, but no points.
#
# ### tanh
#
# *3 minutes forward, 4 minutes backward · difficulty 1*
#
# $\tanh(z) = \dfrac{e^z - e^{-z}}{e^z + e^{-z}} = 2\sigma(2z) - 1$, with slope $1 - \tanh^2 z$. It
# is a sigmoid centred on 0 and four times as steep.


# %% nbgrader={"grade_id": "tanh_forward", "solution": true}
def tanh_forward(x):
    """The hyperbolic tangent, element by element.

    Parameters
    ----------
    x : float array of any shape; it is not changed

    Returns
    -------
    out : array of the shape and dtype of x, in [-1, 1]; finite for every finite x, no warning
    cache : whatever your tanh_backward needs
    """
    ### BEGIN SOLUTION
    out = np.tanh(x)
    return out, out
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_tanh_forward", "locked": true}
from autograder import check

check("tanh_forward")


# %% nbgrader={"grade_id": "tanh_backward", "solution": true}
def tanh_backward(dout, cache):
    """The gradient of a tanh layer.

    Parameters
    ----------
    dout : array of the shape and dtype of the output; it is not changed
    cache : what tanh_forward returned as its second value

    Returns
    -------
    dx : array of the shape and dtype of dout
    """
    ### BEGIN SOLUTION
    out = cache
    return dout * (1 - out * out)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_tanh_backward", "locked": true}
from autograder import check

check("tanh_backward")

# %% [markdown]
# ### ELU
#
# *7 minutes forward, 6 minutes backward · difficulty 2*
#
# $$f(z) = \begin{cases} z & z > 0 \\ \alpha\,(e^z - 1) & z \le 0 \end{cases}$$
#
# On the left it tends to −α, so the mean output is nearer to 0 than a ReLU's. There are two traps.
# `np.where` computes both of its branches, even the exponential for z = 1000. And for $z =
# -10^{-12}$ the difference $e^z - 1$ keeps only about four correct digits in float64, and in
# float32 none.


# %% nbgrader={"grade_id": "elu_forward", "solution": true}
def elu_forward(x, alpha=1.0):
    """The exponential linear unit, element by element.

    Parameters
    ----------
    x : float array of any shape; it is not changed
    alpha : positive number, 1.0 by default; the output tends to -alpha on the left

    Returns
    -------
    out : array of the shape and dtype of x; in float64 it is correct to eight digits even for tiny
        x. No warning is raised
    cache : whatever your elu_backward needs

    Source: Clevert 2015.
    """
    ### BEGIN SOLUTION
    out = np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))
    return out, (x, alpha)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_elu_forward", "locked": true}
from autograder import check

check("elu_forward")


# %% nbgrader={"grade_id": "elu_backward", "solution": true}
def elu_backward(dout, cache):
    """The gradient of an ELU layer. At x = 0 the derivative is alpha.

    Parameters
    ----------
    dout : array of the shape and dtype of the output; it is not changed
    cache : what elu_forward returned as its second value

    Returns
    -------
    dx : array of the shape and dtype of dout; no warning is raised
    """
    ### BEGIN SOLUTION
    x, alpha = cache
    return np.where(x > 0, dout, dout * alpha * np.exp(-np.abs(x)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_elu_backward", "locked": true}
from autograder import check

check("elu_backward")

# %% [markdown]
# ### PReLU: let the net choose its slope
#
# *7 minutes forward, 12 minutes backward · difficulty 3*
#
# PReLU is a leaky ReLU whose α is learned. Each of the C channels of a picture (for example its
# three colours) has its own α, which starts at 0.25 (He 2015). Pictures are arrays N×C×H×W, so α
# has to be aligned with axis 1. A learned α may grow above 1, and then max(αx, x) is wrong. For the
# gradient of α, ask which outputs an α takes part in and how much each of them changes with it.


# %% nbgrader={"grade_id": "prelu_forward", "solution": true}
def prelu_forward(x, alpha):
    """Leaky ReLU with a slope for each channel.

    Parameters
    ----------
    x : float array N×C or N×C×H×W; it is not changed
    alpha : array C of the dtype of x, the slopes on the negative side; any numbers

    Returns
    -------
    out : array of the shape and dtype of x
    cache : whatever your prelu_backward needs

    Source: He 2015, "Delving deep into rectifiers".
    """
    ### BEGIN SOLUTION
    slope = np.expand_dims(alpha, tuple(range(1, x.ndim - 1)))
    return np.maximum(x, 0) + slope * np.minimum(x, 0), (x, slope)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_prelu_forward", "locked": true}
from autograder import check

check("prelu_forward")


# %% nbgrader={"grade_id": "prelu_backward", "solution": true}
def prelu_backward(dout, cache):
    """The gradients of a PReLU layer. At x = 0 the derivative is alpha.

    Parameters
    ----------
    dout : array of the shape and dtype of the output; it is not changed
    cache : what prelu_forward returned as its second value

    Returns
    -------
    dx : float array of the shape of x
    dalpha : float array C
    """
    ### BEGIN SOLUTION
    x, slope = cache
    dx = np.where(x > 0, dout, slope * dout)
    each = dout * np.minimum(x, 0)
    return dx, each.sum(axis=(0, *range(2, x.ndim)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_prelu_backward", "locked": true}
from autograder import check

check("prelu_backward")

# %% [markdown]
# ### Maxout: let the net choose its curve
#
# *6 minutes forward, 12 minutes backward · difficulty 3*
#
# $$f(x) = \max(xW_1 + b_1,\; xW_2 + b_2)$$
#
# ReLU and leaky ReLU are special cases. Maxout does not saturate and its units do not die, but it
# doubles the number of parameters. On a tie the first map gets the whole gradient.


# %% nbgrader={"grade_id": "maxout_forward", "solution": true}
def maxout_forward(x, W1, b1, W2, b2):
    """The larger of two affine maps, element by element.

    Parameters
    ----------
    x : array N×D
    W1, W2 : arrays D×H
    b1, b2 : arrays H

    Returns
    -------
    out : array N×H
    cache : whatever your maxout_backward needs

    Source: Goodfellow 2013.
    """
    ### BEGIN SOLUTION
    first, second = x @ W1 + b1, x @ W2 + b2
    return np.maximum(first, second), (x, W1, W2, first, second)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_maxout_forward", "locked": true}
from autograder import check

check("maxout_forward")


# %% nbgrader={"grade_id": "maxout_backward", "solution": true}
def maxout_backward(dout, cache):
    """The gradients of a Maxout layer. On a tie the first map gets the whole gradient.

    Parameters
    ----------
    dout : array N×H; it is not changed
    cache : what maxout_forward returned as its second value

    Returns
    -------
    dx, dW1, db1, dW2, db2 : arrays of the shapes of x, W1, b1, W2, b2
    """
    ### BEGIN SOLUTION
    x, W1, W2, first, second = cache
    first_wins = first >= second
    d1, d2 = dout * first_wins, dout * ~first_wins
    return d1 @ W1.T + d2 @ W2.T, x.T @ d1, d1.sum(0), x.T @ d2, d2.sum(0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_maxout_backward", "locked": true}
from autograder import check

check("maxout_backward")

# %% name="show_q02_maxout_parameters"
ask("q02_maxout_parameters")

# %% name="q02_maxout_parameters"
q02_maxout_parameters = ...

# %% nbgrader={"grade_id": "check_q02_maxout_parameters", "locked": true}
from autograder import check

check("q02_maxout_parameters")

# %% [markdown]
# ### What a layer of ReLUs can draw
#
# With one input and one output, a net with D hidden units is
#
# $$y(x) = \phi_0 + \sum_{d=1}^{D} \phi_d \operatorname{relu}(\theta_{d0} + \theta_{d1} x)$$
#
# Each unit is a straight line on one side of a point, its joint, and 0 on the other side. So the
# sum is made of at most D + 1 straight pieces.
#
# *8 minutes · difficulty 2*


# %% nbgrader={"grade_id": "shallow_1d", "solution": true}
def shallow_1d(x, theta, phi):
    """A shallow ReLU net of one input and one output.

    Parameters
    ----------
    x : array N, of floats or whole numbers
    theta : array D×2, a row for each unit: its offset (column 0) and its slope (column 1)
    phi : array D + 1; phi[0] is the output's offset, and phi[1:] holds the units' weights, in the
        order of the rows of theta

    Returns
    -------
    y : array N, of floats
    """
    ### BEGIN SOLUTION
    lines = theta[:, 0] + np.outer(x, theta[:, 1])
    return phi[0] + np.maximum(lines, 0) @ phi[1:]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_shallow_1d", "locked": true}
from autograder import check

check("shallow_1d")

# %% [markdown]
# ### Where does it bend, and how steep is it in between?
#
# *10 minutes · difficulty 3*
#
# A unit is on where its output is above 0. A unit with a positive slope is on everywhere to the
# right of its joint, and a unit with a negative slope is on everywhere to the left. The slope of a
# piece is the sum of $\phi_d \theta_{d1}$ over the units that are on there.


# %% nbgrader={"grade_id": "joints_and_slopes", "solution": true}
def joints_and_slopes(theta, phi):
    """The joints of a shallow ReLU net and the slopes of its pieces.

    Parameters
    ----------
    theta : array D×2, offsets and slopes of the units as in shallow_1d; no slope is 0, and no
        two units bend at the same place
    phi : array D + 1

    Returns
    -------
    joints : array D, where the net bends, from left to right
    slopes : array D + 1, dy/dx on the pieces, from left to right
    """
    ### BEGIN SOLUTION
    places = -theta[:, 0] / theta[:, 1]
    order = np.argsort(places)
    far_left = np.dot(np.minimum(theta[:, 1], 0), phi[1:])
    changes = (np.abs(theta[:, 1]) * phi[1:])[order]
    return places[order], far_left + np.append(0.0, np.cumsum(changes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_joints_and_slopes", "locked": true}
from autograder import check

check("joints_and_slopes")

# %% [markdown]
# ### Join the dots
#
# *15 minutes · difficulty 3 · builds on joints_and_slopes*
#
# Now go the other way. Given a function f, find the weights by hand, without training. Choose
# `hidden + 1` equally spaced points, called knots, the first at `low` and the last at `high`. The
# net should equal f at every knot and be a straight line between neighbouring knots. What it does
# outside the interval is up to you.


# %% nbgrader={"grade_id": "fit_piecewise", "solution": true}
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    """Weights of a shallow ReLU net that joins the dots of a function.

    Parameters
    ----------
    f : function that takes an array, or a number, and returns an array of the same shape, or a
        number
    hidden : number of hidden units, D, at least 1
    low, high : the interval

    Returns
    -------
    theta : array D×2, offsets (column 0) and slopes (column 1) of the units
    phi : array D + 1, the output's offset and the weights of the units

    The net of shallow_1d with these weights equals f at D + 1 points at equal distances, the first
    at low and the last at high, and is linear between neighbouring points.
    """
    ### BEGIN SOLUTION
    knots = np.linspace(low, high, hidden + 1)
    values = f(knots)
    slopes = np.diff(values) / np.diff(knots)
    theta = np.stack([-knots[:-1], np.ones(hidden)], axis=1)
    return theta, np.concatenate([values[:1], np.diff(slopes, prepend=0.0)])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fit_piecewise", "locked": true}
from autograder import check

check("fit_piecewise")

# %% [markdown]
# **Predict.** For a smooth function, by what factor does the largest error of the net from
# `fit_piecewise` fall when you double the number of units?

# %% name="predict_units"
predict("error, twice the units", ..., between=(0, None))


# %% tags=["experiment"] name="units"
def wave(x):
    return np.sin(7 * x) + 0.5 * x


def trained_error(hidden, seed):
    """The largest error of a shallow net of that size after training with Adam."""
    x = torch.linspace(0, 1, 200)[:, None]
    y = torch.sin(7 * x) + 0.5 * x
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(1, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(50 if training.quick() else 800):
        loss = F.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float((net(x) - y).detach().abs().max())


sizes = [2, 4, 8, 16, 32, 64]
fine = np.linspace(0, 1, 2001)
joined = []  # np.interp draws what your fit_piecewise should
for hidden in sizes:
    knots = np.linspace(0, 1, hidden + 1)
    joined.append(np.abs(np.interp(fine, knots, wave(knots)) - wave(fine)).max())
found = training.seeds(lambda seed: [trained_error(hidden, seed) for hidden in sizes], RUNS)
plots.show(plots.lines({"dots joined by hand": joined, "trained with Adam": found},
                       "hidden units", "largest error", "sin(7x) + x/2 on the unit interval",
                       x=sizes, log="xy", accent="dots joined by hand"))
print(f"64 units: by hand {joined[-1]:.2g}, trained {found.low[-1]:.2g} to {found.high[-1]:.2g}")
compare("error, twice the units", float(joined[-2] / joined[-1]))

### BEGIN CLAIMS
assert 3.5 < joined[-2] / joined[-1] < 4.5, "twice the units, a quarter of the error"
assert 10 * joined[-1] < found.low[-1], "training finds much less than the net could hold"
### END CLAIMS

# %% [markdown]
# When the dots are joined by hand, twice the units give a quarter of the error, because the
# distance between a smooth function and a straight piece grows with the square of the piece's
# length. Training does not come near the weights found by hand. With 64 units the largest error is
# 0.0015 by hand and more than ten times that after 800 steps of Adam, an optimizer that you meet in
# notebook 07. That a net can represent a function does not mean that training will find it.
#
# ### A softened step
#
# *5 minutes · difficulty 2 · builds on sigmoid_backward*
#
# The first units in history were steps: 0 on one side, 1 on the other, with slope 0 almost
# everywhere, so no gradient passes through them. A sigmoid unit $\sigma(\theta_0 + \theta_1 x)$ is
# a softened step. Choose its weights so that its output is ½ at `joint` and has the slope `slope`
# there. (A negative slope means a step down.)


# %% nbgrader={"grade_id": "soft_step", "solution": true}
def soft_step(joint, slope):
    """Weights of a sigmoid unit that switches at a place, with a given steepness.

    Parameters
    ----------
    joint : number, where the unit's output is 1/2
    slope : number other than 0, d/dx of the unit's output there

    Returns
    -------
    theta0, theta1 : numbers, such that the unit is sigmoid(theta0 + theta1 * x)
    """
    ### BEGIN SOLUTION
    theta1 = 4 * slope
    return -theta1 * joint, theta1
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_soft_step", "locked": true}
from autograder import check

check("soft_step")

# %% [markdown]
# ## Further reading
#
# - LeCun, Bottou, Orr, Müller 1998, *Efficient BackProp*, section 4: why outputs should be centred.
# - Glorot, Bengio 2010, *Understanding the difficulty of training deep feedforward neural
#   networks*: saturation, measured layer by layer as in this notebook.
# - Nair, Hinton 2010, *Rectified linear units improve restricted Boltzmann machines*; Glorot,
#   Bordes, Bengio 2011, *Deep sparse rectifier neural networks*.
# - Krizhevsky, Sutskever, Hinton 2012, figure 1: the factor of six.
# - Maas, Hannun, Ng 2013 (leaky ReLU); Goodfellow and others 2013 (Maxout); He and others 2015
#   (PReLU); Clevert, Unterthiner, Hochreiter 2015 (ELU).
# - Lu, Shin, Su, Karniadakis 2019, *Dying ReLU and initialization*: whole nets that are dead before
#   training.
# - Prince 2023, *Understanding Deep Learning*, chapter 3: shallow nets as piecewise linear
#   functions.
