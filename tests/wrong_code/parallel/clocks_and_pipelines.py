"""Notebook 14: simulated clocks, pipelines, stable rates: wrong, piece by piece."""

import heapq

import numpy as np
from wrong_code import wrong


def queued(order=None, kth=None, reads=None, after=None, early=False):
    """An asynchronous simulator by a queue, with one thing changed; synchronous as it should be.

    order : key of an arrival (time, worker, number of its entry in the queue)
    kth : which delay comes next, of (worker's own number, number of updates made)
    reads : how many workers read the new weights, "all" or only the one
    early : whether a worker reads before its update is applied
    """

    def async_sgd(workers, delay, w, lr, updates, sync=False):
        n, path, times, stale = len(workers), [w], [], []
        if sync:
            for k in range(updates):
                path.append(path[-1] - lr * sum(g(path[-1]) for g in workers) / n)
                times.append(delay[:, : k + 1].max(0).sum())
            found = np.array(path), np.array(times), [0] * updates
            return after(*found, n, sync) if after else found
        key = order or (lambda time, i, entry: (time, i))
        queue = [(*key(delay[i, 0], i, i), delay[i, 0], i) for i in range(n)]
        heapq.heapify(queue)
        read, done = [0] * n, [0] * n
        for t in range(updates):
            *_, now, i = heapq.heappop(queue)
            path.append(path[-1] - lr * workers[i](path[read[i]]))
            times.append(now)
            stale.append(t - read[i])
            for worker in range(n) if reads == "all" else [i]:
                read[worker] = t + (not early)
            done[i] += 1
            then = now + delay[i, (kth or (lambda own, made: own))(done[i], t + 1)]
            heapq.heappush(queue, (*key(then, i, n + t), then, i))
        found = np.array(path), np.array(times), stale
        return after(*found, n, sync) if after else found

    return async_sgd


for identity, code in {
    "queue_order": queued(order=lambda time, i, entry: (time, entry)),
    "last_of_equals": queued(order=lambda time, i, entry: (time, -i)),
    "round_robin": queued(order=lambda time, i, entry: (entry,)),
    "delay_by_update": queued(kth=lambda own, made: made),
    "last_and_by_update": queued(
        order=lambda time, i, entry: (time, -i), kth=lambda own, made: made
    ),
    "everybody_reads": queued(reads="all"),
    "reads_too_early": queued(early=True),
    "same_array_again": queued(
        after=lambda path, times, stale, n, sync: (path * 0 + path[-1], times, stale)
    ),
    "staleness_of_the_long_run": queued(
        after=lambda path, times, stale, n, sync: (
            path, times, stale if sync else [n - 1] * len(stale)
        )
    ),
    "staleness_in_sync": queued(
        after=lambda path, times, stale, n, sync: (
            path, times, [n - 1] * len(stale) if sync else stale
        )
    ),
    "staleness_forgotten": queued(
        after=lambda path, times, stale, n, sync: (path, times, [0] * len(stale))
    ),
    "times_with_start": queued(
        after=lambda path, times, stale, n, sync: (path, [0, *times], stale)
    ),
    "durations_for_times": queued(
        after=lambda path, times, stale, n, sync: (path, np.diff([0, *times]), stale)
    ),
}.items():  # fmt: skip
    wrong("async_sgd", identity)(code)


def _late(delay):
    return np.hstack([delay[:, 1:], delay[:, -1:]])


@wrong("async_sgd", "first_delay_skipped")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    return queued()(workers, _late(delay), w, lr, updates, sync)


@wrong("async_sgd", "reads_after_all_that_arrive")
def async_sgd(workers, delay, w, lr, updates, sync=False):
    if sync:
        return queued()(workers, delay, w, lr, updates, True)
    due, done = list(delay[:, 0]), [0] * len(workers)
    known, path, times, stale = [(0, w)] * len(workers), [w], [], []
    while len(times) < updates:
        clock = min(due)
        ready = [i for i, time in enumerate(due) if time == clock][: updates - len(times)]
        for i in ready:
            since, weights = known[i]
            stale.append(len(times) - since)
            times.append(clock)
            path.append(path[-1] - lr * workers[i](weights))
        for i in ready:
            known[i], done[i] = (len(times), path[-1]), done[i] + 1
            due[i] = clock + delay[i, done[i]]
    return np.array(path), np.array(times), stale


def in_turn(step):
    def async_sgd(workers, delay, w, lr, updates, sync=False):
        path, times, stale = queued()(workers, delay, w, lr, updates, sync)
        if sync:
            for k in range(updates):
                now = path[k]
                for worker in workers:
                    now = now - lr * step(len(workers)) * worker(now)
                path[k + 1] = now
        return path, times, stale

    return async_sgd


wrong("async_sgd", "one_after_another")(in_turn(lambda n: 1 / n))
wrong("async_sgd", "one_whole_step_after_another")(in_turn(lambda n: 1))


def joined(how):
    def async_sgd(workers, delay, w, lr, updates, sync=False):
        if sync:
            return queued()(workers, delay, w, lr, updates, True)
        due, done, read = list(delay[:, 0]), [0] * len(workers), [0] * len(workers)
        path, times, stale = [w], [], []
        for t in range(updates):
            here = [i for i, time in enumerate(due) if time == min(due)]
            times.append(min(due))
            stale.append(t - read[here[0]])
            path.append(path[-1] - lr * how([workers[i](path[read[i]]) for i in here], axis=0))
            for i in here:
                done[i] += 1
                due[i], read[i] = due[i] + delay[i, done[i]], t + 1
        return np.array(path), times, stale

    return async_sgd


wrong("async_sgd", "one_step_for_all_that_arrive")(joined(np.mean))
wrong("async_sgd", "one_sum_for_all_that_arrive")(joined(np.sum))


def pipeline(rows=None, share=None, order=None, results=None):
    """The pipeline with another schedule, bubble, order of the runs, or outputs."""

    def model_parallel_forward(stages, microbatches):
        p, m = len(stages), len(microbatches)
        table = [[t - s if 0 <= t - s < m else None for s in range(p)] for t in range(m + p - 1)]
        held = list(microbatches)
        runs = [(s, k) for row in table for s, k in enumerate(row) if k is not None]
        for s, k in order(p, m, runs) if order else runs:
            held[k] = stages[s](held[k])
        shown = rows(table, p, m) if rows else table
        bubble = share(shown, p, m) if share else (p - 1) / (m + p - 1)
        return (results(held) if results else held), shown, bubble

    return model_parallel_forward


def idle(table, p, m):
    return sum(row.count(None) for row in table) / sum(map(len, table))


def entries(change):
    return lambda table, p, m: [[change(k) for k in row] for row in table]


def one_sided(table, p, m):
    return [[t - s if t - s < m else None for s in range(p)] for t in range(m + p - 1)]


for identity, code in {
    "run_one_after_another": pipeline(order=lambda p, m, runs: sorted(runs, key=lambda r: r[1])),
    "micro_batch_0_not_run": pipeline(order=lambda p, m, runs: [run for run in runs if run[1]]),
    "run_stage_by_stage": pipeline(order=lambda p, m, runs: sorted(runs)),
    "outputs_joined": pipeline(results=np.concatenate),
    "last_output_only": pipeline(results=lambda held: held[-1]),
    "bubble_exchanged": pipeline(share=lambda table, p, m: (m - 1) / (m + p - 1)),
    "bubble_counted": pipeline(share=lambda table, p, m: sum(r.count(None) for r in table)),
    "bubble_of_one_stage": pipeline(share=lambda table, p, m: p - 1),
    "bubble_where_anybody_is_idle": pipeline(
        share=lambda table, p, m: np.mean([None in row for row in table])
    ),
    "bubble_divided_by_stages_only": pipeline(
        share=lambda table, p, m: sum(r.count(None) for r in table) / len(table)
    ),
    "bubble_with_one_slot_too_many": pipeline(share=lambda table, p, m: (p - 1) / (m + p)),
    "busy_share": pipeline(share=lambda table, p, m: m / (m + p - 1)),
    "an_idle_slot_at_the_end": pipeline(rows=lambda table, p, m: [*table, [None] * p]),
    "an_idle_slot_counted": pipeline(lambda table, p, m: [*table, [None] * p], idle),
    "drains_too_early": pipeline(lambda table, p, m: table[:m]),
    "columns_for_rows": pipeline(lambda table, p, m: list(zip(*table, strict=True))),
    "columns_for_rows_counted_from_one": pipeline(
        lambda table, p, m: [
            [None if k is None else k + 1 for k in column] for column in zip(*table, strict=True)
        ]
    ),
    "last_stage_first": pipeline(lambda table, p, m: [row[::-1] for row in table]),
    "columns_for_rows_and_last_stage_first": pipeline(
        lambda table, p, m: list(zip(*table, strict=True))[::-1]
    ),
    "minus_one_for_idle": pipeline(entries(lambda k: -1 if k is None else k)),
    "zero_for_idle": pipeline(entries(lambda k: k or 0)),
    "micro_batch_0_idle": pipeline(entries(lambda k: k or None)),
    "micro_batch_0_counted_as_idle": pipeline(entries(lambda k: k or None), idle),
    "bubble_with_micro_batch_0": pipeline(
        share=lambda table, p, m: 1 - sum(bool(k) for row in table for k in row) / (p * len(table))
    ),
    "counted_from_one": pipeline(entries(lambda k: None if k is None else k + 1)),
    "negative_numbers": pipeline(one_sided),
    "negative_numbers_count": pipeline(one_sided, idle),
    "numbers_beyond_the_last": pipeline(
        lambda table, p, m: [
            [t - s if t >= s else None for s in range(p)] for t in range(m + p - 1)
        ]
    ),
    "stages_for_micro_batches": pipeline(
        lambda table, p, m: [
            [t - k if 0 <= t - k < p else None for k in range(m)] for t in range(m + p - 1)
        ]
    ),
}.items():  # fmt: skip
    wrong("model_parallel_forward", identity)(code)


@wrong("model_parallel_forward", "run_twice")
def model_parallel_forward(stages, microbatches):
    found = pipeline()(stages, microbatches)
    outputs = []
    for x in microbatches:
        for stage in stages:
            x = stage(x)
        outputs.append(x)
    return outputs, *found[1:]


@wrong("model_parallel_forward", "enters_every_other_slot")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    inside, table = list(microbatches), []
    while not table or table[-1][-1] != m - 1:
        now = len(table)
        table.append([(now - s) // 2 if (now - s) % 2 == 0 else None for s in range(p)])
        table[-1] = [k if k is not None and 0 <= k < m else None for k in table[-1]]
        for s, k in enumerate(table[-1]):
            if k is not None:
                inside[k] = stages[s](inside[k])
    return inside, table, idle(table, p, m)


@wrong("model_parallel_forward", "raw_micro_batches")
def model_parallel_forward(stages, microbatches):
    for stage in stages:
        outputs = [stage(x) for x in microbatches]
    return outputs, [], 0.0


@wrong("model_parallel_forward", "overwritten_between_stages")
def model_parallel_forward(stages, microbatches):
    p, m = len(stages), len(microbatches)
    table = [[t - s if 0 <= t - s < m else None for s in range(p)] for t in range(m + p - 1)]
    between, outputs = [None] * (p + 1), []
    for row in table:
        between[0] = between[0] if row[0] is None else microbatches[row[0]]
        for s in range(p):
            if row[s] is not None:
                between[s + 1] = stages[s](between[s])
        if row[-1] is not None:
            outputs.append(between[p])
    return outputs, table, (p - 1) / (m + p - 1)


def rate(angle=None, curvature=np.max, factor=2, divide=True):
    """The stable rate from another angle, curvature or factor."""

    def stable_rate(curvatures, delay):
        bend = (angle or (lambda d: np.pi / (2 * (2 * d + 1))))(delay)
        bound = factor * np.sin(bend)
        return bound / curvature(curvatures) if divide else bound * curvature(curvatures)

    return stable_rate


for identity, code in {
    "sum_of_curvatures": rate(curvature=sum),
    "last_curvature": rate(curvature=lambda c: c[-1]),
    "first_curvature": rate(curvature=lambda c: c[0]),
    "one_for_each_axis": rate(curvature=lambda c: c),
    "not_divided": rate(curvature=lambda c: 1),
    "multiplied": rate(divide=False),
    "one_less": rate(lambda d: np.pi / (2 * (2 * (d - 1) + 1))),
    "one_worker_less": rate(lambda d: np.pi / (2 * (2 * max(d - 1, 0) + 1))),
    "one_more": rate(lambda d: np.pi / (2 * (2 * (d + 1) + 1))),
    "one_outside_the_bracket": rate(lambda d: np.pi / (2 * 2 * d + 1)),
    "multiplied_by_the_bracket": rate(lambda d: np.pi / 2 * (2 * d + 1)),
    "in_degrees": rate(lambda d: 180 / (2 * (2 * d + 1))),
    "cosine": rate(lambda d: np.pi / 2 - np.pi / (2 * (2 * d + 1))),
    "half_angle_forgotten": rate(lambda d: np.pi / (2 * d + 1)),
    "delay_not_doubled": rate(lambda d: np.pi / (2 * (d + 1))),
    "half_of_the_mean": rate(curvature=np.mean, factor=1),
    "one_less_of_the_flattest": rate(lambda d: np.pi / (2 * (2 * d - 1)), np.min),
}.items():
    wrong("stable_rate", identity)(code)


@wrong("stable_rate", "half_without_delay")
def stable_rate(curvatures, delay):
    return rate()(curvatures, delay) if delay else 1 / max(curvatures)
