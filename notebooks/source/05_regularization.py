# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 05 · Losses, penalties, noise
#
# After this you can
#
# - **write** the two classic losses and their gradients so that they stay finite for any score,
# - **hold back** a net that learns its training set by heart, with a penalty or with dropout, and
#   say what each does to the net,
# - **measure** the gap between training and validation loss, and average a noisy model's
#   predictions correctly.
#
# This takes an estimated 130 minutes, in two sittings of 65 and 65. It builds on 01 (gradients), 02
# (forward and backward), 03 (training, validation, augmentation) and 04 (initial weights).

# %% name="imports"
import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, grade, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.regularization import regularization_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown] name="about_hints"
# Are you stuck on an exercise? `hint("softmax_loss")` in a cell of your own gives you a nudge. Ask
# again and you get a bigger one.

# %% [markdown] name="warm_up"
# ## Before you start
#
# Here are three questions about earlier notebooks. Answer with a letter in quotes.

# %% name="show_q05_sigmoid_slope"
ask("q05_sigmoid_slope")

# %% name="q05_sigmoid_slope"
q05_sigmoid_slope = ...

# %% nbgrader={"grade_id": "check_q05_sigmoid_slope", "locked": true}
from autograder import check

check("q05_sigmoid_slope")

# %% name="show_q05_whose_mean"
ask("q05_whose_mean")

# %% name="q05_whose_mean"
q05_whose_mean = ...

# %% nbgrader={"grade_id": "check_q05_whose_mean", "locked": true}
from autograder import check

check("q05_whose_mean")

# %% name="show_q05_he"
ask("q05_he")

# %% name="q05_he"
q05_he = ...

# %% nbgrader={"grade_id": "check_q05_he", "locked": true}
from autograder import check

check("q05_he")

# %% [markdown] name="by_heart"
# ## A net that learns its training set by heart
#
# We train on 150 digits. For 30 of them we replace the label by a random one (29 of these are
# wrong; one is right by luck). The net has 55,000 weights. With so many it can learn all 150
# labels, even the wrong ones.
#
# **Predict.** After sixty epochs of training, what fraction of the **validation** digits (all of
# them correctly labelled) will it get right? Write a number between 0 and 1.

# %% name="predict_by_heart"
predict("validation accuracy of the plain net", ..., between=(0, 1))

# %% tags=["experiment"] name="plain_net"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
_ = devices.announce("cpu")
digits = datasets.digits()
EPOCHS, RUNS = (4, 1) if training.quick() else (60, 3)
few_x, few_y = digits.train_x[:150], digits.train_y[:150].copy()
chance = np.random.default_rng(0)
few_y[chance.permutation(150)[:30]] = chance.integers(0, 10, 30)


def small_net(drop=0.0, norm=False, seed=0, width=200):
    """Two hidden layers; a fraction `drop` of their units is dropped, and half that of the inputs."""
    layers, fan_in = [nn.Flatten(), *([nn.Dropout(drop / 2)] if drop else [])], 64
    with training.seeded(seed):
        for _ in range(2):
            layers += [nn.Linear(fan_in, width), *([nn.BatchNorm1d(width)] if norm else [])]
            layers += [nn.ReLU(), *([nn.Dropout(drop)] if drop else [])]
            fan_in = width
        return nn.Sequential(*layers, nn.Linear(fan_in, 10))


@functools.cache  # the experiments below ask for some of the same nets again
def learn(seed, penalty=None, augment=None, **kind):
    """A trained net and its history; `penalty` is a function of the list of weight matrices."""
    net = small_net(seed=seed, **kind)
    matrices = [w for w in net.parameters() if w.ndim > 1]

    def loss(scores, y):
        nats = F.cross_entropy(scores, y)
        # The validation loss judges predictions only, so it has no penalty.
        return nats + penalty(matrices) if penalty and torch.is_grad_enabled() else nats

    history = training.fit(
        net, (few_x, few_y), digits.validation,
        lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9),
        epochs=EPOCHS, batch_size=50, seed=seed, augment=augment, loss=loss, progress=False,
    )
    return net, history


def curves(seed):
    _, history = learn(seed)
    return {"training": history.train_loss, "validation": history.validation_loss,
            "accuracy": history.validation_accuracy[-1]}


plain = training.seeds(curves, RUNS)
plots.show(plots.lines({k: plain[k] for k in ("training", "validation")}, "epoch", "loss (nats)",
                       "150 digits, 30 labels at random", accent="validation"))
print(f"validation accuracy {plain['accuracy']}")
compare("validation accuracy of the plain net", float(plain["accuracy"].middle))

### BEGIN CLAIMS
assert (few_y != digits.train_y[:150]).sum() == 29, "29 labels are wrong"
assert 0.55 < plain["accuracy"].low and plain["accuracy"].high < 0.77, "about two thirds"
assert plain["training"].high[-1] < 0.3, "the training loss falls to about 0.1"
lowest, last = plain["validation"].values.min(1), plain["validation"].values[:, -1]
assert lowest.max() < 1.1 < last.min(), "the validation loss falls to about 1, then rises above 1.1"
### END CLAIMS

# %% [markdown] name="about_by_heart"
# The validation accuracy is about two thirds. The training loss, measured during training, falls to
# about 0.1, so the net learns even the random labels. The validation loss falls to about 1 in the
# first epochs and then rises above 1.1, because the net becomes more and more confident in what it
# has learned by heart, and confident mistakes cost most.
#
# The distance between the two curves is called the **gap**. Everything in this notebook is about
# the loss in this plot: how to compute it, and how to lower it on the validation digits.

# %% [markdown] name="softmax"
# ## Softmax and cross-entropy
#
# For each of N examples, the last layer of a net gives a score $x_{ij}$ for each of C classes. The
# right class of example $i$ is $y_i$. The softmax turns each row of scores into probabilities. The
# cross-entropy loss is minus the log of the right class's probability, averaged over the batch.
# (With the natural log it is measured in nats.)
#
# $$p_{ij} = \frac{e^{x_{ij}}}{\sum_k e^{x_{ik}}} \qquad
# L = -\frac1N \sum_i \log p_{i y_i} \qquad
# \frac{\partial L}{\partial x_{ij}} = \frac{p_{ij} - [j = y_i]}{N}$$
#
# The bracket is 1 when $j$ is the right class and 0 otherwise. So the gradient is the difference
# between the probability and what it should have been, divided by N. Each row of it sums to 0,
# which is a useful check of your code.
#
# The formula suggests `log(softmax(x))`, one function after the other. Run the next cell to see
# what that does when a net is very confident and wrong.

# %% tags=["experiment"] name="slide_nan"
sure_and_wrong = torch.tensor([[1000.0, -1000.0, 0.0]], requires_grad=True)
label = torch.tensor([1])
in_two_steps = -torch.log(torch.softmax(sure_and_wrong, 1))[0, label]
in_two_steps.sum().backward()
print(f"log(softmax(x)): loss {in_two_steps.item()}, gradient {sure_and_wrong.grad[0].tolist()}")
print(f"in one piece:    loss {F.cross_entropy(sure_and_wrong, label).item()}")

# %% [markdown] name="about_softmax_loss"
# The probability rounds to 0 and its logarithm is −∞. In the backward pass the logarithm has the
# slope 1/0 = ∞, the softmax has the slope 0, and their product is NaN. One such example ruins the
# net, because the next update spreads its NaN to every weight. So the two steps belong in one
# function.
#
# ### Exercise: the softmax loss
#
# *15 minutes · difficulty 2 of 3 · builds on 01's gradients*


# %% nbgrader={"grade_id": "softmax_loss", "solution": true}
def softmax_loss(x, y):
    """Softmax and cross-entropy, mean over the batch.

    Parameters
    ----------
    x : float array N×C, finite scores, which may be below -1000 or above 1000. It is not changed
    y : array of N whole numbers, 0 to C - 1, the right classes

    Returns
    -------
    loss : number, the mean of -log p over the examples, in nats
    dx : array of the shape and dtype of x, the gradient of the loss with respect to x

    Both are finite for finite scores and correct up to rounding, even where a probability rounds
    to 0. No warning is raised.
    """
    ### BEGIN SOLUTION
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(y)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_softmax_loss", "grade": true}
from autograder import check

check("softmax_loss")

# %% [markdown] name="hinge"
# ## The hinge: good enough is good enough
#
# Cross-entropy is never satisfied, because even a right class with probability 0.99 is still pushed
# up. The multiclass hinge loss asks only that the score of the right class lead every other score
# by a margin $\Delta$. Once it does, the loss is 0:
#
# $$L = \frac1N \sum_i \sum_{j \ne y_i} \max(0,\; x_{ij} - x_{i y_i} + \Delta)$$
#
# Here are both losses for two classes, plotted against the lead of the right class. (With two
# classes, cross-entropy is $\log(1 + e^{-\text{lead}})$.)

# %% tags=["experiment"] name="two_losses"
lead = np.linspace(-3, 3, 121)
both = {"cross-entropy": np.log1p(np.exp(-lead)), "hinge, margin 1": np.maximum(0, 1 - lead)}
plots.show(plots.lines(both, "score of the right class minus the other", "loss",
                       "Two classes, one example", x=lead, accent="hinge, margin 1"))

# %% [markdown] name="about_svm_loss"
# At its kink $\max(0, z)$ has derivative 0 here, like the ReLU in notebook 02. So a wrong class
# whose score is **exactly** $\Delta$ below the right one's gets derivative 0.
#
# ### Exercise: the multiclass hinge loss
#
# *12 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "svm_loss", "solution": true}
def svm_loss(x, y, margin=1.0):
    """The multiclass hinge loss, mean over the batch.

    Parameters
    ----------
    x : float array N×C, scores; it is not changed
    y : array of N whole numbers, 0 to C - 1, the right classes
    margin : positive number, by how much the right class should lead each of the others

    Returns
    -------
    loss : number, the terms max(0, …) summed over all wrong classes and averaged over the examples
    dx : array of the shape and dtype of x, the gradient of the loss with respect to x; a wrong
        class whose score is exactly the margin below the right one's gets 0

    Source: Weston and Watkins 1999. (torch's multi_margin_loss is this loss divided by C.)
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(y))
    excess = np.maximum(x - x[rows, y][:, None] + margin, 0)
    excess[rows, y] = 0
    dx = np.sign(excess)
    dx[rows, y] = -dx.sum(axis=1)
    return excess.sum() / len(y), dx / len(y)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_svm_loss", "grade": true}
from autograder import check

check("svm_loss")

# %% [markdown] name="about_q05_hinge"
# The name "hinge loss" alone does not tell you which loss you get. In TensorFlow 1, for example,
# `tf.losses.hinge_loss(one_hot, scores)` compares every score with 0, so it judges each class by
# itself. Work out **our** loss for one example by hand. The cell after your answer then computes
# both losses for similar scores.

# %% name="show_q05_hinge"
ask("q05_hinge")

# %% name="q05_hinge"
q05_hinge = ...

# %% nbgrader={"grade_id": "check_q05_hinge", "locked": true}
from autograder import check

check("q05_hinge")

# %% tags=["experiment"] name="slide_hinge"
scores = np.array([3.0, 1.9, -2.0])  # the first class is right
target = np.array([1, -1, -1])
against_zero = np.maximum(0, 1 - target * scores).mean()
multiclass = 3 * F.multi_margin_loss(torch.tensor(scores[None]), torch.tensor([0]))
print(f"one against the rest, as tf.losses.hinge_loss: {against_zero:.2f}")
print(f"multiclass hinge: {multiclass:.2f}")

# %% [markdown] name="penalties"
# The two losses differ on the same scores, so find out which one a library means.
#
# ## Penalties: a price on weights
#
# To fit a wrong label, a net must change its output sharply between neighbouring examples, and for
# that it needs large weights. So among nets that fit the training set we prefer those with small
# weights, and we add a penalty to the loss. With $W$ running over all weights, the two usual
# penalties are
#
# $$\text{L2:}\quad \tfrac12 \lambda \sum W^2 \qquad\qquad \text{L1:}\quad \lambda \sum |W|$$
#
# The ½ makes the gradient of the L2 penalty λW. Optimizers that add this λW to the gradient call it
# weight decay. (Some texts leave out the ½, and then the same λ is twice as strong.) Biases are not
# penalised, because they only shift a function and cannot make it steep.
#
# ## Explore: what a penalty does to a boundary, and to the weights
#
# There are forty points of two classes, and six of them have the wrong label. The model is a sum of
# 60 bell-shaped bumps spread over the plane, each with a weight, so it has more weights than
# points. The left plot shows the boundary that it learns, and the right one shows its weights,
# sorted.
#
# 1. With L2 at the smallest λ, how does the boundary treat the mislabelled points? At which λ is
#    the test accuracy highest?
# 2. Choose a λ for L2 and one for L1 that give the same test accuracy. How many weights are exactly
#    0 with each?
# 3. Dropout, which you meet below, switches off random bumps in training and has no λ. Is its
#    boundary more like that of L1 or that of L2?

# %% tags=["experiment"] name="explorer"
regularization_explorer()

# %% [markdown] name="about_l2_penalty"
# ### Exercise: the L2 penalty
#
# *8 minutes · difficulty 1 of 3*
#
# Parameters come as a dictionary with names such as `W1`, `b1`, `W2` and `gamma2` (a factor in a
# normalisation layer, notebook 06). A parameter whose name begins with a capital W is a weight; all
# others are not penalised.


# %% nbgrader={"grade_id": "l2_penalty", "solution": true}
def l2_penalty(params, lam):
    """Half of lam times the sum of squares of all weights.

    Parameters
    ----------
    params : dict, name → float array of any shape. Names that begin with "W" are weights; all
        others (biases, gamma, beta) are not penalised, whatever their shape. Change nothing
    lam : number, at least 0

    Returns
    -------
    cost : number
    grads : dict with the same names: the gradient of cost with respect to each parameter, an
        array of its shape and dtype, zeros where it is not penalised
    """
    ### BEGIN SOLUTION
    cost, grads = 0.0, {}
    for name, value in params.items():
        strength = lam * name.startswith("W")
        cost += 0.5 * strength * np.sum(value * value)
        grads[name] = strength * value
    return cost, grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_l2_penalty", "grade": true}
from autograder import check

check("l2_penalty")

# %% [markdown] name="about_l1_penalty"
# ### Exercise: the L1 penalty
#
# *5 minutes · difficulty 1 of 3 · builds on l2_penalty*
#
# Now write the same function for absolute values. At 0 the slope of |w| is again a convention. Here
# it is **0**, so the penalty does not move a weight that is 0.


# %% nbgrader={"grade_id": "l1_penalty", "solution": true}
def l1_penalty(params, lam):
    """lam times the sum of absolute values of all weights.

    Parameters
    ----------
    params : dict, name → float array, as in l2_penalty; nothing is changed
    lam : number, at least 0

    Returns
    -------
    cost : number
    grads : dict with the same names, as in l2_penalty; the slope of an absolute value at 0 is 0
    """
    ### BEGIN SOLUTION
    cost, grads = 0.0, {}
    for name, value in params.items():
        strength = lam * name.startswith("W")
        cost += strength * np.sum(np.abs(value))
        grads[name] = strength * np.sign(value)
    return cost, grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_l1_penalty", "grade": true}
from autograder import check

check("l1_penalty")

# %% [markdown] name="about_weight_decay"
# You have now met λ with the ½, λ without it, and an optimizer's weight decay. Now convert the λ of
# one of them into that of another.

# %% name="show_q05_weight_decay"
ask("q05_weight_decay")

# %% name="q05_weight_decay"
q05_weight_decay = ...

# %% nbgrader={"grade_id": "check_q05_weight_decay", "locked": true}
from autograder import check

check("q05_weight_decay")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If the kernel has stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="dropout"
# ## Dropout: noise in training
#
# The other way to hold a net back is to disturb it while it learns. Dropout sets each activation to
# 0 with some probability, independently for every example and every step. So no unit can rely on
# any particular other unit, and no fixed combination of units can memorise an example. If $p$ is
# the probability of **keeping** an activation, then
#
# $$\text{training:}\quad \text{out} = \frac{m}{p}\, x, \quad m \sim \text{Bernoulli}(p)
# \qquad\qquad \text{test:}\quad \text{out} = x$$
#
# Here $m$ is 1 with probability $p$ and 0 otherwise. The factor $1/p$ makes the mean of the output
# equal to $x$. So the next layer sees the same scale in both modes, and in test mode there is
# nothing to do. This form is called *inverted* dropout. In the exercise, `dropout_param["p"]` is
# the probability of keeping, as in Srivastava 2014. torch's `nn.Dropout(p)` takes the probability
# of **dropping**.
#
# ### Exercise: dropout, forward
#
# *10 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "dropout_forward", "solution": true}
def dropout_forward(x, dropout_param):
    """Inverted dropout.

    Parameters
    ----------
    x : float array of any shape; it is not changed
    dropout_param : dict with
        "p" : the probability of KEEPING a number, above 0, at most 1
        "mode" : "train" or "test"
        "rng" : a numpy Generator; the mask is drawn from it, one number for each entry of x
        "seed" : whole number, used if "rng" is absent: each call makes a new generator from it
            (np.random.default_rng). In test mode both may be absent

    Returns
    -------
    out : array of the shape and dtype of x. In training each number is, independently of the
        others, kept with probability p and divided by p, and otherwise set to 0; in test mode out
        equals x
    cache : whatever your dropout_backward needs

    Leave numpy's global random state alone.

    Source: Srivastava 2014.
    """
    ### BEGIN SOLUTION
    if dropout_param["mode"] == "test":
        return x, None
    rng, p = dropout_param.get("rng"), dropout_param["p"]
    if rng is None:
        rng = np.random.default_rng(dropout_param["seed"])
    mask = ((rng.random(x.shape) < p) / p).astype(x.dtype)
    return x * mask, mask
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_dropout_forward", "grade": true}
from autograder import check

check("dropout_forward")

# %% [markdown] name="about_dropout_backward"
# A mask is random, so the check cannot compare yours with one right mask. Instead it tests what all
# right masks have in common: the fraction that is kept, the factor 1/p, and entries that are
# dropped independently. Equal seeds must give equal masks, and a second call with the same
# generator must give a new mask.
#
# ### Exercise: dropout, backward
#
# *6 minutes · difficulty 1 of 3 · builds on dropout_forward*


# %% nbgrader={"grade_id": "dropout_backward", "solution": true}
def dropout_backward(dout, cache):
    """The gradient of inverted dropout, in the mode in which the forward pass ran.

    Parameters
    ----------
    dout : array of the shape of out; it is not changed
    cache : what dropout_forward returned as its second value; dropout_param may have changed since

    Returns
    -------
    dx : array of the shape and dtype of dout
    """
    ### BEGIN SOLUTION
    return dout if cache is None else dout * cache
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_dropout_backward", "grade": true}
from autograder import check

check("dropout_backward")

# %% [markdown] name="about_own_net"
# ## Your own pieces, put together
#
# Below is a net with one hidden layer of 300 units on the same 150 digits. It is built from your
# `softmax_loss`, `l2_penalty`, `dropout_forward` and `dropout_backward`. The affine layer and the
# ReLU come from `course_utils.layers`; in notebook 08 your own layers will replace them.
#
# **Predict.** The plain net at the beginning got about two thirds of the validation digits right.
# What accuracy will yours reach with half of its hidden units dropped?

# %% name="predict_own_net"
predict("your net with dropout", ..., between=(0, 1))

# %% tags=["experiment"] name="own_net"
from course_utils import layers


def own_scores(params, x, mode, keep, rng):
    """Scores of a net with one hidden layer, and the caches for the backward pass."""
    hidden, affine_1 = layers.affine_forward(x, params["W1"], params["b1"])
    hidden, relu = layers.relu_forward(hidden)
    hidden, noise = dropout_forward(hidden, {"mode": mode, "p": keep, "rng": rng})
    scores, affine_2 = layers.affine_forward(hidden, params["W2"], params["b2"])
    return scores, (affine_1, relu, noise, affine_2)


def own_training(seed, keep=1.0, lam=0.0, rate=0.5, width=300):
    rng = np.random.default_rng(seed)
    params = {"W1": rng.normal(0, (2 / 64) ** 0.5, (64, width)), "b1": np.zeros(width),
              "W2": rng.normal(0, (2 / width) ** 0.5, (width, 10)), "b2": np.zeros(10)}
    x, held = few_x.reshape(-1, 64).astype(float), digits.validation_x.reshape(-1, 64).astype(float)
    for _ in range(2 * EPOCHS):
        for rows in np.split(rng.permutation(len(x)), 3):
            scores, (affine_1, relu, noise, affine_2) = own_scores(
                params, x[rows], "train", keep, rng
            )
            _, dscores = softmax_loss(scores, few_y[rows])
            dhidden, dW2, db2 = layers.affine_backward(dscores, affine_2)
            dhidden = layers.relu_backward(dropout_backward(dhidden, noise), relu)
            _, dW1, db1 = layers.affine_backward(dhidden, affine_1)
            _, prices = l2_penalty(params, lam)
            for name, gradient in {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}.items():
                params[name] = params[name] - rate * (gradient + prices[name])
    scores, _ = own_scores(params, held, "test", keep, rng)
    return float((scores.argmax(1) == digits.validation_y).mean())


if all(grade(name, globals()) for name in ("softmax_loss", "l2_penalty", "dropout_backward")):
    own = {
        "plain": training.seeds(own_training, RUNS),
        "L2, λ = 0.03": training.seeds(lambda seed: own_training(seed, lam=0.03), RUNS),
        "dropout, half dropped": training.seeds(lambda seed: own_training(seed, 0.5), RUNS),
    }
    plots.show(drawn("your net with dropout",
        plots.bars_with_range(own, "validation accuracy", "A net of your own pieces",
                              accent="dropout, half dropped")))
    for name, spread in own.items():
        print(f"{name:22} {spread}")
    compare("your net with dropout", float(own["dropout, half dropped"].middle))
else:
    print("This net is made of your softmax_loss, l2_penalty and dropout. Come back when their "
          "checks say Right.")

### BEGIN CLAIMS
plain_one = own["plain"].middle
assert own["L2, λ = 0.03"].middle > plain_one, "L2 brings a few digits in a hundred"
assert own["dropout, half dropped"].middle > plain_one, "dropout does, too"
### END CLAIMS

# %% [markdown] name="about_own_numbers"
# With L2 or with dropout the net's accuracy is a few percentage points higher than that of the same
# net without either (the bar "plain").

# %% [markdown] name="about_gap"
# ## Experiment: five ways to close the gap
#
# We go back to the first net of this notebook, with its 30 random labels, and train it with each of
# five methods in turn. Two add a penalty on weights (L2 and L1), and three add noise. With dropout
# it is random which units are active. With augmentation it is random how a digit is turned,
# stretched and shifted. And batch norm (a layer that normalises over the batch, notebook 06)
# normalises each digit together with other digits, which are chosen at random. We measure both
# losses after training, without noise and without the penalty.
#
# **Predict.** Which of L1, L2, dropout, augmentation and batch norm will leave the **smallest gap**
# between the validation and the training loss? Write its name in quotes.

# %% name="predict_gap"
predict("smallest gap", ..., one_of=("L1", "L2", "dropout", "augmentation", "batch norm"))

# %% tags=["experiment"] name="gap"
from matplotlib.figure import Figure


def turned(x, generator):
    """Each picture turned by up to 14°, sheared, stretched by up to 6 %, moved by half a pixel."""
    turn, stretch, shear, right, down = torch.rand(5, len(x), generator=generator) * 2 - 1
    turn, stretch, shear = 0.25 * turn, 1 + 0.06 * stretch, 0.2 * shear
    rows = [torch.stack([turn.cos() * stretch, shear - turn.sin() * stretch, 0.12 * right], 1),
            torch.stack([turn.sin() * stretch, turn.cos() * stretch, 0.12 * down], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), x.shape, align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


MEANS = {
    "none": {},
    "L1, λ = 0.002": {"penalty": lambda Ws: 0.002 * sum(W.abs().sum() for W in Ws)},
    "L2, λ = 0.03": {"penalty": lambda Ws: 0.5 * 0.03 * sum((W**2).sum() for W in Ws)},
    "dropout, half dropped": {"drop": 0.5},
    "augmentation": {"augment": turned},
    "batch norm": {"norm": True},
}


def measured(options):
    def run(seed):
        net, _ = learn(seed, **options)
        train_loss, _ = training.evaluate(net, (few_x, few_y))
        loss, accuracy = training.evaluate(net, digits.validation)
        weights = torch.cat([w.detach().ravel() for w in net.parameters() if w.ndim > 1])
        return {"training": train_loss, "validation": loss, "gap": loss - train_loss,
                "accuracy": accuracy, "small": float((weights.abs() < 1e-3).float().mean()),
                "zero": float((weights == 0).float().mean())}

    return training.seeds(run, RUNS)


found = {name: measured(options) for name, options in MEANS.items()}
figure = Figure(figsize=(7.5, 3.2))
axes = figure.subplots()
for row, run in enumerate(found.values()):
    inside, outside = run["training"], run["validation"]
    axes.plot([inside.middle, outside.middle], [row, row], color="#c8c8c8", lw=7, zorder=1)
    for spread, face in ((inside, "white"), (outside, plots.ACCENT)):
        axes.plot([spread.low, spread.high], [row, row], color="#1a1a1a", lw=1.4, zorder=2)
        axes.plot(spread.middle, row, "o", color="#1a1a1a", markerfacecolor=face, ms=8, zorder=3)
axes.set(xlabel="loss (nats)", yticks=range(len(found)), yticklabels=list(found))
axes.set_title("training loss (white), validation loss (blue), the gap between", loc="left", size=11)
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)
figure.subplots_adjust(0.23, 0.16, 0.98, 0.9)
plots.show(figure, "Gaps: " + "; ".join(
    f"{name}: training loss {run['training']}, validation loss {run['validation']}"
    for name, run in found.items()
))
for name, run in found.items():
    print(f"{name:22} gap {run['gap']}, validation loss {run['validation']}")
    print(f"{'':22} validation accuracy {run['accuracy']}")
    print(f"{'':22} training loss {run['training']}")
    print(f"{'':22} fraction of weights below 0.001: {run['small']}, exactly 0: {run['zero']}")
gaps = {name: run["gap"].middle for name, run in found.items()}
compare("smallest gap", min(gaps, key=gaps.get))

### BEGIN CLAIMS
gap_of = {name.split(",")[0]: run["gap"] for name, run in found.items()}
loss_of = {name.split(",")[0]: run["validation"] for name, run in found.items()}
train_of = {name.split(",")[0]: run["training"] for name, run in found.items()}
assert min(gap_of["none"].low, gap_of["batch norm"].low) > 1, "none, batch norm: above one nat"
assert max(gap_of["L2"].high, gap_of["dropout"].high) < 0.35, "L2, dropout: about a fifth of that"
between = [gap_of[name].middle for name in ("L1", "augmentation")]
assert 0.25 < min(between) and max(between) < 0.8, "L1 and augmentation are between"
gains = [loss_of[name].middle for name in ("dropout", "augmentation")]
assert max(gains) + 0.05 < min(loss_of[name].middle for name in ("none", "L1", "L2", "batch norm")), (
    "dropout and augmentation gain most in validation loss")
raised = [train_of[name].middle for name in ("L1", "L2", "dropout", "augmentation")]
assert 0.35 < min(raised) and max(raised) < 0.9, "these four raise the training loss"
assert max(train_of["none"].middle, train_of["batch norm"].middle) < 0.12, "none, batch norm: low"
assert found["L1, λ = 0.002"]["small"].low > 0.88, "L1: nine in ten of all weights below 0.001"
assert found["L2, λ = 0.03"]["small"].high < 0.5, "L2: not half of them"
assert found["L1, λ = 0.002"]["zero"].high < 0.001, "exactly 0 is none"
### END CLAIMS

# %% [markdown] name="about_the_gap"
# The plain net's gap is above one nat, and so is the gap with batch norm. L2 and dropout leave the
# smallest gaps, about a fifth of the plain net's. L1 and augmentation are in between. Dropout and
# augmentation lower the validation loss most, and for the same reason. The net never sees exactly
# the same input twice, so it cannot tie a wrong label to one particular picture.
#
# Look at the training loss, too. All methods but batch norm raise it, from below 0.1 (measured
# after training, not during it) to between 0.4 and 0.8, because a net that is held back no longer
# learns the wrong labels by heart. A good part of the smaller gap comes from this higher training
# loss.
#
# With L1, more than nine in ten of all weights end below 0.001 in size; with L2 it is less than
# half. But no weight is *exactly* 0, because a gradient step crosses 0 and hardly ever lands on it.
# Batch norm is often listed as a regulariser, a method that lowers the validation loss by holding
# the net back, but here it does not act as one. With 50 examples in a batch its noise is small, and
# it makes all labels easier to learn, even the wrong ones. This was one net with 150 digits, so on
# other data the order may differ. We chose each λ from two or three values by looking at these same
# validation digits, so do not read much into small differences.

# %% [markdown] name="soft_threshold_text"
# How can an L1 penalty give exact zeros, then? Take a gradient step on the loss without the
# penalty. Then pull every weight towards 0 by a fixed amount $t$, but not beyond 0:
#
# $$w \leftarrow \operatorname{sign}(w)\,\max(|w| - t,\; 0)$$
#
# This is **soft thresholding**, and the L1 of the explorer uses it. With
# $t = \text{lr}\cdot\lambda$, where lr is the learning rate, it is the same penalty as above,
# because the gradient of the L1 penalty changes a weight by that amount in each step. (We switch
# off momentum, which you meet in notebook 07, because it would repeat earlier steps, and so move
# weights away from 0 again. Without it steps are smaller, so the learning rate is 0.3 here instead
# of 0.1.)

# %% tags=["experiment"] name="soft_threshold"
class SoftThreshold(torch.optim.SGD):
    """Plain SGD; after each step all weight matrices are soft-thresholded with penalty λ."""

    lam = 0.002

    def step(self, closure=None):
        super().step(closure)
        group = self.param_groups[0]
        amount = group["lr"] * self.lam
        with torch.no_grad():
            for w in group["params"]:
                if w.ndim > 1:
                    w.copy_(w.sign() * (w.abs() - amount).clamp(min=0))


def thresholded(seed):
    net = small_net(seed=seed)
    history = training.fit(
        net, (few_x, few_y), digits.validation,
        lambda weights: SoftThreshold(weights, lr=0.3),
        epochs=EPOCHS, batch_size=50, seed=seed, progress=False,
    )
    weights = torch.cat([w.detach().ravel() for w in net.parameters() if w.ndim > 1])
    return {"zero": float((weights == 0).float().mean()),
            "accuracy": history.validation_accuracy[-1]}


sparse = training.seeds(thresholded, RUNS)
l1 = found["L1, λ = 0.002"]
print(f"soft thresholding: fraction of weights exactly 0: {sparse['zero']},\n"
      f"    validation accuracy {sparse['accuracy']}")
print(f"L1 by its gradient: exactly 0: {l1['zero']},\n    validation accuracy {l1['accuracy']}")

### BEGIN CLAIMS
assert sparse["zero"].low > 0.5, "soft thresholding: most of the weights are exactly 0"
assert sparse["accuracy"].middle > l1["accuracy"].middle - 0.12, "about the same accuracy"
### END CLAIMS

# %% [markdown] name="about_soft_threshold"
# Now most of the weights are exactly 0, at about the same accuracy. Such weights need neither be
# stored nor multiplied.

# %% [markdown] name="photographs_text"
# ### The gap on photographs
#
# The next cell trains a small convolutional net on true labels. It measures the gap with no method,
# with L2, with dropout and with augmentation, which here mirrors and moves the pictures. Your run
# uses photographs of CIFAR-10 if your machine has them (`course data cifar10` fetches them), and
# drawn shapes if not. Beside it you see a stored run with one seed. It learned from 500 photographs
# of CIFAR-10 and was measured on 500 others.
#
# **Predict.** In the stored run, how much does augmentation add to the accuracy on photographs that
# the net has not seen? For five percentage points write 0.05.

# %% name="prediction_photographs"
predict("accuracy on photographs that augmentation gains", ..., between=(-1, 1))

# %% tags=["experiment"] name="on_photographs"
def mirrored_and_moved(x, generator):
    """Half of the pictures mirrored left to right; each moved by up to three pixels."""
    mirror = torch.rand(len(x), generator=generator) < 0.5
    x = F.pad(torch.where(mirror[:, None, None, None], x.flip(3), x), (3, 3, 3, 3))
    down, right = torch.randint(7, (2, len(x)), generator=generator).tolist()
    corners = enumerate(zip(down, right, strict=True))
    return torch.stack([x[i, :, r : r + 32, c : c + 32] for i, (r, c) in corners])


def on_pictures(pictures, epochs, seeds):
    """By means: each seed's gap between the losses, loss and accuracy on other pictures."""
    def run(seed, drop=0.0, decay=0.0, augment=None):
        with training.seeded(seed):
            net = nn.Sequential(
                nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(),
                nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
                nn.Conv2d(32, 32, 3, stride=2, padding=1), nn.ReLU(),
                nn.Flatten(), nn.Dropout(drop), nn.Linear(512, 10),
            )
        weights = [w for w in net.parameters() if w.ndim > 1]
        training.fit(
            net, pictures.train, None, lambda p: torch.optim.Adam(p, lr=2e-3),
            loss=lambda out, y: (
                F.cross_entropy(out, y) + decay / 2 * sum((w**2).sum() for w in weights)
            ),
            epochs=epochs, batch_size=50, seed=seed, augment=augment, progress=False,
        )
        inside, _ = training.evaluate(net, pictures.train)
        outside, accuracy = training.evaluate(net, pictures.held_out)
        return [outside - inside, outside, accuracy]

    means = {"none": {}, "L2": {"decay": 0.05}, "dropout": {"drop": 0.7},
             "augmentation": {"augment": mirrored_and_moved}}
    return {
        name: [run(seed, **options) for seed in range(seeds)] for name, options in means.items()
    }


pictures = datasets.photographs_or_shapes(*((100, 50) if training.quick() else (300, 300)))
found = on_pictures(pictures, epochs=1 if training.quick() else 12, seeds=1)
for title, run in datasets.beside_stored("05", pictures, found).items():
    gaps = {name: [row[0] for row in rows] for name, rows in run.items()}
    plots.show(plots.bars_with_range(gaps, "gap between the losses (nats)", title=title,
                                     accent="none"))
    for name, rows in run.items():
        print(f"{name:12} loss {np.median(rows, 0)[1]:.2f}, accuracy {np.median(rows, 0)[2]:.3f}")
compare("accuracy on photographs that augmentation gains",
        np.median(run["augmentation"], 0)[2] - np.median(run["none"], 0)[2])

### BEGIN CLAIMS
gap = {name: np.median(rows, 0)[0] for name, rows in run.items()}
right = {name: np.median(rows, 0)[2] for name, rows in run.items()}
assert max(gap[name] for name in gap if name != "none") < gap["none"] / 3, "to less than a third"
assert max(right.values()) - min(right.values()) < 0.06, "accuracies lie close together"
assert found["none"][0][0] > 0, "there is a gap on shapes, too"
### END CLAIMS

# %% [markdown] name="after_photographs"
# On photographs each of the three methods brings the gap down to less than a third, and yet the
# accuracies lie within a few hundredths of each other. Without them the net is confident in its
# wrong answers, and those cost a lot. With any of the three methods it is less confident, but
# hardly more often right. So a small gap is not the same as a good net. What the net lacks here is
# pictures.

# %% [markdown] name="marginalise"
# ## Average over the noise when you test
#
# To marginalise over noise means to average the prediction over it. In training, noisy methods put
# noise into the net; in testing they average it out. If $\varepsilon$ now stands for the noise, the
# prediction that we want is
#
# $$p(y \mid x) = \mathbb{E}_\varepsilon\bigl[\, p(y \mid x, \varepsilon) \,\bigr]
# \approx \frac1S \sum_{s=1}^{S} \operatorname{softmax}\bigl(f(x, \varepsilon_s)\bigr)$$
#
# Here $f$ gives the scores, and $S$ is the number of noise samples. Dropout's test mode is a
# shortcut for that mean: a single pass in which each unit takes its mean value. You compute the
# mean itself.
#
# ### Exercise: average over the noise
#
# *12 minutes · difficulty 2 of 3 · builds on softmax_loss*


# %% nbgrader={"grade_id": "marginalize", "solution": true}
def marginalize(model, x, samples, rng):
    """The mean prediction of a noisy model.

    Parameters
    ----------
    model : function; model(x, rng) gives scores N×C with noise drawn from rng, and
        model(x, None) gives scores without noise
    x : array with N rows
    samples : whole number, at least 1: how many times the model is called, each time on all of x
    rng : numpy Generator, passed on to the model

    Returns
    -------
    probabilities : array N×C, the mean of the softmax of the scores over the samples; finite for
        any finite scores
    """
    ### BEGIN SOLUTION
    total = 0.0
    for _ in range(samples):
        scores = model(x, rng)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        total += e / e.sum(axis=1, keepdims=True)
    return total / samples
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_marginalize", "grade": true}
from autograder import check

check("marginalize")

# %% [markdown] name="about_samples"
# ## Experiment: how good is the shortcut?
#
# The shortcut costs one pass, and the mean costs many. Is the mean better? We use your
# `marginalize` on the dropout net of the experiment with the gaps, and compare the validation loss
# of the mean of 1, 3, 10, 30 and 100 noisy passes with that of one pass in test mode. We also
# average the probabilities of three nets from three seeds, trained without dropout.
#
# **Predict.** How many noisy passes does it take to be at least as good as test mode? Write a large
# number if you think that no number is enough.

# %% name="predict_samples"
predict("passes to match test mode", ..., between=(0, None))

# %% tags=["experiment"] name="samples"
def with_noise(net):
    """`net` as a function of (x, rng), as marginalize needs it."""

    def model(x, rng):
        net.train(rng is not None)
        with training.seeded(0 if rng is None else int(rng.integers(2**31))), torch.no_grad():
            return net(torch.tensor(x)).double().numpy()

    return model


def nats(probabilities, y):
    return float(-np.log(probabilities[np.arange(len(y)), y]).mean())


def right(probabilities, y):
    return float((probabilities.argmax(1) == y).mean())


COUNTS = [1, 3, 10, 30] if training.quick() else [1, 3, 10, 30, 100]


def shortcut(seed):
    net, _ = learn(seed, drop=0.5)
    x, y = digits.validation
    model, rng = with_noise(net), np.random.default_rng(seed)
    means = [marginalize(model, x, samples, rng) for samples in COUNTS]
    one = torch.softmax(torch.tensor(model(x, None)), 1).numpy()
    return {
        "mean": [nats(p, y) for p in means], "test mode": [nats(one, y)] * len(COUNTS),
        "accuracy": right(means[-1], y), "accuracy in test mode": right(one, y),
        "surest": means[-1].max(1).mean(), "surest in test mode": one.max(1).mean(),
    }


def three_nets(first):
    x, y = digits.validation
    scores = [with_noise(learn(seed)[0])(x, None) for seed in range(first, first + 3)]
    each = torch.softmax(torch.tensor(np.stack(scores)), 2).numpy()
    return {"one": np.mean([nats(p, y) for p in each]), "three": nats(each.mean(0), y),
            "accuracy of one": np.mean([right(p, y) for p in each]),
            "accuracy of three": right(each.mean(0), y),
            "surest of one": each.max(2).mean()}


if grade("marginalize", globals()):
    noisy = training.seeds(shortcut, RUNS)
    plots.show(plots.lines({"mean of passes": noisy["mean"], "test mode": noisy["test mode"]},
                           "noisy passes", "validation loss (nats)", "Dropout, marginalised",
                           x=COUNTS, log="x", accent="mean of passes"))
    plain_nets = training.seeds(lambda seed: three_nets(3 * seed), RUNS)
    print(f"test mode: {noisy['test mode'].middle[0]:.3g} nats, accuracy "
          f"{noisy['accuracy in test mode']},\n    mean top probability {noisy['surest in test mode']}")
    print(f"{COUNTS[-1]} passes: {noisy['mean'].middle[-1]:.3g} nats, accuracy "
          f"{noisy['accuracy']},\n    mean top probability {noisy['surest']}")
    print(f"{COUNTS[-1]} passes minus test mode:",
          np.round(noisy["mean"].values[:, -1] - noisy["test mode"].values[:, -1], 3), "nats")
    print(f"one plain net: {plain_nets['one']} nats, accuracy {plain_nets['accuracy of one']},"
          f"\n    mean top probability {plain_nets['surest of one']}")
    print(f"three plain nets: {plain_nets['three']} nats, accuracy {plain_nets['accuracy of three']}")
    enough = [n for n, a, b in zip(COUNTS, noisy["mean"].middle, noisy["test mode"].middle,
                                   strict=True) if a <= b]
    compare("passes to match test mode", enough[0] if enough else f"more than {COUNTS[-1]}")
else:
    print("This experiment uses your marginalize. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
ahead = noisy["mean"].values[:, -1] - noisy["test mode"].values[:, -1]
assert ahead.min() > 0.08, "a hundred passes do not reach test mode, by a tenth of a nat"
assert abs(noisy["accuracy"].middle - noisy["accuracy in test mode"].middle) < 0.05, "as many right"
assert noisy["surest in test mode"].high < 0.7 < noisy["accuracy in test mode"].low, "unsure"
assert plain_nets["surest of one"].low > 0.78, "plain nets are sure"
assert (plain_nets["one"].values - plain_nets["three"].values).min() > 0.1, "the mean helps them"
### END CLAIMS

# %% [markdown] name="about_the_shortcut"
# For each seed the mean of a hundred passes is worse than test mode, by a tenth of a nat or more,
# though both classify about the same fraction of the digits correctly. For a single softmax layer
# the shortcut gives the *geometric* mean of the probabilities over all masks, divided by its sum
# over the classes (Goodfellow 2016, section 7.12). For example, let two masks give two classes the
# probabilities (0.9, 0.1) and (0.5, 0.5). The arithmetic mean is (0.7, 0.3). The geometric mean is
# (0.67, 0.22), and divided by its sum 0.89 it is (0.75, 0.25). It is small for every class that any
# mask finds unlikely, so after the division the likeliest class usually ends higher than in the
# arithmetic mean. Noise and random labels have made this net less confident than it should be: its
# top probability averages below 0.7, but it is right more often than that. Averaging probabilities
# makes it even less confident. The plain nets are the opposite case: their top probability averages
# above 0.8, but they are right for only two thirds of the digits. There the mean of three nets
# helps, by a tenth of a nat or more. So averaging probabilities makes predictions less confident,
# and that helps only a net that is too confident.

# %% [markdown] name="take_along"
# ## Take your layers along
#
# The net of notebook 08 is built from your own layers. Copy the lines below into a cell of your own
# and run it: `keep` copies your functions into `my_layers.py` if their checks pass. In place of functions that you have not kept, notebook 08
# takes the course's own.
#
# ```python
# from course_utils.keeping import keep
#
# keep(softmax_loss, svm_loss, dropout_forward, dropout_backward)
# ```
#
# ## What to remember
#
# - Compute a loss from scores, in one function. If you first compute a probability and then its
#   log, the probability can round to 0, and then gradients become NaN.
# - Cross-entropy never stops pushing; a hinge loss stops at the margin. A loss is a mean over the
#   batch, so in its gradient each example's row is divided by N.
# - L2 shrinks all weights. L1 shrinks most of them to nearly 0, and with soft thresholding to
#   exactly 0. Biases are not penalised. Before you copy a λ, find out whether its penalty had the
#   ½, and whether its loss was a mean or a sum over N examples: a λ that was used with a sum has to
#   be divided by N to act the same with a mean.
# - Dropout keeps an activation with probability p and divides it by p, in training only. Look up
#   whether your library's p is the probability of keeping or of dropping.
# - After training with noise, predict either with the mean of the probabilities (not of scores or
#   labels) or with the shortcut of test mode. Measure which is better. In our experiment it was the
#   shortcut.
# - The gap is only a symptom. What counts is the validation loss, because a net that learns nothing
#   has no gap either.
#
# ## A question for your teacher to read
#
# A colleague trains with dropout (half of the units dropped) and an L2 penalty, and logs the loss
# during training. After five epochs the training loss is 0.61 and the validation loss 0.48. The
# colleague says: "A net cannot be better on pictures that it has not seen. So either the validation
# set contains training pictures, or dropout is broken." Write down, in six sentences at most, three
# reasons why the numbers may be correct, and one measurement that decides whether there is a leak.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_training_above_validation", "grade": true, "solution": true, "points": 3}
# The logged training loss is measured on a handicapped net, with half of its units dropped, while
# validation runs in test mode (1 point). It contains the penalty, which the validation loss does
# not. And it is an average over the epoch, most of it from weights that were worse than those at
# the end, on which validation runs (1 point for both). To decide, measure the cross-entropy on the
# training set after the epoch, in evaluation mode and without the penalty: it should now be below
# the validation loss. If it is not, look for shared pictures, for example by comparing hashes
# (1 point).

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | watch out for |
# |---|---|---|
# | `tf.log(tf.nn.softmax(x))` | `F.log_softmax(x, 1)` | for large scores the old one gives an infinite loss and NaN gradients |
# | `tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=x)` | `F.cross_entropy(x, y)` | `F.cross_entropy` takes scores (no softmax before it) and class indices, and returns a mean |
# | `tf.losses.hinge_loss(one_hot, x)` | `F.multi_margin_loss(x, y)` | the old one compares each class with 0; the new one is multiclass, divided by C |
# | `tf.nn.sigmoid_cross_entropy_with_logits` | `F.binary_cross_entropy_with_logits` | |
# | `tf.one_hot(y, C)` | `F.one_hot(y, C)` | for the label −1 torch raises an error, TensorFlow gives a row of zeros |
# | `tf.nn.l2_loss(W)`, `tf.contrib.layers.l2_regularizer(scale)` | `SGD(..., weight_decay=λ)` | `l2_loss` has the ½, so its gradient is the λW that `weight_decay` adds; but `weight_decay` also shrinks biases unless you put them into a parameter group of their own |
# | `keras.regularizers.l2(λ)` | | no ½ |
# | `tf.nn.dropout(x, keep_prob=p)` | `F.dropout(x, p, training=...)` | the old one's p means keep, the new one's drop |
# | Caffe `dropout_ratio`, `keras.layers.Dropout(rate)` | `nn.Dropout(p)` | all three mean drop |
#
# ## What has changed since
#
# - **Soft targets.** Label smoothing (Szegedy 2015) gives the wrong classes a small part of the
#   target. Müller 2019 found that it makes a net's confidence fit its accuracy better, and that
#   such a net is a worse teacher for a smaller net that is trained on its outputs.
# - **Dropping more than units.** Stochastic depth (Huang 2016) drops whole blocks of layers, and
#   many large vision models use it. Convolutional nets with batch norm mostly use no dropout. Li
#   2018 gave a reason: after dropout, a batch norm layer sees a different variance in testing than
#   in training, but it relies on the two being equal. The next cell shows this.
# - **Averages.** Gal 2016 interpreted the noise of dropout as approximate Bayesian inference. For
#   measuring uncertainty, five nets from five seeds are hard to beat (Lakshminarayanan 2017). You
#   can also average the weights along one training run, which costs nothing in testing (stochastic
#   weight averaging, Izmailov 2018).
# - **Larger than needed.** As a net grows, its test error often falls and then rises. Nakkiran 2019
#   showed that past the size at which a net can just fit the training set, the test error may fall
#   a second time.

# %% tags=["experiment"] name="variance_shift"
def variance_shift(drop, seed):
    """The variance of a layer's outputs after dropout in training, divided by that in testing."""
    with training.seeded(seed):
        net = nn.Sequential(nn.Linear(64, 200), nn.ReLU(), nn.Dropout(drop), nn.Linear(200, 200))
        x = torch.tensor(digits.train_x).flatten(1)
        with torch.no_grad():
            in_training, at_test = net.train()(x).var(0), net.eval()(x).var(0)
    return float((in_training / at_test).mean())


shares = [0.0, 0.1, 0.3, 0.5, 0.7]
ratios = training.seeds(lambda seed: [variance_shift(drop, seed) for drop in shares], 5)
plots.show(plots.lines({"training / test": ratios}, "fraction dropped", "ratio of variances",
                       "The input of a batch norm after dropout", x=shares))
print("half dropped:", f"{ratios.low[3]:.2f} to {ratios.high[3]:.2f}")

### BEGIN CLAIMS
assert 4.8 < ratios.low[3] and ratios.high[3] < 7.3, "five to seven times the variance"
### END CLAIMS

# %% [markdown] name="about_variance_shift"
# With half of the units dropped, the outputs of the next layer have five to seven times the
# variance in training that they have in testing (five seeds, initial weights). Their means are
# equal, but the division by p guarantees no more than that. A batch norm after this layer stores
# the training variance and, in testing, divides by the square root of that variance (notebook 06).
# So its outputs are then too small by a factor of more than two.

# %% [markdown] name="go_further"
# # Go further
#
# Everything from here on is optional. It has the same checks and hints, but no points.
#
# ### One-hot labels
#
# *5 minutes · difficulty 1 of 3*


# %% nbgrader={"grade_id": "one_hot", "solution": true}
def one_hot(y, classes):
    """Labels as rows of 0 and 1.

    Parameters
    ----------
    y : array of N whole numbers, N at least 1
    classes : how many classes there are

    Returns
    -------
    table : float64 array N×classes, 1 in the column of the label, else 0

    Raises ValueError, naming the label, when a label is below 0 or at least `classes`.
    """
    ### BEGIN SOLUTION
    for label in (y.min(), y.max()):
        if label not in range(classes):
            raise ValueError(f"There is no class {label} among {classes} that count from 0.")
    return np.eye(classes)[y]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_one_hot", "locked": true}
from autograder import check

check("one_hot")

# %% [markdown] name="about_smoothed_loss"
# ### Smoothed labels
#
# *10 minutes · difficulty 2 of 3 · builds on softmax_loss*
#
# With a one-hot label the loss keeps falling as the right class's lead grows, so a net becomes ever
# more confident. Label smoothing (Szegedy et al. 2015, section 7) takes a fraction $\varepsilon$ of
# the target from the right class and distributes it equally over all $C$ classes:
#
# $$q_{ik} = (1 - \varepsilon)\,[k = y_i] + \frac{\varepsilon}{C}, \qquad
#   L = -\frac1N \sum_i \sum_k q_{ik} \log p_{ik}$$


# %% nbgrader={"grade_id": "smoothed_loss", "solution": true}
def smoothed_loss(scores, y, smoothing):
    """Softmax cross-entropy against smoothed labels, mean over the examples.

    Parameters
    ----------
    scores : (N, C) float array; it is not changed
    y : (N,) whole numbers from 0 to C-1
    smoothing : float from 0 to 1, the part ε that is taken from the right class and given to all

    Returns
    -------
    loss : number, in nats
    dscores : (N, C), the gradient of loss; in the dtype of scores
    """
    ### BEGIN SOLUTION
    N, C = scores.shape
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.full_like(scores, smoothing / C)
    q[np.arange(N), y] += 1 - smoothing
    return -(q * log_p).sum() / N, (np.exp(log_p) - q) / N
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_smoothed_loss", "locked": true}
from autograder import check

check("smoothed_loss")

# %% [markdown] name="about_bce"
# ### Binary cross-entropy from scores
#
# *12 minutes · difficulty 3 of 3 · builds on softmax_loss, 02's sigmoid*
#
# For two classes, yes and no, one score $z$ and a label $y$ in [0, 1] are enough:
#
# $$L = -\frac1N \sum_i \bigl[\, y_i \log \sigma(z_i) + (1 - y_i) \log(1 - \sigma(z_i)) \,\bigr]$$
#
# Written like this, it fails for large positive and for large negative $z$, where one of the
# logarithms becomes log 0.


# %% nbgrader={"grade_id": "bce_with_logits", "solution": true}
def bce_with_logits(z, y):
    """Sigmoid and binary cross-entropy, mean over all entries.

    Parameters
    ----------
    z : float array of any shape, scores; it is not changed
    y : float array of that shape, labels from 0 to 1 (soft labels are allowed)

    Returns
    -------
    loss : number, in nats; exact to six digits even where it is as small as 1e-18
    dz : array of the shape and dtype of z, the gradient of the loss with respect to z

    Both are finite for every finite score, and no warning is raised.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    loss = np.maximum(z, 0) - z * y + np.log1p(e)
    dz = np.where(z > 0, 1, e) / (1 + e) - y
    return loss.mean(), dz / z.size
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bce_with_logits", "locked": true}
from autograder import check

check("bce_with_logits")

# %% [markdown] name="about_equal_losses"
# Here is one loss under three names. With scores (0, z) for the classes "no" and "yes", the softmax
# gives "yes" the probability σ(z). The third name, negative log-likelihood, means cross-entropy
# computed from log-probabilities.

# %% tags=["experiment"] name="equal_losses"
z = torch.tensor([2.0, -1.0, 0.5, -3.0], dtype=torch.float64)
yes = torch.tensor([1, 0, 0, 1])
two = torch.stack([torch.zeros_like(z), z], 1)
print(f"binary, from scores:        {F.binary_cross_entropy_with_logits(z, yes.double()):.12f}")
print(f"softmax of two classes:     {F.cross_entropy(two, yes):.12f}")
print(f"negative log-likelihood:    {F.nll_loss(F.log_softmax(two, 1), yes):.12f}")

# %% [markdown] name="about_ensemble"
# ### An ensemble
#
# *6 minutes · difficulty 1 of 3 · builds on marginalize*
#
# Instead of many predictions of one noisy net, you can average the predictions of several nets.


# %% nbgrader={"grade_id": "ensemble_predict", "solution": true}
def ensemble_predict(models, x):
    """The mean prediction of several models.

    Parameters
    ----------
    models : list of functions; each gives scores N×C for x, and their scales may differ
    x : array with N rows

    Returns
    -------
    probabilities : array N×C, the mean of the models' probabilities; finite for any finite scores
    """
    ### BEGIN SOLUTION
    scores = np.stack([model(x) for model in models])
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    return np.mean(e / e.sum(axis=2, keepdims=True), axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ensemble_predict", "locked": true}
from autograder import check

check("ensemble_predict")

# %% [markdown] name="about_enable_dropout"
# ### Dropout on, the rest off
#
# *6 minutes · difficulty 2 of 3 · in torch*
#
# To average over dropout's noise in a torch model, dropout has to be in training mode. Batch norm
# must not be, because it would normalise with the statistics of the test batch and store them.


# %% nbgrader={"grade_id": "enable_dropout", "solution": true}
def enable_dropout(model):
    """Put every dropout layer into training mode and everything else into evaluation mode.

    Parameters
    ----------
    model : nn.Module, in any mode, with layers at any depth; it may be a dropout layer itself.
        Dropout layers are those of torch.nn with Dropout in their name: Dropout, Dropout1d to
        Dropout3d, AlphaDropout, FeatureAlphaDropout. The model holds no subclasses of these.
        A layer from elsewhere with Dropout in its name may end in either mode, but not what is
        inside it: that is treated like everything else

    Returns nothing; the model is changed.
    """
    ### BEGIN SOLUTION
    for module in model.modules():
        module.training = "Dropout" in type(module).__name__
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_enable_dropout", "locked": true}
from autograder import check

check("enable_dropout")

# %% [markdown] name="reading"
# ## Further reading
#
# - Goodfellow, Bengio, Courville 2016, *Deep Learning*, chapter 7: all of this and more; section
#   7.12 on dropout's shortcut and the geometric mean.
# - Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, *Dropout: a simple way to prevent
#   neural networks from overfitting*.
# - Weston, Watkins 1999, *Support vector machines for multi-class pattern recognition*; Crammer,
#   Singer 2001 for a multiclass hinge that counts only the highest wrong score.
# - Krogh, Hertz 1992, *A simple weight decay can improve generalization*.
# - Tibshirani 1996, *Regression shrinkage and selection via the lasso*: why L1 makes zeros.
# - Zhang, Bengio, Hardt, Recht, Vinyals 2017, *Understanding deep learning requires rethinking
#   generalization*: nets that fit random labels.
# - Gal, Ghahramani 2016, *Dropout as a Bayesian approximation*; Lakshminarayanan, Pritzel, Blundell
#   2017, *Simple and scalable predictive uncertainty estimation using deep ensembles*.
