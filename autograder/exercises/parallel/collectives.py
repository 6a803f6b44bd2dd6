"""Exercise of notebook 14: a sum around a ring. A pipeline of stages is in `pipeline`."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.parallel.rings import (
    BITS,
    ChunksMistaken,
    alike,
    around_the_ring,
    one_by_one,
    other_way_round,
)
from course_utils.recipes.parallel import Ring

BUSIEST = "bytes on the busiest link"
ALONE = "each worker knows what it was sent and no more"


class ring_allreduce(ChunksMistaken):
    """Every worker gets the sum of all, with two words to its neighbour about each number."""

    signature = "ring_allreduce(chunks, ring)"
    growth = {"chunks": 1}, {f"worker {i}": 1 for i in range(5)}
    minutes = 20
    difficulty = 3
    counted = ("steps", "bytes on all links", "bytes on the busiest link")
    reads = {
        **{f"worker {i}": f"what worker {i} gets from you" for i in range(5)},
        BITS: "that all workers hold the same bits is {seen}; {right} is right",
        "steps": "your code uses the ring {seen} times; {right} is right",
        "bytes on all links": "the number of bytes that all your messages have",
        BUSIEST: "the number of bytes that the busiest link carries for you",
        ALONE: "that each worker goes by its own chunks and by what it was sent is {seen}; {right} "
        "is right",
    }
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
        class Noting(Ring):
            received: list = []

            def shift(self, messages):
                came = super().shift(messages)
                self.received = [*self.received, [m if m is None else m.copy() for m in came]]
                return came

        class OneOf(Ring):
            """The ring as one worker of many knows it: it is sent what it was sent before."""

            def shift(self, messages):
                came = super().shift(messages)
                if self.steps <= len(ring.received):
                    came[worker] = ring.received[self.steps - 1][worker]
                return came

        # As they were: the learner's code may change them.
        given = [[chunk.copy() for chunk in row] for row in chunks]
        ring = Noting(len(chunks))
        result = code.ring_allreduce(chunks, ring)
        seen = {f"worker {i}": list(worker) for i, worker in enumerate(result)}
        first = [np.asarray(chunk).tobytes() for chunk in result[0]]
        seen["all workers have the same bits"] = all(
            [np.asarray(chunk).tobytes() for chunk in worker] == first for worker in result
        )
        seen |= {"steps": ring.steps, "bytes on all links": sum(ring.bytes)}
        if len({chunk.size for chunk in chunks[0]}) == 1:
            seen["bytes on the busiest link"] = max(ring.bytes)
        n = len(chunks)
        if n > 1:
            # Where too little was sent that is told, and this need not be.
            enough = ring.steps == 2 * (n - 1) and sum(ring.bytes) >= ring.steps * sum(
                chunk.nbytes for chunk in chunks[0]
            )
            same = True
            for worker in range(n if enough else 0):
                # Of the others' chunks it knows nothing but the shapes.
                known = [
                    [chunk.copy() if i == worker else np.zeros_like(chunk) for chunk in row]
                    for i, row in enumerate(given)
                ]
                found = code.ring_allreduce(known, OneOf(n))[worker]
                pairs = zip(found, result[worker])  # noqa: B905 - of any length
                same &= all(np.allclose(mine, before, rtol=1e-4) for mine, before in pairs)
            seen["each worker knows what it was sent and no more"] = same
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
        return right if n == 1 else right | {ALONE: True}

    def traffic(self, right, steps, factor=1):
        """The counters when so many steps are made and each link carries so many times more."""
        if "worker 1" not in right:
            size = right["worker 0"][0].nbytes * steps * factor
            return {"steps": steps, "bytes on all links": size, BUSIEST: size} if steps else {}
        bytes_ = {
            name: int(right[name] * factor * steps / right["steps"])
            for name in ("bytes on all links", "bytes on the busiest link")
            if name in right
        }
        return {"steps": steps, **bytes_}

    @mistake
    def gathers_backwards(self, right, chunks):
        """In your second round the chunk's number goes up from step to step, so that workers send
        sums that are not finished. It goes down, as in the first: each passes on what it got."""
        if len(chunks) > 2:
            held = around_the_ring(chunks, backwards=True)
            return self.workers(held) | {BITS: alike(held)}

    @mistake
    def no_second_round(self, right, chunks):
        """You stop after n − 1 steps: each chunk's sum is finished on one worker, and the others
        do not have it yet. The finished chunks have to go round once more."""
        n = len(chunks)
        if n > 1:
            return {
                **self.workers(around_the_ring(chunks, gathers=0)),
                BITS: False, **self.traffic(right, n - 1),
            }  # fmt: skip

    @mistake
    def second_round_one_short(self, right, chunks):
        """The second round is one step short: each worker lacks one finished chunk. Both rounds
        take n − 1 steps."""
        n = len(chunks)
        if n > 1:
            held, less = around_the_ring(chunks, gathers=n - 2), sum(c.nbytes for c in chunks[0])
            sent = {"steps": 2 * n - 3, "bytes on all links": right["bytes on all links"] - less}
            busiest = {BUSIEST: right[BUSIEST] - less // n} if BUSIEST in right else {}
            return {**self.workers(held), BITS: False, **sent, **busiest}

    @mistake
    def second_round_adds(self, right, chunks):
        """In the second round you add what you receive. Those sums are finished: they replace what
        stands there."""
        if len(chunks) > 1:
            held = around_the_ring(chunks, replace=False)
            return {**self.workers(held), BITS: alike(held)}

    @mistake
    def passes_on_its_own(self, right, chunks):
        """In the first round you send your own numbers in every step. From the second step on it
        has to be the sum so far: what you received and added just before."""
        if len(chunks) > 2:
            held = around_the_ring(chunks, accumulate=False)
            return {**self.workers(held), BITS: alike(held)}

    @mistake
    def begins_with_an_unfinished_sum(self, right, chunks):
        """The second round begins with the wrong chunk: worker i sends chunk i, whose sum is not
        finished there. After n − 1 steps worker i has all of chunk i + 1."""
        if len(chunks) > 1:
            held = around_the_ring(chunks, begins=0)
            return {**self.workers(held), BITS: alike(held)}

    @mistake
    def unfinished_and_added(self, right, chunks):
        """The second round begins with a chunk whose sum is not finished, and you add what comes.
        After n − 1 steps worker i has all of chunk i + 1, and who receives it keeps it as it is."""
        if len(chunks) > 1:
            held = around_the_ring(chunks, begins=0, replace=False)
            return {**self.workers(held), BITS: alike(held)}

    @mistake
    def does_not_pass_on(self, right, chunks):
        """In the second round each worker sends the chunk that it has finished itself in every
        step. From the second step on it has to be the one that has just come."""
        if len(chunks) > 2:
            return {**self.workers(around_the_ring(chunks, passes_on=False)), BITS: False}

    @mistake
    def other_direction(self, right, chunks):
        """You take what a worker receives for its right neighbour's. received[i] comes from worker
        i − 1, so it is that worker's chunk."""
        if len(chunks) > 2:
            held = other_way_round(chunks)
            if held is None:
                return dict.fromkeys(right, raises("ValueError", "broadcast"))
            return {**self.workers(held), BITS: alike(held)}

    @mistake
    def one_worker_sends(self, right, chunks):
        """A single worker sends to itself in yours, and adds what comes. It has the sum already:
        with one worker there are no steps."""
        if len(chunks) == 1:
            doubled = {"worker 0": [2 * chunks[0][0]]}
            size = chunks[0][0].nbytes
            return {**doubled, "steps": 1, "bytes on all links": size, BUSIEST: size}

    @mistake
    def sizes_must_be_equal(self, right, chunks):
        """You make one array of all chunks. Their sizes may differ: keep a list for each worker."""
        if "bytes on the busiest link" not in right:
            return dict.fromkeys(right, raises("ValueError", "inhomogeneous"))

    @mistake
    def shapes_must_be_equal(self, right, chunks):
        """You make one array of all chunks, and where their sizes differ that stops. Keep a list
        for each worker: its chunks need not be of one size."""
        if "bytes on the busiest link" not in right:
            return dict.fromkeys(right, raises("ValueError", "must have the same shape"))

    @mistake
    def one_list_returned(self, right, chunks):
        """You return the chunks of one worker. A list for each worker is asked for, all with the
        same sums."""
        n, sums = len(chunks), right["worker 0"]
        shown = {f"worker {i}": list(sums[i]) for i in range(n)}
        return {**shown, BITS: False} if n > 1 else shown

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
        """You send all chunks round, n − 1 times, and each worker adds up for itself. So each link
        carries n/2 times as much as it has to, and sums in another order differ in their bits."""
        n = len(chunks)
        if n > 1:
            return {**self.traffic(right, n - 1, n), BITS: alike(one_by_one(chunks))}

    @mistake
    def one_chunk_after_another(self, right, chunks):
        """You send one chunk number round after the other, the same from all workers, and each adds
        up for itself. Each link carries n/2 times as much as it has to. Let every worker send
        another chunk in a step."""
        n = len(chunks)
        if n > 1:
            shown = self.traffic(right, n - 1, n) | {"steps": n * (n - 1)}
            return {**shown, BITS: alike(one_by_one(chunks))}

    @mistake
    def from_one_to_the_next(self, right, chunks):
        """The whole gradient, never cut, goes from worker to worker and round again. A link carries
        up to twice all of it while the others wait: send chunks, another one from each worker."""
        if len(chunks) > 1 and BUSIEST in right:
            size = sum(chunk.nbytes for chunk in chunks[0])
            return {BUSIEST: 2 * size if len(chunks) > 2 else size}

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
    def one_step_too_many_in_the_second(self, right, chunks):
        """One of your two rounds has n steps, so every worker sends a chunk more than it has to.
        n − 1 are enough in each round."""
        n = len(chunks)
        if n == 1:
            size = chunks[0][0].nbytes
            return {"steps": 1, "bytes on all links": size, BUSIEST: size}
        total = sum(chunk.nbytes for chunk in chunks[0])
        sent = {"steps": 2 * n - 1, "bytes on all links": right["bytes on all links"] + total}
        return sent | ({BUSIEST: right[BUSIEST] + total // n} if BUSIEST in right else {})

    @mistake
    def n_steps_in_each_round(self, right, chunks):
        """Each of your rounds has n steps. In the last one of the first round finished sums come by
        and are added once more. With n − 1 steps everybody has been met."""
        n = len(chunks)
        held = around_the_ring(chunks, adds=n, gathers=n)
        return {**self.workers(held), BITS: alike(held), **self.traffic(right, 2 * n)}

    @mistake
    def n_steps_and_on(self, right, chunks):
        """Each of your rounds has n steps. In the last one of the first round each chunk comes back
        to where it began, and what it has is added once more. n − 1 steps are enough."""
        n = len(chunks)
        held = around_the_ring(chunks, adds=n, gathers=n, begins=0)
        return {**self.workers(held), BITS: alike(held), **self.traffic(right, 2 * n)}

    @mistake
    def nothing_sent(self, right, chunks):
        """Nothing has gone over the links in yours. The workers are machines of their own: all they
        learn of each other comes through ring.shift."""
        return {name: 0 for name in right if name.startswith(("bytes", "steps"))}

    @mistake
    def first_round_beside_the_ring(self, right, chunks):
        """One chunk a worker goes round, n − 1 times, and yet everybody ends with the sums: what
        the first round is to bring has not come over the links. The workers are machines of their
        own, and read each other's chunks through ring.shift only."""
        return self.traffic(right, len(chunks) - 1) if len(chunks) > 1 else None

    @mistake
    def sums_beside_the_ring(self, right, chunks):
        """Your messages have the right sizes, and yet a worker reads numbers of another one beside
        the ring. The workers are machines of their own: what one knows of the others' chunks is
        what ring.shift has returned to it."""
        return {ALONE: False} if ALONE in right else None

    @mistake
    def padded_to_the_largest(self, right, chunks):
        """Where chunks differ in size all your messages are as long as the largest chunk. Send a
        chunk as it is: a message may have any length."""
        if BUSIEST not in right:
            most, n = max(chunk.nbytes for chunk in chunks[0]), len(chunks)
            return {"bytes on all links": right["steps"] * n * most}

    @mistake
    def wider_sums(self, right, chunks):
        """Your sums are of double precision where the chunks are single. Keep their dtype."""
        if chunks[0][0].dtype == np.float32:
            held = around_the_ring(chunks)
            return self.workers([[c.astype(float) for c in worker] for worker in held])

    @mistake
    def wider_numbers(self, right, chunks):
        """You send numbers of double precision where the chunks are single: twice the bytes.
        Keep their dtype."""
        if chunks[0][0].dtype == np.float32:
            held = around_the_ring([[c.astype(float) for c in worker] for worker in chunks])
            doubled = {n: 2 * right[n] for n in right if n.startswith("bytes")}
            return {**self.workers(held), **doubled}
