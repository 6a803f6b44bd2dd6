# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 09 · Architectures: how to stack convolutions
#
# After this you can
#
# - **compute** the size of a stack's output, how much of the image an output sees, and what each
#   layer costs,
# - **build** the blocks that good nets are made of, and whole nets from a pattern,
# - **choose** between a large kernel, several small ones and a bottleneck, from measurements.
#
# This takes an estimated 120 minutes, in two sittings of 60 and 60. It builds on 02 (ReLU), 04
# (fan-in), 05 (losses), 06 (batch norm).

# %% name="imports"
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.architectures import receptive_field_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown]
# If you are stuck on an exercise, `hint("conv_output_size")` in a cell of your own gives a small
# hint. Ask again and you get a larger one.

# %% [markdown]
# ## Before you start
#
# You will need the answers to these three questions about earlier notebooks.

# %% name="show_q09_linear"
ask("q09_linear")

# %% name="q09_linear"
q09_linear = ...

# %% nbgrader={"grade_id": "check_q09_linear", "locked": true}
from autograder import check

check("q09_linear")

# %% name="show_q09_fan_in"
ask("q09_fan_in")

# %% name="q09_fan_in"
q09_fan_in = ...

# %% nbgrader={"grade_id": "check_q09_fan_in", "locked": true}
from autograder import check

check("q09_fan_in")

# %% name="show_q09_bias"
ask("q09_bias")

# %% name="q09_bias"
q09_bias = ...

# %% nbgrader={"grade_id": "check_q09_bias", "locked": true}
from autograder import check

check("q09_bias")

# %% [markdown]
# ## Where does a net spend its weights?
#
# A convolutional layer slides small kernels of weights over an image, so it uses the same few
# weights at every position. AlexNet won the ImageNet contest in 2012 with five convolutions and
# three affine layers. These eight layers have 61 million weights. AlexNet is called a
# *convolutional* net, but where are its weights?
#
# **Predict.** What fraction of AlexNet's weights is in the five convolutions? And what fraction of
# the net's multiplications do the convolutions do? Write two numbers between 0 and 1.

# %% name="predict_alexnet"
predict("share of AlexNet's weights in convolutions", ..., between=(0, 1))
predict("share of AlexNet's multiplications in convolutions", ..., between=(0, 1))

# %% [markdown]
# You will know as soon as you can compute it, three exercises from here. To design a net you need
# three numbers for every layer: the **size** of its output, how far it **sees**, and what it
# **costs**. You can compute all three by simple arithmetic.
#
# ## What size a convolution leaves
#
# Look at one axis of the image, with $n$ inputs. Padding adds $p$ zeros at each end. A kernel has
# $k$ weights, and neighbouring weights are multiplied by inputs that are $d$ apart ($d$ is the
# **dilation**, usually 1). So the kernel reaches over $d(k-1)+1$ inputs. It starts at the left end
# of the padded input and moves on by the **stride** $s$ for as long as it fits. The number of
# places where it fits is
#
# $$\text{out} = \left\lfloor \frac{n + 2p - d(k-1) - 1}{s} \right\rfloor + 1$$
#
# The division often leaves a remainder. A 7×7 kernel with stride 2 on 32×32 without padding gives
# (32 − 7)/2 = 12.5, which is rounded down to 12, so there are 12 + 1 = 13 places. With 32 filters,
# an affine layer after it has 13·13·32 = 5408 inputs. For convolutions the frameworks round down as
# well, so here they leave out the last row and the last column.
#
# ### Exercise: the size of the output
#
# *8 minutes · difficulty 1 of 3*


# %% nbgrader={"grade_id": "conv_output_size", "solution": true}
def conv_output_size(size, kernel, stride, pad, dilation=1):
    """The size of a convolution's (or pooling's) output along one axis.

    Parameters
    ----------
    size : int, of the input
    kernel, stride, dilation : int, 1 or more
    pad : one of these
        int : so many zeros on each side
        "valid" : 0
        "same" : TensorFlow's SAME, as many zeros as it takes (perhaps more on one side than on the
            other) for size / stride outputs, rounded up: 5 inputs with stride 2 give 3. So the
            kernel always fits, whatever its size and dilation

    Returns
    -------
    int

    Raises
    ------
    ValueError : if the kernel reaches further than the padded input, so that it fits nowhere.
        The message contains both numbers: how far the kernel reaches, and how long the padded
        input is.

    Source: Dumoulin, Visin 2016, A guide to convolution arithmetic, relationships 6 and 15.
    """
    ### BEGIN SOLUTION
    if pad == "same":
        return -(-size // stride)
    padded = size if pad == "valid" else size + 2 * pad
    reach = dilation * (kernel - 1) + 1
    if reach > padded:
        raise ValueError(
            f"The kernel reaches over {reach} inputs and the padded input has only {padded}: "
            "take a smaller kernel or dilation, or pad more."
        )
    return (padded - reach) // stride + 1
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_output_size", "grade": true}
from autograder import check

check("conv_output_size")

# %% [markdown]
# ## How far an output sees
#
# The **receptive field** of an output is the stretch of the input that can influence it. With two
# 3×3 layers in a row, an output of the second sees 3 outputs of the first along each axis, and each
# of the outer two sees one pixel that the middle one does not. So two layers see 5×5, three see
# 7×7, and each further layer adds 2.
#
# A stride changes how much the layers after it add. For example, a max-pooling layer reduces each
# window, usually 2×2 with stride 2, to its maximum. After it, neighbouring values are 2 pixels of
# the image apart. This distance is called the **jump**. With a jump of 2, a 3×3 layer adds 4.
#
# Move the controls below. Which of them makes the receptive field grow fastest?

# %% tags=["experiment"] name="explorer"
receptive_field_explorer(globals().get("receptive_field"))

# %% [markdown]
# ### Exercise: the receptive field
#
# *12 minutes · difficulty 2 of 3 · builds on the explorer*


# %% nbgrader={"grade_id": "receptive_field", "solution": true}
def receptive_field(layers):
    """How far one output of a stack of layers sees, and how far apart the fields of neighbours are.

    Parameters
    ----------
    layers : list of (kernel, stride) or (kernel, stride, dilation), from the input to the output;
        whole numbers, for one axis. Convolution and pooling layers count alike. May be empty;
        not modified

    Returns
    -------
    size : int, length of the field in inputs, from the first that is seen to the last (gaps that a
        dilation leaves are included; padding does not matter). It is 1 if there are no layers.
    jump : int, how many inputs apart the fields of two neighbouring outputs are. It is 1 if there
        are no layers.

    Source: Araujo, Norris, Sim 2019, Computing receptive fields of convolutional neural networks
    (distill.pub), section "Single-path networks".
    """
    ### BEGIN SOLUTION
    size = jump = 1
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size, jump
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_receptive_field", "grade": true}
from autograder import check

check("receptive_field")

# %% [markdown]
# In the explorer, with four convolutions or more, the dilation that doubles at each layer makes the
# field grow fastest: each layer about doubles it. A stride only multiplies what later layers add.
#
# ## What a convolution costs
#
# A layer has two costs. Its **parameters** are learned and stored. Its **MACs**
# (multiply-accumulates) are computed for every image: each value of the output takes one
# multiplication for every weight of the filter that computes it. Some papers count FLOPs
# (floating-point operations) instead, which are twice as many because they include the additions,
# and some mix the two up.
#
# ### Exercise: parameters and multiplications
#
# *10 minutes · difficulty 1 of 3 · builds on conv_output_size*


# %% nbgrader={"grade_id": "conv_cost", "solution": true}
def conv_cost(H, W, c_in, c_out, kh, kw, stride, pad, bias):
    """What one convolution costs, for one image.

    Parameters
    ----------
    H, W : int, height and width of the input
    c_in, c_out : int, channels
    kh, kw : int, height and width of the kernel
    stride, pad : int, the same along both axes; sizes are rounded down
    bias : bool, whether each filter has a bias

    Returns
    -------
    parameters : int, weights and biases
    macs : int, multiplications of a weight by an input, including those by padded zeros.
        Adding a bias does not count.
    """
    ### BEGIN SOLUTION
    rows = (H + 2 * pad - kh) // stride + 1
    columns = (W + 2 * pad - kw) // stride + 1
    weights = c_out * c_in * kh * kw
    return weights + c_out * bool(bias), rows * columns * weights
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_cost", "grade": true}
from autograder import check

check("conv_cost")

# %% [markdown]
# Now look at AlexNet, layer by layer. An affine layer is a convolution whose kernel is as large as
# its input, so the same function gives its cost.

# %% tags=["experiment"] name="alexnet_cost"
# size, channels in and out, kernel, stride, padding: as in torchvision (one tower, Krizhevsky 2014)
ALEXNET = {
    "conv 1, 11×11": (224, 3, 64, 11, 4, 2), "conv 2, 5×5": (27, 64, 192, 5, 1, 2),
    "conv 3, 3×3": (13, 192, 384, 3, 1, 1), "conv 4, 3×3": (13, 384, 256, 3, 1, 1),
    "conv 5, 3×3": (13, 256, 256, 3, 1, 1), "affine 6": (6, 256, 4096, 6, 1, 0),
    "affine 7": (1, 4096, 4096, 1, 1, 0), "affine 8": (1, 4096, 1000, 1, 1, 0),
}
if passes("conv_cost"):
    costs = {name: conv_cost(n, n, c_in, c_out, k, k, s, p, True)
             for name, (n, c_in, c_out, k, s, p) in ALEXNET.items()}
    weights, macs = (sum(cost[i] for cost in costs.values()) for i in (0, 1))
    for i, (unit, what) in enumerate([(1e6, "million weights"), (1e6, "million MACs an image")]):
        plots.show(plots.bars_with_range({name: cost[i] / unit for name, cost in costs.items()},
                                         what, f"AlexNet: {what}"))
    print(f"Together {weights:,} weights and {macs:,} MACs.")
    in_convolutions = [name for name in costs if name.startswith("conv")]
    for i, (whole, what) in enumerate([(weights, "weights"), (macs, "multiplications")]):
        share = sum(costs[name][i] for name in in_convolutions) / whole
        compare(f"share of AlexNet's {what} in convolutions", float(share))

### BEGIN CLAIMS
shares = [sum(costs[name][i] for name in in_convolutions) / whole
          for i, whole in enumerate([weights, macs])]
assert round(shares[0], 2) == 0.04 and round(shares[1], 2) == 0.92, "4 % of weights, 92 % of work"
### END CLAIMS

# %% [markdown]
# The convolutions hold 4 % of the weights and do 92 % of the work, because their weights are stored
# once and used at every position. So there are two budgets, and a change that saves weights need
# not save multiplications. Of the nets that came after AlexNet, VGG of 2014 kept the large affine
# layers. GoogLeNet of 2014 and ResNet of 2015 left them out, and made the convolutions cheaper.
#
# ## Three ways to see 7×7
#
# Take $C$ channels in and out, no biases, and padding that keeps the image's size. Then a layer of
# 7×7 has $49C^2$ weights and takes $49HWC^2$ multiplications. Three layers of 3×3 see just as far,
# with $27C^2$ weights, $27HWC^2$ multiplications and three ReLUs instead of one (VGG, Simonyan
# 2014). Can you see 7×7 with even fewer weights?
#
# A **bottleneck** puts its 3×3 layer between two 1×1 layers, so that the 3×3 works on fewer
# channels. A 1×1 convolution only mixes channels at each position. The first one reduces $C$
# channels to $C/2$, and the second restores $C$. The whole still sees only 3×3, so three
# bottlenecks are needed to see 7×7. The weights of one bottleneck, compared with those of one 3×3
# layer on $C$ channels, are
#
# $$\tfrac12C^2 + \tfrac94C^2 + \tfrac12C^2 = 3.25\,C^2 \quad\text{against}\quad 9\,C^2$$
#
# ### Exercise: a bottleneck
#
# *8 minutes · difficulty 1 of 3*
#
# The check finds your layers, sets their weights and compares the outputs. So write the layers as
# `nn.Conv2d`.


# %% nbgrader={"grade_id": "Bottleneck", "solution": true}
class Bottleneck(nn.Module):
    """A 1×1 convolution from C channels to C // 2, a 3×3 on these, a 1×1 back to C; no biases.

    A ReLU follows the first and the second convolution, but not the third. The size of the image is
    kept. (The check looks at the layers that a forward pass calls. So call the layers themselves;
    do not pass their weights to F.conv2d. This holds for all blocks and nets of this notebook.)

    Shapes: N×C×H×W → N×C×H×W. Source: He, Zhang, Ren, Sun 2015, figure 5; their bottleneck narrows
    to a quarter.
    """

    def __init__(self, C):
        """C : int, channels in and out."""
        ### BEGIN SOLUTION
        super().__init__()
        narrow = C // 2
        self.layers = nn.Sequential(
            nn.Conv2d(C, narrow, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(narrow, narrow, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.Conv2d(narrow, C, 1, bias=False),
        )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Bottleneck", "grade": true}
from autograder import check

check("Bottleneck")

# %% [markdown]
# With your functions, the next cell compares the weights (in units of $C^2$) and the
# multiplications (MACs, in units of $HWC^2$) of seven stacks. In "1×7 and 7×1" a flat kernel is
# followed by a tall one. Which stacks see 7×7, and which of those has the fewest weights?

# %% tags=["experiment"] name="cost_table"
STACKS = {  # (kernel height and width, channels in and out as fractions of C)
    "7×7": [(7, 7, 1, 1)],
    "three 3×3": 3 * [(3, 3, 1, 1)],
    "one 3×3": [(3, 3, 1, 1)],
    "bottleneck": [(1, 1, 1, 0.5), (3, 3, 0.5, 0.5), (1, 1, 0.5, 1)],
    "three bottlenecks": 3 * [(1, 1, 1, 0.5), (3, 3, 0.5, 0.5), (1, 1, 0.5, 1)],
    "1×7 and 7×1": [(1, 7, 1, 1), (7, 1, 1, 1)],
    "1×3 and 3×1": [(1, 3, 1, 1), (3, 1, 1, 1)],
}
if passes("conv_cost", "receptive_field"):
    side, C = 56, 64
    print(f"{'stack':19}{'sees':>6}{'weights/C²':>13}{'MACs/HWC²':>12}")
    for name, rows in STACKS.items():
        weights = macs = 0
        for kh, kw, a, b in rows:
            # Padded by hand, so that the size is kept for flat kernels too.
            one = conv_cost(side + kh - 1, side + kw - 1, int(a * C), int(b * C), kh, kw, 1, 0, False)
            weights, macs = weights + one[0], macs + one[1]
        sees = [receptive_field([(row[axis], 1) for row in rows])[0] for axis in (0, 1)]
        print(f"{name:19}{sees[0]:>4}×{sees[1]}{weights / C**2:13.2f}{macs / side**2 / C**2:12.2f}")

# %% name="show_q09_stack"
ask("q09_stack")

# %% name="q09_stack"
q09_stack = ...

# %% nbgrader={"grade_id": "check_q09_stack", "locked": true}
from autograder import check

check("q09_stack")

# %% name="show_q09_memory"
ask("q09_memory")

# %% name="q09_memory"
q09_memory = ...

# %% nbgrader={"grade_id": "check_q09_memory", "locked": true}
from autograder import check

check("q09_memory")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If Python has been stopped by
# the time you come back, run all cells above first.*

# %% [markdown]
# ## The same budget, spent three ways
#
# Which way of spending the same weights gives the best net? We compare three nets. Each has two
# stages, and each stage sees 7×7 of its input, with one 7×7, three 3×3 or three bottlenecks. Their
# widths, 12, 16 and 26 channels, are chosen so that all three nets have about the same number of
# weights. Batch norm and a ReLU follow each convolution (so these bottlenecks, unlike yours, end
# with a ReLU). We train the nets on the course's coloured shapes (32×32 pixels, ten classes), with
# the same images and the same number of updates.
#
# **Predict.** Which of the three will have the highest test accuracy (7×7, 3×3 or bottleneck; the
# plots say "three 3×3" and "three bottlenecks")? Which one will take the least time for a training
# step?

# %% name="predict_equal_budget"
predict("most accurate", ..., one_of=("7×7", "3×3", "bottleneck"))
predict("fastest", ..., one_of=("7×7", "3×3", "bottleneck"))


# %% tags=["experiment"] name="equal_budget"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
device = devices.announce()
QUICK = training.quick()
SEEDS = 1 if QUICK else 3


def normed(c_in, c_out, kernel):
    """A convolution that keeps the size, batch norm, ReLU."""
    return [nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(c_out), nn.ReLU()]


def stage(kind, C):
    if kind == "7×7":
        return normed(C, C, 7)
    if kind == "three 3×3":
        return [m for _ in range(3) for m in normed(C, C, 3)]
    return [m for _ in range(3)
            for m in (*normed(C, C // 2, 1), *normed(C // 2, C // 2, 3), *normed(C // 2, C, 1))]


def budget_net(kind, C):
    return nn.Sequential(*normed(3, C, 3), nn.MaxPool2d(2), *stage(kind, C), nn.MaxPool2d(2),
                         *stage(kind, C), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(C, 10))


def macs_of(net, x):
    """Multiplications of the convolutions for one image, counted while it passes through."""
    total = 0

    def count(layer, _, out):
        nonlocal total
        total += out[0].numel() * layer.weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        net.eval()(x[:1])
    for hook in hooks:
        hook.remove()
    return total


images, labels = datasets.colour_shapes(300 if QUICK else 1000, seed=0)
test_images, test_labels = datasets.colour_shapes(400, seed=1)
shapes = datasets.to_nchw(images) - 0.5, labels
test_shapes = datasets.to_nchw(test_images) - 0.5, test_labels
WIDTHS = {"7×7": 12, "three 3×3": 16, "three bottlenecks": 26}
few = torch.tensor(shapes[0][:32], device=device)
accuracy, step, trained = {}, {}, {}
print(f"{'net':20}{'weights':>9}{'MACs':>13}")
for kind, C in WIDTHS.items():
    for seed in range(SEEDS):
        with training.seeded(seed):
            net = budget_net(kind, C)
        if seed == 0:
            weights = sum(p.numel() for p in net.parameters())
            print(f"{kind:20}{weights:9,}{macs_of(net, torch.zeros(1, 3, 32, 32)):13,}")
        training.fit(net.to(device), shapes, None, lambda p: torch.optim.Adam(p, lr=3e-3),
                     epochs=1 if QUICK else 4, batch_size=32, seed=seed, progress=False)
        accuracy.setdefault(kind, []).append(training.evaluate(net, test_shapes)[1])
        trained.setdefault(kind, []).append(net)
    step[kind] = 1000 * devices.timed(lambda net=net: net.train()(few).sum().backward(), device)
plots.show(plots.bars_with_range(accuracy, "test accuracy",
                                 "The same number of weights, spent three ways"))
plots.show(plots.bars_with_range(step, "milliseconds for 32 images, forward and backward",
                                 "What a step takes here"))
print({kind: [round(value, 3) for value in values] for kind, values in accuracy.items()})
compare("most accurate", max(accuracy, key=lambda kind: np.median(accuracy[kind])))
compare("fastest", min(step, key=step.get))
longer = step["three bottlenecks"] / step["7×7"]
print(f"Here a step of the bottlenecks takes {longer:.1f} times as long as one of the 7×7.")

### BEGIN CLAIMS
middle = {kind: np.median(values) for kind, values in accuracy.items()}
assert middle["7×7"] + 0.08 < middle["three 3×3"], "three 3×3 get clearly more right than one 7×7"
sizes = [(macs_of(nets[0].cpu(), torch.zeros(1, 3, 32, 32)),
          sum(p.numel() for p in nets[0].parameters())) for nets in trained.values()]
assert all(max(kind) < 1.1 * min(kind) for kind in zip(*sizes, strict=True)), "within a tenth"
### END CLAIMS

# %% [markdown]
# After four epochs the net of 3×3 layers gets clearly more test images right than the one of 7×7.
# The net of bottlenecks varies too much between seeds to be ranked. So with the same number of
# weights and updates, three 3×3 learned more than one 7×7, but replacing each 3×3 by a bottleneck
# brought no gain large enough to show in three seeds. You could not have foretold this from the
# counts: the three nets differ by less than a tenth in their numbers of weights and of
# multiplications.
#
# The time need not agree with the counts either. Look at your bars, and at the last line that was
# printed. On modern CPUs, which do many multiplications at once, a step of the bottlenecks takes
# about twice as long as one of the 7×7, because they have eighteen convolutions with norms and
# ReLUs instead of two. Each layer has to be started, and each writes its whole output to memory.
# So the work that you count does not tell you the time that you measure (see notebook 11).
#
# ## What an output really looks at
#
# The receptive field says what an output **can** see. The gradient of the output with respect to
# the input shows how much each pixel matters to it. Many paths through the layers lead from a pixel
# in the middle to the output, but only one from a pixel in the corner of the receptive field, so
# the corner's gradient is small.
#
# **Predict.** Twenty layers of 3×3 with He's initial weights see 41×41 pixels. Add up the absolute
# values of the gradient over all pixels. How long is the side of the central square that contains
# 95 % of that sum? (Luo 2016 calls the part that matters the *effective* receptive field.)

# %% name="predict_effective"
predict("side of the square with 95 %", ..., between=(0, 41))


# %% tags=["experiment"] name="effective_field"
def effective_field(depth, seed, C=8, side=61, repeats=4):
    """Mean size of the middle output's gradient with respect to each pixel, for fresh He weights."""
    total = torch.zeros(side, side)
    with training.seeded(seed):
        for _ in range(repeats):
            layers = []
            for i in range(depth):
                layers += [nn.Conv2d(C if i else 1, C, 3, padding=1, bias=False), nn.ReLU()]
                nn.init.kaiming_normal_(layers[-2].weight)
            x = torch.randn(1, 1, side, side, requires_grad=True)
            out = nn.Sequential(*layers)(x)[0, :, side // 2, side // 2].sum()
            if out > 0:  # where all units give 0 there is no gradient
                gradient = torch.autograd.grad(out, x)[0][0, 0].abs()
                total += gradient / gradient.sum()
    return total / total.sum()


def side_of(field, share=0.95):
    """Side of the smallest middle square that holds this share."""
    middle = len(field) // 2
    return next(2 * r + 1 for r in range(middle + 1)
                if field[middle - r : middle + r + 1, middle - r : middle + r + 1].sum() >= share)


fields, sides, depths = [], {}, (2, 5, 10, 20)
for depth in depths:
    ours = [effective_field(depth, seed, repeats=2 if QUICK else 8) for seed in range(3)]
    sides[depth] = [side_of(field) for field in ours]
    shown = 1 - (sum(ours) / sum(ours).max()).sqrt().numpy()
    reach = slice(30 - depth - 1, 30 + depth + 2)
    frame = np.zeros_like(shown, dtype=bool)
    frame[reach, reach] = True
    frame[reach.start + 1 : reach.stop - 1, reach.start + 1 : reach.stop - 1] = False
    fields.append(np.where(frame, 0.35, shown)[7:-7, 7:-7])
    print(f"{depth:2} layers: can see {2 * depth + 1:2}, 95 % within "
          f"{min(sides[depth])} to {max(sides[depth])}")
plots.show(plots.image_grid(np.stack(fields), [f"{d} layers" for d in depths], columns=4,
                            title="The gradient in what can be seen"))
plots.show(drawn("side of the square with 95 %",
    plots.lines({"can see": (list(depths), [2 * d + 1 for d in depths]),
                 "95 % of the gradient": (list(depths), [np.median(sides[d]) for d in depths])},
                "layers of 3×3", "side of the square (pixels)",
                "Possible and effective receptive field", accent="95 % of the gradient")))
compare("side of the square with 95 %", float(np.median(sides[20])))

### BEGIN CLAIMS
assert min(sides[5]) >= 9, "up to five layers there is hardly a difference"
assert 13 <= min(sides[10]) and max(sides[10]) <= 19, "about 16 where ten layers see 21"
assert 19 <= min(sides[20]) and max(sides[20]) <= 27, "about 23 where twenty see 41"
### END CLAIMS

# %% [markdown]
# The frames show what can be seen. The darker a pixel, the larger its gradient (to be exact, the
# square root of the absolute value). Ten layers see 21×21, but the central square with 95 % has a
# side of about 16. Twenty layers see 41×41, and its side is about 23. Up to five layers there is
# hardly a difference. So what can be seen grows in proportion to the number of layers, while what
# matters grows about as the square root of that number (Luo 2016). Training widens the effective
# field. Plan for a receptive field larger than what must be recognised, or use strides, which widen
# the effective field as well.
#
# ## Add, do not replace
#
# Deeper nets are better only up to a point. Plain nets of 3×3 layers (each layer sees only the
# output of the one before) get worse when they become very deep, even on the **training** set, so
# the cause is not overfitting (in He 2015, 56 layers did worse than 20 on CIFAR-10). A deeper net
# could do as well as a shallower one if its extra layers passed their input on unchanged, but plain
# layers find that hard to learn. A residual block, whose layers compute $F(x)$, returns
#
# $$\text{out} = \text{ReLU}\big(F(x) + x\big)$$
#
# so with $F = 0$ it passes a non-negative input on unchanged, and the gradient has a path around
# every $F$.
#
# ### Exercise: a residual block
#
# *12 minutes · difficulty 2 of 3 · builds on 06*


# %% nbgrader={"grade_id": "ResidualBlock", "solution": true}
class ResidualBlock(nn.Module):
    """Two 3×3 convolutions, to whose result the input is added.

    A batch norm follows each convolution, and a ReLU follows the first batch norm. Then the input
    is added, and another ReLU follows.

    The first convolution has the stride; both are padded by 1 and have no biases. If the shape
    changes (a different number of channels, or a stride above 1), the input goes through a 1×1
    convolution with that stride, without bias, and then batch norm, before it is added. If the
    shape stays the same, the input is added unchanged, and there are no further parameters. Make a
    separate batch norm layer for each convolution.

    Shapes: N×c_in×H×W → N×c_out×H'×W'. Source: He, Zhang, Ren, Sun 2015, Deep residual learning,
    figure 2 and option B.
    """

    def __init__(self, c_in, c_out, stride=1):
        ### BEGIN SOLUTION
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(),
            nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
        )
        self.shortcut = nn.Sequential()
        if stride > 1 or c_in != c_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return torch.relu(self.residual(x) + self.shortcut(x))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_ResidualBlock", "grade": true}
from autograder import check

check("ResidualBlock")

# %% [markdown]
# ## A whole net from a pattern
#
# Lectures and papers often write a net as a pattern, with softmax or SVM loss at the end. Here ×N
# says that the part before it is repeated N times, and ×M likewise:
#
# - (conv-relu-pool)×N-(affine)×M
# - (conv-relu-conv-relu-pool)×N-(affine)×M
# - (batchnorm-relu-conv)×N-(affine)×M
#
# In Python you can write a pattern as a list of words, for example
# `2 * ["conv", "relu", "pool"] + 2 * ["affine"]`. If you type the shapes of every layer by hand,
# you will make mistakes. There is no need to type them, because they follow from the pattern, the
# size of the image and the number of filters or outputs of each layer (its *width*). A pattern
# leaves two things out. Between two affine layers there is a ReLU, because otherwise the two would
# be one affine map. And images are flattened before the first affine layer.

# %% [markdown]
# ### A worked example: from words to shapes
#
# Take (conv-relu-pool)×1-(affine)×2, images of 1×5×6 and the widths 2, 4 and 3. Here a conv is 3×3
# with stride 1 and padding 1, and a pool is 2×2 with stride 2.
#
# | word | shape after it | parameters |
# |---|---|---|
# | (the image) | 1×5×6 | |
# | conv | 2×5×6 | 2·(1·9 + 1) = 20 |
# | relu | 2×5×6 | 0 |
# | pool | 2×2×3 | 0 |
# | affine | 4 | 4·(12 + 1) = 52 |
# | affine | 3 | 3·(4 + 1) = 15 |
#
# The pool rounds 5/2 down to 2, so the first affine layer has 2·2·3 = 12 inputs. The ReLU between
# the two affine layers is not in the table, because it has no word and changes no shape.
#
# Now take (batchnorm-relu-conv)×2-(affine)×1, images of 2×3×3 and the widths 4, 3 and 5. The table
# leaves out relu. Find what is missing.
#
# | word | shape after it | parameters |
# |---|---|---|
# | (the image) | 2×3×3 | |
# | batchnorm | 2×3×3 | 2·2 = 4 |
# | conv | 4×3×3 | 4·(2·9 + 1) = 76 |
# | batchnorm | 4×3×3 | **?** |
# | conv | **?** | 3·(4·9 + 1) = 111 |
# | affine | 5 | **?** |
#
# **The missing numbers.** The second batchnorm has a γ and a β for each of 4 channels, 8
# parameters. The second conv gives 3×3×3, which is 27 inputs for the affine layer, so that has
# 5·(27 + 1) = 140 parameters.

# %% [markdown]
# ### Exercise: build a net
#
# *20 minutes · difficulty 3 of 3 · builds on conv_output_size and 05*
#
# How many inputs does the first affine layer have? You can find out in three ways: keep track of
# the shape as you add layers, send one image through what you have built so far, or use torch's
# lazy layers, such as `nn.LazyLinear`, which set their number of inputs when the first image goes
# through. If you send an image through, remember that it changes batch norm's running statistics.


# %% nbgrader={"grade_id": "build_cnn", "solution": true}
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    """A net from a pattern of words, and its loss.

    Parameters
    ----------
    pattern : list of words; not modified
        "conv" : 3×3 with bias, stride 1, padding 1
        "batchnorm" : batch norm for images, with one γ and one β for each channel that comes in
        "relu"
        "pool" : maximum over 2×2, stride 2; an odd row or column at the end is left out
        "affine" : with bias. Images are flattened before the first one, and a ReLU comes before
            every later one. After the first "affine" there are only more "affine" words.
    input_shape : (C, H, W) of one image
    widths : list of ints: the number of filters or outputs of each conv and affine, in order. The
        last is the number of classes; not modified
    loss : "softmax" (cross-entropy) or "svm" (multiclass hinge with margin 1, as in notebook 05:
        summed over the wrong classes); both are means over the batch

    Returns
    -------
    model : nn.Module, N×C×H×W → scores N×classes. It is in training mode, all its parameters exist
        (no lazy layer waits for its first image), and its running statistics are untouched.
    loss_function : loss_function(scores, y) → scalar tensor, y holds class indices
    """
    ### BEGIN SOLUTION
    channels, height, width = input_shape
    widths = iter(widths)
    layers, features = [], None
    for word in pattern:
        if word == "conv":
            filters = next(widths)
            layers.append(nn.Conv2d(channels, filters, 3, padding=1))
            channels = filters
        elif word == "batchnorm":
            layers.append(nn.BatchNorm2d(channels))
        elif word == "relu":
            layers.append(nn.ReLU())
        elif word == "pool":
            layers.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        else:
            layers.append(nn.ReLU() if features else nn.Flatten())
            outputs = next(widths)
            layers.append(nn.Linear(features or channels * height * width, outputs))
            features = outputs

    def svm(scores, y):
        return scores.shape[1] * F.multi_margin_loss(scores, y)

    return nn.Sequential(*layers), svm if loss == "svm" else F.cross_entropy
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_build_cnn", "grade": true}
from autograder import check

check("build_cnn")

# %% [markdown]
# The next cell uses your builder to train the three patterns on the digits, each with both losses.

# %% tags=["experiment"] name="three_templates"
if passes("build_cnn"):
    TEMPLATES = {
        "(conv-relu-pool)×2": (2 * ["conv", "relu", "pool"], [16, 32]),
        "(conv-relu-conv-relu-pool)×2": (2 * ["conv", "relu", "conv", "relu", "pool"],
                                         [16, 16, 32, 32]),
        "(batchnorm-relu-conv)×2": (2 * ["batchnorm", "relu", "conv"], [16, 32]),
    }
    digits = datasets.digits()
    reached = {}
    for name, (pattern, filters) in TEMPLATES.items():
        for loss in ("softmax", "svm"):

            def run(seed, pattern=pattern, filters=filters, loss=loss):
                with training.seeded(seed):
                    net, function = build_cnn(pattern + 2 * ["affine"], (1, 8, 8), [*filters, 64, 10],
                                              loss)
                training.fit(net, digits.train, None, lambda p: torch.optim.Adam(p, lr=2e-3),
                             epochs=1 if QUICK else 4, seed=seed, loss=function,
                             progress=False)
                return training.evaluate(net, digits.test)[1]

            reached[f"{name}, {loss}"] = training.seeds(run, SEEDS)
    plots.show(plots.bars_with_range(reached, "test accuracy",
                                     "The three patterns on digits"))

### BEGIN CLAIMS
third = min(reached[f"(batchnorm-relu-conv)×2, {loss}"].low for loss in ("softmax", "svm"))
others = max(spread.high for name, spread in reached.items() if "batchnorm" not in name)
assert others < third, "the third template is ahead"
assert all(abs(spread.middle - (0.95 if "batchnorm" in name else 0.85)) < 0.03
           for name, spread in reached.items()), "about 0.95, the others about 0.85"
pairs = [[reached[f"{name}, {loss}"] for loss in ("softmax", "svm")] for name in TEMPLATES]
gaps = [max(one.low - other.high, other.low - one.high) for one, other in pairs]
assert max(gaps) < 0.05, "softmax and SVM: no difference that three seeds could show"
### END CLAIMS

# %% [markdown]
# After four epochs the third pattern reaches an accuracy of about 0.95, and the two others about
# 0.85. The third differs in two things. It has batch norm, and it has no pooling, so its affine
# layer sees all 8×8 positions. This run cannot say which of the two helped. Three seeds show no
# difference between softmax and SVM.
#
# ## What to remember
#
# - Sizes are rounded down. If a kernel does not fit, your code should raise an error that says so.
# - A layer whose kernel reaches over $r$ inputs adds $(r-1)$ · jump to the receptive field, and
#   multiplies the jump by its stride.
# - The number of weights depends on kernels and channels; the number of multiplications also
#   depends on the number of positions. So there are two budgets.
# - Three 3×3 see what one 7×7 sees, for 27/49 of the weights and multiplications. A bottleneck
#   costs 3.25 C² instead of 9 C².
# - The pixels that really influence an output fill only the middle of its receptive field.
# - A residual block adds to its input, so it need only learn the change.
#
# ## A question for your teacher to read
#
# A colleague designs a net for 256×256 X-ray images: "Twelve layers of 3×3 with 64 channels, no
# stride, no pooling, then global average pooling and one affine layer. The lesions that matter are
# up to 60 pixels wide." Say in six sentences at most: what an output before the average can see,
# what follows for the lesions, and two changes that solve the problem, each with its cost.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_receptive_field", "grade": true, "solution": true, "points": 3}
# Twelve layers of 3×3 with stride 1 see 1 + 12·2 = 25 pixels, and what really counts is a middle
# part of that, so no output can ever see a whole lesion of 60; the average only adds up votes of
# small patches (1 point). Poolings or strides of 2 between the layers help most: two of them, after
# layers 4 and 8, give 1 + 8 + 1 + 16 + 2 + 32 = 60, and the multiplications fall, since later
# layers have a quarter and a sixteenth of the positions; the price is resolution of place (1
# point). Dilation in the later layers reaches as far at full resolution, with no more weights, but
# with no saving either and with gaps between the taps; larger kernels or 18 more layers would do it
# as well, at more weights and multiplications (1 point for a second change with its cost).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | watch out for |
# |---|---|---|
# | `tf.layers.conv2d(x, 32, 3, strides=2, padding="same")` | `nn.Conv2d(c, 32, 3, stride=2, padding=1)` | with this kernel and stride, on an even size, SAME adds one zero, at the end; torch's `padding=1` adds one at each end, and the one at the end is in no window, so torch's windows begin one place earlier; torch has `padding="same"` only for stride 1 |
# | `padding="valid"` | `padding=0` (the default) | nothing, because the two agree |
# | `model.add(Flatten())`, `model.add(Dense(10))` | `nn.Flatten(), nn.LazyLinear(10)` | lazy layers have no weights until an image has gone through them |
# | Caffe's pooling | `nn.MaxPool2d(2)` | Caffe rounds pooled sizes up; for the same sizes pass `ceil_mode=True` |
# | `tf.losses.hinge_loss(one_hot, scores)` | `F.multi_margin_loss(scores, y)` | the first compares each score with zero, the second compares it with the right class's score and divides by the number of classes |
# | N×H×W×C, kernels H×W×in×out | N×C×H×W, kernels out×in×H×W | a loaded weight has to be transposed |
# | a net typed in from its paper | `torchvision.models.vgg16(weights=...)` | torchvision's `googlenet` has 3×3 where the paper has 5×5 |
#
# ## What has changed since
#
# - Residual blocks (He 2015; with the norm first, He 2016) are in nearly everything that came
#   after.
# - Depthwise separable convolutions (Chollet 2016, Howard 2017) cut the cost furthest. Each kernel
#   sees only one channel, and a 1×1 mixes the channels. Together they have 9C + C² weights, where a
#   3×3 has 9C². With depthwise convolutions large kernels became affordable again: 7×7 in ConvNeXt
#   (Liu 2022), 31×31 in RepLKNet (Ding 2022).
# - Squeeze-and-excitation (Hu 2017) multiplies each channel by a weight that depends on the whole
#   image, which costs little and helps.
# - A block that adds a 3×3, a 1×1 and its input can be turned into a single 3×3 after training
#   (RepVGG, Ding 2021), by the same algebra with which you folded a batch norm into the layer
#   before it in notebook 06.
# - A stride leaves out values without smoothing first, so a shift by one pixel can change the
#   answer (Zhang 2019).
# - An old net gains several points from a new training recipe. ResNet-50 rose from about 76 % to
#   80.4 % on ImageNet without a change to its layers (Wightman 2021), so a comparison of
#   architectures is worth little unless both were trained alike.
#
# The next cell counts the weights of one 7×7, of three 3×3, and of a depthwise 7×7 with a 1×1
# after it.

# %% tags=["experiment"] name="depthwise_cost"
print(f"{'channels':>8}{'7×7':>14}{'three 3×3':>14}{'depthwise 7×7 and 1×1':>24}")
for C in (16, 64, 256):
    depthwise = nn.Sequential(nn.Conv2d(C, C, 7, padding=3, groups=C, bias=False),
                              nn.Conv2d(C, C, 1, bias=False))
    print(f"{C:8}{49 * C**2:14,}{27 * C**2:14,}{sum(p.numel() for p in depthwise.parameters()):24,}")

# %% [markdown]
# # Go further
#
# All of this is extra. It has the same checks and hints, but no points.
#
# ### One kernel as two
#
# *6 minutes · difficulty 1 of 3*
#
# Instead of an $n\times n$ kernel you can use a flat $1\times n$ and then a tall $n\times 1$. With
# $C$ channels throughout, they have $2nC^2$ weights instead of $n^2C^2$. For 7×7 that is $14C^2$
# instead of $49C^2$.


# %% nbgrader={"grade_id": "Factorized", "solution": true}
class Factorized(nn.Module):
    """A 1×n convolution, then an n×1, both without biases and with nothing between them.

    Together they are one linear map. Images keep their size.

    Shapes: N×C×H×W → N×C×H×W. Source: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, Rethinking the
    Inception architecture, section 3.2.
    """

    def __init__(self, C, n, between=None):
        """C : channels in and out; n : odd; between : channels between the two, C when None."""
        ### BEGIN SOLUTION
        super().__init__()
        between = between or C
        self.flat = nn.Conv2d(C, between, (1, n), padding=(0, n // 2), bias=False)
        self.tall = nn.Conv2d(between, C, (n, 1), padding=(n // 2, 0), bias=False)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.tall(self.flat(x))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Factorized", "locked": true}
from autograder import check

check("Factorized")

# %% [markdown]
# ### What a separable kernel loses
#
# *10 minutes · difficulty 2 of 3*
#
# With one channel in, one between and one out, the two kernels together act as a column times a
# row, a matrix of rank 1. Such a kernel is called **separable**. The usual smoothing kernels (box,
# Gaussian) are, but most kernels are not. How close can you get to a given kernel? The singular
# value decomposition (`np.linalg.svd`) writes a matrix as a sum of such products, the largest
# first.


# %% nbgrader={"grade_id": "rank_one", "solution": true}
def rank_one(k):
    """The column and row whose product is nearest to a kernel.

    Parameters
    ----------
    k : array kh×kw, not all zeros

    Returns
    -------
    column, row : arrays of kh and kw numbers (or kh×1 and 1×kw); the sum of squared differences
        between k and their outer product is the least possible. You may multiply one of the two
        by any number but 0 if you divide the other by it.
    lost : that least sum, divided by the sum of squares of k; 0 for a separable kernel

    Source: Eckart, Young 1936.
    """
    ### BEGIN SOLUTION
    u, s, vh = np.linalg.svd(k)
    return u[:, 0] * s[0], vh[0], 1 - s[0] ** 2 / np.sum(s**2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_rank_one", "locked": true}
from autograder import check

check("rank_one")

# %% [markdown]
# How close to separable are the kernels that a net has learned? The next cell looks at those of
# the 7×7 net from above, before and after training.

# %% tags=["experiment"] name="how_separable"
def shares_lost(net):
    """What a column times a row loses of each 7×7 kernel of a net."""
    kernels = [layer.weight.detach().cpu().flatten(0, 1) for layer in net.modules()
               if isinstance(layer, nn.Conv2d) and layer.kernel_size == (7, 7)]
    return np.array([rank_one(k)[2] for k in torch.cat(kernels).double().numpy()])


if passes("rank_one"):
    for seed, net in enumerate(trained["7×7"]):
        with training.seeded(seed):
            fresh = budget_net("7×7", WIDTHS["7×7"])
        lost = {"initial weights": shares_lost(fresh), "after training": shares_lost(net)}
        print(f"seed {seed}:", {name: round(float(np.median(v)), 3) for name, v in lost.items()})
    plots.show(plots.histograms_per_layer(
        lost, "fraction lost by a column times a row",
        f"7×7 kernels: how far from rank 1 (seed {seed})", limits=(0, 1)))

### BEGIN CLAIMS
pairs = []
for seed, net in enumerate(trained["7×7"]):
    with training.seeded(seed):
        fresh = budget_net("7×7", WIDTHS["7×7"])
    pairs.append([float(np.median(shares_lost(n))) for n in (fresh, net)])
assert 0.58 < min(p[0] for p in pairs) and max(p[0] for p in pairs) < 0.62, "60 % of first weights"
assert max(p[1] for p in pairs) < 0.5, "of learned ones less than half"
### END CLAIMS

# %% [markdown]
# For the median kernel, a column times a row loses 60 % of the sum of squares before training, and
# less than half after it. So learning has made the kernels more nearly separable, but they are
# still far from it.
#
# ### With enough channels, nothing is lost
#
# *12 minutes · difficulty 3 of 3*
#
# One channel between the two kernels allows only rank 1. With $n$ channels between them for each
# channel of the input, you can write **any** $n\times n$ convolution as a flat one followed by a
# tall one. How?


# %% nbgrader={"grade_id": "split_exactly", "solution": true}
def split_exactly(w):
    """A flat and a tall convolution that together are exactly the convolution w.

    Parameters
    ----------
    w : float64 numpy array c_out×c_in×kh×kw, axes in the order of torch's conv2d

    Returns
    -------
    flat : float64 numpy array (c_in·kw)×c_in×1×kw
    tall : float64 numpy array c_out×(c_in·kw)×kh×1
        As tensors, conv2d(conv2d(x, flat), tall) equals conv2d(x, w) for every x, without
        padding. The order of the channels between the two is free.
    """
    ### BEGIN SOLUTION
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw).reshape(c_in * kw, c_in, 1, kw)
    tall = w.swapaxes(2, 3).reshape(c_out, c_in * kw, kh, 1)
    return flat, tall
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_split_exactly", "locked": true}
from autograder import check

check("split_exactly")

# %% [markdown]
# The tall convolution alone takes $n\cdot nC^2$ weights, as many as w has, so this saves nothing. A
# factorisation saves weights only because it cannot represent every kernel.
#
# ### Inception
#
# *12 minutes · difficulty 2 of 3*
#
# Which kernel size is the right one? GoogLeNet (2014) uses several side by side and joins their
# outputs. In front of the large kernels, 1×1 convolutions reduce the number of channels, so that
# the cost stays low.


# %% nbgrader={"grade_id": "Inception", "solution": true}
class Inception(nn.Module):
    """Four branches side by side, joined along the channels in this order:

    1. 1×1 to c1
    2. 1×1 to c3_reduce, 3×3 to c3
    3. 1×1 to c5_reduce, 5×5 to c5
    4. maximum over 3×3 (stride 1), 1×1 to c_pool

    All convolutions have biases and are followed by a ReLU. Every branch keeps the size of the
    image, so the pooling is padded as well.

    Shapes: N×c_in×H×W → N×(c1+c3+c5+c_pool)×H×W. Source: Szegedy and others 2014, Going deeper with
    convolutions, figure 2b.
    """

    def __init__(self, c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool):
        ### BEGIN SOLUTION
        super().__init__()

        def conv(inputs, outputs, kernel=1):
            layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
            return nn.Sequential(layer, nn.ReLU())

        self.branches = nn.ModuleList(
            [
                conv(c_in, c1),
                nn.Sequential(conv(c_in, c3_reduce), conv(c3_reduce, c3, 3)),
                nn.Sequential(conv(c_in, c5_reduce), conv(c5_reduce, c5, 5)),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(c_in, c_pool)),
            ]
        )
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return torch.cat([branch(x) for branch in self.branches], 1)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Inception", "locked": true}
from autograder import check

check("Inception")

# %% [markdown]
# ### VGG
#
# *12 minutes · difficulty 2 of 3*
#
# VGG is described by a table in which numbers stand for convolutions and `"M"` for a max-pooling
# layer. One function can build all its sizes. (The check builds the large ones on torch's `meta`
# device, where tensors have a shape but take no memory.)


# %% nbgrader={"grade_id": "vgg", "solution": true}
def vgg(config, input_size=224, hidden=4096, classes=1000):
    """VGG from its table.

    Parameters
    ----------
    config : list; a number is a 3×3 convolution with that many filters (padding 1, bias) and a ReLU,
        "M" is a max pooling over 2×2 with stride 2; not modified
    input_size : side of the square colour image
    hidden : width of the two hidden affine layers, each followed by a ReLU and dropout of one half
    classes : number of scores

    Returns
    -------
    nn.Module, N×3×input_size×input_size → scores N×classes, in training mode

    Source: Simonyan, Zisserman 2014, Very deep convolutional networks, table 1.
    """
    ### BEGIN SOLUTION
    layers, channels, side = [], 3, input_size
    for entry in config:
        if entry == "M":
            layers.append(nn.MaxPool2d(2))
            side //= 2
        else:
            layers += [nn.Conv2d(channels, entry, 3, padding=1), nn.ReLU()]
            channels = entry
    layers.append(nn.Flatten())
    inputs = channels * side * side
    for _ in range(2):
        layers += [nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout()]
        inputs = hidden
    return nn.Sequential(*layers, nn.Linear(inputs, classes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_vgg", "locked": true}
from autograder import check

check("vgg")

# %% tags=["experiment"] name="vgg_table"
if passes("vgg"):
    with torch.device("meta"):
        net = vgg([64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M",
                   512, 512, 512, "M"])
    whole = sum(p.numel() for p in net.parameters())
    first = next(m for m in net.modules() if isinstance(m, nn.Linear))
    print(f"VGG-16: {whole:,} parameters, of which the first affine layer alone has "
          f"{sum(p.numel() for p in first.parameters()):,}, {first.weight.numel() / whole:.0%}.")

# %% [markdown]
# ## Further reading
#
# - Dumoulin, Visin 2016, *A guide to convolution arithmetic for deep learning*: every formula with
#   its picture.
# - Araujo, Norris, Sim 2019, *Computing receptive fields of convolutional neural networks*,
#   Distill.
# - Luo, Li, Urtasun, Zemel 2016, *Understanding the effective receptive field in deep convolutional
#   neural networks*: figure 1 is the experiment above.
# - Simonyan, Zisserman 2014 (VGG); Szegedy and others 2014 and 2015 (Inception); He, Zhang, Ren,
#   Sun 2015 (ResNet): four papers, one idea each, all readable.
# - Wightman, Touvron, Jégou 2021, *ResNet strikes back*: what a recipe is worth.
# - Liu and others 2022, *A ConvNet for the 2020s*: one change after the other, each measured.
