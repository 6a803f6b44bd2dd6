"""Notebook 12: more ways to go wrong with clocks, queues, files and bills."""

import copy
import queue
import statistics
import threading
import time
from pathlib import Path

import numpy as np
import torch
from wrong_code import wrong


@wrong("peak_flops", "clock_cut_to_whole_gigahertz")
def peak_flops(units, ghz, flops_per_clock=2):
    return units * int(ghz) * 10**9 * flops_per_clock


@wrong("gflops_per_dollar", "cut_to_whole_numbers")
def gflops_per_dollar(flops, price):
    return flops / 1e9 // price


@wrong("training_cost", "electricity_first")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    hardware = gpus * price * days / life_days
    return gpus * watts / 1000 * 24 * days * kwh_price, hardware


@wrong("training_cost", "unread:kwh_price")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return gpus * price * days / life_days, gpus * watts / 1000 * 24 * days * 0.15


def stopwatch(clock, middle=statistics.median):
    def benchmark(fn, sync, repeats):
        for _ in range(3):
            fn()
        seconds = []
        for _ in range(repeats):
            sync()
            start = clock()
            fn()
            sync()
            seconds.append(clock() - start)
        return middle(seconds)

    return benchmark


wrong("benchmark", "lower_middle")(
    stopwatch(lambda: time.perf_counter(), lambda s: sorted(s)[(len(s) - 1) // 2])
)
wrong("benchmark", "processor_time")(stopwatch(lambda: time.process_time()))


@wrong("pipeline_time", "next_free_worker")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    free, link, device = [0.0] * workers, 0.0, 0.0
    for load, transfer, compute in zip(t_load, t_transfer, t_compute, strict=True):
        worker = free.index(min(free))
        free[worker] += load
        link = max(link, free[worker]) + transfer
        device = max(device, link) + compute
    return device


@wrong("pipeline_time", "in_step")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    if not prefetch:
        return sum(t_load) + sum(t_transfer) + sum(t_compute)
    n, total = len(t_load), 0.0
    for k in range(n + 2):
        busy = [t_load[k]] if k < n else []
        busy += [t_transfer[k - 1]] if 0 < k <= n else []
        busy += [t_compute[k - 2]] if k >= 2 else []
        total += max(busy)
    return total


def loader(change):
    """A loader with a thread, as short as it can be, and one thing wrong."""

    class PrefetchLoader:
        def __init__(self, loader, device, ahead=2):
            self.loader, self.device, self.ahead = loader, device, ahead

        def __len__(self):
            return self.ahead if change == "length" else len(self.loader)

        def move(self, batch):
            if self.device.type == "cuda" or change == "pins":
                batch = [t.pin_memory() for t in batch]
            moved = [t.to(self.device, non_blocking=True) for t in batch]
            return moved if change == "lists" else tuple(moved)

        def __iter__(self):
            waiting, stop = queue.Queue(self.ahead), threading.Event()

            def put(item):
                while not stop.is_set():
                    try:
                        return waiting.put(item, timeout=0.01)
                    except queue.Full:
                        pass

            def work():
                try:
                    for batch in self.loader:
                        put(batch if change == "late" else self.move(batch))
                        if stop.is_set():
                            return
                    put(None)
                except OSError as problem:
                    put(problem)

            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while (item := waiting.get()) is not None:
                    if isinstance(item, OSError):
                        raise item
                    yield self.move(item) if change == "late" else item
            finally:
                stop.set()
                thread.join()

    return PrefetchLoader


for change, name in {
    "length": "length_is_ahead",
    "lists": "lists_for_tuples",
    "late": "sent_when_asked_for",
}.items():
    wrong("PrefetchLoader", name)(loader(change))


def reckoning(change):
    """The bytes of a step by hooks, with one thing wrong."""

    def activation_memory(model, input_shape, dtype, optimizer):
        trial = copy.deepcopy(model).train()
        outputs = [torch.zeros(input_shape)]
        for module in trial.modules():
            if change in ("containers", "all") or not list(module.children()):
                module.register_forward_hook(lambda m, a, out: outputs.append(out))
        if change == "hooks":
            next(model.children()).register_forward_hook(lambda m, a, out: None)
        trial(outputs[0])
        size = torch.empty((), dtype=dtype).element_size()
        own = {out.untyped_storage().data_ptr(): out.numel() for out in outputs}
        numbers = sum(o.numel() for o in outputs) if change == "all" else sum(own.values())
        states = {"sgd": 1 if change == "sgd" else 0, "momentum": 1, "adam": 2}
        states["adam"] += change == "adam"
        trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
        gradients = numbers - (outputs[0].numel() if change == "input" else 0)
        return {
            "activations": size * numbers,
            "activation_gradients": size * gradients,
            "parameters": size * sum(p.numel() for p in model.parameters()),
            "parameter_gradients": size * trained,
            "optimizer": size * trained * states[optimizer],
        }

    return activation_memory


for change, name in {
    "hooks": "hooks_left",
    "all": "all_modules_counted",
    "sgd": "sgd_keeps_a_number",
    "adam": "three_for_adam",
    "input": "no_gradient_for_the_input",
}.items():
    wrong("activation_memory", name)(reckoning(change))


@wrong("PackedDataset", "all_packed_at_once")
def pack_dataset(images, path):
    np.save(path, np.stack([images[i] for i in range(len(images))]))


@wrong("PackedDataset", "as_doubles")
def pack_dataset(images, path):
    first = images[0]
    out = np.lib.format.open_memmap(path, "w+", np.float64, (len(images), *first.shape))
    out[0] = first
    for i in range(1, len(images)):
        out[i] = images[i]
    out.flush()


@wrong("PackedDataset", "another_path")
def pack_dataset(images, path):
    np.save(f"{path}.npy", np.stack([images[i] for i in range(len(images))]))


@wrong("PackedDataset", "no_header")
def pack_dataset(images, path):
    with Path(path).open("wb") as file:
        for i in range(len(images)):
            file.write(images[i].tobytes())


@wrong("PackedDataset", "whole_file_each_time")
class PackedDataset:
    def __init__(self, path):
        self.path = path
        self.length = len(np.load(path, mmap_mode="r"))

    def __len__(self):
        return self.length

    def __getitem__(self, i):
        return np.load(self.path)[i].copy()
