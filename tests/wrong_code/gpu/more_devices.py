"""Notebook 12: more stopwatches, pipelines and reckonings as people write them wrong."""

import copy
import statistics
import time

import numpy as np
import torch
from wrong_code import wrong


@wrong("peak_flops", "doubled_but_for_two")
def peak_flops(units, ghz, flops_per_clock=2):
    each = flops_per_clock if flops_per_clock == 2 else 2 * flops_per_clock
    return units * ghz * 1e9 * each


@wrong("gflops_per_dollar", "times_the_price")
def gflops_per_dollar(flops, price):
    return flops / 1e9 * price


def cost(share=None, hours=24, watt=True):
    """training_cost with another share, hours a day, or without what a card draws."""

    def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
        part = share(days, life_days) if share else days / life_days
        kilowatts = gpus * (watts if watt else 1) / 1000
        return gpus * price * part, kilowatts * hours * days * kwh_price

    return training_cost


wrong("training_cost", "whole_lives_only")(cost(lambda days, life: days // life))
wrong("training_cost", "life_left_out")(cost(lambda days, life: days))
wrong("training_cost", "working_hours")(cost(hours=8))
wrong("training_cost", "watts_left_out")(cost(watt=False))


def stopwatch(warm=3, missing=0, take=statistics.median, late=False, all_timed=False):
    """benchmark with another warm-up, one call missing, another middle, or a late start."""

    def benchmark(fn, sync, repeats):
        times = []
        for i in range(warm + repeats - missing):
            sync()
            start = time.perf_counter()
            fn()
            if late:
                start = time.perf_counter()
            sync()
            if i >= warm or all_timed:
                times.append(time.perf_counter() - start)
        return take(times)

    return benchmark


for calls, name in {2: "two", 4: "four", 5: "five"}.items():
    wrong("benchmark", f"{name}_calls_to_warm_up")(stopwatch(warm=calls))
wrong("benchmark", "launch_left_out")(stopwatch(late=True))
wrong("benchmark", "warm_up_timed_too")(stopwatch(all_timed=True))
wrong("benchmark", "not_sorted")(stopwatch(take=lambda times: times[len(times) // 2]))
wrong("benchmark", "pair_not_sorted")(
    stopwatch(take=lambda times: (times[len(times) // 2] + times[(len(times) - 1) // 2]) / 2)
)
wrong("benchmark", "last_repeat")(stopwatch(take=lambda times: times[-1]))
wrong("benchmark", "one_repeat_missing")(
    stopwatch(missing=1, take=lambda times: statistics.median(times or [0.0]))
)


@wrong("benchmark", "one_start_for_all")
def benchmark(fn, sync, repeats):
    for _ in range(3):
        fn()
    sync()
    start, times = time.perf_counter(), []
    for _ in range(repeats):
        fn()
        sync()
        times.append(time.perf_counter() - start)
    return np.median(times)


def epoch(loads, order=False, keeps=False):
    """pipeline_time with another way of loading, of taking turns, or without room between."""

    def pipeline_time(t_load, t_transfer, t_compute, prefetch, workers=1):
        if not prefetch:
            return sum(t_load) + sum(t_transfer) + sum(t_compute)
        ready = loads(t_load, workers)
        batches = sorted(range(len(ready)), key=lambda i: ready[i] if order else i)
        free, sent, done = [0.0] * workers, 0.0, 0.0
        for i in batches:
            if keeps:
                free[i % workers] = max(free[i % workers] + t_load[i], sent)
                sent = max(free[i % workers] + t_transfer[i], done)
                done = sent + t_compute[i]
            else:
                sent = max(sent, ready[i]) + t_transfer[i]
                done = max(sent, done) + t_compute[i]
        return done

    return pipeline_time


def in_turn(t_load, workers):
    return [sum(t_load[i % workers : i + 1 : workers]) for i in range(len(t_load))]


def in_rounds(t_load, workers):
    ready, begin = [], 0.0
    for i in range(0, len(t_load), workers):
        ready += [begin + load for load in t_load[i : i + workers]]
        begin = max(ready[i:])
    return ready


def in_blocks(t_load, workers):
    return np.concatenate([np.cumsum(part) for part in np.array_split(t_load, workers)]).tolist()


def in_columns(t_load, workers):
    return np.array(t_load).reshape(-1, workers).cumsum(0).ravel()


def from_the_first(t_load, workers):
    ready = [t_load[w] for w in range(workers)]
    for i in range(workers, len(t_load)):
        ready.append(ready[i - workers] + t_load[i])
    return ready


wrong("pipeline_time", "link_takes_the_first_ready")(epoch(in_turn, order=True))
wrong("pipeline_time", "workers_in_rounds")(epoch(in_rounds))
wrong("pipeline_time", "blocks_of_batches")(epoch(in_blocks))
wrong("pipeline_time", "no_room_between")(epoch(in_turn, keeps=True))
wrong("pipeline_time", "workers_must_divide")(epoch(in_columns))
wrong("pipeline_time", "more_workers_than_batches")(epoch(from_the_first))


def memory(change):
    """A reckoning that is right but for `change`."""

    def activation_memory(model, input_shape, dtype, optimizer):
        if change == "convert":
            model.to(dtype)
        trial = copy.deepcopy(model).float().train()
        x = torch.zeros(input_shape)
        seen, kept = {"the input": x.numel()}, []
        if change != "input":
            seen = {x.untyped_storage().data_ptr(): x.numel()}

        def look(module, args, out):
            if change != "keep":
                kept.append(out)
            address = out.data_ptr() if change == "part" else out.untyped_storage().data_ptr()
            if address not in seen:
                seen[address] = out.numel()

        if change in ("children", "blocks", "no blocks"):
            leaves = list(trial.children()) or [trial] * (change != "children")
            leaves = [m for m in leaves if change != "no blocks" or not list(m.children())]
        else:
            leaves = [m for m in trial.modules() if change == "all" or not list(m.children())]
        for module in leaves:
            module.register_forward_hook(look)
        with torch.no_grad():
            trial(x)
        size = torch.empty((), dtype=dtype).element_size()
        parameters = list(model.parameters())
        if change == "twice":
            parts = list(model) if isinstance(model, torch.nn.Sequential) else [model]
            parameters = [p for part in parts for p in part.parameters()]
        if change == "tied":
            parameters = [p for m in model.modules() for p in m._parameters.values()]
        every = sum(p.numel() for p in parameters)
        if change == "tied in all":
            every = sum(p.numel() for m in model.modules() for p in m.parameters(recurse=False))
        if change == "buffers":
            every = sum(value.numel() for value in model.state_dict().values())
        trained = sum(p.numel() for p in parameters if p.requires_grad)
        numbers = sum(seen.values()) * (4 if change == "activations" else size)
        wide = 4 if change == "parameters" else size
        states = {"sgd": 0, "momentum": 1, "adam": 2}[optimizer]
        return {
            "activations": float(numbers) if change == "float" else numbers,
            "activation_gradients": numbers,
            "parameters": wide * every,
            "parameter_gradients": wide * (every if change == "frozen" else trained),
            "optimizer": states * (4 if change == "state" else wide) * trained,
        }

    return activation_memory


for change, name in {
    "convert": "model_converted",
    "keep": "freed_memory_again",
    "part": "parts_counted",
    "children": "children_alone",
    "blocks": "within_blocks",
    "no blocks": "blocks_left_out",
    "all": "new_outputs_of_containers",
    "twice": "shared_parameters_twice",
    "tied": "tied_weights_twice",
    "tied in all": "tied_weights_twice_in_all",
    "input": "input_counted_twice",
    "buffers": "buffers_counted",
    "activations": "activations_in_float32",
    "parameters": "parameters_in_float32",
    "state": "state_in_float32",
    "float": "not_ints",
    "frozen": "frozen_gradients",
}.items():
    wrong("activation_memory", name)(memory(change))


def dataset(change):
    class PackedDataset:
        def __init__(self, path):
            self.path = path
            self.pictures = np.load(path, mmap_mode="c" if change == "changes" else "r")

        def __len__(self):
            return len(self.pictures)

        def __getitem__(self, i):
            if change == "error" and i >= len(self):
                raise ValueError(i)
            return self.pictures[i] if change == "changes" else self.pictures[i].copy()

        def __getstate__(self):
            return {"path": self.path}

        def __setstate__(self, state):
            self.__init__(state["path"])

    return PackedDataset


wrong("PackedDataset", "changes_stay")(dataset("changes"))
wrong("PackedDataset", "another_error_past_the_end")(dataset("error"))


wrong("benchmark", "mean")(stopwatch(take=np.mean))
