"""Exercises of notebook 14: a sum around a ring, and a pipeline of stages."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.parallel import Ring, noting_stages


def around_the_ring(chunks, gathers=None, accumulate=True, replace=True, adds=None):
    """The ring algorithm on numpy, with one thing changed; returns every worker's chunks.

    Parameters
    ----------
    adds, gathers : steps of the first and the second phase, n − 1 when they are right
    accumulate : whether the first phase passes on sums, not each worker's own chunk
    replace : whether the second phase replaces, not adds
    """
    n = len(chunks)
    own, held = chunks, [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(n - 1 if adds is None else adds):
        source = held if accumulate else own
        sent = [source[i][(i - step) % n].copy() for i in range(n)]
        for i in range(n):
            held[i][(i - 1 - step) % n] += sent[i - 1]
    for step in range(n - 1 if gathers is None else gathers):
        sent = [held[i][(i + 1 - step) % n].copy() for i in range(n)]
        for i in range(n):
            c = (i - step) % n
            held[i][c] = sent[i - 1] + (0 if replace else held[i][c])
    return held


class ring_allreduce(Exercise):
    """Every worker gets the sum of all, with two words to its neighbour about each number."""

    signature = "ring_allreduce(chunks, ring)"
    minutes = 20
    difficulty = 3
    counted = ("steps", "bytes on all links", "bytes on the busiest link")
    hints = (
        "Draw three workers with three chunks each. In step 0 worker i sends chunk i. It receives "
        "chunk i − 1, adds it, and that is what it sends on in step 1.",
        "After n − 1 steps worker i has the whole sum of chunk i + 1 (modulo n). Now these "
        "finished chunks go round once more, and whoever receives one keeps it as it is.",
        "In Python -1 % n is n − 1, so all indices can be taken modulo n. Send in each step ONE "
        "chunk a worker, all workers in the same call of ring.shift.",
    )

    def cases(self, rng):
        def case(name, points, n, sizes, dtype="float64"):
            chunks = [[rng.normal(size=sizes[c]).astype(dtype) for c in range(n)] for _ in range(n)]
            return Case(name, points, chunks=chunks)

        yield case("three workers, three chunks", 2, 3, [4] * 3)
        yield case("two workers", 1, 2, [5] * 2)
        yield case("five workers in single precision", 2, 5, [3] * 5, "float32")
        yield case("chunks of different sizes", 1, 4, [1, 6, 2, 3])
        yield case("one worker", 1, 1, [4])

    def observe(self, code, chunks):
        ring = Ring(len(chunks))
        result = code.ring_allreduce(chunks, ring)
        seen = {f"worker {i}": list(worker) for i, worker in enumerate(result)}
        first = [np.asarray(chunk).tobytes() for chunk in result[0]]
        seen["all workers have the same bits"] = all(
            [np.asarray(chunk).tobytes() for chunk in worker] == first for worker in result
        )
        seen |= {"steps": ring.steps, "bytes on all links": sum(ring.bytes)}
        if len({chunk.size for chunk in chunks[0]}) == 1:
            seen["bytes on the busiest link"] = max(ring.bytes)
        return seen

    def reference(self, chunks):
        n = len(chunks)
        sums = [
            torch.stack([torch.tensor(w[c], device=self.device) for w in chunks]).sum(0)
            for c in range(n)
        ]
        right = {f"worker {i}": [s.cpu().numpy() for s in sums] for i in range(n)}
        size = sum(chunk.nbytes for chunk in chunks[0])
        right |= {"all workers have the same bits": True, "steps": 2 * (n - 1)}
        right["bytes on all links"] = 2 * (n - 1) * size
        if len({chunk.size for chunk in chunks[0]}) == 1:
            right["bytes on the busiest link"] = 2 * (n - 1) * size // n
        return right

    def workers(self, held):
        """The observations of a result that differs from worker to worker."""
        return {f"worker {i}": worker for i, worker in enumerate(held)}

    def traffic(self, right, steps, factor=1):
        """The counters when so many steps are made and each link carries so many times more."""
        n = sum(name.startswith("worker") for name in right)
        if n == 1:
            return {}
        bytes_ = {
            name: int(right[name] * factor * steps / right["steps"])
            for name in ("bytes on all links", "bytes on the busiest link")
            if name in right
        }
        return {"steps": steps, **bytes_}

    @mistake
    def no_second_round(self, right, chunks):
        """You stop after n − 1 steps: each chunk's sum is finished on one worker, and the others
        do not have it yet. The finished chunks have to go round once more."""
        n = len(chunks)
        if n > 1:
            return {
                **self.workers(around_the_ring(chunks, gathers=0)),
                "all workers have the same bits": False, **self.traffic(right, n - 1),
            }  # fmt: skip

    @mistake
    def second_round_one_short(self, right, chunks):
        """The second round is one step short: each worker lacks one finished chunk. Both rounds
        take n − 1 steps."""
        n = len(chunks)
        if n > 2:
            return {
                **self.workers(around_the_ring(chunks, gathers=n - 2)),
                "all workers have the same bits": False, "steps": 2 * n - 3,
            }  # fmt: skip

    @mistake
    def second_round_adds(self, right, chunks):
        """In the second round you add what you receive. Those sums are finished: they replace what
        stands there."""
        if len(chunks) > 1:
            return self.workers(around_the_ring(chunks, replace=False))

    @mistake
    def passes_on_its_own(self, right, chunks):
        """In the first round you send your own numbers in every step. From the second step on it
        has to be the sum so far: what you received and added just before."""
        if len(chunks) > 2:
            return self.workers(around_the_ring(chunks, accumulate=False))

    @mistake
    def mean_for_sum(self, right, chunks):
        """You divide by the number of workers. An all-reduce gives the sum; who wants a mean
        divides it afterwards."""
        return {
            name: [chunk / len(chunks) for chunk in value]
            for name, value in right.items()
            if name.startswith("worker")
        }

    @mistake
    def everything_round(self, right, chunks):
        """You send all chunks round, n − 1 times. The sums are right, and each link carries n/2
        times as much as it has to."""
        n = len(chunks)
        if n > 2:
            return self.traffic(right, n - 1, n)

    @mistake
    def everything_twice_round(self, right, chunks):
        """You send all chunks in each of the 2(n−1) steps. One chunk a step is enough; which one
        depends on the worker and on the step."""
        n = len(chunks)
        if n > 1:
            return {
                name: right[name] * n for name in right if name.startswith("bytes")
            }  # fmt: skip

    @mistake
    def one_link_at_a_time(self, right, chunks):
        """Only one link works in each of your steps, the others wait. Give all workers' messages
        to one call of ring.shift."""
        n = len(chunks)
        if n > 1:
            return {"steps": 2 * (n - 1) * n}

    @mistake
    def one_step_too_many(self, right, chunks):
        """You make 2n steps: in the last of each round every worker is sent what it has already.
        n − 1 and n − 1 are enough."""
        return {"steps": 2 * len(chunks)}

    @mistake
    def n_steps_in_each_round(self, right, chunks):
        """Each of your rounds has n steps. In the last one of the first round finished sums come by
        and are added once more. With n − 1 steps everybody has been met."""
        n = len(chunks)
        held = around_the_ring(chunks, adds=n, gathers=n)
        same = all(np.array_equal(a, b) for w in held for a, b in zip(w, held[0], strict=True))
        traffic = self.traffic(right, 2 * n)
        return {**self.workers(held), "all workers have the same bits": same, **traffic}

    @mistake
    def nothing_sent(self, right, chunks):
        """The sums are right, but nothing has gone over the links. The workers are machines of
        their own: all they learn of each other comes through ring.shift."""
        return {name: 0 for name in right if name.startswith(("bytes", "steps"))}

    @mistake
    def wider_numbers(self, right, chunks):
        """You send numbers of double precision where the chunks are single: twice the bytes.
        Keep their dtype."""
        if chunks[0][0].dtype == np.float32:
            sums = {n: [c.astype(float) for c in v] for n, v in right.items() if n[:6] == "worker"}
            return sums | {n: 2 * right[n] for n in right if n.startswith("bytes")}


class model_parallel_forward(Exercise):
    """A pipeline: every machine holds a stage, small batches follow each other through them."""

    signature = "model_parallel_forward(stages, microbatches) -> outputs, schedule, bubble"
    minutes = 15
    difficulty = 2
    extra = True
    counted = ("stages run in the order of the schedule", "runs of each stage")
    hints = (
        "Write the schedule for two stages and three micro-batches on paper: a row for each time "
        "slot, a column for each stage. Where does micro-batch 0 stand in slot 0, 1, 2?",
        "In time slot t stage s works on micro-batch t − s, where there is one. The loop over "
        "slots runs until the last micro-batch has left the last stage.",
    )

    def cases(self, rng):
        def case(name, points, p, m):
            sizes = [3, 5, 4, 6, 2][: p + 1]
            return Case(
                name, points, weights=[rng.normal(size=sizes[s : s + 2]) for s in range(p)],
                microbatches=[rng.normal(size=(rows, 3)) for rows in [2, 3, 1, 4, 2, 5, 1][:m]],
            )  # fmt: skip

        yield case("two stages, three micro-batches", 2, 2, 3)
        yield case("four stages, seven micro-batches", 1, 4, 7)
        yield case("more stages than micro-batches", 1, 4, 2)
        yield case("one stage", 1, 1, 3)

    def observe(self, code, weights, microbatches):
        calls = []
        stages = noting_stages(weights, calls)
        outputs, schedule, bubble = code.model_parallel_forward(stages, microbatches)
        table = [[-1 if one is None else int(one) for one in row] for row in schedule]
        order = []
        entering = [float(x[0, 0]) for x in microbatches]
        for W in weights:
            order.append(entering)
            microbatches = [np.tanh(x @ W) for x in microbatches]
            entering = [float(x[0, 0]) for x in microbatches]
        slots = []
        for stage, first in calls:
            number = int(np.argmin(np.abs(np.array(order[stage]) - first)))
            slots += [t for t, row in enumerate(table) if row[stage : stage + 1] == [number]][:1]
        return {
            "outputs": list(outputs),
            "schedule": table,
            "bubble": float(bubble),
            "runs of each stage": [sum(s == i for s, _ in calls) for i in range(len(weights))],
            "stages run in the order of the schedule": slots == sorted(slots),
        }

    def reference(self, weights, microbatches):
        nets = [torch.tensor(W, device=self.device) for W in weights]
        outputs = []
        for x in microbatches:
            h = torch.tensor(x, device=self.device)
            for W in nets:
                h = torch.tanh(h @ W)
            outputs.append(h.cpu().numpy())
        p, m = len(weights), len(microbatches)
        table = np.full((m + p - 1, p), -1)
        for s in range(p):
            table[s : s + m, s] = np.arange(m)
        return {
            "outputs": outputs,
            "schedule": table.tolist(),
            "bubble": float((table < 0).mean()),
            "runs of each stage": [m] * p,
            "stages run in the order of the schedule": True,
        }

    @mistake
    def one_after_another(self, right, weights, microbatches):
        """Your machines take turns: a micro-batch enters when the one before has left the last
        stage. Let it enter as soon as the first stage is free."""
        p, m = len(weights), len(microbatches)
        table = np.full((m * p, p), -1)
        for k in range(m):
            table[np.arange(p) + k * p, np.arange(p)] = k
        return {"schedule": table.tolist(), "bubble": 1 - 1 / p}

    @mistake
    def stage_by_stage(self, right, weights, microbatches):
        """You finish all micro-batches in a stage before the next one begins, so one machine works
        at a time. The second stage can begin after the first micro-batch."""
        p, m = len(weights), len(microbatches)
        table = np.full((m * p, p), -1)
        for s in range(p):
            table[np.arange(m) + s * m, s] = np.arange(m)
        return {"schedule": table.tolist(), "bubble": 1 - 1 / p}

    @mistake
    def stages_at_once(self, right, weights, microbatches):
        """All your stages work on the same micro-batch in the same slot. A stage needs what the
        stage before it has made, a slot earlier."""
        p, m = len(weights), len(microbatches)
        return {"schedule": [[k] * p for k in range(m)], "bubble": 0.0}

    @mistake
    def bubble_against_work(self, right, weights, microbatches):
        """You divide the idle slots by the busy ones. The bubble is the share of ALL slots that
        are idle."""
        return {"bubble": (len(weights) - 1) / len(microbatches)}

    @mistake
    def bubble_with_one_slot_too_many(self, right, weights, microbatches):
        """The number of slots is off by one: the last micro-batch leaves the last stage in slot
        m + p − 2, counted from 0."""
        p, m = len(weights), len(microbatches)
        return {"bubble": (p - 1) / (m + p)}

    @mistake
    def drains_too_early(self, right, weights, microbatches):
        """Your pipeline stops when the last micro-batch has entered. It still has to go through the
        other stages."""
        p, m = len(weights), len(microbatches)
        if p > 1:
            return {"schedule": right["schedule"][:m]}

    @mistake
    def columns_for_rows(self, right, weights, microbatches):
        """Your schedule has a row for each stage. A row is a time slot, a column a stage."""
        return {"schedule": np.transpose(right["schedule"]).tolist()}
