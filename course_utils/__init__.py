"""What the notebooks import: data sets, the training loop, plots, explorers, devices and timing.

No check and no grading live here, and nothing here imports `autograder`. Importing this package
costs nothing: each module loads torch, matplotlib or scikit-learn only when it is asked to work.

    from course_utils import datasets, devices, plots, training, vision
"""
