"""Strangers' programs for notebook 14: written from the learner's notebook only (form: see README.md beside it)."""
import copy
import heapq
import itertools
import math
from collections import deque

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ data_parallel_gradient
@right
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    N = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y) == 0:
            continue
        loss = F.cross_entropy(model(x), y)
        for t, g in zip(total, torch.autograd.grad(loss, params)):
            t += g * (len(y) / N)
    return total


@also("data_parallel_gradient", "reduction='sum' on every shard, the empty one too; divides at the end")
def data_parallel_gradient(model, shards):
    params = tuple(model.parameters())
    sums = None
    for x, y in shards:
        g = torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), params)
        sums = list(g) if sums is None else [a + b for a, b in zip(sums, g)]
    n = sum(y.shape[0] for x, y in shards)
    return [s / n for s in sums]


@also("data_parallel_gradient", "backward, with the old .grad objects put aside and put back")
def data_parallel_gradient(model, shards):
    kept = [p.grad for p in model.parameters()]
    count = sum(x.shape[0] for x, _ in shards)
    try:
        for p in model.parameters():
            p.grad = None
        for x, y in shards:
            if x.shape[0] > 0:
                (F.cross_entropy(model(x), y, reduction="sum") / count).backward()
        return [p.grad.clone() for p in model.parameters()]
    finally:
        for p, g in zip(model.parameters(), kept):
            p.grad = g


@also("data_parallel_gradient", "one backward on a copy of the net")
def data_parallel_gradient(model, shards):
    twin = copy.deepcopy(model)
    twin.zero_grad()
    weights = torch.tensor([float(len(y)) for _, y in shards])
    weights = (weights / weights.sum()).tolist()
    for w, (x, y) in zip(weights, shards):
        if w:
            scores = twin(x)
            log_p = scores - scores.logsumexp(1, keepdim=True)
            (-w * log_p[torch.arange(len(y)), y].mean()).backward()
    return [p.grad for p in twin.parameters()]


@also("data_parallel_gradient", "torch.func on a dict of parameters")
def data_parallel_gradient(model, shards):
    weights = {name: p.detach() for name, p in model.named_parameters()}

    def summed(weights, x, y):
        return F.cross_entropy(torch.func.functional_call(model, weights, (x,)), y, reduction="sum")

    n, total = 0, {name: torch.zeros_like(p) for name, p in weights.items()}
    for x, y in shards:
        if not len(x):
            continue
        n += len(x)
        for name, g in torch.func.grad(summed)(weights, x, y).items():
            total[name] += g
    return [t / n for t in total.values()]


@also("data_parallel_gradient", "share times mean loss, empty shards too: the loss is nan there, its gradient 0")
def data_parallel_gradient(model, shards):
    params = [*model.parameters()]
    n = sum(len(y) for _, y in shards)
    parts = [torch.autograd.grad(len(y) / n * F.cross_entropy(model(x), y), params) for x, y in shards]
    return [torch.stack(of_one).sum(0) for of_one in zip(*parts)]


@wrong("data_parallel_gradient", "plain mean of the shards' means: sizes not used", r"size|weigh|shard|N_k|N\b|mean of|each example|equal")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    full = [(x, y) for x, y in shards if len(y)]
    total = [torch.zeros_like(p) for p in params]
    for x, y in full:
        for t, g in zip(total, torch.autograd.grad(F.cross_entropy(model(x), y), params)):
            t += g / len(full)
    return total


@wrong("data_parallel_gradient", "two: mean of the shards' means, empty shards counted in the number", r"size|weigh|empty|shard|mean of|equal")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y) > 0:
            for t, g in zip(total, torch.autograd.grad(F.cross_entropy(model(x), y), params)):
                t += g
    return [t / len(shards) for t in total]


@wrong("data_parallel_gradient", "sum over the examples, never divided by N", r"divid|mean|sum|N\b|number of examples")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum")
        for t, g in zip(total, torch.autograd.grad(loss, params)):
            t += g
    return total


@wrong("data_parallel_gradient", "own stable log-softmax with scores.max(): an empty shard has no largest score and it crashes", r"empty|max|no example|nothing|0 element|numel")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        scores = model(x)
        scores = scores - scores.max()
        log_p = scores - scores.exp().sum(1, keepdim=True).log()
        loss = -log_p[torch.arange(len(y)), y].sum() / n
        total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    return total


@wrong("data_parallel_gradient", "break instead of continue at an empty shard: all behind it is left out", r"empty|behind|after|left out|missing|stop|break|shard")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y) == 0:
            break
        loss = F.cross_entropy(model(x), y, reduction="sum") / n
        total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    return total


@wrong("data_parallel_gradient", "backward into .grad (zeroed first): what stood there is gone", r"\.grad|grad|stays|stood|left as|chang")
def data_parallel_gradient(model, shards):
    n = sum(len(y) for _, y in shards)
    model.zero_grad()
    for x, y in shards:
        if len(y):
            (F.cross_entropy(model(x), y, reduction="sum") / n).backward()
    return [p.grad.clone() for p in model.parameters()]


@wrong("data_parallel_gradient", "two: old .grad added to the result, and .grad changed (no zero_grad)", r"\.grad|grad|old|stood|accumul|add")
def data_parallel_gradient(model, shards):
    n = sum(len(y) for _, y in shards)
    for x, y in shards:
        if len(y):
            (F.cross_entropy(model(x), y, reduction="sum") / n).backward()
    return [p.grad.clone() for p in model.parameters()]


@wrong("data_parallel_gradient", ".grad saved by reference, then zeroed in place: restores zeros plus the new gradient", r"\.grad|grad|stays|stood|in place|chang")
def data_parallel_gradient(model, shards):
    old = [p.grad for p in model.parameters()]
    model.zero_grad(set_to_none=False)
    n = sum(len(y) for _, y in shards)
    for x, y in shards:
        if len(y):
            (F.cross_entropy(model(x), y, reduction="sum") / n).backward()
    new = [p.grad.clone() for p in model.parameters()]
    for p, g in zip(model.parameters(), old):
        p.grad = g
    return new


@wrong("data_parallel_gradient", ".grad cleaned up afterwards: set to None although something stood there", r"\.grad|grad|stays|stood|None|chang")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y):
            loss = F.cross_entropy(model(x), y, reduction="sum") / n
            total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    model.zero_grad()
    return total


@wrong("data_parallel_gradient", "all shards concatenated and sent through the model at once", r"one (shard )?at a time|concat|cat|together|machine|at once|shard")
def data_parallel_gradient(model, shards):
    x = torch.cat([x for x, _ in shards])
    y = torch.cat([y for _, y in shards])
    return list(torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters())))


@wrong("data_parallel_gradient", "N taken as shards times the first shard's size", r"size|N\b|first shard|number|differ|divid|weigh|mean")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = len(shards) * len(shards[0][1])
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum") / n
        total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    return total


@wrong("data_parallel_gradient", "weighted twice: the shard's sum times N_k / N", r"twice|weigh|sum|mean|size|divid")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        loss = F.cross_entropy(model(x), y, reduction="sum") * len(y) / n
        total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    return total


@wrong("data_parallel_gradient", "integer division N_k // N: zero as soon as there are two shards", r"//|integer|zero|0|weigh|share")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y):
            g = torch.autograd.grad(F.cross_entropy(model(x), y), params)
            total = [t + (len(y) // n) * d for t, d in zip(total, g)]
    return total


@wrong("data_parallel_gradient", "softmax before cross_entropy, which takes the softmax itself", r"softmax|twice|scores|cross")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y):
            p = model(x).softmax(1)
            g = torch.autograd.grad(F.cross_entropy(p, y, reduction="sum"), params)
            total = [t + d / n for t, d in zip(total, g)]
    return total


@wrong("data_parallel_gradient", "two: dict by name instead of a list, mean of means", r"list|dict|order|type|size|weigh")
def data_parallel_gradient(model, shards):
    names = dict(model.named_parameters())
    total = {name: torch.zeros_like(p) for name, p in names.items()}
    shards = [s for s in shards if len(s[1])]
    for x, y in shards:
        g = torch.autograd.grad(F.cross_entropy(model(x), y), list(names.values()))
        for name, d in zip(names, g):
            total[name] += d / len(shards)
    return total


@wrong("data_parallel_gradient", "gradients in the alphabetical order of the names", r"order|sort|names|shape|parameters\(\)")
def data_parallel_gradient(model, shards):
    named = sorted(model.named_parameters())
    params = [p for _, p in named]
    n = sum(len(y) for _, y in shards)
    total = [torch.zeros_like(p) for p in params]
    for x, y in shards:
        if len(y):
            loss = F.cross_entropy(model(x), y, reduction="sum") / n
            total = [t + g for t, g in zip(total, torch.autograd.grad(loss, params))]
    return total


@wrong("data_parallel_gradient", "overwrites instead of adding: only the last full shard counts", r"last|add|sum|shard|overwrit|only one")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    gradients = None
    for x, y in shards:
        if len(y):
            loss = F.cross_entropy(model(x), y, reduction="sum") / n
            gradients = list(torch.autograd.grad(loss, params))
    return gradients


@wrong("data_parallel_gradient", "one flat vector instead of a list", r"list|one for each|vector|flat|shape|tensor")
def data_parallel_gradient(model, shards):
    params = list(model.parameters())
    n = sum(len(y) for _, y in shards)
    total = 0
    for x, y in shards:
        if len(y):
            g = torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum") / n, params)
            total = total + torch.cat([d.ravel() for d in g])
    return total


# ================================================================ ring_allreduce
@right
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[np.array(c) for c in mine] for mine in chunks]
    for step in range(n - 1):
        received = ring.shift([sums[i][(i - step) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - step) % n
            sums[i][c] = np.asarray(sums[i][c] + received[i], dtype=sums[i][c].dtype)
    for step in range(n - 1):
        received = ring.shift([sums[i][(i + 1 - step) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - step) % n] = received[i].copy()
    return sums


@also("ring_allreduce", "one loop over 2(n - 1) steps, in place on copies")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    own = [[c.copy() for c in row] for row in chunks]
    for t in range(2 * (n - 1)):
        got = ring.shift([own[i][(i - t) % n].copy() for i in range(n)])
        for i, message in enumerate(got):
            place = own[i][(i - 1 - t) % n]
            if t < n - 1:
                np.add(place, message, out=place)
            else:
                place[...] = message
    return own


@also("ring_allreduce", "the messages themselves travel and grow; dicts")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    if n == 1:
        return [[chunks[0][0].copy()]]
    travelling = [chunks[i][i] for i in range(n)]
    for k in range(1, n):
        travelling = ring.shift(travelling)
        own = [chunks[i][(i - k) % n] for i in range(n)]
        travelling = [(mine + sofar).astype(mine.dtype) for mine, sofar in zip(own, travelling)]
    done = [{(i + 1) % n: travelling[i]} for i in range(n)]
    for k in range(n - 1):
        travelling = ring.shift(travelling)
        for i in range(n):
            done[i][(i - k) % n] = np.array(travelling[i])
    return [[done[i][c] for c in range(n)] for i in range(n)]


@also("ring_allreduce", "rotated deques: the chunk to send is always in front")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    lines = []
    for i, mine in enumerate(chunks):
        line = deque((c, mine[c].copy()) for c in range(n))
        line.rotate(-i)
        lines.append(line)
    for phase in ("reduce", "gather"):
        for _ in range(n - 1):
            received = ring.shift([line[0][1] for line in lines])
            for line, new in zip(lines, received):
                line.rotate(1)
                c, old = line[0]
                line[0] = (c, old + new if phase == "reduce" else new.copy())
    return [[a for _, a in sorted(line, key=lambda pair: pair[0])] for line in lines]


@wrong("ring_allreduce", "lists copied, arrays not: += changes the caller's chunks", r"modif|in place|chang|copy|caller|input")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [list(row) for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s - 1) % n] += got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "the ring is never used: sums across the workers' lists", r"ring|shift|step|connect|neighbour|never")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [sum(chunks[i][c] for i in range(n)) for c in range(n)]
    return [[s.copy() for s in sums] for _ in range(n)]


@wrong("ring_allreduce", "whole gradients go round, each worker adds for itself: n - 1 steps, (n - 1)G bytes, bits differ", r"step|bytes|whole|bits|chunk|same|once")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    cuts = np.cumsum([c.size for c in chunks[0]])[:-1]
    travelling = [np.concatenate([c.ravel() for c in row]) for row in chunks]
    total = [t.copy() for t in travelling]
    for _ in range(n - 1):
        travelling = ring.shift(travelling)
        for i in range(n):
            total[i] += travelling[i]
    return [[part.reshape(c.shape) for part, c in zip(np.split(total[i], cuts), chunks[i])] for i in range(n)]


@wrong("ring_allreduce", "one chunk after the other, all workers sending the same one: n(n - 1) steps, bits differ", r"step|bits|2\(n|chunk|once|same|many")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[None] * n for _ in range(n)]
    for c in range(n):
        travelling = [chunks[i][c] for i in range(n)]
        total = [t.copy() for t in travelling]
        for _ in range(n - 1):
            travelling = ring.shift(travelling)
            for i in range(n):
                total[i] = total[i] + travelling[i]
        for i in range(n):
            sums[i][c] = total[i]
    return sums


@wrong("ring_allreduce", "gather begins with chunk i instead of i + 1: spreads an unfinished sum", r"gather|finish|i \+ 1|chunk|unfinish|which|first|complete|holds")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - 1 - s) % n] = sums[i][(i - 1 - s) % n] + got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - 1 - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "the gather adds too instead of keeping what comes", r"gather|add|keep|replac|overwrit|twice|second")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for t in range(2 * (n - 1)):
        got = ring.shift([sums[i][(i - t) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - t) % n
            sums[i][c] = sums[i][c] + got[i]
    return sums


@wrong("ring_allreduce", "n steps in each phase: one too many, own chunk counted again", r"step|n - 1|one too|twice|2\(n|again|many")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - 1 - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "gather has n steps: the result is right, one step too many is sent", r"step|2\(n|one too|many|gather")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "mean instead of the sum (as DDP does)", r"mean|sum|divid|averag|/ ?n")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for t in range(2 * (n - 1)):
        got = ring.shift([sums[i][(i - t) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - t) % n
            sums[i][c] = sums[i][c] + got[i] if t < n - 1 else got[i].copy()
    return [[c / n for c in row] for row in sums]


@wrong("ring_allreduce", "adds up in float64: dtype of float32 chunks lost", r"dtype|float64|float32|bytes")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[np.array(c, dtype=float) for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - 1 - s) % n] += got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "thinks that received[i] comes from worker i + 1", r"left|right|i - 1|neighbour|direction|comes from|chunk|which")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + s) % n] for i in range(n)])
        for i in range(n):
            c = (i + 1 + s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - 1 + s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i + s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "reduce only: each worker ends with one finished chunk, no gather", r"gather|finish|one chunk|step|other|half|phase|every worker")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    return sums


@wrong("ring_allreduce", "sends its own chunk instead of the sum so far: right for two workers only", r"sum so far|own|partial|travel|reduce|three|more than two|pass")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([chunks[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "gather sends the own finished chunk in every step, never passes on: right for two workers only", r"gather|pass|forward|every step|same chunk|received|own|finish|three")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + 1) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "last gather step left out (n - 2): right for no n above 1", r"step|last|n - 1|2\(n|gather|missing|one too few|few")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n - 2):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "first step before the loop: a single worker sends to itself and doubles its chunk", r"one worker|single|n = 1|alone|0 steps|no step|itself|step")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    got = ring.shift([sums[i][i] for i in range(n)])
    for i in range(n):
        sums[i][i - 1] = sums[i][i - 1] + got[i]
    for s in range(1, n - 1):
        got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - s) % n
            sums[i][c] = sums[i][c] + got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i][(i + 1 - s) % n] for i in range(n)])
        for i in range(n):
            sums[i][(i - s) % n] = got[i].copy()
    return sums


@wrong("ring_allreduce", "np.array(chunks): chunks of different size do not stack", r"size|shape|differ|stack|ragged|inhomogeneous|rectang")
def ring_allreduce(chunks, ring):
    sums = np.array(chunks)
    n = len(sums)
    for s in range(n - 1):
        got = ring.shift([sums[i, (i - s) % n] for i in range(n)])
        for i in range(n):
            sums[i, (i - 1 - s) % n] += got[i]
    for s in range(n - 1):
        got = ring.shift([sums[i, (i + 1 - s) % n].copy() for i in range(n)])
        for i in range(n):
            sums[i, (i - s) % n] = got[i]
    return [list(row) for row in sums]


@wrong("ring_allreduce", "gives back one worker's chunks instead of all workers'", r"every worker|each worker|list|one worker|n lists|all workers|return")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for t in range(2 * (n - 1)):
        got = ring.shift([sums[i][(i - t) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - t) % n
            sums[i][c] = sums[i][c] + got[i] if t < n - 1 else got[i].copy()
    return sums[0]


@wrong("ring_allreduce", "two: the caller's chunks changed, and float division to a mean", r"modif|in place|chang|copy|mean|divid|sum")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = chunks
    for t in range(2 * (n - 1)):
        got = ring.shift([sums[i][(i - t) % n] for i in range(n)])
        for i in range(n):
            c = (i - 1 - t) % n
            sums[i][c] = sums[i][c] + got[i] if t < n - 1 else got[i].copy()
    return [[c / n for c in row] for row in sums]


@wrong("ring_allreduce", "two: unfinished chunk sent first in the gather, and that is added", r"gather|add|finish|keep|chunk|unfinish")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    sums = [[c.copy() for c in row] for row in chunks]
    for phase in range(2):
        for s in range(n - 1):
            got = ring.shift([sums[i][(i - s) % n] for i in range(n)])
            for i in range(n):
                c = (i - 1 - s) % n
                sums[i][c] = sums[i][c] + got[i]
    return sums


@wrong("ring_allreduce", "the whole gradient, never cut, walks from worker to worker and round again: 2(n - 1) steps, but a link carries up to 2G, not the text's 2(n - 1)/n G", r"bytes|whole|chunk|link|carr|all to one|more than|step")
def ring_allreduce(chunks, ring):
    n = len(chunks)
    cuts = np.cumsum([c.size for c in chunks[0]])[:-1]
    flat = [np.concatenate([c.ravel() for c in row]) for row in chunks]
    nothing = flat[0][:0]
    total = flat[0]
    for s in range(n - 1):          # 0 -> 1 -> ... -> n - 1, the sum grows
        got = ring.shift([total if i == s else nothing for i in range(n)])
        total = flat[s + 1] + got[s + 1]
    finished = {n - 1: total}
    for s in range(n - 1):          # and once more round
        i = (n - 1 + s) % n
        got = ring.shift([finished[i] if j == i else nothing for j in range(n)])
        finished[(i + 1) % n] = got[(i + 1) % n].copy()
    return [[p.reshape(c.shape) for p, c in zip(np.split(finished[i], cuts), chunks[i])] for i in range(n)]


# ================================================================ communication_bytes
def _weights_of(layer):
    if layer["kind"] == "conv":
        kh, kw = layer["kernel"]
        return layer["filters"] * (layer["inputs"][0] * kh * kw + 1)
    return layer["outputs"] * (layer["inputs"] + 1)


@right
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    conv = layer["kind"] == "conv"
    if scheme == "one weird trick":
        scheme = "data" if conv else "model"
    if scheme == "data":
        numbers = _weights_of(layer)
    else:
        numbers = batch * int(np.prod(layer["inputs"]))
    return 2 * (workers - 1) * numbers * bytes_per_number / workers


_comm = communication_bytes


@also("communication_bytes", "whole numbers: outputs and batch are divisible")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    match layer:
        case {"kind": "conv", "inputs": [C, H, W], "filters": filters, "kernel": [kh, kw]}:
            parameters, maps, best = filters * C * kh * kw + filters, C * H * W, "data"
        case {"kind": "affine", "inputs": D, "outputs": M}:
            parameters, maps, best = D * M + M, D, "model"
    chosen = {"one weird trick": best}.get(scheme, scheme)
    share = {"data": parameters, "model": batch * maps}[chosen] // workers
    return 2 * (workers - 1) * share * bytes_per_number


@also("communication_bytes", "early return for one worker; recursion for the trick")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if workers == 1:
        return 0
    if scheme == "one weird trick":
        return _comm(layer, {"conv": "data", "affine": "model"}[layer["kind"]], workers, batch, bytes_per_number)
    fan_in = layer["inputs"] if layer["kind"] == "affine" else layer["inputs"][0] * math.prod(layer["kernel"])
    outputs = layer.get("outputs", layer.get("filters"))
    numbers = outputs * fan_in + outputs
    if scheme == "model":
        numbers = batch * math.prod(np.atleast_1d(layer["inputs"]).tolist())
    return float(2 * (1 - 1 / workers) * numbers * bytes_per_number)


def _bytes(layer, scheme, workers, batch, size, parameters=None, maps=None, factor=None, trick=None):
    if scheme == "one weird trick":
        scheme = (trick or (lambda kind: "data" if kind == "conv" else "model"))(layer["kind"])
    if scheme == "data":
        numbers = (parameters or _weights_of)(layer)
    else:
        numbers = batch * (maps or (lambda l: math.prod(l["inputs"]) if l["kind"] == "conv" else l["inputs"]))(layer)
    return (factor or (lambda n: 2 * (n - 1) / n))(workers) * numbers * size


@wrong("communication_bytes", "bias forgotten in both kinds", r"bias|b\b|offset")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, parameters=lambda l: (
        l["filters"] * l["inputs"][0] * math.prod(l["kernel"]) if l["kind"] == "conv" else l["inputs"] * l["outputs"]))


@wrong("communication_bytes", "bias forgotten in conv only", r"bias|conv")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if layer["kind"] == "conv":
        C, H, W = layer["inputs"]
        kh, kw = layer["kernel"]
        params, inputs = layer["filters"] * C * kh * kw, C * H * W
        use = "model" if scheme == "model" else "data"
    else:
        params, inputs = (layer["inputs"] + 1) * layer["outputs"], layer["inputs"]
        use = "data" if scheme == "data" else "model"
    numbers = params if use == "data" else batch * inputs
    return 2 * (workers - 1) / workers * numbers * bytes_per_number


@wrong("communication_bytes", "affine bias for each input instead of each output", r"bias|output|input")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, parameters=lambda l: (
        _weights_of(l) if l["kind"] == "conv" else l["inputs"] * l["outputs"] + l["inputs"]))


@wrong("communication_bytes", "factor 2 forgotten", r"2|twice|half|both|factor|gather")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, factor=lambda n: (n - 1) / n)


@wrong("communication_bytes", "factor 2 forgotten in model parallelism only: gathers the inputs, not the gradients back", r"2|twice|half|back|gradient|model|factor")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    model = scheme == "model" or scheme == "one weird trick" and layer["kind"] == "affine"
    return _bytes(layer, scheme, workers, batch, bytes_per_number, factor=lambda n: (1 if model else 2) * (n - 1) / n)


@wrong("communication_bytes", "2(n - 1) without the division by n", r"n\b|divid|worker|link|2\(n|/ ?n|each|total|all")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, factor=lambda n: 2 * (n - 1))


@wrong("communication_bytes", "2(n - 1)//n: whole-number division, right for one and two workers", r"//|integer|whole|round|division|2\(n|worker")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, factor=lambda n: 2 * (n - 1) // n)


@wrong("communication_bytes", "model parallelism with the worker's own share of the batch", r"batch|share|whole|all workers|worker")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch // workers, bytes_per_number)


@wrong("communication_bytes", "model parallelism times the workers: takes batch for one worker's", r"batch|all workers|together|worker|times")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch * workers, bytes_per_number)


@wrong("communication_bytes", "affine layers, model parallel: outputs instead of inputs", r"input|output")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, maps=lambda l: (
        math.prod(l["inputs"]) if l["kind"] == "conv" else l["outputs"]))


@wrong("communication_bytes", "conv, model parallel: the output maps (filters) instead of the inputs", r"input|output|filter|channel|map")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, maps=lambda l: (
        l["filters"] * l["inputs"][1] * l["inputs"][2] if l["kind"] == "conv" else l["inputs"]))


@wrong("communication_bytes", "conv, model parallel: channels only, places forgotten", r"place|H|W|channel|height|width|input|map")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, maps=lambda l: (
        l["inputs"][0] if l["kind"] == "conv" else l["inputs"]))


@wrong("communication_bytes", "one weird trick the wrong way round", r"trick|swap|round|conv|affine|exchang|revers")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, trick=lambda k: "model" if k == "conv" else "data")


@wrong("communication_bytes", "one weird trick as the cheaper of the two for each layer", r"trick|min|cheap|less|conv|affine|kind")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if scheme == "one weird trick":
        return min(_comm(layer, "data", workers, batch, bytes_per_number),
                   _comm(layer, "model", workers, batch, bytes_per_number))
    return _comm(layer, scheme, workers, batch, bytes_per_number)


@wrong("communication_bytes", "kernel taken as square: kh * kh", r"kernel|kh|kw|square|width")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, parameters=lambda l: (
        l["filters"] * (l["inputs"][0] * l["kernel"][0] ** 2 + 1) if l["kind"] == "conv" else _weights_of(l)))


@wrong("communication_bytes", "4 bytes whatever bytes_per_number says", r"bytes_per_number|4|half|precision")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, 4)


@wrong("communication_bytes", "numbers, not bytes: bytes_per_number never used", r"bytes|bytes_per_number|4")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, 1)


@wrong("communication_bytes", "conv weights for each place of the map: no sharing", r"place|H|W|shar|map|conv|parameter")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, parameters=lambda l: (
        _weights_of(l) * l["inputs"][1] * l["inputs"][2] if l["kind"] == "conv" else _weights_of(l)))


@wrong("communication_bytes", "data parallelism times the batch: a gradient for each example", r"batch|example|data|gradient|once")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    data = scheme == "data" or scheme == "one weird trick" and layer["kind"] == "conv"
    return _comm(layer, scheme, workers, batch, bytes_per_number) * (batch if data else 1)


@wrong("communication_bytes", "max(n - 1, 1): one worker sends something", r"one worker|single|0|itself|alone|n = 1|workers = 1")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch, bytes_per_number, factor=lambda n: 2 * max(n - 1, 1) / n)


@wrong("communication_bytes", "two: no bias, and the trick the wrong way round", r"bias|trick|swap|round|conv|affine")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if layer["kind"] == "conv":
        C, H, W = layer["inputs"]
        kh, kw = layer["kernel"]
        sizes = {"data": layer["filters"] * C * kh * kw, "model": batch * C * H * W}
    else:
        sizes = {"data": layer["inputs"] * layer["outputs"], "model": batch * layer["inputs"]}
    if scheme == "one weird trick":
        scheme = "data" if layer["kind"] == "affine" else "model"
    return 2 * (workers - 1) / workers * sizes[scheme] * bytes_per_number


@wrong("communication_bytes", "two: share of the batch only, and no factor 2", r"batch|share|2|twice|half")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    return _bytes(layer, scheme, workers, batch / workers, bytes_per_number, factor=lambda n: (n - 1) / n)


@wrong("communication_bytes", "the trick's name compared with 'trick': falls through to data for affine layers", r"trick|affine|model|scheme")
def communication_bytes(layer, scheme, workers, batch, bytes_per_number=4):
    if scheme == "trick" and layer["kind"] == "affine":
        scheme = "model"
    if scheme == "model":
        numbers = batch * math.prod(layer["inputs"] if layer["kind"] == "conv" else [layer["inputs"]])
    else:
        numbers = _weights_of(layer)
    return 2 * (workers - 1) / workers * numbers * bytes_per_number


# ================================================================ ddp_train  (each complete: it is sent to other processes)
@right
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        parallel = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(parallel(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach().clone() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@also("ddp_train", "by hand: broadcast, all_reduce of each gradient, update under no_grad")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        params = list(model.parameters())
        for p in params:
            dist.broadcast(p.data, src=0)
        size = len(x) // world
        mine = slice(rank * size, (rank + 1) * size)
        for _ in range(steps):
            loss = F.cross_entropy(model(x[mine]), y[mine])
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, g in zip(params, grads):
                    g = g.contiguous()
                    dist.all_reduce(g)
                    p -= lr * g / world
    finally:
        dist.destroy_process_group()
    return [p.detach() for p in params]


@also("ddp_train", "chunk(world), loss sum over N, one flat all_reduce")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group(backend="gloo", init_method=meeting, world_size=world, rank=rank)
    try:
        flat = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        dist.broadcast(flat, 0)
        torch.nn.utils.vector_to_parameters(flat, model.parameters())
        N, x, y = len(y), x.chunk(world)[rank], y.chunk(world)[rank]
        for _ in range(steps):
            model.zero_grad()
            (F.cross_entropy(model(x), y, reduction="sum") / N).backward()
            g = torch.cat([p.grad.flatten() for p in model.parameters()])
            dist.all_reduce(g, op=dist.ReduceOp.SUM)
            flat = flat - lr * g
            torch.nn.utils.vector_to_parameters(flat, model.parameters())
        return [p.detach().clone() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@also("ddp_train", "DDP with contiguous halves, own update instead of an optimizer")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        rows = torch.arange(len(y)).reshape(world, -1)[rank]
        x, y = x[rows], y[rows]
        for _ in range(steps):
            net.zero_grad(set_to_none=True)
            F.nll_loss(net(x).log_softmax(dim=1), y).backward()
            with torch.no_grad():
                for p in net.parameters():
                    p.add_(p.grad, alpha=-lr)
        weights = list(model.parameters())
        dist.barrier()
    finally:
        dist.destroy_process_group()
    return [w.detach() for w in weights]


@wrong("ddp_train", "all N examples on every rank: same weights, no work shared", r"share|half|N/world|each example|all N|every rank|part|own")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "no DDP: rank 0's weights are shared at first, gradients never", r"average|gradient|DDP|DistributedDataParallel|own|exchang|ranks")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        for p in model.parameters():
            dist.broadcast(p.data, 0)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "DDP made, but the forward pass goes through the bare model", r"DDP|DistributedDataParallel|parallel|forward|average|gradient|model\(|bare|wrap")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        parallel = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "the process group is never left", r"left|leave|destroy|group")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    net = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
        optimizer.step()
    return [p.detach() for p in model.parameters()]


@wrong("ddp_train", "only rank 0 leaves the group", r"left|leave|destroy|group|rank")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    net = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
        optimizer.step()
    dist.barrier()
    if rank == 0:
        dist.destroy_process_group()
    return [p.detach() for p in model.parameters()]


@wrong("ddp_train", "no finally: the group is not left when the training fails", r"finally|fail|left|leave|error|destroy|die")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    net = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
        optimizer.step()
    weights = [p.detach().clone() for p in model.parameters()]
    dist.destroy_process_group()
    return weights


@wrong("ddp_train", "all_reduce sums the ranks' mean gradients: world times too long a step", r"sum|mean|average|divid|world|times|lr|rate|step")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        for p in model.parameters():
            dist.broadcast(p.data, 0)
        for _ in range(steps):
            model.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in model.parameters():
                dist.all_reduce(p.grad)
                p.data -= lr * p.grad
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "averaged twice: DDP does it, and the loss is divided by world too", r"twice|divid|world|average|small|short|rate|step|half|mean")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x[rank::world]), y[rank::world]) / world
            loss.backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "rate scaled with the number of processes (linear scaling rule)", r"rate|lr|scal|world|times|step")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr * world)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "gradients averaged by hand, first weights not made equal", r"first weights|rank 0|broadcast|start|begin|initial|same")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in model.parameters():
                dist.all_reduce(p.grad)
                p.grad /= world
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "first weights are the mean of the ranks', not rank 0's", r"first weights|rank 0|mean|average|start|begin|initial")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        for p in model.parameters():
            dist.all_reduce(p.data)
            p.data /= world
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in model.parameters():
                dist.all_reduce(p.grad)
                p.grad /= world
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "each rank trains alone, the weights are averaged at the end: right for one step only", r"each step|every step|end|weights|gradient|average|alone|local")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        for p in model.parameters():
            dist.broadcast(p.data, 0)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        for p in model.parameters():
            dist.all_reduce(p.data)
            p.data /= world
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "zero_grad forgotten: gradients pile up over the steps", r"zero_grad|pile|accumul|old|add up|earlier|gradient")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "momentum 0.9 instead of plain SGD", r"momentum|plain|SGD")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "each rank draws its examples at random: some lie on two ranks, some on none", r"each example|one rank|random|draw|twice|overlap|same in every|examples")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        mine = np.random.default_rng(rank).permutation(len(x))[: len(x) // world]
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[mine]), y[mine]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "the shares go round: rank + step, not the same in every step (the weights come out right)", r"same in every|every step|share|examples|step|round|rank")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for step in range(steps):
            optimizer.zero_grad()
            part = (rank + step) % world
            F.cross_entropy(net(x[part::world]), y[part::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "x[rank * size : rank + size]: every rank but the first gets too few", r"N/world|share|examples|slice|too few|size|rank")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        size = len(x) // world
        mine_x, mine_y = x[rank * size : rank + size], y[rank * size : rank + size]
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(mine_x), mine_y).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "pictures every world-th, classes in one piece: labels of others", r"label|class|belong|match|y\b|pair|rows")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        mine_x, mine_y = x[rank::world], y.chunk(world)[rank]
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(mine_x), mine_y).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "sum of the losses instead of their mean", r"mean|sum|reduction|N\b|divid|times|loss")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world], reduction="sum").backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "the generator model.parameters() is used up by the broadcast: nothing is ever updated", r"updat|generator|first weights|no step|never|unchanged|chang|train|moved")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        params = model.parameters()
        for p in params:
            dist.broadcast(p.data, 0)
        for _ in range(steps):
            model.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in params:
                dist.all_reduce(p.grad)
                p.data -= lr * p.grad / world
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "buffers returned too: state_dict's values", r"parameters|buffer|state_dict|list|number|too many|length")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [v.clone() for v in model.state_dict().values()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "only rank 0 gives the weights back, the others None", r"every rank|None|return|rank|list")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        if rank == 0:
            return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "biases (one-dimensional parameters) are not averaged", r"bias|average|gradient|all parameters|ranks|every|differ")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        for p in model.parameters():
            dist.broadcast(p.data, 0)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in model.parameters():
                if p.dim() > 1:
                    dist.all_reduce(p.grad)
                    p.grad /= world
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "two: steps - 1 updates, group not left", r"step|update|left|leave|destroy|one too few|few|group")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    net = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(1, steps):
        optimizer.zero_grad()
        F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
        optimizer.step()
    return [p.detach() for p in model.parameters()]


@wrong("ddp_train", "two: own first weights kept, gradients summed without division", r"first weights|rank 0|broadcast|sum|divid|world|average")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x[rank::world]), y[rank::world]).backward()
            for p in model.parameters():
                dist.all_reduce(p.grad, op=dist.ReduceOp.SUM)
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


@wrong("ddp_train", "the address is not used: init_method left out, so torch looks for environment variables", r"meeting|init_method|address|environment|RANK|MASTER")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", rank=rank, world_size=world)
    try:
        net = DistributedDataParallel(model)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(net(x[rank::world]), y[rank::world]).backward()
            optimizer.step()
        return [p.detach() for p in model.parameters()]
    finally:
        dist.destroy_process_group()


# ================================================================ async_sgd
@right
def async_sgd(workers, delay, w, lr, updates, sync=False):
    w = np.array(w, dtype=float)
    path, times, staleness = [w], [], []
    if sync:
        now = 0.0
        for k in range(updates):
            now += max(delay[i][k] for i in range(len(workers)))
            w = w - lr * np.mean([f(w) for f in workers], axis=0)
            path.append(w)
            times.append(now)
            staleness.append(0)
        return np.array(path), np.array(times), np.array(staleness, dtype=int)
    coming = [(float(delay[i, 0]), i) for i in range(len(workers))]
    heapq.heapify(coming)
    read, when, count = [w] * len(workers), [0] * len(workers), [1] * len(workers)
    for t in range(updates):
        now, i = heapq.heappop(coming)
        w = w - lr * np.asarray(workers[i](read[i]))
        path.append(w)
        times.append(now)
        staleness.append(t - when[i])
        read[i], when[i] = w, t + 1
        heapq.heappush(coming, (now + float(delay[i, count[i]]), i))
        count[i] += 1
    return np.array(path), np.array(times), np.array(staleness, dtype=int)


_async = async_sgd


@also("async_sgd", "arrivals by cumsum and a stable sort, arrays filled in")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    n, delay = len(workers), np.asarray(delay, float)
    path = np.empty((updates + 1, np.size(w)))
    path[0] = w
    if sync:
        for t in range(updates):
            path[t + 1] = path[t] - lr * sum(g(path[t].copy()) for g in workers) / n
        return path, np.cumsum(delay.max(axis=0))[:updates], np.zeros(updates, dtype=int)
    arrival = np.cumsum(delay, axis=1)
    who = np.repeat(np.arange(n), delay.shape[1])
    order = np.lexsort((who, arrival.ravel()))[:updates]
    times, who = arrival.ravel()[order], who[order]
    seen, staleness = np.zeros(n, int), np.zeros(updates, int)
    for t, i in enumerate(who):
        path[t + 1] = path[t] - lr * workers[i](path[seen[i]].copy())
        staleness[t] = t - seen[i]
        seen[i] = t + 1
    return path, times, staleness


@also("async_sgd", "argmin over the next arrivals; gradient computed when the weights are read")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    n = len(workers)
    w = np.array(w, float)
    path, times, stale = [w.copy()], np.zeros(updates), np.zeros(updates, np.int64)
    if sync:
        clock = 0
        for k in range(updates):
            clock = clock + np.max(delay[:, k])
            gradient = np.zeros_like(w)
            for worker in workers:
                gradient += worker(w.copy())
            w -= lr * gradient / n
            path.append(w.copy())
            times[k] = clock
        return np.stack(path), times, stale
    due = np.array(delay[:, 0], float)
    k = np.zeros(n, int)
    version = np.zeros(n, int)
    in_hand = [np.array(f(w.copy())) for f in workers]
    for t in range(updates):
        i = int(np.argmin(due))
        w -= lr * in_hand[i]
        path.append(w.copy())
        times[t], stale[t] = due[i], t - version[i]
        version[i] = t + 1
        in_hand[i] = np.array(workers[i](w.copy()))
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.stack(path), times, stale


@also("async_sgd", "a class for a worker; times and staleness as lists")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    class Worker:
        def __init__(self, number):
            self.number, self.k, self.ready = number, 0, 0.0

        def begin(self, weights, version, now):
            self.weights, self.version = weights, version
            self.ready = now + float(delay[self.number][self.k])
            self.k += 1

        def gradient(self):
            return np.asarray(workers[self.number](self.weights), dtype=float)

    team = [Worker(i) for i in range(len(workers))]
    path, times, staleness = [np.array(w, float)], [], []
    for one in team:
        one.begin(path[0], 0, 0.0)
    while len(times) < updates:
        if sync:
            arriving, now = team, max(one.ready for one in team)
        else:
            first = min(team, key=lambda one: (one.ready, one.number))
            arriving, now = [first], first.ready
        step = lr * np.mean([one.gradient() for one in arriving], axis=0)
        staleness.append(len(times) - arriving[0].version)
        path.append(path[-1] - step)
        times.append(now)
        for one in arriving:
            one.begin(path[-1], len(times), now)
    return np.array(path), times, staleness


@wrong("async_sgd", "gradient at the newest weights: nothing is stale but the number says so", r"stale|read|old|newest|current|which weights|server")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    n = len(workers)
    due, k, version = delay[:, 0].astype(float), np.zeros(n, int), np.zeros(n, int)
    path, times, stale = [np.array(w, float)], [], []
    for t in range(updates):
        i = int(due.argmin())
        path.append(path[-1] - lr * workers[i](path[-1]))
        times.append(due[i])
        stale.append(t - version[i])
        version[i] = t + 1
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "workers hold a reference that w -= changes: nothing is stale", r"stale|read|copy|reference|old|in place|newest|current")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    n = len(workers)
    w = np.array(w, float)
    read = [w for _ in range(n)]
    due, k, version = delay[:, 0].astype(float), np.zeros(n, int), np.zeros(n, int)
    path, times, stale = [w.copy()], [], []
    for t in range(updates):
        i = int(due.argmin())
        w -= lr * workers[i](read[i])
        path.append(w.copy())
        times.append(due[i])
        stale.append(t - version[i])
        read[i], version[i] = w, t + 1
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "path holds the same array again and again: all rows are the last weights", r"path|copy|row|same|each update|start")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    n = len(workers)
    w = np.array(w, float)
    path, times, stale = [w], [], []
    read = [w.copy() for _ in range(n)]
    due, k, version, now = delay[:, 0].astype(float), np.zeros(n, int), np.zeros(n, int), 0.0
    for t in range(updates):
        if sync:
            now += delay[:, t].max()
            w -= lr * np.mean([f(w) for f in workers], axis=0)
            times.append(now)
            stale.append(0)
        else:
            i = int(due.argmin())
            w -= lr * workers[i](read[i])
            times.append(due[i])
            stale.append(t - version[i])
            read[i], version[i] = w.copy(), t + 1
            k[i] += 1
            due[i] += delay[i, k[i]]
        path.append(w)
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "the caller's w is changed (w -= on it)", r"modif|in place|chang|copy|caller|w\b")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    n = len(workers)
    path, times, stale = [w.copy()], [], []
    read = [w.copy() for _ in range(n)]
    due, k, version, now = delay[:, 0].astype(float), np.zeros(n, int), np.zeros(n, int), 0.0
    for t in range(updates):
        if sync:
            now += delay[:, t].max()
            w -= lr * np.mean([f(w.copy()) for f in workers], axis=0)
            times.append(now)
            stale.append(0)
        else:
            i = int(due.argmin())
            w -= lr * workers[i](read[i])
            times.append(due[i])
            stale.append(t - version[i])
            read[i], version[i] = w.copy(), t + 1
            k[i] += 1
            due[i] += delay[i, k[i]]
        path.append(w.copy())
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "delay indexed by the number of updates, not by the worker's own count", r"delay|k-th|own count|count|index|worker|clock|time")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    heap = [(delay[i, 0], i) for i in range(len(workers))]
    heapq.heapify(heap)
    read = {i: (w, 0) for i in range(len(workers))}
    path, times, stale = [w], [], []
    for t in range(updates):
        now, i = heapq.heappop(heap)
        old, version = read[i]
        w = w - lr * workers[i](old)
        path.append(w)
        times.append(now)
        stale.append(t - version)
        read[i] = w, t + 1
        heapq.heappush(heap, (now + delay[i, t + 1], i))
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "each worker always takes its first delay", r"delay|first|k-th|always|clock|time|each gradient")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    delay = np.asarray(delay)
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    return _async(workers, np.repeat(delay[:, :1], delay.shape[1], axis=1), w, lr, updates)


@wrong("async_sgd", "the first column of delay is skipped (k begins at 1)", r"delay|first|column|k\b|0|skip|clock|time|off by")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    delay = np.asarray(delay)
    return _async(workers, np.hstack([delay[:, 1:], delay[:, -1:]]), w, lr, updates, sync)


@wrong("async_sgd", "ties: the last worker comes first", r"tie|same time|first worker|order|equal")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    n = len(workers)
    due, k, read = [float(d) for d in delay[:, 0]], [0] * n, [(w, 0)] * n
    path, times, stale = [w], [], []
    for t in range(updates):
        first = 0
        for i in range(n):
            if due[i] <= due[first]:
                first = i
        i = first
        w = w - lr * workers[i](read[i][0])
        path.append(w)
        times.append(due[i])
        stale.append(t - read[i][1])
        read[i] = w, t + 1
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "ties: whoever was put into the queue first comes first (a counter before the worker's number)", r"tie|same time|first worker|order|equal|queue")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    ticket = itertools.count()
    heap = [(delay[i, 0], next(ticket), i, 0, w, 0) for i in range(len(workers))]
    heapq.heapify(heap)
    path, times, stale = [w], [], []
    for t in range(updates):
        now, _, i, k, old, version = heapq.heappop(heap)
        w = w - lr * workers[i](old)
        path.append(w)
        times.append(now)
        stale.append(t - version)
        heapq.heappush(heap, (now + delay[i, k + 1], next(ticket), i, k + 1, w, t + 1))
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "ties: gradients that arrive together are applied as one update", r"tie|same time|together|one update|at once|each")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    n = len(workers)
    due, k, read = delay[:, 0].astype(float), np.zeros(n, int), [(w, 0)] * n
    path, times, stale = [w], [], []
    for t in range(updates):
        now = due.min()
        together = np.flatnonzero(due == now)
        w = w - lr * np.mean([workers[i](read[i][0]) for i in together], axis=0)
        path.append(w)
        times.append(now)
        stale.append(t - read[together[0]][1])
        for i in together:
            read[i] = w, t + 1
            k[i] += 1
            due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "reads before its own update is applied: works one update further behind", r"read|before|own|new weights|old|stale|order|after")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    n = len(workers)
    due, k, read = delay[:, 0].astype(float), np.zeros(n, int), [(w, 0)] * n
    path, times, stale = [w], [], []
    for t in range(updates):
        i = int(due.argmin())
        old, version = read[i]
        read[i] = w, t
        w = w - lr * workers[i](old)
        path.append(w)
        times.append(due[i])
        stale.append(t - version)
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "after an update all workers read the new weights", r"all workers|only|that worker|read|stale|others|new weights")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    n = len(workers)
    w = np.array(w, float)
    due, k = delay[:, 0].astype(float), np.zeros(n, int)
    path, times, version, stale = [w], [], [0] * n, []
    read = [w] * n
    for t in range(updates):
        i = int(due.argmin())
        w = w - lr * workers[i](read[i])
        path.append(w)
        times.append(due[i])
        stale.append(t - version[i])
        read, version = [w] * n, [t + 1] * n
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "staleness counts the own update too: one too high", r"stale|own|one too|between|count|off by|higher")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    return path, times, stale if sync else stale + 1


@wrong("async_sgd", "staleness is n - 1 always", r"stale|n - 1|count|always|between|read")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    return path, times, stale if sync else np.full(updates, len(workers) - 1)


@wrong("async_sgd", "staleness in seconds instead of updates", r"stale|second|updates|whole|int|time")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    heap = [(delay[i, 0], i) for i in range(len(workers))]
    heapq.heapify(heap)
    read, since, k = {}, {}, [0] * len(workers)
    path, times, stale = [w], [], []
    for t in range(updates):
        now, i = heapq.heappop(heap)
        stale.append(now - since.get(i, 0.0))
        w = w - lr * workers[i](read.get(i, path[0]))
        path.append(w)
        times.append(now)
        read[i], since[i] = w, now
        k[i] += 1
        heapq.heappush(heap, (now + delay[i, k[i]], i))
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "synchronous: sum of the gradients instead of their mean", r"sync|mean|sum|divid|average|n\b")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if not sync:
        return _async(workers, delay, w, lr, updates)
    w = np.array(w, float)
    path = [w]
    for t in range(updates):
        w = w - lr * sum(f(w) for f in workers)
        path.append(w)
    return np.array(path), np.cumsum(delay.max(0)[:updates]), np.zeros(updates, int)


@wrong("async_sgd", "synchronous: workers go on without waiting, max of the summed delays", r"sync|wait|slowest|max|each step|clock|time|barrier")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    if sync:
        times = np.cumsum(delay[:, :updates], axis=1).max(axis=0)
    return path, times, stale


@wrong("async_sgd", "synchronous: the clock moves by the mean delay, not the slowest", r"sync|slowest|mean|max|clock|wait|time")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    if sync:
        times = np.cumsum(np.mean(delay, axis=0)[:updates])
    return path, times, stale


@wrong("async_sgd", "synchronous: one after the other at the weights just changed, lr/n each", r"sync|mean|same weights|one after|all read|changed|each")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if not sync:
        return _async(workers, delay, w, lr, updates)
    w = np.array(w, float)
    path = [w.copy()]
    for t in range(updates):
        for f in workers:
            w = w - lr / len(workers) * f(w)
        path.append(w.copy())
    return np.array(path), np.cumsum(delay.max(0)[:updates]), np.zeros(updates, int)


@wrong("async_sgd", "sync is never looked at: always asynchronous", r"sync|wait|mean|ignor")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    return _async(workers, delay, w, lr, updates, False)


@wrong("async_sgd", "asynchronous: rate divided by the number of workers", r"rate|lr|divid|n\b|workers|async|share")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    return _async(workers, delay, w, lr if sync else lr / len(workers), updates, sync)


@wrong("async_sgd", "asynchronous: the workers take turns instead of arriving by the clock", r"turn|clock|arriv|round|order|delay|time|worker")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    n = len(workers)
    w = np.array(w, float)
    due, k, read = delay[:, 0].astype(float), np.zeros(n, int), [(w, 0)] * n
    path, times, stale = [w], [], []
    for t in range(updates):
        i = t % n
        w = w - lr * workers[i](read[i][0])
        path.append(w)
        times.append(due[i])
        stale.append(t - read[i][1])
        read[i] = w, t + 1
        k[i] += 1
        due[i] += delay[i, k[i]]
    return np.array(path), np.array(times), np.array(stale)


@wrong("async_sgd", "path without the first weights", r"path|start|first|updates \+ 1|row|shape|length")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    return path[1:], times, stale


@wrong("async_sgd", "times are the spans between updates, not the clock", r"clock|time|span|cumul|since|start|differ")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    return path, np.diff(times, prepend=0.0), stale


@wrong("async_sgd", "times begin with 0 for the start: one too many", r"time|0|start|one too|updates|length|number")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    return path, np.concatenate([[0.0], times]), stale


@wrong("async_sgd", "two: uphill, and staleness counts the own update", r"sign|uphill|plus|minus|direction|stale|against")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, -lr, updates, sync)
    return path, times, stale + 1


@wrong("async_sgd", "two, synchronous only: clock of the fastest, staleness n - 1", r"sync|slowest|fastest|max|min|wait|stale|clock")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    path, times, stale = _async(workers, delay, w, lr, updates, sync)
    if sync:
        times, stale = np.cumsum(delay.min(axis=0)[:updates]), np.full(updates, len(workers) - 1)
    return path, times, stale


@wrong("async_sgd", "two: ties go to the last worker, and delay indexed by the update", r"tie|same time|first worker|delay|k-th|count|index|order")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return _async(workers, delay, w, lr, updates, True)
    w = np.array(w, float)
    heap = [(delay[i, 0], -i) for i in range(len(workers))]
    heapq.heapify(heap)
    read = [(w, 0)] * len(workers)
    path, times, stale = [w], [], []
    for t in range(updates):
        now, i = heapq.heappop(heap)
        w = w - lr * workers[-i](read[-i][0])
        path.append(w)
        times.append(now)
        stale.append(t - read[-i][1])
        read[-i] = w, t + 1
        heapq.heappush(heap, (now + delay[-i, t + 1], i))
    return np.array(path), np.array(times), np.array(stale)


# ================================================================ model_parallel_forward
@right
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    values, schedule = list(microbatches), []
    for slot in range(m + p - 1):
        row = []
        for s in range(p):
            k = slot - s
            if 0 <= k < m:
                values[k] = stages[s](values[k])
                row.append(k)
            else:
                row.append(None)
        schedule.append(row)
    return values, schedule, (p - 1) / (m + p - 1)


_pipeline = model_parallel_forward


@also("model_parallel_forward", "schedule first, then run it; idle counted")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    schedule = [[t - s if t - s in range(m) else None for s in range(p)] for t in range(p + m - 1)]
    between = {(k, -1): x for k, x in enumerate(microbatches)}
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None:
                between[k, s] = stages[s](between.pop((k, s - 1)))
    flat = [entry for row in schedule for entry in row]
    return [between[k, p - 1] for k in range(m)], schedule, flat.count(None) / len(flat)


@also("model_parallel_forward", "queues between the machines, one tick at a time")
def model_parallel_forward(stages, microbatches):
    queues = [deque(enumerate(microbatches))] + [deque() for _ in stages]
    schedule, idle = [], 0
    while any(queues[:-1]):
        slot, ready = [], [q.popleft() if q else None for q in queues[:-1]]
        for s, job in enumerate(ready):
            if job is None:
                idle += 1
                slot.append(None)
                continue
            number, x = job
            queues[s + 1].append((number, stages[s](x)))
            slot.append(number)
        schedule.append(slot)
    return [x for _, x in queues[-1]], schedule, idle / (len(schedule) * len(stages))


@also("model_parallel_forward", "a window slides over a padded row of numbers; values move on in a new list each slot")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    padded = [None] * (p - 1) + list(range(m)) + [None] * (p - 1)
    schedule = [padded[t:t + p][::-1] for t in range(m + p - 1)]
    inside = [None] * (p + 1)
    outputs = []
    for slot in schedule:
        new = [None] * (p + 1)
        for s in range(p):
            if slot[s] is not None:
                new[s + 1] = stages[s](microbatches[slot[s]] if s == 0 else inside[s])
        if slot[-1] is not None:
            outputs.append(new[p])
        inside = new
    return outputs, schedule, 1 - m / (m + p - 1)


def _slots(p, m):
    return [[t - s if 0 <= t - s < m else None for s in range(p)] for t in range(m + p - 1)]


@wrong("model_parallel_forward", "no pipeline: the next micro-batch enters when the last stage is done", r"pipeline|idle|as soon as|first stage|slot|one at a time|wait|overlap")
def model_parallel_forward(stages, microbatches):
    outputs, schedule = [], []
    for k, x in enumerate(microbatches):
        for s, stage in enumerate(stages):
            x = stage(x)
            schedule.append([k if j == s else None for j in range(len(stages))])
        outputs.append(x)
    return outputs, schedule, (len(stages) - 1) / len(stages)


@wrong("model_parallel_forward", "schedule right, but the stages run one micro-batch after the other", r"order|run|schedule|slot|one after|micro-batch")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs = []
    for x in microbatches:
        for stage in stages:
            x = stage(x)
        outputs.append(x)
    return outputs, _slots(p, m), (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "schedule right, but stage by stage: all micro-batches through stage 0 first", r"order|run|schedule|slot|stage by stage|stage")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs = list(microbatches)
    for stage in stages:
        outputs = [stage(x) for x in outputs]
    return outputs, _slots(p, m), (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "bubble over the ideal time, (p - 1)/m", r"bubble|share|m \+ p|all slots|idle|divid")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, _ = _pipeline(stages, microbatches)
    return outputs, schedule, (len(stages) - 1) / len(microbatches)


@wrong("model_parallel_forward", "bubble in percent", r"percent|100|0 to 1|share|bubble")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    return outputs, schedule, 100 * bubble


@wrong("model_parallel_forward", "bubble with m and p exchanged: (m - 1)/(m + p - 1)", r"bubble|swap|exchang|idle|share|p - 1|stages")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, _ = _pipeline(stages, microbatches)
    return outputs, schedule, (len(microbatches) - 1) / (len(microbatches) + len(stages) - 1)


@wrong("model_parallel_forward", "bubble is the number of idle slots", r"bubble|share|number|count|0 to 1|idle|divid")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, _ = _pipeline(stages, microbatches)
    return outputs, schedule, sum(row.count(None) for row in schedule)


@wrong("model_parallel_forward", "bubble: share of time slots in which anybody is idle", r"bubble|share|idle|all stages|slot|machine")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, _ = _pipeline(stages, microbatches)
    return outputs, schedule, sum(None in row for row in schedule) / len(schedule)


@wrong("model_parallel_forward", "bubble is the working share, not the idle one", r"bubble|idle|work|1 -|busy|share|complement")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    return outputs, schedule, 1 - bubble


@wrong("model_parallel_forward", "one slot too many: m + p, the last one all idle", r"slot|one too|m \+ p|last|idle|many|length")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    values, schedule = list(microbatches), []
    for t in range(m + p):
        row = [None] * p
        for s in range(p):
            if 0 <= t - s < m:
                values[t - s] = stages[s](values[t - s])
                row[s] = t - s
        schedule.append(row)
    return values, schedule, sum(r.count(None) for r in schedule) / (p * len(schedule))


@wrong("model_parallel_forward", "-1 for idle instead of None", r"None|-1|idle")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    return outputs, [[-1 if k is None else k for k in row] for row in schedule], bubble


@wrong("model_parallel_forward", "`k or None`: micro-batch 0 looks idle in the schedule (and is counted as idle)", r"micro-batch 0|0|None|idle|zero|first")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    values, schedule = list(microbatches), []
    for t in range(m + p - 1):
        row = []
        for s in range(p):
            k = t - s if 0 <= t - s < m else 0
            if 0 <= t - s < m:
                values[k] = stages[s](values[k])
            row.append(k or None)
        schedule.append(row)
    idle = sum(k is None for row in schedule for k in row)
    return values, schedule, idle / (p * len(schedule))


@wrong("model_parallel_forward", "only the upper end is checked: while the pipeline fills, negative numbers stand for idle stages", r"negativ|idle|None|fill|start|-1|0 ?<|begin")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    schedule = [[t - s if t - s < m else None for s in range(p)] for t in range(m + p - 1)]
    values = list(microbatches)
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None and k >= 0:
                values[k] = stages[s](values[k])
    return values, schedule, sum(r.count(None) for r in schedule) / (p * len(schedule))


@wrong("model_parallel_forward", "schedule transposed: a list for each stage", r"slot|transpos|stage|p entries|list|rows|columns|shape")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    return outputs, [list(column) for column in zip(*schedule)], bubble


@wrong("model_parallel_forward", "micro-batches numbered from 1 in the schedule", r"number|from 0|from 1|count|one|first|0")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    return outputs, [[None if k is None else k + 1 for k in row] for row in schedule], bubble


@wrong("model_parallel_forward", "every stage gets the raw micro-batch, not the previous stage's output", r"previous|stage s - 1|output|chain|input|takes what|before")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs = [None] * m
    schedule = _slots(p, m)
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None:
                outputs[k] = stages[s](microbatches[k])
    return outputs, schedule, (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "one register between two stages, overwritten in the same slot before it is read", r"output|previous|slot|same slot|overwrit|micro-batch|stage s - 1|takes what")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    register = [None] * (p + 1)
    schedule, outputs = _slots(p, m), []
    for row in schedule:
        if row[0] is not None:
            register[0] = microbatches[row[0]]
        for s, k in enumerate(row):
            if k is not None:
                register[s + 1] = stages[s](register[s])
        if row[-1] is not None:
            outputs.append(register[p])
    return outputs, schedule, (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "each stage runs twice: once for the outputs, once along the schedule", r"twice|again|run|once|call|order|many")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    values, schedule = list(microbatches), _slots(p, m)
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None:
                values[k] = stages[s](values[k])
    outputs = []
    for x in microbatches:
        for stage in stages:
            x = stage(x)
        outputs.append(x)
    return outputs, schedule, (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "outputs joined to one array instead of a list", r"list|join|concat|outputs|m outputs|array|type")
def model_parallel_forward(stages, microbatches):
    outputs, schedule, bubble = _pipeline(stages, microbatches)
    join = torch.cat if torch.is_tensor(outputs[0]) else np.concatenate
    return join([o if getattr(o, "ndim", 0) else np.atleast_1d(o) for o in outputs]), schedule, bubble


@wrong("model_parallel_forward", "stages and micro-batches exchanged in the schedule: entries are stages, m a slot", r"stage|micro-batch|swap|exchang|entries|p entries|schedule|length")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs, _, bubble = _pipeline(stages, microbatches)
    return outputs, [[t - k if 0 <= t - k < p else None for k in range(m)] for t in range(m + p - 1)], bubble


@wrong("model_parallel_forward", "the caller's list of micro-batches is overwritten with the outputs", r"modif|in place|chang|copy|caller|input|microbatches|overwrit")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    schedule = _slots(p, m)
    for row in schedule:
        for s, k in enumerate(row):
            if k is not None:
                microbatches[k] = stages[s](microbatches[k])
    return microbatches, schedule, (p - 1) / (m + p - 1)


@wrong("model_parallel_forward", "two: bubble (p - 1)/(m + p), one slot too many", r"bubble|slot|one too|m \+ p|idle|share|length")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs, schedule, _ = _pipeline(stages, microbatches)
    return outputs, schedule + [[None] * p], (p - 1) / (m + p)


@wrong("model_parallel_forward", "two: not in the schedule's order, and 0 for idle", r"order|run|None|idle|0|schedule")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    outputs = []
    for x in microbatches:
        for stage in stages:
            x = stage(x)
        outputs.append(x)
    schedule = [[max(0, t - s) if t - s < m else 0 for s in range(p)] for t in range(m + p - 1)]
    return outputs, schedule, (p - 1) / (m + p - 1)


# ================================================================ stable_rate
@right
def stable_rate(curvatures, delay):
    return float(2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.max(curvatures))


@also("stable_rate", "the smallest of the axes' bounds")
def stable_rate(curvatures, delay):
    bound = 2 * math.sin(math.pi / (4 * delay + 2))
    return min(bound / c for c in curvatures)


@also("stable_rate", "cosine: 2 sin(x/2)... of the root on the unit circle")
def stable_rate(curvatures, delay):
    angle = math.pi / (2 * delay + 1)       # r = exp(i·angle); |r − 1| = rate·λ
    return abs(complex(math.cos(angle), math.sin(angle)) - 1) / sorted(float(c) for c in curvatures)[-1]


@wrong("stable_rate", "the flattest axis: min instead of max", r"max|min|steep|largest|flat")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.min(curvatures)


@wrong("stable_rate", "mean curvature", r"max|mean|steep|largest|average")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.mean(curvatures)


@wrong("stable_rate", "sum of the curvatures (the trace)", r"max|sum|steep|largest|trace")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.sum(curvatures)


@wrong("stable_rate", "the last one taken for the largest (eigvalsh sorts, this array need not)", r"max|last|order|sort|steep|largest")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / curvatures[-1]


@wrong("stable_rate", "one rate for each axis instead of one for all", r"one|each|array|number|max|smallest|steep")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) / np.asarray(curvatures)


@wrong("stable_rate", "delay taken as the number of workers: d = delay - 1", r"delay|worker|d\b|2d|one|off")
def stable_rate(curvatures, delay):
    d = delay - 1
    return 2 * np.sin(np.pi / (2 * (2 * d + 1))) / np.max(curvatures)


@wrong("stable_rate", "2d instead of 2d + 1 outside the bracket: pi / (2 * 2d + 1)", r"2d ?\+ ?1|bracket|parenthes|delay|0|sin|angle")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * 2 * delay + 1)) / np.max(curvatures)


@wrong("stable_rate", "precedence: pi / 2 * (2d + 1), right without delay", r"bracket|parenthes|delay|divid|2d ?\+ ?1|sin|multipl")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / 2 * (2 * delay + 1)) / np.max(curvatures)


@wrong("stable_rate", "the approximation for long delays: pi / (2d + 1)", r"approx|long|sin|π|delay|2d")
def stable_rate(curvatures, delay):
    return np.pi / (2 * delay + 1) / np.max(curvatures)


@wrong("stable_rate", "the factor 2 before the sine forgotten", r"2|factor|half|twice")
def stable_rate(curvatures, delay):
    return np.sin(np.pi / (2 * (2 * delay + 1))) / np.max(curvatures)


@wrong("stable_rate", "sine of degrees: 180 / (2(2d + 1))", r"degree|radian|π|180|pi")
def stable_rate(curvatures, delay):
    return 2 * np.sin(180 / (2 * (2 * delay + 1))) / np.max(curvatures)


@wrong("stable_rate", "the bound on rate times curvature, not divided by the curvature", r"curvatur|divid|λ|rate times|steep|max")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1)))


@wrong("stable_rate", "multiplied by the curvature", r"divid|multipl|curvatur|λ|invers")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1))) * np.max(curvatures)


@wrong("stable_rate", "2 over the largest curvature divided by delay + 1: right for delay 0 only", r"delay|sin|2d|formula|divid|π|shrink")
def stable_rate(curvatures, delay):
    return 2 / np.max(curvatures) / (delay + 1)


@wrong("stable_rate", "two: min of the curvatures and delay - 1 for d", r"max|min|steep|delay|worker|largest")
def stable_rate(curvatures, delay):
    return 2 * np.sin(np.pi / (2 * (2 * (delay - 1) + 1))) / np.min(curvatures)


@wrong("stable_rate", "two: factor 2 forgotten, mean of the curvatures", r"2|factor|max|mean|steep|largest")
def stable_rate(curvatures, delay):
    return math.sin(math.pi / (2 * (2 * delay + 1))) / float(np.mean(curvatures))


@wrong("stable_rate", "delay 0 returned without the factor: 1/λ, as for Newton's step", r"delay|0|2\b|without delay|special|factor|half")
def stable_rate(curvatures, delay):
    top = float(np.max(curvatures))
    if not delay:
        return 1 / top
    return 2 * math.sin(math.pi / (2 * (2 * delay + 1))) / top
