"""Exercise of notebook 14: a pipeline of stages. A sum around a ring is in `collectives`."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.parallel.one_row import OneRow, idle_share
from course_utils.recipes.parallel import noting_stages

ORDER, RUNS = "order of the runs", "runs of each stage"
RIGHTLY, BY_BATCH = "in the order of the schedule", "one micro-batch after the other"
BY_STAGE, OTHERWISE = "one stage after the other", "in another order"


def in_words(runs):
    """In which order (stage, micro-batch) were run: by slots, or how else."""
    runs = [(int(stage), int(k)) for stage, k in runs]
    slots = [stage + k for stage, k in runs]
    if slots == sorted(slots):
        return RIGHTLY
    if [k for _, k in runs] == sorted(k for _, k in runs):
        return BY_BATCH
    if [stage for stage, _ in runs] == sorted(stage for stage, _ in runs):
        return BY_STAGE
    return OTHERWISE


def slots(p, m):
    """Who works when, one list for each slot."""
    return [[t - s if 0 <= t - s < m else "idle" for s in range(p)] for t in range(m + p - 1)]


class model_parallel_forward(OneRow):
    """A pipeline: every machine holds a stage, small batches follow each other through them."""

    signature = "model_parallel_forward(stages, microbatches) -> outputs, schedule, bubble"
    minutes = 15
    difficulty = 2
    extra = True
    counted = (ORDER, RUNS)
    reads = {
        ORDER: "your code runs the stages {seen}; {right} is right",
        RUNS: "the list of how often you run each stage",
    }
    hints = (
        "Write the schedule for two stages and three micro-batches on paper: a row for each time "
        "slot, a column for each stage. Where does micro-batch 0 stand in slot 0, 1, 2?",
        "In time slot t, stage s works on micro-batch t − s, if there is one. The loop over slots "
        "runs until the last micro-batch has left the last stage.",
    )

    def cases(self, rng):
        def case(name, points, p, m):
            sizes = [3, 5, 4, 6, 2][: p + 1]
            return Case(
                name, points, weights=[rng.normal(size=sizes[s : s + 2]) for s in range(p)],
                microbatches=[rng.normal(size=(rows, 3)) for rows in [2, 3, 1, 4, 2, 5, 1][:m]],
            )  # fmt: skip

        yield case("two stages, three micro-batches", 2, 2, 3)
        yield case("four stages, seven micro-batches", 1, 4, 7)
        yield case("more stages than micro-batches", 1, 4, 2)
        yield case("one stage", 1, 1, 3)

    def observe(self, code, weights, microbatches):
        calls, entering, inside = [], [], list(microbatches)
        for W in weights:
            entering.append([float(x[0, 0]) for x in inside])
            inside = [np.tanh(x @ W) for x in inside]
        stages = noting_stages(weights, calls)
        outputs, schedule, bubble = code.model_parallel_forward(stages, microbatches)
        if isinstance(bubble, list) and not np.ndim(schedule):
            schedule, bubble = [], "a list"  # a name says so
        return {
            "outputs": list(outputs),
            "schedule": [["idle" if one is None else int(one) for one in row] for row in schedule],
            "bubble": bubble if isinstance(bubble, str) else float(bubble),
            # Which micro-batch a stage was given shows in the first number.
            "runs": [
                [stage, int(np.argmin(np.abs(np.array(entering[stage]) - first)))]
                for stage, first in calls
            ],
        }

    def read(self, seen, weights, microbatches):
        found = {name: seen[name] for name in ("outputs", "schedule", "bubble")}
        stages = [stage for stage, _ in seen["runs"]]
        found["runs of each stage"] = [stages.count(s) for s in range(len(weights))]
        found["order of the runs"] = in_words(seen["runs"])
        return found

    def reference(self, weights, microbatches):
        nets = [torch.tensor(W, device=self.device) for W in weights]
        outputs = []
        for x in microbatches:
            h = torch.tensor(x, device=self.device)
            for W in nets:
                h = torch.tanh(h @ W)
            outputs.append(h.cpu().numpy())
        p, m = len(weights), len(microbatches)
        table = slots(p, m)
        return {"outputs": outputs, "schedule": table, "bubble": idle_share(table),
                RUNS: [m] * p, ORDER: RIGHTLY}  # fmt: skip

    @staticmethod
    def run_by_batch(p, m):
        return in_words([(s, k) for k in range(m) for s in range(p)])

    @staticmethod
    def run_by_stage(p, m):
        return in_words([(s, k) for s in range(p) for k in range(m)])

    @mistake
    def one_after_another(self, right, weights, microbatches):
        """Your machines take turns: a micro-batch enters when the one before has left the last
        stage. Let it enter as soon as the first stage is free."""
        p, m = len(weights), len(microbatches)
        table = [["idle"] * s + [k] + ["idle"] * (p - 1 - s) for k in range(m) for s in range(p)]
        return {"schedule": table, "bubble": 1 - 1 / p, ORDER: self.run_by_batch(p, m)}

    @mistake
    def a_slot_too_few(self, right, weights, microbatches):
        """Your code ends one slot too early, before the last micro-batch has gone through the last
        stage. There are m + p − 1 slots."""
        p, m, h = len(weights), len(microbatches), microbatches[-1]
        for W in weights[:-1]:
            h = np.tanh(h @ W)
        table = slots(p, m)[:-1]
        idle = sum(row.count("idle") for row in table) / (p * len(table))
        return {"schedule": table, "bubble": idle, "outputs": [*right["outputs"][:-1], h],
                RUNS: [m] * (p - 1) + [m - 1]}  # fmt: skip

    @mistake
    def stage_by_stage(self, right, weights, microbatches):
        """You finish all micro-batches in a stage before the next one begins, so one machine works
        at a time. The second stage can begin after the first micro-batch."""
        p, m = len(weights), len(microbatches)
        table = [["idle"] * s + [k] + ["idle"] * (p - 1 - s) for s in range(p) for k in range(m)]
        return {"schedule": table, "bubble": 1 - 1 / p, ORDER: self.run_by_stage(p, m)}

    @mistake
    def run_one_after_another(self, right, weights, microbatches):
        """Your stages run one micro-batch after the other, whatever the schedule says. Run them
        slot by slot."""
        return {ORDER: self.run_by_batch(len(weights), len(microbatches))}

    @mistake
    def run_stage_by_stage(self, right, weights, microbatches):
        """Your stages run all micro-batches before the next stage begins, whatever the schedule
        says. Run them slot by slot."""
        return {ORDER: self.run_by_stage(len(weights), len(microbatches))}

    @mistake
    def stages_at_once(self, right, weights, microbatches):
        """All your stages work on the same micro-batch in the same slot. A stage needs what the
        stage before it has made, a slot earlier."""
        p, m = len(weights), len(microbatches)
        order = self.run_by_batch(p, m)
        return {"schedule": [[k] * p for k in range(m)], "bubble": 0.0, ORDER: order}

    @mistake
    def run_twice(self, right, weights, microbatches):
        """Each of your stages runs twice for a micro-batch, once for the outputs and once along the
        schedule. Once is enough: keep what came out."""
        p, m = len(weights), len(microbatches)
        along = sorted(((s, k) for s in range(p) for k in range(m)), key=sum)
        twice = [*along, *((s, k) for k in range(m) for s in range(p))]
        return {RUNS: [2 * m] * p, ORDER: in_words(twice)}

    @mistake
    def raw_micro_batches(self, right, weights, microbatches):
        """Every stage gets the raw micro-batch from you. Stage s takes what stage s − 1 has made of
        it."""
        if len(weights) > 1:
            return dict.fromkeys(right, raises("ValueError", "mismatch in its core dimension"))

    @mistake
    def overwritten_between_stages(self, right, weights, microbatches):
        """What a stage has made is overwritten before the next one reads it, in the same slot. Keep
        it for each micro-batch, or let the last stage work first."""
        p, m = len(weights), len(microbatches)
        if p == 1:
            return None
        held, outputs, runs = [None] * (p + 1), [], []
        for row in slots(p, m):
            held[0] = row[0] if row[0] != "idle" else held[0]
            for s in [s for s in range(p) if row[s] != "idle"]:
                runs.append((s, held[s]))
                held[s + 1] = held[s]
            if row[-1] != "idle":
                outputs.append(right["outputs"][held[p]])
        return {"outputs": outputs, ORDER: in_words(runs)}

    @mistake
    def outputs_joined(self, right, weights, microbatches):
        """You join the outputs to one array. A list is asked for, one for each micro-batch."""
        return {"outputs": list(np.concatenate(right["outputs"]))}

    @mistake
    def last_output_only(self, right, weights, microbatches):
        """You return the output of the last micro-batch. A list is asked for, one for each of
        them."""
        return {"outputs": list(right["outputs"][-1])}

    @mistake
    def bubble_against_work(self, right, weights, microbatches):
        """You divide the idle slots by the busy ones. The bubble is the share of ALL slots that
        are idle."""
        return {"bubble": (len(weights) - 1) / len(microbatches)}

    @mistake
    def schedule_and_bubble_exchanged(self, right, weights, microbatches):
        """You return the bubble before the schedule. The order is outputs, schedule, bubble."""
        return {"schedule": [], "bubble": "a list"}

    @mistake
    def bubble_with_one_slot_too_many(self, right, weights, microbatches):
        """Your bubble counts one slot too many: the last micro-batch leaves the last stage in slot
        m + p − 2, counted from 0."""
        p, m = len(weights), len(microbatches)
        return {"bubble": (p - 1) / (m + p)}

    @mistake
    def bubble_exchanged(self, right, weights, microbatches):
        """Your bubble has stages and micro-batches exchanged. A stage is idle in p − 1 of the
        slots, however many micro-batches there are."""
        p, m = len(weights), len(microbatches)
        return {"bubble": (m - 1) / (m + p - 1)}

    @mistake
    def bubble_counted(self, right, weights, microbatches):
        """Your bubble is how many slots are idle. Their share of all slots of all stages is asked
        for, from 0 to 1."""
        p = len(weights)
        return {"bubble": float(p * (p - 1))}

    @mistake
    def bubble_of_one_stage(self, right, weights, microbatches):
        """Your bubble is in how many slots a stage is idle. The share of all slots is asked for,
        from 0 to 1."""
        return {"bubble": float(len(weights) - 1)}

    @mistake
    def bubble_where_anybody_is_idle(self, right, weights, microbatches):
        """Your bubble is the share of time slots in which anybody is idle. Count each stage's
        slots: in one time slot some work and some do not."""
        table = right["schedule"]
        return {"bubble": sum("idle" in row for row in table) / len(table)}

    @mistake
    def bubble_divided_by_stages_only(self, right, weights, microbatches):
        """Your idle slots are divided by the number of time slots. Each of them holds a slot for
        every stage: divide by all of these."""
        return {"bubble": right["bubble"] * len(weights)}

    @mistake
    def busy_share(self, right, weights, microbatches):
        """Your bubble is the share of slots in which machines work. The idle ones are asked for."""
        return {"bubble": 1 - right["bubble"]}

    @mistake
    def drains_too_early(self, right, weights, microbatches):
        """Your pipeline stops when the last micro-batch has entered. It still has to go through the
        other stages."""
        if len(weights) > 1:
            return {"schedule": right["schedule"][: len(microbatches)]}

    @mistake
    def an_idle_slot_at_the_end(self, right, weights, microbatches):
        """Your schedule has a slot too many, in which all are idle. The last micro-batch leaves the
        last stage in slot m + p − 2, counted from 0."""
        return {"schedule": [*right["schedule"], ["idle"] * len(weights)]}

    @mistake
    def an_idle_slot_counted(self, right, weights, microbatches):
        """Your schedule has a slot too many, in which all are idle, and the bubble counts it. The
        last micro-batch leaves the last stage in slot m + p − 2, counted from 0."""
        table, p = [*right["schedule"], ["idle"] * len(weights)], len(weights)
        share = sum(row.count("idle") for row in table) / (p * len(table))
        return {"schedule": table, "bubble": share}

    @mistake
    def columns_for_rows(self, right, weights, microbatches):
        """Your schedule has a row for each stage. A row is a time slot, a column a stage."""
        return {"schedule": [list(column) for column in zip(*right["schedule"], strict=True)]}

    @mistake
    def last_stage_first(self, right, weights, microbatches):
        """In your schedule micro-batches enter at the last stage and go down to the first. Stage 0
        is the first to work."""
        return {"schedule": [row[::-1] for row in right["schedule"]]}

    @mistake
    def columns_for_rows_and_last_stage_first(self, right, weights, microbatches):
        """Your schedule has a row for each stage, where a row is a time slot; and in it the last
        stage is the first to work."""
        columns = zip(*right["schedule"], strict=True)
        return {"schedule": [list(column) for column in columns][::-1]}

    def with_entries(self, right, change):
        return {"schedule": [[change(one) for one in row] for row in right["schedule"]]}

    @mistake
    def minus_one_for_idle(self, right, weights, microbatches):
        """Your schedule has −1 where a stage is idle. None is asked for: −1 is a number, and as an
        index it means the last one."""
        return self.with_entries(right, lambda one: -1 if one == "idle" else one)

    @mistake
    def minus_one_and_a_slot_too_many(self, right, weights, microbatches):
        """Your schedule has −1 where a stage is idle, and a slot at the end in which all are; the
        bubble counts it. None is asked for, and m + p − 1 slots."""
        shown = self.an_idle_slot_counted(right, weights, microbatches)
        return shown | self.with_entries(shown, lambda one: -1 if one == "idle" else one)

    @mistake
    def minus_one_and_a_slot_not_counted(self, right, weights, microbatches):
        """Your schedule has −1 where a stage is idle, and a slot at the end in which all are. None
        is asked for, and m + p − 1 slots."""
        shown = self.an_idle_slot_at_the_end(right, weights, microbatches)
        return self.with_entries(shown, lambda one: -1 if one == "idle" else one)

    @mistake
    def zero_for_idle(self, right, weights, microbatches):
        """Your schedule has 0 where a stage is idle. None is asked for: 0 is a micro-batch."""
        return self.with_entries(right, lambda one: 0 if one == "idle" else one)

    @mistake
    def micro_batch_0_idle(self, right, weights, microbatches):
        """Micro-batch 0 is missing in your schedule, as if the stages were idle: 0 counts as false.
        Compare with None."""
        return self.with_entries(right, lambda one: one or "idle")

    @mistake
    def micro_batch_0_counted_as_idle(self, right, weights, microbatches):
        """Micro-batch 0 is missing in your schedule, and its slots count as idle: 0 is false.
        Compare with None."""
        shown = self.with_entries(right, lambda one: one or "idle")
        return {**shown, "bubble": idle_share(shown["schedule"])}

    @mistake
    def bubble_with_micro_batch_0(self, right, weights, microbatches):
        """In your bubble a slot too many counts as idle for each stage. Do you count micro-batch 0
        as idle, because 0 is false? Compare with None."""
        return {"bubble": len(weights) / len(right["schedule"])}

    @mistake
    def micro_batch_0_not_run(self, right, weights, microbatches):
        """No stage works on micro-batch 0: it comes back as it went in. Do you take 0 for idle,
        because 0 is false? Compare with None."""
        runs = [len(microbatches) - 1] * len(weights)
        return {"outputs": [microbatches[0], *right["outputs"][1:]], RUNS: runs}

    @mistake
    def counted_from_one(self, right, weights, microbatches):
        """Your schedule counts micro-batches from 1. They are numbered from 0."""
        return self.with_entries(right, lambda one: one if one == "idle" else one + 1)

    @mistake
    def enters_every_other_slot(self, right, weights, microbatches):
        """In your schedule a micro-batch enters in every other slot only. The first stage is free
        again one slot after a micro-batch has entered: then the next one does."""
        p, m = len(weights), len(microbatches)
        table, runs = [["idle"] * p for _ in range(2 * (m - 1) + p)], [*np.ndindex(p, m)]
        for s, k in runs:
            table[s + 2 * k][s] = k
        runs.sort(key=lambda run: run[0] + 2 * run[1])
        return {"schedule": table, "bubble": idle_share(table), ORDER: in_words(runs)}

    def unchecked(self, weights, microbatches, below):
        """A schedule of t − s in which only one end is looked at."""
        p, m = len(weights), len(microbatches)
        inside = (lambda k: k < m) if below else (lambda k: k >= 0)
        rows = [[t - s for s in range(p)] for t in range(m + p - 1)]
        table = [[k if inside(k) else "idle" for k in row] for row in rows]
        return {"schedule": table, "bubble": idle_share(table)}

    @mistake
    def negative_numbers(self, right, weights, microbatches):
        """While your pipeline fills, negative numbers stand in the schedule. A stage that has
        nothing yet is idle, too: check both ends."""
        return {"schedule": self.unchecked(weights, microbatches, below=True)["schedule"]}

    @mistake
    def negative_numbers_count(self, right, weights, microbatches):
        """While your pipeline fills, negative numbers stand in the schedule, and the bubble counts
        them as work. A stage that has nothing yet is idle, too: check both ends."""
        return self.unchecked(weights, microbatches, below=True)

    @mistake
    def numbers_beyond_the_last(self, right, weights, microbatches):
        """While your pipeline drains, numbers of micro-batches that do not exist stand in the
        schedule. A stage that has nothing more is idle: check both ends."""
        return {"schedule": self.unchecked(weights, microbatches, below=False)["schedule"]}

    @mistake
    def stages_for_micro_batches(self, right, weights, microbatches):
        """Your schedule has a column for each micro-batch, with stages as entries. It is the other
        way round: a column for each stage, micro-batches as entries."""
        return {"schedule": slots(len(microbatches), len(weights))}
