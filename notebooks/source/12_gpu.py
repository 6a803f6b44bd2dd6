# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 12 · GPUs: what the hardware does with a net
#
# After this you can
#
# - **measure** how long work takes on a device where a call returns before its work is done, and
#   draw your machine's roofline, a curve that shows how fast the machine can compute for each
#   number of operations per byte moved,
# - **find** what a training loop waits for, and say what reading ahead would gain,
# - **work out** how much memory a training step needs.
#
# This takes an estimated 125 minutes, in two sittings of 70 and 55. It builds on 01 (training
# loop), 07 (momentum, Adam), 09 and 10 (convolution and its cost). You need no GPU, because the
# checks bring a simulated device that behaves like one. If your machine has a GPU, the experiments
# use it.

# %% name="imports"
import copy
import os
import queue
import statistics
import tempfile
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, passes, solution
from course_utils import devices, plots, results, training
from course_utils.explorers.gpu import explore_pipeline
from course_utils.predictions import compare, predict

# %% name="device"
DEVICE = devices.best_device()
print("=" * 72)
devices.announce(DEVICE)
print(f"CPU cores: {os.cpu_count()}; threads that torch uses: {torch.get_num_threads()}.")
print("=" * 72)

# %% [markdown] name="warm-up"
# ## Before you start
#
# The three questions below the next cell are about earlier notebooks. You will need their answers.

# %% name="show_q12_conv_operations"
ask("q12_conv_operations")

# %% name="q12_conv_operations"
q12_conv_operations = ...

# %% nbgrader={"grade_id": "check_q12_conv_operations", "locked": true}
from autograder import check

check("q12_conv_operations")

# %% name="show_q12_adam_memory"
ask("q12_adam_memory")

# %% name="q12_adam_memory"
q12_adam_memory = ...

# %% nbgrader={"grade_id": "check_q12_adam_memory", "locked": true}
from autograder import check

check("q12_adam_memory")

# %% name="show_q12_minibatches"
ask("q12_minibatches")

# %% name="q12_minibatches"
q12_minibatches = ...

# %% nbgrader={"grade_id": "check_q12_minibatches", "locked": true}
from autograder import check

check("q12_minibatches")

# %% [markdown] name="peak_text"
# ## What a chip promises
#
# A CPU has a few cores, and each can do any kind of work. A GPU has thousands of small units that
# all do the same operation at once, on different numbers, and that is what a layer of a net needs.
# A data sheet's peak, in floating-point operations a second (FLOP/s), is
#
# $$\text{FLOP/s} = \text{units} \times \text{clock} \times \text{operations per clock cycle}$$
#
# A *fused multiply-add* (FMA), $a\cdot b + c$, is one instruction and counts as two operations. On
# a CPU a unit is a core, which works on whole vectors. With AVX-512, Intel's instructions for
# vectors of 16 float32 numbers, each core of many CPUs does two FMAs on such vectors at a time,
# which makes 2 · 16 · 2 = 64 operations per clock cycle. The older AVX2 has vectors of 8, so there
# it is 32. On a GPU each small unit does one FMA per clock cycle, so there it is 2.

# %% [markdown] name="peak_table_text"
# The next cell works this out for a few chips. It takes the base clock of CPUs (the one that is
# guaranteed), the boost clock of GPUs (the one in data sheets) and prices at launch. Tables on the
# web may choose differently. For example, some list an i7-7700K at 4.2 GHz (base) or at 4.4 and
# more (boost, which Intel calls turbo), and a GTX 1070 at 379 dollars or at 449. Some rows are even
# wrong, and they spread because one table copies from another. So recompute what you read. For
# example, these two rows are wrong:
#
# - *RTX 3090, 1.6 GHz, 35.6 TFLOPS*. To reach 35.6 it needs its boost clock, 1.695 GHz.
# - *i9-7900k, 385 dollars, 640 GFLOPS*. There is no such product. The i9-7900X cost about 1000
#   dollars, and its ten cores at 64 operations per cycle promise about 2 TFLOP/s at the base clock.
#   So both the speed and the price are wrong.

# %% tags=["experiment"] name="peak_table"
CHIPS = [  # name, units, GHz, operations per clock cycle, price at launch in dollars
    ("Core i7-7700K", 4, 4.2, 32, 339),
    ("Core i9-7900X", 10, 3.3, 64, 999),
    ("GTX 1070", 1920, 1.683, 2, 379),
    ("Titan Xp", 3840, 1.582, 2, 1200),
    ("RTX 3090", 10496, 1.695, 2, 1499),
]
for name, units, ghz, per_clock, price in CHIPS:
    flops = units * ghz * 1e9 * per_clock
    print(f"{name:15} {flops / 1e12:6.2f} TFLOP/s {flops / 1e9 / price:6.1f} GFLOP/s per dollar")

# %% [markdown] name="stopwatch_text"
# ## A stopwatch that is not fooled
#
# To the Python program a GPU is a queue. A call hands work over and returns within a few
# microseconds. The device does the work later, in order. So you must wait until the queue is empty
# before you read the clock, both before the call and after it. In this table time runs from left to
# right:
#
# | program | wait | clock | call | wait | clock |
# |---|---|---|---|---|---|
# | device | empties its queue | | | does the work | |
#
# ### Exercise: benchmark
#
# *12 minutes · difficulty 2 of 3*
#
# The first calls of a function are often slow, because memory is reserved and programs are loaded.
# So they do not count. The check uses a simulated device, and while it tries your function it moves
# Python's clocks itself. So the check takes no real time. If you forget to wait, your result is
# wrong, as on a real device.
#
# Stuck? `hint("benchmark")` in a cell of your own gives a nudge; ask again and you get a bigger
# one.


# %% nbgrader={"grade_id": "benchmark", "solution": true}
def benchmark(fn, sync, repeats):
    """The median time of a call.

    Parameters
    ----------
    fn : function without arguments that hands work to the device and returns
    sync : function without arguments that returns when all the work that was handed over is done
    repeats : int, how many calls are timed, each on its own, after three calls that do not count

    Returns
    -------
    seconds : the median over the repeats. Each measured time lasts from the call to the end of its
        work.

    Use any of Python's clocks that goes on while the program waits for the device.
    """
    ### BEGIN SOLUTION
    for _ in range(3):
        fn()
    seconds = []
    for _ in range(repeats):
        sync()
        start = time.perf_counter()
        fn()
        sync()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_benchmark", "grade": true}
from autograder import check

check("benchmark")

# %% name="predict_product"
# How fast does your device (see the top of this notebook) multiply two 1024×1024 matrices? Count in
# tens of GFLOP/s, so 500 GFLOP/s is 50 and 1 TFLOP/s is 100. Put a number in place of the dots.
predict("product", ..., between=(0, None))

# %% [markdown] name="speed_text"
# ### Experiment: products and convolutions
#
# Now you time a matrix product at several sizes, and one of VGG's 3×3 convolutions, whose rate is
# printed for comparison. If you have a GPU, your stopwatch times the GPU as well. If not, the plot
# shows stored measurements of a GPU, if your copy of the course has some.

# %% tags=["experiment"] name="speeds"
def measured_on(device, sizes):
    """TFLOP/s of a product of n×n matrices, and of one of VGG's 3×3 convolutions."""
    products = []
    for n in sizes:
        a, b = torch.randn(n, n, device=device), torch.randn(n, n, device=device)
        seconds = benchmark(lambda a=a, b=b: a @ b, lambda: devices.synchronize(device), 5)
        products.append(2 * n**3 / seconds / 1e12)
    x = torch.randn(2, 64, 56, 56, device=device)
    w = torch.randn(64, 64, 3, 3, device=device)
    sync = lambda: devices.synchronize(device)
    seconds = benchmark(lambda: F.conv2d(x, w, padding=1), sync, 5)
    return products, 2 * 2 * 56 * 56 * 64 * 64 * 9 / seconds / 1e12


sizes = [128, 256, 512, 1024]
speeds = {}
if passes("benchmark"):
    for place in dict.fromkeys(["cpu", DEVICE.type]):
        products, convolution = measured_on(torch.device(place), sizes)
        speeds[place] = products
        print(f"{place}: 3×3 convolution, 64 → 64 channels, 56×56: {1e3 * convolution:.1f} GFLOP/s")

stored = results.on_gpus("device_speeds")
for found in stored if DEVICE.type == "cpu" else []:
    gpu = found["measured"][0]
    speeds[f"{found['gpu']} (stored)"] = [
        row["tflops"] for row in gpu.get("matmul_float32", []) if row["n"] in sizes
    ]
    for kind in [key for key in gpu if key.startswith("conv_")]:
        rates = [row["forward_tflops"] for row in gpu[kind]]
        print(f"{found['gpu']} (stored): VGG's 3×3 convolutions, {kind.removeprefix('conv_')}: "
              f"{min(rates):.1f} to {max(rates):.1f} TFLOP/s")
speeds = {name: rates for name, rates in speeds.items() if len(rates) == len(sizes)}
if speeds:
    plots.show(
        plots.lines(
            speeds, "n, for n×n matrices", "TFLOP/s", x=sizes, log="xy",
            title="Product of two float32 matrices",
        )
    )

# %% tags=["experiment"] name="compare_product"
if DEVICE.type in speeds:
    compare("product", float(100 * speeds[DEVICE.type][-1]), "times 10 GFLOP/s")

# %% [markdown] name="speed_note"
# The speed of a product depends on its size. A small one gives the units too little to do, and much
# of its time goes into starting the work. A GPU's line goes on rising at sizes where a CPU's is
# already flat, because a GPU has more units to fill. The measured speed is below the data sheet's
# peak, which in float32 is 35.6 TFLOP/s for an RTX 3090 (NVIDIA's GA102 whitepaper) and 67 for an
# H200. That peak is reached only while every unit does a fused multiply-add in every clock cycle.

# %% name="show_q12_clock"
ask("q12_clock")

# %% name="q12_clock"
q12_clock = ...

# %% nbgrader={"grade_id": "check_q12_clock", "locked": true}
from autograder import check

check("q12_clock")

# %% [markdown] name="roofline_text"
# ## The roofline: operations for each byte
#
# Numbers must reach the units before anything is computed. A function that runs on the device is
# called a *kernel* (it has nothing to do with a convolution's kernel). Let the device have a peak
# of $P$ operations a second and a memory that moves $B$ bytes a second. A kernel that does $I$
# operations for each byte that it moves (its *arithmetic intensity*) reaches at most this many
# operations a second (Williams 2009):
#
# $$\min(P,\; I \cdot B)$$
#
# This limit is called the *roof* at the intensity $I$. For each number, a float32 ReLU moves 8
# bytes (four in, four out) and does one operation, so $I = 1/8$. A product of $n×n$ matrices moves
# at least $12 n^2$ bytes (three matrices at 4 bytes a number) for $2n^3$ operations, so $I = n/6$.
# According to its data sheet, an H200 does 989 TFLOP/s with bf16, numbers of 2 bytes, and moves 4.8
# TB/s. So a kernel must do 206 operations for each byte (989/4.8) before arithmetic becomes the
# limit. A ReLU on its own is limited by memory on any machine, so libraries *fuse* it with the
# layers beside it: one kernel computes them together.
#
# A data sheet's $P$ and $B$ are promises. You measure those of your own machine: $P$ with large
# products, $B$ with copies of large arrays. You take several runs of each, because other programs
# slow some of them down.
#
# ### Exercise: a roofline from measurements
#
# *15 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "roofline", "solution": true}
def roofline(products, copies, kernels):
    """A machine's roof from measurements, and how close some kernels come to it.

    Parameters
    ----------
    products : list of (operations, seconds), each a run of a large product; sizes differ
    copies : list of (bytes, seconds), each a copy of a large array; bytes counts those read and
        those written
    kernels : dict, name → (operations, bytes, seconds) of one run. These runs are not used for
        peak and bandwidth

    Returns
    -------
    peak : operations a second, of the run in `products` that has the highest rate
    bandwidth : bytes a second, of the run in `copies` that has the highest rate
    report : dict, name → (intensity, share, limit) for each kernel
        intensity : operations for each byte
        share : the kernel's operations a second, divided by the roof at its intensity (more than 1
            is possible where numbers came from a cache, a small fast memory on the chip)
        limit : "memory" where intensity times bandwidth is below the peak, else "compute"

    Source: Williams 2009.
    """
    ### BEGIN SOLUTION
    peak = max(operations / seconds for operations, seconds in products)
    bandwidth = max(moved / seconds for moved, seconds in copies)
    report = {}
    for name, (operations, moved, seconds) in kernels.items():
        intensity = operations / moved
        roof = min(peak, intensity * bandwidth)
        limit = "memory" if intensity * bandwidth < peak else "compute"
        report[name] = intensity, operations / seconds / roof, limit
    return peak, bandwidth, report
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_roofline", "grade": true}
from autograder import check

check("roofline")

# %% [markdown] name="roofline_own"
# Now your stopwatch times real runs, and your function finds your machine's roof (on a CPU, that of
# one core). The roof's corner is where its slope meets the flat part.

# %% tags=["experiment"] name="own_roofline"
def took(fn):
    """Seconds of a call on this device."""
    return benchmark(fn, lambda: devices.synchronize(DEVICE), 9)


if passes("benchmark", "roofline"):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one core, since splitting small products over several gains nothing
    big = torch.randn(2**23, device=DEVICE)
    other, target = torch.randn_like(big), torch.empty_like(big)
    count = big.numel()
    copies = [(8 * count, took(lambda: target.copy_(big))) for _ in range(3)]
    products = []
    for n in (512, 1024, 1536):
        a, b = torch.randn(2, n, n, device=DEVICE)
        products.append((2 * n**3, took(lambda a=a, b=b: a @ b)))
    kernels = {
        "ReLU": (count, 8 * count, took(lambda: torch.clamp(big, min=0, out=target))),
        "x·y + x": (2 * count, 12 * count, took(lambda: torch.addcmul(big, big, other, out=target))),
    }
    for n in (16, 64, 256, 1024):
        a, b = torch.randn(2, n, n, device=DEVICE)
        kernels[f"product, n = {n}"] = 2 * n**3, 12 * n**2, took(lambda a=a, b=b: a @ b)
    torch.set_num_threads(threads)
    peak, bandwidth, report = roofline(products, copies, kernels)
    print(f"measured on {DEVICE.type}: peak {peak / 1e9:.0f} GFLOP/s, memory {bandwidth / 1e9:.1f} GB/s,")
    print(f"so the roof's corner is at {peak / bandwidth:.1f} operations a byte")
    for name, (intensity, share, limit) in report.items():
        print(f"{name:18} {intensity:7.2f} op/byte, {share:6.1%} of the roof, limited by {limit}")
    grid = np.geomspace(0.1, 250, 60)
    picture = plots.lines({"roof": np.minimum(peak, grid * bandwidth) / 1e9},
                          "operations for each byte moved", "GFLOP/s", x=grid, log="xy",
                          title="The roofline of this machine")
    rates = {name: kernels[name][0] / kernels[name][2] / 1e9 for name in report}
    for name, (intensity, *_) in report.items():
        picture.axes[0].plot(intensity, rates[name], "o", color="C0", label=name)
        picture.axes[0].annotate(name, (intensity, rates[name]), (6, -12),
                                 textcoords="offset points", fontsize=8)
    said = "; ".join(f"{name} {rates[name]:.3g} at {report[name][0]:.2g}" for name in report)
    plots.show(picture, f"The roof rises to {peak / 1e9:.3g} GFLOP/s at {peak / bandwidth:.2g} operations "
                        f"a byte and stays there. Measured: {said}.")

# %% [markdown] name="roofline_note"
# The smallest products lie far below the roof, because starting the operation (the *launch*) takes
# longer than computing it. A point may also lie above the sloping part of the roof, because that
# kernel's numbers were still in a cache, which is faster than the memory that sets the slope.

# %% name="show_q12_roofline"
ask("q12_roofline")

# %% name="q12_roofline"
q12_roofline = ...

# %% nbgrader={"grade_id": "check_q12_roofline", "locked": true}
from autograder import check

check("q12_roofline")

# %% [markdown] name="pipeline_text"
# ## Feeding it
#
# A fast device is of no use while it waits for its next batch. A loader reads the batch from disk,
# a link carries it to the device, and the device computes. If these three take turns, two of them
# always wait. With *prefetch* (reading ahead) batch 2 is loaded while batch 1 is still on the link.

# %% tags=["experiment"] name="explorer"
explore_pipeline()

# %% [markdown] name="pipeline_exercise"
# Three things to try:
#
# 1. Make loading the slowest stage. How much time does prefetch save, and for what fraction of the
#    time does the device work?
# 2. Add workers (loaders side by side) until the device never waits. How many does it take, and
#    what would one more gain?
# 3. Make the device the slowest stage. Do more workers help?
#
# ### Exercise: the time of an epoch
#
# *15 minutes · difficulty 2 of 3*
#
# With prefetch, a stage begins a batch as soon as the batch has left the stage before **and** the
# stage itself is free. With many equal batches, each batch then takes about as long as the slowest
# stage alone, instead of the sum of all three. Here you compute the exact time, including the
# start, when the device has nothing to do yet, and the end.


# %% nbgrader={"grade_id": "pipeline_time", "solution": true}
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    """The time from the first load to the end of the last computation.

    Parameters
    ----------
    t_load, t_transfer, t_compute : lists of n durations in seconds, one per batch
    prefetch : bool. False: everything happens one after the other, and `workers` does not matter.
        True: loaders, link and device each work as soon as they can. Any number of batches may
        wait between them.
    workers : int, how many loaders there are. Batches are given to them in turn, as in torch's
        DataLoader: loader number i % workers loads batch i. Each loads one batch at a time, and
        all load at the same time. The link takes the batches in order.

    Returns
    -------
    seconds : float
    """
    ### BEGIN SOLUTION
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    loader_free = [0.0] * workers
    link_free = device_free = 0.0
    for i, load in enumerate(t_load):
        loaded = loader_free[i % workers] = loader_free[i % workers] + load
        link_free = max(loaded, link_free) + t_transfer[i]
        device_free = max(link_free, device_free) + t_compute[i]
    return device_free
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pipeline_time", "grade": true}
from autograder import check

check("pipeline_time")

# %% [markdown] name="break"
# *This is a good place for a break. The second sitting begins here. If Python has been stopped by
# the time you come back, run all cells above first.*

# %% [markdown] name="profile_text"
# ## What does the training loop wait for?
#
# If you speed up the wrong stage, you gain nothing. So you first measure each stage on its own: you
# read the clock, call the stage, wait until the device is done, and read the clock again. If you
# forget to wait, a stage that only hands its work over seems to take no time, and a later stage
# gets the blame.
#
# ### Exercise: find the bottleneck
#
# *15 minutes · difficulty 2 of 3 · builds on benchmark and pipeline_time*


# %% nbgrader={"grade_id": "find_bottleneck", "solution": true}
def find_bottleneck(stages, sync, batches):
    """Profile a pipeline: which stage is the slowest, and what would be gained if it took no time.

    Parameters
    ----------
    stages : list of two or more pairs (name, function). The first function gets a batch, each of
        the others gets what the one before it returned. Some wait for a disk, some hand work to a
        device and return at once
    sync : function without arguments that returns when all the work that was handed over is done
    batches : list of three or more; each goes through all stages, once

    Returns
    -------
    name : the name of the stage with the longest median time. A time lasts from the call to the end
        of its work, all waiting included. The median is over all batches but the first, for which
        everything is slower
    gain : computed from the same medians for a pipeline whose stages all work at the same time, on
        many batches, as with prefetch: there the time per batch is the longest of the medians.
        gain is the time per batch now, divided by the time per batch that would be left if the
        slowest stage took no time at all
    """
    ### BEGIN SOLUTION
    seconds = {name: [] for name, _ in stages}
    for batch in batches:
        for name, function in stages:
            start = time.perf_counter()
            batch = function(batch)
            sync()
            seconds[name].append(time.perf_counter() - start)
    middle = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    second, slowest = sorted(middle, key=middle.get)[-2:]
    return slowest, middle[slowest] / middle[second]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_find_bottleneck", "grade": true}
from autograder import check

check("find_bottleneck")

# %% [markdown] name="profiled_text"
# ### Experiment: a training loop that starves
#
# The pictures lie compressed on a file server. It answers a request after 15 ms (here `time.sleep`
# stands in for the server, since most of the loading time is spent waiting). Then the batch is
# unpacked, as JPEG files are. The net trains on your device. What does the loop wait for?

# %% tags=["experiment"] name="profiled"
class FileServer:
    """Batches of pictures; each arrives after a wait and is then unpacked."""

    def __init__(self, batches, seed=0):
        rng = np.random.default_rng(seed)
        self.packed = []
        for _ in range(batches):
            x = rng.integers(0, 2, (192, 3, 64, 64)).astype(np.uint8)
            self.packed.append((zlib.compress(x.tobytes(), 1), rng.integers(0, 10, len(x))))

    def __len__(self):
        return len(self.packed)

    def __iter__(self):
        for packed, y in self.packed:
            time.sleep(0.015)
            flat = np.frombuffer(bytearray(zlib.decompress(packed)), np.uint8)
            yield torch.from_numpy(flat.reshape(-1, 3, 64, 64)), torch.from_numpy(y)


def small_net():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=4), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
    ).to(DEVICE)
    return net, torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)


def step(net, optimizer, x, y):
    loss = F.cross_entropy(net(x.float() / 255 - 0.08), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


if passes("find_bottleneck"):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    net, optimizer = small_net()
    with_server = FileServer(6 if training.quick() else 20)
    arriving = iter(with_server)
    stages = [
        ("load", lambda _: next(arriving)),
        ("transfer", lambda batch: tuple(part.to(DEVICE) for part in batch)),
        ("compute", lambda batch: step(net, optimizer, *batch)),
    ]
    slowest, gain = find_bottleneck(stages, lambda: devices.synchronize(DEVICE),
                                    [None] * len(with_server))
    torch.set_num_threads(threads)
    print(f"In this loop {slowest} is the slowest stage. If it took no time, an overlapped loop would be "
          f"{gain:.1f} times faster, and no more: then the next stage is the slowest.")

# %% [markdown] name="feeding"
# If your loop waits for its loader, try these remedies in this order:
#
# 1. Keep all pictures in memory, if they fit.
# 2. If they do not, keep them on an SSD, packed into one file.
# 3. Read ahead, so that loading and computing overlap. A thread is enough where loading means
#    waiting or unpacking. If loading runs Python code, threads take turns instead of overlapping,
#    so use processes (torch's `DataLoader(num_workers=...)`).
#
# Under Go further you write a loader that reads ahead, and you also pack all pictures into one
# file.

# %% [markdown] name="four_speeds_text"
# ### Experiment: four speeds
#
# On its way a batch passes the disk, the memory, the link and the device's own memory, and their
# speeds differ by orders of magnitude. To time the disk, the cell writes a file, pushes it out of
# the system's cache (where the system allows that), and reads it. Without a GPU you see two of the
# four. *Pinned* memory is memory that the device can read by itself, which makes transfers faster;
# ordinary memory is called *pageable*. The specification of PCIe 4.0 with 16 lanes, a usual link,
# promises 31.5 GB/s each way. According to their data sheets, the memory of an RTX 3090 moves 936
# GB/s and that of an H200 4800 GB/s. The slowest part of the way sets how many bytes a second can
# reach the net, so see which part that is on your machine.

# %% tags=["experiment"] name="four_speeds"
def disk_speed(megabytes=64):
    """Bytes a second of reading a file that is not in the cache; whether it could be pushed out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block"
        path.write_bytes(np.random.default_rng(0).bytes(megabytes * 2**20))
        with path.open("rb", buffering=0) as file:
            os.fsync(file.fileno())
            cold = hasattr(os, "posix_fadvise")
            if cold:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = time.perf_counter()
            while file.read(2**20):
                pass
            return megabytes * 2**20 / (time.perf_counter() - start), cold


def copy_speed(source, target):
    """Bytes a second of a copy; within one memory each is read and written, and counts twice."""
    sync = lambda: devices.synchronize(DEVICE)
    seconds = benchmark(lambda: target.copy_(source, non_blocking=True), sync, 5)
    times = 2 if source.device == target.device else 1
    return times * source.numel() * source.element_size() / seconds


if passes("benchmark"):
    block = torch.zeros(2**26, dtype=torch.uint8)
    disk, cold = disk_speed()
    print(f"disk{'' if cold else ' (or its cache)':20} {disk / 1e9:8.2f} GB/s")
    print(f"{'memory to memory':24} {copy_speed(block, torch.empty_like(block)) / 1e9:8.2f} GB/s")
    if DEVICE.type == "cpu":
        print("link and device memory: none on this machine")
    else:
        there = torch.empty_like(block, device=DEVICE)
        print(f"{'link, pageable memory':24} {copy_speed(block, there) / 1e9:8.2f} GB/s")
        if DEVICE.type == "cuda":
            pinned = block.pin_memory()
            print(f"{'link, pinned memory':24} {copy_speed(pinned, there) / 1e9:8.2f} GB/s")
        print(f"{'inside the device':24} {copy_speed(there, torch.empty_like(there)) / 1e9:8.2f} GB/s")
    for found in stored:
        gpu = found["measured"][0]
        for way, name in (("", "to it"), ("_back", "back")) if "transfer" in gpu else ():
            row = gpu["transfer"][-1]
            print(f"{found['gpu']} (stored): link {name} {row[f'pageable{way}_gb_per_s']:.1f} GB/s "
                  f"pageable, {row[f'pinned{way}_gb_per_s']:.1f} pinned")
        if "memory_gb_per_s" in gpu:
            print(f"{found['gpu']} (stored): inside the device {gpu['memory_gb_per_s']:.0f} GB/s")

# %% [markdown] name="memory_text"
# ## Where the gigabytes are
#
# A net that does not fit into the GPU's memory does not train at all, so it pays to count first. A
# training step keeps the outputs of all layers, the *activations*, for the backward pass, which
# makes a gradient of the same size for each of them. Activations and their gradients grow with the
# batch. Parameters, their gradients and the optimizer's state do not.
#
# A layer that works **in place** writes its output where its input was. A **view** (such as the
# output of `Flatten`) is the same memory in another shape. Neither needs memory of its own.

# %% [markdown]
# ### A worked example: the bytes of a small net
#
# A batch of 2 examples with 3 numbers each goes through the net, and every number takes 4 bytes.
# The input counts as an activation, too.
#
# | | activations | parameters |
# |---|---|---|
# | input | 2·3 = 6 | |
# | affine, 3 to 4 | 2·4 = 8 | 3·4 + 4 = 16 |
# | ReLU, in place | none of its own | |
# | affine, 4 to 2 | 2·2 = 4 | 4·2 + 2 = 10 |
# | together | 18 numbers, 72 bytes | 26 numbers, 104 bytes |
#
# The activations' gradients take another 72 bytes (the input's is counted as well), and the
# parameters' gradients another 104. Momentum keeps one number for each parameter, which adds 104
# bytes more. Together these are 456 bytes. If you double the batch, each 72 becomes 144, but each
# 104 stays.
#
# Now a batch of 3 pictures of 1×2×2 goes through another net. Find the missing counts.
#
# | | activations | parameters |
# |---|---|---|
# | input | 12 | |
# | `Flatten` | **?** | |
# | affine, 4 to 5 | **?** | 25 |
# | ReLU, in place | none of its own | |
# | affine, 5 to 1 | 3 | **?** |
#
# **The missing numbers.** `Flatten` gives a view, so it has none of its own: 0. The first affine
# layer has 3·5 = 15 activations, and the second has 5 + 1 = 6 parameters.

# %% [markdown]
# ### Exercise: count the bytes
#
# *18 minutes · difficulty 3 of 3*
#
# `module.register_forward_hook(f)` makes torch call `f(module, inputs, output)` after each call of
# the module. It returns a handle, whose `remove()` ends that. `t.untyped_storage().data_ptr()` is
# the address of a tensor's memory. Once nobody holds the tensor, a later one may get this memory.


# %% nbgrader={"grade_id": "activation_memory", "solution": true}
def activation_memory(model, input_shape, dtype, optimizer):
    """The bytes of a training step, by what they hold.

    Parameters
    ----------
    model : nn.Module in float32 on the CPU. Leave it as it was: every module still in training or
        test mode as before, the same running statistics of batch norm and no hooks.
    input_shape : tuple, the batch included
    dtype : torch dtype; count as if all numbers had this dtype, whatever dtype the model has
    optimizer : "sgd" (keeps nothing), "momentum" (one number for each trained parameter) or "adam"
        (two)

    Returns
    -------
    dict of ints, in bytes:
        "activations" : the input and, for each call of a module without children, its output in
            training mode. An output that shares its memory with one already counted is not
            counted again
        "activation_gradients" : the same number again (the classic estimate; it includes a gradient
            for the input)
        "parameters" : all of them
        "parameter_gradients" : of those that require a gradient
        "optimizer" : its state
    """
    ### BEGIN SOLUTION
    trial = copy.deepcopy(model).train()
    x = torch.zeros(input_shape)
    outputs = [x]
    for module in trial.modules():
        if not list(module.children()):
            module.register_forward_hook(lambda module, args, out: outputs.append(out))
    trial(x)
    storages = {}
    for out in outputs:
        storages.setdefault(out.untyped_storage().data_ptr(), out.numel())
    size = torch.empty((), dtype=dtype).element_size()
    activations = size * sum(storages.values())
    everything = size * sum(p.numel() for p in model.parameters())
    trained = size * sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {
        "activations": activations,
        "activation_gradients": activations,
        "parameters": everything,
        "parameter_gradients": trained,
        "optimizer": {"sgd": 0, "momentum": 1, "adam": 2}[optimizer] * trained,
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_activation_memory", "grade": true}
from autograder import check

check("activation_memory")

# %% [markdown] name="alexnet_text"
# Here your function counts the bytes of AlexNet as it was in 2012, with in-place ReLUs and local
# response normalisation, a method of that time. The filters of some layers come in two groups, each
# of which sees half of the channels. Your function counts for one picture, and the cell multiplies
# what grows with the batch by the batch size. AlexNet's authors trained with a batch of 128 and
# split the net over two GTX 580 cards with 3 GB each (Krizhevsky 2012). Do batches of 128 and of 256
# fit into these 6 GB by this count? Into the 3 GB of one card? And what takes most of the memory? (The
# convolutions also need memory for intermediate results, which is not counted here. In most later
# copies of the net every filter sees all channels. There the parameters, their gradients and the
# momentum take 0.75 GB instead of 0.73.)

# %% tags=["experiment"] name="alexnet"
def alexnet_2012():
    relu = lambda: nn.ReLU(inplace=True)
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), relu(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), relu(), nn.LocalResponseNorm(5),
        nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), relu(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), relu(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), relu(), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(9216, 4096), relu(), nn.Dropout(), nn.Linear(4096, 4096), relu(), nn.Dropout(),
        nn.Linear(4096, 1000),
    )


if passes("activation_memory"):
    one = activation_memory(alexnet_2012(), (1, 3, 227, 227), torch.float32, "momentum")
    stays = one["parameters"] + one["parameter_gradients"] + one["optimizer"]
    print(f"parameters, their gradients, momentum: {stays / 1e9:.2f} GB")
    for batch in (128, 256):
        grows = batch * (one["activations"] + one["activation_gradients"])
        print(
            f"batch {batch}: activations and their gradients {grows / 1e9:.2f} GB, "
            f"together {(grows + stays) / 1e9:.2f} GB"
        )
    for found in results.on_gpus("device_speeds"):
        if step := found["measured"][0].get("alexnet"):
            print(f"{found['gpu']} (stored): a step of torchvision's AlexNet with a batch of "
                  f"{step['batch']} holds {step['peak_gb']:.2f} GB at its highest")

# %% [markdown] name="who_runs"
# ## Who runs where
#
# Each maker's GPUs need different software. The table says which, and what torch calls it:
#
# | | made by | runs on | in torch |
# |---|---|---|---|
# | CUDA | NVIDIA | NVIDIA GPUs | `torch.device("cuda")`, with NVIDIA's libraries underneath: cuDNN for nets, cuBLAS for matrix products |
# | ROCm (HIP) | AMD | AMD GPUs | the same `"cuda"` in torch's ROCm build |
# | XPU (SYCL) | Intel | Intel GPUs | `torch.device("xpu")` |
# | MPS (Metal) | Apple | Macs with Apple silicon | `torch.device("mps")`, no float64 |
# | OpenCL | Khronos | nearly everything | not a backend of torch |
#
# `devices.best_device()` takes CUDA (or ROCm), else XPU, else MPS, else the CPU. On MPS pinned
# memory gains nothing, because CPU and GPU share one memory.
#
# ## Then and now
#
# You may meet the left column in older programs.
#
# | then | now |
# |---|---|
# | `with tf.device("/gpu:0"):` | `x = x.to("cuda")`; the work is done where the data are |
# | `caffe time -model ... -gpu 0` | `torch.utils.benchmark.Timer(...)`, `torch.profiler` |
# | LMDB and HDF5 (packed files); TensorFlow 1: `tf.train.batch`, whose threads read ahead | `DataLoader(num_workers=4, pin_memory=True)` |
# | TensorFlow 1: `allow_growth=True` takes GPU memory only when it is needed | torch always does so; `torch.cuda.memory_summary()` shows how much it holds |
# | CUDA C kernels by hand | Triton kernels in Python, `torch.compile` |

# %% [markdown] name="explain_text"
# ## In your own words
#
# A colleague's net trains at 300 pictures a second on a new GPU that should do 3000. NVIDIA's
# monitor `nvidia-smi` shows the GPU busy for 10 % of the time. Which three measurements do you
# make, in which order, and what would each of their outcomes lead you to do? (Graded by your
# teacher.)
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_starved", "grade": true, "solution": true, "points": 3}
# First the loader alone: an epoch over it that computes nothing. If that gives 300 pictures a second,
# the device starves: more workers, a packed file, smaller pictures on disk, less augmentation on the
# CPU, and prefetch so that loading and computing overlap. Second the training step alone, on one batch
# that stays on the device, synchronised and after a warm-up. If that is slow as well, the batch is too
# small or the net consists of many small operations, and the time is spent on launches: larger batches,
# fused kernels, a CUDA graph. Third, if both are fast, the transfer: pageable against pinned memory,
# and whether something in the loop waits for the device in each step, such as loss.item().
#
# (One point for taking the loader and the step apart, each measured without the other; one for
# measuring rightly: synchronised, after a warm-up; one for what each outcome would lead to.)

# %% [markdown] name="since"
# ## What has changed since
#
# - Rooflines (Williams 2009) matter more and more, because units for matrix products have raised
#   the peaks much more than the speed of memory. To reach the peak of an H200 a kernel needs 14
#   operations a byte in float32, and 206 in bf16.
# - Many of today's fast kernels save memory traffic rather than arithmetic. FlashAttention (Dao
#   2022) computes the attention layers of language models, in which each word is compared with
#   every other. The direct method stores a number for each pair of words. FlashAttention does more
#   operations and is still faster, because less goes through memory.
# - Launches cost microseconds each. CUDA graphs record a whole step and launch it once;
#   `torch.compile` (Ansel 2024) fuses the small operations between the large products. Many kernels
#   are now written in Python (Triton, Tillet 2019).
# - Loading data is still a common bottleneck. FFCV (Leclerc 2023), a library for loading pictures,
#   gains most of its speed there, with one packed file, threads, and reading ahead.
#
# ## What to remember
#
# - A GPU is a queue. Wait before you read the clock, leave the first calls out, take the median.
# - When its stages overlap, a pipeline takes as long per batch as its slowest stage. When they run
#   in sequence, it takes as long as all stages together.
# - Operations per byte decide whether arithmetic or memory is the limit.
# - Activations grow with the batch and usually take more memory than the parameters. In-place
#   layers and views need no memory of their own.

# %% [markdown] name="further"
# ## Go further
#
# These exercises have checks and hints, but no points.
#
# ### Exercise: the peak
#
# *5 minutes · difficulty 1 of 3*


# %% nbgrader={"grade_id": "peak_flops", "solution": true}
def peak_flops(units, ghz, flops_per_clock=2):
    """The peak of a chip.

    Parameters
    ----------
    units : int, cores
    ghz : clock in GHz, 10⁹ clock cycles a second
    flops_per_clock : operations that a unit does in one clock cycle; 2 for a GPU core, because a
        fused multiply-add counts as two

    Returns
    -------
    flops : operations a second (not GFLOP/s)
    """
    ### BEGIN SOLUTION
    return units * ghz * 1e9 * flops_per_clock
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_peak_flops", "locked": true}
from autograder import check

check("peak_flops")

# %% [markdown] name="dollar_text"
# ### Exercise: what a dollar buys
#
# *2 minutes · difficulty 1 of 3 · builds on peak_flops*


# %% nbgrader={"grade_id": "gflops_per_dollar", "solution": true}
def gflops_per_dollar(flops, price):
    """GFLOP/s (10⁹ operations a second) for each dollar.

    Parameters
    ----------
    flops : operations a second, as from peak_flops
    price : dollars
    """
    ### BEGIN SOLUTION
    return flops / 1e9 / price
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gflops_per_dollar", "locked": true}
from autograder import check

check("gflops_per_dollar")

# %% [markdown] name="cost_text"
# ### Exercise: what a training run costs
#
# *6 minutes · difficulty 1 of 3*
#
# VGG's nets trained for two to three weeks on four Titan Black cards (Simonyan 2014). By NVIDIA's
# figures a card cost 999 dollars and drew up to 250 watts. What did the training cost? It took a
# part of the cards' life, and it used electricity.


# %% nbgrader={"grade_id": "training_cost", "solution": true}
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    """Dollars for a training run.

    Parameters
    ----------
    gpus : int, cards, all of them busy
    days : how long the run takes, day and night
    price : dollars for one card
    watts : what one card draws
    kwh_price : dollars for a kilowatt-hour
    life_days : how long a card is used before it is replaced

    Returns
    -------
    hardware : dollars, the part of the cards' price that belongs to the run: days out of life_days
    electricity : dollars
    """
    ### BEGIN SOLUTION
    hardware = gpus * price * days / life_days
    kilowatt_hours = gpus * watts / 1000 * days * 24
    return hardware, kilowatt_hours * kwh_price
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_training_cost", "locked": true}
from autograder import check

check("training_cost")

# %% tags=["experiment"] name="vgg_cost"
if passes("training_cost"):
    for days in (14, 21):
        hardware, electricity = training_cost(4, days, 999, 250)
        print(f"VGG, {days} days on four cards: {hardware:.0f} + {electricity:.0f} dollars")

# %% [markdown] name="prefetch_text"
# ### Exercise: a loader that reads ahead
#
# *25 minutes · difficulty 3 of 3 · builds on pipeline_time*
#
# A thread reads from the wrapped loader and puts batches into a queue, from which the training loop
# takes them. Getting this to work takes ten minutes. The rest of your time goes into the three ways
# in which an iteration can end. The loader has no more batches, or it fails, or the training loop
# stops before the last batch.
#
# On CUDA the batch is first copied to *page-locked* (pinned) memory, from which the device can
# fetch it by itself. Then it is sent with `non_blocking=True`, so that the thread does not wait for
# the copy.


# %% nbgrader={"grade_id": "PrefetchLoader", "solution": true}
class PrefetchLoader:
    """Wraps a loader: a thread reads batches in advance and sends them to the device.

    Parameters
    ----------
    loader : iterable of tuples of tensors, with a length; it can be iterated again and again
    device : torch.device. If its type is "cuda" the tensors are pinned (`t.pin_memory()`) before
        they are sent; elsewhere they are not, since torch refuses to pin without an accelerator.
        All are sent by `t.to(device, non_blocking=True)`.
    ahead : int, how many batches may wait, besides the one that the thread is working on

    `iter` gives the batches in the loader's order, as tuples; `len` gives the loader's length. If
    the wrapped loader fails, the training loop first gets all batches that were read before, and
    then the error. When an iteration ends (by itself, by an error, by break, or by close(),
    which generators have), its thread has ended too.
    """

    def __init__(self, loader, device, ahead=2):
        ### BEGIN SOLUTION
        self.loader = loader
        self.device = device
        self.ahead = ahead
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.loader)
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        waiting = queue.Queue(self.ahead)
        stop = threading.Event()

        def put(item):
            while not stop.is_set():
                try:
                    return waiting.put(item, timeout=0.01)
                except queue.Full:
                    continue

        def send(tensor):
            if self.device.type == "cuda":
                tensor = tensor.pin_memory()
            return tensor.to(self.device, non_blocking=True)

        def work():
            try:
                for batch in self.loader:
                    put(("batch", tuple(send(tensor) for tensor in batch)))
                    if stop.is_set():
                        return
                put(("end", None))
            except Exception as error:
                put(("error", error))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while True:
                kind, item = waiting.get()
                if kind == "end":
                    return
                if kind == "error":
                    raise item
                yield item
        finally:
            stop.set()
            thread.join()
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_PrefetchLoader", "locked": true}
from autograder import check

check("PrefetchLoader")

# %% name="predict_starved"
# Above you measured which stage is the slowest, and what would be gained if it took no time. How
# many times faster is an epoch with your loader? Put a number in place of the dots.
predict("starved", ..., between=(0, None))

# %% [markdown] name="starved_text"
# ### Experiment: your loader on the loop that starved
#
# You use the file server and the net from above again. A thread that waits for the server needs no
# processor, and zlib lets other Python threads run while it unpacks. The cell times the loop with
# and without your loader, and each of its parts alone.

# %% tags=["experiment"] name="starved"
def epoch(loader):
    """Seconds of an epoch, and a dict of lists: those of each batch's load, transfer, compute."""
    net, optimizer = small_net()
    parts = {"load": [], "transfer": [], "compute": []}
    begin = last = time.perf_counter()

    def lap(part):
        nonlocal last
        devices.synchronize(DEVICE)
        now = time.perf_counter()
        parts[part].append(now - last)
        last = now

    for x, y in loader:
        lap("load")
        x, y = x.to(DEVICE), y.to(DEVICE)
        lap("transfer")
        step(net, optimizer, x, y)
        lap("compute")
    return time.perf_counter() - begin, parts


if passes("PrefetchLoader", "pipeline_time"):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one core computes, another loads
    source = FileServer(8 if training.quick() else 40)
    epoch(source)
    rounds = [(epoch(source), epoch(PrefetchLoader(source, DEVICE))) for _ in range(3)]
    torch.set_num_threads(threads)
    alone = statistics.median(one[0] for one, _ in rounds)
    ahead = statistics.median(two[0] for _, two in rounds)
    parts = rounds[-1][0][1]
    expected = pipeline_time(parts["load"], parts["transfer"], parts["compute"], True)
    for part, seconds in parts.items():
        print(f"{part:9} {1e3 * statistics.median(seconds):6.2f} ms a batch")
    print(f"one after the other {alone:.2f} s, with PrefetchLoader {ahead:.2f} s, pipeline_time says")
    print(f"{expected:.2f} s when loader and device do not disturb each other")

# %% tags=["experiment"] name="compare_starved"
if passes("PrefetchLoader", "pipeline_time"):
    compare("starved", alone / ahead, "times faster")

# %% [markdown] name="starved_note"
# With a single core, only the wait for the server can overlap with computing; unpacking and
# computing have to share the core. With a GPU or free cores the gain comes close to what
# `pipeline_time` says. A thread helps as long as loading lets other threads run, as reading and
# unpacking do. Augmentation in pure Python does not let them run, so there you need the processes
# of torch's `DataLoader(num_workers=...)`.

# %% [markdown] name="packed_text"
# ### Exercise: one file for all pictures
#
# *20 minutes · difficulty 2 of 3*
#
# With a million small files the system has to open, seek, read and close a million times. A
# *memory-mapped* file is opened once and used like an array, and the system reads only the parts
# that you ask for. In numpy look at `np.lib.format.open_memmap` and at `mmap_mode` of `np.load`.


# %% nbgrader={"grade_id": "PackedDataset", "solution": true}
def pack_dataset(images, path):
    """Write pictures into one .npy file of shape N×H×W×C.

    Parameters
    ----------
    images : sequence of N uint8 arrays of one shape H×W×C. images[i] reads a file from a slow disk.
        Read each once, and never hold all of them in memory, because they may not fit.
    path : pathlib.Path that ends in .npy; the file gets exactly this name
    """
    ### BEGIN SOLUTION
    first = images[0]
    packed = np.lib.format.open_memmap(path, "w+", first.dtype, (len(images), *first.shape))
    packed[0] = first
    for i in range(1, len(images)):
        packed[i] = images[i]
    packed.flush()
    ### END SOLUTION


class PackedDataset:
    """The pictures of a packed file, by number; nothing is read before it is asked for.

    `len` gives N. `data[i]` for i in 0..N-1 gives a uint8 array H×W×C of its own, which may be
    changed without touching the file. From i = N on it raises IndexError. A worker process gets the
    data set as a pickle. This holds the path and not the pictures, so it is small (`__getstate__`
    says what goes in).
    """

    def __init__(self, path):
        ### BEGIN SOLUTION
        self.path = path
        self.pictures = np.load(path, mmap_mode="r")
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.pictures)
        ### END SOLUTION

    def __getitem__(self, i):
        ### BEGIN SOLUTION
        return np.array(self.pictures[i])
        ### END SOLUTION

    def __getstate__(self):
        ### BEGIN SOLUTION
        return {"path": self.path}
        ### END SOLUTION

    def __setstate__(self, state):
        ### BEGIN SOLUTION
        self.__init__(state["path"])
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_PackedDataset", "locked": true}
from autograder import check

check("PackedDataset")

# %% tags=["experiment"] name="packed_experiment"
if passes("PackedDataset"):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pictures = np.random.default_rng(0).integers(0, 256, (2000, 32, 32, 3)).astype(np.uint8)
        for i, picture in enumerate(pictures):
            np.save(Path(folder) / f"{i}.npy", picture)
        pack_dataset(pictures, Path(folder) / "all.npy")
        packed = PackedDataset(Path(folder) / "all.npy")
        mixed = np.random.default_rng(1).permutation(len(pictures))
        many = devices.timed(lambda: [np.load(Path(folder) / f"{i}.npy") for i in mixed], repeats=3)
        one = devices.timed(lambda: [packed[i] for i in mixed], repeats=3)
        print(f"2000 pictures in random order: {1e3 * many:.0f} ms from files, {1e3 * one:.1f} ms packed")

# %% [markdown] name="triton_text"
# ### A kernel of your own, in Triton
#
# Batch norm in test mode and a ReLU each read and write all numbers once. If one kernel does both
# steps, it has to read and write them only once. The cell needs the package `triton` (Linux);
# without a CUDA device the kernel runs in Triton's interpreter. The cell compares the kernel's
# result with torch's. There is nothing to write here. Each copy of the kernel (`program_id` is its
# number) works on `BLOCK` numbers, and `mask` leaves out those beyond the end.

# %% tags=["experiment"] name="triton_kernel"
if DEVICE.type != "cuda":
    os.environ["TRITON_INTERPRET"] = "1"  # read when triton is imported
try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None

if triton is None:
    print("No Triton kernel runs here: the package triton is not installed.")
else:
    place = DEVICE if DEVICE.type == "cuda" else torch.device("cpu")

    def batchnorm_relu_kernel(x, scale, shift, out, n, features, BLOCK: tl.constexpr):
        at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
        inside = at < n
        value = tl.load(x + at, mask=inside)
        a = tl.load(scale + at % features, mask=inside)
        b = tl.load(shift + at % features, mask=inside)
        tl.store(out + at, tl.maximum(value * a + b, 0.0), mask=inside)

    kernel = triton.jit(batchnorm_relu_kernel)
    x = torch.randn(100, 300, device=place)
    scale, shift = torch.rand(300, device=place), torch.randn(300, device=place)
    out = torch.zeros_like(x)
    kernel[(triton.cdiv(x.numel(), 1024),)](x, scale, shift, out, x.numel(), 300, BLOCK=1024)
    torch.testing.assert_close(out, torch.relu(x * scale + shift))
    print("The fused kernel gives what torch gives.")
for found in results.on_gpus("fused_kernel"):
    row = found["rows"][-1]
    print(f"{found['gpu']} (stored): {row['rows']}×{row['features']} values, "
          f"{row['fused_gb_per_s']:.0f} GB/s fused, {row['torch_gb_per_s']:.0f} in torch's steps")

# %% [markdown] name="reading"
# ## Further reading
#
# - Williams, Waterman, Patterson 2009, *Roofline: an insightful visual performance model*.
# - He 2022, *Making deep learning go brrrr from first principles* (horace.io): compute, memory,
#   overhead.
# - Krizhevsky 2014, *One weird trick for parallelizing convolutional neural networks*.
# - Leclerc and others 2023, *FFCV: accelerating training by removing data bottlenecks*.
# - PyTorch documentation: *CUDA semantics*, *Performance tuning guide*.
