# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 17 · One net, one budget, one look
#
# After this you can
#
# - **build** a net for a budget of parameters, multiply-adds and bytes, and **train** it by a
#   recipe that gives the same net again, bit for bit,
# - **shrink** it to a quarter of its bytes,
# - **say**, before it is measured on new pictures, how good it will be, with an interval that you
#   can rely on.
#
# This takes about 75 minutes, and as long as you like for your own runs. It builds on 05
# (augmentation), 06 (folding), 07 (schedules, weight decay), 08 (validation), 09 (what a net
# costs) and 13 (fixed point).

# %% name="imports"
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import capstone, devices, plots, training, weights
from course_utils.datasets import SHAPES
from course_utils.explorers.capstone import explore_budget
from course_utils.predictions import compare, drawn, predict

# %% name="device"
torch.set_num_threads(min(2, torch.get_num_threads()))  # small nets gain nothing from a third
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# Three questions about earlier notebooks come first. They ask about things that this notebook uses.

# %% name="show_q17_products"
ask("q17_products")

# %% name="q17_products"
q17_products = ...

# %% nbgrader={"grade_id": "check_q17_products", "locked": true}
from autograder import check

check("q17_products")

# %% name="show_q17_error"
ask("q17_error")

# %% name="q17_error"
q17_error = ...

# %% nbgrader={"grade_id": "check_q17_error", "locked": true}
from autograder import check

check("q17_error")

# %% name="show_q17_best"
ask("q17_best")

# %% name="q17_best"
q17_best = ...

# %% nbgrader={"grade_id": "check_q17_best", "locked": true}
from autograder import check

check("q17_best")

# %% [markdown] name="why"
# ## Why: the best of twenty
#
# Twenty people train the same net on the same pictures, each with a different seed. Suppose that
# all twenty nets are equally good, so that each would have an accuracy of 0.80 on all possible
# pictures. Each is measured on 200 validation pictures of its own, and only the best of the twenty
# is reported. What accuracy do you expect for the best one on its 200 pictures?

# %% name="prediction_best"
predict("best of twenty", ..., between=(0.5, 1))

# %% tags=["experiment"] name="best_of_twenty"
rng = np.random.default_rng(0)
measured = rng.binomial(200, 0.80, size=(5000, 20)) / 200  # 5,000 groups of twenty people
best = measured.max(axis=1)
plots.show(
    drawn("best of twenty", plots.histograms_per_layer(
        {"one net": measured[:, 0], "the best of twenty": best}, "measured accuracy",
        title="On 200 validation pictures; the truth is 0.80", columns=2,
    ))
)
print(f"one net: {measured[:, 0].mean():.3f} on average, the best of twenty: {best.mean():.3f}")
compare("best of twenty", float(best.mean()))

### BEGIN CLAIMS
assert abs(measured[:, 0].mean() - 0.80) < 0.002, "one net is measured at what it is worth"
assert 0.845 < best.mean() < 0.857, "the best of twenty at five points more"
### END CLAIMS

# %% [markdown] name="after_best"
# Nobody has cheated, and yet the best measured accuracy is about 0.05 too high. Choosing the best
# net is a way of learning from the validation pictures.
#
# Once you have used validation pictures to choose a net, they can no longer tell you how good it
# is. So there is a second set of pictures, which plays no part in any choice and is used only
# **once**. Its pictures are called *sealed*. In a class your teacher generates them after you have
# handed in, from a random seed of 128 bits that nobody can guess, and keeps the labels where your
# code cannot reach them.
#
# ## The task
#
# Now you bring many parts of this course together in one net. Ten shapes are drawn in any colour,
# place, size and rotation, with noise and with round spots of other colours around them. You get
# **eight** of the shapes and one of three budgets (limits on the size and the cost of a net).
# Together they are your *variant*, and your name decides which one you get. In a class, give your
# student id.

# %% name="my_variant"
my_name = "me"  # in a class: your student id, as your teacher has it
mine = capstone.variant(my_name)
print(mine)

# %% tags=["experiment"] name="the_pictures"
x, y = capstone.training_pictures(mine)
plots.show(
    plots.image_grid(
        x[:16].transpose(0, 2, 3, 1), [mine.shapes[label] for label in y[:16]],
        title="Sixteen of your 4,000 pictures",
    )
)

# %% [markdown] name="the_budget"
# Your net may learn from these 4,000 pictures and from nothing else. A linear classifier is hardly
# better on them than guessing, whose accuracy is 0.125, because a shape may lie anywhere.
#
# ## A net within a budget
#
# A net has three kinds of cost, and they are not in proportion to each other:
#
# | | what it is | what it costs you |
# |---|---|---|
# | parameters | numbers that are learned | often more training pictures, because a larger net overfits more easily |
# | multiply-adds (*products* for short) | multiplications, each with an addition, for one picture | time and energy, wherever the net runs |
# | bytes | the size of all arrays, including a norm's running statistics | memory, and the time to download the net |
#
# A 3×3 kernel from $c$ maps to $d$ maps of size $H \times W$ has $9cd$ weights and needs $9cdHW$
# products. So after a halving of the map's height and width the same kernel needs a quarter of the
# products, but as many weights. A block costs many products where its maps are large, and many
# weights where its channels are many. To meet a budget, do not simply make every block narrower.
# Which block you should make narrower depends on the limit that you exceed.

# %% tags=["experiment"] name="explorer"
explore_budget()

# %% [markdown] name="explorer_tasks"
# Three things to try:
#
# 1. Choose the budget *few weights* and find widths that just stay within it. Which block has most
#    of the weights?
# 2. Keep these widths and choose *few products*. Which block needs the most? Then lower the slider
#    *blocks that halve the map* by one, so that the third block no longer halves it. How many
#    products does that add?
# 3. Choose *few bytes*. At four bytes each, how many numbers can the net have, parameters and
#    running statistics together?
#
# ### A worked example: one limit at a time
#
# Pictures of 3×8×8 go through two 3×3 convolutions without biases. Between them the map's
# height and width are halved. Each final map is averaged, and the means go into an affine layer
# with five outputs.
#
# | layer | map | parameters | products |
# |---|---|---|---|
# | convolution, 3 to 2 | 8×8 | 9·3·2 = 54 | 54·64 = 3,456 |
# | convolution, 2 to 4 | 4×4 | 9·2·4 = 72 | 72·16 = 1,152 |
# | affine, 4 to 5 | | 4·5 + 5 = 25 | 20 |
# | together | | 151 | 4,628 |
#
# There are no norms, so these are 4·151 = 604 bytes. Suppose that 160 parameters, 4,000 products
# and 700 bytes are allowed. Only the products exceed their limit. If you narrow the second
# convolution to 3 channels, 4,335 are left, still too many. If you narrow the first one to 1
# channel, 2,324 are left.
#
# Now 130 parameters are allowed and all else is as before. Find the missing counts and the limit
# that is exceeded.
#
# | layer | map | parameters | products |
# |---|---|---|---|
# | convolution, 3 to 1 | 8×8 | 27 | 1,728 |
# | convolution, 1 to 8 | 4×4 | 72 | **?** |
# | affine, 8 to 5 | | **?** | 40 |
# | together | | 144 | 2,920 |
#
# **The missing numbers.** The second convolution needs 72·16 = 1,152 products. The affine layer has
# 8·5 + 5 = 45 parameters. Only the parameters exceed their limit, by 14.
#
# ### Exercise: build
#
# *15 minutes · difficulty 3 of 3 · builds on 09 (costs)*
#
# `capstone.cost(net)` gives the three costs, and `capstone.cost(net).over(budget)` says in words
# which limits are exceeded. The check also tries your `build` on other budgets, some of them
# smaller. It does not ask how accurate the net becomes. If you are stuck, `hint("build")` in a cell
# of your own gives a nudge.

# %% nbgrader={"grade_id": "build", "solution": true}
def build(budget):
    """Make a fresh net for the task that keeps within a budget.

    Parameters
    ----------
    budget : dict with "parameters", "multiply_adds" (for one picture), "bytes" (of all parameters
        and buffers) and "classes"; the first three are the most that is allowed, as
        capstone.cost(net) counts them

    Returns
    -------
    net : an nn.Module in training mode, float32 N×3×32×32 in [0, 1] → N×classes logits. Its initial
        weights come from torch's global generator. In evaluation mode a picture's logits must
        not depend on the other pictures in its batch. For shrink below it has to be a flat
        nn.Sequential (no other one inside it) in which each convolution is directly followed by a
        batch norm.
    """
    ### BEGIN SOLUTION
    classes = budget["classes"]
    grid = itertools.combinations_with_replacement(range(4, 97, 4), 4)
    w = np.fromiter(itertools.chain(*grid), int).reshape(-1, 4).T.copy()  # all ways to choose them
    kernels = [9 * a * b for a, b in itertools.pairwise((3, *w))]
    parameters = sum(kernels) + 2 * w.sum(0) + (w[-1] + 1) * classes
    products = sum(k * (32 >> i) ** 2 for i, k in enumerate(kernels)) + w[-1] * classes
    size = 4 * (parameters + 2 * w.sum(0)) + 8 * len(w)
    fits = (parameters <= budget["parameters"]) & (products <= budget["multiply_adds"])
    widest = np.argmax(w.prod(0) * (fits & (size <= budget["bytes"])))
    layers, c_in = [], 3
    for c_out in w[:, widest].tolist():
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out),
                   nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
        c_in = c_out
    layers[-1] = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(c_in, classes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_build", "grade": true}
from autograder import check

check("build")

# %% name="my_cost"
if passes("build"):
    with training.seeded(0):
        print(capstone.cost(build(mine.budget)))

# %% [markdown] name="running"
# ## A run that you can repeat
#
# A result that nobody can repeat proves little. So you write all settings of a run into a dict, its
# **recipe**, and the run takes its settings only from there. Then your code and the recipe are all
# that a colleague (or you, in a month) needs to get the same net, bit for bit, on the same machine.
# So a log needs only the recipe and the run's results.
#
# Four things are random: the initial weights, the split into training and validation pictures, the
# order of the training pictures, and which of them are mirrored (dropout would be a fifth). All of
# them have to follow from the recipe's seed, so none may depend on what other code has drawn from a
# generator before or during the run.
#
# ### A worked example: ten pictures, two epochs
#
# Ten pictures are numbered from 0 to 9. A recipe says validation 0.2, batches of 3, two epochs and
# learning rate 0.8. So two pictures are held out, say 7 and 2, and eight are left. They make three
# batches per epoch, and $T$ = 6 updates in all. Update $t$ has the rate ½·0.8·(1 + cos(π$t$/$T$)).
#
# | epoch | $t$ | pictures in the batch | rate |
# |---|---|---|---|
# | 1 | 0 | 5, 0, 9 | 0.8 |
# | 1 | 1 | 3, 8, 1 | 0.746 |
# | 1 | 2 | 4, 6 | 0.6 |
# | 2 | 3 | 8, 0, 4 | 0.4 |
# | 2 | 4 | 6, 1, 3 | 0.2 |
# | 2 | 5 | 9, 5 | 0.054 |
#
# The rate at $t$ = 1, for example, is ½·0.8·(1 + cos(π/6)) = 0.746. The log keeps 0.8 and 0.4, the
# rates of each epoch's first update.
#
# Now there are twelve pictures, validation 0.25, batches of 4, three epochs and the rate 0.4. Find
# what is missing.
#
# | epoch | sizes of its batches | first $t$ | rate at this $t$ |
# |---|---|---|---|
# | 1 | 4, 4 and **?** | 0 | 0.4 |
# | 2 | the same | **?** | 0.3 |
# | 3 | the same | 6 | **?** |
#
# **The missing numbers.** Three pictures are held out and nine are left, so the last batch has 1. An
# epoch makes three updates, so the second one begins at $t$ = 3. With $T$ = 9 the last rate is
# ½·0.4·(1 + cos(6π/9)) = 0.1.
#
# ### Exercise: run
#
# *20 minutes · difficulty 3 of 3 · builds on 05, 07 and 08*
#
# `with training.seeded(seed):` seeds torch's global generator for this block, and afterwards
# restores its state. The check watches every batch that the net gets and every update that is made.

# %% nbgrader={"grade_id": "run", "solution": true}
def run(recipe, x, y, make_net):
    """Train a net as a recipe says. The same recipe gives the same net, to the last bit.

    Parameters
    ----------
    recipe : dict with "seed", "epochs", "batch_size", "learning_rate", "weight_decay",
        "validation" (the fraction of pictures to hold out; round their number to an integer)
        and "flip" (whether to mirror pictures); not modified
    x, y : float32 N×C×H×W and int64 N, torch tensors; not modified
    make_net : make_net() → a fresh net, whose weights come from torch's global generator

    Returns
    -------
    net : the net as the last update leaves it, in evaluation mode
    log : dict with "recipe" and "epochs", a list with a dict for each epoch: "learning_rate" (of
        its first update), "train_loss" (the mean cross-entropy over the epoch's pictures, from the
        same forward passes that the updates use) and "validation_accuracy" (a fraction, after the
        epoch)

    Notes
    -----
    The split is drawn once. Each epoch goes through all pictures that are not held out, in a new
    order; the last batch may be short. With "flip" each training picture is mirrored left to right
    with probability ½, drawn anew in each epoch. The whole run makes T updates, all by AdamW.
    Update t, from 0 to T - 1, has the rate ½·learning_rate·(1 + cos(π t/T)). The net gets
    nothing but batches to learn from and, after each epoch, the pictures that are held out. All
    randomness comes from the recipe's seed, and global random state is left as it was. Split, order
    and mirroring do not depend on what other code draws from torch's global generator meanwhile.
    """
    ### BEGIN SOLUTION
    drawing = torch.Generator().manual_seed(recipe["seed"])
    order = torch.randperm(len(x), generator=drawing)
    held = round(recipe["validation"] * len(x))
    held_out, rows = order[:held], order[held:]
    updates = -(-len(rows) // recipe["batch_size"]) * recipe["epochs"]
    epochs, step = [], 0
    with training.seeded(recipe["seed"]):
        net = make_net()
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=recipe["learning_rate"], weight_decay=recipe["weight_decay"]
        )
        for _ in range(recipe["epochs"]):
            net.train()
            total, rates = 0.0, []
            shuffled = rows[torch.randperm(len(rows), generator=drawing)]
            for batch in shuffled.split(recipe["batch_size"]):
                pictures = x[batch]
                if recipe["flip"]:
                    mirrored = torch.rand(len(batch), generator=drawing) < 0.5
                    pictures = torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)
                rates.append(recipe["learning_rate"] * (1 + math.cos(math.pi * step / updates)) / 2)
                optimizer.param_groups[0]["lr"] = rates[-1]
                loss = F.cross_entropy(net(pictures), y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += float(loss.detach()) * len(batch)
                step += 1
            net.eval()
            with torch.no_grad():
                right = (net(x[held_out]).argmax(1) == y[held_out]).float().mean()
            epochs.append({"learning_rate": rates[0], "train_loss": total / len(rows),
                           "validation_accuracy": float(right)})  # fmt: skip
    return net.eval(), {"recipe": dict(recipe), "epochs": epochs}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_run", "grade": true}
from autograder import check

check("run")

# %% name="show_q17_seeds"
ask("q17_seeds")

# %% name="q17_seeds"
q17_seeds = ...

# %% nbgrader={"grade_id": "check_q17_seeds", "grade": true}
from autograder import check

check("q17_seeds")

# %% [markdown] name="own_run"
# ### Experiment: your own net
#
# Twenty epochs take half a minute to a minute. Before you run them, what validation accuracy do you
# expect from your net?

# %% name="prediction_run"
predict("validation accuracy", ..., between=(0, 1))

# %% name="recipe"
recipe = {
    "seed": 0, "epochs": 20, "batch_size": 50, "learning_rate": 6e-3, "weight_decay": 0.02,
    "validation": 0.2, "flip": True,
}  # fmt: skip
runs = []  # what your wall chart will show: each run's recipe, its costs and its results

# %% tags=["experiment"] name="experiment_run"
def on_the_wall(recipe, note):
    """Run a recipe on your variant, and put it on your wall chart with a note, a text of yours."""
    epochs = 1 if training.quick() else recipe["epochs"]
    pictures = slice(400 if training.quick() else None)
    net, log = run({**recipe, "epochs": epochs}, torch.from_numpy(x[pictures]),
                   torch.from_numpy(y[pictures]), lambda: build(mine.budget))  # fmt: skip
    spent = capstone.cost(net)
    runs.append({"note": note, "net": net, "log": log, "multiply_adds": spent.multiply_adds,
                 "bytes": spent.bytes, "accuracy": log["epochs"][-1]["validation_accuracy"]})
    return runs[-1]


if passes("build", "run"):
    first = on_the_wall(recipe, "the reference recipe")
    accuracies = [epoch["validation_accuracy"] for epoch in first["log"]["epochs"]]
    plots.show(drawn("validation accuracy",
        plots.lines({"validation": accuracies}, "epoch", "accuracy", "Your first run")))
    compare("validation accuracy", first["accuracy"])

# %% [markdown] name="wall_chart"
# Now make the net better. Change one thing and say beforehand what it will do. Then call
# `on_the_wall(recipe, note)`, which the cell above defines, in a cell of your own. It runs the
# recipe and keeps the result with your note, a short text. The next cell makes your *wall chart*, a
# plot and a table of all your runs. You might turn mirroring off, halve the learning rate, multiply
# the weight decay by four, double the epochs, or change the widths in `build`. If you want to claim
# that something helps, run it with three seeds, for example
# `on_the_wall({**recipe, "seed": 1}, "seed 1")`. Write down your predictions and results, because
# you need them for your log at the end.
#
# What helps elsewhere may not help here. When we tried this task with so few epochs, heavy
# augmentation lowered the accuracy by 9 to 32 percentage points.

# %% tags=["experiment"] name="experiment_wall"
if runs:
    plots.show(
        plots.scatter(
            [one["multiply_adds"] / 1e6 for one in runs], [one["accuracy"] for one in runs],
            "million multiply-adds for one picture", "validation accuracy",
            title="Your wall chart",
        )
    )
    for one in runs:
        print(f"{one['accuracy']:.3f}  {one['multiply_adds']:>9,}  {one['bytes']:>8,} B  {one['note']}")

# %% [markdown] name="shrinking"
# ## Smaller
#
# A trained net has four bytes for each weight. In notebook 13 you saw that fewer bits can be
# enough, and here you use one byte. The norms have arrays too, and the scales below need room as
# well, so count the bytes of all arrays. Two methods of this course bring the whole net to a
# quarter of its bytes:
#
# **Fold.** In evaluation mode a norm with the running mean $\mu$ and variance $\sigma^2$ multiplies
# each channel by $f = \gamma / \sqrt{\sigma^2 + \epsilon}$ and adds $\beta - \mu f$. You can
# multiply the factor $f$ into the kernel of the convolution in front of the norm. Then all that
# remains of the norm is one shift per channel, in place of four arrays. (The net that you restore
# still has its norms, full of other numbers. Fill them so that $f$ is exactly 1 (mind $\epsilon$)
# and the norm adds the shift.)
#
# **Round.** You choose which weights share a scale $s = \max|w| / 127$, where the maximum is over
# these weights. Then each weight becomes the whole number nearest to $w/s$, which fits into a byte.
# Multiplied by $s$, the whole number gives back $w$ with an error of at most $s/2$.
#
# ### A worked example: four weights in four bytes
#
# The four weights of this table share the scale $s$ = 1.27/127 = 0.01. The error is what comes back
# minus what was there.
#
# | | first | second | third | fourth |
# |---|---|---|---|---|
# | $w$ | 1.27 | −0.352 | 0.004 | 0.608 |
# | $w/s$ | 127 | −35.2 | 0.4 | 60.8 |
# | whole number | 127 | −35 | 0 | 61 |
# | comes back as | 1.27 | −0.35 | 0 | 0.61 |
# | error | 0 | 0.002 | −0.004 | 0.002 |
#
# No error is larger than $s/2$ = 0.005. The whole numbers take four bytes in place of sixteen, but
# the scale needs room beside them.
#
# Now four other weights share a scale. Find the three missing numbers.
#
# | | first | second | third | fourth |
# |---|---|---|---|---|
# | $w$ | −2.54 | 0.912 | 0.027 | −1.117 |
# | $w/s$ | −127 | 45.6 | **?** | −55.85 |
# | whole number | −127 | **?** | 1 | −56 |
# | comes back as | −2.54 | 0.92 | 0.02 | −1.12 |
# | error | 0 | 0.008 | −0.007 | **?** |
#
# **The missing numbers.** The scale is 2.54/127 = 0.02, so the third $w/s$ is 0.027/0.02 = 1.35.
# The second whole number is 46, which is the nearest to 45.6. The last error is −1.12 + 1.117 =
# −0.003.
#
# ### Exercise: shrink and restore
#
# *20 minutes · difficulty 3 of 3 · builds on 06 (folding) and 13 (fixed point)*
#
# Write two functions. The check compares the net that was shrunk with the restored one on the same
# pictures. The accuracy must not fall by more than 0.01 plus three standard errors. In one case the
# weights of some channels are a hundred times as large as those of the others.

# %% nbgrader={"grade_id": "shrink", "solution": true}
def shrink(net):
    """Pack a net's arrays into a quarter of their bytes.

    Parameters
    ----------
    net : a flat nn.Sequential in evaluation mode, in which each convolution is directly followed by
        a batch norm; a convolution may have a bias, too; not changed

    Returns
    -------
    arrays : dict of numpy arrays by name, of any types, together at most a quarter of the bytes of
        the net's parameters and buffers; they share no memory with the net
    """
    ### BEGIN SOLUTION
    arrays, parts = {}, list(net)
    for place, part in enumerate(parts):
        if not isinstance(part, (nn.Conv2d, nn.Linear)):
            continue
        kernel = part.weight.detach().clone()
        shift = torch.zeros(len(kernel)) if part.bias is None else part.bias.detach().clone()
        if isinstance(part, nn.Conv2d):
            norm = parts[place + 1]
            factor = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
            kernel *= factor[:, None, None, None]
            shift = norm.bias.detach() + (shift - norm.running_mean) * factor
        for name, values in (("kernel", kernel), ("shift", shift)):
            rows = values.reshape(len(values), -1) if name == "kernel" else values[None]
            scale = rows.abs().amax(1).clamp(min=1e-4) / 127
            scale = scale.half().float()
            whole = (rows / scale[:, None]).round().clamp(-127, 127).to(torch.int8)
            arrays[f"{place}.{name}"] = whole.reshape(values.shape).numpy()
            arrays[f"{place}.{name}.scale"] = scale.half().numpy()
    return arrays
    ### END SOLUTION


def restore(arrays, net):
    """Load what shrink returned into a net.

    Parameters
    ----------
    arrays : what shrink returned
    net : a net built like the one that was shrunk, with other numbers in all its parameters and
        buffers. It is changed in place

    Returns
    -------
    net : the same object; in evaluation mode it gives nearly the logits of the net given to shrink
    """
    ### BEGIN SOLUTION
    def values(name):
        whole = torch.from_numpy(arrays[name].astype(np.float32))
        scale = torch.from_numpy(arrays[f"{name}.scale"].astype(np.float32))
        return whole * scale.reshape(-1, *[1] * (whole.ndim - 1))

    parts = list(net)
    with torch.no_grad():
        for place, part in enumerate(parts):
            if isinstance(part, nn.Linear):
                part.weight.copy_(values(f"{place}.kernel"))
                part.bias.copy_(values(f"{place}.shift"))
            elif isinstance(part, nn.Conv2d):
                part.weight.copy_(values(f"{place}.kernel"))
                norm = parts[place + 1]
                if part.bias is not None:
                    part.bias.zero_()
                norm.running_mean.zero_()
                norm.running_var.fill_(1 - norm.eps)
                norm.weight.fill_(1)
                norm.bias.copy_(values(f"{place}.shift"))
    return net.eval()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_shrink", "grade": true}
from autograder import check

check("shrink")

# %% tags=["experiment"] name="experiment_shrink"
if runs and passes("shrink"):
    small = shrink(runs[0]["net"])
    with training.seeded(1):
        back = restore(small, build(mine.budget))
    some = torch.from_numpy(x[-800:]), torch.from_numpy(y[-800:])
    before, after = (training.evaluate(net, some)[1] for net in (runs[0]["net"], back))
    size = sum(array.nbytes for array in small.values())
    print(f"{runs[0]['bytes']:,} bytes → {size:,}; accuracy on 800 of its pictures {before:.3f} → {after:.3f}")

# %% [markdown] name="handing_in"
# ## Handing in
#
# You hand in **arrays**, never a net, because arrays can be read without running anybody's code.
# There are two ways to keep a net's arrays, for example those of `net = runs[0]["net"]`. In both,
# `hand_in` returns arrays as `weights.arrays_of(net)` gives them:
#
# - `weights.save("my_net.npz", weights.arrays_of(net))` writes a file. Hand it in together with the
#   notebook, and let `hand_in` read it with `weights.from_file("my_net.npz")`.
# - If you want to hand in only the notebook, `print(weights.to_text(shrink(net)))` prints some 400
#   lines of text. Paste them between triple quotes, read them with `weights.from_text`, restore a
#   net from them, and return `weights.arrays_of(net)` of the restored net.
#
# ### Exercise: hand in
#
# *10 minutes · difficulty 2 of 3 · builds on build*
#
# The check here tries your net on practice pictures and tells you only whether it has learned
# anything. It does not say how good the net is, because then you could run it again and again and
# choose a net by that number. In a class, your net is tried on the sealed pictures after you have
# handed in. Points rise up to an accuracy of 0.80 and no further, so a larger computer gains you no
# points.

# %% nbgrader={"grade_id": "hand_in", "solution": true}
def hand_in():
    """Hand in your trained net.

    Returns
    -------
    name : the name that decides your variant (my_name above); in a class, your student id
    arrays : dict of numpy arrays, as weights.arrays_of(net) gives it, at most 2 MB. They must fit
        the net that build makes for capstone.variant(name).budget

    Notes
    -----
    weights.from_file reads what weights.save kept beside the notebook; weights.from_text reads what
    weights.to_text wrote down.
    """
    ### BEGIN SOLUTION
    kept = weights.from_text(r"""
P)h>@6aWAK2mk;8ApnGHG8!!b003A4000aC001y9Yh`k7Wo#~PaCw{T7wQ`j$;eQ~P_3SlTAW;@Zl$1JlWC}~qoAIaUsO_*m
=~X4l#&V(cT3DEP6dh=XCxM+0{I#iIts=Rq^YA&t3U?ensInt<J_-
T80{IZGn`)Y@c8|l4F{gB?>Tq;c8Erxow~oopWCk;6U`Ir-IO@^BNC(iQ*3!{`TXAs?drK9so{R&<?l}_%0|zmGpb$f`KEvB
Xsl0oVsrE4<Bfa84YZ_QoM3wN<hiWKKh7t@U;fQ{!hYYvNI{3aK8nxl!CdjF8&u!Cy}Rx!t3-
61UutN5Mns|e(Ib)@XLe4TxcSw;Hy_vBI(Pfy_1BXB@BhAfk1@zIOg`98KgjIsVb+t4>rPCb{_XI;oii5inZU~S`2VlQE$6N
s(i3*JW6`v+wgUiAO9KQH000080000X0GJ4MCsY6c0FVFx01^NI05C3VWpZw1Y%X(SVQghCZg6><>=)`A5Xs0;#!#)El3JWx
q;934Zj)xDuA`uymS0p-l$aNvUzCyx5_e0?DNY577iT0EqyqUG7CM?b3bhIp0IpTC^|CrjT*~3f3^Lbb{A2-
8O9KQH000080000X0D*+J;Y|Pl0Ehqp01E&B05C3dXlZ72E^csno9q|r8xYCJP{vTLo|0OeT%>NLpk9+{sIH@+o|a!!Qk0k%
pI?-c3KDlq%qdO<iWg@j7Ni3C8WuX5ItsN46acQE#!uhhGBe8q08mQ<1QY-
O00;m803iU13mY0n0001j0000H0000mE^}yUW^^udV_|G%E^csno9q|r8xYCJP{vTLo|0OeT%>NLpl*|9q^_f&o|a!!Qk0k%
pI?-c3KDlq%qdO<iWg@j7Ni3C8iqQWItsN46aX$s4FFI}0|XQR000O8001EXU$r&K^#uR`AO-
*c3;+NCG%jmpa&Bd8E^csnm5BRO+64f>;rm74`voRn9$%gUA`bxt1o4HBO*c2oY-^U;>S`@_t*f@SuCA-jqg!29SKaMVS9k5
IyJl^TTG_efbUIyg=G09cD4`Ps5g5ix5WYa`Pv~=>Up}9cZI3^)yAzLl1NXM_g|1@<jw)*;%6ATxDN7{EgNKj4esuq<&mKPd
Lf3!4dH>7Dx*q&vFYZ6m^`MIl`VvW1iNyFoRf*(X$^QpN0eUKmrvpy!oINkSX4D$aSw5sWukC0lUn6n3s3>7`=nY%%PTv^*#
x2yDBSiM3V=hS|5>_VaP+WZZPc|Q+qv9YpLs1-BMPHK`vb*a5Ly<>Qd&Kg-
k?i9=s;_zPo2;8*q9{9m@1@PGl&D2ywT>?}gJ!Pn5q&|rI#J)uhRRuTA|1AiJ>#ij_=$^Okbd+T&2M$bc|<WUmmdT$CakT8s
D3!fA@ha!Tr7KGmOPs+sBCZP9RY76M)mf_%XhPDF_o&eO#zLmSd*s2=T=<xxTY|~WpU$C<?2#?GM>3Ondy&0=Y^Nu)hDMOv;
5gXSkL8PfEMAb@c4FA<Y37RaBsQhdMP?5!xB6^PFd&~BWh!U(h#m-
<5c9tC+X{!?FBR{9*9Bfgc{|1J+{D)jO4bEaw!5yxLMD-CW35CWb{(m?mMXPE>#3Q-
1KzqNbtKaA2uRYS$pQJKN*A~MO2|M2#j-544lajjYm>BC6ggazVuvW<LdSJM^{=6HKx>Z;M~}Ads-{KLlnzw3W3DTWjI-c%-
l;uh6r2zkny%8u>c2X-HgGyewd9{Kg)FRXN8;v290o&gQJk3$~)c=$S#ekD_w+TG0Y`0O^*)dJXQse+Ili<oYrz-
7398J{4IIkjT)k5^YM?LHw*RWd>ra3N1PJUFb~a}lq^cb?g3<qBwdx)I4<Rn^S7;+<qJj25t<j~0bnIk)zU(jOI_Yu*6Gs|;
qRir@U(l<?(?tVxB-QBv8c-
O`A^4t&;0Q1N3t@WY>P|^V~+4mY$SyR973K1&?50EOJ1XymzeSOL&}O$JU5VZM>Jip<2<KrzY}Gz)XV)>tUW~(vq8#CW_yQg
YosfGY@qXr^fR4;g|XPZTZMV5ulxHP;6%(z4qmnArv92=i%j&)t_=8sgP`M7WTqc<xxy1C{kQMjvn^+DoF2_BvD`j%pw9!`^
xpSy`YqQOL#ybDJ-0CrRvaq6f3aD*K&d0+X~^`vDr)_kD&h=ovN7v8M=2SKan=Xy(v1`9M&fA2(~`Vj6!Izdc7=j%Y0x-
lpL{H7P~<i4x*EEGrO^3JTY;7|CMt}GtLH8Ai+PIAzP~O+H_o2<a*KVap|fKepW0mfwQNUm0Pp5E!7HE>E0+iU1`y65?tY8w
MmOOE-K{;?yZVf?Prw3v1VIcWumCWdkot2fgp`Q`s!*Cr@HX!}k9&Ujw-
S%Jtq1p{txw|F)$x_@;MxFcaWz>5d&jGf$eL_>RnBU-
$E!PBU~YJ+fnwgfvqEpwb!w<`vq>%7+dz#ITZ6jdsF)2RNSLJq$(!q3c79ogO7ml(!nj`m)70*yd4<vv1B+{+PsEd!TI<IeM
@T-t&Yi)f36wC*CPMk6!mZO35vG-`A~XV-
D$wFKH98LpZ89(?7hyqLnS>b#!%F`FQ|uD=rM{`&zlQzow?DO9`QTK~Pj#0rT>kW`t>3p#qDjc5bb&0S5iv|UJtK!VHM1#9k
d8?w&K^${!G@hrZF{pj>Lglw=h_Z5F$s(l9}Ly+DXcD+4g5Sgb7xMc*P~%qhOoo{>$5;9vzW%OQbWJ_miq?^OEqS$(dT74OI
Tc{i;})aPyBN~U9Nq~UgfahrrSfUQB_eG?~)u(R`_3J!0B_?1}P&)6Ksc<L1JW<&;%hY3nX|!X<h;$=>_I)xPiIvorcB(?QR
cnt8e!1ADPTZN732Q#a|)vQmwNGA2{!+nTsmgcWK*nK%2n4ZO;~i2~u$yIz;ML5NJpL1yD-^1QY-
O00;m803iV5(|D<F0001}0000I0000qE^B3SZe?sPb7Ns_WiD=Td7JDP>KhQr$WX>mt)7xvoLr=CrJ!z;W~8p8pq`drR8o|f
7oT60k_r-cOUx-
w1&SAEBo?Fs`5HzBI+{8PwF=||u6NS^C43b`Wn^Ro6zXJ7$gU7_lNFTuE^92kSK)`algv2@8L11h6C?moO9KQH000080000X
01Q9}!(0FW0F(d#01E&B05mRhXlZ72E^csno9q|r8xYCJP{vTLo|0OeT%>NLpk9+{sIH@+o|a!!Qk0k%pI?-
c3KDlq%qdO<iWg@j7Ni3C8b$^>nmP)#3giQ>ulu)td3N;n^Urtdul+oC=FXo>H+BF3P)h>@6aWAK2mk;8Apm;4fTKnL004pj
000pH001;Db7*O1bS`saVQghCZg6><>=)`A5Xs0;#!#)El3JWxq;934Zj)xDuA`uymS0p-
l$aNvUzCyx5_e0?DNY577iT0EqyqUGhB}%$3bhIp04`<~08mQ<1QY-
O00;m803iSaD`&w95C8yR5dZ)T0000uE^B3SZe?sPZg6>(mgkcjhhfEcvAY0vvAgKNp#yig-r3uUq$Mk|nyc(dGPdK`a-
6Xz&d5o=BpJ<lCK;C*k8Eq~6c@^tM3a(2Qli+zBd_o}uL1`g>K!^3b%EUl7Hv1opO822%lrKS@4a8X{K`w8`*RTZC*Ys^zxC
=5zWG}J8E5~${Ox4_h_nCO-+%2NUi-%1ef|5dee2c#<IjHMdp~&f3ID-
&zVY|3KFI?|j*U2vOpG{>KJnm)^Ix6+Z((vKrrWw_u3Qt~Gc{1@O_s-zG^6tt^nNxJ!aE6YsFA33=nCEjCB<NbZ+B>w!N;B6
wG=2*PtOC(IMLzHTC-
(I4Iyd}YN~UC2Do{?GrT#i+r4iTIdf^W5o5sgK|fPCvb}C8&*#;JO1e;%n)WhI3K4dc%?Qi4DssR`n&GC-Q_-ao{fwto*=Va
a$nc2L#(CX}5^Kpe6lE<^IjBbSg;FU3R7xYDz{>!RR(HauTAa#}v9`i-g?E<7<O=uKnIMu<5JGhnm7~_~en-
G$BoAGQp>~7&sufPwnxz(l$PijCCQDs^*?iWswg1~6PSf+56Yzk3RLLOj*g?an5CmExhl%g*NR&f;p14=shK&R-
Z{mU%6H)?~L$usu!p91!6rVMlFqh-6UYLvwPnrDnv_b~+qFU*7adQC35S-
g^l^>#HnIsCMvysEgJ`J#%($+&KH97tMU8OYBXRYoH$o#aTl9MGSTY2eGYeXd{WrcJ_T<cL00X?y4lqa~0#G3PSskUox`Gl8
JxAv84Y!}nVOwejI-
`&c~i8Ar<?e~ew#_MoaD~l@|Y&G4~2Ckc1vzq2zX*yJ6(u6Tx8H=yWrPUSy9yLd6C$W87SL1zsVb{$++HrqvS{mQ`Y9gdZqL
jR^2Iz+ESZ))E_2Aduec`aCP4*eXkH)L0-
7^XqYZcsgH3r~Px2m91i{%T#4@U=~a^2d7r3wxN>$3V7edj`_K;w#QLbi+TliZvWFQ!BM7s!L%Q<EQMel+mn+MAyk>CD+LD_
FDqvZE~|o1^^9odFnErY@lDLA^=s6}!vNo%^{)e+l)SX}*srYe|*1uIk9sus$YHTis1T!e_$hWPBGH4g_4NWsJFUld#>ygkY
I6)cC)l)WBBSSXNI}=21KlXzoODO?E4fmvD^&I4CY|X&W@Gtg|$k*#TL(Miq;Wm;Isjy4HR_htQg#%Dnho{ymFL`}7D*<BdF
;nnq6=3u-F^@yqc+x!$41A9^APhkvSzSo1ML^okuARDfowxssG-Ou4HOdy2Lq8+njiUUSOZ)hHZ0`|S(2*1GI^Ia2e4JAdsi
E2bMye>|f`Bpg~uT-%NjYHd{ls(-X_H=yf(buj&|?OWlU(F61E9-
5=_A%{i1U4&r(Q9IyO3JIjS;d8^H#9xADOkGrE*3&z3s~q3uz$OO-M?dAjJnr6w(DR#b{OU^8QFOZPx`5x+)0&{UuDH-
u)sww0NAS)|kf=4D1E{MAUZjUqj`#n&(L*R*BqfpByI&ksf~x3hT049qw3~pA9_0b$>h;S^AY9jW()31$78In>Q&<tE{}@tp
pE?ml>OmZkh6B61Vi(cbZe`L9j&qu9e4Xp-KSuTN#(qX$W2n7r(zB=4Y{}R&a&K;l&j{UP{VJs+{?1!4(2NvLFGYnu64NJwn
J6Sv>UcKnFXSx8N2@ZP)AteQ+-
Ju0lD5QmxSwl=Ba6$!XPystu$;1*ie{YsIZ)dLkP2UN*{K(5@4mD2iH7viUBIwN_ZW&<tYP0z^_8YuyALLnCP=Ro2&e>Zn#e
;UwM(c-HHx>TvZh!QN>JVVLCvDk%a+wk8*M~+jJ4VbrK%Vx(}-
?oF$rL?(w!|3%$d<79K*2sh>ReC#DU#nZ?<$CRe}4YNR1N5v;~%~>Upf%O$Tg>j-kW@@^PZT1|DM7Y~hoWy-BW()Cw+1rXxw
+jo>nNsLC^A2H-
5?qtW{bmF&!ZUOb{oKL|sIhSM%pp<1aHjJ!QVp*Ef}^s;)efk_C=sp#A2^sek1r*?u;7<)?}He_YTbWz;J9M)CU#_sef<J_k
8=`x*g%s#O1!xT8_H}?rz0!FRL7KrNF^*SZGhP2MuGJFpmj1HH5N?T=lzy=$2`8+_V%*T#N+L7PPR=lewDNLv#u{M4#V_cY~
_vjms^Yt=hf{7p_u(Uz|+`UDl{<iS%?D>+^bjC63pmQ$4Q~Ys5e(ge5tVl4iZG^aU4%olsdzY|;jQpc*&0gUn6;yhPlhl*vq
>}KApJTFj-XzY$^^3zFn5BU2(5b>c`}mf>jk7H^Efzv|`bsOKZOLhOy?C{lo|8*u^n0cF<s)=FTJ3^)8?+S@LpxPl$}mJl7H
bFP9?4JEr)ivcYICZa&Kcqb!4ElW^;U*%0a8Btz|4CW7Y4<mHz`huV`IHnt{s4nj9Wu?SlW`>5xM%$$~EBTyUh)$T8Y_e%lz
%%yZ3Utfzk@k%eEqpQ0N3aa`X?2o#n7KE|~JS9!YkNcOP@bG+15Y;*{Pi@pb|yNl{$B5kJ_!^FeyDxE=GR(=nrCkKsBB%&n%
*uKMUI%?V=tr|EB|e|yq(%Wy3=P~O`9-3SKP-JxtN?*z9Ii}J9XEyy+=A2(gT{o&F4TZ<E4INU>}zH5|qjZH9Gdzt8Fc@pi3
9lS?+ZijZTmNZ+8R)TVg^4HXue$ilH30b9{AwjpcmXn-pWTtlM>~x_gc;6&i+k4o_YJ@4+;q^}J1|KmUh?l*V#0=XtXo#mE@
lo;+um6{DD!GDbK4jV+llIK_rlbaCDA6fyWS`;>M=ssHA)n~Rbi>3m!W@1~W*HBv*iCZwe&q2&ws`LNm|EVqu(x&#)*bBPtE
tVqJuR@&=s?XD03prwyR+`W5pmkL_@3wduyb3)d<8DOya&`X>k#$QDUJ0LDRXZhz-t;`w6-
k09zT9g)SW0hvP&2^J|sw;(v~G*Z{E838`;!w%kTBB1UBw9O5$)Q)0+<?b*qj=)`-
SZMyd%a&A+Z$X?HEH<b|$5fZD#@G~EE6f6rHYr+sR%^(86r=w>)#V8%90u7?xdcSW-
%e4SLS@D4Q(nkdwfWJk{9d9vr>X*ob1Y-HCLXy}j?zO+)XPJ3hBW}n>uhgf+|OZ3!zy&qeV-xshOqAF<ptS2PTcFylAzrqIM
i4`NuP3HQ@)TbXuiz#{ST1&fb(OZ{d<14<GKFWWGT+Hj^n><G?I2Fq6gOM(59d)VSKA`kptbEytqLJRjUhT;F-
cr%XvE@roSA@purPd$oQ)f0eMtbX4pZ)g9k~(#47*MO4G>fWCS4+;wTP9DtZPwe8ZTLP`^E9ILquJB_$Y>*cZDS`7d7OQBe9
z4(me+1qrWy$jPf2=Cscq^ELv@wAKc6S2+R?&?cZ`+W!F;(L-
9Py{Cl<Ru?S=KB!}(zgnd^tm7DiX@ln8t|n7<fFzFFzDBB%cGgjYLZ+V5gnFba=NuKTlOZvD#O6gqkqs=iGr(3y3iR~HP*LW
~zO4;3gF7TOg|XnJeS{gym%0}d;D6PCf0QUi<zV~H6<rj*oaAS<yAxy)ZWy^5-
*uRPug$$VRieoup(IO0c(MR7)^?HfAcdrB7CAC(QlczUh_N96jHeF$>Hu2XZ1*X>C^i(iaJW5d<-
pj}nT8kc<w)*~lxuU)E>$HBeZaQ+rn;wvqYD+lyhtTWr09}LC!dF|10!r%nEM#)3!^{?MD)}E8;V7Z({fRZ(Q`g4YC$tu6`q
hA774v!zb2!G};c6{T3ofVbxLMJb2r(^1w<+kMo$GWq=CgD}tN=YJ*-
L|r%y=k6M?eghVJGSv`<wYM}H@Co7=K8+&`Tukue){b51B_n3HhX7rIdUm76rx_}>iHu=zahrQzxcsY|DQU=53R>6gP*rIr{
wof;=~J@f`Qrn)A48S%aPcxmsngkMwTI5cfw`=s&QSKY~UoPrabL*YOM)eUy*D-
WF^bmt)#XJxBTKySoSeGW@R7bu0HBH@J=jj&bC(He+4U_aHw7}RTc9>_j&3o;O#zO7Cb*r3}hE{irT~U%<Sm(M-%-
zr!}I3iYj0-
JglC!N0^lbpO`JcD}^ZZl2q<YsHz;;QAiurkALj$*5HID$nIzcdeT;uCq91kQ=K!kA^yUL5=zJxi3GPM+yjTvd~9wB2Ha8v1
FK-k)Ai2ud~l{%Jy-_I^X}?Kx~^4P&Ees8>GtkqrPIBih}uh<(aZ|D5kgNSYE63WW6(x2S|nb2uxijfIr9e+<`+L>OLL{f@1
zobAQ1`p;@Pn26gp~(VszFv$)Wiw++-87CUQEEm+W7B#@!A<fg<adjqu&0U|+c*5`;?45Zaq9bUG-@97CHLQJ#Q>T})ynbJ-
D}u2!uwxJCjJqHLtWS7mdQmCaHMZ-QK-
%&ELhS5hqZwkM%QR%a*U`&SH^gjAN&X=R!+jO=4of7(Wncw0rs*vIX@71E*W9xQc~hcUmrNnp9S%~Oi5=cCHw8AVso`=nSKc
;JqFU2tt53Ey*v?je)Lr)=z;C&97scMW4sa8G|C_wp3|wE^D)_aGj#G@@C!TQm7`hw?g}=aG||7~9G-
@`|(aSgB)C?t>3YZ#)2?QisQ{?i{oZy1_rGnzzF?wo4wSm%`z<=W;L#nfG4?3-%s<@+dx>z1z7Ee*MepA$<q0cwN|IWp-
6x6?FNZU+#&^?3>+BH`<bq09D{(eO|+xA%8MA%24_tIjzl8rHDR8JuUzsXtq_kk+gjXuy>J7T#M^C<^On*UuFlv^W|aIzE?D
ODi>4pG`)A6ZaPG;0Erx1q*Wd0<ASy5Fjf|HqF16M2y~RU=@-
ksA{3YMtI20FGkW#B1)f$_cUww~GwGxT8Bq(%^{}jMt5NEXzRSTKs*iwc7!Wk6Yb%zw62}U1a|cS)$PO%9?ymO{R~U9)Q=nJ
Tj*IuXyL%_eRRy?sWzg0V_ZQ{Y%cE{aU5@Q71%Urh@BfPJcw{ZJ#k4mCH9W&3D0P5;M#xK)9ipvhNEO=;)*-
Lu!b;DJI}>X^n{NMprmEN18jgg2P+c2KT@ndy5VKr2`F|`c?Sgm^U~r|vVb{}*EK^20Qm8~!sl%vfBRGCTQ2ERV2`KsV6I3p
eTP6!){ZNKC5W4iRQ3x94tws%!HJ(g=aU?n2y2rBnDp}30a^hl#>=aZ=iM%JAxc_hd3VZ}nklF&JVwfj`dJqj2vP6|f+5#+!
5ZXf1p%j&9cQRm|ZnmW+z<{A`i9zDS$y%HB=&2-A7T9!SO4<=B879fIvR)>KNtzfas+qdB3bgAjh_~lqIwE1(;$b@(%9e_-
h&q9~)qqI;7f?$B1QY-O00;m803iU;-
RdiL000260000I0000uE^B3SZe?sPb7Ns_WiD=Td7JDP>KhQr$WX>mt)7xvoLr=CrJ!z;W~8p8pq`drR8o|f7oT60k_r-cOU
x-w1&SAEBo?Fs`5HzhI+{8PwF=||u4GAm5fyQ9$$ZHPA```HB*G-
#i{2C3Eov&dUaUaWQpi$7R>EG?O(I%UNaBH*vjhN8O9KQH000080000X0FUG6G+qDz0GI#(01E&B05~plXlZ72E^csno9q|r
8xYCJP{vTLo|0OeT%>NLpk9+{sIH@+o|a!!Qk0k%pI?-
c3KDlq%qdO<iWg@j7Ni3C8b&5MnmP)#3giPWMJ}0>)`vfv{&o&3HI!!i&Y@VZ!SO%a5CBk10|XQR000O8001EXv+-
?DMgRZ+f&c&j5dZ)HI4*N&X=ZdTb7Ns_WiD=Td7JDP>KhQr$WX>mt)7xvoLr=CrJ!z;W~8p8pq`drR8o|f7oT60k_r-cOUx-
w1&SAEBo?Fs`5J~gnmP)#3KRgYc`^V{O9KQH000080000X0Fc?}S++|60Dw^d01W^D05LKyYh`k7Wo#~PaCwxs=X+b%o$rfX
u+e+(AOR5UO(aE9qPk?sT`rPi$BymTDKq0F<76_)oIBy8Gk4CMnKLzIQl0MDag}Wqt5FguioJnE@4fepjlDO3jidV~-
1V$C>-
TQ0^?b|cM~^@I*ppuXXy2v%59@2MfBVaCTBnWH|L5x?)_$Y)E8l$cJ8!=7jW2!k&DUQ4|K_J&`Kxcg{$T#?uf6iE*B_j_rzZ
N1qhtNXeGhg|zwz&l|GyVoF5#27E?rlqi8@0T+M(mwaB9TvJ-|yn5^p~utQ_t-Ddb?*VTn&JaPpx69>eQi9&dnFLc(a!hmZH
Lv^rmgSzAw-u*y+Ey@+$NNikBQ26eH?-XmmrW2eS<`f7NZTW96l3=^wP6ab*3e_y67Wh$buSbX!|bu*8bMbxS-
R1IaMN5(?kGk<#jbL`q;k4QTq?{?3XALhfXRMOC>TDqJ`=PG9Z17ZNK?*#+)sLxm4*|ulz-
a$%>&a<=7fmc8J*N@LhJYO_~W`{bMOprm7a@cy_F)eHOQDEpy1ZrQ~S#xZ!2s;N@ASOgN64m;yCl>V9+KnWbcT4LDF_SK0SY
d8gnyBq<ZMp2WVj5`0qb#)2&y@?C98R6f_i<!4sw2Y7HOW+hUBJkEglHL6>Op;hX0BHiwPckLF;g;mw87w@RVKt9mFg?3CQ5
5E(s(*&-hRJ<l^b#{T|*;k<=k!_$pk!5I0n^~(tM|$sebh&b<*0`HF(^2@pf*0j-T=(vdQ;plkbDmCgNVI<y_xdeYO7H-
*g3ju>T?lM+FkLRzMrENcQS{AD=w`+PNOSbu~ghqb=?096dZ~##_b|PvyesyviQ1yi70Tewmp3MI5<1UzoDuhr0C;o81WQll
_bE#1@AQw0xmDq80R<`bwTX5$x`Pd%1^tJ8%5{^4wc%dyDRoO3RR@71Bn_{%1Oq^TeJLxw-euddp=0(JXk6aqpvj&_zD$C(<
Hs@1qZmtD%3n?Ej~q{M+R}t=jHi>8Wl^)jka4Z+zxCOs9Vj;FQH0k6E0;0EFTgOF1#x!$jGfTv6%Er*_NaX0iC}w=REc{L<`
SEtaA*Z?sv%RAOgE#1eE*YGH_m)dh(r_NRr=?ur-7l29%z&tOKWLPkpbaWHSoz9yv~t-
^;fxtYo4a(P4(Xv^pVK83?^tf)>?@+nGIEm0{?B(YJVVJf&>1<7pYwMQ~fym&9W?@w<5Kl*XAcD*I)U@J+8BVrc0TW}y>idB
i>2~4BvRtUQ+Y`I!OL0D^N6HG_Re0-U$yGx{#L_9@h@^!3;5Vxp$BNB%EVN1KO+2ZR6eojWK`?8+j-GjM09PPA4+w!v2b-
DS=f8XuHZq4c}&z*e^CxO)}T*=g4P8MENsiviXu)_oi;W|%bB(3SXG`36o>#h1o{*lK<UX=*Y5i3hSB3|+PHu1I%V={QPqur
`~5?vw#vPvA7q%GEc_uzY_vU{gg+_<wyClfC+I8O-
1C$tu_6KD|jbitFAZ|>iBbpMlY4pji9n4?m{rvfeB<_MdZtk<)ZEKXBPO6_ExS1mxbC45HLR=zIar@?@d#+8UwvCj*z`UEN~
3admr&B!IC%D&V3HckDrf24sEUD52p7y>k!`>+tP^bttCazu6JMHZjKX%v#F%WtooAU(zmA}*eeE}CoCNp7V(JumLz8JYq~N
$N&zj(@+o!7FuxI+a#g2eM^aL{@-h7jIz(o@9DRxd9WKN&n%qy1KA`+%)o-
wYf&zUgy@)!Oph*yWcb&`{vLovXYK%dt5MFuX{YJzgf8OLp{4!F4f4`MknD45VcaH_`EJMR<zB+^Afs>PGhNy6>fwz8Zud&O
-iP($CU`}%)LDGRzq_s8_Rf$Py(*zl+r)}h(k2LaN49B;CA;2#4#osr^h`hOvdXa!v-
cMkg=;AZdBc&_^zbmY4Gri(6}8dZdQR64}*nCC#sE}WMr4*?Iu+26xF4_BWbOh&6`XX>fTznW-_t@n_uFy@ggU?myFz(lwG|
OIo&w-i2)gq9s*D!JuSzYl1Po=^z&RLp^qU#TNtN;k+p(>V-
oPnB5RAzE=_mNm@T@)2MO;x?%%&t`04iZ#>9r?QmVZ(MJ{DGJ}qC58H@c!&CI}<B~7atIIv6zDFmI}`=^@}b1vu0c?0QMnXO
4wT<=HyTfF1XKXLd-
&zE108K|v>g<><6+fk=uncMKnt@^HqcmrmT)ktmlWA+T0Cg<muf4aEyS%)#?O>f);Z`<V~{k@Mc`%IoHWLfrdBL+@dCoBN;2
p-~;>sobKr6Eqw{^h`Ar@4PuNuLq26{37wkOg9mqN^D>ScNrg6Lw(S@9<=H;*~19)-
ZCUmH&G8orx32I@kykNxw94Qo&F+!9tg0oIquJn|n@IG<oj^pLFCI0ER%e3jObAA3LJtesV1sE9am+?(we2*L-
^m3(L7Wvt50;M{g?BJ;D)_QYFrPvh811`$Afph~HV&2(<c-*ciSRz>prys6s$6lPx@XK-
$Bq7~~x35bC<|St?rCHw=GzXC>voEtQv>+Zj%}#lliPUhAgwuD;PsGvjgpeIL0(L)ukb?evs4;fOm#`)wTj-
S2<@(bZo$mw$eGP&@LtglQ!q<AKrX8BXQ2viDKFNC#1UGR^)Dx;(+|3vAl1ZLh>)p=>K#Oq8$2ldrz~(7}`YQ_H3krn8>C{q
oLz@BQ$P|Nf)5LcuEy5J`nr7nXLOGjU!RJ+pbu6}Y)Ginj+d$(_B#LAh9{>PN*^==kGyU+wA!yOK(O^T??rS(Is!S^>+J8UO
wEUR~0W(p9txJ80FcdC0<Mcy(>%qC0fqiqC{PEQ3-
x0}zZgoyBxPirT<Tx&0e?`NOv2|J;D{3&7eMwe+&!+Doy|zu~<)5O||=?@LFcuWZ~s6~6RbW@)y%i^$Rtv?YK_ceCk4i=P)5
0S;*BRXi4qwpI)7+cy<j;TcxLz!n~<R5__6wNYsQ-Fer@L+j5BI%)P~Emsg#rx<o3>#&)V)s)j3T(In{2-
aV?+WDBn`_hL*xr4n-V|&v^H)wQ_U3X*?%ymvPH=rTM-U!o2N#$Q~$hlTEN0M9dTQ1GEzyI^k3#eM-
v}H=oI=w`wcuET9r)l<9zE0MW2CZxh)gv)hxp4d78F~eX(pv>YVyv@9C5mKIBEa|n%;j|mO{)DzKm0tENTNu++0J`F?^Z8TW
MHgZolW}vM@hd0!l?vJ09km1yhA=k0?k%4Qgp5w)k0X_v#(u9qn4P{Llau+b)vVlF+3!OhLwe0%lh2X%3|*?F4#1cTDuOkGc
q<QZgr~dOOfWnUbYRDV0~2}lL`bHL@SbN#u0>Dts!_@T!9X?$%FgwdN6>ssB|0H5}R!#)XSA98Coh|0ZV`Y4R?sRW3;+^p;%
gWd6$xb5}A*c@9%t!i+iAk_H>68PvAALubkc+=~9`cmWeX*z&#_8h}TzrxK+d6c9wsKJ$>@@0p`f8b(Y6TPYrU1j?iqO;9SC
&wO2KK!HBrCR&~|v9xT_4G>CkXmT6bgjnwBCz5n(fYsDPRyk9NSX;l6ey3I-4Y`Ks$Zg`1cPCv5m%+tqJCkB-J_V+&4B^Q@C
jCDnG(D1?f);(VpM>rNy54}!SM6^;M9$(u|<P%jf6HsU&q(1ws$f9*5cVlvRnh6~UK~h0S->ES(o<!N~Zh$-
dnJ*^+7+ORq;v!ISk&IOu5VwLQ8GP~C<Im+oyZ)6dky8jL1<}?R`otwPcW2?ZLyXZ!G<~7~5Rcv8Tixu|jQAXjKqCIKy6=$_
r^RN?&5!4n-(SRnrJjlDOHrBAl`ghIubw_%cFk?=tV-Igba;6u2gEr%J5B*IiC(A|D!c7${kOlNdgY+*J5NleIkhN(vki))U
wRsxo|eCQu*hwN8l^Dd7meqcvRa<g8c2ne!Cg5cmHn8kUJ-{bWv~3^n*G|v`Oj_@vb)8qkHyV4X+0#-
=cD9Yl39uqNk24lT@7ELBzJYKc&S<SW1(E{{v1b}Htpk8IC`S44XizIbyDP4CBs&^tO?@vItJGU`%_9&d(f)aow2*y6sC`cv
*Bzek#IOD%?(%4#sft{O4X%m_b>+(iawdTSKK2Aq;ip3Xl0#VW$uQ<sgxHb8+2)RDM^M}?G;~gBU($O!mF{$z1<o=?|uDY|I
=rCll5x7ZYCI$d|g7+r!^fK=@~Hf3*-
V?_s1VPT&Y4!`rtA#H9!uVEo~MfoutyX$Q#z$FjuT2m2?r}WpGj;onIh`c3^L9SJYstG2l2?<joK(cRb;ZY!qf7t?-
bjXc&7$+I22$Pkr#S=r1m~M^FaE7js}10(KffAnBsgw`nPW%Z9{55=~uir7Co|2#!|(dZ9puU5s?;ZNJawaFxL>qr6X%g?1f
|mAmoJ7vo#5g{@jO2Qs3EgWo<2nJQt|dvKC*MgnxF0Uhgrq34i>Q<&zPCVKl%|8&ol&zGv{uqL($g_dfKCeVK-yhX!r;Iq$L
+BY|%_EtHiO1gD4=HqJl3Q)T^_wIjddY}JZci$xJizk<EICG4=IakO$P{f=2j~zL+ucwp$=MS$g{VeABsZ%HE*xZqnJW#1tJ
w473{Nks7UdqXE_LgHMj{{J5mrx)9apowUV<A8Z07L{MyE;QqVpNHuD6$>FDOI7UDF4n7xggO%I*=)&$-X5-j~&Q=`K62-
&)eg%)s>INx*Do6iKPREv|p?uC*s@OW0tEdVL@fG1|3BQSDgiiXVgBUv~W)lc)!?R{I68!;vIggn_!%vg*&d1R$qlq@t6!g>
shTV;6(CFZjv<Tv)ma|Og*CQ**CWH5q0NoE*)hKTnvr+f$m&D@_wv)cP;H+5W4RdKfbK2EL>g_F0Fz$Tm*f?(VcLbV{1;ym$
uYj3DJ&fWps%!VHg~JKxpbthR!q|t-OcG8y!+ZoFr~LBb(k*d+oxb2b&#IA=6*$hPqUWNAXA=l68m`q71IwjTZ}E*H5mS-
8qWO?$PRivd@oaY;B$_lfrcp-RmNOvE3_(Hv#cT%vVV+-mT-DBH6|(d44l|P^Y7}wXP&5;z&pm89OL$_<k{_&mVZfpg42d>)
v#wl$YMCs$1AXP`?(|kVX2jL;F8-
_pJQU%~SJROeWIAG9o!iQKO?Xb?k)KBXTC|?R=R`(gQWPPA6%iL<@;6w+>AcN8XIhG8NTnMD`eU_-
a&g(RO<CCw+ZFNFpS8A&a%;?Ub*mAzaVEO3ajkBNrJRNE>O)EA66Z@Vw%Lt4|!QRc*z#T|691_fyru7HmxOx^dl8*@IUnj&B
5B%l!BYa@>_Ge7HNe^;lWW?BJQK%2qxQEw3f0&3JWO=RSHObllOazpN>7#$4(dsqnZ?exPGn;J6*jxa^r`_iLW~@e|JTdCtu
oJ>HTRnHe(RxPR-
4?Q17W2gi!t=S!Q}a)j9`HUi!=kL|sFA~gMGFkek3v(ZNI<O`1Ix92v#`q@yF&%B+i1@EZstCLHC$ML;8H&<^K*Wu!Q)O|Jf
+3jq4fyv{$i|PWG(cZJrZW&8gMNeGrW8ajTcRQ;zzKCq|@YZwZqNQW?i!T)z8|rGbs+6U93sf%NG?qk(BDa!mmlMg$Jx_*TI
`cU`d$~TYwCO2~)o+9mD-
<8zn?p6ueDe=R!O?T)Ak(2n|05i3L7`4n`#iuWzv;PlgSEGX)Dp#<C!F#VV2LB)qAduhwPRT<TdFXLZ8YnMMvK)7T8@FqGLF
LyxXElbz#5Yd0<y*f-
l5MD#7kd4epbQU;nPFem<uIz6@cH<B`3wIPM(6~GDX#bI8wmTCY?H1&guG9V^kUCN=b~7P1kWYtIVQh>Xe8JcRr~2II0IJ6A
a61@r`&QmnW;1CKTF9m#|Wq^9YkMcCfdXCc9B@C;Tv;s*lIY<bgq9yWDQ)AOQ?RDIq;h$fy<;6o`wBkwT@#z{^YqPA`r^W8A
!1k{g~?z0S6MWh(L|*k9(wLDdFW4&{*ygPZBD+8~;{QQv^TB)10@n6lO>WU8H29SZbyce6pR9v2F?3bas+tP@enQ>H?0Rcza
A?ZpWlA3SZagI#fo9fqz^>6^)WdEWw`$sE(FkPMiplPg#a1<DAY8RjDeDd!8vI<l;4W&qQ4(Ayo&in1Z;635cDx`Hld!$`KQ
CPj@LoryJZ5N*=371D?Ls|pp)pr?h(L>|L(P(4}0=v~qrOp!80f?G~X!Mq4Q_1eNiM|Pikd|4ads!I)1oyNSYQ<r;n=y)=iD
VFN#Ty49M&*ZDccAh3<h!BoKrf8NsfU1h?rH0E!T^>=!)RG5Q(iRAttbt<%g^uJJEA$er++bR0MV`N24mGnOHsy!v>*=yPxi
$Nxm8YLwA3Ei@TicqW1$~GDg!wf(y@2O*sT`T3gLT<K5!yu)Ss?*dLRdVsNysW78>`W(Sv?yb9OhdrNv#+Vo8&qfi0dWrK^b
gd4#^I)74#GJ*2THa|NO}LN7-
O~bvO9I?mfTe&i`8c<DJasqE6<7wW~wcCB4o<l+~6>#2_?WxSxB~oLXn7@nQ;X6j??O75t#=_3OU!__t;bbj<P=Te+~@qEPP
V1Tn?+FqI(cLlXy%8wcfbq!ID4V3H8A@2*_Ad?oaUik`p9y#LN_@G9InbWA5_b%pHy?czlb?h<iph5>h>l&JY0I(77gGt@zz
@~h*ocY)0lHWvw*E-rIdb`9>pdweEdB~YtahEN-DZSx0@KcP8rPRIu`CAh=T)z))K_uS*^=A)|Sr8^}JN}uRfr*?Ma+iuW{v
6%7(vzM;19DDd|dFIfPwsk*%XFk2v>x>_FcNPA_Exg+J^1%}j`vjeT`l;tswNBQ&KLQjg{xZ#fEBgL@ruYi1iPf)chHoq`d+
n=zNBVRJ^_j2Ssoh6xpWLIB^AfROEk|2VM$A*XbRlm|;)61nVsXo+fkdO=cLO;{c>dYhyVaqqZs|r0uor-Gg2<(_9B+hEZ&f
NdUT$U6v@acc^kMz<Q{Cs*KH9wTd)sg3<C6G1ykOI<5%#-
zbS1a`X^Pb^F&x<6Jp$t)CdH7eL;}MB{m?@a)?hBZu^P5T3qB0Mm@98BRBvZq{N_^+kA3Nl7rx$M@~UU5hDr2(D*wTDv#>YN
JEDGde5SVrH+^&Y<aRl;YP;pV@qd24aC5IG9*Hd8EapQ4gTq}jrk+Oz2nK6?1LGc$XO)e+jg*~};1bL+wYXCQ{pI&&=_gKhT
Th<r<2>FYw}nJTxn9^g;7j*^i!=6Uzg5;K{sqE$y<gBYPPb_S*koM_3)k*DT33Ix{}@h>kJ+wnme+spu(ul(Kg=W)$+4GI7Q
xI6R7~=Q<-
0<;q~}3MHHvjbA+G%7f>U(Yl`1mYJJ;nSu{&<K+bROMShjQGPoKx${?|_cZfDaCKP+J$kx8rl`#uRNi2wceVf=dM6kW>^AFF
#`)8zP79MA3a?a$p>!K+udvhd;EBu2$TkU%=ERA-odltaD6J-
HP??CCWZ!dxuFJLw@>YPTVX*Ac+Bk)btiGy8I1ec|fF#A&+nY&Uu8DZSx)XT_~Og1xv4U;k$lB<T;zznKeyQ8%iuwQ7;0&jp
4$y0PAaS~g2zp3$mxQa~SV4<N~!XRYbD;O4)V#0w{!Avl%@#Bt4{vpRR>*HpdfTa-EOHrzgLYkpPc+y>3E3cYWm+#7Xh2&r!
Rg=74{TJ^s!_LtJ3)Jzi?)Kg0eal&?!laUWn35|@~)M`)8-K#k6q>HuC{gtuBwfyFlUr%eqrDT0dh0`m|u6`{+0D}jfoeL-
A#^YC(=NfJD*1}>%*vjNmw(NG2sG|Zb-GXF#PCbrNa^CD?fA3DkzVq~(i%Xy5WIU3}aKMr?m17ifYrj;_Zm368?4rOJ7*D(E
0=O$xB9)!SvQP#?Vflc*m1J=rxFifGKu)=#+{6f42{3U?O%jRc{Upjr;y7N?D=5)|4Sj9q<w(T&)ydvg%hjZ(9!L|aG_uj8k
_UbN_~~S1X}@5&9U{=Q(^9~EZNnuye9^B^OEIpPS*=&4)on#HO|Pzrz>0v&F-
mxcwSYn`WD%4`!qEvC@=V4efkbShklBgBv^YzE3sq`{o=qVbR~>LGR_w9)RG>>O>Q(c}T4fZQ@?6L<c3G7emY%;H%VnxuRhb
nI1@9=8JONu8yyA-OrmMC+Mv<<U7AZCg4~=k?mXbim7Em3Va`o=~m;v$Mf54707>G&uBddG!Dk{8^q3lZ^+t-
$T_Pur`Dq%;~!SQz!oHTu!!5f_zVoVRplc^HWq>1IAMy}wPxgF+SbGJ#~%ae66Ef4D^H1)o6UJxP%Fkp&G*`xeSXb_4TcDMb
uEB?TICc++NvIHuS!{O1|$>puMThXp#_mlXZ?xBhixv<v0q+(Vw*+4Mvj#{;HIn&;RP>#TW6gc6PhV8b8VPmxtI;>70B?>4r
p7`>?!3l0=f@(O7;pKYHE85rzf8s0LUT-ob`@Ea<R#V9b;y}Apla?BJrrx6H*>7#f(t)UNcO~@Nc<m`I@bWOBR|v%NE;dJEI
(|elJO+(UfQWz~TJ$QlYeR1@c-<?m)djD2&R&XC=5ExMK8fV_GHH>v#6eI9A>-
_FzTL)J&1#id4l?7ZE|^VK5tyz+d~o4Xq`Zf*B{~fx8np~#1R>PO`-
bFUw#AtMone$M7#7H^fKaSqprbNomzG}L3gHXuZ2Kye5GHnlSQz2)gj^<%OMvV5+dC_G!&!-
t`UIVwMY*#t9s2sCliKNnW|mcz7k5I6cAh<MREcYh94*%(2sb<D0x+GWd43E^psq?hOVT7pi9{$>ZKlgG#?xu3`wg@y92jWm
@$!PIQ%B`xmFQN??h=#&?d(dL)`7tSE<?G0>hypBLOp^KS=|WKjmIC$7aQxFyKV+qL?z=7Jr=Gy*(O7ah}eU$0MMd-
E*EZ^*a`)^%P&Ab`1qYkMQdDEme5+I4d+=4(qC(J@fnAd%(ZtfNP1O5db7H)sHQ2PQsV*sG@=EbRDvrf?`^Dn{HcG7p$~%GS
{tDy$!0AhX7YMiG7HLQbEw(<*c&tF#|#IZfC1zxD-
U!XXteI$<dOlQpewvb)s_~UR2I(WR6Ig$shbD;P8>Zf<f7~`ZBr(NgyTz_WMU2B?J4g4m%n*sM_(f)41%jMuC~SmJUX|LZ%c
*mEmSVO?FUhv&WD<75Ug(2xT?7V2Hy7Z(pim0a56>eL*YY`wos5@a0+=5K^3F+&z)`15)-
<UC4wj6vJ1sp$|nGsuzD<|R)+oM@18#Ks&8@j6l2CPX{hJLQc>sABb?*%bl>@|T94k_?%VQ4)lDDH0#NRa!l!eH>VB|LgW4H
*q*<ky{f8Q7G>OhrGMHyb&<}?{^|%7wU2fx&{e+HpeqXo#l&ti*#P${@T_<zdl)KRmaYjF+U7G_N6&a6yJS2JeR5YTk_);v%
q-
TkB1Tj5F%YXA2^HN~xkIBrU%O`}on{|f41KVn7c`M_qkqKdH72gCy%enP;SBl8ZpM3mm@1rNAD{AfdoyMwHB|s&QH86HPm4`
rJ*PS9XTA~SUNd?73)_EWM@P7E6L=@wcLTMH_rZC6+R18YeMN0p`fH0#-
C*`+<$NC<5V&LMe?;+fsv_}blg!9tjky8Vury56){c>r$h8HSRHL;W&A`p|kJV=y+xy_?{4~jLLQzC%Us@)TfIP3_R6Ls*bG
&YeggA_$dQtA-MZ5mlrS7m)wH`fZt)$yV6;WG!q<CljbNrYhQMM~cO$Nu_j1Ho6Y?@RS`8n;S;^6)#?ZMH@4TqBH^8gxRhRL
em2@vfOidq>yzt`>JUp+eb@5=l16Hn0z<inC8jElC&Tg}N+{_GrekAf)f<GaJ|`99t`3UTNn&^x=AYpI9bCXv$AM`Q^<&%~L
I$!{TU6CtmA2oBoFd{2jEd8w=dt-Eyy0OR?>wePiXf6FpOB`^=FW?(1_au9ZC=s&Lsn`^?27TH%wgJ=yt`bv+*}UJ3>N9F`2
f^v-+!xBm0;t*wB0@NaHhS-
t6rYmfFU?`*t(ZEuc)(<I}=Q)3LQ<4&<1QV%r6yr)dk0b)ymN)Uzws3hCMA^GqrTao1|F5LPcKoZJ~H<5~$3xaB?vS?q$f)z
O50xQfUk&eBno_+1eOusr3s^0Q@@6&25m;gFxO+m4Jcv_%CGGU>bTkB=7RC+o6{p=YP_uvrUl&pm;r-
dR~1>^|twh@$7F^rCyyR988iMcJcvO4q%-
n+@oWUdOQN_Vd1ezlX3kMbWjy!Jm{oCxN9_Z+_oqE!ST&EkV}1`BB0|BCkNbH~lD#P&dj&i1wOO5yv{H_s1k{9vNzlnPe*py
7_8p|8)XPQ9$3JU_`*j2gfZIYq@ZqFT9s2433Y+^{)=8<+R?OpZl_<yv>PsqKW!S2Y5V=mFPtH#oQNg|lH_GV1Q>F#}*XOUu
MQRC#{r?Y+4T*Wpsx0=D?^aD{-7$^Ali|BK1y%-
uhQu!b&Dkd(uSwp~8lfgjSEU2780T@2k#cUqpuZqm4`wOWA+6rFCLV>3wG`PCIo*qJQVLm_JS@{MnN(ev0ot9syt@ZI(3PL&
E4XP@eP(W?0#&mZfA3p~66?l4Y{`+C%tmrcvImAm20T@PV0l!XN9+gM^Lv<jxGiE(<6o>tB*px6LS7tO;|&5_vtB;&lBv4=x
tV7)G0Ei<N$KYEzOvITVPyWO=*8fEibBIww$FUN9BOSed4QXf`?aglmP3)$>}op83c!b1ZOcvQ}0=qIIgcR#f*s|h;u(jHO4
6P=LubGeAA)q)GLaQ0*8UWBFTAR6zmb2q_=O-
l^%6<xA)(jIc|uKFE84hUxXyf&C|E4Vr?Q&lgt>7$b<8sang_vSKEsdU%2d+2$<;oSVr>~JcT1EoR=$f}PCl*UR;$uaDIJb>
{u(+7O66?rR#fSj5yD1<p^i6-Dxa)E8JG>JCTR<C4$NtY-egoTAEGUJUr3{iZv&J_tpMz}(T)LXMv$l-
VIxA+Krz{tA4<=6!ph-u1BslsbH8A-o&hi&1Ta?Z7Gk-
~m!S;K>g5SGn21RUXB1{>Awr{xQlp&0}Hfh25tSo^|3?jb8{_7uNVhX{g(i&)e9&r_36peJ8%=W?k8;V<CsVNuYM%4<R;(3N
-Ijn`LD&xh=lZSlsMeSO;-582%tsc0<d&C{Cc2B9d|kV-8{&ncrjFx}A_x8-
Gjj`Qy*M2)(nN{JDq@VGKL#77=t(qK86)HPgAm{%6G^ko5$!O93ZIT=0A0S@PYgSq@n#5oc6f*E#KQHfR<DLCog@Sv-
ki8)8R$vEB+^s;qRkIg6t2e@5N>=zN3*b`GG!U`0?t8GEG$u71ON(<?OMPn0Jcea|{)<6F4GrW<0@A4Jnu%=8tcnvuUv)Vd-
yM>JO47aJWP|^L;k#E{kdoP@yy*_^_SFQTCom_qkBb!JnI;xYVT?7L^LIl%CQf5<K?#^+raw%Kn)iVgyj%V1$ev%wEBHT1%Z
pH0NS3Y$&XdKN52LKRhxZIHNL5i)a)fjSAkV>KbqC>@C-bCwkC*wQ`Rue)@h#^2Lq*!{U>tGqK3L)k0-
EBnZ<F{k8NA5q>9r@eA-h&(koJ0C$!<KWeY0sSPJNE@Eqe})*VhPEonG3OGwbAw@8k<{No>bcF(JtRDv-
Z4MA{Hs@a75fnic;%IYQw*>9t`_DKHH|2uK*(gfB<<n80Fsw4+L?km|!8sI-
5x}NjkG&>d<8@rwYvx*J6OeHTfKmmggB7g<)~>sARAPDdRCJ;4B0DnVmT%I=6`u@kF8MNZ6J=S?9GiS|+j4Zs!5|aw_%0N!s
a2)6~N!{g-dWmo}T;y*7y`Bod=S<i~N6BBCuuFe#j13tqDd8Rh6ct(wtPaJ8^(-w+Lr(0z#(S#yLN-
6Q=**eTqc7lGNFe?@?2fNI;)2$11O!Jv`p%m$%Q%n^lFqY+!8Rg8z%(uwMR0MZd<Eo`)8J>K3khf4V{ori4t>VI~i2IfQVAk
1VFa+<i()Y{vu>{fPC5A5qTt|u_qLiX!neXp3$LXYaHZASx@vk1Nws)qYDdQk@lXf?Bm5XF;|L~8!l_3IaYb!rN?py)TavM#
N;k>m5SBL1PjAg$-cU-){Rj+6XMomN+aQY1$6dC-t2?yCet`ARrci{<@wti&0xa#%-
T`RIH9^4aB|{A&4U@BHqEfB5X(KP>NjHX!Vkt(9*0B@b=3bU*Yx;*?C8=$!)VxKzdvZnAk5h9QlJ&Y5_J@U3#YnyJ_kJPe!h
=mBZvQA-Eb074aH?@q<>Dd@VeqPwwxk`R@o?|MD7*jCo}L7Q2gzw2Cd+TZ@r{;l&*9Uq!LVL9Bqe-YbSWK>*QcvvJNo;1_@+
4($+^n$g=-;4I!BLm~ZO&oK)XTPzssU^a4BR8*i4jnO?M;NeKE_A7*Esnf1g5-s9Arvg6-
Mg}a5as4SP@=t5MbWO92Zp($v>3}~A3JV90u%L>mmK(9HW%G~f7L2|vU6gdc}ngTg@~+=`NMi_*IA~tatsA`H!EtTcd%pNcm
I>V?G+z4N*PlDkIaHg>9+L}eOV=6i+C=_Bs--qrp39T-
T}s$0Ra_lF3l$bu6ut{jQlV_{`SI$Rik7(E8eLdE+yA1t;!Z!>KA>Ignk50R7_(`jiw_f)1Fd;Uqq_2<2@ZgOXr?waxMV5Cn
xeJUR+1*Yir56I~oXdj$@L+jtuhXp^oF$zQZG(li`BQ->3kKAyrU>|2ig_SAYmBQH?hF+otEacGgW_CdQ$Y;jB5ZC-
g4IoA*Ps0$hd~8xDARhnjkUtUb<b|Fwb}<72<rgY4{jwhk1fhHRmypY4s4AWPgg$?ZKt6F>Qt%U2?6_qIaupfe_MZ8bCZeo|
?*0;vK!+dzs!pw?tFSX*S(fmLs9UYXr{=`WMVzh8UKl@aGll0rfEjy30!qaL4EVi!p49n1i0Tp>Hw!|%|tP9z@dj1L}bK51~
sr7Z}q0RoN2AXGEUjrOW|ZFi4Z3>wlbGTmm-
;rZSVZQL6R?Mn$m)K4`1TXCVgdOV?=X$Y(^ODCY?QtYD6aY=M%!@3K_`Sxt1+-Agjpwe-8XQtUUSKPQ4*9uGgt$M`G!K3L-
9L<W`Ef6(?aWft0g1A)Ps;pT1#_F_Yuc`Z#@!?WyTQB1XxIBl~^Xs+6`#U>5<G`aw`5J5q3&fa6=PC6o*%G6m)io$dluci&0
_7n1<4f^yfS%)-
gvokr{aVhy#f&S2O{Q8sJ$vBWJ?mcCo~?!Oe5*_Lxw$AV1rQ*Su$wwKuM9q8Dw?YC<br3Xy_1Pmd^%zHthwiz+1HE@P2~v3)
<^5_{3u7Gp1rfOyKIZtGT6ZJ7v>g{pWF>~4Nnuy21!Ji3<(2JPnc#ZG1}*m^v-
53R;lTshEl*5LZFT=>*33sEB1~1;Va$<SEXkuC0enRPl>rrQU+u*kp$XopbY_sEo;?DMjdU@X-
$<76e|?QF`neGSlB14_&xVG-
8<24nOKxXn>b=v$$2j<3tjYh0@@1JgXP$rYacD&xp8}KLC4_&Rcw37;ofGK3r)C&DOlvFn$s&1R22{4S3oi$MNF{w7FJJ6+$
gZ=z;@#0mO{K2tfeyg(gS8lrJH#y*{;gu8kOAA@K=Iq9$P2`X)FwS@K-
F7#(Yp*X;`}+b8?9tpyE_YBvJ&Z0?@IU*w8RJ`#eP^vy2=;Z2Km)BVFSD(^6}ZsFmSHrIZ^wF~+xc!?FpXg2Po=q-
qljhs)I_x0tK?(%H}F#EDE3lKQbWS*bLOaH<HDvJfrT!0L=_o|{I&aIhLrlUPGjObfTNNF9<_WlBV&D&-+&sg-
@eiA1V~l6)pkAj}-
zEa4y`sUj*&I3V%)YMEj?TF7Gnv(6AS;WE~26f$)H#fn%J=dkxc0_s;)7!?LL?=BVHw00QbNM8@1IlFZB@CO+OT*W~tTiJId
J`ol7rqu+ASM!->IP~sj(O&@FHM&yX?o_bNqe3=U0Af~-
hdLp!bfxOrDk3Gb%4CgOYB#%duoj9UNp87;6PhVu3&bfR{2=4A?F3n|l}qlT>ThS=U;Ogw3xlgaPu=;r;aMv4Bsf?oib^?Rq
R0@W`C`Omc{I6if_%sd@PH<lTgyGD3IQZo0vwt5gS1tgQ+be5^}MDKn3nN$T!;b@0>+;2f9V<d<e9!l|M<h*pZ(|de_jXy0f
){RJ(hviua#|Yr88HzMBTj6lM~7*C7M>TI9iNJ2~YM6y(0D)8l}yv8BZ2nh!Q^Ty`S&K)=RIPK7HCSJ^A?40zrwPaw$29jZk
uF!ChYD92sH1cBJ=c|2`z>%tmaO=jNR&*Khy#PZT$Pc8XRGZ2pQYY;;Vk%}2V}GrcIgb3RI^>BlqLh68GU!b89^$Y7}<v-
;WZ{vCAUVf(&knrK`Kw0MPNo}wxZ2AhkthfcH=YJW}j!P~#S@UtKP{EBDv_?W7<PimIL*)$f7F6C!f)-ID=F=<`Iq-wob-
6@BVq|LK;eR(y~pqFYaDU9)^o}78?lth@9(gUX2{fZtvzO-
=d?z<On&u4=9C`Mx2yFLYjKB_JaH%tB$sl@eCCcmoe801@y_0rZGbeg(XZ5>5z^rph9pEyaEOH~2|LmKhr9S=%~qassva9)x
&I4M^h?nnZvY$)~4fBfuMcjn72PN>08WPy6J6%Tm;MoXX|!IGussx-HkX3wX;_0S7d-
nkD;L%wSq&W14M2+Bg2&h%t+8DZ?B5aLUB5>bm7m0O@0OQLUoA13%>_d$p|I&-
}&77AJ6hDZh|(yRKdKVU7_wjS`bSamE<+!u^Hz42UVC7sKD>d4H0u$~L@CJN}otOx193bDl7HGyj`)G90upGwVSx$Qta+PYn
05>-KiCaTm0Dl`eTVFk{t=Glr2sAv`$P$jQ{D4zOsmfhzg7$vy&(cNWl&Cg<M5SnlcZ52{B`|@&N+jH3&SoeD8HeAQX-
+%q&zOR1yzybaFe%X{T`Q(v-
lZU2W9e#3FKixOL>JspzK0LUIhLDb?n8z9Eo{}ra_Ya;3FV?TxWDo1~RweU{p(EWA?rwl9D@9sgI<R-
s8Q6LTRK9skHdtc)!|#6`op)wz$$Hk-
%~vY>5Z~k}(b)b^uBYGqkC6Lv?xbRZS2OB(YPnEHGn8)F?WJU$mn%!!1y(1xwHc4DmV~85*K}X9KnFJRZEXWirzlV`(#d#6e
yEu44MTfnog`X`{@U*Q=WFkNdhPdvw&=HBHw;STjTYI9ndrpRR68POo-!C-
7ESAn`hA6%;TJ#K^<_}DSlq~?dF*nsmOroM(Q~wN=g4gLo6PL~@iOOjnOwiN>)5{M_0b?elkwO8+9G*gIoM3e-
V1=Y=dWb#jQh8|Ut{>cdi>=xPaI;Z4_*D&kLMSizx?NmfBXH@Z-
2Jb#u_Y~G(Gh4|NKoN9Gs7GXq%UBW8`kmAl4)RR<+9|)vuOf8ON<?y^Tf+y<8zyPV#ANvt)GFH0-
PLHXQe6>qj1+n0#sKKrz+HXtFy7hT=GLXK}rJ?;bzg7yb+)m;Hj8R0tVpZQ_|SGHv?Cxi5Xol97N=md~VVr)Nk9&xdpIJ>Ko
NZc`uM1+zedOCwQgJzrkCale|r2PyQSK=RHf>qNOmy9R@Ckjch424-
8;X(zV)$rYv$W{^CfR4^1aXa~C}K|avPWj!V5vIA;y_KL--8_i`44KArl14_0f%QRPnIttH!#V9}5Q~yrSk>O4@8|AU+V^5q
OJv}h;$gozQ;q<amLyJciD3+Yb>R<;OqOE*1o7xjlx<Vd)00$`{dnGB@4lp<<tf1AV#qupb<icCcYJGTeP%k?CK<s(vzWEEA
^3`Z9iw5^v<vri+4Ns1Pn7hsV?n5p1*quM$$N&m|MwM9sCRv%`{rdjtaqnjid~JzWFZU`Q(JYb14AssB>v4x4y}J`F-
u(T0t-
50&3v6uJoS(e+P_L$svWgSZ8*OMEW7No)L<mD@*r4Ucn8lvXVJ<KpfvPU3765A)nZKTh{N7Wlr<u=om(M?rW9Vijk#u3>gXo
{6mXOq}(RNJ=3|y&b?4N#db#W&ZY4Z5n7a91jRh`j;H5^0Ij^Zg>&*O5#87Yygpfyf993#CEOQi;sNleYllKAkWIenVwn|H1
`y(}1%a^c-WY@X<;Gm2;bJ{O7H@c91mf*)Apk{lk8uOe-Pqdx3x8&lhhY{3&OCe_L3nI1W-m(nH5F3ML*HvPdhA6_pi)X-
!X2-e#SR7)>E_{_RUEMjP63Ju{-=EE%(Du{jm<)m3*t1_g%Y?JT{Y-mAbZIAGJNmh#iva?nAkN5Ikf4Gs2`*-
qWrNm(8nV2~1i^s#6{Q_}+vn6oXlza{$6iNU#yA5cx!UugMhbZZQd`vIL0MO^oVCe#uFEVoOVSx(y!r6xD*lsAla5eDD3w}u
vr?G$s<X<i)^a^IupCp4ZzCn&NNg4y}>6V#g27yf2neaS_t4cAilFhv5A%Ei>B(pb>LN(J0_lr~e3jRsRH~Z?>Ul<xWa{OtL
?&P^g{_^nS<A<o_$4tC$8!_7kD1m!S48t#e^dsL-|F`z?+fzL!6r59nsfR4b9`+c=e$MIGvnA8FQlfi_mqVk-KYDvEHm4NyR
--T=k$mArgHXqhrvtq_MyaKA-f;i;{Y3Snvh=_1ZrHsy9D8e9i{JjiUp@22Oy%#t!gKZc{_VYXO)_uWd-wC5%OBh~9<yHE3&
I={&_k4v9y!>3>vs6ok|XD5g6y;J=6mgV`T3*fF@?r4AL7vHZMrDtEPeg(@Lzmwq7&pB%jsj?gC@Km<TB=0N^kuthD8e52R<
wkOHkUMf4lXw3#$$r@tM6We9*(tc8{g!@y`AhRg+j0JaL~+Jsx5UiXu}q*>?VB3$O{w&Rm*YP#TzQHg&wChaUIRdo926?|$;
Xew#uyHZOVd=&3HVq$ccgg~FDl5Bqx?Z3NVShHt(;{^f@a5SSKoFy?8&j^C4jOiZ2G>u_*U^bw5#lbW-!rl3-
d!DCx8sA~u#IdKs?%I&shP`J=6ZeXDe-XG!q_xw{=ZA@~LSP8RYf5Uw1Y2nrzjuXeKugdn0Pqa=PfX{b*@W%d6X3OnNq9Umz
l`MopIqQ&&*^&_{t(?g)QygJxCy`GV(seZ{9<Q^GZlT<If**@<PichA@w;bagLO`)G-rYYqWb;JUPz8}#bAX~^!9~|O3%S-
r6(fSkFDqdgB(%@%UdIPpfiW;TjNMVMLzFNFW4R(xWgZJ%8ufZIeOa>cdjMZ2qasM7s_5uvSn5hJ!YDjU6gZZgPl4(PcGbND
GrPoPg*8ByQljVg-pwPJL-Rblk%e5>mKh;xSTPjJs_t*gt`^E-
b1a9Dbn1_<(f6TApmQM$gm)FZ#YLYA{0ULYLV8~g>`t<Gj+JPZ|uOK$!W5ZOJY@ysM?VA?Z!mz5Xe=@>BbI7ED^+Prq;4SRJ
PrqU;No#;L~}NAIQD4n&0q9+fAIzr}M#hn7#OMARQ#LEr~PD*o;&T8?!S9hWj5ssu?#+^j$)>?1l$l%h!EDs*O<!A`6i)hN5
7(0YI(e`jh?215b{gz4g1RpWWF0mp`ts!}p1BR1yZ)=L6MnY4byGcgIx6^!|sZI~fFAgj8yT6!bHvM+s?19QCb*Q$)s1YlOk
Mi}qBI_Wd{Be0t=Ivv2&35)9DQnBI(eiQ3K8SfkD9+b0_}PV)rHWX#s66@2csrJJ|!{`SY8ZaKO@)bsv_6?gvF!Jh6BgX-Kg
UX)brEoPsd8aB=4u_%o4p|*gpQtuah@72HS7Crq?$8#8i)o!J_j0{?_*s7@NQ0G#siy<I+@TMZ^xp;Fv9x02Qcq$~SJ^*;C?
pg;owrHA?vgHGPTk&Y))mI)nKKlicJiS#~S)Sh^aMtJ{{>dj4anYb2P{;#hVG>m6?icEA)pG7x3Dk99kj8BgVhg`z<R)Ss$Y
01LGo3Wn)bv5An31>FN<Mibud5g4iUJH3$~S+#@ZUH5t2$63J9lv6YsXRx%(d&eSTxJw-
*0{O^>01>!jqjHx<i8_Jq9U}U);)lexK>LuU62zm}1pWtHtsPGRZ^KsIr!T3QIJ2wC9oON3G8vl<uzHTD*Pxy+l7deajF^9w
W{LJj;0xEyL=7)IAd8QR%QUQsao?0v=U2nc)F*R^9$%wi--s?N-
z7>0<rk|G3>;<$mcefAEEoFF$h<?d$djScI#TD`P8xvVh?eiiQ<Xuo0zlwtzjiwi**GyIG5$V@uckqkF#!-
2Lz~<|W72<O7o9^Edpx0@ZE^a-#;C1`e<xuZG3wU<_#Z<CFO8*T37<JG_s-
0zo{1M#kduTw80IW;vLQzM_@CdT2spow9=1psI(7^z&2}I(HmP*qT`^UgoYw6ho*0ymui_?HIz<R+Y&vwzZDcR&jNeq@J68x
kqOxmspt^8eGHSDlfZ|t6VocTorR7bUII|<Y~qYDq7F0iyv%mM{@I}bZy(+2XtYD(9jrx0D?P7UMdir;1MTZKbh1Gx6>u<C@
N87JzV~1KY9FXU>*vib;uEszbqQyYo6oe7>$}J#6}q!`K=GHZT;yVxS6F;x?%Gb0<J1l%`%%9%v0c4spzp)BB?hN=ejj7Jaf
jkc-wy0fzKyt=#nF|SXkc??7Wq7&1K(;bx4nN9qchZdeqp1LDH(#Bp-OFqyNka*{JRk4#YE|NQ{v0^9q*!*?#|*k~jXx4-
TI=Kl=@U-
3SW#kp@lRbh|$O*t@V&JlHjLTCP##RH!4F$Ft!KX>+b#i#tET)X1v$#^vj@X#MEvM|#ek>gie+Rnd5$kkku{55KV9gr&V5oj
QKE5mQLB-+$qI!_?>$<KDC5fCK?&PwD|0q!(FxOghp$0FyIaecc&oW7%`-
&u`zWg}M1MdvRg8kc)fhjO}<;lFxY(aAGIhKhkHWop^QdaETSK<lLK%Rc5VL%rx1>f<!oSOukQL-d9XwTz^#_6IC-re%mXoa
x$@0O(~Eb(9=LF2{6OaU=v5$`>i7uzCk1}MNP*|=6ZE=Deov2?If-
Z+)0y=j@1w{qB<o;CTiZL_^rfF!m1nAQoU1$hDY@Wj*)%+yuqsdigRU)S%gbmC`r&5B?+9R0_BP$O9-
QTM&35l$c)x9XtB($W@ev(pFc>+6>6nXnM>)@OO>&S=SI|DS5RkJgghS=csEc}cdaRFP+A@?qL&TgI@+F8a+baPx3@Wdei3Q
7#5|Hx7{M%5FUde^A5xNZHnegf-O@Gb<8|D0`9onrl`Cs8C=ST;p<Ok<f{bL6d6zd<WT|AF?xu-TH+DgO4(cqG8fC}u(R4hu
(W<Y=HQuVnCCTi<fR{gVXpaU6IiV~GU%gy<drO>&-L>%O9Ho#9xi?q-
b?fT?``pW4=;%6v9Pi`M!0&vWH~VY{fBycXY|}GCnyt&QoMSkz@8xIXjOE+ah>w&$r{J8+A9&&6!{dSyKii7a{aWuFAPPvoK
$G%6__W{Q*9*FFd%fhSGP{zQ!h5cN`d6LORL2J!JBizW%G#DH>WyNmSl)=Vw!IGK56(}0`CR`OMV`BvoqxQ$<793ps9*f5Hh
0Oh|LD`960=p)a|LqHWD;xkqjmY_F6Qzp`h=!P5!<fVxO6a_DDfz&ov-
$GYNM$dBI;ZYCz^n1&9>LT3M(rc6r0whpe$O(v094-)q#eT&tz6>fPnY+N55%bcg-IDyQRGqwu}~vM6_~22u%qniV5Kyte_b
h&ZMi|WdjXGpt>njO^88FB2?!wlZ2K_&oN*D$w4Hga^2Z#RD>cLBxeIs4ogdb^+p{oFc2Oo5HeW}KQ?LH$EPxraw`sE2%K#o
l|i%V|5k9OJ#HL^8760V4Db8Cx!jAp%e|yMB+Jt7TC%Lew%piG700#fxNaOY4H~#9`XPc)plA>{HR=K`Y#6B(-
?p5@j%8h|(<^DU+MDE(%lqbVI71GP8FGf4srn<{2ha26jqb#}X4AA<O0soh(}bpAmdbNtfv(klIi|lEIV?ce8?C~6zBuiCkM
F!%J*waL*nnl^F~~I9YsTk2s#DV(-
@0Ualeg!~dxGG>{RQu9o35|7l8MGzCgPtO6@ZS>j`TR>7*kKomtD?w!OVqg%3FNfeNXPJ-~5TUf%D-
z7jyZ5_I2Yn1MDWQ>N*Gw=_9*>=!MwmW>8b%upDqT)Y{Gp_Ps_$PAa#5t+w2(6K}5!mb<A0UXuV|a(80Hc01EhSwY`O#yZEV
9n;=>Zz*&BQX=8MP#Rt;6$|A*snw%h+EssOJ$M>7G|RYn_KU?Arm$Df{Oly7IzBL?XP$oH$9>va#o{KY1-
mrG$Me`;i$%#=C}|%ia|V~8Y7=|1p0yeII$Q#@sbqzl*(pEgRrskM7y&a617tZYmMN(L4_~PnABTkCf?4ct+)~F>sTFS{#M$
8Ubn#0HNlvCV82lae*E>q-ci#`{8HK?v-
Qv4j;E(kcgC{@^qU_%9HxnzIR>IWVzO%DV1vY!&Sh%po&E5A*lu{!<JbyXQUHZ)%r+a6ROJ^SU=>;YZ(t)^U$Dw)MUaRi#3w
5vt8f*ld$2<*+5^;s%bbB+^wPEl>I#M;l48<}MiJBAvBs7&R#2@U^JKx;DemA$XjpAGD@_I!BC=nsfyGHXjItB>0iIp-
z$7Xi%h7DZ-
=^f}pdfbfuKz#>>>ln`0RFbF*l)5X`VI>CE?xbsm`u!T*IFQ{Dm%czqQrhX%vIyCtYcNqzMu=Q~J0TcOZ^nMH&$VFmkL;aq+
^R`d@AHMsvdHC!g}GvPH*&j4ht+OYpBxZetmZ?ZfBISJ=X*~bR~)^JPi8-
pSXYG6>(?FWn+FIi6|CmZUekPDQR8=g9Y)&37oN=f_B?yQ@KfIt9P7Y*uwa#UMa`tsoKZnHMXSFJc5nNw`ETVS5jPGMOd}{+
O@%f?)#SI)<kEj$2`t-
>MZmr)MH{4nhGDr31n&5gBuD+o#19isZb!&%0aH*KntVwRsi=S+a+TJ&?6iU;^yY%p*s4K%f@upXko}mzH4@we(z!+*Ekf};
o#QHvL#1km)vM#FR9-B<7|zb><lC3dS%yYHE`&;@3RV;^u3A++PRj%V>^9ue9}UmpSW@+~GZ&*vVyjV|j63^mp-
@Jn1m^x`;p>&}2ag}b>hwvT23aF3j3m633d?1wjSN^@ZnOM-
76ZjkG1FtkB$){`*IFLDO4~ZFEad96a5=1L$bBmXr(R>ce7F7A6VF8aizoi-
2d#GMuvw2~uFJXzjx<<fXS&CM6k}w^Tt!;l(26R@O0=?mnMpS2UVgB6>zm@0aDHuW&l5v3(dabaN(}*tD6cxGV-
6hEu{}GrG*Sv&MXEP|M%%o-
`jq76atR62ESf1A4LP8+nD6dN=MPOy&bP;G0H6y6g^^HcaIL@ocHQy0+$@vHr7EMdcWRzL_`EOSlC>kn+*)$y`idvt#rcSyn
<iJQE6Wcd91jhc9zFbMS^uk8Q5T7ZsxpDj({)XX2F=%lYC2dh-EvAC^QZS5c;<!KGeno58Qw$L5*DM#?H&K8SN`?r<Wo-JnK
6f1rS71RN@$+n_rjz5Pk84}_Awf(u+zkoQYE+2jOMxtwnpYs7>;LEC=d)#-
CQA!QDKzGmRSzWO=b~399$2jBLoh^sL|Nh#${-
`BU@&HPcp7ZSE|%XNjby{Btk$Xp*>>+$1up}%_Q&TS{+#}qhsQLR?f3R>QRNpUS^stL8HPoa3-
p80h?uM5~(yh{#tn@TwLDTd{|U)oh-KsiO}vN15<k)zFw=ZSlFs3S2~2hM*$n5)Qs9<QW~XzqJ>CJQ~g}SP}|`sbxA*3f~#l
`mvia}om1iuw~dF%a*m>~mRQQ=Dzr+g5>)wc+_-qVm=Ej{fu-Pj8jn68v0^_@0u?!M1l%KHwYX#~+tp|pmB20GN?It~kxL*Q
KnrK}gmqMirwKtIjTOV7u#|I4-~;v%qIW*f?5{5`U%g_vd3Ixj!|;K;TEN9RG!Hal{-
B*n7I9@LQz@4tdwik^ms6~>k=1&shVhDd7_8Ao1qk#NDn*@0g0)IY7Xvak4h|qyOBMxqgu;w55(SrNP;f@XrFeFKO(*YksPH
NTC!e(LJ(eLKGsHt{*9sw|QlXyoo!W;0FEJ>kZl&%7YDlAy=9p0*#hvXn`g~ROqkY+`b4=!zr<#fNAnRXa&u=wGq;9j_$Zr?
vwxpE;+Dr>Fqgp=KWW-
w(kEAl=uHtJ`Kl$4de1?}VwgR+xSmhM&@tzuO^7niFN*tDClcIJ@p5bLS^PN1slH*>v?fCdg4Nlb*2546d60EBn=r(sEqm}N
U-k4y93A7D~iaL+HGHO~`>&Wqv4swH>JtC`GraNg8Jz^TL%VHsr<whf212l-
`DZ0yf`Dydm%&gCny8i$KuJ1*+jhlEY)r87GK1Pu{{(L*JKI1LfIJBl4gK7ITV)N2wD4ZEI$^|p~&ib$Z_S0*rjg(t6`lzrm
GtuqiQ#3c$&sz(G7sX5&tzTHax<y@F+`M|BUBl|ZC?DC%o2KLFxI!tv(~*RTZX$ss*bbN5U|G75PgmeTlgikdMt5Cqfebl5p
oYb~wFbfSSUCegw43LRsvn~G?ByZzH7_Y2nwabAyRE9FRIQ$dS|c6r0jHZL+8wR5A`q!H<9O9nYml$jFwf5O&rTiYC?b*$$|
zK5I-dmOT@I#@iLHHlA7$OfI9ZTI3ay}&7j<MvZg{K1S&s&q#r8a^R<vfuo%R+;iR7I&NDR8uwT{v=|GKS3$?1-
0*zjD{D8D$ZsyHZ~ay^D#+6K6_v{h{Lu+|cb#n+a1um2Gu!H#TLr&yr)$myrG`zM>_>x)LY#^E@YYYBVY)`PPnT7m?Kj#{k#
L!8j6dIu(sk0>>x5UnSuc16;T?25|er`-oRv0~}QI!M^c1yw84p>@V!%KztY|3}HR3<eXG)Q9dS0-
t}`4^nxNqM2WnfV`epPB>1^6xhvA&VIA~AvFlfc0<a)tk(R=-1Lzn*^Xd40E=j$UapZ^1~(|lHX@XYxJM0-
06a~JtcQU3xdgHX^Q@B`oKD|v25zCqee5fHDz?<F#a6$@8N3il`Skjt{6JY?Rmz8J$|xtFn3KQZmRNCF|BGYuPl^U0UdLpIg
2~0LhjGGjOxYg$wMRN>IQ9Lx_uU64ukl57j!Ve`WMfoAjMbxeJXH&<9TcrzGXT})n^z@uf+IAdVPCS5w|Ecoqzh-
?`6|0|=a9m2Z0h*$|KlEiX-TuW`|`}8m!=<2GgouShbJbw(Th8p7<GE?;7&Tbx_lj7`N+~c9gY+JbD!a`!|ak+r}!*~;A_GC
a<#~45kK0?^!EK?`i&#~PfhqlUwjn$-
Mjby`@cfm3zsUtzmff_dh3t)m5&>@J}Lq>i`HTBOlZ~65wCb^h;P>PDn{L?q`7RUVZ{(aWnHeg@ZQ;b@O$kSpPQQ<>V4(;6H
s$YB&!VSh~2jQt82(wMmlclf4qNTme<#Tm!!fPVXEA{7&!mV$J<}r9xv9Ge|rIVfT;V7a*GUdg7vKQgO3mdHo$7zgH**&RcC
F|>63d7ywdaYmwrBK?6vEAtJ!vqz(lrUmRX6jm0JwrlX|~p^ukG%s@yH1Op2v9x?X|7Y_K;eJxE*9s92AY-_LP(`Cr9Egh<M
%^T}?G%2ou02D~$4nDF*^k2z&Dp{~FTxC6{t?B08zWK(@mFvKC`4-
;?Kt3cJp9*?VyqD;9gj%2#RszRV`gW_0wC6(UX45!AWPb8?l$bcO5^UnXd$O6J{pUj{F?M$}K(?8%85(Z|5bB4>l_>+^r6sj
vI#L9cYVaCK+3li&oyNOh5;E^H1Phmxix}g!vd&IZ}=uTL}OmRn0O$fQ>fBfD(pZ2=qz?MRi6b%%IMIUfYSFO_PPCSpJX$*;
C7q0p5Z*PUOMF^;yIvleE5OdXRiQ-+(J;zMg0vbKuYb6mki7M+n>jJ6k(X`x{Xt!C-
2nTtTD%%zoxm>s<Oo_p}$!02%I`eYi^;265lFM&4FT9CwUFk|SfTX}tZxS6HR)-
N$l>rwH<_BkLkM~XVbOw7(nh}}cKEmD1V2LnBb6fRPx`0<;HmRtuGIy9mj6d2=0NlU4{qYwco`3VpJCmcWL*p9AgG&02JBBC
5_c8tZU(m^CpL&hu4-Lrqu0D^8jNO9M7bB6+WEJj>9XfK!^7sGpcRx5j!cVG|q$c^vpp|&_t$%y>n-
9)@c<#G~0;o5yVWFGqQRxXa%YFZ&kKf&}Hyt8GaIYQG_4ExL*%L>lH|&qs=NxR^0u*{jjyzxC0WxQ=z=YJW;PT?zl)!ugiXR
=gWvKq?-
cs>TSMhHa|MJ=SbN~LE&jUMbyp9&42}uhUQgqSW5<c{yR$o{t%e5dZRqfJBlg)t$OhgLv2R06$J_faz=bXxgF)x#6tZYRgvS
9?#1oK(46i0Rmy+%lMizHKScF+9isElA_d|KK}8b<rMKJLxi8;w#<$yI^Qkz}$(V+P1(g8j+Tjjgr&Ml;J7Ys}bMnr6y(9^9
^zgH_`=oCr}8k!!5Nnbr1cl$?PcR;?@7yQ!+q(lT$R(Qa|OqEzQnDW(lF;zqWT>tb7z;{)4KbO}{#kYc;uERs}tOkF8r378}
nHwv*_TcG7@ZCYDTnpM8{<;H<Sa}vmY2&_%_AF}v*<ke-3eWoT5S`CFPoC-
y*3gn9242oCf9G&ouGta)XATvU&B0Z4k_!zIJ@c+k45BSzziAWVJ18aH6H>!1#8R4yO3(2UwB`|tfDhzooMhnocW$2sVtySO
pdcd=LM87mS3<`O$a|naXEGEC?FC|n){^Grh=RSOIM`lZBQf3az<5luvXS;vj$aBx6&{)=gzm$R#U8>P5@JFM;!FYu3d>qTX
b9ePhFnn<(GyLNRho2^X`BNg79FTDty=QEEM?T3c|HHmsh6l7{9YMQ(rBq&CrDL7$Gg{p~RnHHPAJYpo;6{zJlKd6;_=%0_B
iVj&OcAT_zS)Sc_2^g9+G{Jjs%+THuu5JJ*l0aii&J!oNn!=Ef>evhnP=Un|M_;`zB_M~zk9#h47xoEy%XRJiDbw?wjfr<I7
H#pGu8b+eSP6q9067`=o3_1@Y$E$n|}y=`oI4NP)h>@6aWAK2mk;8Apo$y)olm?002M%000vJ001#EE^B3SZe?sPb7Ns_WiD
=Td7X+uD+FO2hgWXv3pnt;zu$ijGc>1d!)~Ki*o$aV4ye^;XE|&;c4l*tum>faL{Sb%w&b83)sTam5_hhY99$H|`U;-
g^Ym<uj19ZvO|kjdf?4pw>A+0GbczYnhFSE3YLG8a`9Z<^>)CuM^cp>!&Chuaw^ChphmA%2pLkuKq=X0A(3|*?FP(v_bG(!T
>|%(WGKyoCkwF#T+!Mz*(`#H(6@<8@&u0wEHYb_DAqR8~S<EoTR(a(qD#i^WT=1L@KDcaH(x;lSP8(_EqK*~r$i3c2k`b$_8
=tzD*X{3&OOI|d`dO1V<{H1o6<>@;q%grGPgJB<MTw=4*n&I!0#Hi>1QY-O00;m803iSyQE{-
R0002s0000C0000nGA?syX=ZdTZg6><>=)`A5Xs0;#!#)El3JWxq;934UXy94uA`uymS0p-
l$aNvUzCyx5_e0?DNY577iT0EqyqUGmS#GdItsN4<O42gMK9Bz0&*(s%2MV&JkG{e_WbMyEHaV`*=ibL-
~HWH|GKh&Hhg6)$>hS}s9dk)FQr(ZE~fOy>aUoMzPOn$<8MznHV+ZipTCU1#we(`|Fzfm{V(!CSJK?b&WPcKDgaPR0|XQR00
0O8001EXW1f|)MgRZ+f&c&j5&!@IF)}W5XlZ72E^}jHY-KKPaCw{T7wQ`j$;eQ~P_3SlTAW;@Zl$1ZlV+r@qoAIaUsO_*m=~
X4l#&V(cT3DEP6dh=XCxM+0{I$-
I+{8PwF(pft~eC{P)h>@6aWAK2mk;8Apk@fO`UoJ004jk000dD001#JE^B3SZe?sPZg6><>=)`A5Xs0;#!#)El3JWxq;934U
Xy94uA`uymS0p-l$aNvUzCyx5_e0?DNY577iT0EqyqUG7CH)+W|}$*wF=|{t{-
o%Hrh(dxm~?+g<t3Pf$Puqe39LvY|?Kj=P3PH{QhzChZ+y%K53s?b?5c#^(^xrUz9m@cl&DlH&zD^2w&bY>6_JL0}~BB0W-
D5Ec|=-
pEUo+vu1$?i`_L2cbV<C7~~GPKKXXy!s}@tj+~lt;UMGBi;t~t?V5Ag@Xtes_inkHHMH+ui_y5Ccv5!BgH`*vgzg{otAFhs_
~ZBE>Kj*5l=t5AR=F*8@8PG{pWnX^x!|XJKa1(_zpWdkE;~Kt-nIA2sVDcgs4a0d=Vj8|H1)BiC)YYhdEr@K`L*T5bwo`Lf3
}#lU**`xkHYgzxeq!D$nx`9&SU&K<*wFmkpsv1FWx^V<#KSweI0dE6CN{RrI)HVf2!_LQ2Ai5^URb(T3<u7artK9$A<eISY1
^oaw&%VW7>I3<HP(1S}rPg*!MS1y~S<2_2_xM`R9FBitG{o&+mE0{f;5e$+r*R8u$7v6Jxrw&y=xkuTkd;t;Jr~bw3|+|8xA
_8gu!Bf9-yM-eWaiNljDmUD&p&9}Meu-8;$hVKd|XM?oikK9}ClyK=?L-
~C&h7js?Ht@!sMXo(tojt@@&TlTq3w&p&2h3hwu2rgJ4!yY4RaoKFQ{?03V4zF@QdhbHx!I~?ZZ>C2rx;^vo+<)g7zn=d#KY
NcY$8PhY*UFEhIzQfYJ1~>~eR{@TNB<QTA629${*zzrE^~h8rTHJ_w)ri2pK;v9<NE9QoN6ymeR*^5Cdb-
OmQEgPZY?|If4x!R_Z;`ME6l6CxVN)CJO4oWmXY>f6&8-bPae-syl%YiVz*9WiPn7~Yk#I|$Hflp+1d8+@l_|qTk9;(tDF*I
cx!1h$Lqs+ZTacEV!to#xMO-p-
}I>%AM=_&Ot&ANymRL059{TIS4=q0+4uf7{BO17f%?|2Mb3_XH@9vRwLNy_C&L#lC8gv364oxS%wKWtS?qdU<<pw4?NT}i4{
bPg*0J%%zwb=%-Yog~SNfT&><^D0f1jI}oxf#otbJ1Q!smUwORg^!)n2cD@7AwF?_Z0rdj7)y$|EjUX;v-+08mQ<1QY-
O00;m803iTW7oz7?0001x0000J0000nH!f>sa&Bd8E^}jHY-KKPaCw{T7wQ`j$;eQ~P_3SlTAW;@Zl$1ZlV+r@qoAIaUsO_*
m=~X4l#&V(cT3DEP6dh=XCxM+0{I#iI+{8PwF(pfE+x6AvRh=*WH-pL%I3<7%L4#VO9KQH000080000X03SBf<V^qo0Ehqp0
1N;C05LZ%b7*O1bS`did7JDP>KhQr$WX>mt)7xvoLr=CrJ!DuX{fHFpq`drR8o|f7oT60k_r-cOUx-
w1&SAEBo?Fs`5G2FnmP)#3KRgY8|U~1mPFNm1prV>0|XQR000O8001EX)Eb-}MgRZ+f&c&j5&!@IF*h!AXlZ72E^}jHY-KKP
aCw{T7wQ`j$;eQ~P_3SlTAW;@Zl$1ZlV+r@qoAIaUsO_*m=~X4l#&V(cT3DEP6dh=XCxM+0{I$-
I+{8PwF(pfuDPNBP)h*<6ay3h000O8001EXgljSyEdc-kSOEY43;+NC0000000000fB^si001y9Yh`k7Wo#~PaCuNm0Rj{Q6
aWAK2mk;8Apn>NbthB+0058x000sI0000000000004jiR{;P3FfMCla&Bd8E^}jHY-KKPaCuNm0Rj{Q6aWAK2mk;8Apn7dx8
Y3y004*p000XB0000000000004ji+W`OoFfMawX=ZdTZg6=}O928D0~7!N00;m803iU13mY0n0001j0000H0000000000000
1h0Z{?~05C3dXlZ72E^}jHY-KKPaCuNm0Rj{Q6aWAK2mk;8Apl>sHOch_001Bc000aC0000000000004ji#sUBUG%jmpa&Bd
8E^csnP)h*<6ay3h000O8001EX<I{MlZU6uPr~m)}5&!@I0000000000fC1$Q001;DYh`k7Wo#~UV_|G%E^csnP)h*<6ay3h
000O8001EX3_u6NTmS$7lmGw#3jhEB0000000000fB}OE001;Db7*O1bS`dic~DCM0u%!j000080000X0D8TEqecJ#0D=Gj0
1*HH00000000000Du7q3IG5!E^}yUW^^udV_|G%E^csnP)h*<6ay3h000O8001EX11o323J?GQU=aWS3;+NC0000000000fB
}69001~HYh`k7Wo#~PaCuNm0Rj{Q6aWAK2mk;8App_c>MM2t006K6000sI0000000000004jiu^IpXI4)~ta&Bd8E^}jHY-K
KPaCuNm0Rj{Q6aWAK2mk;8Apno#=QLgb005W(000XB0000000000004jiR~rBTI4*N&X=ZdTZg6=}O928D0~7!N00;m803iU
g@oi5=0001j0000H00000000000001h0p1$`05~plXlZ72E^}jHY-KKPaCuNm0Rj{Q6aWAK2mk;8Apnrs=vlT)004kd000dD
0000000000004jiQyc&QF)}V|WpZw1Y%Xqac~DCM0u%!j000080000X0I<K+Z3qDX06+l%022TJ00000000000Du8BXaE2)G
A?Una&Bd8E^}jHY-KKPaCuNm0Rj{Q6aWAK2mk;8Apjduaj>TV007_s000aC0000000000004jiZD{}iF)}W5XlZ72E^csnP)
h*<6ay3h000O8001EXW1f|)MgRZ+f&c&j5&!@I0000000000fB`;g001#EE^}yUW^^udV_|G%E^csnP)h*<6ay3h000O8001
EXL>Wz;dIJCefCB&k4FCWD0000000000fC02>001#JE^B3SZe?sPZg6=}O928D0~7!N00;m803iTW7oz7?0001x0000J0000
0000000001h0a<PU05LZ%Yh`k7Wo#~UV_|G%E^csnP)h*<6ay3h000O8001EXA2!qEO#lD@hyVZp3;+NC0000000000fC1lb
001#JE^}yUW^^uYaCuNm0Rj{Q6aWAK2mk;8Apq1GoE=60004pj000sI0000000000004jiR&M|RF*h!AXlZ72E^}jHY-
KKPaCuNm1qJ{B000yK6ac~m007Ky00000
    """)
    net = restore(kept, build(capstone.variant("solution").budget))
    return "solution", weights.arrays_of(net)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_hand_in", "grade": true}
from autograder import check

check("hand_in")

# %% [markdown] name="guessing"
# ## How sure are you?
#
# Before anybody measures your net on the sealed pictures, say in which interval its accuracy will
# lie. Make it so wide that nine of ten intervals made in this way contain the accuracy. An
# accuracy $p$ measured on $n$ pictures has a standard error of $\sqrt{p(1-p)/n}$. Two such errors
# matter here, because both your validation pictures and the sealed ones are drawn at random. The
# squares of independent errors add (08 has the standard error of a difference). How many standard
# errors on each side hold nine of ten draws from a normal distribution?
#
# The **interval score** judges your answer (Gneiting & Raftery 2007). For an interval from $l$ to
# $u$, the measured accuracy $v$, and $\alpha = 0.1$ it is
#
# $$S = (u - l) + \frac{2}{\alpha}\max(l - v, 0) + \frac{2}{\alpha}\max(v - u, 0).$$
#
# A smaller score is better. It is the width of the interval plus, if $v$ lies outside, twenty times
# the distance from $v$ to the interval. The score is *proper*, which means that on average you do
# best with the interval that you really believe in. An interval that is clearly narrower than the
# draw of the sealed pictures alone would make it can contain $v$ by luck only: its score is taken
# for 0.3 if it is smaller.
#
# ### Exercise: your guess
#
# *8 minutes · difficulty 2 of 3 · builds on 08 (what a validation set is worth)*

# %% nbgrader={"grade_id": "my_guess", "solution": true}
def my_guess():
    """Say in which interval your accuracy on the sealed pictures will lie.

    Returns
    -------
    low, high : accuracies from 0 to 1. Nine of ten such intervals should contain the accuracy that
        the net from hand_in has on 800 sealed pictures
    """
    ### BEGIN SOLUTION
    right, n, sealed = 0.955, 800, 800
    error = math.sqrt(right * (1 - right) * (1 / n + 1 / sealed))
    return right - 1.645 * error, min(right + 1.645 * error, 1.0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_my_guess", "grade": true}
from autograder import check

check("my_guess")

# %% [markdown] name="the_look"
# ### One look
#
# In a class your teacher measures your net on the sealed pictures. If you work alone, look only
# once. When everything above is final, set `LOOK = True` and accept the result. The pictures are
# new, because their seed comes from this computer's own source of randomness.

# %% name="look_switch"
LOOK = False

# %% tags=["experiment"] name="experiment_look"
if LOOK and passes("hand_in", "my_guess"):
    import secrets

    name, arrays = hand_in()
    task = capstone.variant(name)
    net = build(task.budget)
    weights.load(net, arrays)
    sealed = capstone.drawn(task.shapes, 800, secrets.randbits(128))
    accuracy = training.evaluate(net, sealed)[1]
    low, high = my_guess()
    outside = max(low - accuracy, 0) + max(accuracy - high, 0)
    print(f"sealed accuracy {accuracy:.3f}; you said {low:.3f} to {high:.3f}: "
          f"interval score {high - low + 20 * outside:.3f}")  # fmt: skip

# %% [markdown] name="remember"
# ## What to remember
#
# - Parameters, products and bytes are three budgets. Large maps cost products, and many channels
#   cost weights.
# - Write all settings of a run into its recipe. One seed determines everything random, and global
#   random state is left alone.
# - Pictures that you used to choose can no longer tell you how good your choice is. Look at the
#   sealed pictures once.
# - A number needs an interval, and a claim needs at least three seeds, and often more.
# - One byte per weight costs hardly any accuracy, if each channel has its own scale and the norms
#   are folded.

# %% [markdown] name="teacher_question"
# ## Your log, for your teacher to read
#
# Take **two** choices of yours (mirroring, rate, decay, widths, depth, epochs, …) and undo one at a
# time. For each of the two, write down your prediction first, then run three seeds with your choice
# and three with it undone. Give the results with their range, not only the mean, and say what you
# conclude, if anything. Then say in two sentences which net you handed in and why. Use only numbers
# of which you have kept a record.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_log", "grade": true, "solution": true, "points": 17}
# *A log as it should be; the numbers are those of the person who wrote it.*
#
# **Mirroring.** Prediction: shapes are drawn mirrored half of the time anyway, so the net gets twice
# the pictures for nothing; I expect 0.03 more. Seeds 0, 1, 2 with it and without it, all else as in
# the recipe: (three numbers each). The ranges do not overlap, and the direction is as I said; the
# size is a guess with three seeds.
#
# **Weight decay ×4.** Prediction: with 20 epochs it hardly acts; no difference that three seeds show.
# (Three numbers each.) The ranges overlap. I do not know whether there is a difference, and I would
# need some twenty seeds to see one of 0.01.
#
# I handed in the net of seed 0, chosen before I saw the others' accuracies, so that the validation
# pictures are not used up by it. My interval is centred on its validation accuracy.
#
# (Four points each for two choices that are really isolated, with three seeds on either side and
# the ranges; two each for a prediction that was written beforehand and is compared with the result;
# three for conclusions that claim no more than the numbers carry, overlap called overlap; two for
# saying how the handed-in net was chosen, and what that does to its validation accuracy.)

# %% [markdown] name="since"
# ## What has changed since
#
# - Nets are no longer ranked by accuracy alone but by accuracy against products, parameters, bytes
#   or time. EfficientNet scales width, depth and resolution together (Tan & Le 2019). Which net
#   wins depends on which cost you count (Dehghani 2021, *The Efficiency Misnomer*).
# - People feared that test sets were worn out after everybody had looked at them for ten years. But
#   on new test sets for CIFAR-10 and ImageNet nets kept nearly the same order, although all
#   accuracies were lower (Recht 2019).
# - A change of the seed alone changes results by more than many published improvements (Bouthillier
#   2021). A checklist says what a paper should report (Pineau 2021).

# %% [markdown] name="further_reading"
# ## Further reading
#
# - T. Gneiting, A. Raftery, *Strictly Proper Scoring Rules, Prediction, and Estimation*, 2007.
# - B. Recht et al., *Do ImageNet Classifiers Generalize to ImageNet?*, 2019.
# - X. Bouthillier et al., *Accounting for Variance in Machine Learning Benchmarks*, 2021.
# - B. Jacob et al., *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*, 2017.
