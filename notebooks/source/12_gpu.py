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
# - **time** work on a device that takes orders and returns at once, and draw your machine's roofline,
# - **feed** it: find what a training loop waits for, and say what reading ahead would bring,
# - **reckon** what a training run needs: operations, bytes of memory, money.
#
# **Time:** estimated 125 minutes, in two sittings of 70 and 55. **Builds on:** 01 (training loop), 07 (momentum, Adam),
# 09 and 10 (convolution and its cost). No GPU is needed: the checks bring a device of their own,
# which behaves like one. Where there is a GPU the experiments use it.

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

from autograder import ask, check, hint, passes, solution
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
# Three questions about earlier notebooks; each is needed below. Answer with a number.

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
# A processor has a few cores that do anything well. A GPU has thousands of small ones that all do
# the same thing at once, and a net is the same thing at once. A data sheet's peak is
#
# $$\text{FLOP/s} = \text{units} \times \text{clock} \times \text{operations a clock}$$
#
# A *fused multiply-add* (FMA), $a\cdot b + c$, is one instruction and counts as two operations. A
# CPU core works on whole vectors: with two AVX-512 units of 16 float32 lanes it does
# 2 · 16 · 2 = 64 operations a clock. (As a function it is an extra at the end.)

# %% [markdown] name="peak_table_text"
# A few chips, with the clocks of their data sheets: CPUs at their base clock, GPUs at their boost
# clock, and prices at launch. All three are choices, so tables differ: an i7-7700K is listed at 4.2
# GHz (base) or 4.4 and more (turbo), a GTX 1070 at $379 or, as the maker's own card, at $449. Two
# mistakes are worth knowing, since they go around:
#
# - *RTX 3090, 1.6 GHz, 35.6 TFLOPS*: 35.6 needs the boost clock, 1.695 GHz.
# - *i9-7900k, $385, 640 GFLOPS*: there is no such product. The i9-7900X cost about $1000, and its
#   ten cores with two AVX-512 units each promise some 2 TFLOP/s at the nominal clock. A ratio of
#   GFLOPS per dollar made from these numbers is arithmetic on a wrong price.

# %% tags=["experiment"] name="peak_table"
CHIPS = [  # name, units, GHz, operations a clock, price at launch in dollars
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
# To the Python program a GPU is a queue. A call hands work over and returns in some microseconds.
# The work is done later, in order. So the clock must be read when the queue is empty, before and
# after:
#
# | program | wait | clock | call | wait | clock |
# |---|---|---|---|---|---|
# | device | empties its queue | | | does the work | |
#
# ### Exercise: benchmark
#
# *12 minutes · difficulty 2 of 3*
#
# The check hands you a device on a virtual clock. Nothing is slow there, and every mistake costs.
#
# Stuck? `hint("benchmark")` in a cell of your own gives a nudge; ask again and you get a bigger one.


# %% nbgrader={"grade_id": "benchmark", "solution": true}
def benchmark(fn, sync, repeats):
    """The median time of a call.

    Parameters
    ----------
    fn : function without arguments that hands work to the device and returns
    sync : function without arguments that returns when all work handed over is done
    repeats : int, how many calls are timed, each on its own. Three calls that do not count come
        first.

    Returns
    -------
    seconds : the median over the repeats of the time from the call to the end of its work, by any
        clock that goes on while the host waits
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
# Your device (see the top of this notebook): how many times faster does it multiply two
# 1024×1024 matrices than it would at 10 GFLOP/s? Put a number in place of the dots.
predict("product", ..., between=(0, None))

# %% [markdown] name="speed_text"
# ### Experiment: products and convolutions
#
# The same operation at several sizes. A small product does not fill the chip, so it stays far below
# the peak. Beside the CPU stands the GPU, where there is one, measured by your stopwatch; else what
# is stored of a named one, where the course has it (`make gpu` measures and stores). A GPU's line
# rises for longer, as there is more of it to fill, and ends below the peak of its data sheet: in
# float32 35.6 TFLOP/s for an RTX 3090 (NVIDIA's GA102 whitepaper), 67 for an H200 (its data sheet).

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
# Numbers must reach the units before anything is computed. With a peak of $P$ operations a second,
# a memory of $B$ bytes a second, and $I$ operations for each byte that is moved (the *arithmetic
# intensity*), no kernel is faster than
#
# $$\min(P,\; I \cdot B)$$
#
# (Williams 2009). A float32 ReLU moves 8 bytes, one number in and one out, for one operation:
# $I = 1/8$. A product of $n×n$ matrices moves $12 n^2$ bytes at the least for $2n^3$ operations:
# $I = n/6$. An H200 has by its data sheet 989 TFLOP/s in dense bf16 and 4.8 TB/s. It needs 206
# operations for each byte before its matrix units become the limit. So a ReLU of its own is
# always a matter of memory, on any machine, and libraries fuse it with its neighbours.
#
# A data sheet's $P$ and $B$ are promises. Your machine's own are measured: large products for $P$,
# copies of large arrays for $B$, several of each, since other programs disturb some of them.
#
# ### Exercise: a roofline from measurements
#
# *15 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "roofline", "solution": true}
def roofline(products, copies, kernels):
    """A machine's roof from what was measured on it, and how kernels stand to it.

    Parameters
    ----------
    products : list of (operations, seconds), each a run of a large product; of different sizes
    copies : list of (bytes, seconds), each a copy of a large array, its bytes read and written
    kernels : dict, name → (operations, bytes, seconds) of a run. Not among the runs above

    Returns
    -------
    peak : operations a second, of the run in `products` that has the highest rate
    bandwidth : bytes a second, of the run in `copies` that has the highest rate
    report : dict, name → (intensity, share, limit) for each kernel: operations for each byte; what it
        did in a second, over the roof above its intensity (more than 1 is possible, where numbers
        came from a cache); and "memory" where the slope is the lower part of the roof, else "compute"

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
# Now with runs of this machine, timed by your stopwatch:

# %% tags=["experiment"] name="own_roofline"
def took(fn):
    """Seconds of a call on this device."""
    return benchmark(fn, lambda: devices.synchronize(DEVICE), 9)


if passes("benchmark", "roofline"):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the roof of one core: small products are not worth sharing
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
# The smallest products lie far below the roof: what is measured there is the launch. Points above
# the slope are no mistake either. They worked on numbers that were still in a cache, which is
# faster than the memory that makes the roof.

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
# A batch is loaded from disk, sent over the link, computed. Three things, three owners: a loader,
# a link, a device. Without prefetch each waits for the others. With it, batch 2 is loaded while
# batch 1 travels.

# %% tags=["experiment"] name="explorer"
explore_pipeline()

# %% [markdown] name="pipeline_exercise"
# Three things to try:
#
# 1. Make loading the slowest. How much does prefetch save, and what share of the time does the
#    device work?
# 2. Add workers until the device never waits. How many does it take, and what would one more bring?
# 3. Make the device the slowest. Are more workers of any use?
#
# ### Exercise: the time of an epoch
#
# *15 minutes · difficulty 2 of 3*
#
# With prefetch, a stage begins a batch as soon as the batch has left the stage before **and** the
# stage itself is free. In the limit of many equal batches the time is no more the sum of the three
# but the largest of them; here it is asked to the second, start and end included.


# %% nbgrader={"grade_id": "pipeline_time", "solution": true}
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    """The time from the first load to the end of the last computation.

    Parameters
    ----------
    t_load, t_transfer, t_compute : lists of n times in seconds, one a batch
    prefetch : bool. False: one thing after the other, nothing overlaps, and workers does not
        matter. True: loaders, link and device each work as soon as they can. Any number of batches
        may wait between them.
    workers : int, how many loaders there are. They take turns, as in torch's DataLoader: batch i is
        loaded by worker i mod workers, one batch at a time. The link takes the batches in order.

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
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown] name="profile_text"
# ## What does it wait for?
#
# Who makes the wrong stage faster has gained nothing. So one measures first, each stage on its own:
# reads the clock, calls, waits until the device is done, reads. A stage that hands work over and
# returns at once looks free to whoever forgets to wait, and the blame falls on another.
#
# ### Exercise: find the bottleneck
#
# *15 minutes · difficulty 2 of 3 · builds on benchmark and pipeline_time*


# %% nbgrader={"grade_id": "find_bottleneck", "solution": true}
def find_bottleneck(stages, sync, batches):
    """Profile a pipeline: which stage is the slowest, and what it would bring to make it faster.

    Parameters
    ----------
    stages : list of two or more pairs (name, function). The first function gets a batch, each other
        what the one before it has returned. Some hand work to a device and return at once
    sync : function without arguments that returns when all work handed over is done
    batches : list of three or more; each goes through all stages, once

    Returns
    -------
    name : of the stage with the longest median time, from the call to the end of its work, over all
        batches but the first, in which everything is slower
    gain : how many times faster an overlapped pipeline would be, over many batches, if that stage
        took no time at all
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
# plays the server: most of loading is waiting), then a batch is unpacked, as with JPEG files. The net
# trains on your device. What does the loop wait for?

# %% tags=["experiment"] name="profiled"
class FileServer:
    """Batches of pictures that come after a wait and are unpacked then."""

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
    print(f"Of this loop {slowest} is the slowest stage. If it took no time, an overlapped loop would be "
          f"{gain:.1f} times faster, and no more: then the next stage is the slowest.")

# %% [markdown] name="feeding"
# What feeds a loop that starves, in the order in which one tries it: keep all pictures in memory, if
# they fit; else keep them on an SSD, packed into one file; read ahead, so that loading and computing
# overlap, in a thread where loading waits or unpacks, in processes (torch's
# `DataLoader(num_workers=...)`) where it is Python that computes. A loader that reads ahead, and one
# file for all pictures, are extras at the end.

# %% [markdown] name="four_speeds_text"
# ### Experiment: four speeds
#
# Disk, memory, link, device. Each lies on the way of a batch, and they differ by orders of magnitude.
# The file is written, pushed out of the system's cache where the system allows it, and read. Without
# a GPU two of the four are missing. By specification the link, PCIe 4.0 with 16 lanes, moves
# 31.5 GB/s each way; by data sheet a GPU's own memory moves 936 GB/s in an RTX 3090, 4800 in an H200.

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
    """Bytes a second of a copy."""
    sync = lambda: devices.synchronize(DEVICE)
    seconds = benchmark(lambda: target.copy_(source, non_blocking=True), sync, 5)
    return source.numel() * source.element_size() / seconds


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
# A training step keeps the outputs of all layers for the way back, and on the way back each gets a
# gradient of its size. Both grow with the batch. Parameters, their gradients and the optimizer's
# state do not.
#
# A layer that works **in place** writes its output where its input was. A **view** (`Flatten`) is
# the same memory in another shape. Neither costs anything.
#
# ### Exercise: count it
#
# *18 minutes · difficulty 3 of 3*


# %% nbgrader={"grade_id": "activation_memory", "solution": true}
def activation_memory(model, input_shape, dtype, optimizer):
    """The bytes of a training step, by what they hold.

    Parameters
    ----------
    model : nn.Module in float32 on the CPU. It is left as it was: the mode of each of its modules,
        batch norm's running statistics, no hooks left.
    input_shape : tuple, the batch included
    dtype : torch dtype that everything is reckoned in, whatever the model has
    optimizer : "sgd" (keeps nothing), "momentum" (one number for each trained parameter) or "adam"
        (two)

    Returns
    -------
    dict of ints, in bytes:
        "activations" : the input and, for each call of a module without children, its output in
            training mode; what shares its memory with one already counted is not counted again
        "activation_gradients" : as much again (the classic estimate, the input's included)
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
# AlexNet as it was in 2012, with local response normalisation, filters in two groups, and in-place
# ReLUs. One picture is counted, and what grows with the batch is multiplied. The paper trained with
# a batch of 128 and split the net over two GTX 580 with 3 GB each (Krizhevsky 2012). Scratch memory
# of the convolutions comes on top. (Where every filter sees all channels, as in most later copies
# of the net, parameters and what goes with them take 0.75 GB instead of 0.73.)

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
# | | whose | runs on | in torch |
# |---|---|---|---|
# | CUDA | NVIDIA | NVIDIA GPUs | `torch.device("cuda")`, with cuDNN and cuBLAS underneath |
# | ROCm (HIP) | AMD | AMD GPUs | the same `"cuda"` in torch's ROCm build |
# | XPU (SYCL) | Intel | Intel GPUs | `torch.device("xpu")` |
# | MPS (Metal) | Apple | Macs with Apple silicon | `torch.device("mps")`, no float64 |
# | OpenCL | Khronos | nearly everything | not a backend of torch |
#
# `devices.best_device()` takes CUDA (or ROCm), else XPU, else MPS, else the CPU. On MPS there is no pinned
# memory to gain from: host and device share theirs.
#
# ## Then and now
#
# | then | now |
# |---|---|
# | `with tf.device("/gpu:0"):` | `x = x.to("cuda")`; the work is done where the data are |
# | `caffe time -model ... -gpu 0` | `torch.utils.benchmark.Timer(...)`, `torch.profiler` |
# | LMDB and HDF5 files, `tf.train.batch` with queue runners | `DataLoader(num_workers=4, pin_memory=True)` |
# | `allow_growth=True` | torch's caching allocator, `torch.cuda.memory_summary()` |
# | CUDA C kernels by hand | Triton kernels in Python, `torch.compile` |

# %% [markdown] name="explain_text"
# ## In your own words
#
# A colleague's net trains at 300 pictures a second on a new GPU that should do 3000. `nvidia-smi`
# shows the GPU busy for 10 % of the time. Which three measurements do you make, in which order, and
# what would each of their outcomes lead you to do? (Graded by your teacher.)

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
# - Think in rooflines (Williams 2009): peaks have grown faster than memory, so more and more
#   operations are limited by bytes. An H200 needs 206 operations a byte in bf16, an RTX 3090 in
#   float32 about 38 (35.6 TFLOP/s, 936 GB/s).
# - The most used kernels today save traffic rather than arithmetic: FlashAttention (Dao 2022) does
#   more operations than the plain way and is faster, since less goes through memory.
# - Launches cost microseconds each. CUDA graphs record a whole step and launch it once;
#   `torch.compile` (Ansel 2024) fuses what lies between the large products. Kernels are written in
#   Python (Triton, Tillet 2019).
# - Loading data is still a usual bottleneck: FFCV (Leclerc 2023) gains most of its speed there, with
#   one packed file, threads, and reading ahead.
#
# ## What to remember
#
# - A GPU is a queue. Wait before you read the clock, leave the first calls out, take the median.
# - Overlapped, a pipeline is as slow as its slowest stage; in sequence, as slow as their sum.
# - Operations per byte decide whether the arithmetic or the memory is the limit.
# - Activations grow with the batch and mostly outweigh the parameters; in-place layers and views are
#   free.

# %% [markdown] name="further"
# ## Go further
#
# What follows has checks and hints, and no points.
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
    ghz : clock in GHz, 10⁹ ticks a second
    flops_per_clock : operations that a unit does in a tick. A fused multiply-add counts as two,
        hence the 2 of a GPU core.

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
    flops : operations a second
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
# VGG's nets trained for two to three weeks on four Titan Black cards (Simonyan 2014).


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
    hardware : dollars, the share of the cards' price that their share of life_days makes
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
# A thread reads from the wrapped loader and puts batches into a queue, from which the loop takes
# them. Getting it to work takes ten minutes. What takes the rest is the end: the loader has no more
# batches, the loader fails, or nobody wants the batches any more.
#
# On CUDA the batch is first copied to *page-locked* (pinned) memory, from which the device can fetch
# it by itself, and sent with `non_blocking=True`, so that the thread does not wait for the copy.


# %% nbgrader={"grade_id": "PrefetchLoader", "solution": true}
class PrefetchLoader:
    """Wraps a loader: a thread reads up to `ahead` batches in advance and sends them to the device.

    Parameters
    ----------
    loader : iterable of tuples of tensors, with a length; it can be iterated again and again
    device : torch.device. If its type is "cuda" the tensors are pinned (`t.pin_memory()`) before
        they are sent; elsewhere they are not, since torch refuses to pin without an accelerator.
        All are sent by `t.to(device, non_blocking=True)`.
    ahead : int, how many batches may wait, besides one in the thread's hands

    `iter` gives the batches in the loader's order, as tuples; `len` that of the loader. An error in
    the loader is raised in the loop after the batches before it. When an iteration ends, by itself,
    by an error, by break or by close(), its thread has ended too.
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
# A batch takes about as long to load as to compute. How many times faster is an epoch with your
# loader? Put a number in place of the dots.
predict("starved", ..., between=(0, None))

# %% [markdown] name="starved_text"
# ### Experiment: a training loop that starves
#
# The file server again, and the net from above. Who waits for the server needs no processor, and zlib
# lets other Python threads run meanwhile. First each part is timed alone, then the loop, with and
# without your loader.

# %% tags=["experiment"] name="starved"
def epoch(loader):
    """Seconds of an epoch; with them those spent in load, transfer and compute, one by one."""
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
# On one core there is nothing to overlap: both parts share it, and the gain is about none. On a
# machine with a GPU or free cores it comes near to what `pipeline_time` says. A thread helps as long
# as loading lets other threads run (reading, unpacking); augmentation in pure Python does not, and
# then torch's `DataLoader(num_workers=...)` takes processes.

# %% [markdown] name="packed_text"
# ### Exercise: one file for all pictures
#
# *20 minutes · difficulty 2 of 3*
#
# A million small files are a million times open, seek, read, close. One file that is mapped into
# memory is opened once, and the system reads the pages that are asked for.


# %% nbgrader={"grade_id": "PackedDataset", "solution": true}
def pack_dataset(images, path):
    """Write pictures into one .npy file of shape N×H×W×C.

    Parameters
    ----------
    images : sequence of N uint8 arrays of one shape H×W×C. images[i] reads a file from a slow disk:
        each is read once, and they need not fit into memory together.
    path : pathlib.Path that ends in .npy; not changed by this function
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
    changed without touching the file; IndexError from N on. A pickle of it, as a worker process
    gets, holds the path and not the pictures, so it is small (`__getstate__` says what goes in).
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
# Batch norm in test mode and a ReLU are two trips through memory; in one kernel they are one. The
# cell needs the package `triton` (Linux); without a CUDA device it runs in Triton's interpreter. It
# holds its result against torch's. It is no graded exercise: where Triton is missing, a check could
# only pass what it has not seen.

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
