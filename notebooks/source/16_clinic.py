# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # 16 · The clinic: trainings that fail without a word
#
# After this you can
#
# - **write** four tests (*instruments*) that detect faults which raise no error, and that give no
#   alarm on sound (correct) programs,
# - **choose** cheap tests that separate the possible causes of a failing training run, before you
#   open its code,
# - **fix** a fault without changing anything else.
#
# This takes an estimated 180 minutes, in two sittings of 90 and 90. It builds on 01 (gradients), 04
# (initial weights), 05 (cross-entropy, dropout), 06 (two modes of a net), 07 (schedules) and 08
# (curves and what they say).

# %% name="imports"
import itertools
import math

import numpy as np
import torch

from autograder import another, ask, check, hint, passes, solution
from course_utils import clinic, devices, plots, training
from course_utils.explorers.tuning import explore_bounds
from course_utils.inspection import inspect
from course_utils.predictions import compare, predict

# %% name="device"
torch.set_num_threads(1)  # nets as small as these gain nothing from a second thread
_ = devices.announce("cpu")

# %% [markdown] name="warm-up"
# ## Before you start
#
# Three questions come first, about what you need from earlier notebooks.

# %% name="show_q16_guessing"
ask("q16_guessing")

# %% name="q16_guessing"
q16_guessing = ...

# %% nbgrader={"grade_id": "check_q16_guessing", "locked": true}
from autograder import check

check("q16_guessing")

# %% name="show_q16_smoothed"
ask("q16_smoothed")

# %% name="q16_smoothed"
q16_smoothed = ...

# %% nbgrader={"grade_id": "check_q16_smoothed", "locked": true}
from autograder import check

check("q16_smoothed")

# %% name="show_q16_modes"
ask("q16_modes")

# %% name="q16_modes"
q16_modes = ...

# %% nbgrader={"grade_id": "check_q16_modes", "locked": true}
from autograder import check

check("q16_modes")

# %% [markdown] name="why"
# ## Why: six are sick
#
# A faulty program that stops with an error makes it easy for you. Others run to the end, draw a
# curve, print a number, and are wrong. So a plausible accuracy does not show that a program is
# right. Many real faults in deep learning programs are of this kind (Humbatova 2020).
#
# The experiment below runs twelve small programs, which train nets to classify pictures. Six are
# sound, and each of the six sick ones has one fault, for example in its loss or its schedule. How
# many of the six sick programs end with a lower accuracy than **every** sound one?

# %% name="prediction_stand_out"
predict("sick ones below all sound ones", ..., between=(0, 6))

# %% tags=["experiment"] name="experiment_stand_out"
def accuracies_of(program, epochs=None):
    """The accuracies that a program reports, epoch by epoch."""
    found = []
    with training.seeded(0):
        for _ in range(2 if training.quick() else epochs or program.epochs):
            for batch in program.batches:
                program.step(batch)
            program.end_of_epoch()
            found.append(program.evaluate())
    return found


opened = clinic.open_programs()
curves = {name: [accuracies_of(one.fresh()) for one in group] for name, group in opened.items()}
best_end = {name: [curve[-1] for curve in group] for name, group in curves.items()}
worst_sound = min(best_end["sound"])
below = sum(ends[0] < worst_sound for name, ends in best_end.items() if name != "sound")
plots.show(
    plots.lines(
        {f"{place}": curve for place, curve in enumerate(sum(curves.values(), []), 1)},
        "epoch", "reported accuracy", "Twelve programs. Which six are sick?",
    )
)  # fmt: skip
print(f"sound: {', '.join(f'{end:.2f}' for end in best_end['sound'])}")
for name, ends in best_end.items():
    if name != "sound":
        print(f"{ends[0]:.2f}: {name}")
compare("sick ones below all sound ones", below)

### BEGIN CLAIMS
ends = sorted(found[0] for name, found in best_end.items() if name != "sound")
assert ends[2] < 0.3 and ends[3] > worst_sound - 0.1, "three at guessing, three near sound ones"
### END CLAIMS

# %% [markdown] name="after_stand_out"
# Three sick programs do no better than guessing. Everybody sees that they are sick, but their
# curves do not say *why*. In our run the other three end above the lowest sound program, so the
# answer is three. They would be better without their fault, but no curve says so. (Nothing is wrong
# with the lowest sound program. Its task is harder: it tells nine kinds of strokes apart, with
# smoothed labels and dropout.)
#
# ## Order before you open
#
# You cannot read every line of every program that you are given. Even if you could, you might miss
# the fault, as its author did. So you work like a doctor, who *orders* tests, that is, asks for
# them, before anybody is opened:
#
# 1. Look at the complaint and the curve. Write down **three** causes that would lead to them.
# 2. Find a cheap test whose result would separate one of these causes from the others. Say what you
#    expect, and **then** order the test.
# 3. Strike out the causes that the result excludes, and go on until one is left. Only then open the
#    source.
#
# Here is one case worked out in full. A program that somebody complains about is a *patient*, and
# its complaint and curve are its *chart*.

# %% tags=["experiment"] name="my_ward"
my_name = "me"  # in a class: your student id, as your teacher has it
# A ward is a set of patients, and another name may give another ward. If you run this line again
# with the same name, you get the same ward, and what you ordered stays noted until Python stops.
my_ward = clinic.ward(my_name)

# %% tags=["experiment"] name="example_chart"
my_ward.chart(0)

# %% [markdown] name="example_ranked"
# The loss hardly falls, and the accuracy is above guessing but far from good. So at least a part of
# the net learns. I name three causes, the likeliest first. (`clinic.diagnoses()`, further down,
# lists such names.)
#
# 1. *cut gradient*: the graph is cut, so only the last layer gets a gradient, and it learns what it
#    can from random features.
# 2. *labels apart*: pictures and labels do not belong together. If that held for all of them, the
#    accuracy would be that of guessing, 1/9, but here it is above 0.3: at most a part is affected.
# 3. *schedule*: the rate became too small so early that hardly anything was learned.
#
# The next cell lists the tests and what they cost, in minutes of an imagined clinic: you do not wait
# for them, but they count in the points.

# %% name="the_panel"
clinic.panel()

# %% [markdown] name="example_tests"
# The test *labels* (3 minutes) would decide about the second cause, and *steps* (6 minutes) about
# the third. The test *gradients* (4 minutes, one more than *labels*) shows the first and likeliest
# cause directly. It would also show whether all weights begin at zero, another way to learn very
# little. So I order *gradients* first, and I expect "none" for all layers but the last.

# %% tags=["experiment"] name="example_order"
my_ward.order(0, "gradients")

# %% [markdown] name="example_reveal"
# All layers but the last get no gradient, and no other fault on the list has this effect. I decide
# on *cut gradient*, after a single test of four minutes. Only now do I open the source, two cells
# below. Find the line with the fault.

# %% name="patient_0"
def patient_0():
    return {
        "ward": my_ward.number,
        "ranked": ["cut gradient", "labels apart", "schedule"],
        "ordered": ["gradients"],
        "evidence": ["gradients"],
        "diagnosis": ["cut gradient"],
    }

# %% tags=["experiment"] name="example_source"
my_ward.reveal(0, patient_0())

# %% [markdown] name="instruments_text"
# ## Instruments
#
# Now you write four tests yourself. An **instrument** is a function that takes a training program
# and returns True if the program is sound. False is an alarm. Every program has:
#
# | name | what it is |
# |---|---|
# | `program.net` | the net, an `nn.Module` |
# | `program.batches` | one pass over the training part in pairs (x, y), shuffled anew in each loop |
# | `program.loss(batch)` | the loss that a step makes smaller, a tensor with its graph, in the net's present mode |
# | `program.step(batch)` | makes one update and returns the loss before it, a float |
# | `program.end_of_epoch()` | what happens between two epochs, such as a schedule's step |
# | `program.evaluate()` | the accuracy that the program reports |
# | `program.floor` | the smallest loss that any net could reach |
# | `program.epochs` | for how many epochs it is trained |
# | `program.fresh()` | a copy of the program before its first step, which you may train or change |
#
# If an instrument often gives an alarm on sound programs, people soon ignore it. So the check tries
# yours on programs that you have not seen. Some are sound (*healthy*), and some are sick, with
# faults that this instrument can show. For each instrument the score is
#
# $$\text{fraction of sick programs that you catch} - 2 \times \text{fraction of sound programs
# with an alarm}.$$
#
# Each fault is a case of the check with a score of its own, and you get its point if that is at
# least 0.7, for example if you catch 80 % of the sick programs and give an alarm on one sound
# program in twenty. Where it is not, the check says how many were caught or alarmed in vain.
#
# You can try your instruments on the twelve programs of the first experiment. In the dict `opened`,
# `opened["sound"]` is a list of six, and for every other name `opened[fault]` is a list of one
# program with that fault. No instrument can see that a picture has the wrong label, but you can. So
# `inspect` shows you sixteen pictures with their labels, and a table of each layer's outputs,
# gradients and steps.

# %% tags=["experiment"] name="experiment_inspect"
inspect(opened["sound"][0]).show()

# %% [markdown] name="bounds_text"
# The first instrument needs two bounds for the first loss, the loss before any training. Move the
# two bounds in the explorer and see where the first losses of 80 sound programs lie, and those of
# 18 sick ones whose faults change the first loss.

# %% tags=["experiment"] name="explorer"
explore_bounds()

# %% [markdown] name="explorer_tasks"
# 1. Begin with bounds at 0.95 ln C (for C classes) and at 0.1 nats (the unit of a loss with ln)
#    above ln C. For what fraction of the sound programs does the upper bound give an alarm?
# 2. How far up can you move the upper bound before it misses a sick program? Is there a gap between
#    the sound and the sick ones?
# 3. Does the lower bound catch any of the 18? What kind of fault might give a loss below it? Think
#    of a net whose input holds the label.

# %% [markdown] name="first_loss_text"
# ### Exercise: the first loss
#
# *10 minutes · difficulty 2 of 3 · builds on 05, 08*
#
# Notebook 08 had a rule for the first loss: it lies within 10 % of $\ln C$. That rule was made for
# small initial weights. Here is an instrument with a similar rule, which runs but is wrong:
#
# ```python
# def first_loss_is_plausible(program):
#     start = program.fresh()
#     batch = next(iter(start.batches))
#     loss = start.loss(batch).item()
#     classes = start.net(batch[0]).shape[1]
#     return abs(loss - math.log(classes)) < 0.1
# ```
#
# It gave an alarm on 42 of 80 sound programs, because a sound program may begin a few nats above
# guessing, or a little below it. Fix the instrument. Remember that the loss of one batch is noisy,
# that a net for two classes may have a single score, and that a loss can be NaN.


# %% nbgrader={"grade_id": "first_loss_is_plausible", "solution": true}
def first_loss_is_plausible(program):
    """Whether the loss of the untrained net lies in a range in which sound programs begin.

    You choose the two bounds of that range.

    Parameters
    ----------
    program : a training program; it stays as it is. It has
        net, an nn.Module that gives N×C scores, or N×1 where one score tells two classes apart
        batches, one pass over the training part: pairs (x, y), shuffled anew each time
        loss(batch), step(batch), end_of_epoch(), evaluate()
        fresh(), which gives a copy of the program before its first step
        floor, the smallest loss that any net could reach

    Returns
    -------
    sound : bool; False is an alarm. A loss that is NaN is an alarm, too
    """
    ### BEGIN SOLUTION
    start = program.fresh()
    with torch.no_grad():
        batches = list(itertools.islice(start.batches, 4))
        loss = sum(float(start.loss(batch)) for batch in batches) / len(batches)
        classes = max(2, start.net(batches[0][0]).shape[1])
    return 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_first_loss_is_plausible", "grade": true}
from autograder import check

check("first_loss_is_plausible")

# %% [markdown] name="gradients_text"
# ### Exercise: gradients reach everything
#
# *12 minutes · difficulty 2 of 3 · builds on 01, 04*
#
# A weight tensor without a gradient keeps its random initial values, and the rest of the net adapts
# to it, well or badly. So a cut graph can cost one percentage point of accuracy or thirty, and the
# loss still falls. Half of this instrument is written, with four batches, so that no alarm depends
# on a single one:
#
# ```python
# start = program.fresh()
# for batch in itertools.islice(start.batches, 4):
#     start.net.zero_grad()
#     start.loss(batch).backward()
#     for name, parameter in start.net.named_parameters():
#         ...
# ```
#
# Of the three decisions below, the last is left to you.
#
# - Which parameters do you leave out? Somebody may have frozen a layer on purpose. Leave out
#   biases, too, because a layer such as batch norm subtracts any bias in front of it, and such a
#   bias rightly gets no gradient.
# - What do you compare a weight's gradient with? Measure each gradient by its root mean square,
#   because tensors differ in size, and compare it with the largest gradient of all parameters,
#   biases included. For example, initial weights of 0.0001 are a fault. They make all weights'
#   gradients about equally small, so you see the fault only when you compare them with the gradient
#   of the last bias, which passes through no weight and is ten million times as large.
# - What is too small, and in how many of the four batches? In 200 sound programs no weight's
#   gradient was below about a hundredth of that largest one.


# %% nbgrader={"grade_id": "gradients_reach_everything", "solution": true}
def gradients_reach_everything(program):
    """Whether each weight that is trained gets a gradient that is not far below the largest.

    Only weights are tested, the parameters with two or more axes (so not a norm's γ). The largest
    gradient is that of all parameters, biases and γ included.

    Parameters
    ----------
    program : as above; it stays as it is. A layer that is frozen on purpose (requires_grad False)
        is no fault, nor is a bias that a batch norm subtracts

    Returns
    -------
    sound : bool; False is an alarm
    """
    ### BEGIN SOLUTION
    start = program.fresh()
    largest, weights = 0.0, {}
    for batch in itertools.islice(start.batches, 4):
        start.net.zero_grad()
        start.loss(batch).backward()
        for name, parameter in start.net.named_parameters():
            if not parameter.requires_grad:
                continue
            gradient = parameter.grad
            size = 0.0 if gradient is None else float(gradient.square().mean().sqrt())
            largest = max(largest, size)
            if parameter.ndim > 1:
                weights[name] = max(weights.get(name, 0.0), size)
    return all(size > 1e-4 * largest for size in weights.values())
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gradients_reach_everything", "grade": true}
from autograder import check

check("gradients_reach_everything")

# %% [markdown] name="memorising_text"
# ### Exercise: one batch by heart
#
# *15 minutes · difficulty 2 of 3 · builds on 08*
#
# A net with more weights than examples can learn a few examples by heart. If it cannot, something
# is broken on the way from the pictures to the loss. "By heart" means a loss near its floor, not an
# accuracy of 1. A net with one softmax too many gets every example right, but its loss never falls
# below 0.9 with five classes, or 1.46 with ten.
#
# Use an optimizer and a rate of your own, because the next instrument tests the program's own
# steps. Mind the net's mode when you train and when you measure: in training mode dropout keeps the
# loss a little above its floor, so that a bound close to it fails on sound programs, and in
# evaluation mode batch norm uses running statistics, which need many steps to fit this batch. Find
# out on sound programs how many steps you need, at what rate, and how near to the floor the loss
# comes. A few hundred are enough. The check allows 2,000 calls of `loss` and `step` together for
# each program, and it tries 55 programs: the more calls you make, the longer you wait.


# %% nbgrader={"grade_id": "memorises_one_batch", "solution": true}
def memorises_one_batch(program):
    """Whether the net learns a few examples by heart, so that their loss comes near program.floor.

    Parameters
    ----------
    program : as above; it stays as it is

    Returns
    -------
    sound : bool; False is an alarm
    """
    ### BEGIN SOLUTION
    start = program.fresh()
    x, y = next(iter(start.batches))
    few = x[:16], y[:16]
    trained = [p for p in start.net.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=5e-3)
    for step in range(1, 101):
        optimizer.zero_grad()
        start.loss(few).backward()
        optimizer.step()
        if step % 10 == 0:
            start.net.eval()
            with torch.no_grad():
                learned = float(start.loss(few)) < start.floor + 0.25
            start.net.train()
            if learned:
                return True
    return False
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_memorises_one_batch", "grade": true}
from autograder import check

check("memorises_one_batch")

# %% [markdown]
# ### A worked example: short steps and long ones
#
# The length ‖w‖ of an array is the root of the sum of its squared entries. You will divide the
# length of a step (after minus before) by the length that the weight had before. Here is one step
# of a program.
#
# | | before | after | length of the step | length before | ratio |
# |---|---|---|---|---|---|
# | first weight | (3, 4) | (3.03, 4.04) | 0.05 | 5 | 0.01 |
# | second weight | (0.6, −0.8) | (0.57, −0.76) | 0.05 | 1 | 0.05 |
# | third weight | (0, −2) | (0, −2) | 0 | 2 | 0 |
# | a bias | (0, 0) | (0.03, 0.04) | 0.05 | 0 | none |
#
# The first step is (0.03, 0.04), so its length is √(0.0009 + 0.0016) = 0.05. The second step is as
# long, but its weight has only a fifth of the length, so the ratio is five times as large. The
# third weight has not moved. The bias has no ratio, because you cannot divide by 0.
#
# Here is a step of another program. Find the three missing numbers.
#
# | | before | after | length of the step | length before | ratio |
# |---|---|---|---|---|---|
# | first weight | (6, 8) | (6.6, 8.8) | 1 | **?** | 0.1 |
# | second weight | (0.6, −0.8) | (0.6, −0.78) | **?** | 1 | 0.02 |
# | third weight | (1, 2, 2) | (1, 2.09, 2.12) | 0.15 | 3 | **?** |
#
# **The missing numbers.** The first weight's length is √(36 + 64) = 10. The second step is (0,
# 0.02), so its length is 0.02. The third ratio is 0.15/3 = 0.05.

# %% [markdown] name="steps_text"
# ### Exercise: steps in proportion
#
# *15 minutes · difficulty 3 of 3 · builds on 07*
#
# This instrument uses the program's own `step`, because now the fault may be anywhere between the
# gradient and the weights, for example a rate, a schedule, a `zero_grad` in the wrong place, or an
# optimizer that updates the parameters of another net. Measure
#
# $$\frac{\|w_{\text{after}} - w_{\text{before}}\|}{\|w_{\text{before}}\|}$$
#
# for each weight that is trained, at the first step and again some epochs later. First measure this
# ratio yourself on the sound programs in `opened`, and choose two bounds. The function gives an
# alarm if the ratio is outside them. Do not measure at the last step, because a sound program with
# a cosine schedule ends at a rate of 0. Leave out biases, because they begin at 0. What if a weight
# does, too?


# %% nbgrader={"grade_id": "steps_in_proportion", "solution": true}
def steps_in_proportion(program):
    """Whether the program's own steps are neither far too large nor almost 0, now and later on.

    Parameters
    ----------
    program : as above; it stays as it is. Measure the weights that are trained (two or more axes),
        not the biases (they begin at 0)

    Returns
    -------
    sound : bool; False is an alarm
    """
    ### BEGIN SOLUTION
    start = program.fresh()
    weights = [p for p in start.net.parameters() if p.requires_grad and p.ndim > 1]
    losses, moved = [], []
    for _ in range(start.epochs // 2):
        for batch in itertools.islice(start.batches, 60 - len(losses)):
            before = [w.detach().clone() for w in weights]
            losses.append(start.step(batch))
            moved.append([float((w.detach() - b).norm() / b.norm())
                          for w, b in zip(weights, before, strict=True)])  # fmt: skip
        start.end_of_epoch()
    leaps = max(moved[0]) > 0.5 or not max(losses) < 3 * losses[0]
    last = [sorted(each)[2] for each in zip(*moved[-5:], strict=True)]
    return not leaps and all(1e-5 < share < 0.5 for share in last)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_steps_in_proportion", "grade": true}
from autograder import check

check("steps_in_proportion")

# %% tags=["experiment"] name="experiment_instruments"
if passes(
    "first_loss_is_plausible", "gradients_reach_everything", "memorises_one_batch",
    "steps_in_proportion",
):  # fmt: skip
    yours = (first_loss_is_plausible, gradients_reach_everything, memorises_one_batch,
             steps_in_proportion)  # fmt: skip
    print("alarms on        " + "  ".join(one.__name__ for one in yours))
    alarms = {}  # for each name a row for each of its programs, with what each instrument says
    for name, group in opened.items():
        alarms[name] = [[not one(program) for one in yours] for program in group]
        told = "  ".join(
            f"{sum(row[i] for row in alarms[name])} of {len(group)}".ljust(len(one.__name__))
            for i, one in enumerate(yours)
        )
        print(f"{'sound' if name == 'sound' else 'sick':<15}  {told}  {name}")

### BEGIN CLAIMS
sick = [group[0] for name, group in alarms.items() if name != "sound"]
assert not any(map(any, alarms["sound"])), "no alarm on a sound one"
assert all(map(any, sick)), "each sick one is caught"
### END CLAIMS

# %% [markdown] name="after_instruments"
# If one of your instruments gives an alarm on a sound program here, or misses a fault that it
# should catch, one of its bounds is badly placed. Print what the instrument measures on that
# program, and move the bound.
#
# No instrument catches all six faults, and some faults are caught by two. Each row of the table
# shows which of your instruments gave an alarm on that fault. How many alarms are false depends on
# the instrument and on how many programs are sick.

# %% name="show_q16_alarms"
ask("q16_alarms")

# %% name="q16_alarms"
q16_alarms = ...

# %% nbgrader={"grade_id": "check_q16_alarms", "grade": true}
from autograder import check

check("q16_alarms")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If Python has been stopped when you
# come back, first run the cells at the top (set-up and imports), the cell of the first experiment,
# which defines `accuracies_of`, the cell that sets `my_name`, and those with your own functions.*
#
# ## Six patients
#
# Now it is your turn. There are six programs in your ward, and somebody complains about each. You
# examine them with the ward's tests. Some are healthy, and a sick one may have two faults.
# Different causes can make the same curve, so in your ward there are three pairs of patients whose
# curves look alike. For each patient:
#
# - Look at the chart, and rank three hypotheses **before** you order anything.
# - Order tests with `my_ward.order(1, "first loss")`, one at a time, in cells of your own. Say
#   first what you expect. `clinic.panel()` lists the tests. (You may run your own instruments on
#   `my_ward.patients[1]` as well. They say only whether there is an alarm; a test says what it
#   found, and only a test is evidence.)
# - Write down what you ordered, the test that decided the diagnosis (two tests if there are two
#   faults), and your diagnosis by its name in the list that the next cell prints. If it takes two
#   tests to show one fault, give both. For a healthy patient the deciding test is one that excludes
#   a fault which you ranked, and which could have drawn this curve.
# - Run the check. Then `my_ward.reveal(1, patient_1())` opens the source, and you find the line.
#
# | what counts | its part of the points |
# |---|---|
# | diagnosis | 1/2, or 1/4 for one fault of two |
# | evidence, if the whole diagnosis is right | 1/4 |
# | this patient's tests, if the whole diagnosis is right | 1/4 if at most 20 minutes together, 1/8 if at most 35 |
#
# The check tells you whether you are right. The points count the answer in your notebook, but judge
# yourself by your first one.
#
# Write every test that you ordered into `"ordered"`. While you work here, the check adds those that
# your ward has noted. When your teacher grades your notebook, the check cannot see your ward and
# counts what `"ordered"` says.

# %% name="the_diagnoses"
clinic.diagnoses()

# %% [markdown] name="patient_1_text"
# ### Exercise: patient 1
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_1"
my_ward.chart(1)

# %% [markdown] name="expect_text"
# Write down your three hypotheses. For this patient the first test is chosen for you, and you
# predict its result. What will the **first loss** be, before the first step? (The cell after
# your prediction orders this test, so it counts among yours and costs its minutes.)

# %% name="prediction_first_loss"
predict("first loss of patient 1", ..., between=(0, None))

# %% tags=["experiment"] name="experiment_first_loss"
first = my_ward.patients[1].fresh()
with torch.no_grad():
    seen = float(np.mean([float(first.loss(b)) for b in itertools.islice(first.batches, 4)]))
my_ward.order(1, "first loss")
compare("first loss of patient 1", seen)

# %% nbgrader={"grade_id": "patient_1", "solution": true}
def patient_1():
    """Your answer for patient 1.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["softmax twice", "scaling", "overlap"],
        "ordered": ["first loss", "one batch", "parts"],
        "evidence": ["one batch", "parts"],
        "diagnosis": ["softmax twice", "overlap"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_1", "grade": true}
from autograder import check

check("patient_1")

# %% [markdown] name="patient_2_text"
# ### Exercise: patient 2
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_2"
my_ward.chart(2)

# %% nbgrader={"grade_id": "patient_2", "solution": true}
def patient_2():
    """Your answer for patient 2.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["scaling", "healthy", "training mode"],
        "ordered": ["training pictures", "validation pictures"],
        "evidence": ["validation pictures"],
        "diagnosis": ["scaling"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_2", "grade": true}
from autograder import check

check("patient_2")

# %% [markdown] name="patient_3_text"
# ### Exercise: patient 3
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_3"
my_ward.chart(3)

# %% nbgrader={"grade_id": "patient_3", "solution": true}
def patient_3():
    """Your answer for patient 3.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["gradients thrown away", "another net", "labels apart"],
        "ordered": ["labels", "gradients", "steps"],
        "evidence": ["steps"],
        "diagnosis": ["another net"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_3", "grade": true}
from autograder import check

check("patient_3")

# %% [markdown] name="patient_4_text"
# ### Exercise: patient 4
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_4"
my_ward.chart(4)

# %% nbgrader={"grade_id": "patient_4", "solution": true}
def patient_4():
    """Your answer for patient 4.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["scaling", "healthy", "training mode"],
        "ordered": ["training pictures", "validation pictures", "measured twice", "one batch"],
        "evidence": ["validation pictures"],
        "diagnosis": ["healthy"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_4", "grade": true}
from autograder import check

check("patient_4")

# %% [markdown] name="patient_5_text"
# ### Exercise: patient 5
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_5"
my_ward.chart(5)

# %% nbgrader={"grade_id": "patient_5", "solution": true}
def patient_5():
    """Your answer for patient 5.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["labels apart", "zero weights", "gradients thrown away"],
        "ordered": ["first loss", "labels"],
        "evidence": ["labels"],
        "diagnosis": ["labels apart"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_5", "grade": true}
from autograder import check

check("patient_5")

# %% [markdown] name="patient_6_text"
# ### Exercise: patient 6
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_6"
my_ward.chart(6)

# %% nbgrader={"grade_id": "patient_6", "solution": true}
def patient_6():
    """Your answer for patient 6.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": the names of three or more diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the test that decided the diagnosis (two if there are two faults)
        "diagnosis": a list of one name, or of two where there are two faults
    """
    ### BEGIN SOLUTION
    return {
        "ward": 2,
        "ranked": ["softmax twice", "healthy", "bottleneck"],
        "ordered": ["one batch", "parts"],
        "evidence": ["one batch"],
        "diagnosis": ["healthy"],
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patient_6", "grade": true}
from autograder import check

check("patient_6")

# %% [markdown] name="after_patients"
# In three pairs the curves looked alike. Note which test told the two patients of each pair apart,
# and what it cost. You will need this for the table that you write at the end. In one pair both
# losses stayed far above 0. For one of these two patients, you can work out a formula for the
# smallest possible loss.

# %% name="show_q16_softmax"
ask("q16_softmax")

# %% name="q16_softmax"
q16_softmax = ...

# %% nbgrader={"grade_id": "check_q16_softmax", "grade": true}
from autograder import check

check("q16_softmax")

# %% [markdown] name="patches_text"
# ## Three patches
#
# A diagnosis does not fix anything yet, so now you fix three more programs. A patch removes the
# fault and **nothing else**. The rate, the seed, the order of the pictures and the number of epochs
# stay as they are. If you also "clean up", you no longer know what helped.
#
# Here a patch is a function that takes a program's source and returns the fixed source. The check
# also tries it on programs with other nets and data, but with the same fault in the same lines. So
# do not return a source of your own, but replace lines with `source.replace(old, new)`, where `old`
# and `new` include the spaces at the beginning of each line. (If `replace` does not find `old`, it
# changes nothing and says nothing, so print the result.) Epoch by epoch, the fixed program has to
# show the same numbers as the program written without the fault (its *sound twin*).

# %% [markdown] name="patch_1_text"
# ### Exercise: first patch
#
# *6 minutes · difficulty 2 of 3 · builds on 01*
#
# The complaint is: "Nothing happens at all." Here is the source.

# %% tags=["experiment"] name="patch_1_source"
print(clinic.patch_source(1))

# %% nbgrader={"grade_id": "patch_1", "solution": true}
def patch_1(source):
    """Fix a program whose weights do not move.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    fixed : str, its source without the fault, and otherwise as it was
    """
    ### BEGIN SOLUTION
    clear = "        self.optimizer.zero_grad()\n"
    back = "        loss.backward()\n"
    return source.replace(clear, "").replace(back, clear + back)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patch_1", "grade": true}
from autograder import check

check("patch_1")

# %% [markdown] name="patch_2_text"
# ### Exercise: second patch
#
# *6 minutes · difficulty 2 of 3 · builds on 07*
#
# The complaint is: "It hardly learns, and the longer it runs the less happens."

# %% tags=["experiment"] name="patch_2_source"
print(clinic.patch_source(2))
ends_at = accuracies_of(clinic.patch_program(2))[-1]
print(f"It reports {ends_at:.0%} at its end.")

# %% [markdown] name="expect_patch"
# Find the fault in the source. Before you fix it, predict by how much the patch will change that
# accuracy, as a fraction (0.1 for ten percentage points).

# %% name="prediction_patch"
predict("what the second patch brings", ..., between=(-1, 1))

# %% nbgrader={"grade_id": "patch_2", "solution": true}
def patch_2(source):
    """Fix a program that learns less and less, long before it is any good.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    fixed : str, its source without the fault, and otherwise as it was
    """
    ### BEGIN SOLUTION
    tick = "        self.schedule.step()\n"
    end = "    def end_of_epoch(self):\n"
    return source.replace(tick, "").replace(end + "        pass\n", end + tick)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patch_2", "grade": true}
from autograder import check

check("patch_2")

# %% tags=["experiment"] name="experiment_patch"
if passes("patch_2"):
    before = accuracies_of(clinic.patch_program(2))
    after = accuracies_of(clinic.patch_program(2, patch_2(clinic.patch_source(2))))
    plots.show(plots.lines({"sick": before, "fixed": after}, "epoch", "reported accuracy",
                           "The second patch", accent="fixed"))  # fmt: skip
    compare("what the second patch brings", after[-1] - before[-1])

# %% [markdown] name="patch_3_text"
# ### Exercise: third patch
#
# *6 minutes · difficulty 2 of 3 · builds on 05 and 06*
#
# The complaint is: "If I measure it twice, I get two different numbers."

# %% tags=["experiment"] name="patch_3_source"
print(clinic.patch_source(3))

# %% nbgrader={"grade_id": "patch_3", "solution": true}
def patch_3(source):
    """Fix a program whose accuracy differs each time it is measured.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    fixed : str, its source without the fault, and otherwise as it was
    """
    ### BEGIN SOLUTION
    begin = "        right, seen = 0, 0\n"
    return source.replace(begin, "        self.net.eval()\n" + begin)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_patch_3", "grade": true}
from autograder import check

check("patch_3")

# %% [markdown] name="remember"
# ## What to remember
#
# - When a training run fails without an error, different faults can have the same curve. Rank
#   hypotheses, then order the cheap test that tells them apart.
# - In a sound program the first loss is near ln C or a few nats above, the gradient reaches
#   everything that is trained, a few examples can be learned by heart down to the floor, and steps
#   are neither huge nor zero.
# - People listen only to an alarm that is rare. A program may be unusual (smoothed labels, frozen
#   layers, large initial weights) and still be sound.
# - A program with one fault may have another. Does the first fault explain the whole complaint?
# - A patch changes one thing. Here a sound twin proves it. In your own work, compare the runs
#   before and after.

# %% [markdown] name="teacher_question"
# ## Your closing table, for your teacher to read
#
# Write the table that you would like to have beside your screen, with at least six rows. Each row
# has four parts: a symptom as you see it (a curve, a number or a complaint), the test that you
# order first and why (its cost, and which causes it separates), the test that catches the fault,
# and one sound program that would look the same. Use what you met in your ward.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_table", "grade": true, "solution": true, "points": 10}
# | symptom | look first at | test that catches it | sound, and looks the same |
# |---|---|---|---|
# | loss stays at ln C, accuracy at 1/C | steps: whether weights move at all parts "nothing is learned" from "nothing is done" | labels; steps; gradients | a rate that is small on purpose, early on |
# | first loss far above ln C | the range of the pictures, then the first weights | first loss | wide first weights, a few nats above |
# | loss stays far above 0, accuracy good | one batch against the floor | one batch | smoothed labels |
# | training good, validation much worse | ranges of both parts, two minutes each | validation pictures, new pictures | few pictures, many classes |
# | validation too good for the customer | what the parts share | parts, new pictures | an easy task |
# | falls, then sleeps | the rate after each epoch | steps, late ones | a schedule that is done with its work |
# | another number each time | the modes before and after a look | measured twice | none: validation should be repeatable |
#
# (One point for each of six rows whose test really catches the fault; two for reasons why a test comes
# first that speak of cost and of what it parts; two for sound programs that look the same.)

# %% [markdown] name="then_and_now"
# ## Then and now
#
# | then | now |
# |---|---|
# | `tf.summary.histogram` of weights and gradients, watched by eye | every logger draws these, and you can let your program warn you when a ratio or norm leaves its bounds |
# | `tf.add_check_numerics_ops()` | `torch.autograd.set_detect_anomaly(True)` stops at a NaN in a backward pass, and names the line of the forward pass that it belongs to |
# | `tf.train.Optimizer.minimize` does backward and step in one call | `zero_grad`, `backward`, `step`: three calls, which you have to put in the right order |
# | `is_training` as a placeholder, to be fed each time | `net.train()`, `net.eval()`: a state that stays |

# %% [markdown] name="since"
# ## What has changed since
#
# - Humbatova 2020 collected real faults from 1,059 code changes, issues and forum posts and from 20
#   interviews, and sorted them into 15 categories. In a survey of 21 other developers, 13 of these
#   categories had each been met by at least half of the developers.
# - Some tools look at a training run and say what is wrong, where, and how to fix it. With one of
#   them, UMLAUT, 15 people found and fixed significantly more faults than without it (Schoop 2021).
# - To measure how good tests are, you can plant faults that mimic real ones in a program, as the
#   tool DeepCrime does (Humbatova 2021). Your instruments are judged in the same way here.

# %% [markdown] name="further_reading"
# ## Further reading
#
# - N. Humbatova et al., *Taxonomy of Real Faults in Deep Learning Systems*, 2020.
# - E. Schoop et al., *UMLAUT: Debugging Deep Learning Programs using Program Structure and Model
#   Behavior*, 2021.
# - N. Humbatova et al., *DeepCrime: Mutation Testing of Deep Learning Systems based on Real Faults*,
#   2021.
# - A. Karpathy, *A Recipe for Training Neural Networks*, 2019.
