"""Notebook 14: what each of several processes does, wrong. Few: each entry starts three."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from wrong_code import wrong


def one_rank(part, returned=lambda model: [p.detach() for p in model.parameters()], meet=True):
    """ddp_train with another share of the rows, `part(rank, world, step, N)`, or result."""

    def ddp_train(rank, world, meeting, model, x, y, lr, steps):
        address = {"init_method": meeting} if meet else {}
        dist.init_process_group("gloo", rank=rank, world_size=world, **address)
        try:
            wrapped = DistributedDataParallel(model)
            optimizer = torch.optim.SGD(wrapped.parameters(), lr=lr)
            for step in range(steps):
                rows = part(rank, world, step, len(x))
                optimizer.zero_grad()
                F.cross_entropy(wrapped(x[rows]), y[rows]).backward()
                optimizer.step()
            return returned(model)
        finally:
            dist.destroy_process_group()

    return ddp_train


def strided(rank, world, step, n):
    return slice(rank, None, world)


for identity, code in {
    "other_share_in_each_step": one_rank(
        lambda rank, world, step, n: slice((rank + step) % world, None, world)
    ),
    "examples_left_out": one_rank(
        lambda rank, world, step, n: slice(rank * n // world, (rank + 1) * n // world - 1)
    ),
    "shares_overlap": one_rank(
        lambda rank, world, step, n: slice(rank, rank + n // world)
    ),
    "a_rank_without_examples": one_rank(
        lambda rank, world, step, n: slice(rank * (n // 2), (rank + 1) * (n // 2))
    ),
    "buffers_too": one_rank(strided, lambda model: list(model.state_dict().values())),
    "address_not_used": one_rank(strided, meet=False),
}.items():  # fmt: skip
    wrong("ddp_train", identity)(code)


@wrong("ddp_train", "own_first_weights_in_blocks")
def ddp_train(rank, world, meeting, model, x, y, lr, steps):
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    rows = slice(rank * len(x) // world, (rank + 1) * len(x) // world)
    for _ in range(steps):
        model.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        for p in model.parameters():
            dist.all_reduce(p.grad)
            p.data -= lr * p.grad / world
    dist.destroy_process_group()
    return [p.detach() for p in model.parameters()]
