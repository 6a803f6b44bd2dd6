# %% [markdown]
# # 00 · Start here
#
# After this you can
#
# - **tell** whether the course works on your machine, and where your work is kept,
# - **read** what a check says, and get a hint when you are stuck,
# - **find** what is next, and hand in what you have done.
#
# Estimated 30 minutes, two small exercises. Builds on Python with a little numpy.

# %% [markdown]
# ## What the course is
#
# You train convolutional nets, and write by hand what makes the training work: layers forward and
# backward, starting values, normalisation, optimizers, convolutions in three ways. You write
# functions; a check runs each on inputs that were chosen so that usual mistakes show, and says which
# one it was. Between the functions there are experiments. Write down what you expect before you run
# one.
#
# Each notebook is one sitting. They build on one another in this order, but each works by itself:

# %% tags=["experiment"] name="map"
from autograder import progress

progress("00_start")

# %% [markdown]
# ## Does it work here?
#
# Run a cell with Shift+Enter. The next one looks at the machine that your notebook runs on. What it
# marks with ✓ works; anything else comes with what to do about it. No notebook needs a GPU, and
# after the set-up none needs a network.

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
# A task says what a function gets and gives, with shapes. The function's cell holds
# `raise NotImplementedError()`: put your code there. The cell below it checks, and says one of four
# things.
#
# | sign | word | what it means |
# |---|---|---|
# | ○ | Not attempted | the `NotImplementedError` is still there; this costs nothing |
# | ✗ | Not yet | something is off: the sentence says what, and "All cases" where |
# | ! | Stopped by an error | your code stopped; the message names the line |
# | ✓ | Right | every case is right |
#
# You may check as often as you like. Points are counted by case, and here they are only for you.
#
# Do one wrong on purpose first. This function should give each column of `x` the mean 0 and the
# standard deviation 1, and does something else. Run it, and open "All cases".

# %% tags=["experiment"] name="on_purpose"
def standardize(x):
    return (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0) + 1e-12)


check(standardize)

# %% [markdown]
# ## Exercise: `standardize`
#
# *5 minutes · difficulty 1 of 3*
#
# Data come as an array with one example a row and one measured quantity a column: heights in
# metres, weights in grams. A net learns faster when all columns are of the same size. For column
# $j$ with mean $\mu_j$ and standard deviation $\sigma_j$ over the $N$ rows,
#
# $$z_{ij} = \frac{x_{ij} - \mu_j}{\sigma_j}, \qquad
# \mu_j = \frac1N \sum_i x_{ij}, \qquad \sigma_j^2 = \frac1N \sum_i (x_{ij} - \mu_j)^2 .$$
#
# A column that never changes has $\sigma_j = 0$; it comes out as zeros.

# %% nbgrader={"grade_id": "standardize", "solution": true}
def standardize(x):
    """Give each column the mean 0 and the standard deviation 1.

    Parameters
    ----------
    x : array, N×D, of floats or whole numbers; it is left as it is

    Returns
    -------
    array, N×D, of floats; a column whose standard deviation is 0 comes out as zeros. Nothing is
    added to the standard deviation of any other, however small it is
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
# A net gives each picture one score a class; the largest one is its answer. `scores` is N×C, `y`
# holds the N right classes, counted from 0. The accuracy is the share of pictures whose answer is
# right:
#
# $$\text{accuracy} = \frac1N \sum_i \left[\arg\max_c \text{scores}_{ic} = y_i\right].$$
#
# Where two scores tie, the first is the answer. Scores are no probabilities: they may be negative,
# and larger than 1.
#
# Stuck? Take the `#` away in the next cell and run it: it gives a nudge, and when you run it again a
# bigger one. A failed check offers it too.

# %% tags=["experiment"] name="a_hint"
# hint("accuracy")

# %% nbgrader={"grade_id": "accuracy", "solution": true}
def accuracy(scores, y):
    """The share of pictures whose largest score is at their label.

    Parameters
    ----------
    scores : array, N×C, one score a class
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
# Experiments begin with a guess of yours. It is written down, shown beside the result, and never
# graded: who has guessed wrong has found out what there is to learn.
#
# Here is the first. 1,077 pictures of handwritten digits are rows of 64 numbers, and somebody has
# measured each of the 64 in a unit of its own, from thousandths to thousands. A small net learns
# from them, five times through: once as they come, once with **your** `standardize` before it. Then
# **your** `accuracy` looks at 360 pictures that the net has not seen. Who guesses among ten digits
# is right in one of ten.
#
# **Predict** both accuracies, as numbers between 0 and 1: put them in place of the dots.

# %% name="predict_units"
predict("accuracy as they come", ..., between=(0, 1))
predict("accuracy after standardize", ..., between=(0, 1))

# %% tags=["experiment"] name="units"
digits = datasets.digits().flat()
columns = np.concatenate([digits.train_x, digits.test_x]).astype(float)
columns *= 10.0 ** np.random.default_rng(0).integers(-3, 4, columns.shape[1])


def digits_net(seed):
    """A net with one hidden layer; its first weights are those of this seed."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    with training.seeded(seed):
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def learned(x, seed):
    """The scores of a net for the pictures that it has not seen, after five times the others."""
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
# Same pictures, same net, same training. As the columns come, the few that count in thousands drown
# the others, and the net does little better than guess. Standardized, it reads more than nine digits
# of ten. (Both parts are standardized together here. When pictures come one by one, the mean and
# spread are those of the training pictures: notebook 03.)
#
# ## When you are stuck
#
# 1. Read the check's first sentence. It names the mistake where it knows it.
# 2. `hint("name")` gives a nudge, then more; never the code.
# 3. `solution("name")` shows a worked solution, once you have made three different attempts and seen
#    all hints, or when it is right. It tells what is still missing. If your notebooks are a kit from
#    your instructor, there is none in it.
# 4. A word that is new to you stands in the [glossary](glossary.md), with the notebooks that use it.

# %% tags=["experiment"] name="a_solution"
solution("standardize")

# %% [markdown]
# ## Where you stand, and how to hand in
#
# `progress()` shows the map above and the notebook's exercises: how often you checked, how long it
# took, what was off last; every notebook ends with it. `course progress` shows the same in a
# terminal. It is kept in the file `.progress.json` beside your notebooks and on your machine only;
# nobody is graded by it, and you may delete it.
#
# **To hand in** a notebook: choose *Kernel → Restart Kernel and Run All Cells*, look whether each
# check still says what you expect, save, and give in the `.ipynb` file as your instructor says.
# Keep its name, and leave the check cells as they are. It is marked by the same checks on other
# numbers, so a function that only works for the numbers that you saw earns nothing.
#
# **When something does not work:** `course doctor` in a terminal says what, and how to mend it. A
# notebook finds the rest of the course from the folder it lies in, so leave it there.
#
# ## What to remember
#
# - Untouched is not wrong: check early, check often.
# - A column has a mean of its own; the axis you average over is the one that disappears.
# - Accuracy compares scores with each other, never with a threshold.
#
# On to `01_gradients`, where derivatives are taken by hand and by machine.
