"""Notebook 12: bytes doubled, batches held back or sent again, results rounded, pictures as
ToTensor makes them."""

import itertools
import statistics

import numpy as np
from wrong_code import wrong
from wrong_code.gpu.devices import dataset
from wrong_code.gpu.in_part import cost_of
from wrong_code.gpu.measured import profile, roof


@wrong("roofline", "bytes_counted_twice")
def roofline(products, copies, kernels):
    return roof()(products, [(2 * moved, seconds) for moved, seconds in copies], kernels)


def whole(operations, moved):
    return operations // moved


def with_whole_intensities(**how):
    def roofline(products, copies, kernels):
        peak, bandwidth, report = roof(**how)(products, copies, kernels)
        return peak, bandwidth, {
            name: (whole(*kernels[name][:2]), *row[1:]) for name, row in report.items()
        }  # fmt: skip

    return roofline


wrong("roofline", "intensity_cut_to_whole_numbers")(with_whole_intensities())
wrong("roofline", "intensity_cut_to_whole_numbers", "cut_off_at_one")(
    with_whole_intensities(share=lambda rate, roof: min(1, rate / roof))
)

wrong("find_bottleneck", "gain_in_sequence_and_first_batch")(
    profile(first=0, gain=lambda most, rest: 1 + most / sum(rest))
)
wrong("find_bottleneck", "means_and_gain_over_the_mean")(
    profile(middle=statistics.fmean, gain=lambda most, rest: most / statistics.fmean(rest))
)


@wrong("find_bottleneck", "first_batch_held_back")
def find_bottleneck(stages, sync, batches):
    return profile(first=0)(stages, sync, batches[1:])


@wrong("find_bottleneck", "called_more_often")
def find_bottleneck(stages, sync, batches):
    def three_times(stage):
        return lambda batch: [stage(batch) for _ in itertools.repeat(None, 3)][-1]

    return profile()([(name, three_times(stage)) for name, stage in stages], sync, batches)


@wrong("peak_flops", "clock_cut_and_fma_twice")
def peak_flops(units, ghz, flops_per_clock=2):
    return 2.0 * units * flops_per_clock * 1000**3 * (ghz // 1)


@wrong("peak_flops", "clock_cut_and_in_gflops")
def peak_flops(units, ghz, flops_per_clock=2):
    return units * flops_per_clock * (ghz // 1)


for digits, identity in enumerate(
    ("rounded_to_whole_numbers", "rounded_to_one_digit", "rounded_to_two_digits")
):

    def gflops_per_dollar(flops, price, digits=digits):
        return float(f"{1e-9 * flops / price:.{digits}f}")

    wrong("gflops_per_dollar", identity)(gflops_per_dollar)


@wrong("gflops_per_dollar", "in_tera_and_rounded")
def gflops_per_dollar(flops, price):
    return float(f"{flops / price / 1e12:.2f}")


def billed(identity, change):
    def training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095):
        return change(*cost_of(gpus, days, price, watts, kwh_price, life_days))

    wrong("training_cost", identity)(training_cost)


billed("half_as_much_for_cooling", lambda cards, power: (cards, power + 0.5 * power))
billed("rounded_to_dollars", lambda *sums: [float(f"{each:.0f}") for each in sums])
billed("rounded_to_cents", lambda *sums: [round(each, 2) for each in sums])


def converted(identity, convert):
    class PackedDataset(dataset(None)):
        def __getitem__(self, i):
            return convert(super().__getitem__(i))

    wrong("PackedDataset", identity)(PackedDataset)


converted("handed_out_channels_first", lambda img: np.ascontiguousarray(img.transpose(2, 0, 1)))
converted("handed_out_from_0_to_1", lambda img: np.float32(img) / 255)
converted("handed_out_as_by_to_tensor", lambda img: np.float32(img.transpose(2, 0, 1)) / 255)
