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
# - **write** four tests that hear what a program does not say, and that leave sound programs alone,
# - **order** evidence about a training that fails, cheapest first, before you open its code,
# - **mend** a fault without changing anything besides.
#
# **Time:** estimated 175 minutes, in two sittings of 85 and 90. **Builds on:** 01 (gradients), 04
# (first weights), 06 (two modes of a net), 07 (schedules), 08 (curves and what they say).

# %% name="imports"
import itertools
import math

import numpy as np
import torch

from autograder import ask, check, hint, passes, solution
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
# Three questions about earlier notebooks; each is needed below.

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
# A program that stops with an error is a kind one. The others run to the end, draw a curve, print a
# number, and are wrong. Of real faults in deep learning programs many are of this kind (Humbatova
# 2020).
#
# Here are twelve small programs, trained to their ends. Six are sound, six have one fault each: the
# first weights, the loss, the rate, a schedule. How many of the six sick ones end below **every**
# sound one?

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
# Three lie at guessing, and nobody overlooks them; what one overlooks is *why*. And three end near the
# lowest sound one, or above it: they would be better without their fault, and no curve says so. (The
# lowest sound one has nine kinds of strokes to tell apart, smoothed labels and dropout: nothing is
# wrong with it.)
#
# ## Order before you open
#
# You cannot read every line of every program that you are given, and where you could, you would read
# over the fault as its author did. A physician does not begin with surgery either. The order of work:
#
# 1. Look at the complaint and the curve. Write down **three** causes that would look like this.
# 2. Which test has another result for one of them than for the others, and costs little? Say what you
#    expect, **then** order it.
# 3. Strike out what the result excludes, and go on until one is left. Only then open the source.
#
# Here is a patient solved in full. First the chart.

# %% tags=["experiment"] name="my_ward"
my_name = "me"  # in a class: your student id, as your teacher has it
my_ward = clinic.ward(my_name)

# %% tags=["experiment"] name="example_chart"
my_ward.chart(0)

# %% [markdown] name="example_ranked"
# The loss falls, by next to nothing; the accuracy is above guessing, and far from good. So something
# is learned, or half of the net learns. Three causes, the likeliest first:
#
# 1. *cut gradient*: only the last layer gets one, and learns what it can from features of chance;
# 2. *labels apart*: then nothing at all would be learned, and 0.3 is more than 1/9;
# 3. *schedule*: a rate that has fallen asleep after a good start.
#
# The tests, and what they cost:

# %% name="the_panel"
clinic.panel()

# %% [markdown] name="example_tests"
# *Labels* clears the second for 3 minutes, *steps* tells the third for 6. *Gradients* shows the first
# directly for 4, and if I am wrong, it also tells weights of zero. I order it first, and expect "none"
# for all layers but the last.

# %% tags=["experiment"] name="example_order"
my_ward.order(0, "gradients")

# %% [markdown] name="example_reveal"
# So it is, and nothing else on the list does that: committed for four minutes. Now the source opens.
# Find the line.

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
# A test that you can order is a test that somebody wrote. You write four. An **instrument** is a
# function that takes a training program and says True where it is sound; False is an alarm. Every
# program here has the same handles:
#
# | handle | what it is |
# |---|---|
# | `program.net` | the net, an `nn.Module` |
# | `program.batches` | one pass over the training part: pairs (x, y), drawn anew each time |
# | `program.loss(batch)` | the loss that a step makes smaller, a tensor with its graph |
# | `program.step(batch)` | one update; gives the loss before it, a float |
# | `program.end_of_epoch()` | what happens between two epochs, such as a schedule's step |
# | `program.evaluate()` | the accuracy that the program reports |
# | `program.floor` | no net can bring the loss below it |
# | `program.epochs` | so many epochs it is trained for |
# | `program.fresh()` | the same program before its first step, to use up as you like |
#
# An instrument that alarms at sound programs is not heard for long. So yours are tried on programs
# that you have not seen, sick ones and healthy ones, and in each case the score is
#
# $$\text{share of the sick that you catch} - 2 \times \text{share of the healthy at which you
# alarm}.$$
#
# The points are yours where it is at least what 80 % caught and one healthy alarm in twenty come to.
#
# Twelve programs are open to you, to try on: `opened["sound"]` has six, and `opened` has a sick one
# for each of six faults. What no instrument can do is look at sixteen pictures with their labels and
# see that a 6 is called a 9. `inspect` shows you those, beside a table of what each layer gives, gets
# and does.

# %% tags=["experiment"] name="experiment_inspect"
inspect(opened["sound"][0]).show()

# %% [markdown] name="bounds_text"
# The first instrument needs two bounds for a first loss. Slide them over 80 healthy programs and 18
# sick ones.

# %% tags=["experiment"] name="explorer"
explore_bounds()

# %% [markdown] name="explorer_tasks"
# 1. Begin with 0.95 ln C and 0.1 nats above. What does the second bound cost?
# 2. How far up can it go before a sick one slips through? Is there a gap?
# 3. Does the lower bound catch anybody here? What might lie below it?

# %% [markdown] name="first_loss_text"
# ### Exercise: the first loss
#
# *10 minutes · difficulty 2 of 3 · builds on 05, 08*
#
# Notebook 08 had a rule for the first loss: within 10 % of $\ln C$. It was made for small first
# weights. Here is an instrument after a rule that is stricter still; it is whole, it runs, and it is
# wrong:
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
# Tried on eighty sound programs it alarmed at 42. Sound first weights may begin above guessing, by
# a few nats, and a little below. Mend it. Mind three more things: one batch is noise; a net that
# tells two classes apart may have one score; and a loss can be NaN.


# %% nbgrader={"grade_id": "first_loss_is_plausible", "solution": true}
def first_loss_is_plausible(program):
    """Whether the loss of the untrained net is about that of guessing.

    Parameters
    ----------
    program : a training program; it stays as it is. It has
        net, an nn.Module that gives N×C scores, or N×1 where one score tells two classes apart
        batches, one pass over the training part: pairs (x, y), drawn anew each time
        loss(batch), step(batch), end_of_epoch(), evaluate()
        fresh(), which gives the same program before its first step
        floor, below which no net can bring its loss

    Returns
    -------
    sound : bool; False is an alarm. NaN is an alarm
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
# A weight without a gradient stays what the dice made it, and the rest of the net learns around it:
# a cut graph can cost one point or thirty, and the curve falls all the same. Half of this
# instrument is written:
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
# What is left are three decisions. Whom do you not ask? (Somebody may have frozen a layer on
# purpose.) What is too little? (Over 200 sound programs the smallest gradient of a weight was a
# hundredth of the largest of all parameters, biases included; with first weights of 0.0001 all
# weights' are alike, a ten-millionth of the last bias's.) And what of a bias that a norm takes away?
# So ask weights, and compare with the largest of all.


# %% nbgrader={"grade_id": "gradients_reach_everything", "solution": true}
def gradients_reach_everything(program):
    """Whether each weight that is trained gets a gradient that counts beside the largest.

    The largest is that of all parameters, biases included; asked are weights alone.

    Parameters
    ----------
    program : as above; it stays as it is. A layer that is frozen on purpose (requires_grad False)
        is no fault, nor is a bias that a norm takes away

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
# Whoever has more weights than examples can learn a few of them by heart. A net that cannot has
# lost something on the way: the picture, a class, the graph, or the meaning of its loss. "By heart"
# is a loss near its floor, not an accuracy of 1: a net with a softmax too many gets every example
# right, and its loss never falls below 0.9 with five classes, 1.46 with ten (why?).
#
# Two numbers are yours to find, on healthy programs: how many steps, at what rate. Use a rule and a
# rate of your own; whether the program's own steps are good is the next instrument's question.


# %% nbgrader={"grade_id": "memorises_one_batch", "solution": true}
def memorises_one_batch(program):
    """Whether the net learns a few examples by heart, so that its loss comes near its floor.

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

# %% [markdown] name="steps_text"
# ### Exercise: steps in proportion
#
# *15 minutes · difficulty 3 of 3 · builds on 07*
#
# This one goes through the program's own `step`, since here the fault may be anywhere between the
# gradient and the weights: a rate, a schedule, a `zero_grad` in the wrong place, an optimizer that
# holds the parameters of a net that is gone. Measure
#
# $$\frac{\|w_{\text{after}} - w_{\text{before}}\|}{\|w_{\text{before}}\|}$$
#
# for each weight that is trained, at the first step and some epochs on; not at the last, since a
# cosine ends at a rate of 0, and sound programs with it. Weights, not biases: biases begin at 0, and
# nothing is to be divided by that.


# %% nbgrader={"grade_id": "steps_in_proportion", "solution": true}
def steps_in_proportion(program):
    """Whether the program's own steps are neither leaps nor nothing, at the start and later on.

    Parameters
    ----------
    program : as above; it stays as it is. Measured are weights that are trained, not biases (they
        begin at 0)

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
    print("alarms at        " + "  ".join(one.__name__ for one in yours))
    for name, group in opened.items():
        alarms = [sum(not one(program) for program in group) for one in yours]
        told = "  ".join(f"{n} of {len(group)}".ljust(len(one.__name__))
                         for n, one in zip(alarms, yours, strict=True))  # fmt: skip
        print(f"{'sound' if name == 'sound' else 'sick':<15}  {told}  {name}")

### BEGIN CLAIMS
alarms = {name: [[not one(program) for one in yours] for program in group]
          for name, group in opened.items()}
assert not any(map(any, alarms.pop("sound"))), "no alarm at a sound one"
assert all(any(group[0]) for group in alarms.values()), "each sick one is caught"
### END CLAIMS

# %% [markdown] name="after_instruments"
# If a column of yours alarms at a sound one, or a row is empty though that fault was a case of your
# check, a bound of yours is tight: the points leave room for that. Print what your instrument measures
# at this program, and move the bound.
#
# No instrument catches all six, and each catches what it is for; some are heard by two. That is a
# **matrix**: for each fault, who must catch it, and who must stay silent. Where a row is empty you
# need another instrument. What share of the alarms is worth your time, too, is a matter of numbers:

# %% name="show_q16_alarms"
ask("q16_alarms")

# %% name="q16_alarms"
q16_alarms = ...

# %% nbgrader={"grade_id": "check_q16_alarms", "grade": true}
from autograder import check

check("q16_alarms")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run first the cell at the top that imports, the cell with your name, `my_name = ...`, and
# those with your own functions.*
#
# ## Six patients
#
# Now you. Six programs lie in your ward, and somebody complains of each. Some are healthy, and one
# or another may have two faults. For some curves there are two causes: in your ward three pairs of
# patients share one. For each patient:
#
# - look at the chart, and rank three hypotheses **before** you order anything;
# - order tests with `my_ward.order(1, "first loss")`, one at a time, in cells of your own: say first
#   what you expect. `clinic.panel()` lists them;
# - write down what you ordered, the test that decided it (two where there are two faults), and your
#   diagnosis by its name in the list below. For a healthy patient the evidence is a test that
#   excludes the fault whose curve it shares: any one that would have found something else there;
# - check, and then `my_ward.reveal(1, patient_1())` opens the source. Find the line.
#
# The diagnosis counts half of the points (one fault of two found earns half of that), the evidence a
# quarter, and few minutes a quarter: at most 20 earn all of it, at most 35 half. Evidence and minutes
# count once the diagnosis holds. Here the check also reads what your ward has noted: a test that was
# ordered counts, written down or not. In a class, where the ward is not at hand, `"ordered"` counts.
# The check says whether you are right, so the first answer is the one that tells you what you can do.

# %% name="the_diagnoses"
clinic.diagnoses()

# %% [markdown] name="patient_1_text"
# ### Exercise: patient 1
#
# *5 minutes · difficulty 2 of 3 · builds on your instruments*

# %% tags=["experiment"] name="chart_1"
my_ward.chart(1)

# %% [markdown] name="expect_text"
# Your three hypotheses, then your first test. What will the **first loss** be, before the first step?

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
    """Your answer for the patient in bed 1.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
    """Your answer for the patient in bed 2.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
    """Your answer for the patient in bed 3.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
    """Your answer for the patient in bed 4.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
    """Your answer for the patient in bed 5.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
    """Your answer for the patient in bed 6.

    Returns
    -------
    answer : dict with
        "ward": the ward's number, which the chart gives
        "ranked": your three hypotheses or more, names of diagnoses, as you ranked them beforehand
        "ordered": all tests that you ordered, in their order
        "evidence": a list of the one test that decided it, or of two
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
# Three pairs of them shared a curve. What parted the two of each pair, and what did that test cost?
# In one pair a loss stayed far above 0 for two reasons; how far above, a formula says:

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
# Diagnosed is not mended. A patch takes the fault away and **nothing else**: the rate, the seed, the
# order of the pictures, the number of epochs stay. Whoever "cleans up" on the way no longer knows what
# helped.
#
# A patch here is a function from a source to a source, and is tried on other programs than the one
# that you see: other nets, other data, with the same fault in the same lines. So replace lines, not
# the whole: `source.replace(old, new)`, with the blanks at their beginnings. (`replace` says nothing
# where `old` is not found: print what comes out.) The mended program has to show the numbers of its
# sound twin, epoch by epoch.

# %% [markdown] name="patch_1_text"
# ### Exercise: first patch
#
# *6 minutes · difficulty 2 of 3 · builds on 01*
#
# "Not a thing happens." Here is the source.

# %% tags=["experiment"] name="patch_1_source"
print(clinic.patch_source(1))

# %% nbgrader={"grade_id": "patch_1", "solution": true}
def patch_1(source):
    """Mend a program that does not move.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    mended : str, its source without the fault, and otherwise as it was
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
# "A good start, and then it falls asleep."

# %% tags=["experiment"] name="patch_2_source"
print(clinic.patch_source(2))
ends_at = accuracies_of(clinic.patch_program(2))[-1]
print(f"It reports {ends_at:.0%} at its end.")

# %% [markdown] name="expect_patch"
# Before you mend anything: by how much, as a share from 0 to 1, will the patch raise that accuracy?

# %% name="prediction_patch"
predict("what the second patch brings", ..., between=(-1, 1))

# %% nbgrader={"grade_id": "patch_2", "solution": true}
def patch_2(source):
    """Mend a program that falls asleep.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    mended : str, its source without the fault, and otherwise as it was
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
    plots.show(plots.lines({"sick": before, "mended": after}, "epoch", "reported accuracy",
                           "The second patch", accent="mended"))  # fmt: skip
    compare("what the second patch brings", after[-1] - before[-1])

# %% [markdown] name="patch_3_text"
# ### Exercise: third patch
#
# *6 minutes · difficulty 2 of 3 · builds on 05 and 06*
#
# "Measure it twice, and you have two numbers."

# %% tags=["experiment"] name="patch_3_source"
print(clinic.patch_source(3))

# %% nbgrader={"grade_id": "patch_3", "solution": true}
def patch_3(source):
    """Mend a program whose number is another each time.

    Parameters
    ----------
    source : str, the source of a program with this fault

    Returns
    -------
    mended : str, its source without the fault, and otherwise as it was
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
# - A training that fails without a word has a curve that others share. Rank hypotheses, then order the
#   cheap test that parts them.
# - The first loss is ln C, or a little above. The gradient reaches everything that is trained. A few
#   examples can be learned by heart, down to the floor. Steps are neither leaps nor nothing.
# - An alarm that is heard is rare: what is unusual (smoothed labels, frozen layers, wide weights) is
#   not yet sick.
# - Who has one fault may have another. Does the first explain all of the complaint?
# - A patch changes one thing, and its proof is a twin.

# %% [markdown] name="teacher_question"
# ## Your closing table, for your teacher to read
#
# Fill in the table that you would pin to the wall beside your screen: at least six rows, each with a
# symptom as you see it (a curve, a number, a complaint), the first thing that you look at and why it
# comes first (what it costs, what it parts), the test that catches the fault, and one sound program
# that would look the same. Use what you met in your ward.

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
# | `tf.summary.histogram` of weights and gradients, watched by eye | the same in any logger; alarms on ratios and norms |
# | `tf.add_check_numerics_ops()` | `torch.autograd.set_detect_anomaly(True)`: NaN in a backward pass is named with its line |
# | `tf.train.Optimizer.minimize` hides clear, backward, step | three calls, and their order is yours |
# | `is_training` as a placeholder, to be fed each time | `net.train()`, `net.eval()`: a state that stays |

# %% [markdown] name="since"
# ## What has changed since
#
# - Real faults were collected from 1,059 artefacts and 20 interviews, and sorted; 13 of the 15
#   categories had been met by at least half of 21 developers (Humbatova 2020).
# - Tools look at a training and say what is amiss, with a place and a remedy: with one of them 15
#   people found and mended significantly more (Schoop 2021, UMLAUT).
# - Planted faults that mimic real ones measure how good tests are (Humbatova 2021, DeepCrime): the
#   idea by which your instruments are judged here.

# %% [markdown] name="further_reading"
# ## Further reading
#
# - N. Humbatova et al., *Taxonomy of Real Faults in Deep Learning Systems*, 2020.
# - E. Schoop et al., *UMLAUT: Debugging Deep Learning Programs using Program Structure and Model
#   Behavior*, 2021.
# - N. Humbatova et al., *DeepCrime: Mutation Testing of Deep Learning Systems based on Real Faults*,
#   2021.
# - A. Karpathy, *A Recipe for Training Neural Networks*, 2019.
