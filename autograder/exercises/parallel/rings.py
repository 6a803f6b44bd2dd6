"""Sums around a ring on numpy, right or with one thing changed, and what is taken for another chunk
than it is. No exercise lives here."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises

BITS = "all workers have the same bits"


def around_the_ring(chunks, gathers=None, accumulate=True, replace=True, adds=None, begins=1,
                    passes_on=True, backwards=False, into=-1, lands=-1, up=False):  # fmt: skip
    """The ring algorithm on numpy, with one thing changed; returns every worker's chunks.

    Parameters
    ----------
    adds, gathers : steps of the first and the second phase, n − 1 when they are right
    accumulate : whether the first phase passes on sums, not each worker's own chunk
    replace : whether the second phase replaces, not adds
    begins : worker i's first chunk of the second phase is i plus this
    passes_on : whether the second phase passes on what came, not always the first chunk
    backwards : whether the second phase counts chunks up from step to step
    up : whether the first phase counts chunks up
    into, lands : from which neighbour a message is taken to be, −1 for the left, in the first phase
        and in the second
    """
    n = len(chunks)
    own, held = chunks, [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(n - 1 if adds is None else adds):
        step = -step if up else step
        source = held if accumulate else own
        sent = [source[i][(i - step) % n].copy() for i in range(n)]
        for i in range(n):
            held[i][(i + into - step) % n] += sent[i - 1]
    for step in range(n - 1 if gathers is None else gathers):
        step = -step if backwards else step
        sent = [held[i][(i + begins - step * passes_on) % n].copy() for i in range(n)]
        for i in range(n):
            c = (i + lands + begins - step) % n
            held[i][c] = sent[i - 1] if replace else sent[i - 1] + held[i][c]
    return held


def other_way_round(chunks):
    """What comes of the algorithm for links to the left when they go to the right; None where two
    chunks that meet differ in size."""
    n = len(chunks)
    held = [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(2 * (n - 1)):
        adds, s = step < n - 1, step % (n - 1)
        sent = [held[i][(i + s if adds else i - 1 + s) % n].copy() for i in range(n)]
        for i in range(n):
            c = (i + 1 + s if adds else i + s) % n
            if adds and held[i][c].shape != sent[i - 1].shape:
                return None
            held[i][c] = held[i][c] + sent[i - 1] if adds else sent[i - 1]
    return held


def one_by_one(chunks):
    """Each worker's own sums: its own chunk, then those of its left neighbours as they come."""
    n = len(chunks)
    held = [[chunk.copy() for chunk in worker] for worker in chunks]
    for i in range(n):
        for step in range(1, n):
            for c in range(n):
                held[i][c] += chunks[i - step][c]
    return held


def alike(held):
    return all(np.array_equal(a, b) for w in held for a, b in zip(w, held[0], strict=True))


class ChunksMistaken(Exercise, abstract=True):
    """What a worker receives is taken for a chunk of another number than it has."""

    def workers(self, held):
        """The observations of a result that differs from worker to worker."""
        return {f"worker {i}": worker for i, worker in enumerate(held)}

    def mistaken(self, right, chunks, into=-1, lands=-1):
        """What is shown where a message counts as one of another neighbour, or of the worker
        itself (0), in the first round (`into`) or in the second (`lands`)."""
        sizes = {chunk.size for chunk in chunks[0]}
        if len(chunks) == 1 or (len(chunks) == 2 and 0 not in (into, lands)):
            return None
        if into != -1 and len(sizes) > 1:
            return dict.fromkeys(right, raises("ValueError", "broadcast"))
        held = around_the_ring(chunks, into=into, lands=lands)
        return self.workers(held) | {BITS: alike(held)}

    @mistake
    def adds_backwards(self, right, chunks):
        """In your first round the chunk's number goes up from step to step, so that workers send
        their own numbers, to which nothing was added yet. It goes down: from the second step on
        each passes on the chunk that it has just added to."""
        return self.upwards(chunks)

    @mistake
    def counts_upwards(self, right, chunks):
        """In both of your rounds the chunk's number goes up from step to step, as for a ring that
        goes the other way. Worker i receives from worker i − 1, so it goes down: each passes on
        what came in the step before."""
        return self.upwards(chunks, backwards=True)

    def upwards(self, chunks, **second):
        if len(chunks) > 2:
            held = around_the_ring(chunks, up=True, **second)
            return self.workers(held) | {BITS: alike(held)}

    @mistake
    def taken_from_the_right(self, right, chunks):
        """You take what you receive for a chunk of the right neighbour. The ring goes to the right:
        worker i receives what worker i − 1 has sent."""
        if len({chunk.size for chunk in chunks[0]}) == 1:
            return self.mistaken(right, chunks, into=1, lands=1)

    @mistake
    def added_to_the_right_neighbours_chunk(self, right, chunks):
        """In your first round worker i adds what it receives to the chunk that its right neighbour
        sends in that step. It receives what worker i − 1 has sent, so it adds it to its own chunk
        of that number."""
        return self.mistaken(right, chunks, into=1)

    @mistake
    def put_where_the_right_neighbours_is(self, right, chunks):
        """In your second round worker i puts what it receives where the chunk belongs that its
        right neighbour sends in that step. It receives what worker i − 1 has sent, so that is the
        number of the chunk."""
        return self.mistaken(right, chunks, lands=1)

    @mistake
    def taken_for_its_own(self, right, chunks):
        """Worker i takes what it receives for the chunk that it sends itself in that step, in both
        rounds. It receives what worker i − 1 has sent, which is a chunk of another number."""
        return self.mistaken(right, chunks, into=0, lands=0)

    @mistake
    def added_to_the_chunk_it_sends(self, right, chunks):
        """In your first round worker i adds what it receives to the chunk that it sends itself in
        that step. It receives what worker i − 1 has sent, which is a chunk of another number."""
        return self.mistaken(right, chunks, into=0)

    @mistake
    def put_where_the_one_it_sends_is(self, right, chunks):
        """In your second round worker i puts what it receives in the place of the chunk that it
        sends itself in that step. It receives what worker i − 1 has sent, which is a chunk of
        another number."""
        return self.mistaken(right, chunks, lands=0)
