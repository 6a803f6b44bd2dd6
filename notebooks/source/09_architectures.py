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
# - **compute** what size a stack leaves, how far an output sees, and what each layer costs,
# - **build** the blocks that good nets are made of, and whole nets from a pattern,
# - **choose** between a large kernel, several small ones and a bottleneck, from measurements.
#
# Estimated 120 minutes, in two sittings of 60 and 60. Builds on 02 (ReLU), 04 (fan-in), 05 (losses), 06 (batch norm).

# %% name="imports"
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.architectures import receptive_field_explorer
from course_utils.predictions import compare, drawn, predict

# %% [markdown]
# Stuck on an exercise? `hint("conv_output_size")` in a cell of your own gives a nudge; ask again and
# you get a bigger one.

# %% [markdown]
# ## Before you start
#
# Three questions about earlier notebooks; each is needed below.

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
# AlexNet won ImageNet's contest in 2012 with five convolutions and three affine layers, 61 million
# weights together. It is called a *convolutional* net.
#
# **Predict.** Which share of its weights is in the five convolutions? And which share of its
# multiplications? Write two numbers between 0 and 1.

# %% name="predict_alexnet"
predict("share of AlexNet's weights in convolutions", ..., between=(0, 1))
predict("share of AlexNet's multiplications in convolutions", ..., between=(0, 1))

# %% [markdown]
# The answer comes as soon as you can compute it, two exercises from here. Whoever designs a net
# needs three numbers for every layer: the **size** it leaves, how far it **sees**, what it
# **costs**. All three are arithmetic.
#
# ## What size a convolution leaves
#
# A kernel of length $k$ with dilation $d$ has its taps $d$ apart, so it reaches over
# $d(k-1)+1$ inputs. It is laid at the left end of the padded input and moved on by the stride $s$
# for as long as it fits:
#
# $$\text{out} = \left\lfloor \frac{n + 2p - d(k-1) - 1}{s} \right\rfloor + 1$$
#
# Old programs have `out_h = (H - HH) / stride + 1`. That is Python 2, where `/` between whole numbers
# rounded down. Some also `assert` that the division leaves no rest. It often does: a 7×7 of stride 2
# on 32×32 without padding gives (32 − 7)/2 = 12.5, and so 13 places, which with 32 filters are
# 13·13·32 = 5408 inputs of the affine layer behind it. The frameworks round down, and leave the last
# column out.
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
    pad : int, on each side; or "valid", which is 0; or "same", which is what TensorFlow calls SAME:
        so much padding (on one side perhaps more than on the other) that the output has one value
        for every `stride` inputs, a last incomplete step counted

    Returns
    -------
    int

    Raises
    ------
    ValueError : where the kernel reaches further than the padded input, so that it fits nowhere.
        The message says so with both numbers: how far it reaches, how long the padded input is.

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
# The **receptive field** of an output is the stretch of the input that can influence it. Two 3×3
# layers in a row: the output sees 3 of the middle layer, and the outermost of these see one pixel
# further on each side. So two see 5×5, three see 7×7, and each layer adds 2.
#
# A stride changes the step. Behind a pooling of stride 2, neighbours are 2 pixels of the image
# apart, so a 3×3 layer there adds 4. That distance is called the **jump**.
#
# Move the controls. Which of them lets the field grow fastest?

# %% tags=["experiment"] name="explorer"
receptive_field_explorer(globals().get("receptive_field"))

# %% [markdown]
# ### Exercise: the receptive field
#
# *12 minutes · difficulty 2 · builds on the explorer*


# %% nbgrader={"grade_id": "receptive_field", "solution": true}
def receptive_field(layers):
    """How far one output of a stack of layers sees, and how far apart neighbours look.

    Parameters
    ----------
    layers : list of (kernel, stride) or (kernel, stride, dilation), from the input to the output;
        whole numbers along one axis. Convolutions and poolings count alike. May be empty.

    Returns
    -------
    size : int, length of the field in inputs, from the first that is seen to the last (where a
        dilation leaves gaps they are counted; padding does not matter). 1 without layers.
    jump : int, how many inputs the fields of two neighbouring outputs are apart. 1 without layers.

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
# ## What a convolution costs
#
# **Parameters** are what is learned and stored. **MACs** (multiply-accumulates) are what one image
# takes: every value of the output is one filter laid over the input once. FLOPs are twice as many,
# where somebody counts the addition too; papers mix the two.
#
# ### Exercise: parameters and multiplications
#
# *10 minutes · difficulty 1 · builds on conv_output_size*


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
    macs : int, multiplications of a weight with an input, those with padded zeros counted. Adding a
        bias is none.
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
# Now AlexNet, layer by layer. An affine layer is a convolution whose kernel is as large as its
# input, so the same function prices it.

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
# The convolutions hold 4 % of the weights and do 92 % of the work: weights are stored once and used
# at every position. So there are two budgets, and what saves one need not save the other. The nets
# after AlexNet made the affine layers small or left them out, and then cut the convolutions.
#
# ## Three ways to see 7×7
#
# With $C$ channels in and out, sizes kept and no biases, a layer of 7×7 has $49C^2$ weights and
# takes $49HWC^2$ multiplications. Three layers of 3×3 see as much, with $27C^2$ weights,
# $27HWC^2$ multiplications and three ReLUs in place of one (VGG, Simonyan 2014). Can it be less?
#
# A **bottleneck** leads through fewer channels: 1×1 from $C$ to $C/2$, 3×3 there, 1×1 back:
#
# $$\tfrac12C^2 + \tfrac94C^2 + \tfrac12C^2 = 3.25\,C^2 \quad\text{against}\quad 9\,C^2$$
#
# ### Exercise: a bottleneck
#
# *8 minutes · difficulty 1*
#
# The checks give your layers weights by their sizes and compare what comes out. Write the layers as
# `nn.Conv2d`, so that they can be found.


# %% nbgrader={"grade_id": "Bottleneck", "solution": true}
class Bottleneck(nn.Module):
    """1×1 from C channels to C // 2, 3×3 among these, 1×1 back to C; no biases.

    A ReLU stands behind the first and the second convolution, none behind the third. The size of
    the image is kept. (The check looks at the layers that a forward pass calls: call them as
    modules, not their weights by F.conv2d. So in all blocks and nets of this notebook.)

    Shapes: N×C×H×W → N×C×H×W. Source: the lecture's bottleneck (ResNet's own, He 2015, narrows to a
    quarter).
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
# The table that the lecture has, computed by your functions, in units of $C^2$ and of $HWC^2$:

# %% tags=["experiment"] name="cost_table"
STACKS = {  # (kernel height and width, channels in and out as shares of C)
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
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## The same budget, spent three ways
#
# Weights are one side. What do they buy? Three nets, each with two stages that see 7×7 in their own
# maps: by one 7×7, by three 3×3, by three bottlenecks. The widths are chosen so that all three have
# about the same number of weights: 12, 16 and 26 channels. Each convolution is followed by batch
# norm and a ReLU. They are trained on the course's coloured shapes, same pictures, same updates.
#
# **Predict.** Which of the three has the highest test accuracy (7×7, 3×3 or bottleneck)? Which one
# is the fastest to train?

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
plots.show(plots.bars_with_range(step, "milliseconds for 32 images, there and back",
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
# After four epochs the net of 3×3 layers gets clearly more of the test pictures right than the one of
# 7×7, with the bottlenecks between them or close to one of them (the ranges over seeds overlap). So the
# same weights in more, smaller layers learned more in the same number of updates. None of that shows in the numbers of weights or
# of multiplications, which differ by less than a tenth.
#
# Nor need the time agree with the counts: look at your bars, and at the last line. On CPUs with wide
# vectors a step of the bottlenecks takes about twice as long as one of the 7×7. They are eighteen
# layers with their norms and ReLUs in place of two; each has to be started, and writes its whole
# output to memory. Where multiplying is slow, as on an old processor, the multiplications decide, and
# the order can turn round.
# Counted work is one thing, measured time another (notebook 11 goes after that).
#
# ## What an output really looks at
#
# The receptive field says what an output **can** see. How much does each pixel matter to it? The
# gradient of the output with respect to the input tells. A pixel in the middle is reached by many
# paths through the layers, one in the corner by a single one, so its share is small.
#
# **Predict.** Twenty layers of 3×3 see 41×41 pixels. How long is the side of the middle square that
# holds 95 % of the gradient's size? (Luo 2016 calls what matters the *effective* receptive field.)

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
            if out > 0:  # where every unit is silent there is no gradient
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
# The frames are what can be seen; the shades show the root of the gradient's size, dark is much.
# The middle square with 95 % has a side of about 16 where ten layers see 21, and of about 23 where
# twenty see 41; up to five layers there is hardly a difference. What can be seen grows with
# the number of layers, what is really looked at about with its root (Luo 2016, who also found that
# training widens it). So plan for more than the size of what must be recognised, or use strides,
# which spread the middle as well.
#
# ## Add, do not replace
#
# Deeper is better, until it is not: plain nets of 3×3 layers get worse on the **training** set when
# they become very deep (He 2015 saw 56 layers lose to 20 on CIFAR-10), so it is not overfitting.
# What they lack is an easy way to leave things as they are. A residual block computes
#
# $$\text{out} = \text{ReLU}\big(F(x) + x\big)$$
#
# so with $F = 0$ it passes on what it got, and the gradient has a path around every $F$.
#
# ### Exercise: a residual block
#
# *12 minutes · difficulty 2 · builds on 06*


# %% nbgrader={"grade_id": "ResidualBlock", "solution": true}
class ResidualBlock(nn.Module):
    """3×3, batch norm, ReLU, 3×3, batch norm, plus the input, ReLU.

    The first convolution has the stride; both are padded by 1 and have no biases. Where the shape
    changes (another number of channels, or a stride above 1) the input comes by a 1×1 convolution
    with that stride, without bias, and batch norm; where it does not, the input comes unchanged,
    and there are no further parameters. Each batch norm is a layer of its own.

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
# The lecture writes nets as patterns, with softmax or SVM loss at the end:
#
# - (conv-relu-pool)×N-(affine)×M
# - (conv-relu-conv-relu-pool)×N-(affine)×M
# - (batchnorm-relu-conv)×N-(affine)×M
#
# In Python a pattern is a list of words: `2 * ["conv", "relu", "pool"] + 2 * ["affine"]`. Typing
# the shapes of every layer by hand is how mistakes come in; they follow from the pattern, the size
# of the image and the widths. Two things such a pattern leaves unsaid: between two affine layers stands
# a ReLU, or they would be one; and images are flattened before the first of them.
#
# ### Exercise: build a net
#
# *20 minutes · difficulty 3 · builds on conv_output_size and 05*
#
# Three ways lead there: carry the shape along; send one image through what is built so far and
# look; or torch's lazy layers. Mind what an image that is sent through leaves behind in batch norm.


# %% nbgrader={"grade_id": "build_cnn", "solution": true}
def build_cnn(pattern, input_shape, widths, loss="softmax"):
    """A net from a pattern of words, and its loss.

    Parameters
    ----------
    pattern : list of words
        "conv" : 3×3 with bias, stride 1, padding 1
        "batchnorm" : over the channels that arrive
        "relu"
        "pool" : maximum over 2×2, stride 2; an odd row or column at the end is left out
        "affine" : with bias. Images are flattened before the first one; before every later one
            stands a ReLU. Only affine words follow the first.
    input_shape : (C, H, W) of one image
    widths : list of ints, for each conv and affine in order: its filters or outputs. The last is
        the number of classes.
    loss : "softmax" (cross-entropy) or "svm" (multiclass hinge with margin 1, as in notebook 05:
        summed over the wrong classes); both are means over the batch

    Returns
    -------
    model : nn.Module, N×C×H×W → scores N×classes; in training mode, all parameters made, running
        statistics untouched
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
# Your builder at work: the three templates on the digits, each with both losses.

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
                                     "The lecture's templates on digits"))

### BEGIN CLAIMS
third = min(reached[f"(batchnorm-relu-conv)×2, {loss}"].low for loss in ("softmax", "svm"))
others = max(spread.high for name, spread in reached.items() if "batchnorm" not in name)
assert others < third, "the third template is ahead"
pairs = [[reached[f"{name}, {loss}"] for loss in ("softmax", "svm")] for name in TEMPLATES]
gaps = [max(one.low - other.high, other.low - one.high) for one, other in pairs]
assert max(gaps) < 0.05, "softmax and SVM: no difference that three seeds could show"
### END CLAIMS

# %% [markdown]
# After four epochs the third template is ahead of the two others. It has batch norm and has pooled
# nothing, so its affine layer sees all 8×8 positions. Between softmax and SVM there is no difference
# that three seeds could show.
#
# ## What to remember
#
# - Sizes round down; a kernel that does not fit is an error that should say so at once.
# - Each layer adds (reach − 1) · jump to what is seen, and multiplies the jump by its stride.
# - Weights go by kernels and channels, multiplications also by positions: two budgets.
# - Three 3×3 see what one 7×7 sees, for 27/49 of both; a bottleneck costs 3.25 C² in place of 9 C².
# - What an output can see and what it looks at are two things.
# - A residual block adds to its input; the short way stays free of everything that is not needed.
#
# ## A question for your teacher
#
# A colleague designs a net for 256×256 X-ray images: "Twelve layers of 3×3 with 64 channels, no
# stride, no pooling, then global average pooling and one affine layer. The lesions that matter are
# up to 60 pixels wide." Say in six sentences at most: what an output before the average can see,
# what follows for the lesions, and two changes that mend it, each with what it costs.

# %% [markdown] nbgrader={"grade_id": "explain_receptive_field", "grade": true, "solution": true, "points": 3}
# Twelve layers of 3×3 with stride 1 see 1 + 12·2 = 25 pixels, and what really counts is a middle
# part of that, so no output can ever see a whole lesion of 60; the average only adds up votes of
# small patches (1 point). Poolings or strides of 2 between the layers help most: two of them, after
# layers 4 and 8, give 1 + 8 + 1 + 16 + 2 + 32 = 60, and the multiplications fall, since later
# layers have a quarter and a sixteenth of the positions; the price is resolution of place (1 point).
# Dilation in the later layers reaches as far at full resolution, with no more weights, but with no
# saving either and with gaps between the taps; larger kernels or 18 more layers would do it as well,
# at more weights and multiplications (1 point for a second change with its cost).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | mind |
# |---|---|---|
# | `tf.layers.conv2d(x, 32, 3, strides=2, padding="same")` | `nn.Conv2d(c, 32, 3, stride=2, padding=1)` | SAME pads by what is needed, perhaps more at one end: with stride 2 on an even size torch's padding=1 puts the zero at the other end; `padding="same"` exists for stride 1 |
# | `padding="valid"` | `padding=0` (the default) | the same |
# | `model.add(Flatten())`, `model.add(Dense(10))` | `nn.Flatten(), nn.LazyLinear(10)` | lazy layers have no weights until an image came through |
# | Caffe's pooling | `nn.MaxPool2d(2)` | Caffe rounds pooled sizes up: `ceil_mode=True` |
# | `tf.losses.hinge_loss(one_hot, scores)` | `F.multi_margin_loss(scores, y)` | the first puts each class against zero, the second compares with the right class and divides by the number of classes |
# | N×H×W×C, kernels H×W×in×out | N×C×H×W, kernels out×in×H×W | a loaded weight has to be transposed |
# | a net drawn from memory | `torchvision.models.vgg16(weights=...)` | its `googlenet` has 3×3 where the paper has 5×5 |
#
# ## What has changed since
#
# Residual blocks (He 2015; with the norm first, He 2016) are in nearly everything that came after.
# The cut that went furthest lets each kernel see one channel and leaves the mixing to a 1×1:
# depthwise separable convolutions (Chollet 2016, Howard 2017), for 9C + C² weights where a 3×3 has
# 9C². With those, large kernels came back: 7×7 in ConvNeXt (Liu 2022), 31×31 in RepLKNet
# (Ding 2022). Weighing the channels by what the whole image shows costs little and helps
# (squeeze-and-excitation, Hu 2017). Branches that are trained side by side can be added into one
# 3×3 for use (RepVGG, Ding 2021), by the algebra that folds batch norm. Striding samples without
# smoothing first, so a shift by one pixel can change the answer (Zhang 2019). And an old net with a
# new recipe of training gains several points: ResNet-50 reached 80.4 % on ImageNet without a change
# to its layers (Wightman 2021), so a comparison of architectures is worth little unless both were
# trained alike.

# %% tags=["experiment"] name="depthwise_cost"
print(f"{'channels':>8}{'7×7':>14}{'three 3×3':>14}{'depthwise 7×7 and 1×1':>24}")
for C in (16, 64, 256):
    depthwise = nn.Sequential(nn.Conv2d(C, C, 7, padding=3, groups=C, bias=False),
                              nn.Conv2d(C, C, 1, bias=False))
    print(f"{C:8}{49 * C**2:14,}{27 * C**2:14,}{sum(p.numel() for p in depthwise.parameters()):24,}")

# %% [markdown]
# # Go further
#
# All of this is extra: the same checks and hints, no points.
#
# ### One kernel as two
#
# *6 minutes · difficulty 1*
#
# In place of $n\times n$: a flat $1\times n$, then a tall $n\times 1$. With $C$ channels throughout
# that is $2nC^2$ weights against $n^2C^2$: for 7×7, 14 against 49.


# %% nbgrader={"grade_id": "Factorized", "solution": true}
class Factorized(nn.Module):
    """1×n, then n×1, with nothing between them and no biases: one linear map. The size is kept.

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
# ### What is lost by it
#
# *10 minutes · difficulty 2*
#
# With one channel in, one between and one out, the two together are a column times a row, a matrix
# of rank 1. Smoothing kernels are of that kind, most kernels are not. How near can one come?


# %% nbgrader={"grade_id": "rank_one", "solution": true}
def rank_one(k):
    """The column and row whose product is nearest to a kernel.

    Parameters
    ----------
    k : array kh×kw, not all zeros

    Returns
    -------
    column, row : arrays of kh and kw numbers (or kh×1 and 1×kw); the sum of squared differences between k and their
        outer product is the least possible. How size and sign are shared out is free.
    lost : that least sum, as a share of the sum of squares of k: 0 for a separable kernel

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
# How separable are kernels that a net has learned? Those of the 7×7 net from above, before and
# after its training:

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
        lost = {"first weights": shares_lost(fresh), "after training": shares_lost(net)}
        print(f"seed {seed}:", {name: round(float(np.median(v)), 3) for name, v in lost.items()})
    plots.show(plots.histograms_per_layer(
        lost, "share lost by a column times a row",
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
# Of first weights, a column times a row loses 60 % of the squares in the median kernel, of learned ones
# less than half. Learning has made them smoother than noise,
# and they are far from separable all the same.
#
# ### Nothing lost, with channels enough
#
# *12 minutes · difficulty 3*
#
# One channel between allows rank 1 only. With $n$ channels between for each channel of the input,
# **any** $n\times n$ convolution is a flat one and a tall one. How?


# %% nbgrader={"grade_id": "split_exactly", "solution": true}
def split_exactly(w):
    """A flat and a tall convolution that together are exactly the convolution w.

    Parameters
    ----------
    w : array c_out×c_in×kh×kw, as torch's conv2d takes it

    Returns
    -------
    flat : array (c_in·kw)×c_in×1×kw
    tall : array c_out×(c_in·kw)×kh×1
        conv2d(conv2d(x, flat), tall) equals conv2d(x, w) for every x; nothing is padded. The order
        of the channels between the two is free.
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
# That takes $n\cdot nC^2$ weights in the tall one alone, as many as w has, so it saves nothing. A
# factorization saves by being unable to do everything.
#
# ### Inception
#
# *12 minutes · difficulty 2*
#
# Which kernel size is the right one? GoogLeNet (2014) takes all of them and joins what comes out.
# 1×1 reductions in front of the large kernels keep it affordable.


# %% nbgrader={"grade_id": "Inception", "solution": true}
class Inception(nn.Module):
    """Four branches side by side, joined along the channels in this order:

    1. 1×1 to c1
    2. 1×1 to c3_reduce, 3×3 to c3
    3. 1×1 to c5_reduce, 5×5 to c5
    4. maximum over 3×3 (stride 1), 1×1 to c_pool

    All convolutions have biases and a ReLU behind them. Every branch keeps the size of the image;
    the pooling is padded as well.

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
# *12 minutes · difficulty 2*
#
# VGG is a table: numbers are convolutions, `"M"` is a pooling. The same builder makes all its sizes.
# (The check looks at the large ones on torch's `meta` device, where tensors have a shape and no
# memory.)


# %% nbgrader={"grade_id": "vgg", "solution": true}
def vgg(config, input_size=224, hidden=4096, classes=1000):
    """VGG from its table.

    Parameters
    ----------
    config : list; a number is a 3×3 convolution with so many filters (padding 1, bias) and a ReLU,
        "M" a maximum over 2×2 with stride 2
    input_size : side of the square colour image
    hidden : width of the two hidden affine layers, each followed by a ReLU and dropout of one half
    classes : scores

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
# - Araujo, Norris, Sim 2019, *Computing receptive fields of convolutional neural networks*, Distill.
# - Luo, Li, Urtasun, Zemel 2016, *Understanding the effective receptive field in deep convolutional
#   neural networks*: figure 1 is the experiment above.
# - Simonyan, Zisserman 2014 (VGG); Szegedy and others 2014 and 2015 (Inception); He, Zhang, Ren, Sun
#   2015 (ResNet): three papers, one idea each, all readable.
# - Wightman, Touvron, Jégou 2021, *ResNet strikes back*: what a recipe is worth.
# - Liu and others 2022, *A ConvNet for the 2020s*: one change after the other, each measured.
