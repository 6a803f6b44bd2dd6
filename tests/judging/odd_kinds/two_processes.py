"""A run in two processes: real torch.distributed, gloo, started from the learner's function."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.processes import run_ranks

NOTEBOOK = "odd_kinds"


class mean_over_ranks(Exercise):
    """The mean of all ranks' shards, the same on every rank."""

    signature = "mean_over_ranks(rank, world, shard)"
    library = "torch"

    def cases(self, rng):
        yield Case("two shards", 1, shards=[rng.normal(size=(3, 2)) for _ in range(2)])

    def observe(self, code, shards):
        import torch

        results = run_ranks(code.mean_over_ranks, [(torch.from_numpy(s),) for s in shards])
        return {f"rank {rank}": value for rank, value in enumerate(results)}

    def reference(self, shards):
        mean = np.mean(shards, axis=0)
        return {"rank 0": mean, "rank 1": mean}

    @mistake
    def sum_not_mean(self, right, shards):
        """all_reduce adds up: divide by the number of ranks."""
        return {"rank 0": 2 * right["rank 0"], "rank 1": 2 * right["rank 1"]}

    @mistake
    def nothing_exchanged(self, right, shards):
        """Every rank keeps its own shard: nothing is sent to the other."""
        return {"rank 0": shards[0], "rank 1": shards[1]}


RIGHT = '''
import torch.distributed as dist

def mean_over_ranks(rank, world, shard):
    dist.all_reduce(shard)
    return shard / world
'''
STUB = '''
def mean_over_ranks(rank, world, shard):
    raise NotImplementedError
'''
WRONG = {
    "sum_not_mean": RIGHT.replace("shard / world", "shard"),
    "nothing_exchanged": RIGHT.replace("dist.all_reduce(shard)", "pass").replace(" / world", ""),
}
