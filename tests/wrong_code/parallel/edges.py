"""Notebook 14: rings, clocks and slots that are wrong in one phase, one mode, at one end."""

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong


def ring(back=1, into=-1, lands=None, wary=False, first_back=1):
    """ring_allreduce whose second phase counts `back`wards, and whose first `first_back`wards, or
    that takes what it receives for a chunk of another one, `into` in the first phase and `lands` in
    the second; or adds nothing where sizes differ, if `wary`."""

    def ring_allreduce(chunks, ring):
        n = len(chunks)
        held = [[chunk.copy() for chunk in worker] for worker in chunks]
        for s in range(n - 1):
            got = ring.shift([held[i][(i - first_back * s) % n] for i in range(n)])
            for i in range(n):
                c = (i + into - first_back * s) % n
                if not wary or held[i][c].shape == got[i].shape:
                    held[i][c] = held[i][c] + got[i]
        for s in range(n - 1):
            got = ring.shift([held[i][(i + 1 - back * s) % n] for i in range(n)])
            for i in range(n):
                held[i][(i + (into if lands is None else lands) + 1 - back * s) % n] = got[i]
        return held

    return ring_allreduce


for identity, code in {
    "gathers_backwards": ring(back=-1),
    "adds_backwards": ring(first_back=-1),
    "counts_upwards": ring(back=-1, first_back=-1),
    "taken_from_the_right": ring(into=1, wary=True),
    "added_to_the_right_neighbours_chunk": ring(into=1, lands=-1),
    "put_where_the_right_neighbours_is": ring(lands=1),
    "taken_for_its_own": ring(into=0),
    "added_to_the_chunk_it_sends": ring(into=0, lands=-1),
    "put_where_the_one_it_sends_is": ring(lands=0),
}.items():
    wrong("ring_allreduce", identity)(code)


@wrong("ring_allreduce", "changed:chunks")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    held = [list(worker) for worker in chunks]
    for s in range(n - 1):
        got = ring.shift([held[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - 1 - s) % n] += got[i]
    for s in range(n - 1):
        got = ring.shift([held[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - s) % n] = got[i]
    return held


@wrong("stable_rate", "angle_for_its_sine_when_late")
def stable_rate(curvatures, delay):
    bound = np.pi / (2 * delay + 1) if delay else 2.0
    return bound / max(curvatures)


@wrong("stable_rate", "sum_of_curvatures_and_half")
def stable_rate(curvatures, delay):
    return np.sin(np.pi / (2 * (2 * delay + 1))) / sum(curvatures)


@wrong("data_parallel_gradient", "added_to_what_stood")
def data_parallel_gradient(model, shards):
    parameters = list(model.parameters())
    before = [None if p.grad is None else p.grad.clone() for p in parameters]
    total = sum(len(y) for _, y in shards)
    for x, y in shards:
        if len(y):
            (F.cross_entropy(model(x), y, reduction="sum") / total).backward()
    found = [p.grad.clone() for p in parameters]
    for p, old in zip(parameters, before, strict=True):
        p.grad = old
    return found


@wrong("model_parallel_forward", "a_slot_too_few")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    held, schedule = list(microbatches), []
    for t in range(m + p - 2):
        row = [t - s if 0 <= t - s < m else None for s in range(p)]
        schedule.append(row)
        for s, k in reversed(list(enumerate(row))):
            if k is not None:
                held[k] = stages[s](held[k])
    idle = sum(row.count(None) for row in schedule) / (p * len(schedule))
    return held, schedule, idle


def late(own_last=0, first=True, early=False, copies=True):
    """async_sgd that counts a worker's `own_last` update as well, or its `first` not at all; whose
    workers read weights from before their update, if `early`; or that hands the array itself out.
    """

    def async_sgd(workers, delay, w, lr, updates, sync=False):
        n = len(workers)
        w = np.array(w, dtype=float)
        path, times, staleness = [w.copy()], [], []
        if sync:
            for k in range(updates):
                w = w - lr * sum(g(w) for g in workers) / n
                path.append(w)
                times.append((times or [0.0])[-1] + delay[:, k].max())
            return np.array(path), times, [0] * updates
        read, at, count = [w.copy() for _ in range(n)], [0] * n, [0] * n
        ready = delay[:, 0].astype(float)
        for made in range(updates):
            i = int(np.argmin(ready))
            w -= lr * workers[i](read[i])
            path.append(w.copy())
            times.append(ready[i])
            staleness.append(made - at[i] + own_last if count[i] else made * first)
            read[i], at[i] = path[-2] if early else w.copy() if copies else w, made + 1
            count[i] += 1
            ready[i] += delay[i, count[i]]
        return np.array(path), times, staleness

    return async_sgd


wrong("async_sgd", "staleness_counts_its_own_last")(late(own_last=1))
wrong("async_sgd", "first_staleness_forgotten")(late(first=False))
wrong("async_sgd", "takes_the_weights_too_early")(late(early=True))
wrong("async_sgd", "fresh_after_the_first")(late(copies=False))


@wrong("async_sgd", "start_counted")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    n, now = len(workers), 0.0
    path, times, staleness = [w], [0.0], [0]
    if sync:
        for k in range(updates):
            now += max(delay[i, k] for i in range(n))
            w = w - lr * sum(g(w) for g in workers) / n
            path, times, staleness = [*path, w], [*times, now], [*staleness, 0]
        return np.array(path), np.array(times), np.array(staleness)
    read, since, own = [w] * n, [0] * n, [0] * n
    due = [delay[i, 0] for i in range(n)]
    for update in range(updates):
        i = int(np.argmin(due))
        w = w - lr * workers[i](read[i])
        path, times = [*path, w], [*times, due[i]]
        staleness.append(update - since[i])
        read[i], since[i], own[i] = w, update + 1, own[i] + 1
        due[i] = due[i] + delay[i, own[i]]
    return torch.tensor(np.array(path)).numpy(), np.array(times), np.array(staleness)


@wrong("data_parallel_gradient", "divided_by_shards_with_examples")
def data_parallel_gradient(model, shards):
    full = [(x, y) for x, y in shards if len(y)]
    total = sum(F.cross_entropy(model(x), y, reduction="sum") for x, y in full)
    return list(torch.autograd.grad(total / len(full), list(model.parameters())))


@wrong("data_parallel_gradient", "divided_by_those_so_far")
def data_parallel_gradient(model, shards):
    parameters, count = list(model.parameters()), 0
    gradients = [torch.zeros_like(p) for p in parameters]
    for x, y in shards:
        if len(y):
            count += len(y)
            loss = F.cross_entropy(model(x), y, reduction="sum") / count
            found = torch.autograd.grad(loss, parameters)
            gradients = [g + more for g, more in zip(gradients, found, strict=True)]
    return gradients


def _rate(identity, curvature):
    def stable_rate(curvatures, delay):
        sine = np.sin(np.pi / (2 * delay + 1)) if delay else 1.0
        return 2 * sine / curvature(curvatures)

    wrong("stable_rate", identity)(stable_rate)


_rate("half_angle_forgotten_when_late", np.max)
_rate("half_angle_forgotten_and_summed", np.sum)


def _pipeline(identity, row, again, counted):
    def model_parallel_forward(stages, microbatches):
        p, m = len(stages), len(microbatches)
        values, schedule, row_now = list(microbatches), [], list(row(p))
        for t in range(m + p - 1):
            for s in range(p):
                inside = 0 <= t - s < m
                if inside:
                    values[t - s] = stages[s](values[t - s])
                if inside or again:
                    row_now[s] = t - s if inside else None
            schedule.append(row_now)
        idle = sum(one is None for row in schedule for one in row)
        bubble = idle / (p * len(schedule)) if counted else (p - 1) / len(schedule)
        return values, schedule, bubble

    wrong("model_parallel_forward", identity)(model_parallel_forward)


def _idle(p):
    return [None] * p


_pipeline("rows_are_one_list", _idle, again=False, counted=False)
_pipeline("rows_are_one_list_counted", _idle, again=False, counted=True)
_pipeline("last_row_everywhere", _idle, again=True, counted=False)
_pipeline("last_row_everywhere_counted", _idle, again=True, counted=True)


@wrong("async_sgd", "path_without_start", "mean_time")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale, clock = [], [], [], 0.0
    due, done, read = delay[:, 0].copy(), [0] * len(workers), [(w, 0)] * len(workers)
    for u in range(updates):
        if sync:
            clock += delay[:, u].mean()
            w = w - lr * np.mean([worker(w) for worker in workers], axis=0)
            stale.append(0)
        else:
            i = int(np.argmin(due))
            clock, done[i] = due[i], done[i] + 1
            w = w - lr * workers[i](read[i][0])
            stale.append(u - read[i][1])
            read[i] = w, u + 1
            due[i] += delay[i, done[i]]
        path.append(w)
        times.append(clock)
    return np.array(path), np.array(times), stale
