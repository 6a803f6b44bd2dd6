# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 11 · Fast convolution: how to compute them
#
# After this you can
#
# - **turn** a convolution layer into one matrix product, with one copy and without a loop,
# - **compute** the same layer by Fourier transform and by Winograd's tiles, with fewer
#   multiplications,
# - **compare** algorithms honestly, by effective TFLOPS (10¹² operations per second), memory and
#   accuracy, and **choose** one for a given layer.
#
# This takes an estimated 115 minutes, in two sittings of 55 and 60. It builds on 09 (sizes and
# costs) and 10 (convolution by hand).

# %% name="imports"
import time

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided

from autograder import another, ask, check, hint, passes, solution
from course_utils import devices, plots, training
from course_utils.explorers.fast_convolution import im2col_explorer
from course_utils.explorers.winograd import AT, BT, G, winograd_explorer
from course_utils.predictions import compare, drawn, predict
from course_utils.recipes.buffers import peak_bytes

# %% [markdown] name="stuck"
# If you are stuck on an exercise, `hint("im2col")` in a cell of your own gives a small hint. Ask
# again and you get a larger one.

# %% [markdown] name="warm_up"
# ## Before you start
#
# You will need the answers to these three questions about earlier notebooks.

# %% name="show_q11_macs"
ask("q11_macs")

# %% name="q11_macs"
q11_macs = ...

# %% nbgrader={"grade_id": "check_q11_macs", "locked": true}
from autograder import check

check("q11_macs")

# %% name="show_q11_windows"
ask("q11_windows")

# %% name="q11_windows"
q11_windows = ...

# %% nbgrader={"grade_id": "check_q11_windows", "locked": true}
from autograder import check

check("q11_windows")

# %% name="show_q11_stack"
ask("q11_stack")

# %% name="q11_stack"
q11_stack = ...

# %% nbgrader={"grade_id": "check_q11_stack", "locked": true}
from autograder import check

check("q11_stack")

# %% [markdown] name="why"
# ## Why: a right answer that takes far too long
#
# The next cell computes a convolution layer with four loops in Python, over images, filters, rows
# and columns, and one sum over a window inside. (In notebook 10 you were advised to loop over the
# last two only.) Its result is correct. The layer is small: 4 images of 16 channels and 32×32
# pixels, and 32 filters of 3×3, which makes 19 million multiply-adds (MACs). How many times faster
# will torch's own layer be, on one core of the same processor?

# %% name="predict_torch"
predict("torch against the loop, times faster", ..., between=(0, None))


# %% tags=["experiment"] name="the_loop"
from threadpoolctl import threadpool_limits

torch.set_num_threads(1)  # one core for torch and one for numpy, so that the times compare
_ = threadpool_limits(1)
_ = devices.announce("cpu")
QUICK = training.quick()


def loop_conv(x, w, b, conv_param):
    """A convolution layer by four loops, as in notebook 10."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    kh, kw = w.shape[2:]
    oh, ow = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    out = np.empty((len(x), len(w), oh, ow), x.dtype)
    for n in range(len(x)):
        for f in range(len(w)):
            for i in range(oh):
                for j in range(ow):
                    window = x[n, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out


def square_layer(N, C, size, F, k):
    """The sizes of a layer of k×k kernels, stride 1, whose outputs are as large as its inputs."""
    sizes = {"N": N, "C": C, "H": size, "W": size, "F": F, "kh": k, "kw": k}
    return {**sizes, "stride": 1, "pad": k // 2}


def make_layer(N, C, H, W, F, kh, kw, stride, pad, seed=0):
    """Images, filters and biases for a layer, in single precision, and its conv_param."""
    rng = np.random.default_rng(seed)
    x, w, b = (rng.normal(size=s).astype("f4") for s in ((N, C, H, W), (F, C, kh, kw), F))
    return x, w, b, {"stride": stride, "pad": pad}


LAYER = square_layer(N=1 if QUICK else 4, C=16, size=32, F=32, k=3)
x, w, b, conv_param = make_layer(**LAYER)
tensors = [torch.from_numpy(a) for a in (x, w, b)]
seconds = {
    "four loops": devices.timed(lambda: loop_conv(x, w, b, conv_param), repeats=1, warmup=0),
    "torch": devices.timed(lambda: F.conv2d(*tensors, **{"stride": 1, "padding": 1}), repeats=20),
}
for name, value in seconds.items():
    print(f"{name:12s} {1e3 * value:10.3f} ms")
compare("torch against the loop, times faster", seconds["four loops"] / seconds["torch"])

### BEGIN CLAIMS
assert seconds["four loops"] / seconds["torch"] > 100, "hundreds to thousands of times"
### END CLAIMS

# %% [markdown] name="after_the_loop"
# Torch is hundreds to thousands of times faster. Python's slowness is only part of the reason. For
# each sum the loop fetches the 144 numbers of a window (16 channels of 3×3) and uses each of them
# once, while a processor is fastest when it fetches a number once and uses it many times, as in a
# product of large matrices. So the first way to a fast convolution is to turn it into a matrix
# product. Two other ways need fewer multiplications. You will write all three.
#
# ## First way: columns
#
# Write every window as a column of C·kh·kw numbers (the kernel is kh×kw), and every filter as a
# row. With N images, F filters and outputs of oh×ow, the whole layer is then one product:
#
# $$\underbrace{\text{out}}_{F\times(N\cdot oh\cdot ow)} =
# \underbrace{W}_{F\times(C\cdot kh\cdot kw)}\;\underbrace{\text{cols}}_{(C\cdot kh\cdot kw)\times(N\cdot oh\cdot ow)} + b .$$
#
# Making the matrix cols is called *im2col* (Caffe's word, from Matlab). In which order do its rows
# and columns come? Here **rows are (c, i, j)**: channel, then kernel row, then kernel column,
# which changes fastest. **Columns are (n, row, column)** of the output: all windows of the first
# image, row after row, then those of the next. Other programs order them differently. Any order is
# right, as long as you do not mix two.
#
# Step through the columns:

# %% tags=["experiment"] name="explorer_im2col"
im2col_explorer()

# %% [markdown] name="explorer_im2col_tasks"
# Try two things. With kernel size 3, step from column to column. Which numbers of the new column
# were already in the previous one? Then set the stride to 2. How does the last number in the
# sentence under the picture change, and why?

# %% name="show_q11_row"
ask("q11_row")

# %% name="q11_row"
q11_row = ...

# %% nbgrader={"grade_id": "check_q11_row", "locked": true}
from autograder import check

check("q11_row")

# %% [markdown] name="im2col_text"
# ### Exercise: im2col
#
# *10 minutes · difficulty 2 of 3 · builds on the picture above*
#
# You may loop over the few places of the kernel. Avoid loops over the many places of the image.


# %% nbgrader={"grade_id": "im2col", "solution": true}
def im2col(x, kh, kw, stride, pad):
    """Every window of the images as a column of one matrix.

    Parameters
    ----------
    x : (N, C, H, W) array of floats, in any memory order (perhaps a transposed view, for example);
        not modified
    kh, kw : height and width of the kernel (pixels)
    stride : pixels from one window to the next, the same along both axes
    pad : rows and columns of zeros on each of the four sides

    Returns
    -------
    cols : (C·kh·kw, N·oh·ow) in the dtype of x, where oh·ow is the number of windows that fit
        into one padded image (sizes are rounded down). Rows are in the order (c, i, j): channel,
        kernel row, kernel column, the last one fastest. Columns are in the order (n, row, column):
        image, then row and column of the output, the last one fastest.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = np.empty((C, kh, kw, N, oh, ow), dtype=x.dtype)
    for i in range(kh):
        for j in range(kw):
            pixels = x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            cols[:, i, j] = pixels.swapaxes(0, 1)
    return cols.reshape(-1, N * oh * ow)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_im2col", "grade": true}
from autograder import check

check("im2col")

# %% [markdown] name="col2im_text"
# ### Exercise: from columns back to images
#
# *8 minutes · difficulty 2 of 3 · builds on im2col*
#
# For the backward pass you have to carry gradients from the columns back to the images. im2col
# copies each pixel to several places, so the pixel's gradient is the sum of the gradients at all
# these places. (im2col is a linear map, and this is its transpose.)


# %% nbgrader={"grade_id": "col2im", "solution": true}
def col2im(cols, x_shape, kh, kw, stride, pad):
    """The transpose of im2col: add each number of a window to the pixel it was copied from.

    Parameters
    ----------
    cols : (C·kh·kw, N·oh·ow), rows in the order (c, i, j), columns in the order (n, row, column)
    x_shape : (N, C, H, W) of the images, without padding
    kh, kw, stride, pad : as for im2col

    Returns
    -------
    x : (N, C, H, W) in the dtype of cols; 0 where no window reached
    """
    ### BEGIN SOLUTION
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    cols = cols.reshape(C, kh, kw, N, oh, ow)
    x = np.pad(np.zeros(x_shape, dtype=cols.dtype), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    for i in range(kh):
        for j in range(kw):
            pixels = x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            pixels += cols[:, i, j].swapaxes(0, 1)
    return x[:, :, pad : pad + H, pad : pad + W]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_col2im", "grade": true}
from autograder import check

check("col2im")

# %% [markdown] name="strides_text"
# With k×k kernels and stride s, a pixel is in about $k^2/s^2$ windows (fewer at the borders), so
# the columns take about that many times the memory of the images. (An extra exercise at the end
# counts exactly.)
#
# ## Columns without loops
#
# An array is a block of memory together with its **strides**, which say for each axis how many
# bytes to skip to go one step along it. (They are not the stride of the convolution.) A window
# contains no new numbers, so it only needs new strides. Going one row down *inside* a window, and
# moving the whole window one row down, skip the same number of bytes. So all windows together are
# a **view**: an array with six axes on the memory of the images, which have four axes:
#
# $$\text{windows}[c,i,j,n,\text{row},\text{column}] =
# x[n,\;c,\;\text{row}\cdot s+i,\;\text{column}\cdot s+j].$$
#
# `as_strided(x, shape, strides, writeable=False)` makes such a view and copies nothing. But it does
# not check your strides, so with a wrong one you may read wrong numbers, even from beyond the
# array. And each pixel appears in the view many times, so writing to one place would change many
# windows. To prevent that, ask for a read-only view.
#
# ### Exercise: the view
#
# *8 minutes · difficulty 2 of 3 · builds on im2col*


# %% nbgrader={"grade_id": "window_view", "solution": true}
def window_view(x, kh, kw, stride):
    """All windows of (already padded) images as a read-only view: no number is copied.

    Parameters
    ----------
    x : (N, C, H, W) array in any memory order: its strides are x.strides, in bytes
    kh, kw, stride : as for im2col

    Returns
    -------
    windows : (C, kh, kw, N, oh, ow) view on the memory of x, not writable
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    n, c, h, w = x.strides
    shape = C, kh, kw, N, (H - kh) // stride + 1, (W - kw) // stride + 1
    return as_strided(x, shape, (c, h, w, n, h * stride, w * stride), writeable=False)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_window_view", "grade": true}
from autograder import check

check("window_view")

# %% [markdown] name="conv_strides_text"
# ### Exercise: a layer in five lines
#
# *12 minutes · difficulty 2 of 3 · builds on window_view*
#
# After padding, a whole layer takes five steps: make the view, copy it, multiply once, add the
# bias, and put the axes in order. The copy is the column buffer. You need it because a matrix
# product needs its numbers next to each other in memory. The check measures memory: there must
# never be more than one buffer of that size, in the dtype of x. (You may also go image by image,
# with a smaller buffer and a product for each.) The check also gives you images in Fortran order,
# where the first axis changes fastest. Your result must not depend on the order.


# %% nbgrader={"grade_id": "conv_forward_strides", "solution": true}
def conv_forward_strides(x, w, b, conv_param):
    """A convolution layer (correlation) as one matrix product, in numpy.

    At no time is there more than one buffer of the columns' size, in the dtype of x.

    Parameters
    ----------
    x : (N, C, H, W) images, in any memory order; not modified
    w : (F, C, kh, kw) filters
    b : (F,) biases; w and b have the same float type as x
    conv_param : dict with "stride" and "pad"; not modified

    Returns
    -------
    out : (N, F, oh, ow) in the dtype of x
    cache : whatever your conv_backward_strides, an extra exercise at the end, will need
    """
    ### BEGIN SOLUTION
    N, (F, C, kh, kw) = len(x), w.shape
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = window_view(padded, kh, kw, stride)
    cols = windows.reshape(C * kh * kw, -1)
    out = w.reshape(F, -1) @ cols + b[:, None]
    out = out.reshape(F, N, *windows.shape[4:]).swapaxes(0, 1)
    return out, (x.shape, w, cols, conv_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_forward_strides", "grade": true}
from autograder import check

check("conv_forward_strides")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If Python has been stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="predict_columns"
# ## Experiment: on the way to the peak
#
# We run the layer from the beginning of this notebook again, now with your functions. We also
# measure one large matrix product, as the peak of what the machine can do. How many times faster
# than the four loops will your im2col be (the columns and one product)?

# %% name="prediction_columns"
predict("im2col against the loop, times faster", ..., between=(0, None))


# %% tags=["experiment"] name="experiment_columns"
def im2col_conv(x, w, b, conv_param):
    """A convolution layer by your im2col."""
    cols = im2col(x, *w.shape[2:], **conv_param)
    out = (w.reshape(len(w), -1) @ cols + b[:, None]).reshape(len(w), len(x), -1)
    height = (x.shape[2] + 2 * conv_param["pad"] - w.shape[2]) // conv_param["stride"] + 1
    return out.reshape(len(w), len(x), height, -1).swapaxes(0, 1)


def gflop(layer):
    """Operations of the direct algorithm, in 10⁹: two for a multiply-add."""
    oh = (layer["H"] + 2 * layer["pad"] - layer["kh"]) // layer["stride"] + 1
    ow = (layer["W"] + 2 * layer["pad"] - layer["kw"]) // layer["stride"] + 1
    macs = layer["N"] * layer["F"] * oh * ow * layer["C"] * layer["kh"] * layer["kw"]
    return 2e-9 * macs


if passes("im2col", "conv_forward_strides"):
    ways = {"your im2col": im2col_conv,
            "your strides": lambda *layer: conv_forward_strides(*layer)[0]}
    memory = {"four loops": peak_bytes(lambda: loop_conv(x[:1], w, b, conv_param))[1] * len(x)}
    for name, way in ways.items():
        seconds[name] = devices.timed(lambda way=way: way(x, w, b, conv_param), repeats=20)
        memory[name] = peak_bytes(lambda way=way: way(x, w, b, conv_param))[1]
    side = np.ones((512, 512), "f4")  # shortest of many runs: a peak is the best one can get
    shortest = min(devices.timed(lambda: side @ side, repeats=1, warmup=1) for _ in range(30))
    peak = 2e-9 * 512**3 / shortest
    rates = {name: gflop(LAYER) / seconds[name] for name in ("four loops", *ways, "torch")}
    for name, rate in rates.items():
        used = f"{memory[name] / 2**20:8.1f} MiB" if name in memory else "   not measurable"
        print(f"{name:13s} {1e3 * seconds[name]:9.2f} ms {rate:9.2f} GFLOP/s {used}")
    print(f"peak (a product of two 512×512 matrices): {peak:.0f} GFLOP/s")
    plots.show(plots.bars_with_range(
        {**rates, "peak, measured": peak}, "GFLOP/s", "One layer, four ways", accent="your strides"
    ))
    compare("im2col against the loop, times faster", seconds["four loops"] / seconds["your im2col"])
    print(f"Your strides take {seconds['your strides'] / seconds['torch']:.1f} times as long as torch.")

# %% [markdown] name="after_columns"
# Your im2col is hundreds to thousands of times faster than the loops. Your layer with the view is
# about as fast, because in both nearly all the time goes into the one copy and the product. Torch
# is faster still, because it never writes the columns to memory. So the copy is what is left to
# save. Here the columns are nine times as large as the images and take 2.3 of the 3.3 MiB that are
# printed above for your im2col. For 31×31 kernels they would be 961 times as large.
#
# ## Second way: the Fourier transform
#
# The Fourier transform writes an image as a sum of waves. For each frequency it gives one complex
# number, which holds how strong the wave is and where it begins. At each frequency, the number of
# the convolution is the product of the image's number and the kernel's. So you transform the image
# and the kernel (into the *frequency domain*), multiply them at each frequency, and transform the
# result back. The cost of the transforms grows only slowly with the kernel's size.
#
# The convolution theorem, as it stands in books, needs three corrections before it gives you a
# layer:
#
# 1. It is about **convolution**, with the kernel turned by 180°, but layers compute correlations.
#    Turn the kernel, circularly: the entry at place u goes to place −u, counted from the end, so
#    entry (0, 0) stays where it is. If the kernel is real, the transform of the turned kernel is
#    the conjugate of the kernel's transform. So a correlation is
#    $\mathcal F(\text{out})=\mathcal F(x)\cdot\overline{\mathcal F(w)}$.
# 2. It is about **circular** convolution, where what leaves on the right comes in on the left. That
#    spoils only the outputs whose window runs over an end, and a layer does not want these. So you
#    need no more zeros than those of the layer's own `pad`.
# 3. Both transforms must have the **same size**, and the result has that size, too. Cut out the
#    part that the layer needs.
#
# `np.fft.rfft2(a, s=size)` pads with zeros to `size` and transforms real arrays along the last two
# axes; `np.fft.irfft2(spectrum, s=size)` goes back. Sum over the channels in the frequency domain,
# before you go back.

# %% name="show_q11_fft_kernels"
ask("q11_fft_kernels")

# %% name="q11_fft_kernels"
q11_fft_kernels = ...

# %% nbgrader={"grade_id": "check_q11_fft_kernels", "locked": true}
from autograder import check

check("q11_fft_kernels")

# %% [markdown]
# ### A worked example: the corrections in one dimension
#
# The image is x = (1, 2, 0, 3) and the filter is (2, 1). Zeros bring the filter to the same size,
# w = (2, 1, 0, 0). The transforms were computed with numpy. Four numbers have the frequencies
# 0 to 3. For real numbers the entry at 3 is the conjugate of the entry at 1, so `rfft` leaves it
# out, and `irfft` puts it back.
#
# | frequency | 0 | 1 | 2 |
# |---|---|---|---|
# | transform of x | 6 | 1 + i | −4 |
# | transform of w | 3 | 2 − i | 1 |
# | its conjugate | 3 | 2 + i | 1 |
# | first row times third | 18 | 1 + 3i | −4 |
#
# Transformed back, the products are (4, 4, 3, 7). The layer's outputs are 2·1 + 1·2 = 4,
# 2·2 + 1·0 = 4 and 2·0 + 1·3 = 3. The 7 is none of them. It is 2·3 + 1·1, because the filter left
# on the right and came in again on the left.
#
# Now keep the filter and take x = (0, 2, 1, 0), which is (2, 1) with padding 1.
#
# | frequency | 0 | 1 | 2 |
# |---|---|---|---|
# | transform of x | 3 | −1 − 2i | −1 |
# | product | 9 | **?** | **?** |
#
# The result is (2, **?**, 2, 0). Find the three missing numbers.
#
# **The missing numbers.** The products are (−1 − 2i)·(2 + i) = −5i and −1·1 = −1, and the second
# entry of the result is 2·2 + 1·1 = 5.

# %% [markdown] name="fft_text"
# ### Exercise: a layer by Fourier transform
#
# *12 minutes · difficulty 3 of 3 · builds on the three corrections*


# %% nbgrader={"grade_id": "conv_fft", "solution": true}
def conv_fft(x, w, b, pad):
    """A convolution layer (correlation, stride 1) by Fourier transform.

    Parameters
    ----------
    x : (N, C, H, W) images; not modified
    w : (F, C, kh, kw) filters, at most as large as the padded images
    b : (F,) biases
    pad : rows and columns of zeros on each side

    Returns
    -------
    out : (N, F, H + 2·pad - kh + 1, W + 2·pad - kw + 1), real, in the dtype of x

    Source: Mathieu, Henaff and LeCun 2013, for nets; the theorem is far older.
    """
    ### BEGIN SOLUTION
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = x.shape[2:]
    oh, ow = size[0] - w.shape[2] + 1, size[1] - w.shape[3] + 1
    images, filters = np.fft.rfft2(x), np.fft.rfft2(w, s=size)
    products = np.einsum("nchw,fchw->nfhw", images, filters.conj())
    out = np.fft.irfft2(products, s=size)[:, :, :oh, :ow] + b[:, None, None]
    return out.astype(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_fft", "grade": true}
from autograder import check

check("conv_fft")

# %% [markdown] name="predict_fft"
# ## Experiment: where does the Fourier transform overtake?
#
# We compare two of your layers, `conv_forward_strides` ("strides") and `conv_fft` ("Fourier"), on
# one core. There are four images of three channels and 64×64 pixels, 16 filters, and kernels from
# 3×3 to 31×31; outputs are as large as the images. At which kernel size will the Fourier transform
# become faster?

# %% name="prediction_fft"
predict("kernel size from which FFT is faster", ..., between=(0, None))

# %% tags=["experiment"] name="experiment_fft"
if passes("conv_forward_strides", "conv_fft"):
    kernels = [3, 15, 31] if QUICK else list(range(3, 32, 2))
    by_kernel = {"strides": [], "Fourier": []}
    for k in kernels:
        X, W, B, param = make_layer(**square_layer(N=4, C=3, size=64, F=16, k=k))
        runs = {"strides": lambda X=X, W=W, B=B, param=param: conv_forward_strides(X, W, B, param),
                "Fourier": lambda X=X, W=W, B=B, k=k: conv_fft(X, W, B, k // 2)}
        for name, run in runs.items():
            by_kernel[name].append(1e3 * devices.timed(run, repeats=5, warmup=1))
    plots.show(drawn("kernel size from which FFT is faster",
        plots.lines(by_kernel, "kernel size (pixels)", "time (ms)", x=kernels, log="y",
                    accent="Fourier", title="Four images, 3 → 16 channels, 64×64"), axis="x"))
    slower = [k for k, a, f in zip(kernels, *by_kernel.values(), strict=True) if f >= a]
    crossing = min((k for k in kernels if k > max(slower, default=0)), default=None)
    compare("kernel size from which FFT is faster", crossing)

# %% [markdown] name="after_fft"
# The Fourier transform is faster once kernels are a little larger than 10×10, and several times
# faster at 31×31. Its curve is jagged, because the transform is as wide as the padded image, 64 +
# k − 1 pixels, and a width with a large prime factor (74 = 2·37 at k = 11) takes about twice as
# long as the widths next to it. More padding, to a width of 75 or 80, would help. Where the curves
# cross also depends on the number of channels, because at every frequency you still need a product
# for every pair of channel and filter.
#
# ## Third way: fewer products
#
# Take a one-dimensional filter with the weights $g_0$ to $g_2$. Two neighbouring outputs, $y_0$
# and $y_1$, need the inputs $d_0$ to $d_3$. Computed directly they take six products of a weight
# and an input. But they share two inputs, and Winograd (1980) needs only four products:
#
# $$\begin{aligned} m_1&=(d_0-d_2)\,g_0 & m_2&=(d_1+d_2)\,\tfrac{g_0+g_1+g_2}{2}\\
# m_3&=(d_2-d_1)\,\tfrac{g_0-g_1+g_2}{2} & m_4&=(d_1-d_3)\,g_2\end{aligned}\qquad
# y_0=m_1+m_2+m_3,\quad y_1=m_2-m_3-m_4 .$$
#
# This is called F(2, 3): two outputs of a filter with three weights. (This F is not the number of
# filters.) With matrices it is $y=A^{\mathsf T}\,[(G\,g)\odot(B^{\mathsf T}d)]$, and in two
# dimensions, called F(2×2, 3×3),
# $Y=A^{\mathsf T}\,[(G\,g\,G^{\mathsf T})\odot(B^{\mathsf T}d\,B)]\,A$ (⊙ is elementwise), where
#
# $$B^{\mathsf T}=\begin{bmatrix}1&0&-1&0\\0&1&1&0\\0&-1&1&0\\0&1&0&-1\end{bmatrix}\quad
# G=\begin{bmatrix}1&0&0\\\tfrac12&\tfrac12&\tfrac12\\\tfrac12&-\tfrac12&\tfrac12\\0&0&1\end{bmatrix}\quad
# A^{\mathsf T}=\begin{bmatrix}1&1&1&0\\0&1&-1&-1\end{bmatrix}.$$
#
# These matrices are imported above as `BT`, `G` and `AT`. A tile of 4×4 inputs gives 2×2 outputs
# with 16 products instead of 36 (nine for each of four outputs), which is **2.25 times fewer**.
# The transforms with $B$, $G$ and $A$ take additions and halvings. But the filter is transformed
# only once, and all filters share the transformed data. Choose a tile:

# %% tags=["experiment"] name="explorer_winograd"
winograd_explorer()

# %% [markdown] name="winograd_text"
# Move the tile in the picture. By how much do neighbouring tiles overlap, and why by that much?
#
# ### Exercise: four products
#
# *10 minutes · difficulty 2 of 3 · builds on the formulas*
#
# The check calls your function with special numbers that remember whether they come from the data
# or from the filter, and it counts the products of one kind with the other. Multiplying by a
# constant does not count.


# %% nbgrader={"grade_id": "winograd_f23", "solution": true}
def winograd_f23(d, g):
    """F(2, 3) in one dimension, F(2×2, 3×3) in two: outputs of a correlation, with fewer products.

    Parameters
    ----------
    d : (4,) or (4, 4) data
    g : (3,) or (3, 3) filter, with as many axes as d. Both may be arrays of any dtype, even of
        objects that know only +, -, * and /, so do not turn them into floats. A product with BT, G
        or AT by `@` works for them as well

    Returns
    -------
    y : (2,) with 4 products of data and filter, or (2, 2) with 16

    Source: Winograd 1980; for nets Lavin and Gray 2015.
    """
    ### BEGIN SOLUTION
    if d.ndim == 1:
        return AT @ ((G @ g) * (BT @ d))
    return AT @ ((G @ g @ G.T) * (BT @ d @ BT.T)) @ AT.T
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_winograd_f23", "grade": true}
from autograder import check

check("winograd_f23")

# %% [markdown] name="tflops_text"
# ## How to compare: effective TFLOPS
#
# When algorithms do different numbers of operations, operations per second do not tell you which
# is faster. So papers divide the operations **of the direct algorithm** (two for each
# multiply-add) by the measured time, whichever algorithm ran. This is the *effective* rate; twice
# the rate means half the time. (You can write it as a function in an extra exercise at the end.)
#
# Lavin and Gray (2015) timed all convolutions of VGG-E, the VGG net with 19 layers, for one image.
# The convolutions took 12.52 ms with cuDNN, NVIDIA's library, and 5.55 ms with the tiles above,
# which are called F(2×2, 3×3). The next cell recomputes their effective rates.

# %% tags=["experiment"] name="experiment_table"
VGG_E = [  # how many such layers, channels, height = width, filters
    (1, 3, 224, 64), (1, 64, 224, 64), (1, 64, 112, 128), (1, 128, 112, 128), (1, 128, 56, 256),
    (3, 256, 56, 256), (1, 256, 28, 512), (3, 512, 28, 512), (4, 512, 14, 512),
]
total = 0.0
print("  layers   input         filters   GFLOP per image")
for times, channels, size, filters in VGG_E:
    # Kernels 3×3 with padding 1 leave the size: an output at each pixel, for each filter.
    work = 2 * times * filters * size**2 * channels * 9 / 1e9
    total += work
    print(f"  {times:4d}     {f'{channels}×{size}×{size}':12s} {filters:7d}   {work:10.2f}")
print(f"  together                             {total:10.2f}")
for name, ms in {"cuDNN": 12.52, "F(2×2, 3×3)": 5.55}.items():
    print(f"{name:12s} {ms:6.2f} ms: {total / ms:.2f} effective TFLOPS")

### BEGIN CLAIMS
assert abs(total - 39.02) < 0.005, "39.02 GFLOP an image"
assert abs(total / 12.52 - 3.12) < 0.005 and abs(total / 5.55 - 7.03) < 0.005, "as in the paper"
### END CLAIMS

# %% [markdown] name="after_table"
# The convolutions take 39.02 GFLOP (10⁹ operations) per image, and the rates are 3.12 and 7.03
# TFLOPS, as in the paper. The chip, a Titan X of 2015, has 3,072 multipliers that run at 1.0 to
# 1.1 GHz and do two operations at a time (a multiplication and an addition). That makes 6.1 to 6.8
# TFLOPS at most, so 7.03 is more than the chip can do. How can that be?

# %% name="show_q11_beyond_the_peak"
ask("q11_beyond_the_peak")

# %% name="q11_beyond_the_peak"
q11_beyond_the_peak = ...

# %% nbgrader={"grade_id": "check_q11_beyond_the_peak", "locked": true}
from autograder import check

check("q11_beyond_the_peak")

# %% [markdown] name="explain"
# ## Explain it
#
# *5 minutes, marked by your teacher (3 points)*
#
# A colleague has three layers to speed up on a processor: (a) 7×7 kernels with stride 2 on 3
# channels of 224×224; (b) 3×3 kernels, stride 1, 256 → 256 channels of 14×14; (c) 31×31 kernels,
# stride 1, 8 → 8 channels of 64×64. For each, say which of the three ways you would try first, and
# give the one reason that decides it. Then name one thing that the number of products does not
# tell you.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_three_layers", "grade": true, "solution": true, "points": 3}
# (a) Columns and one matrix product: with stride 2 a Fourier transform computes four times as many
# outputs as are wanted, Winograd's tiles are for stride 1, and there are few channels, so the
# columns are small (49/4 times the images). (b) Winograd: 3×3, stride 1, and many channels and
# filters that share the cost of the transforms; 2.25 times fewer products. (c) The Fourier
# transform: 961 products per output directly, while the transforms cost the same as for a small
# kernel; the columns would take 961 times the memory.
#
# A count of products leaves out the memory traffic (transforms read and write large intermediate
# arrays), how well the operations fit the hardware (matrix units want large products), and the
# accuracy: transforms with larger tiles lose digits.
#
# (Three quarters of a point for each layer: the way, and the one reason that decides; three quarters
# for something that a count of products leaves out.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | Caffe: `im2col_cpu(...)`, then `caffe_cpu_gemm` | `torch.nn.functional.unfold(x, k)`, then `@`; rows are in the order (c, i, j), but the result has a matrix for each image, so its shape is N × C·k·k × number of windows |
# | Caffe: `col2im_cpu(...)` | `torch.nn.functional.fold(cols, size, k)` |
# | numpy: `as_strided(x, shape, strides)` | `np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))`; in torch `x.unfold(2, kh, stride)` |
# | Theano: `theano.sandbox.cuda.fftconv` | `torch.fft.rfft2`, `torch.fft.irfft2` |
# | cuDNN: you chose an algorithm by name | `torch.backends.cudnn.benchmark = True` times all algorithms on your layer and keeps the fastest |
#
# ## What has changed since
#
# - Libraries seldom write the columns to memory. cuDNN collects them on the way into the product
#   ("implicit GEMM", where GEMM is a library's matrix product; Chetlur 2014). On phones, a table of
#   pointers to the pixels replaces the copy (Dukhan 2019).
# - Winograd's tiles are used in cuDNN and oneDNN. Larger tiles save more products but lose
#   accuracy, as Lavin and Gray (2015) say and the cell below measures. On chips with special units
#   for matrix products, products in low precision are very cheap, so you have to measure whether
#   the tiles are still worth it.
# - The search for fast products of small matrices has started again. AlphaTensor (Fawzi 2022)
#   found a way to multiply 4×4 matrices of bits (modulo 2) in 47 products, where the older method
#   of Strassen (see the exercise below) takes 49.
# - Fourier transforms are still used where kernels are as long as their input. S4 (Gu 2021) and
#   Hyena (Poli 2023), nets for long sequences, convolve thousands of steps that way.
#
# The next cell measures the second point. Tiles F(m×m, 3×3) give m×m outputs each. The cell builds
# their matrices by Winograd's method, which you need not follow here. We apply them to random data
# in single precision (32 bits) and in half precision (16 bits).


# %% tags=["experiment"] name="since_tiles"
def winograd_matrices(m, r=3):
    """Aᵀ, G, Bᵀ of F(m, r) by evaluating polynomials at small points and at infinity."""
    points = np.array([0, 1, -1, 2, -2, 0.5, -0.5][: m + r - 2])
    at = np.hstack([np.vander(points, m, increasing=True).T, np.eye(m)[:, -1:]])
    g = np.vstack([np.vander(points, r, increasing=True), np.eye(r)[-1:]])
    # What is left is linear: sum over t of at[i, t] g[t, k] bt[t, j] is 1 where j = i + k, else 0.
    system = np.einsum("it,tk->ikt", at, g).reshape(m * r, -1)
    wanted = np.array([[j == i + k for j in range(m + r - 1)] for i in range(m) for k in range(r)])
    bt = np.linalg.lstsq(system, wanted.astype(float), rcond=None)[0]
    # A row of G may give a factor to the same row of Bᵀ: the largest numbers are made equal.
    scale = np.sqrt(np.abs(bt).max(1, keepdims=True) / np.abs(g).max(1, keepdims=True))
    return at, g * scale, bt / scale


def tile_error(m, dtype, seed, tiles=400):
    """Mean error of F(m×m, 3×3) in `dtype`, relative to the outputs' spread."""
    rng = np.random.default_rng(seed)
    at, g, bt = winograd_matrices(m)
    data, kernel = rng.normal(size=(tiles, m + 2, m + 2)), rng.normal(size=(tiles, 3, 3))
    data, kernel = (a.astype(dtype).astype(float) for a in (data, kernel))

    def run(kind):
        a_, g_, b_ = (matrix.astype(kind) for matrix in (at, g, bt))
        product = (g_ @ kernel.astype(kind) @ g_.T) * (b_ @ data.astype(kind) @ b_.T)
        return (a_ @ product @ a_.T).astype(float)

    right = run(np.float64)
    return float(np.abs(run(dtype) - right).mean() / right.std())


tile_sizes = [2, 4, 6]
errors = {
    name: training.seeds(lambda seed, t=t: [tile_error(m, t, seed) for m in tile_sizes], 3)
    for name, t in {"single precision": np.float32, "half precision": np.float16}.items()
}
plots.show(plots.lines(errors, "outputs a tile and axis, m", "mean relative error", x=tile_sizes,
                       log="y", accent="half precision",
                       title="F(m×m, 3×3): fewer products, fewer digits"))
for m in tile_sizes:
    single, half = (spread.middle[tile_sizes.index(m)] for spread in errors.values())
    print(f"F({m}×{m}, 3×3): {9 * m * m / (m + 2) ** 2:.2f} times fewer products, "
          f"error {single:.1e} in single, {half:.1e} in half precision")

### BEGIN CLAIMS
single, half = errors.values()
assert 5e-8 < single.middle[0] < 2e-7 and 4e-4 < half.middle[0] < 9e-4, "F(2×2): 1e-7 and 6e-4"
for error in (single.middle, half.middle):
    assert 4 < error[1] / error[0] < 5, "F(4×4): four to five times as much"
    assert 7 < error[2] / error[0] < 10.5, "F(6×6): seven to ten times"
### END CLAIMS

# %% [markdown] name="after_tiles"
# The mean error of F(2×2, 3×3) is about 1e-7 of the outputs' standard deviation in single precision
# and 6e-4 in half precision. F(4×4, 3×3) has four to five times that error, and F(6×6, 3×3) seven
# to ten times. So going from F(2×2, 3×3), with 2.25 times fewer products, to F(6×6, 3×3), with 5.06
# times fewer, costs about a decimal digit. For training, that hardly matters in single precision,
# but it does in half.
#
# ## What to remember
#
# - A convolution layer is a matrix product once its windows are columns. The columns take k²/s²
#   times the memory of the images. A view of all windows takes no memory, but the product needs
#   one copy of it.
# - The Fourier transform is worth it for **large** kernels, not for small ones. The convolution
#   theorem is about circular convolution with the kernel turned by 180°.
# - Winograd's tiles are worth it for **small** kernels with stride 1: F(2×2, 3×3) takes 16
#   products instead of 36.
# - Effective TFLOPS count the direct algorithm's operations and may exceed the chip's peak.
# - Fewer products do not always mean less time. Measure, on the layer that you have.
#
# ## Further reading
#
# - A. Lavin, S. Gray, *Fast Algorithms for Convolutional Neural Networks*, 2015. Section 4
#   has the algorithms; section 6 tells how they run on a GPU.
# - K. Chellapilla, S. Puri, P. Simard, *High Performance Convolutional Neural Networks for
#   Document Processing*, 2006. This is where unrolling convolutions into matrix products began.
# - M. Mathieu, M. Henaff, Y. LeCun, *Fast Training of Convolutional Networks through FFTs*, 2013.
# - M. Dukhan, *The Indirect Convolution Algorithm*, 2019.
# - S. Winograd, *Arithmetic Complexity of Computations*, 1980; V. Strassen, *Gaussian Elimination
#   is not Optimal*, 1969.

# %% [markdown] name="go_further"
# ## Go further
#
# These exercises have the same checks and hints, but no points.
#
# ### Exercise: the backward pass in matrix products
#
# *12 minutes · difficulty 3 of 3 · builds on conv_forward_strides and col2im*
#
# The layer is an affine map of the columns, so its gradients are those of the affine layer in
# notebook 01. col2im carries the gradient of the columns back to the images.


# %% nbgrader={"grade_id": "conv_backward_strides", "solution": true}
def conv_backward_strides(dout, cache):
    """The gradients of a convolution layer.

    Parameters
    ----------
    dout : (N, F, oh, ow) gradient with respect to out, in any memory order
    cache : what your conv_forward_strides returned; it may have been called again since

    Returns
    -------
    dx : (N, C, H, W), without padding, in the dtype of x
    dw : (F, C, kh, kw), summed over the batch
    db : (F,), summed over the batch
    """
    ### BEGIN SOLUTION
    x_shape, w, cols, conv_param = cache
    rows = dout.swapaxes(0, 1).reshape(len(w), -1)
    dcols = w.reshape(len(w), -1).T @ rows
    dx = col2im(dcols, x_shape, *w.shape[2:], conv_param["stride"], conv_param["pad"])
    return dx, (rows @ cols.T).reshape(w.shape), rows.sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_conv_backward_strides", "locked": true}
from autograder import check

check("conv_backward_strides")

# %% [markdown] name="bytes_text"
# ### Exercise: what the columns cost
#
# *5 minutes · difficulty 1 of 3 · builds on im2col*
#
# By the rule of thumb the columns are $k^2/s^2$ times as large as the images. Now compute their
# size exactly, to the byte.


# %% nbgrader={"grade_id": "im2col_bytes", "solution": true}
def im2col_bytes(x_shape, kh, kw, stride, pad, itemsize=4):
    """The size of im2col's matrix.

    Parameters
    ----------
    x_shape : (N, C, H, W)
    kh, kw, stride, pad : as for im2col
    itemsize : bytes per number; 4 in single precision

    Returns
    -------
    column_bytes : bytes of cols, for the whole batch
    ratio : column_bytes divided by the bytes of the images (without padding)
    """
    ### BEGIN SOLUTION
    N, C, H, W = x_shape
    oh, ow = (H + 2 * pad - kh) // stride + 1, (W + 2 * pad - kw) // stride + 1
    numbers = C * kh * kw * N * oh * ow
    return numbers * itemsize, numbers / (N * C * H * W)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_im2col_bytes", "locked": true}
from autograder import check

check("im2col_bytes")

# %% [markdown] name="effective_text"
# ### Exercise: effective TFLOPS
#
# *5 minutes · difficulty 1 of 3 · builds on notebook 09's costs*
#
# Write a function that computes, for any layer, the effective rate by which papers compare
# algorithms.


# %% nbgrader={"grade_id": "effective_tflops", "solution": true}
def effective_tflops(layer, ms):
    """Operations of the direct algorithm, two for each multiply-add, over the measured time.

    Parameters
    ----------
    layer : dict with N (images), C, H, W (channels, height, width of the input), F (filters), kh,
        kw (kernel), stride, pad. Biases are not counted
    ms : measured time for the whole batch, in milliseconds

    Returns
    -------
    tflops : in 10¹² operations per second

    Source: the convention of Lavin and Gray 2015, section 6.
    """
    ### BEGIN SOLUTION
    oh = (layer["H"] + 2 * layer["pad"] - layer["kh"]) // layer["stride"] + 1
    ow = (layer["W"] + 2 * layer["pad"] - layer["kw"]) // layer["stride"] + 1
    macs = layer["N"] * layer["F"] * oh * ow * layer["C"] * layer["kh"] * layer["kw"]
    return 2 * macs / ms / 1e9
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_effective_tflops", "locked": true}
from autograder import check

check("effective_tflops")

# %% [markdown] name="winograd_layer_text"
# ### Exercise: a layer by Winograd's tiles
#
# *20 minutes · difficulty 3 of 3 · builds on winograd_f23 and window_view*
#
# Cut the images into tiles, transform the filters once, and allow for odd sizes. The check counts
# products. If both sides of the output are even, there must be exactly 2.25 times fewer than in
# the direct algorithm.


# %% nbgrader={"grade_id": "winograd_conv3x3", "solution": true}
def winograd_conv3x3(x, w, b, pad):
    """A layer of 3×3 kernels with stride 1 by F(2×2, 3×3).

    Parameters
    ----------
    x : (N, C, H, W) images; not modified
    w : (F, C, 3, 3) filters. x and w may be arrays of any dtype, even of objects that know only
        +, -, * and /. So compute your arrays from x and w, or make them with dtype=x.dtype
    b : (F,) biases
    pad : rows and columns of zeros on each side

    Returns
    -------
    out : (N, F, H + 2·pad - 2, W + 2·pad - 2) in the dtype of x, with 16 products for each
        combination of tile (2×2 outputs), image, channel and filter. If a side of the output is
        odd, the last tile reaches beyond the image, into zeros. Filters are transformed once.

    Source: Lavin and Gray 2015, algorithm 1.
    """
    ### BEGIN SOLUTION
    oh, ow = x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
    tiles = np.lib.stride_tricks.sliding_window_view(x, (4, 4), axis=(2, 3))[:, :, ::2, ::2]
    data, filters = BT @ tiles @ BT.T, G @ w @ G.T
    products = np.einsum("nctuij,fcij->nftuij", data, filters)
    out = (AT @ products @ AT.T).swapaxes(3, 4)
    out = out.reshape(len(x), len(w), oh + oh % 2, ow + ow % 2)[:, :, :oh, :ow]
    return (out + b[:, None, None]).astype(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_winograd_conv3x3", "locked": true}
from autograder import check

check("winograd_conv3x3")

# %% [markdown] name="strassen_text"
# ### Exercise: Strassen's seven products
#
# *15 minutes · difficulty 3 of 3*
#
# Once a layer is a matrix product, you can also compute the product itself with fewer
# multiplications. Split both matrices into quarters. The ordinary way takes eight products of
# quarters; Strassen (1969) takes seven:
#
# | | | |
# |---|---|---|
# | $M_1=(A_{11}+A_{22})(B_{11}+B_{22})$ | $M_2=(A_{21}+A_{22})\,B_{11}$ | $M_3=A_{11}\,(B_{12}-B_{22})$ |
# | $M_4=A_{22}\,(B_{21}-B_{11})$ | $M_5=(A_{11}+A_{12})\,B_{22}$ | $M_6=(A_{21}-A_{11})(B_{11}+B_{12})$ |
# | $M_7=(A_{12}-A_{22})(B_{21}+B_{22})$ | | |
#
# $$C_{11}=M_1+M_4-M_5+M_7\qquad C_{12}=M_3+M_5\qquad C_{21}=M_2+M_4\qquad C_{22}=M_1-M_2+M_3+M_6$$
#
# Compute each of the seven products in the same way again, until the sizes are small.


# %% nbgrader={"grade_id": "strassen", "solution": true}
def strassen(A, B, leaf=64, product=np.matmul):
    """The matrix product A B by Strassen's recursion.

    Parameters
    ----------
    A : (n, k) array; not modified
    B : (k, m) array; not modified
    leaf : at least 1. When none of the three sizes n, k, m is above leaf, the product is computed
        directly, by one call of `product`
    product : function of two matrices. Call it for nothing else, since the check counts its calls

    Returns
    -------
    C : (n, m). With d levels, product is called 7**d times. On each level an odd size is made even
        by one row or column of zeros, and the result is cut.

    Source: Strassen 1969.
    """
    ### BEGIN SOLUTION
    rows, columns = len(A), B.shape[1]
    if max(rows, len(B), columns) <= leaf:
        return product(A, B)
    A, B = (np.pad(matrix, [(0, size % 2) for size in matrix.shape]) for matrix in (A, B))
    n, k, m = len(A) // 2, len(B) // 2, B.shape[1] // 2
    A11, A12, A21, A22 = A[:n, :k], A[:n, k:], A[n:, :k], A[n:, k:]
    B11, B12, B21, B22 = B[:k, :m], B[:k, m:], B[k:, :m], B[k:, m:]

    M1 = strassen(A11 + A22, B11 + B22, leaf, product)
    M2 = strassen(A21 + A22, B11, leaf, product)
    M3 = strassen(A11, B12 - B22, leaf, product)
    M4 = strassen(A22, B21 - B11, leaf, product)
    M5 = strassen(A11 + A12, B22, leaf, product)
    M6 = strassen(A21 - A11, B11 + B12, leaf, product)
    M7 = strassen(A12 - A22, B21 + B22, leaf, product)
    C = np.block([[M1 + M4 - M5 + M7, M3 + M5], [M2 + M4, M1 - M2 + M3 + M6]])
    return C[:rows, :columns]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_strassen", "locked": true}
from autograder import check

check("strassen")

# %% [markdown] name="predict_strassen"
# ### Experiment: what Strassen loses
#
# Each level saves an eighth of the products, but it adds sums of numbers that partly cancel, and
# that costs accuracy. We multiply two matrices of 256×256 in single precision. How many times
# larger will the error be with five levels than with none?

# %% name="prediction_strassen"
predict("Strassen's error, five levels against none", ..., between=(0, None))

# %% tags=["experiment"] name="experiment_strassen"
if passes("strassen"):
    depths = [0, 2] if QUICK else [0, 1, 2, 3, 4, 5]

    def strassen_errors(seed):
        """Mean error at each depth, relative to the product's spread."""
        rng = np.random.default_rng(seed)
        A, B = rng.normal(size=(2, 256, 256)).astype("f4")
        right = A.astype(float) @ B.astype(float)
        wrong = [strassen(A, B, 256 >> depth) - right for depth in depths]
        return [float(np.abs(difference).mean() / right.std()) for difference in wrong]

    by_depth = training.seeds(strassen_errors, 3)
    plots.show(plots.lines({"Strassen": by_depth}, "levels", "mean relative error", x=depths, log="y",
                           title="A product of 256×256 matrices in single precision; three seeds"))
    compare("Strassen's error, five levels against none", by_depth.middle[-1] / by_depth.middle[0])

### BEGIN CLAIMS
assert 4 < by_depth.middle[-1] / by_depth.middle[0] < 12, "five levels: five to ten times"
### END CLAIMS

# %% [markdown] name="after_strassen"
# Over five levels the mean error grows by a factor of five to ten, which is about 1.5 times per
# level. After five levels (7/8)⁵, about half, of the products are left, at the price of about one
# decimal digit. In numpy this saves no time, because the sums and the calls cost more than products
# of 8×8 matrices.
#
# ### Exercise: the fastest, by measurement
#
# *10 minutes · difficulty 2 of 3 · builds on the measuring in this notebook*
#
# No formula tells you which way is fastest for a given layer on a given machine, so you have to
# measure. Do it with care: prepare before you start the clock, do not time the first run, and take
# the median of the others. The clock is an argument, so that the check can use one of its own.


# %% nbgrader={"grade_id": "best_algorithm", "solution": true}
def best_algorithm(layer, candidates, clock=time.perf_counter, repeats=5):
    """The fastest of several algorithms for a layer, by measurement.

    Parameters
    ----------
    layer : dict, as for effective_tflops
    candidates : dict, name → function. candidates[name](layer) prepares (for example, makes
        arrays) and returns a function without arguments that runs the layer once. If it cannot do
        the layer, candidates[name](layer) raises ValueError; leave out such a candidate
    clock : function that gives the time in seconds
    repeats : timed runs of each candidate, after one run that is not timed

    Returns
    -------
    name : name of the candidate whose runs have the smallest median time
    seconds : dict, name → median time, for the candidates that can do the layer
    """
    ### BEGIN SOLUTION
    seconds = {}
    for name, prepare in candidates.items():
        try:
            run = prepare(layer)
        except ValueError:
            continue
        run()
        times = []
        for _ in range(repeats):
            start = clock()
            run()
            times.append(clock() - start)
        seconds[name] = np.median(times)
    return min(seconds, key=seconds.get), seconds
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_best_algorithm", "locked": true}
from autograder import check

check("best_algorithm")

# %% [markdown] name="use_best"
# The next cell tries your four ways on three layers.


# %% tags=["experiment"] name="experiment_best"
def candidate(way, largest=None):
    """A way of computing as best_algorithm wants it; kernels above `largest` are refused."""

    def prepare(layer):
        if largest is not None and layer["kh"] > largest:
            raise ValueError(f"for kernels up to {largest}")
        data = make_layer(**layer)
        return lambda: way(*data)

    return prepare


if passes("im2col", "conv_forward_strides", "conv_fft", "winograd_conv3x3", "best_algorithm"):
    ways = {
        "im2col": candidate(im2col_conv),
        "strides": candidate(conv_forward_strides),
        "Fourier": candidate(lambda x, w, b, p: conv_fft(x, w, b, p["pad"])),
        "Winograd": candidate(lambda x, w, b, p: winograd_conv3x3(x, w, b, p["pad"]), largest=3),
    }
    trials = {
        "few channels, 3×3": square_layer(N=4, C=3, size=64, F=16, k=3),
        "many channels, 3×3": square_layer(N=2, C=64, size=14, F=64, k=3),
        "few channels, 25×25": square_layer(N=4, C=3, size=64, F=16, k=25),
    }
    for title, layer in trials.items():
        best, taken = best_algorithm(layer, ways)
        shown = ", ".join(f"{name} {1e3 * value:.2f} ms" for name, value in taken.items())
        print(f"{title:20s} {best} ({shown})")

# %% [markdown] name="after_best"
# The two ways with a matrix product, im2col and strides, are by far the fastest on both 3×3 layers,
# and the Fourier transform is fastest at 25×25. Winograd's tiles do 2.25 times fewer products but
# take many times as long as im2col, because numpy handles many tiles of 4×4 much more slowly than
# one large matrix product. Libraries that gain from Winograd take each of the sixteen places of a
# tile by itself. For each place they make one matrix of the filters' numbers (filters × channels)
# and one of the data's (channels × tiles). The product of the two sums over the channels, so the
# layer becomes sixteen large products. They also keep tiles in registers, a processor's fastest
# memory (Lavin and Gray wrote their code in assembler).
