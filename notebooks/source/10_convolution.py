# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 10 · Convolution by hand, and a net of your own
#
# After this you can
#
# - **write** convolution and max pooling, forward and backward, for any stride, padding and
#   kernel,
# - **derive** their gradients from one rule: each output value sends its gradient back to
#   everything that it was computed from,
# - **build** a convolutional net entirely from your own layers, loss and optimizer, and **watch**
#   its filters learn.
#
# This takes an estimated 125 minutes, in two sittings of 55 and 70. It builds on 01 (backward
# passes), 05 (softmax loss), 06 (batch norm for images), 07 (Adam), 08 (a net as a class with
# params and loss), 09 (output sizes).

# %% name="imports"
import time
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import autograder
from autograder import another, ask, check, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.convolution import explore_convolution
from course_utils.predictions import compare, predict

try:
    import my_layers as layers  # your own layers, where you have kept some
except ImportError:
    from course_utils import layers

# %% name="device"
torch.set_num_threads(1)  # nets this small lose more by sharing work than they gain
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# You will need the answers to these three questions about earlier notebooks. Answer with a letter
# in quotes.

# %% name="show_q10_size"
ask("q10_size")

# %% name="q10_size"
q10_size = ...

# %% nbgrader={"grade_id": "check_q10_size", "locked": true}
from autograder import check

check("q10_size")

# %% name="show_q10_shared"
ask("q10_shared")

# %% name="q10_shared"
q10_shared = ...

# %% nbgrader={"grade_id": "check_q10_shared", "locked": true}
from autograder import check

check("q10_shared")

# %% name="show_q10_norm"
ask("q10_norm")

# %% name="q10_norm"
q10_norm = ...

# %% nbgrader={"grade_id": "check_q10_norm", "locked": true}
from autograder import check

check("q10_norm")

# %% [markdown] name="why"
# ## Why: one pixel to the side
#
# In the next cell a fully connected net learns the digits. Then each test digit is moved by one
# pixel, once to the left and once to the right. To you it is still the same digit. To the net each
# pixel is a separate input, and what it has learned about one pixel tells it nothing about the
# next. Compare the two accuracies that are printed.

# %% tags=["experiment"] name="shifted_digits"
digits = datasets.digits()  # pictures 1×8×8, floats from 0 to 1
SEEDS = 1 if training.quick() else 3
EPOCHS = 2 if training.quick() else 12


def shifted(x):
    """The pictures moved by one column to the left, then the same to the right; zeros move in."""
    left, right = np.zeros_like(x), np.zeros_like(x)
    left[..., :-1], right[..., 1:] = x[..., 1:], x[..., :-1]
    return np.concatenate([left, right])


def fully_connected(seed):
    """Accuracy on the test digits as they are and moved by a pixel."""
    with training.seeded(seed):
        model = nn.Sequential(nn.Flatten(), nn.Linear(64, 60), nn.ReLU(), nn.Linear(60, 10))
    training.fit(
        model, digits.train, digits.validation,
        lambda parameters: torch.optim.Adam(parameters, lr=3e-3),
        epochs=EPOCHS, batch_size=64, seed=seed, progress=False,
    )
    x, y = digits.test
    pairs = (x, y), (shifted(x), np.tile(y, 2))
    return [training.evaluate(model, pair)[1] for pair in pairs]


by_pixels = training.seeds(fully_connected, SEEDS)
print("fully connected, test digits as they are:", training.Spread(by_pixels.values[:, 0]))
print("fully connected, moved by one pixel:     ", training.Spread(by_pixels.values[:, 1]))

### BEGIN CLAIMS
still, moved = by_pixels.values.T
assert 0.91 < still.min() and still.max() < 0.95, "about 0.93 as they are"
assert 0.37 < moved.min() and moved.max() < 0.51, "moved: 0.4 to 0.5"
### END CLAIMS

# %% [markdown] name="idea"
# ## The idea
#
# One small detector, a **filter**, looks at every place of the picture with the same weights, so
# what it learns in one place it knows everywhere. A filter's weights are also called its **kernel**
# (strictly, a filter has one kernel for each channel of its input). Slide one over a picture
# yourself. The window on the left is multiplied by the kernel, number by number, and the sum is one
# pixel on the right.

# %% tags=["experiment"] name="explorer"
explore_convolution()

# %% [markdown] name="explorer_tasks"
# Four things to try:
#
# 1. Choose the kernel "edge, upright". Where is the output positive (purple), where is it negative
#    (orange), and where is it near 0?
# 2. Set the stride, which is how far the window moves, to 2 and then to 3, without padding. Which
#    pixels are in no window? Are there fewer of them when you add padding?
# 3. Choose "the typed one" and type a kernel of your own, with semicolons between the rows. What
#    does dilation 2 do to the size of the window, and to the number of pixels that it reads?
# 4. Choose the kernel "corner" and switch on "kernel turned by 180°". For which kernels would this
#    change nothing?

# %% [markdown] name="formula"
# Take pictures $x$ (N×C×H×W), filters $w$ (F×C×KH×KW) and one bias $b_f$ per filter. Let
# $x^{\text{pad}}$ be the picture with `pad` rows and columns of zeros added on **every** side, and
# $s$ the stride. Then
#
# $$\text{out}_{n,f,i,j} = b_f + \sum_{c,u,v} w_{f,c,u,v}\; x^{\text{pad}}_{n,\,c,\,i\cdot s+u,\,
# j\cdot s+v},\qquad
# H' = \Big\lfloor \frac{H + 2\,\text{pad} - KH}{s} \Big\rfloor + 1 .$$
#
# - $n$ numbers the pictures, $f$ the filters and $c$ the channels; $i, j$ are row and column of the
#   output, $u, v$ those of the kernel.
# - $H'$ is the number of output rows. The number of columns, $W'$, follows in the same way from
#   $W$ and $KW$.
# - The sum runs over **all channels**: a filter is as deep as its input.
# - The kernel is not turned, so this is really a **cross-correlation**. The convolution of
#   mathematics turns it by 180° (you can write it in an exercise at the end).
# - The size is rounded **down**, so write `//`. (In Python 3 `/` gives a float, with which
#   `np.zeros` raises an error.)
#
# ### Exercise: forward
#
# *14 minutes · difficulty 2 of 3 · builds on the formula*
#
# You may use plain loops here; in notebook 11 you will get rid of them. If you loop over output
# rows and columns only, and leave examples, channels and filters to numpy, the net at the end of
# this notebook trains in seconds. If you loop over examples and filters too, it takes minutes.
#
# If you are stuck, `hint("conv_forward_naive")` in a cell of your own gives a small hint, and a
# larger one when you ask again. It works for every exercise.

# %% nbgrader={"grade_id": "conv_forward_naive", "solution": true}
def conv_forward_naive(x, w, b, conv_param):
    """A convolutional layer (cross-correlation), forward.

    Parameters
    ----------
    x : (N, C, H, W) array of floats; not modified
    w : (F, C, KH, KW) filters, KH and KW may differ
    b : (F,)
    conv_param : dict; not modified
        "stride" : distance between neighbouring windows, in both directions
        "pad" : number of rows and columns of zeros that are added on each side

    Returns
    -------
    out : (N, F, H', W') in the dtype of x; sizes are rounded down: rows and columns at the end
        that no whole window reaches are left out
    cache : whatever your backward pass will need

    Source: the interface of Stanford's CS231n assignments.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    filters, _, kh, kw = w.shape
    big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    rows = (big.shape[2] - kh) // stride + 1
    columns = (big.shape[3] - kw) // stride + 1
    out = np.empty((len(x), filters, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = big[:, :, top : top + kh, left : left + kw]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, conv_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_forward_naive", "grade": true}
from autograder import check

check("conv_forward_naive")

# %% [markdown] name="way_back"
# ## Backwards: each output value sends its gradient to its window
#
# One output value is the sum of the products of a window and the filter, plus the bias. In the
# backward pass the entry of `dout` for this value goes to three places. The **bias** receives it as
# it is, the **filter** receives it times the window, and the **window** receives it times the
# filter. All output values of one channel share one bias and one filter, and all windows that
# contain a pixel share that pixel. The gradient of anything shared is the **sum** of everything
# that it receives.
#
# ### A worked example in one dimension
#
# Take x = (1, 2, 0, 3), the filter w = (2, −1, 1), bias 1, stride 2 and padding 1. The padded x is
# (0, 1, 2, 0, 3, 0). Windows begin at places 0 and 2; a third one would stick out at the end.
#
# | | window of padded x | w·window + 1 | dout (given) |
# |---|---|---|---|
# | output 0 | (0, 1, 2) | 0 − 1 + 2 + 1 = **2** | 1 |
# | output 1 | (2, 0, 3) | 4 − 0 + 3 + 1 = **8** | 2 |
#
# - **db** = 1 + 2 = **3**
# - **dw** = 1·(0, 1, 2) + 2·(2, 0, 3) = **(4, 1, 8)**
# - For **dx**, each output adds its entry of dout, times w, to its window of the padded picture:
#
# | place of padded x | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | from output 0: 1·w | 2 | −1 | 1 | | | |
# | from output 1: 2·w | | | 4 | −2 | 2 | |
# | sum | 2 | −1 | **5** | −2 | 2 | 0 |
#
# Cutting off the padding leaves dx = **(−1, 5, −2, 2)**. Place 2 was in both windows, so it
# receives two contributions. Place 5 was in none, so its gradient is 0.
#
# Now try one yourself on paper, in two dimensions, without padding and bias. Take the 2×3 picture
# (1, 0, 2 / 3, 1, 0), where the slash begins a new row, the 2×2 filter (1, 2 / 0, −1), stride 1 and
# dout = (1, 2). You should find out = (0, 4), dw = (1, 4 / 5, 1) and dx = (1, 4, 4 / 0, −1, −2).

# %% [markdown] name="stages"
# ### Exercise: three stages
#
# *2 + 7 + 9 minutes · difficulty 1, 2, 3 of 3 · builds on the worked example*
#
# Write the backward pass in three stages, with one function for each gradient. Each has its own
# check, so you see in which gradient a mistake is.

# %% nbgrader={"grade_id": "conv_backward_db", "solution": true}
def conv_backward_db(dout):
    """The gradient of the biases.

    Parameters
    ----------
    dout : (N, F, H', W') gradient of the loss with respect to the layer's output

    Returns
    -------
    db : (F,)
    """
    ### BEGIN SOLUTION
    return dout.sum(axis=(0, 2, 3))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_backward_db", "grade": true}
from autograder import check

check("conv_backward_db")

# %% nbgrader={"grade_id": "conv_backward_dw", "solution": true}
def conv_backward_dw(dout, x, w, conv_param):
    """The gradient of the filters.

    Parameters
    ----------
    dout : (N, F, H', W') gradient of the loss with respect to the layer's output
    x : (N, C, H, W) what came into the layer, without padding; not modified
    w : (F, C, KH, KW)
    conv_param : dict with "stride" and "pad"; not modified

    Returns
    -------
    dw : (F, C, KH, KW), summed over the examples, in the dtype of w, even if x has another
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    kh, kw = w.shape[2:]
    big = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    dw = np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            window = big[:, :, top : top + kh, left : left + kw]
            dw += np.tensordot(dout[:, :, i, j], window, axes=(0, 0))
    return dw
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_backward_dw", "grade": true}
from autograder import check

check("conv_backward_dw")

# %% nbgrader={"grade_id": "conv_backward_dx", "solution": true}
def conv_backward_dx(dout, x, w, conv_param):
    """The gradient of the pictures that came into the layer.

    Parameters
    ----------
    dout : (N, F, H', W') gradient of the loss with respect to the layer's output
    x : (N, C, H, W) what came into the layer, without padding; only its shape and dtype matter
    w : (F, C, KH, KW)
    conv_param : dict with "stride" and "pad"; not modified

    Returns
    -------
    dx : (N, C, H, W) in the dtype of x, even if w and dout have others; 0 at pixels that are in
        no window
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    n, c, height, width = x.shape
    kh, kw = w.shape[2:]
    big = np.zeros((n, c, height + 2 * pad, width + 2 * pad), dtype=x.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            share = np.tensordot(dout[:, :, i, j], w, axes=1)
            big[:, :, top : top + kh, left : left + kw] += share
    return big[:, :, pad : pad + height, pad : pad + width]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_backward_dx", "grade": true}
from autograder import check

check("conv_backward_dx")

# %% [markdown] name="assemble"
# ### Exercise: the backward pass
#
# *3 minutes · difficulty 2 of 3 · builds on your three stages and your forward pass*

# %% nbgrader={"grade_id": "conv_backward_naive", "solution": true}
def conv_backward_naive(dout, cache):
    """The gradients of a convolutional layer.

    Parameters
    ----------
    dout : (N, F, H', W') gradient of the loss with respect to out
    cache : what your conv_forward_naive returned for this batch; the function may have been called
        again since, so keep nothing outside the cache

    Returns
    -------
    dx : (N, C, H, W)
    dw : (F, C, KH, KW)
    db : (F,)
    """
    ### BEGIN SOLUTION
    x, w, conv_param = cache
    dx = conv_backward_dx(dout, x, w, conv_param)
    dw = conv_backward_dw(dout, x, w, conv_param)
    return dx, dw, conv_backward_db(dout)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_backward_naive", "grade": true}
from autograder import check

check("conv_backward_naive")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If Python has been stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="pooling"
# ## Max pooling
#
# Max pooling keeps the largest value of each window, in each channel separately. It has no
# parameters. In the backward pass only the largest value receives a gradient, because a small
# change of a smaller value would not change the output.
#
# | window | out | dout | gradient of the window |
# |---|---|---|---|
# | (1, 5, 2 / 0, 5, 3) | 5 | d | (0, d, 0 / 0, 0, 0) |
#
# This window has two largest values. That is common, because after a ReLU many windows are all
# zeros. Which of them gets the gradient is a convention. Torch and this course give all of it to
# the first in row-major order (row by row, from left to right).
#
# ### Exercise: max pooling
#
# *5 + 8 minutes · difficulty 1 and 2 of 3 · builds on the convolution*

# %% nbgrader={"grade_id": "max_pool_forward_naive", "solution": true}
def max_pool_forward_naive(x, pool_param):
    """Max pooling, forward.

    Parameters
    ----------
    x : (N, C, H, W) array of floats; not modified
    pool_param : dict; not modified
        "pool_height", "pool_width" : size of the windows
        "stride" : distance between neighbouring windows, the same in both directions; windows may
            overlap

    Returns
    -------
    out : (N, C, H', W') in the dtype of x; sizes are rounded down
    cache : whatever your backward pass will need
    """
    ### BEGIN SOLUTION
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    rows = (x.shape[2] - height) // stride + 1
    columns = (x.shape[3] - width) // stride + 1
    out = np.empty((*x.shape[:2], rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + height, left : left + width]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, (x, pool_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_max_pool_forward_naive", "grade": true}
from autograder import check

check("max_pool_forward_naive")

# %% nbgrader={"grade_id": "max_pool_backward_naive", "solution": true}
def max_pool_backward_naive(dout, cache):
    """The gradient of max pooling.

    Parameters
    ----------
    dout : (N, C, H', W') gradient of the loss with respect to out
    cache : what your max_pool_forward_naive returned for this batch; the function may have been
        called again since, so keep nothing outside the cache

    Returns
    -------
    dx : (N, C, H, W). Of equal maxima the first in row-major order takes the whole gradient; a
        pixel that is the maximum of several windows gets the sum of their gradients
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    examples, channels = np.ogrid[: x.shape[0], : x.shape[1]]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + height, left : left + width]
            first = window.reshape(*x.shape[:2], -1).argmax(axis=2)
            row, column = np.unravel_index(first, (height, width))
            dx[examples, channels, top + row, left + column] += dout[:, :, i, j]
    return dx
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_max_pool_backward_naive", "grade": true}
from autograder import check

check("max_pool_backward_naive")

# %% [markdown] name="net"
# ## A net
#
# ```
#   X ─► conv ─► [batch norm] ─► ReLU ─► 2×2 max pool ─► affine ─► ReLU ─► affine ─► softmax loss
#        W1, b1   γ1, β1                                 W2, b2            W3, b3
# ```
#
# The net uses the functions in `layers`: `affine_forward` and its backward pass, those of ReLU,
# pooling and convolution, `softmax_loss`, and `spatial_batchnorm_forward` of notebook 06.
# `help(layers.spatial_batchnorm_forward)` shows what a function takes. To build the net from your own functions, remove the `#` from
# the lines of the next cell and run it before you go on. It keeps the convolution and pooling that
# you have just written, for later notebooks as well, and imports them together with what you have
# kept before. If you skip it, `layers` stays what it was at the start of this notebook: your kept
# functions, and the course's for the rest. (When your net is graded it gets the course's functions,
# so a mistake in one of yours costs nothing there.)

# %% tags=["experiment"] name="keep_and_import"
# from course_utils.keeping import keep
# keep(conv_backward_db, conv_backward_dw, conv_backward_dx, conv_forward_naive, conv_backward_naive,
#      max_pool_forward_naive, max_pool_backward_naive)
# import my_layers as layers

# %% [markdown]
# ### A worked example: the shapes of a small net
#
# Take a picture of 1×5×5, two filters of size 3 with padding 1, four outputs of the first affine
# layer and three classes. The net of the exercise has these parts:
#
# | part | shape after it | shapes of its parameters' gradients |
# |---|---|---|
# | convolution | 2×5×5 | W1: 2×1×3×3, b1: 2 |
# | batch norm | 2×5×5 | gamma1: 2, beta1: 2 |
# | ReLU | 2×5×5 | none |
# | 2×2 max pool | 2×2×2 | none |
# | affine | 4 | W2: 8×4, b2: 4 |
# | ReLU | 4 | none |
# | affine | 3 | W3: 4×3, b3: 3 |
#
# The pool rounds 5/2 down, so 2·2·2 = 8 numbers reach W2. The backward pass goes up the table. The
# pool, for example, receives a gradient of 2×2×2 and passes one of 2×5×5 to the ReLU above it.
#
# Now take a picture of 1×4×7, three filters of size 2 without padding, and five outputs. The table
# leaves out some parts. Find what is missing.
#
# | part | shape after it | shapes of its parameters' gradients |
# |---|---|---|
# | convolution | 3×3×6 | W1: **?**, b1: 3 |
# | 2×2 max pool | **?** | none |
# | affine | 5 | W2: **?**, b2: 5 |
#
# **The missing numbers.** W1 and its gradient are 3×1×2×2. The pool gives 3×1×3, which is 9
# numbers, so W2 is 9×5.

# %% [markdown] name="net_exercise"
# ### Exercise: a convolutional net
#
# *20 minutes · difficulty 3 of 3 · builds on 05, 06 and FullyConnectedNet of 08*
#
# Compute the number of rows of W2 from the other sizes. In this exercise pictures may have odd
# sides, and filters may have an even size.

# %% nbgrader={"grade_id": "ThreeLayerConvNet", "solution": true}
class ThreeLayerConvNet:
    """conv - [batch norm] - ReLU - 2×2 max pool - affine - ReLU - affine - softmax.

    The convolution has stride 1 and pad (filter_size - 1) // 2: an odd filter keeps the picture's
    size, and an even one makes it smaller by 1 along each axis. The pooling has stride 2.

    Attributes
    ----------
    params : dict of arrays: W1 (F, C, filter_size, filter_size), b1, W2 (inputs × outputs), b2, W3,
        b3, and with batch norm gamma1, beta1 (one entry per filter). loss reads params at every
        call, because they change between calls.
    reg : λ. loss reads it at every call too, because it may change between calls

    Source: the interface of Stanford's CS231n assignments.
    """

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100,
                 num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32, seed=None,
                 use_batchnorm=False):
        """Make the parameters.

        Parameters
        ----------
        input_dim : (C, H, W) of one picture
        num_filters, filter_size : of the convolution; the size may be even
        hidden_dim, num_classes : outputs of the two affine layers
        weight_scale : standard deviation of the initial weights, which are normally distributed
            with mean 0. Biases and β start at 0, γ at 1
        reg : λ of the penalty ½λ‖W‖², summed over W1, W2 and W3
        dtype : of all parameters, gradients and scores
        seed : seed of the net's own generator; None gives a different net each time. Leave the
            global random state alone
        use_batchnorm : whether batch norm for images follows the convolution
        """
        ### BEGIN SOLUTION
        self.reg, self.dtype = reg, dtype
        self.conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        self.bn_param = {} if use_batchnorm else None
        channels, *sides = input_dim
        grown = 2 * self.conv_param["pad"] - filter_size + 1
        behind = num_filters * np.prod([(side + grown) // 2 for side in sides])
        rng = np.random.default_rng(seed)
        params = {
            "W1": weight_scale * rng.normal(size=(num_filters, channels, filter_size, filter_size)),
            "W2": weight_scale * rng.normal(size=(behind, hidden_dim)),
            "W3": weight_scale * rng.normal(size=(hidden_dim, num_classes)),
        }
        for i, width in enumerate([num_filters, hidden_dim, num_classes], 1):
            params[f"b{i}"] = np.zeros(width)
        if use_batchnorm:
            params |= {"gamma1": np.ones(num_filters), "beta1": np.zeros(num_filters)}
        self.params = {name: value.astype(dtype) for name, value in params.items()}
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores for a batch, or its loss and gradients.

        Parameters
        ----------
        X : array (N, C, H, W) of any dtype; not changed
        y : array of N class indices, or None

        Returns
        -------
        Without y, the net is in test mode:
        scores : array N×num_classes

        With y, it is in training mode:
        loss, grads : a number that includes the penalty, and a dict with the keys of params. Each
            such call updates this net's own running statistics of batch norm (momentum 0.9,
            starting from 0, as in notebook 06). params are read, never changed.
        """
        ### BEGIN SOLUTION
        p = self.params
        h, conv = layers.conv_forward_naive(
            X.astype(self.dtype), p["W1"], p["b1"], self.conv_param
        )
        if self.bn_param is not None:
            self.bn_param["mode"] = "test" if y is None else "train"
            h, norm = layers.spatial_batchnorm_forward(h, p["gamma1"], p["beta1"], self.bn_param)
        h, relu1 = layers.relu_forward(h)
        h, pool = layers.max_pool_forward_naive(h, self.pool_param)
        h, affine2 = layers.affine_forward(h, p["W2"], p["b2"])
        h, relu2 = layers.relu_forward(h)
        scores, affine3 = layers.affine_forward(h, p["W3"], p["b3"])
        if y is None:
            return scores
        loss, d = layers.softmax_loss(scores, y)
        grads = {}
        d, grads["W3"], grads["b3"] = layers.affine_backward(d, affine3)
        d = layers.relu_backward(d, relu2)
        d, grads["W2"], grads["b2"] = layers.affine_backward(d, affine2)
        d = layers.max_pool_backward_naive(d, pool)
        d = layers.relu_backward(d, relu1)
        if self.bn_param is not None:
            d, grads["gamma1"], grads["beta1"] = layers.spatial_batchnorm_backward(d, norm)
        _, grads["W1"], grads["b1"] = layers.conv_backward_naive(d, conv)
        for name in ("W1", "W2", "W3"):
            loss += 0.5 * self.reg * np.sum(p[name] ** 2)
            grads[name] = grads[name] + self.reg * p[name]
        return loss, grads
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_ThreeLayerConvNet", "grade": true}
from autograder import check

check("ThreeLayerConvNet")

# %% [markdown] name="own_net"
# ## Experiment: your net learns to read
#
# From here on your own code works together: your convolution, your pooling, your net, your Adam.
# The two passes of the convolution and of the pooling are used if they pass their checks, kept or
# not, and functions of earlier notebooks if you kept them. For all others the course's are used.
# The next cell says which is which.

# %% tags=["experiment"] name="whose_layers"
today = ("conv_forward_naive", "conv_backward_naive", "max_pool_forward_naive",
         "max_pool_backward_naive")
needed = ("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss",
          "spatial_batchnorm_forward", "spatial_batchnorm_backward", "adam")
own = SimpleNamespace(**vars(layers))
for name in today:
    if autograder.grade(name, globals()):
        setattr(own, name, globals()[name])
layers = own
whose = {"yours": [], "the course's": []}
for name in today + needed:
    home = getattr(layers, name).__module__
    whose["the course's" if home == "course_utils.layers" else "yours"].append(name)
for owner, names in whose.items():
    print(f"{owner}: {', '.join(names) or 'none'}")

# %% [markdown] name="predict_own_net"
# Your net gets sixteen filters of 5×5, batch norm, a small penalty and 50 hidden units. It trains
# for twelve epochs on 1,077 digits, at the same learning rate as the fully connected net, which
# trained for as long on the same digits but had neither batch norm nor a penalty. What accuracy
# will it reach on the test digits as they are, and on those moved by one pixel? (Over three seeds
# the fully connected net had about 0.93 on the digits as they are, and between 0.4 and 0.5 on the
# moved ones.)

# %% name="prediction_own_net"
predict("your net on the test digits", ..., between=(0, 1))
predict("your net on digits moved by a pixel", ..., between=(0, 1))

# %% tags=["experiment"] name="experiment_own_net"
SNAPSHOTS = (0, 5, 17, 51, 102, 204)  # in updates


def train_own(seed, use_batchnorm=True, epochs=EPOCHS, **sizes):
    """A ThreeLayerConvNet trained on digits by `layers.adam`; its losses, and filters on the way."""
    settings = {"num_filters": 16, "filter_size": 5, "hidden_dim": 50} | sizes
    net = ThreeLayerConvNet(
        (1, 8, 8), weight_scale=0.01, reg=1e-3, seed=seed, use_batchnorm=use_batchnorm, **settings
    )
    rng, states, losses, filters = np.random.default_rng(seed), {}, [], {}
    x, y = digits.train
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(x)), len(x) // 64 + 1):
            if len(losses) in SNAPSHOTS:
                filters[len(losses)] = net.params["W1"][:8, 0].copy()
            loss, grads = net.loss(x[rows], y[rows])
            losses.append(loss)
            for name, gradient in grads.items():
                state = states.setdefault(name, {"learning_rate": 3e-3})
                net.params[name], states[name] = layers.adam(net.params[name], gradient, state)
    filters[len(losses)] = net.params["W1"][:8, 0].copy()
    return net, losses, filters


def score(net):
    """Accuracy on the test digits as they are and moved by a pixel."""
    x, y = digits.test
    pairs = (x, y), (shifted(x), np.tile(y, 2))
    return [float((net.loss(images).argmax(1) == labels).mean()) for images, labels in pairs]


runs = []
if autograder.grade("ThreeLayerConvNet", globals()):
    start = time.perf_counter()
    runs = [train_own(seed) for seed in range(SEEDS)]
    seconds = (time.perf_counter() - start) / sum(len(losses) for _, losses, _ in runs)
    found = training.Spread(np.array([score(net) for net, _, _ in runs]))
    print("your net, test digits as they are:", training.Spread(found.values[:, 0]))
    print("your net, moved by one pixel:     ", training.Spread(found.values[:, 1]))
    print(f"one update: {1000 * seconds:.1f} ms")
    compare("your net on the test digits", found.middle[0])
    compare("your net on digits moved by a pixel", found.middle[1])
else:
    print("This uses your ThreeLayerConvNet. Come back when its check says Right in this kernel.")

### BEGIN CLAIMS
ours, theirs = found.values, by_pixels.values
assert theirs[:, 0].max() < ours[:, 0].min(), "as they are: a few in a hundred more"
assert theirs[:, 1].max() + 0.06 < ours[:, 1].min(), "moved by one pixel: far ahead"
### END CLAIMS

# %% tags=["experiment"] name="loss_curves"
if runs:
    together = training.Spread(np.array([losses for _, losses, _ in runs]))
    plots.show(
        plots.lines(
            {"your net": together}, "update", "training loss (nats)", log="y", accent="your net",
            title="Your net, your Adam; band: the seeds",
        )
    )

# %% [markdown] name="film"
# The next cell shows eight of the filters (columns) after more and more updates (rows). White is
# positive, black negative and grey zero, and each row has its own scale.

# %% tags=["experiment"] name="film_strip"
if runs:
    _, _, film = runs[0]
    steps = sorted(film)
    strip = np.concatenate([0.5 + film[step] / (2 * np.abs(film[step]).max()) for step in steps])
    labels = [f"after {step}" if i == 0 else "" for step in steps for i in range(8)]
    plots.show(plots.image_grid(strip, labels, columns=8, title="Filters while the net learns"))

# %% [markdown] name="after_own_net"
# Of a hundred test digits as they are, your net gets a few more right than the fully connected one.
# On those moved by one pixel it is far ahead. If you move the picture, what each filter puts out
# (its *map*) moves with it, and the 2×2 pooling undoes part of the shift. But W2 has a separate
# weight for each place of the map, so the part of the shift that remains still does harm. That is
# why you moved the pictures during training in notebook 03, and one reason why larger nets shrink
# their maps several times, by strides or pooling, before the first affine layer.
#
# Each filter begins as noise of standard deviation 0.01. Most of the change happens in the first 51
# updates, which are three epochs; after that the filters change only a little. Look for filters in
# which a bright part lies next to a dark one. They respond to strokes and to their ends.

# %% [markdown] name="photographs_text"
# ### What if neighbours mean nothing?
#
# A filter looks at pixels that are neighbours. Does it still help if neighbours have nothing to do
# with each other? To find out, we shuffle the places of the pixels, in the same way for all
# pictures. Each picture keeps its values, but pixels that were neighbours no longer are. We train a
# convolutional and a fully connected net on pictures as they are, and on shuffled ones.
#
# The pictures are photographs of CIFAR-10 if your machine has them (`course data cifar10` fetches
# them), and drawn shapes if not. Beside your run you see a stored run on photographs. It had only
# 4,000 of CIFAR-10's 50,000 training pictures: 3,000 to learn from and 1,000 to measure on.
#
# In the stored run, by how much will each net's accuracy fall when the pixels are shuffled? (A
# negative number means that it rises.)

# %% name="prediction_photographs"
predict("accuracy that the convolutional net loses by shuffling", ..., between=(-1, 1))
predict("accuracy that the fully connected net loses by shuffling", ..., between=(-1, 1))

# %% tags=["experiment"] name="on_photographs"
def either_net(kind, seed):
    """Three convolutions and an affine layer (19 thousand weights), or two affine layers (62)."""
    with training.seeded(seed):
        if kind == "fully connected":
            return nn.Sequential(nn.Flatten(), nn.Linear(3072, 20), nn.ReLU(), nn.Linear(20, 10))
        return nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10),
        )


def on_pictures(pictures, epochs, seeds):
    """Accuracies on the pictures that are held out: {net, order of the pixels: one a seed}."""
    places = np.random.default_rng(0).permutation(32 * 32)

    def accuracy(kind, in_order, seed):
        parts = [(x if in_order else x.reshape(*x.shape[:2], -1)[:, :, places].reshape(x.shape), y)
                 for x, y in (pictures.train, pictures.held_out)]
        rate = 5e-4 if kind == "fully connected" else 2e-3
        return training.fit(
            either_net(kind, seed), *parts, lambda parameters: torch.optim.Adam(parameters, lr=rate),
            epochs=epochs, batch_size=50, seed=seed, progress=False,
        ).validation_accuracy[-1]

    return {
        f"{kind}, {'as they are' if in_order else 'shuffled'}":
            [accuracy(kind, in_order, seed) for seed in range(seeds)]
        for kind in ("convolutional", "fully connected") for in_order in (True, False)
    }


pictures = datasets.photographs_or_shapes(*((100, 50) if training.quick() else (1000, 500)))
found = on_pictures(pictures, epochs=1 if training.quick() else 6, seeds=1)
for title, run in datasets.beside_stored("10", pictures, found).items():
    plots.show(plots.bars_with_range(run, "accuracy on other pictures", title=title,
                                     accent="convolutional, as they are"))
for kind in ("convolutional", "fully connected"):
    ordered, shuffled = (np.median(run[f"{kind}, {how}"]) for how in ("as they are", "shuffled"))
    compare(f"accuracy that the {kind} net loses by shuffling", ordered - shuffled)

### BEGIN CLAIMS
lost = {kind: np.array(run[f"{kind}, as they are"]) - run[f"{kind}, shuffled"]
        for kind in ("convolutional", "fully connected")}
assert lost["convolutional"].min() > 0.04, "by shuffling the convolutional net loses"
assert np.abs(lost["fully connected"]).max() < 0.03, "the fully connected net loses next to nothing"
assert min(run["convolutional, as they are"]) > 0.03 + max(run["fully connected, as they are"]), (
    "as they are, the convolutional net is ahead")
leads = [np.median(run[f"convolutional, {how}"]) - np.median(run[f"fully connected, {how}"])
         for how in ("as they are", "shuffled")]
assert 0.07 < leads[0] < 0.09 and leads[1] < 0.01, "it leads by 0.08, shuffled by less than 0.01"
assert found["convolutional, as they are"][0] - 0.1 > found["convolutional, shuffled"][0], (
    "on shapes, here, it loses as well")
### END CLAIMS

# %% [markdown] name="after_photographs"
# Shuffling costs the convolutional net accuracy, and the fully connected net next to none. So the
# convolutional net's lead of about 0.08 on photographs as they are shrinks to less than 0.01 on
# shuffled ones. The fully connected net does not notice the shuffling, because to it each pixel is
# an input of its own, wherever it stands. The convolution's gain on photographs therefore comes
# from an assumption: neighbours belong together, and what is worth finding in one place is worth
# finding in another. Shuffling breaks this assumption.
#
# ### Where the time goes
#
# A convolution written with loops is slow. The next cell runs one layer of medium size with your
# loops and with torch's conv2d. Divide your time by torch's: what number will you get?

# %% name="prediction_speed"
predict("time of your forward pass divided by torch's", ..., between=(0, None))

# %% tags=["experiment"] name="experiment_speed"
rng = np.random.default_rng(0)
x = rng.normal(size=(8, 16, 32, 32)).astype(np.float32)
w = rng.normal(size=(32, 16, 3, 3)).astype(np.float32)
b = np.zeros(32, np.float32)
tensors = [torch.tensor(a) for a in (x, w, b)]
own_time = devices.timed(
    lambda: layers.conv_forward_naive(x, w, b, {"stride": 1, "pad": 1}), "cpu", repeats=5
)
their_time = devices.timed(lambda: F.conv2d(*tensors, padding=1), "cpu", repeats=5)
products = 8 * 32 * 32 * 32 * 16 * 9
print(f"yours {1000 * own_time:.1f} ms, torch {1000 * their_time:.2f} ms")
print(f"{products / 1e6:.0f} million products: {products / own_time / 1e9:.2f} and "
      f"{products / their_time / 1e9:.1f} billion a second")
compare("time of your forward pass divided by torch's", own_time / their_time)

# %% [markdown] name="after_speed"
# On most processors your code takes tens of times as long as torch. Both compute the same 38
# million products. They differ in how often they fetch numbers from memory, and in how many
# products one instruction does. With loops over examples and filters too, the layer would take
# seconds. In notebook 11 you will close most of the gap without leaving numpy.

# %% [markdown] name="remember"
# ## What to remember
#
# - A filter is as deep as its input and has one bias. The kernel is not turned.
# - The output has ⌊(H + 2·pad − KH) / stride⌋ + 1 rows.
# - In the backward pass each output value sends its gradient to its bias, its filter and its
#   window. A parameter or pixel that several outputs share gets a contribution from each, so write
#   `+=`, not `=`.
# - Collect dx on the padded picture, then cut out `pad : pad + H`. (With pad 0, `pad : -pad` would
#   be empty.)
# - Max pooling sends the whole gradient to the first maximum. Where windows overlap, their
#   gradients add up.
# - Compute shapes in your code instead of typing them.

# %% [markdown] name="teacher_question"
# ## A question for your teacher to read
#
# To halve a map's height and width, a colleague uses a 1×1 convolution with stride 2 (a residual
# block with stride 2 sends its input through one before adding it). Use the backward pass to
# explain which pixels of its input get a gradient from this layer, and what fraction of all pixels
# they are. What does that mean for a net in which this layer is the only one that reads the map?
# Then name two ways to halve the map that use every pixel, each with its cost. (Six to ten
# sentences.)
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_stride", "grade": true, "solution": true, "points": 3}
# Each output value looks at a window of 1×1, and the windows are two apart, so only pixels with
# even row and even column are in a window at all. In the backward pass an output value sends its
# gradient to its window only, so dx is zero at all other pixels: a quarter gets a gradient, three
# quarters get nothing and cannot influence the loss by this layer.
#
# If nothing else reads the input, three quarters of the values that the layers below computed are
# thrown away, and the work for them is wasted; what they learn comes from every second row and
# column alone. In a residual net the main branch reads the same input with a 3×3 kernel, whose
# windows overlap at stride 2, so the pixels are used there.
#
# Average pooling of 2×2 and then the 1×1 convolution uses every pixel with the same weight; it costs
# a blur and a few additions. A 2×2 (or 3×3) convolution with stride 2 uses every pixel with learned
# weights, for four (nine) times the parameters and products. (Max pooling in front reads all pixels
# too, but sends the gradient to one of each four.)
#
# (One point for the quarter with the reason from the windows, one for what is lost and that a second
# branch may read it, one for two remedies with their costs.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | `tf.nn.conv2d(x, w, strides=[1, s, s, 1], padding="SAME")` | `F.conv2d(x, w, b, stride=s, padding=p)` |
# | pictures N×H×W×C, filters H×W×in×out | pictures N×C×H×W, filters out×in×H×W |
# | `"SAME"`: output ⌈H/s⌉; if the number of rows of padding is odd, the extra one goes below (an extra column goes to the right) | you give the number of rows and columns; `padding="same"` works for stride 1 only |
# | `tf.nn.max_pool(a, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")` | `F.max_pool2d(a, 2)` |
# | Caffe wrote the windows of one picture into a matrix ("im2col") and multiplied it by the filters | cuDNN and oneDNN, NVIDIA's and Intel's libraries, collect the windows while they multiply |
# | Keras `Conv2D(32, (3, 3))` | `nn.Conv2d(16, 32, 3)`, or `nn.LazyConv2d(32, 3)`, which infers the 16 |
# | `out_h = (H - KH) / stride + 1` (Python 2) | `out_h = (H - KH) // stride + 1` |
#
# In Caffe's matrix every window was a column, so that the layer became a single product of
# matrices. That cost memory, because a 3×3 kernel repeats each pixel nine times, but it was worth
# it. You will write it yourself in notebook 11.

# %% [markdown] name="since"
# ## What has changed since
#
# - Libraries still turn convolutions into products of matrices, but without storing the columns.
#   cuDNN collects them while it multiplies (Chetlur 2014); on phones, a table of pointers to the
#   pixels replaces the columns (Dukhan 2019).
# - Max pooling has become rare. A stride in the convolution does just as well (Springenberg 2014),
#   and most newer nets have one pooling at the start, or none. Both stride and pooling leave out
#   values, so moving a picture by a pixel can change the scores a good deal (*aliasing*, in which
#   fine detail looks like coarse detail). A blur before the stride helps (Zhang 2019).
# - Although the weights are the same everywhere, a filter's output can still depend on where in
#   the picture it is computed. The zeros around the picture make the difference, and nets do learn
#   absolute positions from them (Islam 2020). The cell below shows how, on a picture with nothing
#   in it.

# %% tags=["experiment"] name="demonstration_position"
grey = torch.ones(1, 1, 9, 9)
kernel = torch.full((1, 1, 3, 3), 1 / 9)
seen = grey
for _ in range(3):
    seen = F.conv2d(seen, kernel, padding=1)
plots.show(
    plots.heat(
        seen[0, 0].numpy(), "column", "row", value="output",
        title="A picture of ones after three 3×3 averages with zero padding",
    )
)

# %% [markdown] name="further_reading"
# ## Further reading
#
# - Dumoulin and Visin (2016), *A guide to convolution arithmetic for deep learning*: every case of
#   stride, padding and dilation as a picture, transposed convolutions too.
# - Zeiler and Fergus (2014), *Visualizing and Understanding Convolutional Networks*: what the filters
#   of a large net look at.
# - Zhang (2019), *Making Convolutional Networks Shift-Invariant Again*.
# - LeCun, Bottou, Bengio and Haffner (1998), *Gradient-Based Learning Applied to Document Recognition*:
#   LeNet-5, a larger relative of the net that you have just trained, reading cheques.

# %% [markdown] name="go_further"
# # Go further
#
# ### Exercise: the other convolution
#
# *8 minutes · difficulty 2 of 3 · builds on the forward pass*
#
# Mathematics turns the kernel by 180° before it slides it. Write this convolution, at all places
# where the picture and the kernel overlap:
#
# $$\text{out}_{i,j} = \sum_{u,v} k_{u,v}\; x_{i-u,\,j-v}.$$
#
# You will meet it again in notebook 11, where the Fourier transform computes a variant of it, the
# *circular* convolution: what leaves the picture at one end comes in again at the other. With
# enough zeros around the picture nothing comes in again, and the two are equal. The convolution
# above is called *linear*, to tell it from the circular one.

# %% nbgrader={"grade_id": "true_convolution", "solution": true}
def true_convolution(x, k):
    """The linear convolution of mathematics of a picture with a kernel, wherever the two overlap.

    Parameters
    ----------
    x : (H, W) array of floats; 0 outside
    k : (KH, KW) array of floats, possibly larger than x; 0 outside

    Returns
    -------
    out : (H + KH - 1, W + KW - 1), out[i, j] = sum over u, v of k[u, v] x[i - u, j - v].
        Exchanging x and k does not change the result.
    """
    ### BEGIN SOLUTION
    height, width = x.shape
    out = np.zeros((height + k.shape[0] - 1, width + k.shape[1] - 1))
    for (u, v), weight in np.ndenumerate(k):
        out[u : u + height, v : v + width] += weight * x
    return out
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_true_convolution", "locked": true}
from autograder import check

check("true_convolution")

# %% [markdown] name="flip"
# ### Question: does it matter?

# %% name="show_q10_flip"
ask("q10_flip")

# %% name="q10_flip"
q10_flip = ...

# %% nbgrader={"grade_id": "check_q10_flip", "locked": true}
from autograder import check

check("q10_flip")

# %% [markdown] name="order"
# ### Question: the order of ReLU and pooling

# %% name="show_q10_order"
ask("q10_order")

# %% name="q10_order"
q10_order = ...

# %% nbgrader={"grade_id": "check_q10_order", "locked": true}
from autograder import check

check("q10_order")

# %% [markdown] name="layouts"
# ### Exercise: weights from TensorFlow
#
# *4 minutes · difficulty 1 of 3 · builds on the table "then and now"*
#
# You are given the filters of a TensorFlow net as an array, and pictures for it. Bring both into
# torch's order of axes.

# %% nbgrader={"grade_id": "from_tensorflow", "solution": true}
def from_tensorflow(x, w):
    """Pictures and filters in torch's order of axes.

    Parameters
    ----------
    x : (N, H, W, C) array of pictures
    w : (KH, KW, in, out) array of filters, as tf.nn.conv2d takes them

    Returns
    -------
    x : (N, C, H, W)
    w : (out, in, KH, KW). No flip is needed, because both frameworks compute cross-correlations.
    """
    ### BEGIN SOLUTION
    return x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_from_tensorflow", "locked": true}
from autograder import check

check("from_tensorflow")
