"""The exercise of notebook 12 on a pipeline: loading, transfer and computing overlap, or not."""

import heapq

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


class pipeline_time(Exercise):
    """How long an epoch takes when loading, transfer and computing wait in turn, or overlap."""

    signature = "pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1)"
    growth = {"t_load": 1, "t_transfer": 1, "t_compute": 1}, {"seconds": 1}
    reads = {"seconds": "your time"}
    minutes = 15
    difficulty = 2
    hints = (
        "Without prefetch nothing overlaps. With prefetch, ask for each stage of each batch: which "
        "two things must be over before it can begin?",
        "The link can take batch i once it is loaded and batch i-1 has left the link; the device "
        "likewise. A loader takes batch i when it is done with batch i - workers.",
    )

    def cases(self, rng):
        def case(name, points, n, scale, prefetch, long=(), **more):
            times = {
                name: (factor * rng.uniform(0.5, 1.5, n)).tolist()
                for name, factor in zip(("t_load", "t_transfer", "t_compute"), scale, strict=True)
            }
            for i in long:
                times["t_load"][i] *= 8
            return Case(name, points, **times, prefetch=prefetch, **more)

        n = int(rng.integers(7, 12))
        yield case("no prefetch", 1, n, (5.0, 1.0, 4.0), False)
        yield case("prefetch, loading is the bottleneck", 1, n + 1, (6.0, 0.7, 2.0), True)
        yield case("prefetch, the device is the bottleneck", 1, n, (2.0, 0.7, 6.0), True)
        # A loader that begins late shows where it has much to load behind batches that wait.
        yield case("prefetch, the link is the bottleneck", 1, n, (2.0, 5.0, 1.0), True, long=(4,))
        yield case("prefetch, no clear bottleneck", 1, n, (3.0, 3.0, 3.0), True)
        yield case("three workers", 1.5, n + 3, (6.0, 0.8, 2.5), True, workers=3)
        yield case("two workers", 0.5, n + 1 + n % 2, (6.0, 2.6, 2.0), True, workers=2)
        yield case("more workers than batches", 0.5, 3, (4.0, 2.0, 3.0), True, workers=5)
        yield case("no prefetch, workers or not", 1, n, (4.0, 1.0, 2.0), False, workers=2)
        yield case("prefetch, milliseconds", 1, n, (0.003, 0.002, 0.004), True)
        yield case("one batch", 1, 1, (4.0, 1.0, 2.0), True)
        yield case("two workers, the link is the bottleneck", 0.5, n + 1, (2.0, 5.0, 1.0), True,
                   workers=2)  # fmt: skip

    def observe(self, code, **inputs):
        return {"seconds": float(code.pipeline_time(**inputs))}

    def reference(self, t_load, t_transfer, t_compute, prefetch, workers=1):
        stages = [t_load, t_transfer, t_compute]
        if not prefetch:
            return {"seconds": float(torch.tensor(stages, dtype=torch.float64).sum())}
        return {"seconds": longest_path(stages, workers)}

    def told(self, right, seconds, prefetch):
        return {"seconds": float(seconds)} if prefetch else {}

    @mistake
    def nothing_overlaps(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You add everything up. With prefetch, batch 2 is loaded while batch 1 is computed."""
        return self.told(right, np.sum([t_load, t_transfer, t_compute]), prefetch)

    @mistake
    def always_overlaps(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Without prefetch nothing overlaps; your total is the same either way."""
        if not prefetch:
            return {"seconds": longest_path([t_load, t_transfer, t_compute], workers)}

    @mistake
    def pipeline_never_fills(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You take the busiest stage alone. The first batch must reach it first, and the last one
        must leave it."""
        return self.told(right, max(sum(t_load), sum(t_transfer), sum(t_compute)), prefetch)

    @mistake
    def slowest_stage_per_batch(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You add up each batch's slowest stage. What overlaps are stages of different batches, so
        a batch does not make up for itself."""
        worst = np.max([t_load, t_transfer, t_compute], axis=0)
        return self.told(right, worst.sum(), prefetch)

    @mistake
    def one_worker(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You load one batch at a time, whatever workers says."""
        return self.told(right, longest_path([t_load, t_transfer, t_compute], 1), prefetch)

    @mistake
    def everything_loaded_at_once(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You let all batches load at the same moment. A worker has one batch in hand at a time."""
        path = longest_path([t_load, t_transfer, t_compute], len(t_load))
        return self.told(right, path, prefetch)

    @mistake
    def faster_loads(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You divide each load by the number of workers. A batch is loaded by one worker, which
        takes as long as ever: the others load other batches."""
        quicker = (np.array(t_load) / workers).tolist()
        return self.told(right, longest_path([quicker, t_transfer, t_compute], 1), prefetch)

    @mistake
    def link_carries_any_number(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your link takes a batch as soon as it is loaded, also while another one is on it. It
        carries one at a time."""
        loaded = ready_times(t_load, workers)
        done = 0.0
        for ready, transfer, compute in zip(loaded, t_transfer, t_compute, strict=True):
            done = max(ready + transfer, done) + compute
        return self.told(right, done, prefetch)

    @mistake
    def link_for_each_worker(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Yours gives each worker a link of its own. There is one link, and it carries the batches
        of all workers, one at a time."""
        ready, sent, done = ready_times(t_load, workers), [0.0] * workers, 0.0
        for i, (transfer, compute) in enumerate(zip(t_transfer, t_compute, strict=True)):
            sent[i % workers] = max(ready[i], sent[i % workers]) + transfer
            done = max(sent[i % workers], done) + compute
        return self.told(right, done, prefetch)

    @mistake
    def device_computes_any_number(self, right, t_load, t_transfer, t_compute, prefetch,
                                   workers=1):  # fmt: skip
        """Your device begins a batch as soon as it has come, also while it computes another one. It
        computes one at a time."""
        sent = 0.0
        for ready, transfer in zip(ready_times(t_load, workers), t_transfer, strict=True):
            sent = max(ready, sent) + transfer
        return self.told(right, sent + t_compute[-1], prefetch)

    @mistake
    def last_batch_not_computed(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your clock stops before the last batch is computed, as when it ends with the link. The
        run ends with the computation of the last batch."""
        return self.told(right, longest_path([t_load, t_transfer], workers), prefetch)

    @mistake
    def device_never_waits(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your device computes from the start on, without waiting for a batch, and your clock stops
        when link and device have ended. A batch is computed when it has left the link and the one
        before is done."""
        sent = longest_path([t_load, t_transfer], workers)
        return self.told(right, max(sent, sum(t_compute)), prefetch)

    @mistake
    def workers_share_without_prefetch(self, right, t_load, t_transfer, t_compute, prefetch,
                                       workers=1):  # fmt: skip
        """Without prefetch more workers change nothing in the model here: one batch is loaded, sent
        and computed before the next is begun."""
        if not prefetch and workers > 1:
            return {"seconds": sum(t_load) / workers + sum(t_transfer) + sum(t_compute)}

    @mistake
    def workers_load_apart_without_prefetch(self, right, t_load, t_transfer, t_compute, prefetch,
                                            workers=1):  # fmt: skip
        """Without prefetch your workers load side by side. In the model here more workers change
        nothing then: one batch is loaded, sent and computed before the next is begun."""
        if not prefetch and workers > 1:
            loads = max(ready_times(t_load, workers))
            return {"seconds": loads + sum(t_transfer) + sum(t_compute)}

    @mistake
    def device_waits_for_the_link(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your device does nothing while a batch is on the link. Link and device are two things:
        batch 2 travels while batch 1 is computed."""
        both = np.add(t_transfer, t_compute).tolist()
        return self.told(right, longest_path([t_load, both], workers), prefetch)

    @mistake
    def loader_waits_for_the_link(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You treat loading and transfer as one step. A loader goes on while its batch travels."""
        both = np.add(t_load, t_transfer).tolist()
        return self.told(right, longest_path([both, t_compute], workers), prefetch)

    @mistake
    def one_loader_waits_for_the_link(self, right, t_load, t_transfer, t_compute, prefetch,
                                      workers=1):  # fmt: skip
        """With one worker the next batch is loaded only when the link has sent the one before. A
        loader goes on while its batch travels, alone or not."""
        if workers == 1:
            return self.loader_waits_for_the_link(right, t_load, t_transfer, t_compute, prefetch)

    @mistake
    def one_loader_keeps_its_batch(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """With one worker the loader keeps its batch until the link takes it, and begins the next
        one then. Any number of batches may wait between them: it goes on at once."""
        if workers == 1:
            return self.loader_keeps_its_batch(right, t_load, t_transfer, t_compute, prefetch)

    def filled(self, right, stages, prefetch, workers, first=lambda stage: stage[0]):
        """The first batch all the way, then as many times the slowest of the stages' means."""
        n, means = len(stages[0]), np.mean(stages, axis=1) / [workers, 1, 1]
        passed = sum(first(stage) for stage in stages)
        return self.told(right, passed + (n - 1) * means.max(), prefetch)

    @mistake
    def formula_of_equal_batches(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You let the first batch through and then count the slowest stage's mean for each of the
        others. That holds where all batches are alike; here each has times of its own."""
        return self.filled(right, (t_load, t_transfer, t_compute), prefetch, workers)

    @mistake
    def formula_without_workers(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You let the first batch through and then count the slowest stage's mean for each of the
        others, as though one worker loaded. Each batch has times of its own, and workers load side
        by side."""
        return self.filled(right, (t_load, t_transfer, t_compute), prefetch, 1)

    @mistake
    def formula_of_means(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """You reckon as though each batch took the mean times: one passes all stages, and the
        others follow at the pace of the slowest stage. Here each has times of its own: follow them
        from stage to stage."""
        return self.filled(right, (t_load, t_transfer, t_compute), prefetch, workers, np.mean)

    @mistake
    def formula_of_means_without_workers(self, right, t_load, t_transfer, t_compute, prefetch,
                                         workers=1):  # fmt: skip
        """You reckon as though each batch took the mean times and one worker loaded: one passes all
        stages, and the others follow at the pace of the slowest. Here each has times of its own,
        and workers load side by side."""
        return self.filled(right, (t_load, t_transfer, t_compute), prefetch, 1, np.mean)

    @mistake
    def busiest_stage_and_first_batch(self, right, t_load, t_transfer, t_compute, prefetch,
                                      workers=1):  # fmt: skip
        """You take the busiest stage's time, and the first batch's in the others. That holds where
        all batches are alike; here each has times of its own, and another may be waited for."""
        stages = t_load, t_transfer, t_compute
        busy = max(stages, key=sum)
        others = sum(stage[0] for stage in stages if stage is not busy)
        return self.told(right, sum(busy) + others, prefetch)

    @mistake
    def in_step(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Yours goes in step: all stages begin together, and the next step waits for the slowest.
        Each goes on as soon as it can, without waiting for the others."""
        steps = [0.0] * (len(t_load) + 2)
        for late, stage in enumerate((t_load, t_transfer, t_compute)):
            for i, seconds in enumerate(stage):
                steps[i + late] = max(steps[i + late], seconds)
        return self.told(right, sum(steps), prefetch)

    @mistake
    def next_free_worker(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours the worker that is free first takes the next batch. They take turns here: batch
        i belongs to worker i mod workers, also when another one is idle."""
        free, loaded = [0.0] * workers, []
        for load in t_load:
            loaded.append(heapq.heappop(free) + load)
            heapq.heappush(free, loaded[-1])
        return self.told(right, after_loading(loaded, t_transfer, t_compute), prefetch)

    @mistake
    def loader_keeps_its_batch(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours a loader keeps its batch until the link takes it, and begins the next one then.
        Any number of batches may wait between them: it goes on at once."""
        free, link, device = [0.0] * workers, 0.0, 0.0
        for i, load in enumerate(t_load):
            start = max(link, free[i % workers] + load)
            free[i % workers] = start
            link = start + t_transfer[i]
            device = max(device, link) + t_compute[i]
        return self.told(right, device, prefetch)

    @mistake
    def loader_waits_for_the_device(self, right, t_load, t_transfer, t_compute, prefetch,
                                    workers=1):  # fmt: skip
        """In yours a batch is loaded only when the one before the last has been computed. Any
        number of batches may wait: a loader goes on as soon as it has loaded one."""
        free, link, done = [0.0] * workers, 0.0, [0.0, 0.0]
        for i, load in enumerate(t_load):
            free[i % workers] = max(free[i % workers], done[-2]) + load
            link = max(link, free[i % workers]) + t_transfer[i]
            done.append(max(link, done[-1]) + t_compute[i])
        return self.told(right, done[-1], prefetch)

    @mistake
    def link_takes_the_first_ready(self, right, t_load, t_transfer, t_compute, prefetch,
                                   workers=1):  # fmt: skip
        """Your link takes the batch that is ready first. It takes them in order: one that is loaded
        early waits until those before it have gone."""
        ready = ready_times(t_load, workers)
        order = sorted(range(len(ready)), key=ready.__getitem__)
        stages = ([stage[i] for i in order] for stage in (ready, t_transfer, t_compute))
        return self.told(right, after_loading(*stages), prefetch)

    @mistake
    def workers_in_rounds(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours the workers begin together, and each round waits for the slowest of the last.
        A worker goes on as soon as it has loaded its own batch."""
        loaded, begin = [], 0.0
        for i in range(0, len(t_load), workers):
            loaded += [begin + load for load in t_load[i : i + workers]]
            begin = max(loaded[i:])
        return self.told(right, after_loading(loaded, t_transfer, t_compute), prefetch)

    @mistake
    def blocks_of_batches(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours each worker loads a block of neighbouring batches. They take turns: batch i
        belongs to worker i mod workers."""
        blocks = np.array_split(np.array(t_load), workers)
        loaded = np.concatenate([np.cumsum(block) for block in blocks]).tolist()
        return self.told(right, after_loading(loaded, t_transfer, t_compute), prefetch)

    @mistake
    def no_room_between(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours a stage keeps its batch until the next one takes it. Any number of batches may
        wait between them: loader and link go on at once."""
        free, link, device = [0.0] * workers, 0.0, 0.0
        for i, load in enumerate(t_load):
            free[i % workers] = max(link, free[i % workers] + load)
            link = max(free[i % workers] + t_transfer[i], device)
            device = link + t_compute[i]
        return self.told(right, device, prefetch)

    @mistake
    def workers_must_divide(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your code needs a number of batches that the workers divide. Any number may come: then
        some workers load one batch more than others."""
        if prefetch and len(t_load) % workers:
            return {"seconds": raises("ValueError", "reshape")}

    @mistake
    def more_workers_than_batches(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """Your code stops where there are more workers than batches. Some workers have nothing to
        do then."""
        if prefetch and workers > len(t_load):
            return {"seconds": raises("IndexError", "out of range")}

    @mistake
    def nothing_waits(self, right, t_load, t_transfer, t_compute, prefetch, workers=1):
        """In yours a batch never waits for link and device, though the one before may still be
        there. It begins when both it and the stage are ready."""
        total = sum(t_load) + t_transfer[-1] + t_compute[-1]
        return self.told(right, total, prefetch)


def ready_times(t_load, workers: int) -> list[float]:
    """When each batch is loaded; a worker takes every workers-th."""
    ready: list[float] = []
    for i, load in enumerate(t_load):
        ready.append(load + (ready[i - workers] if i >= workers else 0.0))
    return ready


def after_loading(loaded, t_transfer, t_compute) -> float:
    """When the last batch is computed, from when each is loaded."""
    link = device = 0.0
    for ready, transfer, compute in zip(loaded, t_transfer, t_compute, strict=True):
        link = max(ready, link) + transfer
        device = max(link, device) + compute
    return device


def longest_path(stages, workers: int) -> float:
    """The time at which the last batch leaves, by the longest path through what waits for what.

    Relaxed over the whole graph until nothing changes, rather than batch by batch.
    """
    times = torch.tensor(stages, dtype=torch.float64)
    done = torch.zeros_like(times)
    while True:
        start = torch.zeros_like(times)
        start[1:] = done[:-1]
        start[1:, 1:] = torch.maximum(start[1:, 1:], done[1:, :-1])
        if workers < times.shape[1]:
            start[0, workers:] = done[0, :-workers]
        if torch.equal(start + times, done):
            return float(done[-1, -1])
        done = start + times
