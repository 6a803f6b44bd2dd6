"""Notebook 12: what holds for equal batches, whole days and one worker only, and the wrong three
calls left out."""

import copy
import math
import os
import statistics
import time

import numpy as np
import torch
from wrong_code import wrong
from wrong_code.gpu.devices import dataset, memory


@wrong("peak_flops", "two_where_one_is_given")
def peak_flops(units, ghz, flops_per_clock=2):
    return units * ghz * 1e9 * max(flops_per_clock, 2)


@wrong("peak_flops", "halved_above_two")
def peak_flops(units, ghz, flops_per_clock=2):
    vectors = flops_per_clock // 2 if flops_per_clock > 2 else flops_per_clock
    return units * ghz * 1e9 * vectors


def one_span(fn, sync):
    sync()
    begun = time.perf_counter()
    fn()
    sync()
    return time.perf_counter() - begun


for identity, chosen in {
    "warm_up_comes_last": lambda spans: spans[: len(spans) - 3],
    "fastest_three_dropped": lambda spans: sorted(spans)[3:],
    "slowest_three_dropped": lambda spans: sorted(spans, reverse=True)[3:],
}.items():

    def benchmark(fn, sync, repeats, chosen=chosen):
        return statistics.median(chosen([one_span(fn, sync) for _ in range(3 + repeats)]))

    wrong("benchmark", identity)(benchmark)


for identity, least in {"waiting_taken_off": -math.inf, "no_time_left": 0.0}.items():

    def benchmark(fn, sync, repeats, least=least):
        for _ in range(3):
            fn()
        begun = time.perf_counter()
        sync()
        cost = time.perf_counter() - begun
        spans = [one_span(fn, sync) for _ in range(repeats)]
        return max(statistics.median(spans) - cost, least)

    wrong("benchmark", identity)(benchmark)


def ready(t_load, workers):
    free, found = [0.0] * workers, []
    for i, load in enumerate(t_load):
        free[i % workers] += load
        found.append(free[i % workers])
    return found


def behind(found, t_transfer, t_compute):
    link = device = 0.0
    for loaded, transfer, compute in zip(found, t_transfer, t_compute, strict=True):
        link = max(link, loaded) + transfer
        device = max(device, link) + compute
    return device


def alone(keeps):
    def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
        if not prefetch:
            return sum(t_load) + sum(t_transfer) + sum(t_compute)
        if workers > 1:
            return behind(ready(t_load, workers), t_transfer, t_compute)
        free = link = device = 0.0
        for load, transfer, compute in zip(t_load, t_transfer, t_compute, strict=True):
            taken = max(free + load, link)
            link = taken + transfer
            free = taken if keeps else link
            device = max(device, link) + compute
        return device

    return pipeline_time


wrong("pipeline_time", "one_loader_waits_for_the_link")(alone(keeps=False))
wrong("pipeline_time", "one_loader_keeps_its_batch")(alone(keeps=True))


@wrong("pipeline_time", "workers_load_apart_without_prefetch")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    loaded = ready(t_load, workers)
    if not prefetch:
        return max(loaded) + sum(t_transfer) + sum(t_compute)
    return behind(loaded, t_transfer, t_compute)


def by_formula(share, first=lambda stage: stage[0]):
    def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
        stages = t_load, t_transfer, t_compute
        if not prefetch:
            return sum(map(sum, stages))
        mean = [statistics.fmean(stage) for stage in stages]
        mean[0] /= workers if share else 1
        return sum(first(stage) for stage in stages) + (len(t_load) - 1) * max(mean)

    return pipeline_time


wrong("pipeline_time", "formula_of_equal_batches")(by_formula(share=True))
wrong("pipeline_time", "formula_without_workers")(by_formula(share=False))
wrong("pipeline_time", "formula_of_means")(by_formula(True, statistics.fmean))
wrong("pipeline_time", "formula_of_means_without_workers")(by_formula(False, statistics.fmean))


@wrong("pipeline_time", "busiest_stage_and_first_batch")
def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
    stages = [t_load, t_transfer, t_compute]
    totals = [sum(stage) for stage in stages]
    if not prefetch:
        return sum(totals)
    slow = totals.index(max(totals))
    return totals[slow] + sum(stage[0] for i, stage in enumerate(stages) if i != slow)


for identity, gflops in {
    "rounded_before_dividing": lambda flops, price: round(flops * 1e-9) / price,
    "cut_before_dividing": lambda flops, price: int(flops / 1e9) / price,
    "rounded_to_two_digits": lambda flops, price: float(f"{flops / 1e9 / price:.2f}"),
}.items():

    def gflops_per_dollar(flops, price, gflops=gflops):
        return gflops(flops, price)

    wrong("gflops_per_dollar", identity)(gflops_per_dollar)


def cost_of(gpus, days, price, watts, kwh_price, life_days):
    return gpus * price * days / life_days, gpus * watts * 24 * days / 1000 * kwh_price


@wrong("training_cost", "electricity_of_one_day")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    hardware, _ = cost_of(gpus, days, price, watts, kwh_price, life_days)
    return hardware, cost_of(gpus, 1, price, watts, kwh_price, life_days)[1]


@wrong("training_cost", "days_rounded_up")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return cost_of(gpus, math.ceil(days), price, watts, kwh_price, life_days)


@wrong("training_cost", "days_rounded_up_for_the_hardware")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    _, electricity = cost_of(gpus, days, price, watts, kwh_price, life_days)
    return cost_of(gpus, math.ceil(days), price, watts, kwh_price, life_days)[0], electricity


@wrong("training_cost", "days_cut")
def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
    return cost_of(gpus, days // 1, price, watts, kwh_price, life_days)


right_memory, right_dataset = memory(None), dataset(None)


@wrong("activation_memory", "half_reckoned_as_single")
def activation_memory(model, input_shape, dtype, optimizer):
    found = right_memory(model, input_shape, torch.float32, optimizer)
    return {name: number // 4 * max(dtype.itemsize, 4) for name, number in found.items()}


@wrong("activation_memory", "tied_gradients_twice")
def activation_memory(model, input_shape, dtype, optimizer):
    found = right_memory(model, input_shape, dtype, optimizer)
    own = [p for module in model.modules() for p in module.parameters(recurse=False)]
    trained = sum(p.numel() for p in own if p.requires_grad)
    found["parameters"] = dtype.itemsize * sum(p.numel() for p in own)
    return found | {"parameter_gradients": dtype.itemsize * trained}


def with_buffers(counts):
    def activation_memory(model, input_shape, dtype, optimizer):
        found = right_memory(model, input_shape, dtype, optimizer)
        numbers = sum(b.numel() for b in model.buffers() if counts or b.ndim)
        found["parameters"] += numbers * dtype.itemsize
        return found

    return activation_memory


wrong("activation_memory", "buffers_among_parameters")(with_buffers(counts=True))
wrong("activation_memory", "statistics_among_parameters")(with_buffers(counts=False))


@wrong("PackedDataset", "header_among_the_pictures")
class PackedDataset(right_dataset):
    def __len__(self):
        return os.stat(self.path).st_size // self.pictures[0].nbytes

    def __setstate__(self, state):
        self.__init__(state["path"])


@wrong("PackedDataset", "nothing_written")
def pack_dataset(images, path):
    first = images[0]
    np.lib.format.open_memmap(path, "w+", first.dtype, (len(images), *first.shape))
    packed = np.load(path, mmap_mode="c")  # what is written stays in memory
    packed[0] = first
    for i in range(1, len(images)):
        packed[i] = images[i]


@wrong("PackedDataset", "nothing_written_but_all_held")
def pack_dataset(images, path):
    first = images[0]
    packed = np.lib.format.open_memmap(path, "w+", first.dtype, (len(images), *first.shape))
    block = [first]
    for i in range(1, len(images)):
        block.append(images[i])
        if len(block) == 256:
            packed[i - 255 : i + 1] = block
            block = []
    packed.flush()


def without_outputs(is_left_out):
    """Leaves out outputs by what their module is or gets, not by what is counted already."""

    def activation_memory(model, input_shape, dtype, optimizer):
        trial = copy.deepcopy(model).train()
        counted, alive = [math.prod(input_shape)], []

        def note(module, inputs, output):
            alive.append((inputs, output))
            if not is_left_out(module, inputs[0], output):
                counted.append(output.numel())

        for module in trial.modules():
            if not list(module.children()):
                module.register_forward_hook(note)
        trial(torch.zeros(input_shape))
        found = right_memory(model, input_shape, dtype, optimizer)
        numbers = sum(counted) * dtype.itemsize
        return found | {"activations": numbers, "activation_gradients": numbers}

    return activation_memory


def begins(tensor):
    return tensor.untyped_storage().data_ptr()


wrong("activation_memory", "own_input_looked_at")(
    without_outputs(lambda module, given, output: begins(given) == begins(output))
)
wrong("activation_memory", "own_input_looked_at")(
    without_outputs(
        lambda module, given, output: getattr(module, "inplace", False)
        or not isinstance(module, torch.nn.ReLU) and begins(given) == begins(output)
    )
)


def all_of(modules):
    """Counts what these modules put out at every call, and nothing else."""

    def activation_memory(model, input_shape, dtype, optimizer):
        trial, counted = copy.deepcopy(model).train(), []
        for module in modules(trial):
            module.register_forward_hook(lambda m, given, out: counted.append(out.numel()))
        trial(torch.zeros(input_shape))
        found = right_memory(model, input_shape, dtype, optimizer)
        numbers = sum(counted) * dtype.itemsize
        return found | {"activations": numbers, "activation_gradients": numbers}

    return activation_memory


wrong("activation_memory", "every_output_and_no_input")(
    all_of(lambda net: [module for module in net.modules() if not list(module.children())])
)
wrong("activation_memory", "all_modules_and_no_input")(all_of(lambda net: list(net.modules())))
