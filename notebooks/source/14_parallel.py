# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 14 · Parallel: one net on many machines
#
# After this you can
#
# - **split** a batch, a layer or a net across machines, and **count** what has to be sent for each,
# - **add** up gradients that machines pass around a ring, and **train** one net in two real
#   processes,
# - **say** how waiting for each other, or not waiting, changes the time that an update takes and
#   the number of updates that are needed.
#
# This takes an estimated 130 minutes, in two sittings of 50 and 80. It builds on 07 (SGD, its
# noise) and 09 (parameters of layers); 06 (batch norm) helps.

# %% name="imports"
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel

from autograder import another, ask, check, hint, passes, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.parallel import stale_explorer
from course_utils.predictions import compare, predict
from course_utils.recipes.parallel import ProcessRing, Ring, quadratic_workers
from course_utils.recipes.processes import run_ranks

# %% [markdown]
# Stuck on an exercise? `hint("ring_allreduce")` in a cell of your own gives a nudge; ask again and
# you get a bigger one.

# %% [markdown]
# ## Before you start
#
# Three questions about earlier notebooks come first. For the one about the noise of a gradient,
# recall that the mean of $n$ independent draws has $1/\sqrt n$ of the standard deviation of one
# draw.

# %% name="show_q14_noise_of_the_joined_batch"
ask("q14_noise_of_the_joined_batch")

# %% name="q14_noise_of_the_joined_batch"
q14_noise_of_the_joined_batch = ...

# %% nbgrader={"grade_id": "check_q14_noise_of_the_joined_batch", "locked": true}
from autograder import check

check("q14_noise_of_the_joined_batch")

# %% name="show_q14_weights_and_maps"
ask("q14_weights_and_maps")

# %% name="q14_weights_and_maps"
q14_weights_and_maps = ...

# %% nbgrader={"grade_id": "check_q14_weights_and_maps", "locked": true}
from autograder import check

check("q14_weights_and_maps")

# %% name="show_q14_batch_statistics"
ask("q14_batch_statistics")

# %% name="q14_batch_statistics"
q14_batch_statistics = ...

# %% nbgrader={"grade_id": "check_q14_batch_statistics", "locked": true}
from autograder import check

check("q14_batch_statistics")

# %% [markdown]
# ## What does a second machine cost?
#
# Two machines can share a batch. Each computes the gradient of its half, then they exchange their
# gradients. The computation takes half the time, but the exchange takes time of its own. You will
# measure how much. Two real processes on this computer add up arrays of growing size with
# `all_reduce`, the operation that torch uses for gradients. It is a *collective*: all processes
# take part, and afterwards each has the sum of what all of them had.
#
# **Predict.** How many times longer does `all_reduce` take for an array of 40 000 bytes than for
# one of 4 bytes?

# %% name="predict_small_messages"
predict("time of 40 000 bytes over time of 4 bytes", ..., between=(0, None))


# %% tags=["experiment"] name="measured_all_reduce"
torch.set_num_threads(1)  # two processes share this machine; the nets here are tiny
device = devices.announce("cpu")
QUICK = training.quick()


def timed_all_reduce(rank, world, sizes, repeats):
    """Seconds of the fastest all_reduce for each size, in float32 numbers; runs in each process."""
    seconds = []
    for size in sizes:
        numbers = torch.ones(size)
        taken = []
        for _ in range(repeats + 2):
            dist.barrier()
            start = time.perf_counter()
            dist.all_reduce(numbers)
            taken.append(time.perf_counter() - start)
        seconds.append(min(taken[2:]))  # what else the machine does only makes it slower
    return seconds


sizes = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 4_000_000]
seconds = run_ranks(timed_all_reduce, [(sizes, 10 if QUICK else 15)] * 2)[0]
plots.show(plots.lines({"measured": ([4 * n for n in sizes], [1e3 * s for s in seconds])},
                       "bytes", "time (ms)", "all_reduce between two processes, the fastest of each",
                       log="xy"))
print(f"4 bytes: {1e6 * seconds[0]:.0f} µs; 16 MB: {1e3 * seconds[-1]:.1f} ms, "
      f"{16e-3 / seconds[-1]:.1f} GB/s")
compare("time of 40 000 bytes over time of 4 bytes", seconds[4] / seconds[0])

### BEGIN CLAIMS
assert seconds[4] / seconds[0] < 50, "40 000 bytes take a few times as long as 4"
assert seconds[-1] / seconds[0] > 10, "in the end the bytes decide"
### END CLAIMS

# %% [markdown]
# Four bytes take between ten and a few hundred microseconds. The time for 40 000 bytes is at most a
# few times as long, not ten thousand times.
#
# For small arrays the time hardly changes, because it is mostly **latency**, the time that any
# message takes, however short it is. For large ones it grows in proportion to the bytes:
# $\text{time} \approx \text{latency} + \text{bytes} / \text{bandwidth}$. Two things follow. Every
# message pays the latency, so gradients are sent in a few large pieces. And for large nets nearly
# all of the time is the second term. AlexNet has 61 million parameters, so at 4 bytes each its
# gradients are 244 MB or 1.95 gigabits, which take two seconds over a link of one gigabit a second,
# in every step. The rest of this notebook is about sending less, sending it better, or not waiting
# for it.
#
# ## Split the batch
#
# **Data parallelism.** Every *worker* (a machine or a process) holds the whole net and a part of
# the batch, its *shard*. The loss is a mean over all $N$ examples, so its gradient is
#
# $$\nabla L = \frac1N\sum_{i=1}^{N}\nabla\ell_i
#   = \sum_{k}\frac{N_k}{N}\,\Bigl(\frac1{N_k}\sum_{i\in\text{shard }k}\nabla\ell_i\Bigr)$$
#
# where $\ell_i$ is the loss of example $i$ and $N_k$ the size of shard $k$. This sum is exactly the
# gradient on one machine. The factors $N_k/N$ matter, because in a plain mean of the shards' means
# an example in a small shard would count for more than the others.
#
# ### Exercise: the gradient of a batch in shards
#
# *10 minutes · difficulty 1 of 3*
#
# The last batch of an epoch may be too small for all workers, so some shards are shorter than
# others, or empty. The shards lie on different machines, so the model sees one at a time.


# %% nbgrader={"grade_id": "data_parallel_gradient", "solution": true}
def data_parallel_gradient(model, shards):
    """The gradient of the mean cross-entropy over all examples of all shards.

    Parameters
    ----------
    model : nn.Module, x → scores N×C; called with one shard at a time. The .grad of its parameters
        is not used and stays as it is
    shards : list of pairs (x, y): tensors with the examples of one worker and their classes. Sizes
        differ, and a shard may be empty

    Returns
    -------
    gradients : list of tensors, one for each of model.parameters(), in their order
    """
    ### BEGIN SOLUTION
    total = sum(len(y) for _, y in shards)
    parameters = list(model.parameters())
    gradients = [torch.zeros_like(p) for p in parameters]
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum") / total
        for gradient, part in zip(gradients, torch.autograd.grad(loss, parameters), strict=True):
            gradient += part
    return gradients
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_data_parallel_gradient", "grade": true}
from autograder import check

check("data_parallel_gradient")

# %% [markdown]
# The gradient computed from shards equals the gradient on one machine because the loss is a mean
# over examples that do not affect each other. Batch norm breaks this, as you saw in the third
# question at the start.
#
# If each of eight machines takes as large a batch as one machine would alone, an epoch has an
# eighth of the updates. So each step has to go eight times as far. It can, because the eight
# batches together act as one large batch, whose gradient is less noisy. So the learning rate may
# grow in proportion to the batch (Goyal 2017), if it is first raised slowly (a warm-up). But it may
# do so only up to a point; beyond that the extra examples are wasted.
#
# ## Add it up, around a ring
#
# $n$ workers have a gradient of $G$ bytes each, and all need the sum. If all send their gradients
# to one of them, that one has to receive $(n-1)\,G$ bytes and to send as many back, so its link is
# the bottleneck. In a ring no link is busier than the others. We cut the gradient into $n$ chunks,
# and every worker sends only to its right neighbour. In the first half of the steps (*reduce*) the
# chunks are added up, and in the second half (*gather*) the sums are passed on. For three workers:
#
# | | worker 0 sends | worker 1 sends | worker 2 sends | afterwards |
# |---|---|---|---|---|
# | reduce, step 0 | its chunk 0 | its chunk 1 | its chunk 2 | the receiver adds it to its own chunk |
# | reduce, step 1 | its sum of chunk 2 | its sum of chunk 0 | its sum of chunk 1 | worker 0 has the full sum of chunk 1, worker 1 that of chunk 2, worker 2 that of chunk 0 |
# | gather, step 2 | finished chunk 1 | finished chunk 2 | finished chunk 0 | the receiver keeps it as it is |
# | gather, step 3 | finished chunk 0 | finished chunk 1 | finished chunk 2 | every worker has all sums |
#
# In each of these $2(n-1)$ steps a link carries one chunk of $G/n$ bytes, which makes
# $2\frac{n-1}{n}\,G$ bytes: **less than twice the gradient, however many workers there are.** Any
# method that gives everyone the sum must send at least that much over some link (Patarasu & Yuan
# 2009).

# %% [markdown]
# ### A worked example: three workers, three numbers
#
# Each chunk is one number here. Worker 0 begins with units, worker 1 with tens and worker 2 with
# hundreds, so you can see whose numbers a sum contains. What a step has changed is bold.
#
# | | worker 0 | worker 1 | worker 2 |
# |---|---|---|---|
# | at the start | 1, 2, 3 | 10, 20, 30 | 100, 200, 300 |
# | after step 0 | 1, 2, **303** | **11**, 20, 30 | 100, **220**, 300 |
# | after step 1 | 1, **222**, 303 | 11, 20, **333** | **111**, 220, 300 |
# | after step 2 | **111**, 222, 303 | 11, **222**, 333 | 111, 220, **333** |
# | after step 3 | 111, 222, **333** | **111**, 222, 333 | 111, **222**, 333 |
#
# In step 0, for example, worker 2 sends its 300 to worker 0, which adds it to its own 3. In step 2
# worker 2 sends the finished 111 to worker 0, which keeps it in place of its own 1.
#
# Another ring of three has just made step 0. Find the three numbers that step 1 changes.
#
# | | worker 0 | worker 1 | worker 2 |
# |---|---|---|---|
# | after step 0 | 2, 1, 15 | 5, 4, 4 | 6, 13, 8 |
# | after step 1 | 2, **?**, 15 | 5, 4, **?** | **?**, 13, 8 |
#
# **The missing numbers.** Worker 0 has 13 + 1 = 14, worker 1 has 15 + 4 = 19, and worker 2 has 5 +
# 6 = 11.

# %% [markdown]
# ### Exercise: ring all-reduce
#
# *20 minutes · difficulty 3 of 3*
#
# `ring` moves the messages, and it counts steps and bytes, so that the check sees how much you
# send. With `received = ring.shift(messages)` all workers send at once. Worker $i$'s message goes
# to worker $i+1$ and the last one's to worker 0, so `received[i]` comes from worker $i-1$.


# %% nbgrader={"grade_id": "ring_allreduce", "solution": true}
def ring_allreduce(chunks, ring):
    """The sum over workers, on every worker, in 2(n - 1) steps around a ring.

    Parameters
    ----------
    chunks : list of n lists of n arrays: chunks[i][c] is worker i's chunk c. Chunk c has the same
        shape on all workers; different chunks may differ in size. Not changed
    ring : ring.shift(messages) makes one step. messages is a list of n arrays, one from each worker
        to its right neighbour. Returns the list of what each receives from its left neighbour.
        Nothing else connects the workers

    Returns
    -------
    sums : list of n lists of n arrays: sums[i][c] is the sum of chunk c as worker i has it, in the
        chunks' dtype. Compute each sum on one worker only and pass it on, so that all workers hold
        the same bits

    Source: Patarasu & Yuan 2009.
    """
    ### BEGIN SOLUTION
    n = len(chunks)
    held = [list(worker) for worker in chunks]
    for step in range(n - 1):
        received = ring.shift([held[i][(i - step) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - step) % n
            held[i][c] = held[i][c] + received[i]
    for step in range(n - 1):
        received = ring.shift([held[i][(i + 1 - step) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - step) % n] = received[i]
    return held
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ring_allreduce", "grade": true}
from autograder import check

check("ring_allreduce")

# %% tags=["experiment"] name="bytes_on_links"
if passes("ring_allreduce"):
    counts = list(range(2, 13))
    carried = []
    for n in counts:
        ring = Ring(n)
        ring_allreduce([np.array_split(np.ones(27_720), n) for _ in range(n)], ring)
        carried.append(max(ring.bytes) / (8 * 27_720))
    plots.show(plots.lines(
        {"your ring, each link": (counts, carried),
         "all send to one, its link": (counts, [n - 1.0 for n in counts])},
        "workers", "bytes sent / bytes of the gradient", "What the busiest link carries",
        accent="your ring, each link",
    ))

# %% [markdown]
# So far `ring` has moved messages within one process. Do real processes get the right sum with
# **your** function? Below, each of three processes runs your function. A process knows only its own
# gradient, so it passes zeros in place of the gradients of the others. In every step it sends one
# array to its right neighbour and waits for one from its left neighbour. The cell compares the sum
# with that of torch's `all_reduce`.

# %% tags=["experiment"] name="own_ring"
def one_of_the_ring(rank, world, size):
    """This process's sum by the learner's ring: how far off, bytes sent, seconds, torch's seconds."""
    gradient = np.random.default_rng(rank).normal(size=size)
    mine = np.array_split(gradient, world)
    unknown = [np.zeros_like(chunk) for chunk in mine]
    ring = ProcessRing(rank, world)
    dist.barrier()
    start = time.perf_counter()
    held = ring_allreduce([mine if i == rank else unknown for i in range(world)], ring)
    own = time.perf_counter() - start
    total = torch.from_numpy(gradient.copy())
    dist.barrier()
    start = time.perf_counter()
    dist.all_reduce(total)
    torchs = time.perf_counter() - start
    off = float(np.abs(np.concatenate(held[rank]) - total.numpy()).max())
    return off, ring.bytes / gradient.nbytes, own, torchs


if passes("ring_allreduce"):
    ranks = run_ranks(one_of_the_ring, [(30_000 if QUICK else 300_000,)] * 3)
    for rank, (off, sent, own, torchs) in enumerate(ranks):
        print(f"process {rank}: {off:.1g} from torch's sum, {sent:.3f} gradients sent, "
              f"{1e3 * own:.1f} ms; torch {1e3 * torchs:.1f} ms")

### BEGIN CLAIMS
assert max(rank[0] for rank in ranks) < 1e-13, "every process holds the sum, but for a rounding"
assert all(abs(rank[1] - 4 / 3) < 1e-9 for rank in ranks), "each has sent 2·2/3 gradients"
### END CLAIMS

# %% [markdown]
# All three hold the sum, and each has sent 4/3 of a gradient, the formula's $2\cdot\frac23$. Do not
# compare the times. Your processes also add up the others' zeros, and torch's ring is written in
# C++.

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If Python has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## Weights or activations: one weird trick
#
# **Model parallelism** splits a layer instead of the batch. Each worker computes $M/n$ of the $M$
# outputs, for **all** examples of the batch. It computes the whole gradient of its own weights, so
# this gradient need not be sent. But each worker needs all inputs of the whole batch, and it holds
# only its share of them, the $1/n$ that it computed in the layer before. So the inputs are gathered
# around the ring, and $\frac{n-1}{n}$ of them pass over each link. In the backward pass a worker
# can compute only what its own outputs contribute to each input's gradient, and these contributions
# are summed around the ring. Each worker needs only the sum for its own share, so the first half of
# the all-reduce is enough, and that sends $\frac{n-1}{n}$ of the inputs' size once more. For the
# gradients of the weights nothing is sent: each worker has its own. So in both schemes
# a worker sends, in one training step,
#
# $$2\,\frac{n-1}{n}\times\begin{cases}\text{parameters of the layer} & \text{data parallel}\\
#   \text{batch}\times\text{inputs of the layer} & \text{model parallel}\end{cases}\qquad
#   \text{numbers.}$$
#
# (Here the batch is that of all workers together, and the inputs are those of one example.) A
# convolution has few weights and large maps; an affine layer has many weights and few inputs. So
# Krizhevsky (2014) used data parallelism for convolutions and model parallelism for affine layers,
# and called this *one weird trick*.
#
# ### Exercise: what has to be sent
#
# *12 minutes · difficulty 2 of 3 · builds on 09*


# %% nbgrader={"grade_id": "communication_bytes", "solution": true}
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    """Bytes that one worker sends for one layer in one training step, around a ring.

    Parameters
    ----------
    layer : {"kind": "conv", "inputs": [C, H, W], "filters": F, "kernel": [kh, kw]} or
        {"kind": "affine", "inputs": D, "outputs": M}; both have one bias for each filter or output
    scheme : "data", "model" or "one weird trick". The last one is data for conv and model for
        affine, even where the other would be less
    workers : n, a divisor of the number of outputs and of the batch
    batch : examples of all workers together
    bytes_per_number : 4 in single precision

    Returns
    -------
    bytes : a number, 0 for one worker

    Source: Krizhevsky 2014, for the schemes.
    """
    ### BEGIN SOLUTION
    if layer["kind"] == "conv":
        channels, height, width = layer["inputs"]
        kh, kw = layer["kernel"]
        parameters = layer["filters"] * (channels * kh * kw + 1)
        inputs = channels * height * width
        by_data = scheme != "model"
    else:
        inputs = layer["inputs"]
        parameters = layer["outputs"] * (inputs + 1)
        by_data = scheme == "data"
    numbers = parameters if by_data else batch * inputs
    return 2 * (workers - 1) / workers * numbers * bytes_per_number
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_communication_bytes", "grade": true}
from autograder import check

check("communication_bytes")

# %% [markdown]
# **Predict.** AlexNet trains on 8 workers with 128 examples each. By what factor does one weird
# trick send less than pure data parallelism?

# %% name="predict_weird_trick"
predict("data parallel over one weird trick", ..., between=(0, None))

# %% tags=["experiment"] name="alexnet_bytes"
# torchvision's AlexNet; inputs of each layer for images of 224×224.
ALEXNET = {
    "conv1": {"kind": "conv", "inputs": [3, 224, 224], "filters": 64, "kernel": [11, 11]},
    "conv2": {"kind": "conv", "inputs": [64, 27, 27], "filters": 192, "kernel": [5, 5]},
    "conv3": {"kind": "conv", "inputs": [192, 13, 13], "filters": 384, "kernel": [3, 3]},
    "conv4": {"kind": "conv", "inputs": [384, 13, 13], "filters": 256, "kernel": [3, 3]},
    "conv5": {"kind": "conv", "inputs": [256, 13, 13], "filters": 256, "kernel": [3, 3]},
    "affine6": {"kind": "affine", "inputs": 9216, "outputs": 4096},
    "affine7": {"kind": "affine", "inputs": 4096, "outputs": 4096},
    "affine8": {"kind": "affine", "inputs": 4096, "outputs": 1000},
}

if passes("communication_bytes"):
    schemes = ["data", "model", "one weird trick"]
    sent = np.array([[communication_bytes(layer, scheme, 8, 1024) for scheme in schemes]
                     for layer in ALEXNET.values()]) / 1e6
    names = [name.replace("affine", "affine\n") for name in ALEXNET]
    plots.show(plots.heat(sent.T, "layer", "scheme", names, schemes,
                          "AlexNet, 8 workers, batch 1024: what each layer sends",
                          value="MB a step", log=True))
    for scheme, total in zip(schemes, sent.sum(0), strict=True):
        print(f"{scheme:16} {total:7.1f} MB a worker and step")
    compare("data parallel over one weird trick", float(sent[:, 0].sum() / sent[:, 2].sum()))

### BEGIN CLAIMS
assert np.allclose(sent.sum(0), [428, 2546, 142], atol=1), "428, 2 546 and 142 MB"
assert abs(sent[0, 1] - 1079) < 1, "1 079 MB of model parallelism are conv1's"
assert abs(sent[:, 1].sum() - sent[0, 1] / 2 - 2007) < 1, "2 007 without the gradients of pixels"
### END CLAIMS

# %% [markdown]
# A worker sends 428 MB with data parallelism, 2 546 MB with model parallelism and 142 MB with the
# trick, which is 3.0 times less than data parallelism. (Of the 2 546 MB, 1 079 are conv1's. Half of
# those are gradients of pixels, which the formula counts although nobody needs them. Without these,
# model parallelism sends 2 007 MB.) Two things have changed since. Nets after 2014 dropped the
# large affine layers. Only 2 of ResNet-50's 26 million parameters are in an affine layer, so plain
# data parallelism is enough. Then transformers brought large matrices back, and with them model
# parallelism, which is now called tensor parallelism.
#
# ## Two processes, one net
#
# `torch.distributed` connects processes, on one computer or on thousands. There are `world`
# processes, and each has a number, its `rank`. To find each other they meet at an address. The
# messages are carried by a *backend*. The backend *gloo* works on any CPU, and *NCCL* is the one
# for NVIDIA GPUs.
#
# - `dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)` joins the
#   group, `dist.destroy_process_group()` leaves it. A process that stops without leaving may keep
#   the others waiting for ever, so leave in a `finally`.
# - `DistributedDataParallel(model)` copies rank 0's weights to all ranks when you create it, and
#   averages the gradients of all ranks **during** `backward`. The rest of your loop stays as it
#   was.
# - Here `meeting` is the address of a file that all processes can read and write; a network address
#   works as well.
#
# Another process cannot import a function from a notebook. So the course's `run_ranks` sends your
# function to each process, with everything that the function uses. In the experiments it also joins
# the group and leaves it; in this exercise your function does so. At the end `run_ranks` ends all
# processes, even if you press the stop button.
#
# ### Exercise: distributed training
#
# *15 minutes · difficulty 2 of 3*


# %% nbgrader={"grade_id": "ddp_train", "solution": true}
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    """What one of `world` processes does to train one net on a batch that they share.

    Parameters
    ----------
    rank, world : this process's number, 0 to world - 1, and how many there are
    meeting : the address where they meet, for init_method; no process group exists yet
    model : this rank's nn.Module, x → scores. Initial weights differ between the ranks; all start
        from rank 0's
    x, y : all N examples and their classes, on every rank; world divides N. A rank works on N/world
        of them, the same in every step, and each example belongs to one rank
    lr : learning rate of plain SGD on the mean cross-entropy over all N
    steps : number of updates

    Returns
    -------
    weights : list of detached tensors, the values of the model's parameters (no buffers), in the
        order of model.parameters(). On every rank they are what one process would get by training
        on all N examples. Leave the process group before you return
    """
    ### BEGIN SOLUTION
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        parallel = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(parallel(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        del parallel  # it lets go of the group's threads before the group is left
    finally:
        dist.destroy_process_group()
    return [p.detach() for p in model.parameters()]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ddp_train", "grade": true}
from autograder import check

check("ddp_train")

# %% [markdown]
# Do two processes train the same net as one? The next experiment takes fifty steps, each on all of
# 800 digits, once in one process and once in two, with `DistributedDataParallel`. Then it does the
# same with batch norm in the net.
#
# **Predict.** Each weight of the net trained in one process is compared with the same weight of the
# net trained in two. The nets compute in float64. How large is the largest difference without batch
# norm? (Answer with a number, such as 0, 1e-16 or 0.1.)

# %% name="predict_same_net"
predict("largest difference, without batch norm", ...)


# %% tags=["experiment"] name="one_or_two"
digits = datasets.digits().flat()


def fifty_steps(rank, world, x, y, steps):
    """Weights after the steps, without and with batch norm. One process calls it as rank 0 of 1."""
    weights = []
    for norm in (torch.nn.Identity, torch.nn.BatchNorm1d):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(64, 30), norm(30), torch.nn.Tanh(),
                                  torch.nn.Linear(30, 10)).double()
        parallel = DistributedDataParallel(net) if world > 1 else net
        optimizer = torch.optim.SGD(parallel.parameters(), lr=0.2)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(parallel(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        weights.append(torch.cat([p.detach().ravel() for p in net.parameters()]))
    return weights


x, y = torch.tensor(digits.train_x[:800]).double(), torch.tensor(digits.train_y[:800]).long()
job = x, y, 10 if QUICK else 50
alone = fifty_steps(0, 1, *job)
ranks = run_ranks(fifty_steps, [job, job])
for i, name in enumerate(("without batch norm", "with batch norm")):
    apart = [float((net - ranks[0][i]).abs().max()) for net in (alone[i], ranks[1][i])]
    print(f"{name}: largest difference of a weight, one process or two: {apart[0]:.1g}; "
          f"between the two ranks: {apart[1]:.1g}")
    if i == 0:
        compare("largest difference, without batch norm", apart[0])

### BEGIN CLAIMS
off = [max(float((net - ranks[0][i]).abs().max()) for net in (alone[i],)) for i in (0, 1)]
between = [float((ranks[0][i] - ranks[1][i]).abs().max()) for i in (0, 1)]
assert off[0] < 1e-13, "without batch norm the difference is a rounding"
assert 5e-4 < off[1] < 0.05, "with batch norm it is some thousandths"
assert between == [0, 0], "the two ranks agree to the bit"
### END CLAIMS

# %% [markdown]
# Without batch norm the difference is a rounding error, 1e-15 or less (float64 carries 16 digits).
# With batch norm it is a few thousandths after fifty steps, because each rank normalises with the
# statistics of its own half. In both cases the two ranks agree bit for bit, so comparing the ranks
# does not show that they differ from one process. On GPUs, `torch.nn.SyncBatchNorm` exchanges the
# statistics as well.
#
# ## Do not wait
#
# A *synchronous* step, in which all workers wait for each other, ends when the slowest one is done,
# and among a thousand machines one is always slow. DistBelief (Dean and others, 2012) let each
# worker go at its own pace. A worker reads the weights from a server, computes a gradient and sends
# it, and the server applies it **at once**. By then other workers have changed the weights, so the
# gradient is *stale*. If it is $d$ updates old, the update is
#
# $$w_{t+1} = w_t - \eta\,\nabla L(w_{t-d})$$
#
# The explorer shows the path of this recursion in a narrow valley, that is on a quadratic loss
# which is steep along one axis and flat along the other.

# %% tags=["experiment"] name="stale_paths"
stale_explorer()

# %% [markdown]
# Find a learning rate with which training converges without delay and diverges with a delay of 4.
# What happens along the steep axis, and what along the flat one?

# %% [markdown]
# ### A worked example: two workers on one clock
#
# Take the loss $L = \frac12w^2$, whose gradient is $w$, and the rate $\eta = \frac14$. Each
# gradient takes worker 0 two seconds and worker 1 five. Both read the initial $w = 64$ at time 0,
# and nobody waits.
#
# | time | from worker | read at | the $w$ that it read | update of $w$ | $d$ |
# |---|---|---|---|---|---|
# | 2 s | 0 | 0 s | 64 | 64 − 16 = 48 | 0 |
# | 4 s | 0 | 2 s | 48 | 48 − 12 = 36 | 0 |
# | 5 s | 1 | 0 s | 64 | 36 − 16 = 20 | 2 |
# | 6 s | 0 | 4 s | 36 | 20 − 9 = 11 | 1 |
#
# At 5 s worker 1 sends the gradient at 64, and two updates have been made since it read that 64.
# Synchronous workers make their first update only at 5 s, with the mean of both gradients at 64.
#
# Now worker 0's gradients take 1 s and then 4 s, and worker 1's take 2 s each. Loss and rate are as
# before, and $w$ begins at 32. Find what is missing.
#
# | time | from worker | read at | the $w$ that it read | update of $w$ | $d$ |
# |---|---|---|---|---|---|
# | 1 s | 0 | 0 s | 32 | 32 − 8 = 24 | 0 |
# | 2 s | 1 | 0 s | 32 | 24 − 8 = 16 | **?** |
# | 4 s | 1 | 2 s | 16 | 16 − 4 = 12 | 0 |
# | 5 s | 0 | 1 s | **?** | **?** | 2 |
#
# **The missing numbers.** At 2 s $d$ is 1, because worker 0 made an update in between. At 5 s
# worker 0 had read 24, so the update is 12 − 6 = 6.

# %% [markdown]
# ### Exercise: a simulated cluster
#
# *18 minutes · difficulty 3 of 3*
#
# Here workers race on a simulated clock, so the result is the same every time. Worker $i$'s $k$-th
# gradient (with $i$ and $k$ from 0) takes `delay[i, k]` seconds, and sending takes no time.
# Asynchronous workers all read the initial weights at time 0. When a gradient arrives it is applied
# at once, and its worker reads the new weights and begins its next gradient. Synchronous workers
# all read the same weights. The server waits for all of them and then takes one step with the mean
# gradient.


# %% nbgrader={"grade_id": "async_sgd", "solution": true}
def async_sgd(workers, delay, w, lr, updates, sync=False):
    """SGD with several workers on a simulated clock.

    Parameters
    ----------
    workers : list of n functions, weights → gradient (of that worker's part of the data)
    delay : array n×K with K > updates; delay[i, k] is how many seconds worker i's k-th gradient
        takes
    w : initial weights, an array; not changed
    lr : learning rate of every update: along one worker's gradient when asynchronous, along the
        mean of all workers' gradients when synchronous
    updates : how many updates are made
    sync : whether the server waits for all workers before each update

    Returns
    -------
    path : array (updates + 1)×D: the weights at the start and after each update
    times : array of length `updates`: the time of each update on the clock, which starts at 0
    staleness : array or list of `updates` integers: for each update, how many others were made
        between its worker's reading of the weights and the update itself; 0 when synchronous

    Of gradients that arrive at the same time, the one of the worker with the lowest index is
    applied first.

    Source: Dean and others 2012 (Downpour SGD), with one server and no time for messages.
    """
    ### BEGIN SOLUTION
    n = len(workers)
    path, times, staleness = [w], [], []
    if sync:
        for k in range(updates):
            gradients = [worker(path[-1]) for worker in workers]
            path.append(path[-1] - lr * np.mean(gradients, axis=0))
            times.append(sum(delay[:, j].max() for j in range(k + 1)))
            staleness.append(0)
        return np.array(path), np.array(times), staleness
    read = [0] * n
    begun = [0] * n
    arrives = delay[:, 0].copy()
    for update in range(updates):
        i = np.argmin(arrives)
        gradient = workers[i](path[read[i]])
        path.append(path[-1] - lr * gradient)
        times.append(arrives[i])
        staleness.append(update - read[i])
        read[i] = update + 1
        begun[i] += 1
        arrives[i] += delay[i, begun[i]]
    return np.array(path), np.array(times), staleness
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_async_sgd", "grade": true}
from autograder import check

check("async_sgd")

# %% name="show_q14_staleness"
ask("q14_staleness")

# %% name="q14_staleness"
q14_staleness = ...

# %% nbgrader={"grade_id": "check_q14_staleness", "locked": true}
from autograder import check

check("q14_staleness")

# %% [markdown]
# ### Seconds or updates?
#
# A softmax classifier is trained on digits, with 16 images per gradient. A gradient takes about a
# second, but one in twenty takes ten, as if somebody else were using the worker's machine. You
# compare one worker, eight synchronous workers (so 128 images per update) and eight asynchronous
# workers, at learning rates of 0.5 and 5.
#
# **Predict.** At rate 0.5, whose loss is lowest after 60 seconds on the clock, and whose is lowest
# after 60 updates? (Answer each with a word: one, synchronous or asynchronous.)

# %% name="predict_race"
predict("lowest loss after 60 seconds", ..., one_of=("one", "synchronous", "asynchronous"))
predict("lowest loss after 60 updates", ..., one_of=("one", "synchronous", "asynchronous"))


# %% tags=["experiment"] name="race"
X = np.hstack([digits.train_x[:800], np.ones((800, 1))]).astype(float)
labels = digits.train_y[:800]


def softmax_loss(w, rows=slice(None)):
    """Mean cross-entropy of X·W on these rows, and its gradient as a vector."""
    scores = X[rows] @ w.reshape(65, 10)
    scores -= scores.max(1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    right = np.arange(len(p)), labels[rows]
    loss = -np.log(p[right] + 1e-300).mean()
    p[right] -= 1
    return loss, (X[rows].T @ p).ravel() / len(p)


def batch_gradient(rng):
    """A worker: the gradient on 16 images that it draws anew each time."""
    return lambda w: softmax_loss(w, rng.integers(0, len(X), 16))[1]


def race(rate, seed, updates, n=8, sync=False):
    """Times, losses (one every few updates) and staleness of a run."""
    rng = np.random.default_rng(seed)
    delay = rng.uniform(0.9, 1.1, (n, updates + 1))
    delay *= rng.choice([1, 10], delay.shape, p=[0.95, 0.05])
    path, times, staleness = async_sgd(
        [batch_gradient(np.random.default_rng([seed, i])) for i in range(n)], delay,
        np.zeros(650), rate, updates, sync,
    )
    shown = np.unique(np.linspace(1, updates, 60).astype(int))
    return times[shown - 1], np.array([softmax_loss(path[k])[0] for k in shown]), staleness, shown


RUNS = {"one worker": (60, 1, False), "8 synchronous": (60, 8, True),
        "8 asynchronous": (400, 8, False)}
if passes("async_sgd"):
    by_time, by_update, after = {}, {}, {}
    for rate in (5.0, 0.5):
        for name, (updates, n, sync) in RUNS.items():
            ends = []
            for seed in range(1 if QUICK else 3):
                times, losses, staleness, shown = race(rate, seed, updates, n, sync)
                ends.append((np.interp(60, times, losses), np.interp(60, shown, losses)))
                if seed == 0:  # the pictures are of the last rate
                    by_time[name], by_update[name] = (times, losses), (shown, losses)
            clock, counted = np.array(ends).T
            after[name] = np.median(clock), np.median(counted)
            print(f"rate {rate}, {name:14} mean staleness {np.mean(staleness):.1f}, loss after "
                  f"60 s {clock.min():.2f} to {clock.max():.2f}, after 60 updates "
                  f"{counted.min():.2f} to {counted.max():.2f}")
    for curves, axis, title in ((by_time, "simulated time (s)", "Against the clock"),
                                (by_update, "updates", "Against the number of updates")):
        plots.show(plots.lines(curves, axis, "training loss (nats)",
                               f"{title}: rate {rate}, seed 0", accent="8 asynchronous"))
    compare("lowest loss after 60 seconds", min(after, key=lambda name: after[name][0]))
    compare("lowest loss after 60 updates", min(after, key=lambda name: after[name][1]))

### BEGIN CLAIMS
assert after["8 asynchronous"][0] < 0.3 < after["one worker"][0], "by the clock asynchrony wins"
assert after["one worker"][0] < 1 < after["8 synchronous"][0], "one worker, then eight that wait"
assert after["8 asynchronous"][1] > 2 * after["8 synchronous"][1], "by updates it loses"
fast = {name: np.median([np.interp(60, race(5.0, s, *RUNS[name])[3], race(5.0, s, *RUNS[name])[1])
                         for s in range(3)]) for name in RUNS}
assert fast["8 asynchronous"] > 20 and fast["one worker"] < 1, "at rate 5 staleness costs"
### END CLAIMS

# %% [markdown]
# By the clock, asynchrony wins. At rate 0.5 its loss after 60 seconds is 0.12 to 0.14 (over three
# seeds), against 0.62 to 0.86 for one worker and 1.16 to 1.36 for the eight synchronous workers.
# The chance that at least one of eight is slow is $1 - 0.95^8$, about 0.34, so they wait ten
# seconds in every third step. Counted in updates, asynchrony loses. At rate 0.5 its loss after 60
# updates is above 1, and that of the other two is 0.51 to 0.54, which is practically a tie, so
# either of them was a right answer. Its steps are worse, but it makes many more of them. At rate 5
# you see what staleness costs. After 60 updates the asynchronous loss is above 20, while it is 0.09
# to 0.12 with eight synchronous workers and below 1 with one worker. This net has one layer, so its
# loss is convex, and training recovers from bad steps; deep nets are less forgiving.
#
# ### How much delay is too much?
#
# Take one axis of the narrow valley in the explorer above, $L = \frac\lambda2 w^2$. With a gradient
# that is $d$ updates old the update is $w_{t+1} = w_t - \eta\lambda\,w_{t-d}$. This recursion
# converges if and only if
#
# $$\eta\lambda < 2\sin\frac{\pi}{2\,(2d+1)}$$
#
# (For those who know complex numbers: put $w_t = r^t$ into the recursion and divide by $r^{t-d}$.
# This gives $r^d(r-1) = -\eta\lambda$, and $w_t$ is a sum of such powers. It tends to 0 as long as
# every root $r$ has a modulus below 1. At the bound a root reaches modulus 1, so $r = e^{i\theta}$
# and $r - 1 = 2\sin\frac\theta2\,e^{i(\pi+\theta)/2}$. The moduli of both sides give
# $\eta\lambda = 2\sin\frac\theta2$. The phases must agree up to multiples of $2\pi$. The smallest
# $\eta\lambda$ belongs to $d\theta + \frac{\pi+\theta}2 = \pi$, which is $\theta = \pi/(2d+1)$.)
# Without delay the bound is 2, because each step multiplies $w$ by $1 - \eta\lambda$, which must
# stay above −1. For a long delay it is about $\pi/(2d+1)$, so the stable rate shrinks like one over
# the delay.
#
# **Predict.** First find how many updates old a gradient is with 8 workers of equal speed. What is
# the largest stable $\eta\lambda$ then?

# %% name="predict_stable"
predict("largest stable rate times curvature, 8 workers", ..., between=(0, None))


# %% tags=["experiment"] name="stability"
def converges(rate, n, updates):
    """Whether w, which starts at 1, shrinks on ½w² with n workers of equal speed at this rate."""
    workers = quadratic_workers([np.eye(1)] * n, [np.zeros(1)] * n)
    path, *_ = async_sgd(workers, np.ones((n, updates + 1)), np.ones(1), rate, updates)
    tail = np.abs(path[updates // 2 :, 0])
    return tail[-len(tail) // 4 :].max() <= tail[: len(tail) // 4].max()


def largest_rate(n, updates):
    """The largest rate that converges, by bisection."""
    low, high = 0.0, 2.5
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if converges(middle, n, updates) else (low, middle)
    return (low + high) / 2


if passes("async_sgd"):
    counts = [1, 2, 3, 5, 8, 12, 16]
    found = [largest_rate(n, 400 if QUICK else 1600) for n in counts]
    theory = [2 * np.sin(np.pi / (2 * (2 * (n - 1) + 1))) for n in counts]
    picture = plots.lines({"2 sin(π / (2(2d + 1)))": (counts, theory)},
                          "workers = delay d + 1", "largest stable rate × curvature",
                          "The formula (line) and your simulator (rings)", log="xy")
    # Rings on the line: a second line would lie under the first.
    picture.axes[0].plot(counts, found, "o", color="#1a1a1a", markerfacecolor="none", ms=7)
    plots.show(picture, "Largest stable rate times curvature by your simulator: " + ", ".join(
        f"{n} workers {value:.3g}" for n, value in zip(counts, found, strict=True)))
    off = [abs(a / b - 1) for a, b in zip(found, theory, strict=True)]
    print(f"largest relative difference from the formula: {max(off):.1%}")
    compare("largest stable rate times curvature, 8 workers", found[counts.index(8)])

### BEGIN CLAIMS
assert max(off) < 0.01, "the simulator meets the formula"
assert abs(8 * found[counts.index(8)] / 2 - 0.84) < 0.01, "8 × 0.105 = 0.84: a loss"
### END CLAIMS

# %% [markdown]
# Your simulator agrees with the formula within 0.3 %. The largest stable rate times curvature is 2
# for one worker, 1 for two, 0.21 for eight and 0.10 for sixteen. Eight workers make eight times as
# many updates, but their learning rate may be only 0.21/2 = 0.105 times a single worker's. At these
# limits that is a loss, because 8 × 0.105 = 0.84. Asynchrony gains where something else, such as
# noise, keeps the rate far below the bound anyway, and where machines would otherwise wait.
#
# ## What to remember
#
# - Splitting the batch gives the gradient of the whole batch, if shards are weighted by their size
#   and no layer mixes examples.
# - The ring takes $2(n-1)$ steps and sends less than two gradients over each link, however many
#   workers there are.
# - Data parallelism sends gradients of weights. Model parallelism sends activations and their
#   gradients. Count the bytes of each scheme, layer by layer.
# - `DistributedDataParallel` (DDP) starts all ranks from rank 0's weights and averages the
#   gradients during the backward pass. You give each rank its part of the batch, and leave the
#   group at the end.
# - If workers do not wait, you save seconds. But then gradients are stale, and stale gradients need
#   a smaller learning rate.
#
# ## A question for your teacher to read
#
# A colleague trains on 16 machines with asynchronous SGD and the rate that was best on one machine.
# The loss rises at once. He halves the rate three times until the loss falls, and then finds that
# the loss falls no faster than on one machine. "So asynchrony is useless", he says. Explain what he
# saw, and name two things to try, each with what it costs. Use six sentences at most.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_asynchronous", "grade": true, "solution": true, "points": 3}
# With 16 equal workers a gradient is 15 updates old, and along the steepest axis the largest stable
# rate is about 2 sin(π/62), 0.1 over the curvature instead of 2, twenty times less: what was best on
# one machine bursts (1 point). With a rate that is many times smaller each of the 16 times more
# updates goes only a fraction as far, so what the machines gain in updates they lose in step length
# (1 point). He can go synchronous, so that no gradient is stale and the mean of 16 shards allows a
# rate as large as on one machine or larger; that costs waiting for the slowest, which spare workers
# make smaller. Or he can let each machine make many steps of its own and average the weights now and
# then: little to send and no stale gradients, at the price of replicas that drift apart in between
# (1 point for two sensible ways with their costs).

# %% [markdown]
# ## Then and now
#
# | then | now (torch) | watch out for |
# |---|---|---|
# | DistBelief's parameter servers, Downpour SGD | all-reduce among equals: `DistributedDataParallel` | no server can become the bottleneck; every machine sends as much as the others |
# | TensorFlow 1: `tf.train.ClusterSpec`, `tf.train.replica_device_setter` | `torchrun --nproc_per_node 2 train.py`, `dist.init_process_group` | every process runs the same script |
# | `tf.train.SyncReplicasOptimizer` | DDP is always synchronous | each rank prints its own loss unless you average the losses yourself |
# | Caffe: `caffe train -gpu 0,1` | `nn.DataParallel(net)`: one process, several GPUs | it still exists, but its documentation says that it is slower than DDP |
# | `with tf.device("/gpu:1"):` around some layers | `layer.to("cuda:1")`, and `x.to("cuda:1")` before it | only one GPU works at a time, unless you cut the batch into pieces that follow each other |
# | AlexNet's two GPUs, filters split by hand | tensor parallelism, `torch.distributed.tensor.parallel` | the same algebra as one weird trick |
#
# ## What has changed since
#
# Asynchronous training went out of use. Its idea, not to wait for each other at every step, came
# back in another form, as this section's last sentence says. Chen 2016 trained synchronously with a
# few spare workers, ignored the slowest gradients of each step, and so reached a given accuracy
# sooner than with asynchronous training. Goyal 2017 trained ResNet-50 synchronously on 256 GPUs in
# an hour, with batches of 8192, a warm-up and a rate in proportion to the batch. DDP cuts gradients
# into buckets and sends each while the backward pass goes on (Li 2020), so much of the sending
# costs no extra time. A net that no longer fits on one GPU is split. ZeRO (Rajbhandari 2019) and
# FSDP (Zhao 2023) split optimizer states, gradients and weights. GPipe (Huang 2018) splits the net
# into stages, and Megatron (Shoeybi 2019) splits single matrices. Where links are slow, machines
# take many steps of their own between exchanges, as in local SGD (Stich 2018) and in DiLoCo
# (Douillard 2023) for language models.

# %% [markdown]
# # Go further
#
# All of this is extra. It has the same checks and hints, but no points.
#
# ### A pipeline
#
# *15 minutes · difficulty 2 of 3*
#
# The third kind of split is *pipeline parallelism*, in which each machine holds a *stage*, some
# layers of the net. With one batch, only one machine works at a time. So GPipe (Huang 2018) cuts
# the batch into $m$ micro-batches that follow each other. The last of $p$ equal stages begins $p-1$
# slots after the first and then works for $m$ slots, so there are $m+p-1$ time slots. Each machine
# is idle for a fraction $\frac{p-1}{m+p-1}$ of them. This fraction is called the *bubble*.
#
# | slot | stage 0 | stage 1 |
# |---|---|---|
# | 0 | micro-batch 0 | idle |
# | 1 | micro-batch 1 | micro-batch 0 |
# | 2 | idle | micro-batch 1 |
#
# After a question you write the forward pass of such a pipeline, together with its schedule.

# %% name="show_q14_bubble"
ask("q14_bubble")

# %% name="q14_bubble"
q14_bubble = ...

# %% nbgrader={"grade_id": "check_q14_bubble", "locked": true}
from autograder import check

check("q14_bubble")


# %% nbgrader={"grade_id": "model_parallel_forward", "solution": true}
def model_parallel_forward(stages, microbatches):
    """The forward pass of a pipeline, and which stage works when.

    Run the stages slot by slot, in the order of the schedule.

    Parameters
    ----------
    stages : list of p functions x → output; stage s takes what stage s - 1 gives
    microbatches : list of m inputs of the first stage

    Returns
    -------
    outputs : list of the m outputs of the last stage
    schedule : list of time slots, each a list of p entries: the number of the micro-batch that
        stage s works on in this slot, or None where it is idle. Every micro-batch enters as soon as
        the first stage is free
    bubble : the number of idle entries of the schedule divided by the number of all its entries

    Source: Huang and others 2018 (GPipe), forward pass.
    """
    ### BEGIN SOLUTION
    p, m = len(stages), len(microbatches)
    outputs = list(microbatches)
    schedule = []
    for slot in range(m + p - 1):
        row = [slot - s if 0 <= slot - s < m else None for s in range(p)]
        for s, k in enumerate(row):
            if k is not None:
                outputs[k] = stages[s](outputs[k])
        schedule.append(row)
    return outputs, schedule, (p - 1) / len(schedule)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_model_parallel_forward", "locked": true}
from autograder import check

check("model_parallel_forward")

# %% [markdown]
# ### The bound as a function
#
# *8 minutes · difficulty 2 of 3*
#
# The bound in "How much delay is too much?" is for one axis only. A valley has several axes with
# different curvatures, and one rate for all of them. Which axis sets the limit?


# %% nbgrader={"grade_id": "stable_rate", "solution": true}
def stable_rate(curvatures, delay):
    """The learning rate below which gradient descent with stale gradients converges on a quadratic.

    Parameters
    ----------
    curvatures : array of the Hessian's eigenvalues, all above 0, in any order
    delay : how many updates old every gradient is, 0 or more

    Returns
    -------
    rate : the largest number such that, with H for the Hessian, w(t+1) = w(t) - r·H·w(t - delay)
        converges for every r above 0 and below rate
    """
    ### BEGIN SOLUTION
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.max(curvatures)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_stable_rate", "locked": true}
from autograder import check

check("stable_rate")

# %% [markdown]
# ## Further reading
#
# - Dean and others 2012, *Large scale distributed deep networks*: DistBelief, Downpour SGD.
# - Krizhevsky 2014, *One weird trick for parallelizing convolutional neural networks*: eight pages.
# - Patarasu, Yuan 2009, *Bandwidth optimal all-reduce algorithms for clusters of workstations*.
# - Chen, Pan, Monga, Bengio, Jozefowicz 2016, *Revisiting distributed synchronous SGD*.
# - Goyal and others 2017, *Accurate, large minibatch SGD: training ImageNet in 1 hour*.
# - Li and others 2020, *PyTorch distributed: experiences on accelerating data parallel training*.
# - Huang and others 2018, *GPipe*. Rajbhandari and others 2019, *ZeRO*. Douillard and others 2023,
#   *DiLoCo*.
