# %% [markdown]
# # 98 · A notebook to grade
#
# With what the tests of grading need: an exercise, one that builds on it, one beside them, an
# experiment, a question, an answer for the teacher, an extra.

# %% name="imports"
import numpy as np

from autograder import ask


# %% nbgrader={"grade_id": "relu_forward", "solution": true}
def relu_forward(x):
    """The rectifier max(0, x), of any shape; returns out and what the backward pass wants."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0), x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_forward", "grade": true}
from autograder import check

check("relu_forward")

# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_backward(dout, cache):
    """The gradient with respect to x; `cache` is what relu_forward gave."""
    ### BEGIN SOLUTION
    return dout * (cache > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_backward", "grade": true}
from autograder import check

check("relu_backward")

# %% nbgrader={"grade_id": "bn_dxhat", "solution": true}
def bn_dxhat(dout, gamma):
    """The gradient with respect to the normalised x."""
    ### BEGIN SOLUTION
    return dout * gamma
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bn_dxhat", "grade": true}
from autograder import check

check("bn_dxhat")

# %% tags=["experiment"]
raise RuntimeError("an experiment is not run when a notebook is graded")

# %% name="show_q02_centred"
ask("q02_centred")

# %% name="q02_centred"
q02_centred = ...

# %% nbgrader={"grade_id": "check_q02_centred", "locked": true}
from autograder import check

check("q02_centred")

# %% [markdown] nbgrader={"grade_id": "explain_relu", "grade": true, "solution": true, "points": 3}
# Because its derivative does not shrink.

# %% [markdown]
# ## Go further

# %% nbgrader={"grade_id": "identity_parameters", "solution": true}
def identity_parameters(mean, var, eps):
    """γ and β that undo the normalisation."""
    ### BEGIN SOLUTION
    return np.sqrt(var + eps), mean
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_identity_parameters", "locked": true}
from autograder import check

check("identity_parameters")
