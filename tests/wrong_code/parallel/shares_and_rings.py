"""Notebook 14: gradients from shards, what is sent, sums around a ring: wrong, piece by piece."""

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong


def sharded(weight, *, change=None, after=None, empty="skip"):
    """The gradient of a batch in shards: `weight(sizes, k)` is what shard k's mean weighs."""

    def data_parallel_gradient(model, shards):
        parameters, sizes = list(model.parameters()), [len(y) for _, y in shards]
        total = [torch.zeros_like(p) for p in parameters]
        for k, (x, y) in enumerate(shards):
            if not len(y) and empty == "break":
                break
            if not len(y) and empty == "skip":
                continue
            scores = change(model(x)) if change else model(x)
            parts = torch.autograd.grad(F.cross_entropy(scores, y), parameters)
            total = [t + weight(sizes, k) * g for t, g in zip(total, parts, strict=True)]
        return after(total, model) if after else total

    return data_parallel_gradient


def share(sizes, k):
    return sizes[k] / sum(sizes)


def _with_grad(value):
    def after(total, model):
        for p in model.parameters():
            p.grad = None if value is None else torch.full_like(p, value)
        return total

    return after


def _by_name(total, model):
    return {n: g for (n, _), g in zip(model.named_parameters(), total, strict=True)}


for identity, code in {
    "mean_of_means": sharded(lambda sizes, k: 1 / len(sizes)),
    "mean_of_full_shards": sharded(lambda sizes, k: 1 / np.count_nonzero(sizes)),
    "sum_of_means": sharded(lambda sizes, k: 1.0),
    "sum_over_examples": sharded(lambda sizes, k: sizes[k]),
    "counted_from_the_first_shard": sharded(
        lambda sizes, k: sizes[k] / (len(sizes) * sizes[0])
    ),
    "divided_by_workers_too": sharded(lambda sizes, k: share(sizes, k) / len(sizes)),
    "divided_by_workers": sharded(lambda sizes, k: sizes[k] / len(sizes)),
    "sizes_squared": sharded(lambda sizes, k: sizes[k] ** 2 / sum(sizes)),
    "shares_rounded_down": sharded(lambda sizes, k: sizes[k] // sum(sizes)),
    "ends_at_an_empty_shard": sharded(share, empty="break"),
    "mean_until_an_empty_shard": sharded(
        lambda sizes, k: sizes[k] / sum(sizes[: [*sizes, 0].index(0)]), empty="break"
    ),
    "means_averaged_until_an_empty_shard": sharded(
        lambda sizes, k: 1 / [*sizes, 0].index(0), empty="break"
    ),
    "divided_by_an_empty_shard": sharded(
        lambda sizes, k: 1 / (sum(sizes) / sizes[k]), empty="like any other"
    ),
    "softmax_before_the_loss": sharded(share, change=lambda scores: scores.softmax(1)),
    "named": sharded(share, after=_by_name),
    "by_alphabet": sharded(
        share, after=lambda total, model: [g for _, g in sorted(_by_name(total, model).items())]
    ),
    "one_vector": sharded(share, after=lambda total, model: torch.cat([g.ravel() for g in total])),
    "grad_left_changed": sharded(share, after=_with_grad(0.5)),
    "grad_cleared": sharded(share, after=_with_grad(None)),
    "grad_zeroed": sharded(share, after=_with_grad(0.0)),
}.items():  # fmt: skip
    wrong("data_parallel_gradient", identity)(code)


@wrong("data_parallel_gradient", "empty_shard_stops")
def data_parallel_gradient(model, shards):
    for x, _ in shards:
        model(x).max()
    return sharded(share)(model, shards)


@wrong("data_parallel_gradient", "first_shard_only")
def data_parallel_gradient(model, shards):
    total = sum(len(y) for _, y in shards)
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum") / total
        return list(torch.autograd.grad(loss, list(model.parameters())))


@wrong("data_parallel_gradient", "mean_of_the_first_shard")
def data_parallel_gradient(model, shards):
    for x, y in shards:
        return torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters()))


@wrong("data_parallel_gradient", "grad_changed_where_there_was_one")
def data_parallel_gradient(model, shards):
    kept = [p.grad for p in model.parameters()]
    model.zero_grad(set_to_none=False)
    for x, y in shards:
        (F.cross_entropy(model(x), y, reduction="sum") / sum(len(y) for _, y in shards)).backward()
    total = [p.grad.clone() for p in model.parameters()]
    for p, grad in zip(model.parameters(), kept, strict=True):
        p.grad = grad
    return total


def sent(**change):
    """The bytes of a layer, with one of these changed: weights, inputs, ring, trick."""

    def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
        conv = layer["kind"] == "conv"
        if conv:
            parameters = layer["filters"] * (layer["inputs"][0] * np.prod(layer["kernel"]) + 1)
        else:
            parameters = layer["outputs"] * (layer["inputs"] + 1)
        weights = change["weights"](layer, parameters) if "weights" in change else parameters
        inputs = change.get("inputs", lambda layer, n: np.prod(layer["inputs"]))(layer, workers)
        ring = change.get("ring", lambda n, by_data: 2 * (n - 1) / n)
        trick = change.get("trick", lambda conv, data, model: data if conv else model)
        data = ring(workers, True) * weights * bytes_per_number
        model = ring(workers, False) * batch * inputs * bytes_per_number
        return {"data": data, "model": model}.get(scheme, trick(conv, data, model))

    return communication_bytes


def of_conv(change):
    return lambda layer, p: change(layer, p) if layer["kind"] == "conv" else p


def of_affine(change):
    return lambda layer, p: p if layer["kind"] == "conv" else change(layer, p)


for identity, code in {
    "biases_of_filters_forgotten": sent(weights=of_conv(lambda a, p: p - a["filters"])),
    "biases_of_outputs_forgotten": sent(weights=of_affine(lambda a, p: p - a["outputs"])),
    "a_bias_for_each_input": sent(
        weights=of_affine(lambda a, p: a["inputs"] * (a["outputs"] + 1))
    ),
    "one_bias": sent(
        weights=lambda a, p: p - a.get("filters", a.get("outputs")) + 1
    ),
    "weights_for_each_place": sent(weights=of_conv(lambda a, p: p * np.prod(a["inputs"][1:]))),
    "outputs_counted": sent(
        inputs=lambda a, n: np.prod(a["inputs"]) if a["kind"] == "conv" else a["outputs"]
    ),
    "maps_out_counted": sent(
        inputs=lambda a, n: a["filters"] * np.prod(a["inputs"][1:])
        if a["kind"] == "conv" else a["inputs"]
    ),
    "all_outputs_counted": sent(
        inputs=lambda a, n: a["filters"] * np.prod(a["inputs"][1:])
        if a["kind"] == "conv" else a["outputs"]
    ),
    "no_way_back": sent(ring=lambda n, by_data: (1 + by_data) * (n - 1) / n),
    "no_gather_of_gradients": sent(ring=lambda n, by_data: (2 - by_data) * (n - 1) / n),
    "ring_rounded_down": sent(ring=lambda n, by_data: 2 * (n - 1) // n),
    "one_worker_sends": sent(ring=lambda n, by_data: 2 * (n - 1 or 1) / n),
    "batch_of_one_worker": sent(inputs=lambda a, n: np.prod(a["inputs"]) * n),
    "cheaper_of_the_two": sent(trick=lambda conv, data, model: min(data, model)),
    "trick_by_data_only": sent(trick=lambda conv, data, model: data),
    "trick_by_model_only": sent(trick=lambda conv, data, model: model),
    "trick_turned_round": sent(trick=lambda conv, data, model: model if conv else data),
    "share_one_way": sent(
        inputs=lambda a, n: np.prod(a["inputs"]) / n, ring=lambda n, by_data: (n - 1) / n
    ),
}.items():  # fmt: skip
    wrong("communication_bytes", identity)(code)


def ring(adds=0, gathers=0, begins=1, replace=True, passes_on=True, dtype=None, after=None):
    """The ring algorithm; `adds` and `gathers` are how many steps more or less a round has."""

    def ring_allreduce(chunks, ring):
        n = len(chunks)
        held = [[np.array(c, dtype=dtype) for c in worker] for worker in chunks]
        for s in range(n - 1 + adds):
            got = ring.shift([held[i][(i - s) % n] for i in range(n)])
            for i in range(n):
                held[i][(i - s - 1) % n] = held[i][(i - s - 1) % n] + got[i]
        for s in range(n - 1 + gathers):
            got = ring.shift([held[i][(i + begins - s * passes_on) % n] for i in range(n)])
            for i in range(n):
                c = (i - 1 + begins - s) % n
                held[i][c] = got[i] if replace else held[i][c] + got[i]
        return after(held) if after else held

    return ring_allreduce


for identity, code in {
    "second_round_one_short": ring(gathers=-1),
    "second_round_adds": ring(replace=False),
    "begins_with_an_unfinished_sum": ring(begins=0),
    "unfinished_and_added": ring(begins=0, replace=False),
    "does_not_pass_on": ring(passes_on=False),
    "one_step_too_many_in_the_second": ring(gathers=1),
    "n_steps_and_on": ring(adds=1, gathers=1, begins=0),
    "mean_for_sum": ring(after=lambda held: [[c / len(held) for c in w] for w in held]),
    "wider_numbers": ring(dtype=float),
    "wider_sums": ring(after=lambda held: [[c.astype(float) for c in w] for w in held]),
    "one_list_returned": ring(after=lambda held: held[0]),
}.items():
    wrong("ring_allreduce", identity)(code)


@wrong("ring_allreduce", "sizes_must_be_equal")
def ring_allreduce(chunks, ring_):
    return ring()([list(worker) for worker in np.array(chunks)], ring_)


@wrong("ring_allreduce", "one_worker_sends")
def ring_allreduce(chunks, ring_):
    if len(chunks) > 1:
        return ring()(chunks, ring_)
    return [[chunks[0][0] + ring_.shift([chunks[0][0]])[0]]]


@wrong("ring_allreduce", "one_chunk_after_another")
def ring_allreduce(chunks, ring_):
    n = len(chunks)
    sums = [[c.copy() for c in worker] for worker in chunks]
    for c in range(n):
        moving = [worker[c] for worker in chunks]
        for _ in range(n - 1):
            moving = ring_.shift(moving)
            for i in range(n):
                sums[i][c] += moving[i]
    return sums


@wrong("ring_allreduce", "other_direction")
def ring_allreduce(chunks, ring_):
    n = len(chunks)
    held = [[c.copy() for c in worker] for worker in chunks]
    for s in range(n - 1):
        got = ring_.shift([held[i][(i + s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i + 1 + s) % n] += got[i]
    for s in range(n - 1):
        got = ring_.shift([held[i][(i - 1 + s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i + s) % n] = got[i]
    return held


@wrong("ring_allreduce", "from_one_to_the_next")
def ring_allreduce(chunks, ring_):
    n, cuts = len(chunks), np.cumsum([c.size for c in chunks[0]])[:-1]
    sums = [np.concatenate(worker) for worker in chunks]
    for t in range(2 * (n - 1)):
        i = t % n
        got = ring_.shift([sums[j] if j == i else None for j in range(n)])[(i + 1) % n]
        sums[(i + 1) % n] = sums[i + 1] + got if t < n - 1 else got
    return [np.split(s, cuts) for s in sums]


@wrong("ring_allreduce", "sums_beside_the_ring")
def ring_allreduce(chunks, ring_):
    n = len(chunks)
    for s in range(2 * (n - 1)):
        ring_.shift([chunks[i][(i - s) % n] for i in range(n)])
    sums = [sum(chunks[i][c] for i in range(n)) for c in range(n)]
    return [[c.copy() for c in sums] for _ in range(n)]


@wrong("ring_allreduce", "sums_beside_the_ring")
def ring_allreduce(chunks, ring_):
    n = len(chunks)
    held = [list(worker) for worker in chunks]
    for s in range(n - 1):
        ring_.shift([held[i][(i - s) % n] for i in range(n)])
    for i in range(n):
        c = (i + 1) % n
        held[i][c] = np.sum([worker[c] for worker in chunks], axis=0)
    for s in range(n - 1):
        got = ring_.shift([held[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            held[i][(i - s) % n] = got[i]
    return held
