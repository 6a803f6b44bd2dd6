"""Notebook 12: stopwatches, pipelines, loaders and reckonings as people really write them wrong."""

import copy
import queue
import threading
import time

import numpy as np
import torch
from wrong_code import wrong


@wrong("peak_flops", "in_gflops")
def peak_flops(units, ghz, flops_per_clock=2):
    return units * ghz * flops_per_clock


@wrong("peak_flops", "fma_twice")
def peak_flops(units, ghz, flops_per_clock=2):
    return 2 * units * ghz * 1e9 * flops_per_clock


@wrong("gflops_per_dollar", "not_in_giga")
def gflops_per_dollar(flops, price):
    return flops / price


@wrong("gflops_per_dollar", "upside_down")
def gflops_per_dollar(flops, price):
    return price / (flops / 1e9)


@wrong("training_cost", "whole_cards")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return gpus * price, gpus * watts / 1000 * 24 * days * kwh_price


@wrong("training_cost", "watts_taken_for_kilowatts")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return gpus * price * days / life_days, gpus * watts * 24 * days * kwh_price


@wrong("benchmark", "launch_alone")
def benchmark(fn, sync, repeats):
    for _ in range(3):
        fn()
    times = []
    for _ in range(repeats):
        sync()
        start = time.perf_counter()
        fn()
        times.append(time.perf_counter() - start)
    sync()
    return np.median(times)


@wrong("benchmark", "queue_counted")
def benchmark(fn, sync, repeats):
    for _ in range(3):
        fn()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        fn()
        sync()
        times.append(time.perf_counter() - start)
    return np.median(times)


@wrong("benchmark", "mean_of_all_at_once")
def benchmark(fn, sync, repeats):
    for _ in range(3):
        fn()
    sync()
    start = time.perf_counter()
    for _ in range(repeats):
        fn()
    sync()
    return (time.perf_counter() - start) / repeats


@wrong("pipeline_time", "pipeline_never_fills")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    return max(sum(t_load), sum(t_transfer), sum(t_compute))


@wrong("pipeline_time", "faster_loads")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    loaded = sent = computed = 0.0
    for a, b, c in zip(t_load, t_transfer, t_compute, strict=True):
        loaded += a / workers
        sent = max(loaded, sent) + b
        computed = max(sent, computed) + c
    return computed


def loader(change):
    """A loader written in the usual way, with one thing wrong."""

    class PrefetchLoader:
        def __init__(self, loader, device, ahead=2):
            self.loader, self.device = loader, device
            self.ahead = 0 if change == "unbounded" else ahead

        def __len__(self):
            return len(self.loader)

        def move(self, tensor):
            if self.device.type == "cuda" and change != "pageable":
                tensor = tensor.pin_memory()
            return tensor.to(self.device, non_blocking=change != "blocking")

        def __iter__(self):
            if change == "no thread":
                for batch in self.loader:
                    yield tuple(self.move(t) for t in batch)
                return
            waiting, stop = queue.Queue(self.ahead), threading.Event()

            def put(item):
                while change == "never stops" or not stop.is_set():
                    try:
                        return waiting.put(item, timeout=0.01)
                    except queue.Full:
                        pass

            def work():
                error = None
                try:
                    for batch in self.loader:
                        put((tuple(self.move(t) for t in batch), None))
                        if stop.is_set() and change != "never stops":
                            return
                except Exception as problem:
                    error = None if change == "swallows" else problem
                    if change == "dies":
                        raise
                if change != "no end" or error:
                    put((None, error))

            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while True:
                    batch, error = waiting.get()
                    if error is not None:
                        raise error
                    if batch is None:
                        return
                    yield batch
            finally:
                stop.set()
                if change != "never stops":
                    thread.join()

    return PrefetchLoader


for change, name in {
    "swallows": "error_swallowed",
    "dies": "error_hangs",
    "no end": "end_not_told",
    "never stops": "thread_left_behind",
    "no thread": "no_thread",
    "unbounded": "reads_without_end",
    "pageable": "from_pageable_memory",
    "blocking": "waits_for_the_copy",
}.items():
    wrong("PrefetchLoader", name)(loader(change))


def memory(change):
    """A reckoning by hooks, with one thing wrong."""

    def activation_memory(model, input_shape, dtype, optimizer):
        trial = model if change == "no copy" else copy.deepcopy(model)
        if change != "evaluation":
            trial.train()
        x, outputs = torch.zeros(input_shape), []
        hooks = [
            m.register_forward_hook(lambda m, a, out: outputs.append(out))
            for m in trial.modules()
            if not list(m.children())
        ]
        trial(x)
        for hook in hooks:
            hook.remove()
        if change == "no copy":  # which puts back neither each module's mode nor the statistics
            trial.eval()
        if change != "no input":
            outputs.insert(0, x)
        own = {}
        for out in outputs:
            own.setdefault(out.untyped_storage().data_ptr(), out.numel())
        numbers = sum(o.numel() for o in outputs) if change == "all" else sum(own.values())
        size = 4 if change == "float32" else torch.empty((), dtype=dtype).element_size()
        trained = size * sum(p.numel() for p in model.parameters() if p.requires_grad)
        states = {"sgd": 0, "momentum": 1, "adam": 1 if change == "adam" else 2}
        return {
            "activations": size * numbers,
            "activation_gradients": size * numbers,
            "parameters": size * sum(p.numel() for p in model.parameters()),
            "parameter_gradients": trained,
            "optimizer": states[optimizer] * (
                size * sum(p.numel() for p in model.parameters()) if change == "frozen" else trained
            ),
        }

    return activation_memory


for change, name in {
    "evaluation": "evaluation_mode",
    "no copy": "mode_changed",
    "no input": "input_forgotten",
    "all": "every_output_counted",
    "float32": "always_float32",
    "adam": "one_moment_for_adam",
    "frozen": "optimizer_keeps_frozen_ones",
}.items():
    wrong("activation_memory", name)(memory(change))


def dataset(change):
    """A map of a file, with one thing wrong."""

    class PackedDataset:
        def __init__(self, path):
            mode = None if change in ("memory", "read", "at first") else "r"
            self.path, self.pictures = path, np.load(path, mmap_mode=mode)

        def __len__(self):
            return len(self.pictures)

        def __getitem__(self, i):
            if change in ("late", "no end"):
                if i > len(self) and change == "late":
                    raise IndexError(i)
                i %= len(self)
            return self.pictures[i] if change == "view" else self.pictures[i].copy()

        def __getstate__(self):
            return vars(self) if change in ("pickled", "memory") else {"path": self.path}

        def __setstate__(self, state):
            vars(self).update(state)
            if "pictures" not in state:
                mode = None if change in ("read", "worker") else "r"
                self.pictures = np.load(self.path, mmap_mode=mode)

    return PackedDataset


for change, name in {
    "memory": "all_in_memory",
    "read": "read_when_opened",
    "worker": "read_in_the_worker",
    "at first": "read_but_in_the_worker",
    "no end": "no_end",
    "late": "ends_too_late",
    "view": "views_of_the_file",
    "pickled": "map_is_pickled",
}.items():
    wrong("PackedDataset", name)(dataset(change))


@wrong("PackedDataset", "first_picture_blank")
def pack_dataset(images, path):
    out = np.lib.format.open_memmap(path, "w+", np.uint8, (len(images), *images[0].shape))
    for i in range(1, len(images)):
        out[i] = images[i]
    out.flush()


@wrong("benchmark", "queue_counted_in_the_mean")
def benchmark(fn, sync, repeats):
    for _ in range(3):
        fn()
    start = time.perf_counter()
    for _ in range(repeats):
        fn()
    sync()
    return (time.perf_counter() - start) / repeats


@wrong("benchmark", "repeats_taken_to_warm_up")
def benchmark(fn, sync, repeats):
    taken = []
    for _ in range(repeats):
        sync()
        start = time.perf_counter()
        fn()
        sync()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken[3:] or taken))


@wrong("benchmark", "one_call_to_warm_up")
def benchmark(fn, sync, repeats):
    fn()
    taken = []
    for _ in range(repeats):
        sync()
        start = time.perf_counter()
        fn()
        sync()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def pipeline(link=True, device=True, end=True, shared=False):
    """pipeline_time by three clocks; what does not wait, is not computed or is shared is wrong."""

    def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
        if not prefetch:
            loads = sum(t_load) / (workers if shared else 1)
            return loads + sum(t_transfer) + sum(t_compute)
        ready, sent, done = [0.0] * workers, 0.0, 0.0
        for i, (load, transfer, compute) in enumerate(
            zip(t_load, t_transfer, t_compute, strict=True)
        ):
            ready[i % workers] += load
            sent = (max(ready[i % workers], sent) if link else ready[i % workers]) + transfer
            done = (max(sent, done) if device else sent) + compute
        return done if end else sent

    return pipeline_time


wrong("pipeline_time", "link_carries_any_number")(pipeline(link=False))
wrong("pipeline_time", "device_computes_any_number")(pipeline(device=False))


@wrong("pipeline_time", "link_for_each_worker")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    load, link, device = [0.0] * workers, [0.0] * workers, 0.0
    for i in range(len(t_load)):
        at = i % workers
        load[at] += t_load[i]
        link[at] = max(load[at], link[at]) + t_transfer[i]
        device = max(device, link[at]) + t_compute[i]
    return device


wrong("pipeline_time", "last_batch_not_computed")(pipeline(end=False))
wrong("pipeline_time", "workers_share_without_prefetch")(pipeline(shared=True))
