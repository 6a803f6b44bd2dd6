"""Runs of workers on a simulated clock, for `asynchronous`: right, or with one thing changed; and
what is mistaken in counting how stale gradients are. No exercise lives here."""

import numpy as np

from autograder.exercise import Exercise, mistake

# Which of the arrivals (time, worker, number in the queue) is the next one.
NEXT = {
    "first": lambda one: (one[0], one[1]),
    "last": lambda one: (one[0], -one[1]),
    "queue": lambda one: (one[0], one[2]),
    "turns": lambda one: one[2],
}


def run_workers(workers, delay, w, lr, updates, sync, gradient=None, step=1.0, waits=np.max,
                from_read=False, adds=True, order="first", delays="own", reads="after",
                stale="updates"):  # fmt: skip
    """path, times and staleness of a run; each argument after `sync` changes one thing.

    Parameters
    ----------
    gradient : `gradient(worker, w_read, w_now, w_first)`, default that at w_read
    step : factor of every step
    waits : which of the workers' times a round of synchronous training takes
    from_read : whether an asynchronous step begins at the weights that were read
    adds : whether a worker's next arrival is counted from its last one
    order : which of equal arrivals comes first, or "turns"
    delays : "own" number of a worker's gradient, or "by update"
    reads : what a worker reads: the weights "after" its update, "too early", or after "all at once"
        that arrive together; or "all" read
    stale : in "updates" or in "seconds"
    """
    n = len(workers)
    gradient = gradient or (lambda worker, read, now, first: workers[worker](read))
    path, times, staleness = [w], [0.0], []
    if sync:
        for k in range(updates):
            rows = [gradient(i, path[-1], path[-1], w) for i in range(n)]
            path.append(path[-1] - step * lr * np.mean(rows, axis=0))
            times.append(times[-1] + float(waits(delay[:, k])))
        return np.array(path), np.array(times[1:]), [0] * updates
    queue = [(delay[i, 0], i, i) for i in range(n)]
    done, read, since, waiting = [0] * n, [0] * n, [0.0] * n, []
    for made in range(updates):
        arrival = min(queue, key=NEXT[order])
        queue.remove(arrival)
        now, i, _ = arrival
        staleness.append(made - read[i] if stale == "updates" else int(now - since[i]))
        begins = path[read[i]] if from_read else path[-1]
        path.append(begins - step * lr * gradient(i, path[read[i]], path[-1], w))
        times.append(now)
        waiting = [*waiting, i] if reads == "all at once" else [i]
        for worker in range(n) if reads == "all" else waiting:
            read[worker], since[worker] = made + (reads != "too early"), now
        if now not in [time for time, *_ in queue]:
            waiting = []
        done[i] += 1
        takes = delay[i, done[i] if delays == "own" else made + 1]
        queue.append((adds * now + takes, i, n + made))
    return np.array(path), np.array(times[1:]), staleness


def together(workers, delay, w, lr, updates, joined):
    """A run in which gradients that arrive at the same time make one step along `joined` of
    them."""
    n = len(workers)
    due, done, read = delay[:, 0].copy(), [0] * n, [0] * n
    path, times, staleness = [w], [], []
    for made in range(updates):
        now = due.min()
        arrived = np.flatnonzero(due == now)
        path.append(path[-1] - lr * joined([workers[i](path[read[i]]) for i in arrived], axis=0))
        times.append(now)
        staleness.append(made - read[arrived[0]])
        for i in arrived:
            read[i], done[i] = made + 1, done[i] + 1
            due[i] += delay[i, done[i]]
    return np.array(path), np.array(times), staleness


class StalenessMistaken(Exercise, abstract=True):
    """Updates that are counted, or not, between reading and updating."""

    @mistake
    def staleness_counts_itself(self, right, **inputs):
        """Your staleness counts the update itself. It is how many updates of OTHERS were applied
        since the weights were read: 0 for a worker alone."""
        if not inputs["sync"]:
            return {"staleness": [s + 1 for s in right["staleness"]]}

    @mistake
    def staleness_counts_its_own_last(self, right, **inputs):
        """Your staleness counts the worker's own last update, too: from its second gradient on it
        is one too large. It read the weights right after that one."""
        if not inputs["sync"]:
            # A worker's first gradient has seen all updates go by.
            return {"staleness": [s + (s < made) for made, s in enumerate(right["staleness"])]}

    @mistake
    def staleness_of_the_long_run(self, right, **inputs):
        """Your staleness is n − 1 always. That is what it comes to for equal workers in the long
        run: count the updates made since the weights were read."""
        if not inputs["sync"]:
            return {"staleness": [len(inputs["minima"]) - 1] * inputs["updates"]}

    @mistake
    def staleness_in_sync(self, right, **inputs):
        """Your synchronous staleness is n − 1. All workers have just read the weights: it is 0."""
        if inputs["sync"]:
            return {"staleness": [len(inputs["minima"]) - 1] * inputs["updates"]}

    @mistake
    def staleness_forgotten(self, right, **inputs):
        """Your staleness is 0 always. Without waiting others make updates while a worker is at
        work: count those made since it read the weights."""
        if not inputs["sync"]:
            return {"staleness": [0] * inputs["updates"]}

    @mistake
    def first_staleness_forgotten(self, right, **inputs):
        """The staleness of each worker's first gradient is 0 in yours. It was begun at time 0, and
        what others have updated since counts there, too."""
        if not inputs["sync"]:
            counted = enumerate(right["staleness"])
            return {"staleness": [s if s < made else 0 for made, s in counted]}
