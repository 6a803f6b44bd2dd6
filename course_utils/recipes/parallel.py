"""Links that count bytes, stages and nets that note their calls, and ranks that train together.

What is counted here is counted beside the learner's code: never a case's only observation.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np


class Ring:
    """Links from each of n workers to the next one, the last to the first; all work at once.

    `steps` is how often they were used, `bytes` how many bytes each link has carried.
    """

    def __init__(self, n: int):
        self.n = n
        self.steps = 0
        self.bytes = [0] * n

    def shift(self, messages) -> list:
        """One step: worker i's message goes to worker i + 1, the last one's to worker 0.

        Parameters
        ----------
        messages : list of n arrays; None where a worker sends nothing

        Returns
        -------
        list of n arrays (or None): what each worker receives, a copy of its own

        Raises
        ------
        ValueError when there is not one message a worker, TypeError when one is not an array.
        """
        messages = list(messages)
        if len(messages) != self.n:
            raise ValueError(
                f"shift takes one message for each of the {self.n} workers, in their order; "
                f"you gave {len(messages)}. Where a worker sends nothing, give None."
            )
        for worker, message in enumerate(messages):
            if message is not None and not isinstance(message, np.ndarray):
                raise TypeError(
                    f"worker {worker}'s message is a {type(message).__name__}; a link carries one "
                    "array, or None."
                )
        self.steps += 1
        for worker, message in enumerate(messages):
            self.bytes[worker] += 0 if message is None else message.nbytes
        copies = [None if message is None else message.copy() for message in messages]
        return copies[-1:] + copies[:-1]


class ProcessRing:
    """The same ring as one of n real processes knows it; a torch.distributed group connects them.

    Each process runs the program of all workers. Of the others' arrays it knows nothing but their
    shapes, so theirs are placeholders; worker `rank`'s are real, and so is what it receives.
    `bytes` is how many this process has sent.
    """

    def __init__(self, rank: int, n: int):
        self.rank = rank
        self.n = n
        self.steps = 0
        self.bytes = 0

    def shift(self, messages) -> list:
        """One step: this process sends its message to the right and waits for its left neighbour's.

        Parameters and what comes back are those of `Ring.shift`; only entry `rank` of what comes
        back has been received; the others are what this process would have handed on.
        """
        import torch
        import torch.distributed as dist

        received = Ring(self.n).shift(messages)
        self.steps += 1
        sent, wanted = messages[self.rank], received[self.rank]
        sending = None
        if sent is not None:
            self.bytes += sent.nbytes
            outgoing = torch.from_numpy(np.ascontiguousarray(sent))
            sending = dist.isend(outgoing, (self.rank + 1) % self.n)
        if wanted is not None:
            incoming = torch.from_numpy(np.ascontiguousarray(wanted))
            dist.recv(incoming, (self.rank - 1) % self.n)
            received[self.rank] = incoming.numpy()
        if sending is not None:
            sending.wait()
        return received


def noting_net(weights: list, rows: list):
    """A net tanh(x·W1ᵀ + b1)·W2ᵀ + b2 as an nn.Module; `rows` gets the rows of every call.

    Parameters
    ----------
    weights : [W1, b1, W2, b2] as arrays; their dtype is the net's
    """
    import torch
    import torch.nn.functional as F
    from torch import nn

    class Noting(nn.Module):
        def __init__(self):
            super().__init__()
            self.W1, self.b1, self.W2, self.b2 = (nn.Parameter(torch.tensor(w)) for w in weights)

        def forward(self, x):
            rows.append(len(x))
            return F.linear(torch.tanh(F.linear(x, self.W1, self.b1)), self.W2, self.b2)

    return Noting()


def noting_stages(weights: list, calls: list) -> list:
    """Functions x → tanh(x·W), one for each W; `calls` gets (stage, first number of x) of each."""

    def stage(number, W):
        def run(x):
            calls.append((number, float(np.ravel(x)[0])))
            return np.tanh(x @ W)

        return run

    return [stage(number, W) for number, W in enumerate(weights)]


def quadratic_workers(curvatures, minima) -> list:
    """Gradient functions w → A(w − c), one for each matrix A and point c."""
    return [lambda w, A=A, c=c: A @ (w - c) for A, c in zip(curvatures, minima, strict=True)]


def train_together(function, weights: list, x, y, lr: float, steps: int, seconds: float = 60.0):
    """Call a learner's ddp_train in as many processes as there are sets of weights.

    Each rank gets a net of its own with its own first weights, all examples, and an address where
    the ranks can meet: a file, so that no port is needed that somebody may have taken.

    Parameters
    ----------
    function : `ddp_train(rank, world, meeting, model, x, y, lr, steps)`
    weights : for each rank [W1, b1, W2, b2] as arrays
    x, y : arrays of N examples and their classes
    seconds : how long all of it may take

    Returns
    -------
    list of dicts, one a rank: `weights` it returned, `rows` of each forward pass, and whether it
    left a process group behind (`group left`)

    Raises
    ------
    RankFailed, TimeoutError as `run_ranks` does. Whatever happens, the processes end.
    """
    from course_utils.recipes.processes import run_ranks

    with tempfile.TemporaryDirectory(prefix="meeting-") as folder:
        meeting = Path(folder, "ranks").as_uri()
        jobs = [(function, meeting, mine, x, y, lr, steps) for mine in weights]
        return run_ranks(one_rank, jobs, seconds, group=False)


def one_rank(rank, world, function, meeting, weights, x, y, lr, steps) -> dict:
    """What one rank of `train_together` does, in its process."""
    import torch
    import torch.distributed as dist

    _keep_wrapped_models()
    rows: list[int] = []
    model = noting_net(weights, rows)
    data = torch.tensor(x), torch.tensor(y)
    try:
        returned = function(rank, world, meeting, model, *data, lr, steps)
    except dist.DistNetworkError as error:
        if "EADDRINUSE" not in str(error) and "address already in use" not in str(error).lower():
            raise
        raise ConnectionError(
            "another program holds this port. Meet at the file that you are given "
            "(init_method=meeting), which needs none, or take another port"
        ).with_traceback(error.__traceback__) from None
    return {
        "weights": [torch.as_tensor(p).detach().cpu().numpy() for p in returned],
        "rows": rows,
        "group left": dist.is_initialized(),
    }


def _keep_wrapped_models() -> None:
    """Keep each DistributedDataParallel of this process until the process ends.

    One that goes after its process group was left takes the group's threads down while it holds
    the interpreter's lock, for which they may wait: about every fourth time a rank hung there, as
    its function returned (torch 2.13).
    """
    from torch.nn.parallel import DistributedDataParallel

    kept, init = [], DistributedDataParallel.__init__

    def keeping(self, *args, **kwargs):
        kept.append(self)
        init(self, *args, **kwargs)

    DistributedDataParallel.__init__ = keeping
