"""Notebook 14: gradients, rings, simulators and ranks as people really write them wrong."""

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from wrong_code import wrong


@wrong("data_parallel_gradient", "mean_of_means")
def data_parallel_gradient(model, shards):
    sums = None
    for x, y in shards:
        model.zero_grad()
        grads = torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters()))
        sums = grads if sums is None else [a + b for a, b in zip(sums, grads, strict=True)]
    return [g / len(shards) for g in sums]


@wrong("data_parallel_gradient", "last_part_of_the_sum")
def data_parallel_gradient(model, shards):
    total = sum(len(x) for x, _ in shards)
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum") / total
        grads = torch.autograd.grad(loss, list(model.parameters()))
    return list(grads)


@wrong("data_parallel_gradient", "adds_to_stale_gradients")
def data_parallel_gradient(model, shards):
    total = sum(len(x) for x, _ in shards)
    for x, y in shards:
        (F.cross_entropy(model(x), y, reduction="sum") / total).backward()
    return [p.grad.clone() for p in model.parameters()]


@wrong("data_parallel_gradient", "shards_joined")
def data_parallel_gradient(model, shards):
    x = torch.cat([x for x, _ in shards])
    y = torch.cat([y for _, y in shards])
    return list(torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters())))


@wrong("communication_bytes", "own_share_of_the_batch")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if scheme == "one weird trick":
        scheme = {"conv": "data", "affine": "model"}[layer["kind"]]
    if scheme == "model":
        numbers = np.prod(layer["inputs"]) * batch / workers
    elif layer["kind"] == "conv":
        numbers = layer["filters"] * (layer["inputs"][0] * np.prod(layer["kernel"]) + 1)
    else:
        numbers = layer["outputs"] * (layer["inputs"] + 1)
    return 2 * (workers - 1) / workers * numbers * bytes_per_number


@wrong("communication_bytes", "biases_forgotten")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if scheme == "one weird trick":
        scheme = {"conv": "data", "affine": "model"}[layer["kind"]]
    if scheme == "model":
        numbers = np.prod(layer["inputs"]) * batch
    elif layer["kind"] == "conv":
        numbers = layer["filters"] * layer["inputs"][0] * np.prod(layer["kernel"])
    else:
        numbers = layer["outputs"] * layer["inputs"]
    return 2 * (workers - 1) / workers * numbers * bytes_per_number


@wrong("ring_allreduce", "no_second_round")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    held = [[c.copy() for c in worker] for worker in chunks]
    for s in range(n - 1):
        got = ring.shift([held[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - s - 1) % n] += got[i]
    return held


@wrong("ring_allreduce", "everything_round")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sizes = np.cumsum([c.size for c in chunks[0]])[:-1]
    moving = [np.concatenate(worker) for worker in chunks]
    sums = [m.copy() for m in moving]
    for _ in range(n - 1):
        moving = ring.shift(moving)
        for i in range(n):
            sums[i] += moving[i]
    return [np.split(s, sizes) for s in sums]


@wrong("ring_allreduce", "one_link_at_a_time")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    held = [[c.copy() for c in worker] for worker in chunks]

    def send(i, c):
        return ring.shift([held[j][c].copy() if j == i else None for j in range(n)])[(i + 1) % n]

    for phase in range(2):
        for s in range(n - 1):
            got = [send(i, (i + phase - s) % n) for i in range(n)]
            for i in range(n):
                c = (i + phase - s) % n
                old = held[(i + 1) % n][c]
                held[(i + 1) % n][c] = got[i] if phase else old + got[i]
    return held


@wrong("model_parallel_forward", "bubble_against_work")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    schedule = [[t - s if 0 <= t - s < m else None for s in range(p)] for t in range(m + p - 1)]
    xs = list(microbatches)
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None:
                xs[k] = stages[s](xs[k])
    return xs, schedule, (p - 1) / m


@wrong("model_parallel_forward", "one_after_another")
def model_parallel_forward(stages, microbatches):
    outputs, schedule = [], []
    for k, x in enumerate(microbatches):
        for s, stage in enumerate(stages):
            x = stage(x)
            schedule.append([k if j == s else None for j in range(len(stages))])
        outputs.append(x)
    return outputs, schedule, 1 - 1 / len(stages)


def simulator(change):
    """An asynchronous simulator with one thing changed by `change`, a word."""

    def async_sgd(workers, delay, w, lr, updates, sync=False):
        n = len(workers)
        path, times, staleness, clock = [w.copy()], [], [], 0.0
        if sync and change != "no waiting":
            for k in range(updates):
                gradients = [worker(w) for worker in workers]
                w = w - lr * (sum(gradients) if change == "sum" else sum(gradients) / n)
                clock += delay[:, k].sum() if change == "in turn" else delay[:, k].max()
                if change == "slowest in all":
                    clock = delay[:, : k + 1].sum(1).max()
                path.append(w)
                times.append(clock)
            return np.array(path), times, [0] * updates
        read, version, ready, k = [w] * n, [0] * n, delay[:, 0].copy(), [0] * n
        for t in range(updates):
            i = int(np.argmin(ready))
            begin = read[i] if change == "from read" else w
            w = begin - lr * workers[i](w if change == "fresh" else read[i])
            path.append(w)
            times.append(ready[i])
            staleness.append(t - version[i] + (change == "itself"))
            if change != "never":
                read[i] = w
            version[i] = t + 1
            k[i] += 1
            ready[i] *= change != "from zero"
            ready[i] += delay[i, 0 if change == "first delay" else k[i]]
        return np.array(path), times, staleness

    return async_sgd


for word, identity in {
    "sum": "summed_in_sync",
    "in turn": "times_added_up",
    "fresh": "fresh_gradients",
    "itself": "staleness_counts_itself",
    "never": "never_reads_again",
    "from read": "begins_at_the_weights_read",
    "from zero": "next_arrival_from_zero",
    "first delay": "first_delay_when_asynchronous",
    "no waiting": "never_waits",
    "slowest in all": "slowest_in_all",
}.items():
    wrong("async_sgd", identity)(simulator(word))


@wrong("stable_rate", "delay_left_out")
def stable_rate(curvatures, delay):
    return 2 / max(curvatures)


@wrong("stable_rate", "divided_by_delay")
def stable_rate(curvatures, delay):
    return 2 / ((delay + 1) * max(curvatures))


@wrong("ddp_train", "gradients_not_averaged")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    wrapped = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(wrapped.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
        optimizer.step()
    dist.destroy_process_group()
    return list(model.parameters())


@wrong("ddp_train", "sum_of_gradients")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    for p in model.parameters():
        dist.broadcast(p.data, 0)
    for _ in range(steps):
        model.zero_grad()
        F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
        for p in model.parameters():
            dist.all_reduce(p.grad)
            p.data -= lr * p.grad
    dist.destroy_process_group()
    return list(model.parameters())


@wrong("stable_rate", "angle_for_its_sine")
def stable_rate(curvatures, delay):
    return np.pi / (2 * delay + 1) / np.max(curvatures)


@wrong("communication_bytes", "numbers_for_bytes")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if layer["kind"] == "conv":
        weights = layer["filters"] * (layer["inputs"][0] * np.prod(layer["kernel"]) + 1)
    else:
        weights = layer["outputs"] * (layer["inputs"] + 1)
    by_weights = scheme == "data" or (scheme != "model" and layer["kind"] == "conv")
    numbers = weights if by_weights else batch * np.prod(layer["inputs"])
    return 2 * (workers - 1) / workers * numbers


@wrong("communication_bytes", "all_links_of_four_bytes")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if scheme == "one weird trick":
        scheme = "data" if layer["kind"] == "conv" else "model"
    if scheme == "model":
        numbers = batch * np.prod(layer["inputs"])
    elif layer["kind"] == "conv":
        numbers = layer["filters"] * (layer["inputs"][0] * np.prod(layer["kernel"]) + 1)
    else:
        numbers = layer["outputs"] * (layer["inputs"] + 1)
    return 2 * (workers - 1) * 4 * numbers


@wrong("ring_allreduce", "n_steps_in_each_round")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    held = [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(n):
        received = ring.shift([held[i][(i - step) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - step) % n
            held[i][c] = held[i][c] + received[i]
    for step in range(n):
        received = ring.shift([held[i][(i + 1 - step) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - step) % n] = received[i]
    return held


@wrong("communication_bytes", "share_of_the_batch_one_way")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    numbers = int(np.prod(layer["inputs"]))
    if scheme == "data" or (scheme, layer["kind"]) == ("one weird trick", "conv"):
        channels = np.ravel(layer["inputs"])[0]
        outputs = layer.get("filters", layer.get("outputs"))
        sent = 2 * outputs * (channels * np.prod(layer.get("kernel", 1)) + 1)
    else:
        sent = batch / workers * numbers
    return (workers - 1) / workers * sent * bytes_per_number


@wrong("model_parallel_forward", "schedule_and_bubble_exchanged")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    values, schedule = list(microbatches), []
    for t in range(m + p - 1):
        row = [t - s if 0 <= t - s < m else None for s in range(p)]
        for s, k in enumerate(row):
            if k is not None:
                values[k] = stages[s](values[k])
        schedule.append(row)
    return values, (p - 1) / (m + p - 1), schedule
