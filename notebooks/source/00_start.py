# %% [markdown]
# # 00 · Start here
#
# After this you can
#
# - **tell** whether the course works on your machine, and where the record of your progress is
#   kept,
# - **read** what a check says, and get a hint when you are stuck,
# - **find** what is next, and hand in what you have done.
#
# This takes an estimated 30 minutes, with two small exercises. You need Python and a little numpy.

# %% [markdown]
# ## What the course is
#
# You train convolutional nets, and you write by hand what makes the training work: the forward and
# backward passes of layers, initial weights, normalisation, optimizers, and convolutions, which you
# write in three ways. Each of these is a function that you write. A check runs it on inputs that
# were chosen so that the usual mistakes show, and tells you which mistake you made. Between the
# functions there are experiments. Write down what you expect before you run one.
#
# Each notebook is one sitting, or two. They build on one another in the order of the map that the
# next cell draws, but you can open any of them on its own. Run a cell with Shift+Enter.

# %% tags=["experiment"] name="map"
from autograder import progress

progress("00_start")

# %% [markdown]
# ## Does it work here?
#
# The next cell looks at the machine that your notebook runs on.
# Everything marked with ✓ works. Beside anything that does not work, the cell says what to do. No
# notebook needs a GPU, and once the course is set up none needs an internet connection.

# %% tags=["experiment"] name="set_up_check"
from autograder import doctor

doctor.tell()

# %% name="imports"
import numpy as np

from autograder import check, hint, passes, solution
from course_utils import datasets, training
from course_utils.predictions import compare, predict

# %% [markdown]
# ## How a check works
#
# An exercise says what a function takes and what it returns, with shapes. The function's cell holds
# `raise NotImplementedError()`; put your code in its place. The cell below checks it, and says one
# of four things.
#
# | sign | word | what it means |
# |---|---|---|
# | ○ | Not attempted | the `NotImplementedError` is still there; this costs nothing |
# | ✗ | Not yet | something is wrong; the sentence says what, and "All cases" shows where |
# | ! | Stopped by an error | your code stopped; the message names the line |
# | ✓ | Right | every case is right |
#
# You may check as often as you like. If a check or an experiment does not end, press ■ at the top:
# it stops what runs, and nothing is lost. A check looks at what you have **run**: after each change run
# your function's cell first, then the check. Every case that is right earns points. Until you hand a
# notebook in, only you see them. Where a check says *extra*, as it does for the questions from
# notebook 01 on, it gives no points, and no exercise with points builds on it.
#
# First see what a wrong answer looks like. The function below should give each column of `x` the
# mean 0 and the standard deviation 1, but it does something else. Run the cell, and open "All
# cases".

# %% tags=["experiment"] name="on_purpose"
def standardize(x):
    width = x.max(axis=0) - x.min(axis=0)
    return (x - x.min(axis=0)) / np.maximum(width, 1e-300)


check("standardize")

# %% [markdown]
# ## Exercise: `standardize`
#
# *5 minutes · difficulty 1 of 3*
#
# Data come as an array with one example in each row and one measured quantity in each column, for
# example heights in metres and weights in grams. A net learns faster when the numbers in all
# columns are of similar size. For column $j$ with mean $\mu_j$ and standard deviation $\sigma_j$
# over the $N$ rows,
#
# $$z_{ij} = \frac{x_{ij} - \mu_j}{\sigma_j}, \qquad
# \mu_j = \frac1N \sum_i x_{ij}, \qquad \sigma_j^2 = \frac1N \sum_i (x_{ij} - \mu_j)^2 .$$
#
# Where the computed $\sigma_j$ is exactly 0, as when every value is 3, the column should come out
# as zeros.

# %% nbgrader={"grade_id": "standardize", "solution": true}
def standardize(x):
    """Give each column the mean 0 and the standard deviation 1.

    Parameters
    ----------
    x : array, N×D, of floats or whole numbers; it is left as it is

    Returns
    -------
    array, N×D, of floats; a column whose computed standard deviation is exactly 0 comes out as
    zeros. Add nothing to the standard deviation of any other column, however small it is
    """
    ### BEGIN SOLUTION
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_standardize", "grade": true}
from autograder import check

check("standardize")

# %% [markdown]
# ## Exercise: `accuracy`
#
# *5 minutes · difficulty 1 of 3*
#
# For each picture a net gives one score per class, and the class with the largest score is its
# answer. `scores` is N×C; `y` holds the N right classes, counted from 0. The accuracy is the
# fraction of pictures whose answer is right (the bracket is 1 where it is true, and 0 otherwise):
#
# $$\text{accuracy} = \frac1N \sum_i \left[\arg\max_c \text{scores}_{ic} = y_i\right].$$
#
# When several classes share the largest score, the one with the smallest number is the answer.
# Scores are not probabilities, so they may be negative or larger than 1.
#
# If you get stuck below, take away the `#` in the next cell and run it. It gives you a nudge, and a
# bigger one each time you run it again. A failed check offers the same hints.

# %% tags=["experiment"] name="a_hint"
# hint("accuracy")

# %% nbgrader={"grade_id": "accuracy", "solution": true}
def accuracy(scores, y):
    """The fraction of pictures whose largest score is that of their label.

    Parameters
    ----------
    scores : array, N×C, one score per class
    y : array of N whole numbers from 0 to C − 1, the labels

    Returns
    -------
    float from 0 to 1
    """
    ### BEGIN SOLUTION
    return float(np.mean(np.argmax(scores, axis=1) == y))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_accuracy", "grade": true}
from autograder import check

check("accuracy")

# %% [markdown]
# ## Predict, then run
#
# An experiment begins with your own guess. The guess is written down, shown beside the result, and
# never graded, because a wrong guess shows you what there is to learn.
#
# Here is the first one. 1,077 pictures of handwritten digits are rows of 64 numbers from 0 to 1. To
# imitate columns in different units, we multiply each column by a power of ten, from a thousandth
# to a thousand. A small net goes through these pictures five times and learns from them. We train
# it on these columns as they come, and again on what **your** `standardize` makes of them, three
# times each with different initial weights. Then **your** `accuracy` is computed on 360 pictures
# that the net has not seen, and your guess is compared with the median. Guessing among ten digits
# gives an accuracy of about 0.1.
#
# **Predict** both accuracies, as numbers between 0 and 1. Put them in place of the dots.

# %% name="predict_units"
predict("accuracy as they come", ..., between=(0, 1))
predict("accuracy after standardize", ..., between=(0, 1))

# %% tags=["experiment"] name="units"
digits = datasets.digits().flat()
columns = np.concatenate([digits.train_x, digits.test_x]).astype(float)
columns *= 10.0 ** np.random.default_rng(0).integers(-3, 4, columns.shape[1])


def digits_net(seed):
    """A net with one hidden layer; the seed decides its initial weights."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    with training.seeded(seed):
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def learned(x, seed):
    """Train a net for five epochs on the first pictures; return its scores for the other ones."""
    import torch

    count, net = len(digits.train_x), digits_net(seed)
    training.fit(net, (x[:count], digits.train_y), epochs=5, seed=seed, progress=False)
    with torch.no_grad():
        return net(torch.tensor(x[count:], dtype=torch.float32)).numpy()


if passes("standardize", "accuracy"):
    hits = {}
    for name, x in [("as they come", columns), ("after standardize", standardize(columns))]:
        hits[name] = [float(accuracy(learned(x, seed), digits.test_y)) for seed in range(3)]
        print(f"{name}: {min(hits[name]):.2f} to {max(hits[name]):.2f} over three seeds")
        compare(f"accuracy {name}", float(np.median(hits[name])))

### BEGIN CLAIMS
assert max(hits["as they come"]) < 0.3, "as they come it does little better than guess"
assert min(hits["after standardize"]) > 0.9, "standardized: more than nine of ten are right"
### END CLAIMS

# %% [markdown]
# The pictures, the net and the training are the same. When the columns are left as they are, the
# few with numbers up to a thousand decide almost alone, and the net does little better than
# guessing. With standardised columns it reads more than nine digits out of ten. (Here the training
# and test pictures are standardised together. In notebook 03 you take the mean and standard
# deviation from the training pictures alone, as you must when new pictures come one by one.)
#
# ## When you are stuck
#
# 1. Read the check's first sentences. They name your mistake if it recognises it.
# 2. `hint("name")` gives you a nudge, then a bigger one, but never the code.
# 3. `solution("name")` shows a worked solution once your own is right, or once you have made three
#    different attempts and seen all hints. Before that it says what is still missing. Notebooks
#    that you got from your instructor may contain no solutions.
# 4. Look up a word that is new to you in the [glossary](glossary.md), which also names the
#    notebooks that use it.

# %% tags=["experiment"] name="a_solution"
solution("standardize")

# %% [markdown]
# ## Where you stand, and how to hand in
#
# Every notebook ends with `progress()`. It shows the map above and, for each exercise of the
# notebook, how often you checked it, how long it took, and what was wrong last. `course progress`
# shows the same in a terminal. This record is kept in the file `.progress.json` beside your
# notebooks, on your machine only. You are not graded on it, and you may delete it.
#
# **To hand in** a notebook: choose *Kernel → Restart Kernel and Run All Cells*, see whether each
# check still says what you expect, save, and hand in the `.ipynb` file as your instructor tells
# you. Keep its name, and leave the check cells as they are. It is marked by the same checks with
# other numbers, so a function that works only for the numbers that you saw earns nothing.
#
# **When something does not work:** type `course doctor` in a terminal, in the course's folder after `source .venv/bin/activate`. It says what is wrong and
# how to fix it. A notebook finds the rest of the course from the folder it is in, so leave it
# there.
#
# ## What to remember
#
# - An untouched exercise does not count as wrong, and a failed check costs nothing, so check early
#   and often.
# - Each column has a mean of its own. To get it, average over the rows, which is axis 0.
# - A net's answer is the class with the largest score, however small that score is.
#
# Go on to `01_gradients`, where you take derivatives by hand and by machine.
