"""What goes wrong in `pipeline` with the rows of the schedule, as where all are one list; no
exercise."""

from autograder.exercise import Exercise, mistake


def idle_share(table):
    return sum(row.count("idle") for row in table) / (len(table) * len(table[0]))


class OneRow(Exercise, abstract=True):
    """For `model_parallel_forward`: each slot shows what was written last, or is no slot."""

    def never_idle(self, right, microbatches):
        """The schedule where only work is written into the one row."""
        table = right["schedule"]
        return [[len(microbatches) - 1] * len(table[0])] * len(table)

    @mistake
    def rows_are_one_list(self, right, weights, microbatches):
        """All rows of your schedule show the micro-batch that each stage worked on last: they are
        one and the same list, which `[row] * n` repeats and does not copy. Make a new one for each
        slot."""
        return {"schedule": self.never_idle(right, microbatches)}

    @mistake
    def rows_are_one_list_counted(self, right, weights, microbatches):
        """All rows of your schedule show the micro-batch that each stage worked on last, so that
        nothing seems to be idle: they are one and the same list, which `[row] * n` repeats and does
        not copy. Make a new one for each slot."""
        return {"schedule": self.never_idle(right, microbatches), "bubble": 0.0}

    @mistake
    def last_row_everywhere(self, right, weights, microbatches):
        """All rows of your schedule are its last one: the same list is put in again and again.
        Make a new one for each slot."""
        return {"schedule": right["schedule"][-1:] * len(right["schedule"])}

    @mistake
    def last_row_everywhere_counted(self, right, weights, microbatches):
        """All rows of your schedule are its last one, and your bubble is counted in them: the same
        list is put in again and again. Make a new one for each slot."""
        table = right["schedule"][-1:] * len(right["schedule"])
        return {"schedule": table, "bubble": idle_share(table)}

    @mistake
    def columns_for_rows_counted_from_one(self, right, weights, microbatches):
        """Your schedule has a row for each stage, where a row is a time slot; and it counts
        micro-batches from 1. They are numbered from 0."""
        columns = zip(*right["schedule"], strict=True)
        return {"schedule": [[k if k == "idle" else k + 1 for k in column] for column in columns]}
