"""Sums around a ring on numpy, right or with one thing changed. No exercise lives here."""

import numpy as np


def around_the_ring(chunks, gathers=None, accumulate=True, replace=True, adds=None, begins=1,
                    passes_on=True, backwards=False, into=-1):  # fmt: skip
    """The ring algorithm on numpy, with one thing changed; returns every worker's chunks.

    Parameters
    ----------
    adds, gathers : steps of the first and the second phase, n − 1 when they are right
    accumulate : whether the first phase passes on sums, not each worker's own chunk
    replace : whether the second phase replaces, not adds
    begins : worker i's first chunk of the second phase is i plus this
    passes_on : whether the second phase passes on what came, not always the first chunk
    backwards : whether the second phase counts chunks up from step to step
    into : from which neighbour a message is taken to be, −1 for the left
    """
    n = len(chunks)
    own, held = chunks, [[chunk.copy() for chunk in worker] for worker in chunks]
    for step in range(n - 1 if adds is None else adds):
        source = held if accumulate else own
        sent = [source[i][(i - step) % n].copy() for i in range(n)]
        for i in range(n):
            held[i][(i + into - step) % n] += sent[i - 1]
    for step in range(n - 1 if gathers is None else gathers):
        step = -step if backwards else step
        sent = [held[i][(i + begins - step * passes_on) % n].copy() for i in range(n)]
        for i in range(n):
            c = (i + into + begins - step) % n
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
