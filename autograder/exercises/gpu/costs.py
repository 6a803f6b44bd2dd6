"""Exercises of notebook 12 on what a data sheet and a bill say: peaks, prices, the cost of a run.

Time is in `timing`, loading in `loading`, memory in `memory`.
"""

import math

import torch

from autograder.exercise import Case, Exercise, Setting, mistake, near


class peak_flops(Exercise):
    """The most floating-point operations a second that a chip's data sheet promises."""

    signature = "peak_flops(units, ghz, flops_per_clock=2)"
    growth = {"ghz": 1}, {"flops": 1}
    reads = {"flops": "your result"}
    minutes = 5
    extra = True
    hints = (
        "Three numbers are multiplied. The only thing that can go wrong is a unit.",
        "A gigahertz is how many clock ticks a second? And does the factor for a fused "
        "multiply-add come in once or twice?",
    )

    def cases(self, rng):
        cores = int(128 * rng.integers(10, 90)) + 3
        ghz = float(rng.uniform(1.1, 2.3))
        yield Case("a GPU, one FMA per core and clock", 1, units=cores, ghz=ghz)
        yield Case("a CPU with wide vectors", 1, units=int(rng.choice([6, 10, 14])),
                   ghz=float(rng.uniform(2.6, 4.4)), flops_per_clock=64)  # fmt: skip
        yield Case("a chip without FMA", 1, units=int(rng.integers(3, 9)),
                   ghz=float(rng.uniform(0.3, 0.8)), flops_per_clock=1)  # fmt: skip

    def observe(self, code, units, ghz, **given):
        return {"flops": float(code.peak_flops(units, ghz, **given))}

    def reference(self, units, ghz, flops_per_clock=2):
        factors = torch.tensor([units, ghz, 1e9, flops_per_clock], dtype=torch.float64)
        return {"flops": near(float(factors.prod()), rtol=1e-9, atol=0.0)}

    @mistake
    def in_gflops(self, right, **inputs):
        """Your result is in GFLOP/s. Return operations a second."""
        return {"flops": right["flops"] / 1e9}

    @mistake
    def in_tflops(self, right, **inputs):
        """Your result is in TFLOP/s. Return operations a second."""
        return {"flops": right["flops"] / 1e12}

    @mistake
    def megahertz(self, right, **inputs):
        """You count a million ticks to the gigahertz; it has a thousand million."""
        return {"flops": right["flops"] / 1e3}

    @mistake
    def binary_giga(self, right, **inputs):
        """Clocks count in powers of ten: a gigahertz is 10⁹ and not 2³⁰ ticks a second."""
        return {"flops": right["flops"] * 2**30 / 1e9}

    @mistake
    def fma_twice(self, right, **inputs):
        """You double for the fused multiply-add, which flops_per_clock has counted already."""
        return {"flops": right["flops"] * 2}

    @mistake
    def fma_counted_as_one(self, right, flops_per_clock=2, **inputs):
        """You count clock ticks. In each of them a unit does flops_per_clock operations: a fused
        multiply-add is two."""
        return {"flops": right["flops"] / flops_per_clock}

    @mistake
    def always_two(self, right, flops_per_clock=2, **inputs):
        """You take 2 operations a clock whatever is given; a core with wide vectors does many."""
        return {"flops": right["flops"] / flops_per_clock * 2}

    @mistake
    def doubled_but_for_two(self, right, flops_per_clock=2, **inputs):
        """You double `flops_per_clock` where it is another number than 2. It counts a fused
        multiply-add as two already, on every chip."""
        return {"flops": right["flops"] * (1 if flops_per_clock == 2 else 2)}

    @mistake
    def two_where_one_is_given(self, right, flops_per_clock=2, **inputs):
        """You take 2 operations a clock where `flops_per_clock` is 1. A chip without a fused
        multiply-add does no more than one."""
        return {"flops": right["flops"] * 2} if flops_per_clock == 1 else None

    @mistake
    def halved_above_two(self, right, flops_per_clock=2, **inputs):
        """You halve `flops_per_clock` where it is more than 2. It says how many operations a unit
        does, whatever the chip is."""
        return {"flops": right["flops"] / 2} if flops_per_clock > 2 else None

    @mistake
    def clock_cut_to_whole_gigahertz(self, right, units, ghz, flops_per_clock=2):
        """You cut the clock to whole gigahertz. It is 1.7, say, and what is behind the point
        counts."""
        return {"flops": float(units) * int(ghz) * 1e9 * flops_per_clock}

    @mistake
    def clock_cut_and_fma_twice(self, right, units, ghz, flops_per_clock=2):
        """Two things: you cut the clock to whole gigahertz, where what is behind the point counts;
        and you double for the fused multiply-add, which flops_per_clock has counted already."""
        return {"flops": float(units) * int(ghz) * 1e9 * flops_per_clock * 2}

    @mistake
    def clock_cut_and_in_gflops(self, right, units, ghz, flops_per_clock=2):
        """Two things: you cut the clock to whole gigahertz, where what is behind the point counts;
        and your result is in GFLOP/s, where operations a second are asked for."""
        return {"flops": float(units) * int(ghz) * flops_per_clock}


def rounded_to(digits, words):
    """The mistake of a result that has only so many digits behind the point."""

    def show(self, right, flops, price):
        return {"per dollar": float(round(flops / 1e9 / price, digits))}

    show.__doc__ = f"Your result is rounded to {words}. Return it as it is."
    return mistake(show)


class gflops_per_dollar(Exercise):
    """How much arithmetic a dollar buys."""

    signature = "gflops_per_dollar(flops, price)"
    growth = {"flops": 1}, {"per dollar": 1}
    reads = {"per dollar": "your result"}
    minutes = 2
    extra = True
    hints = (
        "The name says what is divided by what.",
        "flops comes in operations a second, and a G stands for how many of them?",
    )

    def cases(self, rng):
        yield Case("a graphics card", 1, flops=float(rng.uniform(5e12, 4e13)),
                   price=float(rng.integers(300, 1600)))  # fmt: skip
        whole = int(rng.integers(400, 900))  # rounded it is one more, cut it is this
        flops = float((whole + rng.uniform(0.6, 0.9)) * 1e9)
        # So is what a dollar buys, and cut it is not 0, as is what rounds a small number.
        price = float(round(flops / 1e9 / (rng.integers(2, 5) + rng.uniform(0.6, 0.9))))
        yield Case("a processor", 1, flops=flops, price=price)

    def observe(self, code, flops, price):
        return {"per dollar": float(code.gflops_per_dollar(flops, price))}

    def reference(self, flops, price):
        value = torch.tensor(flops, dtype=torch.float64).div(1e9).div(price)
        return {"per dollar": near(float(value), rtol=1e-9, atol=0.0)}

    @mistake
    def not_in_giga(self, right, flops, price):
        """That is FLOP/s per dollar. The name asks for thousand millions of them."""
        return {"per dollar": flops / price}

    @mistake
    def in_tera(self, right, flops, price):
        """That is TFLOP/s per dollar, a thousandth of what is asked."""
        return {"per dollar": flops / price / 1e12}

    @mistake
    def in_mega(self, right, flops, price):
        """That is MFLOP/s per dollar, a thousand times what is asked."""
        return {"per dollar": flops / price / 1e6}

    @mistake
    def upside_down(self, right, flops, price):
        """That is what a GFLOP/s costs. Return how many a dollar buys."""
        return {"per dollar": price / (flops / 1e9)}

    @mistake
    def binary_giga(self, right, flops, price):
        """Rates count in powers of ten: 10⁹, not 2³⁰."""
        return {"per dollar": flops / 2**30 / price}

    @mistake
    def times_the_price(self, right, flops, price):
        """You multiply by the price. What a dollar buys is the rate divided by it."""
        return {"per dollar": flops / 1e9 * price}

    @mistake
    def rounded_before_dividing(self, right, flops, price):
        """You round to whole GFLOP/s before you divide. Keep what is behind the point."""
        return {"per dollar": round(flops / 1e9) / price}

    @mistake
    def cut_before_dividing(self, right, flops, price):
        """You cut to whole GFLOP/s before you divide, as `//` does. Keep what is behind the
        point."""
        return {"per dollar": flops // 1e9 / price}

    rounded_to_whole_numbers = rounded_to(0, "a whole number")
    rounded_to_one_digit = rounded_to(1, "one digit behind the point")
    rounded_to_two_digits = rounded_to(2, "two digits behind the point")

    @mistake
    def in_tera_and_rounded(self, right, flops, price):
        """Two things: that is TFLOP/s per dollar, a thousandth of what is asked; and it is rounded
        to two digits behind the point, where you are to return it as it is."""
        return {"per dollar": float(round(flops / 1e12 / price, 2))}

    @mistake
    def cut_to_whole_numbers(self, right, flops, price):
        """Your result is cut to a whole number, as `//` does. Keep what is behind the point."""
        return {"per dollar": flops / 1e9 // price}


class training_cost(Exercise):
    """What a training run costs: its share of the cards, and the electricity."""

    signature = (
        "training_cost(gpus, days, price, watts, kwh_price=0.15, life_days=1095)"
        " -> hardware, electricity"
    )
    growth = {"days": 1}, {"hardware": 1, "electricity": 1}
    settings = {
        "kwh_price": Setting(0.15, others=(0.3,)),
        "life_days": Setting(1095, others=(1000,)),
    }
    minutes = 6
    extra = True
    hints = (
        "You need two sums of money. For the first one: what part of its life does a card spend "
        "on this run?",
        "Electricity is sold in kilowatt-hours. How many watts to the kilowatt, how many hours to "
        "the day, and how many cards burn them?",
    )

    def cases(self, rng):
        def case(name, gpus, days, **more):
            return Case(name, 1, gpus=gpus, days=days, price=float(rng.integers(600, 1600)),
                        watts=float(rng.integers(180, 400)), **more)  # fmt: skip

        yield case("four cards for weeks", 4, float(rng.uniform(14, 21)))
        yield case("other prices", int(rng.integers(5, 9)), float(rng.uniform(2, 6)),
                   kwh_price=float(rng.uniform(0.2, 0.5)),
                   life_days=int(rng.integers(400, 900)))  # fmt: skip
        yield case("one card for part of a day", 1, float(rng.uniform(0.2, 0.7)), kwh_price=0.31)

    def observe(self, code, **inputs):
        hardware, electricity = code.training_cost(**inputs)
        return {"hardware": float(hardware), "electricity": float(electricity)}

    def reference(self, gpus, days, price, watts, kwh_price=0.15, life_days=1095):
        cards = torch.full((gpus,), float(price), dtype=torch.float64)
        joules = torch.full((gpus,), float(watts), dtype=torch.float64) * days * 86400
        return {
            "hardware": near(float((cards * (days / life_days)).sum()), rtol=1e-9, atol=0.0),
            "electricity": near(float(joules.sum() / 3.6e6 * kwh_price), rtol=1e-9, atol=0.0),
        }

    @mistake
    def whole_cards(self, right, gpus, days, price, **inputs):
        """You charge the whole cards. After the run they can do others: charge the share of
        life_days that it took."""
        return {"hardware": gpus * price}

    @mistake
    def one_card(self, right, gpus, **inputs):
        """You pay for one card; all of them are bought."""
        return {"hardware": right["hardware"] / gpus}

    @mistake
    def one_card_burns(self, right, gpus, **inputs):
        """Your electricity is that of one card."""
        return {"electricity": right["electricity"] / gpus}

    @mistake
    def days_taken_for_hours(self, right, **inputs):
        """You count an hour a day. The cards compute day and night."""
        return {"electricity": right["electricity"] / 24}

    @mistake
    def watts_taken_for_kilowatts(self, right, **inputs):
        """Your electricity is a thousand times too dear: watts are thousandths of kilowatts."""
        return {"electricity": right["electricity"] * 1000}

    @mistake
    def half_as_much_for_cooling(self, right, **inputs):
        """Your electricity is one and a half times what it should be, as when cooling is added.
        What the cards themselves draw is asked for."""
        return {"electricity": right["electricity"] * 1.5}

    @mistake
    def rounded_to_dollars(self, right, **inputs):
        """Your sums are rounded to whole dollars. Return them as they are; rounding is for
        printing."""
        return {name: float(round(value)) for name, value in right.items()}

    @mistake
    def rounded_to_cents(self, right, **inputs):
        """Your sums are rounded to whole cents. Return them as they are; rounding is for
        printing."""
        return {name: round(value, 2) for name, value in right.items()}

    @mistake
    def days_for_hours_and_watts(self, right, **inputs):
        """Two things in your electricity: you count an hour a day, and take watts for kilowatts. A
        day has 24 hours, and a watt is a thousandth of a kilowatt."""
        return {"electricity": right["electricity"] * 1000 / 24}

    @mistake
    def kilowatt_hours(self, right, kwh_price=0.15, **inputs):
        """Those are kilowatt-hours. What do they cost?"""
        return {"electricity": right["electricity"] / kwh_price}

    @mistake
    def whole_lives_only(self, right, days, life_days=1095, **inputs):
        """You cut the share of `life_days` to a whole number, so that a run shorter than a card's
        life costs no hardware. Divide without `//`."""
        if days < life_days:
            return {"hardware": 0.0}

    @mistake
    def working_hours(self, right, **inputs):
        """You count eight hours a day. The cards compute day and night."""
        return {"electricity": right["electricity"] / 3}

    @mistake
    def electricity_of_one_day(self, right, days, **inputs):
        """Your electricity is that of one day. The run takes `days` of them."""
        return {"electricity": right["electricity"] / days}

    def for_days(self, right, days, charged):
        return {name: value * charged / days for name, value in right.items()}

    @mistake
    def days_rounded_up(self, right, days, **inputs):
        """You round up to whole days. A run costs for as long as it takes, parts of a day
        included."""
        return self.for_days(right, days, math.ceil(days))

    @mistake
    def days_rounded_up_for_the_hardware(self, right, days, **inputs):
        """You round up to whole days for the hardware. The cards are needed for as long as the run
        takes, parts of a day included."""
        return {"hardware": right["hardware"] * math.ceil(days) / days}

    @mistake
    def days_cut(self, right, days, **inputs):
        """You cut to whole days. A run costs for as long as it takes, parts of a day included."""
        return self.for_days(right, days, int(days))

    @mistake
    def watts_left_out(self, right, watts, **inputs):
        """Your electricity leaves out `watts`: what a card draws decides how much it is."""
        return {"electricity": right["electricity"] / watts}

    @mistake
    def life_left_out(self, right, life_days=1095, **inputs):
        """You charge the cards' whole price for every day. One day costs the price divided by
        `life_days`."""
        return {"hardware": right["hardware"] * life_days}

    @mistake
    def a_year_of_life(self, right, life_days=1095, **inputs):
        """You let the cards live for a year, whatever life_days says."""
        return {"hardware": right["hardware"] * life_days / 365}

    @mistake
    def electricity_first(self, right, **inputs):
        """You return the electricity first. The hardware comes first, then the electricity."""
        return {"hardware": right["electricity"], "electricity": right["hardware"]}
