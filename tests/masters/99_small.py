# %% [markdown]
# # 99 · A small notebook
#
# With one of each kind of cell; the tests of building and grading use it.

# %% name="imports"
import numpy as np

from autograder import ask

# %% [markdown]
# ## A question

# %% name="show_q06_noise"
ask("q06_noise")

# %% name="q06_noise"
q06_noise = ...

# %% nbgrader={"grade_id": "check_q06_noise", "grade": true}
from autograder import check

check("q06_noise")

# %% nbgrader={"grade_id": "relu_forward", "solution": true}
def relu_forward(x):
    """The rectifier max(0, x), of any shape; returns out and what the backward pass wants."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0), x
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_forward", "grade": true}
from autograder import check

check("relu_forward")

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
