"""Runs of workers on a simulated clock, for `asynchronous`: right, or with one thing changed."""

import numpy as np

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
    reads : what a worker reads: the weights "after" its update, "too early"; or "all" read
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
    done, read, since = [0] * n, [0] * n, [0.0] * n
    for made in range(updates):
        arrival = min(queue, key=NEXT[order])
        queue.remove(arrival)
        now, i, _ = arrival
        staleness.append(made - read[i] if stale == "updates" else int(now - since[i]))
        begins = path[read[i]] if from_read else path[-1]
        path.append(begins - step * lr * gradient(i, path[read[i]], path[-1], w))
        times.append(now)
        for worker in range(n) if reads == "all" else [i]:
            read[worker], since[worker] = made + (reads != "too early"), now
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
