"""Notebook 14: what is counted beside right sums, one array for many, and two things at once."""

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from wrong_code import wrong


@wrong("ring_allreduce", "second_round_adds")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [list(worker) for worker in chunks]
    for step in range(2 * n - 2):
        came = ring.shift([sums[i][(i - step) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - step - 1) % n] = sums[i][(i - step - 1) % n] + came[i]
    return sums


@wrong("ring_allreduce", "first_round_beside_the_ring")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    held = [[chunk.copy() for chunk in worker] for worker in chunks]
    for i, worker in enumerate(held):
        for other in chunks[:i] + chunks[i + 1 :]:
            worker[i] = worker[i] + other[i]
    for step in range(n - 1):
        came = ring.shift([held[i][(i - step) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - step - 1) % n] = came[i]
    return held


def around(chunks, ring):
    n = len(chunks)
    held = [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(2 * n - 2):
        came = ring.shift([held[i][(i - step) % n] for i in range(n)])
        for i, worker in enumerate(held):
            c = (i - step - 1) % n
            worker[c] = worker[c] + came[i] if step < n - 1 else came[i]
    return held


@wrong("ring_allreduce", "padded_to_the_largest")
def ring_allreduce(chunks, ring):
    most = max(len(chunk) for chunk in chunks[0])
    wide = [[np.pad(chunk, (0, most - len(chunk))) for chunk in worker] for worker in chunks]
    return [[sums[: len(chunk)] for sums, chunk in zip(worker, chunks[0], strict=True)]
            for worker in around(wide, ring)]  # fmt: skip


def of_the_matrices(model, shards, weigh):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    found = [torch.zeros_like(p) for p in matrices]
    full = [(x, y) for x, y in shards if len(y)]
    for x, y in full:
        loss = F.cross_entropy(model(x), y) * weigh(len(y), [len(y) for _, y in shards])
        for kept, g in zip(found, torch.autograd.grad(loss, matrices), strict=True):
            kept += g
    return found


for identity, weigh in {
    "biases_left_out": lambda n, sizes: n / sum(sizes),
    "biases_left_out_and_summed": lambda n, sizes: n,
    "biases_left_out_and_means_averaged": lambda n, sizes: 1 / len(sizes),
}.items():

    def data_parallel_gradient(model, shards, weigh=weigh):
        return of_the_matrices(model, shards, weigh)

    wrong("data_parallel_gradient", identity)(data_parallel_gradient)


def with_buffers(change):
    """ddp_train that returns the buffers too, with a momentum or without zero_grad."""

    def ddp_train(rank, world, meeting, model, x, y, lr, steps):
        dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
        wrapped = DistributedDataParallel(model)
        momentum = 0.9 * (change == "momentum")
        optimizer = torch.optim.SGD(wrapped.parameters(), lr=lr, momentum=momentum)
        for _ in range(steps):
            if change != "no zero_grad":
                optimizer.zero_grad()
            F.cross_entropy(wrapped(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        dist.destroy_process_group()
        return [value.detach().clone() for value in model.state_dict().values()]

    return ddp_train


wrong("ddp_train", "with_momentum", "buffers_too")(with_buffers("momentum"))
wrong("ddp_train", "gradients_pile_up", "buffers_too")(with_buffers("no zero_grad"))


def in_place(both):
    def async_sgd(workers, delay, w, lr, updates, sync=False):
        w, due = w.copy(), delay[:, 0].copy()
        path, times, stale = [w], [], []
        done, read = [0] * len(workers), [0] * len(workers)
        for u in range(updates):
            if sync:
                g = np.mean([worker(w) for worker in workers], axis=0)
                if both:
                    w -= lr * g
                else:
                    w = w - lr * g
                times.append((times[-1] if times else 0) + delay[:, u].max())
                stale.append(0)
            else:
                i = due.argmin()
                w -= lr * workers[i](w)
                times.append(due[i])
                stale.append(u - read[i])
                read[i], done[i] = u + 1, done[i] + 1
                due[i] += delay[i, done[i]]
            path.append(w)
        return np.array(path), np.array(times), stale

    return async_sgd


wrong("async_sgd", "one_array_for_path_and_readings")(in_place(both=False))
wrong("async_sgd", "one_array_in_both_modes")(in_place(both=True))


def pipelined(counted):
    def model_parallel_forward(stages, microbatches):
        p, m = len(stages), len(microbatches)
        inside, rows = list(microbatches), []
        for slot in range(m + p):
            rows.append([slot - s if 0 <= slot - s < m else -1 for s in range(p)])
            for s, k in reversed(list(enumerate(rows[-1]))):
                if k >= 0:
                    inside[k] = stages[s](inside[k])
        slots = p * (m + p if counted else m + p - 1)
        return inside, rows, 1 - p * m / slots

    return model_parallel_forward


wrong("model_parallel_forward", "minus_one_and_a_slot_too_many")(pipelined(counted=True))
wrong("model_parallel_forward", "minus_one_and_a_slot_not_counted")(pipelined(counted=False))


@wrong("stable_rate", "size_of_the_sine_in_degrees")
def stable_rate(curvatures, delay):
    return abs(2 * np.sin(90 / (2 * delay + 1))) / max(curvatures)


@wrong("stable_rate", "in_degrees_one_more")
def stable_rate(curvatures, delay):
    return abs(2 * np.sin(90 / (2 * delay + 3))) / max(curvatures)


def of_the_last_shard(softmax):
    def data_parallel_gradient(model, shards):
        parameters, total = list(model.parameters()), None
        for x, y in [shard for shard in shards if len(shard[1])]:
            scores = model(x).softmax(1) if softmax else model(x)
            loss, size = F.cross_entropy(scores, y, reduction="sum"), len(y)
            grads = torch.autograd.grad(loss, parameters)
            total = grads if total is None else [a + b for a, b in zip(total, grads, strict=True)]
        return [g / size for g in total]

    return data_parallel_gradient


wrong("data_parallel_gradient", "divided_by_the_last_shard")(of_the_last_shard(softmax=False))
wrong("data_parallel_gradient", "softmax_and_the_last_shard")(of_the_last_shard(softmax=True))


@wrong("ring_allreduce", "shapes_must_be_equal")
def ring_allreduce(chunks, ring):
    held = np.stack([np.stack(worker) for worker in chunks])
    n = len(held)
    for begins in (0, 1):
        for s in range(n - 1):
            got = ring.shift([held[i][(i + begins - s) % n] for i in range(n)])
            for i in range(n):
                c = (i + begins - 1 - s) % n
                held[i][c] = got[i] + (0 if begins else held[i][c])
    return [list(worker) for worker in held]
