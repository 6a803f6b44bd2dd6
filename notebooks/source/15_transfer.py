# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 15 · Transfer: standing on a trained net
#
# After this you can
#
# - **take** the output of any layer of any net by its name, and make features of a data set,
# - **freeze** a net so that it stays frozen, and **fine-tune** each part at its own rate,
# - **measure** fairly whether a trained net helps with your pictures, and by how much.
#
# This takes an estimated 130 minutes, in two sittings of 60 and 70. It builds on 05 (overfitting),
# 06 (the two modes of batch norm), 07 (optimizers) and 08 (splits and budgets).

# %% name="imports"
import copy
import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, results, shipped, training, transfer
from course_utils.explorers.transfer import explore_features
from course_utils.predictions import compare, predict

# %% name="device"
# Nets this small gain little from a second thread, and when other programs want the cores too, two
# threads that wait for each other are many times slower than one.
torch.set_num_threads(1)
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# Three questions come first. They ask about things that this notebook uses.

# %% name="show_q15_head"
ask("q15_head")

# %% name="q15_head"
q15_head = ...

# %% nbgrader={"grade_id": "check_q15_head", "locked": true}
from autograder import check

check("q15_head")

# %% name="show_q15_decay"
ask("q15_decay")

# %% name="q15_decay"
q15_decay = ...

# %% nbgrader={"grade_id": "check_q15_decay", "locked": true}
from autograder import check

check("q15_decay")

# %% name="show_q15_modes"
ask("q15_modes")

# %% name="q15_modes"
q15_modes = ...

# %% nbgrader={"grade_id": "check_q15_modes", "locked": true}
from autograder import check

check("q15_modes")

# %% [markdown] name="why"
# ## Why: forty pictures
#
# You have five labelled pictures of each of eight shapes, forty in all, and want a net that tells
# the eight apart. The next cell shows some pictures, and the accuracy of a net that learns only
# from the forty (*from scratch*).

# %% tags=["experiment"] name="forty_pictures"
SEEDS = 1 if training.quick() else 3
STEPS = 10 if training.quick() else 60  # updates of every run in this notebook
RATE = 0.01
fit = functools.partial(transfer.fit_steps, batch_size=20)

shapes = transfer.held_out_shapes(150)
plots.show(
    plots.image_grid(
        shapes[0][:16], [datasets.HELD_OUT_SHAPES[label] for label in shapes[1][:16].tolist()],
        title="Eight shapes, any colour, place, size and turn",
    )
)


def from_nothing(seed):
    """Accuracy on 400 other pictures of a net trained on five of each shape."""
    y = shapes[1].numpy()
    rows = np.concatenate([np.flatnonzero(y == c)[5 * seed : 5 * seed + 5] for c in range(8)])
    with training.seeded(seed):
        net = shipped.source_shapes_net(8)
    groups = [{"params": list(net.parameters()), "lr": RATE}]
    fit(net, groups, (shapes[0][rows], shapes[1][rows]), STEPS, seed=seed)
    return training.evaluate(net, (shapes[0][-400:], shapes[1][-400:]))[1]


print("Accuracy from scratch:", training.seeds(from_nothing, SEEDS))

# %% [markdown] name="after_why"
# Guessing gives 0.125. The net has 80 thousand weights, and only forty pictures to learn them from.
#
# The course comes with a net that was trained on 15,000 pictures of thirty **other** shapes. The
# net has never seen a key or a spiral, which are two of your eight. But letters are among the
# thirty, and to tell an E from an F the net had to learn where an edge is, which way it runs, and
# that colour does not matter. All this may help here too. This is the idea of *transfer*. A net was
# trained on a *source*, here the thirty shapes. You send the pictures of your *target*, here the
# eight shapes, through it, and use the output of some layer as a description of each picture.
#
# The parts of the source net have names.

# %% name="the_source"
source = shipped.trained_source_shapes_net()
print([name for name, part in source.named_modules() if name.count(".") < 2])
print(sum(p.numel() for p in source.parameters()), "numbers")

# %% [markdown] name="hooks"
# ## Looking inside
#
# A net returns only its last output, so you need a way to read the output of a layer inside it. In
# TensorFlow 1 each intermediate value had a name, and `get_tensor_by_name("pool_3:0")` fetched it.
# In torch you can ask every module to call a function of yours when it has run. This is a **forward
# hook**. After `handle = module.register_forward_hook(f)` torch calls `f(module, inputs, output)`
# each time the module has run, and `handle.remove()` takes the hook off again.
#
# ### Exercise: an activation by its name
#
# *15 minutes · difficulty 2 of 3 · builds on 01 (modules) and 06 (modes)*
#
# In TensorFlow `:0` and `:1` after a name mean the first and the second output of an operation. For
# example `moments:0` is the mean and `moments:1` the variance. Your function uses the same
# notation. Your function also has to leave the net as it found it, because somebody else uses that
# net too.
#
# If you are stuck, `hint("get_activation")` in a cell of your own gives a nudge, and more when you
# ask again.

# %% nbgrader={"grade_id": "get_activation", "solution": true}
def get_activation(model, name, x):
    """The output of one part of a net, found by the part's name.

    The net runs in evaluation mode. Afterwards it is as it was: your hook is gone, every part is in
    the mode in which it was (parts may differ), and each parameter's requires_grad is what it was,
    even when the forward pass raises an error. That error is passed on to the caller.

    Parameters
    ----------
    model : nn.Module
    name : the part's full name with its dots, as in `model.named_modules()`; never empty. "part:1"
        is the second output of a part that returns a tuple, and so on. "part" is short for
        "part:0"; both work for a part that returns a single tensor, too.
    x : tensor, a batch of inputs

    Returns
    -------
    activation : detached tensor with the values that the part returned, even if later parts change
        that output in place. When the part is called several times, the last call counts.

    Raises
    ------
    an error (which one is up to you) when there is no part of that name
    """
    ### BEGIN SOLUTION
    part, _, number = name.partition(":")
    found = []

    def keep(module, inputs, output):
        outputs = output if isinstance(output, tuple) else (output,)
        found.append(outputs[int(number or 0)].clone())

    modes = {module: module.training for module in model.modules()}
    handle = model.get_submodule(part).register_forward_hook(keep)
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return found[-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_get_activation", "grade": true}
from autograder import check

check("get_activation")

# %% [markdown] name="see_maps"
# With your function you can look into the source net. The next cell sends the picture of a key
# through it and shows the sixteen maps of its first block. What does each map respond to?

# %% tags=["experiment"] name="experiment_maps"
if passes("get_activation"):
    key = shapes[0][shapes[1] == 0][:1]
    maps = get_activation(source, "features.block1.relu", key)[0]
    plots.show(
        plots.image_grid(
            (maps / maps.amax((1, 2), keepdim=True).clamp(min=1e-6)).numpy(),
            [f"map {i}" for i in range(len(maps))], title="The first block's maps of one key",
        )
    )

# %% [markdown] name="features"
# ## Features
#
# DeCAF (Donahue 2014) sent pictures through a net trained on ImageNet, took the values of one of
# its last layers as *features*, and trained only a linear classifier on these. It beat most methods
# that had been designed by hand for the same data sets. It is also fast, because each picture goes
# through the net only once.
#
# ### Exercise: a data set's features
#
# *10 minutes · difficulty 2 of 3 · builds on get_activation*
#
# Write a function that sends a whole data set through a net and collects the output of one layer.

# %% nbgrader={"grade_id": "extract_features", "solution": true}
def extract_features(model, layer, loader, device):
    """One layer's output for every picture of a data set.

    The net runs in evaluation mode, and comes back as it was.

    Parameters
    ----------
    model : nn.Module, already on `device`
    layer : a part's name, as in get_activation
    loader : iterable of batches (x, y) of tensors on the CPU, the last one possibly smaller. You
        can iterate over it again, and the order of the pictures may differ each time.
    device : where `model` is; move each batch there

    Returns
    -------
    features : detached tensor (N, D) on the CPU, a row for each picture, in the order in which the
        loader gives them. A row holds the layer's whole output, flattened without changing the
        order of its numbers
    labels : tensor (N,) on the CPU, the label of each row's picture
    """
    ### BEGIN SOLUTION
    features, labels = [], []
    for x, y in loader:
        out = get_activation(model, layer, x.to(device))
        features.append(out.flatten(1).cpu())
        labels.append(y)
    return torch.cat(features), torch.cat(labels)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_extract_features", "grade": true}
from autograder import check

check("extract_features")

# %% [markdown] name="explore"
# ### Deeper layers are more specific
#
# Choose a layer in the explorer below. On the left you see the features of the eight shapes,
# averaged over each map (so each map gives one number) and drawn in the plane in which they vary
# most (their first two principal components). On the right you see one picture, and the pictures
# whose features are nearest to its own. Deeper layers are more *specific*: they respond to what the
# net was trained to tell apart.

# %% tags=["experiment"] name="explorer"
explore_features()

# %% [markdown] name="explorer_tasks"
# Three things to try:
#
# 1. Choose the pixels. What makes two pictures neighbours there?
# 2. Go deeper block by block. Where do neighbours stop having the same colour and begin to have the
#    same shape? Remember that the net has never been trained on these shapes, so what you see is
#    transfer.
# 3. The last layer is called the *head*. Compare the features that go into it with the thirty
#    scores that come out. The scores were made for other classes. Are they as good as those
#    features for telling these shapes apart?
#
# ## A new head
#
# ### A worked example: who learns, and in which mode
#
# A *frozen* part stays as it is. The modules inside a module are its *children*. A module with
# children passes its mode on to them and seldom uses it itself, so `train()` and `eval()` may
# change this mode as always. A frozen module without children must stay in evaluation mode. This
# net has a new head for three classes, and all else is frozen. Then a loop calls `model.eval()`,
# and later `model.train()`.
#
# | module | parameters | `requires_grad` | after `eval()` | after `train()` |
# |---|---|---|---|---|
# | the net | in its children | | evaluation | training |
# | convolution | 18 + 2 | False | evaluation | evaluation |
# | batch norm | 2 + 2 | False | evaluation | evaluation |
# | ReLU | none | | evaluation | evaluation |
# | new head, 2 to 3 | 6 + 3 | True | evaluation | training |
#
# Of the 33 parameters 9 can learn. The net itself has children, so it changes its mode. Of the
# others only the head does.
#
# Now take another net. Its frozen block holds an affine layer and dropout. Find what is missing.
#
# | module | parameters | `requires_grad` | after `eval()` | after `train()` |
# |---|---|---|---|---|
# | the block | in its children | | evaluation | **?** |
# | its `nn.Linear`, 8 to 4 | 32 + 4 | **?** | evaluation | evaluation |
# | its dropout | none | | evaluation | **?** |
# | new head, 4 to 3 | **?** | True | evaluation | training |
#
# **The missing numbers.** The block is in training mode, because it has children, and its dropout
# is in evaluation mode. The block's `nn.Linear` is frozen (False). The head has 12 + 3 parameters.
#
# ### Exercise: freeze and replace
#
# *15 minutes · difficulty 3 of 3 · builds on 06 (modes) and on the second and third questions of
# "Before you start"*
#
# You keep the trained net and train only a new head. All other parts are *frozen*, which means that
# they stay **bit for bit** the same after any number of steps of an ordinary training loop.
# Remember that such loops call `model.train()`, and that optimizers decay weights and carry
# momentum.

# %% nbgrader={"grade_id": "freeze_and_replace", "solution": true}
def freeze_and_replace(model, num_classes):
    """Make a trained net ready for other classes: give it a new head and freeze all else.

    The head is the last nn.Linear in the order of `model.named_modules()`. A new one with
    `num_classes` outputs takes its place (same number of inputs, dtype and device, always with a
    bias), with torch's usual initial weights, and is the only part that is trainable. It is new
    even when the number of classes stays the same. A `.grad` that a parameter already has may stay,
    because a training loop calls `zero_grad` before it computes gradients.

    Put frozen modules without children (convolutions, batch norm, dropout, ...) into evaluation
    mode, and make `train` do nothing on these objects, with or without an argument, so that they
    stay in this mode even when `model.train()` is called later. What it returns does not matter. On
    the head and on all modules with children, such as the net itself, `train` works as before.

    Parameters
    ----------
    model : nn.Module, changed in place
    num_classes : int

    Returns
    -------
    model : the same object
    """
    ### BEGIN SOLUTION
    model.requires_grad_(False)
    *_, (name, old) = (item for item in model.named_modules() if isinstance(item[1], nn.Linear))
    new = nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, new)
    for module in model.modules():
        if module is not new and not any(module.children()):
            module.eval()
            module.train = lambda *mode: None
    return model
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_freeze_and_replace", "grade": true}
from autograder import check

check("freeze_and_replace")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If Python has been stopped when you
# come back, run all cells above first.*

# %% [markdown] name="finetuning"
# ## Fine-tuning
#
# With more pictures you can afford to train more than the head. By an old rule of thumb the new
# head learns at a **tenth** of the rate at which the net was first trained, the layers in the
# middle at a **hundredth**, and the first layers not at all. The reason for this order is that the
# first layers are the most general, and the head is the only part that knows nothing yet. Today
# such a rule is called discriminative learning rates.
#
# An optimizer takes a list of groups, `{"params": [...], "lr": ...}`, each with its own rate. For
# example, suppose that a net with blocks 1 to 4 and a head was first trained at rate 0.1. Then the
# head's parameters form a group with rate 0.01, and those of blocks 3 and 4 a group with rate
# 0.001. Blocks 1 and 2 are in no group, and their `requires_grad` is False. If `freeze_and_replace`
# has made the net ready, batch norm stays in evaluation mode in blocks 3 and 4 too, and only its γ
# and β learn.
#
# ### Exercise: who learns how fast
#
# *12 minutes · difficulty 2 of 3 · builds on freeze_and_replace*

# %% nbgrader={"grade_id": "finetune_groups", "solution": true}
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    """Make parameter groups for fine-tuning. Only their parameters get requires_grad True.

    Parameters
    ----------
    model : nn.Module, frozen or not; only `requires_grad` of its parameters is changed
    lr : the rate with which the whole net was first trained
    middle : names of the parts that learn slowly. All their parameters belong to the group, batch
        norm's γ and β too, and also a parameter that a part outside shares. A part may lie inside
        another one, or weights may be shared: list each parameter once. If a part holds the head,
        the head's parameters belong to the head's group only.

    Returns
    -------
    groups : list of dicts with "params" and "lr", for an optimizer: the head (the last nn.Linear)
        at lr / 10, all of the middle at lr / 100

    Raises
    ------
    an error (which one is up to you) when there is no part with one of these names
    """
    ### BEGIN SOLUTION
    model.requires_grad_(False)
    head = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    fast = dict.fromkeys(head.parameters())
    slow = dict.fromkeys(p for name in middle for p in model.get_submodule(name).parameters())
    slow = [p for p in slow if p not in fast]
    for p in [*slow, *fast]:
        p.requires_grad_(True)
    return [{"params": list(fast), "lr": lr / 10}, {"params": slow, "lr": lr / 100}]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_finetune_groups", "grade": true}
from autograder import check

check("finetune_groups")

# %% [markdown] name="two_by_two"
# ## Which of them, when?
#
# Should you train from scratch, put a linear classifier on features, or fine-tune a trained net?
# The common answer is a table of two rows and two columns:
#
# | | target like the source | target unlike the source |
# |---|---|---|
# | **few pictures** | a linear classifier on the last layer's features | difficult; try linear classifiers on the features of several layers |
# | **many pictures** | fine-tune a few layers | fine-tune a larger number of layers |
#
# This is advice from experience, not a law, so you will measure it. The source net is the one that
# was trained on the thirty shapes. There are two targets, and you predict what happens with 5 and
# with 100 pictures per class. The eight new **shapes** are like the source. Handwritten **digits**
# are unlike it. They are thin grey strokes without colour or background, and what distinguishes a 3
# from a 5 is not what distinguishes one drawn shape from another.

# %% tags=["experiment"] name="the_targets"
digits = transfer.colour_digits(150)
targets = {"shapes": shapes, "digits": digits}
plots.show(plots.image_grid(digits[0][:8], digits[1][:8].tolist(), title="The other target"))

# %% [markdown] name="predict_cells"
# Predict each cell of the table. Every run makes 60 updates. Which is the most accurate:
# `"scratch"` (a new net), `"features"` (a new head on the frozen source net) or `"finetune"`?

# %% name="prediction_cells"
predict("shapes, 5 a class", ..., one_of=("scratch", "features", "finetune"))
predict("shapes, 100 a class", ..., one_of=("scratch", "features", "finetune"))
predict("digits, 5 a class", ..., one_of=("scratch", "features", "finetune"))
predict("digits, 100 a class", ..., one_of=("scratch", "features", "finetune"))

# %% [markdown] name="who_is_in_which_set"
# ### A worked example: who is in which set
#
# A target has ten pictures, 0 to 9. The even ones are of class 0, the odd ones of class 1. The
# sizes are 1 and 3 training pictures per class. `rng` puts class 0 into the order 4, 0, 8, 2, 6 and class 1
# into the order 7, 1, 9, 3, 5. A training set takes the first of each class. The largest size is 3, so
# all behind the first three of each class are the test set, for both sizes.
#
# | for training, per class | training set | test set |
# |---|---|---|
# | 1 | 4, 7 | 2, 6, 3, 5 |
# | 3 | 4, 0, 8, 7, 1, 9 | 2, 6, 3, 5 |
#
# Both sizes are tested on the same pictures, and no run is trained on any of them. There are six
# runs: two sizes, each with "scratch", "features" and "finetune". If lr is 0.1, all parameters of
# "scratch" learn at 0.1, and so do the heads of the two others. The middle of "finetune", its last
# two blocks, learns at a tenth of that, 0.01. All else in "features" and "finetune" is frozen.
#
# Now the sizes are 2 and 4, and lr is 0.02. The orders are 6, 8, 2, 0, 4 for class 0 and 3, 9, 5, 1,
# 7 for class 1. Find what is missing.
#
# | for training, per class | training set | test set |
# |---|---|---|
# | 2 | 6, 8, **?**, **?** | 4, **?** |
# | 4 | 6, 8, 2, 0, 3, 9, 5, 1 | 4, **?** |
#
# | part of "finetune" | rate |
# |---|---|
# | head | 0.02 |
# | middle | **?** |
#
# **What was missing.** The first two of class 1 are 3 and 9. The larger size takes four of class 1,
# so 7 alone is left to test, for the smaller size too. The middle's rate is 0.002.

# %% [markdown] name="measure"
# ### Exercise: a fair measurement
#
# *20 minutes · difficulty 3 of 3 · builds on freeze_and_replace and finetune_groups*
#
# The check does not ask which of the three wins. It asks whether the comparison is fair, that is,
# which pictures are used for training and for testing, what is frozen, and whether every run has
# the same budget and starts afresh. You are given `fit`, which makes a fixed number of updates, so
# that more pictures do not mean more work.

# %% nbgrader={"grade_id": "transfer_table", "solution": true}
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    """Accuracies of three ways to learn each target at each size.

    For each target, draw a random order of each class's pictures with `rng`, once. The training set
    with n pictures per class takes the first n of each class. The test set is all pictures after
    the first max(sizes) of each class; it is the same for all runs on that target.

    - "scratch" trains `fresh(classes)`, all its parameters at rate lr
    - "features" trains the head of a copy of the source, after freeze_and_replace, at rate lr
    - "finetune" trains another such copy, with groups from finetune_groups (its default middle),
      called so that the head's rate is lr, as for "features", and the middle's is lr / 10

    Every run trains a net of its own with `fit(model, groups, train, steps)`. Accuracies are
    measured in evaluation mode.

    Parameters
    ----------
    source : trained nn.Module with parts features.block1 to features.block4 and head; not changed
    fresh : fresh(classes) gives an untrained net of the same kind
    targets : dict from name to (x, y), tensors: pictures and class indices from 0 on, unsplit
    sizes : list of int, training pictures per class
    fit : fit(model, groups, train, steps) trains `model` in place on `train`, a pair (x, y). The
        `groups` are dicts with "params" and "lr". It may leave the net in any mode
    lr : float
    steps : int, updates of every run
    rng : numpy Generator

    Returns
    -------
    table : table[target][size][way], the fraction of test pictures that are classified correctly
    """
    ### BEGIN SOLUTION
    table = {}
    for target, (x, y) in targets.items():
        classes = int(y.max()) + 1
        drawn = [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(classes)]
        test = np.concatenate([rows[max(sizes) :] for rows in drawn])
        table[target] = {}
        for size in sizes:
            train = np.concatenate([rows[:size] for rows in drawn])
            models = {"scratch": fresh(classes)}
            groups = {"scratch": [{"params": list(models["scratch"].parameters()), "lr": lr}]}
            for way in ("features", "finetune"):
                models[way] = freeze_and_replace(copy.deepcopy(source), classes)
            groups["features"] = finetune_groups(models["features"], 10 * lr, ())
            groups["finetune"] = finetune_groups(models["finetune"], 10 * lr)
            table[target][size] = {}
            for way, model in models.items():
                fit(model, groups[way], (x[train], y[train]), steps)
                model.eval()
                with torch.no_grad():
                    right = model(x[test]).argmax(1) == y[test]
                table[target][size][way] = right.float().mean().item()
    return table
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_transfer_table", "grade": true}
from autograder import check

check("transfer_table")

# %% [markdown] name="capstone"
# ## Experiment: the capstone
#
# A capstone is the last stone of an arch. Here your function compares scratch, features and
# fine-tuning at 5, 20 and 100 pictures per class, on both targets and with two seeds. Every run
# makes 60 updates of Adam with 20 pictures each.

# %% tags=["experiment"] name="experiment_capstone"
SIZES = [5, 20] if training.quick() else [5, 20, 100]


def capstone(seed):
    """One transfer_table, flat: a dict from (target, size, way) to accuracy."""
    with training.seeded(seed):
        table = transfer_table(
            source, shipped.source_shapes_net, targets, SIZES, fit, RATE, STEPS,
            np.random.default_rng(seed),
        )
    return {
        (target, size, way): accuracy
        for target, by_size in table.items()
        for size, ways in by_size.items()
        for way, accuracy in ways.items()
    }


if passes("freeze_and_replace", "finetune_groups", "transfer_table"):
    measured = training.seeds(capstone, min(SEEDS, 2))  # 36 nets
    WAYS = ("scratch", "features", "finetune")
    for target in targets:
        curves = {
            way: training.Spread(
                np.stack([measured[target, size, way].values for size in SIZES], axis=1)
            )
            for way in WAYS
        }
        plots.show(
            plots.lines(
                curves, "training pictures a class", "accuracy", x=SIZES, log="x", accent="features",
                title=f"{target}; bands: two seeds", size=(7, 3.2),
            )
        )
    for (target, size, way), spread in measured.items():
        print(f"{target}, {size} a class, {way}: {spread}")
    for target in targets:
        for size in (SIZES[0], SIZES[-1]):
            by_way = {way: measured[target, size, way].middle for way in WAYS}
            compare(f"{target}, {size} a class", max(by_way, key=by_way.get))

### BEGIN CLAIMS
rounded = {"shapes": (0.15, 0.96, 0.97), "digits": (0.95, 0.65, 0.78)}
off = [abs(measured[target, 20, way].middle - said)
       for target, row in rounded.items() for way, said in zip(WAYS, row, strict=True)]
assert max(off) < 0.06, "the six numbers of the table"
few, many = measured["shapes", 5, "features"], measured["shapes", 100, "scratch"]
assert many.high < few.low, "40 pictures through the frozen net do what 800 do not from scratch"
### END CLAIMS

# %% [markdown] name="after_capstone"
# In round numbers these are the accuracies with 20 pictures per class (yours, with their ranges,
# are above):
#
# - On the shapes the accuracy is 0.15 from scratch, 0.96 with features and 0.97 with fine-tuning.
# - On the digits it is 0.95 from scratch, 0.65 with features and 0.78 with fine-tuning.
#
# Your printout also shows what the source saves. On the shapes, which are like the source, the
# frozen net does better with 40 pictures (5 per class) than training from scratch does with 800
# (100 per class) in as many updates. On the digits the same features are worse than those that a
# net learns from scratch, and fine-tuning repairs only part of the harm.
#
# Two things are missing from the common table. First, it does not say what "like" means. What
# should count is that the net had to tell apart the same kind of thing, not that the pictures look
# alike to you. (The digits differ from the source in what has to be told apart and in their looks,
# so this run cannot show which difference counts.) Second, a target may be so easy that you need no
# source. A digit always sits upright in the middle, and five of each are enough to learn from
# scratch. If you do not train from scratch as well, you never find this out.
#
# The **budget** matters too. On the shapes, sixty updates are enough for a head, but not for a
# whole net. Even with 100 pictures per class, training from scratch needs more. The next cell
# trains from scratch for 60 and for 480 updates. Compare the accuracy after 480 with that of the
# features above. On COCO, a data set for finding objects, He, Girshick and Dollár (2018) found that
# with enough data and enough time, training from scratch catches up. So transfer saves data and
# time.

# %% tags=["experiment"] name="experiment_budget"
budgets = [20, 40] if training.quick() else [60, 480]
y = shapes[1].numpy()
train_rows = np.concatenate([np.flatnonzero(y == c)[:100] for c in range(8)])
test_rows = np.concatenate([np.flatnonzero(y == c)[100:] for c in range(8)])
by_budget = {}
for budget in budgets:
    with training.seeded(0):
        net = shipped.source_shapes_net(8)
    fit(
        net, [{"params": list(net.parameters()), "lr": RATE}],
        (shapes[0][train_rows], shapes[1][train_rows]), budget,
    )
    accuracy = training.evaluate(net, (shapes[0][test_rows], shapes[1][test_rows]))[1]
    by_budget[budget] = accuracy
    print(f"scratch, 100 a class, {budget:4d} updates: {accuracy:.3f}")

### BEGIN CLAIMS
assert by_budget[60] + 0.2 < by_budget[480], "with 100 a class, scratch needs more than 60 updates"
### END CLAIMS

# %% [markdown] name="real"
# ### The same with photographs
#
# Here the source is ImageNet, a million photographs, and the net that was trained on them is
# SqueezeNet (Iandola 2016, 1.2 million weights). The target is photographs of CIFAR-10. This takes
# minutes, so the cell shows a stored result, together with the command that makes it.

# %% tags=["experiment"] name="experiment_real"
real = results.stored("transfer_real")
if real is None:
    print("There are no stored results here: run benchmarks/transfer_real.py.")
else:
    sizes = [int(n) for n in real["accuracies"]["features"]]
    plots.show(
        plots.lines(
            {
                way: training.Spread(np.array([by_size[str(n)] for n in sizes]).T)
                for way, by_size in real["accuracies"].items()
                if way in ("scratch, small net", "features", "fine-tuned")
            },
            "training photographs a class", "accuracy", x=sizes, log="x", accent="features",
            title="ImageNet to CIFAR-10; bands: three seeds",
        )
    )
    print(f"{real['made by']} ({real['with']}, {real['updates']} updates a run)")

# %% [markdown] name="after_real"
# | accuracy on 600 photographs, three seeds | 5 a class | 20 a class | 100 a class |
# |---|---|---|---|
# | scratch, the course's small net on 32×32 | 0.23–0.29 | 0.38–0.41 | 0.47–0.50 |
# | frozen features, new head by Adam | 0.44–0.51 | 0.58–0.64 | 0.72–0.78 |
# | new head and last two fire modules (blocks) fine-tuned | 0.41–0.51 | 0.59–0.61 | 0.68–0.73 |
# | features, logistic regression with a penalty | 0.50–0.63 | 0.67–0.71 | 0.77–0.79 |
# | features, linear SVM | 0.49–0.63 | 0.67–0.69 | 0.77–0.80 |
#
# (A linear SVM is a linear classifier too. Its loss counts only examples that are wrong or too near
# the border between two classes.)
#
# Here transfer wins everywhere, by about as much with 100 pictures a class as with 5. With 20 a
# class it already gives more than scratch does with 100. In this run every net was trained for 200
# updates, and fine-tuning gained nothing over frozen features. And with 50 photographs (5 per
# class), a linear classifier that is trained with a penalty, on standardised features, beats a head
# that is trained without one. So here you need no more than a classifier on stored features.

# %% [markdown] name="photographs_text"
# ### The other way round: from shapes to photographs
#
# Does any trained net help? Take the course's net, which has seen nothing but drawn shapes, and an
# untrained one of the same architecture. The next cell trains logistic regression on the features
# of each. It takes photographs of CIFAR-10 if your machine has them (`course data cifar10` in a
# terminal fetches them), and drawn shapes if not. Beside your run you see a stored run on
# photographs, 5 to 100 a class. It measured the accuracy on 1,000 others, so an accuracy of 0.4 has
# a standard error of 0.015.
#
# **Predict.** In the stored run, with 20 photographs a class, by how much is the trained net's
# accuracy higher than the untrained net's?

# %% name="prediction_photographs"
predict("gain over an untrained net, photographs, 20 a class", ..., between=(-1, 1))

# %% tags=["experiment"] name="on_photographs"
def on_pictures(pictures, sizes, seeds):
    """Accuracies of logistic regression on features: {net: seeds × pictures a class}."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def features(net):
        parts = []
        with torch.no_grad():
            for x, _ in (pictures.train, pictures.held_out):
                # The nets know pictures from 0 to 1: their mean and spread are about these.
                x = torch.from_numpy(0.45 + 0.25 * x)
                parts.append(torch.cat([net.features(some).mean((2, 3)) for some in x.split(250)]))
        return [part.numpy() for part in parts]

    def untrained():
        with training.seeded(0):
            net = shipped.source_shapes_net()
        with torch.no_grad():  # batch norm's running averages: from these pictures
            net.train()(torch.from_numpy(0.45 + 0.25 * pictures.train[0][:500]))
        return net.eval()

    (_, y), (_, other_y) = pictures.train, pictures.held_out
    found = {"sizes": list(sizes)}
    for name, net in (("trained on shapes", shipped.trained_source_shapes_net()),
                      ("untrained", untrained())):
        rows, others = features(net)
        found[name] = []
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(y))
            drawn = [np.concatenate([order[y[order] == c][:n] for c in range(10)]) for n in sizes]
            found[name].append([
                make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
                .fit(rows[some], y[some]).score(others, other_y) for some in drawn
            ])
    return found


pictures = datasets.photographs_or_shapes(*((150, 50) if training.quick() else (600, 400)))
found = on_pictures(pictures, sizes=(1, 2, 5) if training.quick() else (5, 20, 50), seeds=1)
for title, run in datasets.beside_stored("15", pictures, found).items():
    nets = {name: training.Spread(np.array(run[name])) for name in ("trained on shapes", "untrained")}
    plots.show(plots.lines(nets, "training pictures a class", "accuracy on other pictures", log="x",
                           x=run["sizes"], accent="trained on shapes", title=title))
compare("gain over an untrained net, photographs, 20 a class",
        nets["trained on shapes"].middle[1] - nets["untrained"].middle[1])

### BEGIN CLAIMS
trained, untrained = (np.array(run[name]) for name in ("trained on shapes", "untrained"))
assert (trained.min(0) > untrained.max(0)).all(), "on photographs the trained net is ahead"
assert (np.median(trained, 0) - np.median(untrained, 0)).max() < 0.1, "by less than a tenth"
assert trained.max() < 0.44, "and stays below what ImageNet's features reach with 5 a class"
assert min(found["trained on shapes"][0]) - 0.5 > max(found["untrained"][0]), "on shapes: by far"
### END CLAIMS

# %% [markdown] name="after_photographs"
# On drawn shapes nearly all of the accuracy comes from the training of the net. On photographs the
# trained net's features gain less than 0.1 in accuracy, and with 100 photographs a class they stay
# below what ImageNet's features reach with 5. So it is not training as such that transfers. What
# the net learned from the source must be useful for the target. (The ImageNet net is also larger
# and has seen more pictures, so you cannot tell how much of the difference comes from the kind of
# picture.)

# %% [markdown] name="decaf"
# ### DeCAF's question: which classifier?
#
# DeCAF put logistic regression and a linear SVM on the same features and found them about equally
# good. (Logistic regression is the one with cross-entropy.) Now you ask the same question on your
# features of the shapes. With 5 pictures per class, by how much is the accuracy of the SVM higher?
# (Answer with a number below 0 if it is lower.)

# %% name="prediction_decaf"
predict("SVM's accuracy minus logistic regression's, 5 a class", ..., between=(-1, 1))

# %% tags=["experiment"] name="experiment_decaf"
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

if passes("extract_features"):
    batches = [(shapes[0][i : i + 200], shapes[1][i : i + 200]) for i in range(0, len(y), 200)]
    rows, labels = (part.numpy() for part in extract_features(source, "flatten", batches, "cpu"))

    def two_classifiers(seed):
        """Accuracies of both at each size, on pictures that no training set could draw."""
        rng = np.random.default_rng(seed)
        drawn = [rng.permutation(np.flatnonzero(labels == c)) for c in range(8)]
        test = np.concatenate([some[100:] for some in drawn])
        found = {}
        for size in (5, 20, 100):
            train = np.concatenate([some[:size] for some in drawn])
            for name, kind in [
                ("logistic regression", LogisticRegression(C=0.1, max_iter=1000)),
                ("linear SVM", LinearSVC(C=0.01, max_iter=10000)),
            ]:
                fitted = make_pipeline(StandardScaler(), kind).fit(rows[train], labels[train])
                found[f"{name}, {size} a class"] = fitted.score(rows[test], labels[test])
        return found

    both = training.seeds(two_classifiers, SEEDS)
    plots.show(plots.bars_with_range(both, "accuracy", title="Two classifiers on the same features"))
    gap = both["linear SVM, 5 a class"].middle - both["logistic regression, 5 a class"].middle
    compare("SVM's accuracy minus logistic regression's, 5 a class", float(gap))

### BEGIN CLAIMS
assert min(s.low for name, s in both.items() if ", 5 a" in name) > 0.88, "above 0.9 with 5 a class"
assert min(s.low for name, s in both.items() if ", 5 a" not in name) > 0.94, "above 0.95 with more"
### END CLAIMS

# %% [markdown] name="after_decaf"
# Both get above 0.9 with 5 pictures per class, so they differ by less than 0.1 there, and above
# 0.95 with 20 and with 100. Which of the two you choose hardly matters, because the features
# decide.

# %% [markdown] name="stands_on"
# ## What stands on trained nets
#
# Transfer is not only for other classes. For many years nearly every net for pictures, whatever its
# task, began with the lower layers of a net that had been trained to classify.
#
# - **Detection.** R-CNN (Girshick 2014) cut boxes from a picture, took each box's features from a
#   net trained on ImageNet, and fine-tuned it. Fast R-CNN (Girshick 2015) runs the net once for the
#   whole picture and takes each box from the net's maps.
# - **Captions.** Vinyals (2015, Show and Tell) and Karpathy and Fei-Fei (2015) fed the last
#   features of a CNN, which was first trained to classify, into a recurrent net. A recurrent net
#   reads and writes sequences, and here it writes a sentence.
# - **Word vectors.** The same idea works without pictures. From plain text word2vec (Mikolov 2013)
#   learns a vector for each word, and a net for text begins with these vectors in its first layer.
#   So in a captioning model the CNN can begin from ImageNet, and the recurrent net's first layer from
#   such word vectors.
#
# Trained nets first came from Caffe's **Model Zoo**, a page of links to weights. Each net expected
# its own preparation (a mean picture to subtract, and an order of the colour channels), and you had
# to find out which. Today the weights come together with the preparation that a picture needs:
# `models.resnet18(weights=ResNet18_Weights.DEFAULT)` and `ResNet18_Weights.DEFAULT.transforms()`.
# When "transfer does not work", the commonest reason is that the pictures are not scaled like those
# the net was trained on.

# %% [markdown] name="remember"
# ## What to remember
#
# - A hook gives you any part's output by name. Run in evaluation mode, copy the output, and remove
#   the hook.
# - Try features first. One pass and a linear classifier take seconds, and give you a baseline.
# - A frozen part gets no gradient, no optimizer changes it (not even by weight decay or momentum),
#   and its batch norm and dropout stay in evaluation mode, even when a loop calls `train()`.
# - If you fine-tune, give new parts a high learning rate and old parts a low one, and freeze the
#   first layers.
# - Always train from scratch too, on the same split and with the same budget, and once with a
#   larger one.
# - The more a target is like the source, the more you gain. With a few pictures of such a target
#   you can reach a higher accuracy than from scratch with many. On an unlike target, transfer can
#   be worse than training from scratch.

# %% [markdown] name="teacher_question"
# ## A question for your teacher to read
#
# A hospital has 300 labelled microscope pictures of five kinds of cells. A colleague fine-tunes all
# layers of a ResNet trained on ImageNet, with the rate of 0.1 from the ResNet paper, and reports a
# validation accuracy of 0.62. From scratch she gets 0.60, and she concludes that transfer is
# useless for microscopy. Name three things that you would do differently, why, and in which order
# you would try them. (Six to ten sentences.)
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_microscope", "grade": true, "solution": true, "points": 3}
# First I would take features at several depths and train a linear classifier on each. It costs
# minutes, cannot overfit 25 million weights to 300 pictures, and as microscope pictures are unlike
# ImageNet's photographs, the middle layers may well be better than the last. Before that I would
# make sure that the pictures are scaled as the net expects them (mean, standard deviation, order of
# channels).
#
# Then I would fine-tune in steps: a new head on the frozen net first, afterwards the last blocks at a
# hundredth of the original rate, with batch norm kept in evaluation mode. With rate 0.1 and a random
# head the first gradients are large and destroy the features before the head is of any use, so what
# she trained was nearly a net from scratch, which is why the two numbers are so close.
#
# Third, 0.62 against 0.60 says nothing: with some 60 validation pictures one standard error is about
# 0.06. Several splits or cross-validation, the same for both, are needed, and the same budget; and
# augmentation by turns and mirroring, which microscope pictures allow. Her conclusion is about one
# way of fine-tuning, not about transfer.
#
# (One point for features or probing before fine-tuning, with depth or scaling; one for rates, frozen
# parts and batch norm; one for the size of the difference and a fair comparison.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | Caffe's Model Zoo: `.prototxt` and `.caffemodel`, a mean picture, BGR | `models.resnet18(weights="DEFAULT")`, and `weights.transforms()` |
# | `sess.graph.get_tensor_by_name("pool_3:0")`, `sess.run(tensor, {...})` | `register_forward_hook`, or `torchvision.models.feature_extraction.create_feature_extractor` |
# | `moments:0`, `moments:1` | the entries of the tuple that a module returns |
# | Caffe: `lr_mult: 0` for a layer, `lr_mult: 10` for a new one | `requires_grad_(False)`, parameter groups |
# | Keras: `layer.trainable = False`, and compile again | `requires_grad_(False)`, `module.eval()` |
# | `tf.train.Saver(var_list)` to load all but the last layer | `load_state_dict(..., strict=False)`, or replace the head afterwards |

# %% [markdown] name="since"
# ## What has changed since
#
# - Yosinski (2014) measured how well each layer transfers. The first layers are general and the
#   last ones specific. If a net is cut in the middle and the layers above are trained anew,
#   accuracy is lost even on the same task, because neighbouring layers had learned to work
#   together. Nets that are better on ImageNet also transfer better (Kornblith 2018).
# - With enough data and longer training, training from scratch catches up even for detection (He
#   2018).
# - Fine-tuning all at once can distort good features while the head is still random. If you **probe
#   first, then fine-tune** (train the head alone at first), accuracy can be higher on test pictures
#   unlike the training set (Kumar 2022). This does not always help.
# - A rate for each depth, as above, is also called discriminative fine-tuning (Howard & Ruder
#   2018). For very large nets people add a few weights instead of changing the old ones: adapters
#   (Houlsby 2019), LoRA (Hu 2021).
# - The source no longer needs class labels. It may be pictures with captions (CLIP, Radford 2021),
#   or pictures alone (masked autoencoders, He 2021; DINOv2, Oquab 2023).

# %% [markdown] name="further_reading"
# ## Further reading
#
# - J. Donahue et al., *DeCAF: A Deep Convolutional Activation Feature for Generic Visual
#   Recognition*, 2014.
# - J. Yosinski et al., *How transferable are features in deep neural networks?*, 2014.
# - A. Sharif Razavian et al., *CNN Features off-the-shelf: an Astounding Baseline for Recognition*,
#   2014.
# - K. He, R. Girshick, P. Dollár, *Rethinking ImageNet Pre-training*, 2018.
# - A. Kumar et al., *Fine-Tuning can Distort Pretrained Features and Underperform
#   Out-of-Distribution*, 2022.

# %% [markdown] name="go_further"
# ## Go further
#
# These exercises have the same checks and hints, but no points.
#
# ### Question: how much memory features take

# %% name="show_q15_memory"
ask("q15_memory")

# %% name="q15_memory"
q15_memory = ...

# %% nbgrader={"grade_id": "check_q15_memory", "locked": true}
from autograder import check

check("q15_memory")

# %% [markdown] name="stage"
# ### Question: unlike the source

# %% name="show_q15_stage"
ask("q15_stage")

# %% name="q15_stage"
q15_stage = ...

# %% nbgrader={"grade_id": "check_q15_stage", "locked": true}
from autograder import check

check("q15_stage")

# %% [markdown] name="probe"
# ### Exercise: a probe at every depth
#
# *15 minutes · difficulty 3 of 3 · builds on get_activation*
#
# How good are the features of each layer? To find out, you put a very simple classifier on them (a
# *probe*): least squares with a penalty, which has a closed form. With standardised features $X$
# (one row per picture) and targets $Y$ (one column per class, 1 for the right class, else 0),
#
# $$W=(X^\top X+\lambda I)^{-1}X^\top(Y-\bar Y),\qquad \text{scores}=XW+\bar Y,$$
#
# where each row of $\bar Y$ is the mean of the rows of $Y$.

# %% nbgrader={"grade_id": "linear_probe_by_depth", "solution": true}
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    """The accuracy of a linear classifier on each layer's features (after Alain & Bengio 2016).

    A layer's features are its output in evaluation mode; if it consists of maps, each is averaged
    over all its places. Standardise each feature with the training rows' mean and standard
    deviation (divided by N or by N - 1, as you like); a feature that does not vary in these rows is
    only centred. The classifier is ridge regression on one-hot targets, and predicts the class with
    the largest score.

    Parameters
    ----------
    model : nn.Module on the CPU; comes back as it was
    loader : iterable of batches (x, y) to train the probes on; the order may differ between passes
    held_out : iterable of batches of the same form, to test the probes on
    layers : names of parts, as in get_activation
    ridge : λ in XᵀX + λI, not multiplied by the number of rows

    Returns
    -------
    accuracies : dict from layer to the fraction of held-out pictures that its probe gets right
    """
    ### BEGIN SOLUTION
    def rows(batches, layer):
        features, labels = [], []
        for x, y in batches:
            out = get_activation(model, layer, x)
            features.append(out.reshape(*out.shape[:2], -1).mean(2))
            labels.append(y)
        return torch.cat(features).double(), torch.cat(labels)

    found = {}
    for layer in layers:
        (train_x, train_y), (test_x, test_y) = rows(loader, layer), rows(held_out, layer)
        mean, std = train_x.mean(0), train_x.std(0)
        std = std.where(std > 0, 1)
        train_x, test_x = (train_x - mean) / std, (test_x - mean) / std
        targets = F.one_hot(train_y).double()
        gram = train_x.T @ train_x + ridge * torch.eye(train_x.shape[1])
        w = torch.linalg.solve(gram, train_x.T @ targets)
        right = (test_x @ w + targets.mean(0)).argmax(1) == test_y
        found[layer] = right.double().mean().item()
    return found
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_probe_by_depth", "locked": true}
from autograder import check

check("linear_probe_by_depth")

# %% [markdown] name="predict_probe"
# ### Experiment: from general to specific
#
# You probe the source net, and an untrained net of the same architecture, on the eight shapes with
# 50 pictures per class. At which depth is the trained net's probe best: "block1", ..., "block4", or
# "head"?

# %% name="prediction_probe"
predict("best depth", ..., one_of=("block1", "block2", "block3", "block4", "head"))

# %% tags=["experiment"] name="experiment_probe"
depths = [*(f"features.block{i}" for i in range(1, 5)), "head"]
halves = [
    [(shapes[0][i : i + 100], shapes[1][i : i + 100]) for i in range(first, first + 400, 100)]
    for first in (0, 400)
]
with training.seeded(0):
    nets = {"trained": source, "untrained": shipped.source_shapes_net().eval()}
if passes("get_activation", "linear_probe_by_depth"):
    probes = {name: linear_probe_by_depth(net, *halves, depths) for name, net in nets.items()}
    names = [depth.split(".")[-1] for depth in depths]
    plots.show(
        plots.heat(
            [[probes[name][depth] for depth in depths] for name in probes], "depth", "net",
            xticks=names, yticks=list(probes), value="accuracy",
            title="Linear probes, held-out shapes",
        )
    )
    compare("best depth", names[int(np.argmax([probes["trained"][depth] for depth in depths]))])

### BEGIN CLAIMS
by_depth = [list(probe.values()) for probe in probes.values()]
assert 0.15 < by_depth[0][0] < 0.4 and min(by_depth[0][2:]) > 0.9, "from a quarter to above 0.9"
assert max(by_depth[1]) < 0.3, "untrained: below 0.3 at every depth"
### END CLAIMS

# %% [markdown] name="after_probe"
# For the trained net the accuracy rises from about a quarter at block1 to above 0.9 at block3 and
# stays there. For the untrained net it is below 0.3 at every depth. The probe on the head's thirty
# scores is a little worse than the one on the head's 96 inputs (those of block4), from which the
# scores are computed, because the last layer is the most specific.
#
# ### Experiment: probe first, then fine-tune
#
# You train on the digits again, with 20 per class and 60 updates. In one run the head and the
# middle learn together from the start. In the other run the head learns alone for the first half,
# and then both learn (Kumar 2022). Which do you expect to win?

# %% tags=["experiment"] name="experiment_probe_first"
def probe_first(seed):
    """Accuracy after fine-tuning at once, and after probing first, on the same pictures."""
    x, y = digits
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(10)]
    train = np.concatenate([some[:20] for some in drawn])
    test = np.concatenate([some[100:] for some in drawn])
    found = {}
    for name, stages in (("at once", [STEPS]), ("probe first", [STEPS // 2, STEPS // 2])):
        with training.seeded(seed):
            net = freeze_and_replace(copy.deepcopy(source), 10)
        for stage, steps in enumerate(stages, start=3 - len(stages)):
            middle = () if stage == 1 else ("features.block3", "features.block4")
            groups = finetune_groups(net, 10 * RATE, middle)
            fit(net, [g for g in groups if g["params"]], (x[train], y[train]), steps)
        found[name] = training.evaluate(net, (x[test], y[test]))[1]
    return found


if passes("freeze_and_replace", "finetune_groups"):
    both_ways = training.seeds(probe_first, SEEDS)
    plots.show(
        plots.bars_with_range(both_ways, "accuracy", title="Digits, 20 a class, three seeds")
    )

### BEGIN CLAIMS
first, once = both_ways["probe first"], both_ways["at once"]
assert first.middle < once.middle + 0.05, "probing first gains nothing"
### END CLAIMS

# %% [markdown] name="after_probe_first"
# With three seeds, no gain from probing first can be seen. Kumar's reason, that a random head
# distorts good features, hardly applies here, because these features are not good for digits. So
# there is probably little to distort and much to learn. If you probe first, the middle has only
# half of the updates to learn what digits need. A rule holds only under the conditions under which
# it was found.
#
# ### With torchvision's weights
#
# If you have a network connection, set `ONLINE = True`. You then try the features of an ImageNet
# ResNet-18 with photographs of CIFAR-10 (45 MB and 170 MB, downloaded once). Nothing else needs
# this.

# %% name="online_switch"
ONLINE = False

# %% tags=["experiment"] name="experiment_online"
def photographs_and_resnet():
    """CIFAR-10's pictures at 64×64 and a ResNet-18 with ImageNet's weights, or None offline."""
    from course_utils.vision import import_torchvision

    try:
        models = import_torchvision().models
        weights = models.ResNet18_Weights.DEFAULT
        net = models.resnet18(weights=weights).eval()
        data = datasets.cifar10()
    except Exception as error:  # no network, no disk, no torchvision: all the same here
        print(f"Not here ({type(error).__name__}: {error}). The stored result above stands for it.")
        return None
    rows = np.concatenate([np.flatnonzero(data.train_y == c)[:160] for c in range(10)])
    x = torch.from_numpy(datasets.to_nchw(data.train_x[rows]))
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    large = F.interpolate(x, size=64, mode="bilinear", align_corners=False)
    return net, (large - mean) / std, torch.from_numpy(data.train_y[rows])


online = photographs_and_resnet() if ONLINE and passes("extract_features") else None
if online is not None:
    net, x, y_photo = online
    device = devices.best_device()
    loader = [(x[i : i + 50], y_photo[i : i + 50]) for i in range(0, len(x), 50)]
    rows, labels = (part.numpy() for part in extract_features(net.to(device), "avgpool", loader, device))
    for size in (5, 20, 100):
        drawn = [np.flatnonzero(labels == c) for c in range(10)]
        train = np.concatenate([some[:size] for some in drawn])
        test = np.concatenate([some[100:] for some in drawn])
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
        fitted.fit(rows[train], labels[train])
        print(f"features of ResNet-18, {size:3d} a class: {fitted.score(rows[test], labels[test]):.3f}")
