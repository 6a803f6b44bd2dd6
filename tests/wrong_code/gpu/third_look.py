"""Notebook 12: roofs made of other runs, what nobody waits for, and ends one too early."""

import collections
import itertools
import statistics
import time

import numpy as np
from wrong_code import wrong
from wrong_code.gpu.loaders import Loader
from wrong_code.gpu.measured import roof


@wrong("roofline", "largest_product")
def roofline(products, copies, kernels):
    return roof()([max(products)], copies, kernels)


@wrong("roofline", "kernels_raise_the_roof")
def roofline(products, copies, kernels):
    drawn = [(done, seconds) for done, _, seconds in kernels.values()]
    carried = [(moved, seconds) for _, moved, seconds in kernels.values()]
    return roof()(products + drawn, copies + carried, kernels)


@wrong("pipeline_time", "device_never_waits")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(map(sum, (t_load, t_transfer, t_compute)))
    busy, sent = [0.0] * workers, 0.0
    for number, (load, transfer) in enumerate(zip(t_load, t_transfer, strict=True)):
        busy[number % workers] += load
        sent = max(busy[number % workers], sent) + transfer
    return max(sent, sum(t_compute))


@wrong("find_bottleneck", "waits_after_the_last_stage_only_and_first")
def find_bottleneck(stages, sync, batches):
    seconds = {name: [] for name, _ in stages}
    last = stages[-1][0]
    for batch in batches:
        for name, function in stages:
            begin = time.perf_counter()
            batch = function(batch)
            if name == last:
                sync()
            seconds[name].append(time.perf_counter() - begin)
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    second, most = sorted(middle, key=middle.get)[-2:]
    return most, middle[most] / middle[second]


@wrong("training_cost", "days_for_hours_and_watts")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return gpus * price * days / life_days, gpus * watts * days * kwh_price


@wrong("PrefetchLoader", "length_with_those_that_wait")
class PrefetchLoader(Loader):
    def __len__(self):
        return self.ahead + len(self.loader)


@wrong("PrefetchLoader", "ahead_without_a_thread")
class PrefetchLoader(Loader):
    def __iter__(self):
        batches, ready = map(self.send, self.loader), collections.deque()
        ready.extend(itertools.islice(batches, self.ahead))
        while ready:
            yield ready.popleft()
            ready.extend(itertools.islice(batches, 1))


@wrong("PackedDataset", "last_one_refused")
class PackedDataset:
    def __init__(self, path):
        self.path, self.pictures = path, np.load(path, mmap_mode="r")

    def __getstate__(self):
        return self.path

    def __setstate__(self, path):
        self.__init__(path)

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, number):
        if number + 1 >= len(self):
            raise IndexError(f"no picture {number}")
        return np.array(self.pictures[number])
