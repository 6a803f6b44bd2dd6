"""Exercise of notebook 05 on one-hot labels. Losses are in `losses`, `binary`, `soft_targets`."""

import re

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises

OUTCOME = "outcome"
RIGHTLY, UNNAMED = "a ValueError that names the label", "a ValueError without the label"


class one_hot(Exercise):
    """Labels as rows of an identity matrix."""

    signature = "one_hot(y, classes) -> table"
    minutes = 5
    extra = True
    reads = {
        OUTCOME: "for a label outside the classes your code gives {seen}; {right} is asked for",
    }
    hints = (
        "Row i of an identity matrix is the one-hot row of label i. Indexing with an array of "
        "labels picks rows.",
        "Python counts −1 from the end, and so does numpy. Look at the labels before you index.",
    )

    def cases(self, rng):
        def among(labels, label):
            return np.insert(labels, rng.integers(0, len(labels) + 1), label)

        yield Case("six labels, four classes", 1, y=rng.permutation([0, 1, 3, 3, 2, 1]), classes=4)
        yield Case("the last classes do not occur", 1, y=rng.permutation([0, 2, 1]), classes=5)
        yield Case("a label of -1", 1, y=among(rng.permutation([2, 0, 1]), -1), classes=3)
        # The last class stands before it, for that may be refused as well; its place is not 3.
        last = int(rng.integers(2))
        y = np.insert(np.insert(rng.permutation(2), last, 2), rng.integers(last + 1, 3), 3)
        yield Case("a label that is one too large", 0.5, y=y, classes=3)
        far = int(rng.integers(17, 90))
        yield Case(
            "a label that is far too large", 0.5, y=among(rng.permutation(4), far), classes=4
        )

    def observe(self, code, y, classes):
        if y.min() >= 0 and y.max() < classes:
            return {"table": code.one_hot(y, classes)}
        try:
            return {"table": code.one_hot(y, classes)}
        except NotImplementedError:
            raise
        except Exception as error:  # noqa: BLE001 - of which type it is, is the question
            return {"raised": type(error).__name__, "says": str(error)}

    def read(self, seen, y, classes):
        """What becomes of a label that is outside the classes, in words."""
        outside = (y < 0) | (y >= classes)
        if not outside.any():
            return seen
        if "raised" in seen:
            named = str(y[outside][0]) in re.findall(r"-?\d+", seen["says"])
            kind = seen["raised"]
            article = "an" if kind[0] in "AEIOU" else "a"
            words = RIGHTLY if named else UNNAMED
            return {OUTCOME: words if kind == "ValueError" else f"{article} {kind}"}
        row = np.asarray(seen["table"])[outside][0]
        if row.any():
            return {OUTCOME: f"a row for class {int(row.argmax())}"}
        return {OUTCOME: "a row of zeros"}

    def reference(self, y, classes):
        if y.min() < 0 or y.max() >= classes:
            return {OUTCOME: RIGHTLY}
        return {"table": F.one_hot(torch.tensor(y, device=self.device), classes).double()}

    @staticmethod
    def outside(y, classes, below=None, above=None):
        """What is shown for a label that is too small, and for one that is too large."""
        words = below if y.min() < 0 else above if y.max() >= classes else None
        return {OUTCOME: words} if words else None

    @mistake
    def minus_one_is_the_last_class(self, right, y, classes):
        """A label of −1 becomes the last class, without a word: an index of −1 counts from the
        end. In many data sets −1 means that there is no label."""
        return self.outside(y, classes, below=f"a row for class {classes - 1}")

    @mistake
    def row_of_zeros(self, right, y, classes):
        """A label outside the classes gives a row of zeros, without a word, as TensorFlow does it.
        A ValueError that names it is asked for."""
        return self.outside(y, classes, "a row of zeros", "a row of zeros")

    @mistake
    def pushed_inside(self, right, y, classes):
        """A label outside the classes is taken for the nearest one, without a word. A ValueError
        that names it is asked for."""
        return self.outside(y, classes, "a row for class 0", f"a row for class {classes - 1}")

    @mistake
    def counted_round(self, right, y, classes):
        """A label outside the classes is counted round, as a remainder, without a word. A
        ValueError that names it is asked for."""
        inside = f"a row for class {int(y[(y < 0) | (y >= classes)].max(initial=0)) % classes}"
        return self.outside(y, classes, f"a row for class {classes - 1}", inside)

    @mistake
    def error_of_another_kind(self, right, y, classes):
        """For a label that is too large it stops with an IndexError, as an index does by itself.
        Who calls it should read which label is wrong: raise a ValueError that says so."""
        return self.outside(y, classes, above="an IndexError")

    @mistake
    def one_too_large_passes(self, right, y, classes):
        """A label that equals the number of classes passes your comparison, and then an index stops
        with an IndexError. Labels count from 0, so the largest is below the number of classes."""
        if y.max() == classes:
            return self.outside(y, classes, above="an IndexError")

    @mistake
    def one_too_large_gives_zeros(self, right, y, classes):
        """A label that equals the number of classes passes your comparison, and gives a row of
        zeros. Labels count from 0, so the largest is below that number."""
        if y.max() == classes:
            return self.outside(y, classes, above="a row of zeros")

    @mistake
    def index_error(self, right, y, classes):
        """For a label outside the classes it stops with an IndexError. A ValueError is asked for,
        which names the label."""
        return self.outside(y, classes, "an IndexError", "an IndexError")

    @mistake
    def assertion(self, right, y, classes):
        """You check labels with assert, whose error is an AssertionError and which python -O leaves
        out. Raise a ValueError that names the label."""
        return self.outside(y, classes, "an AssertionError", "an AssertionError")

    @mistake
    def label_not_named(self, right, y, classes):
        """Your ValueError does not name the label. Who reads it wants to know which of thousands is
        wrong: put its value, not its place, into the message."""
        return self.outside(y, classes, UNNAMED, UNNAMED)

    @mistake
    def largest_named(self, right, y, classes):
        """For a negative label your message names another number. Put the label that is wrong into
        it."""
        return self.outside(y, classes, below=UNNAMED)

    @mistake
    def smallest_named(self, right, y, classes):
        """For a label that is too large your message names another number. Put the label that is
        wrong into it."""
        return self.outside(y, classes, above=UNNAMED)

    @mistake
    def classes_from_the_labels(self, right, y, classes):
        """You take the number of columns from the labels in y. The last classes may not occur, and
        need columns too, or two batches have different shapes: `classes` says how many."""
        if "table" in right and y.max() + 1 < classes:
            return {"table": right["table"][:, : y.max() + 1]}

    @mistake
    def every_class_wanted(self, right, y, classes):
        """Your code stops with a ValueError where the last classes do not occur. Not every class
        has to: only a label below 0, or of `classes` or more, is an error."""
        if "table" in right and y.max() + 1 < classes:
            return {"table": raises("ValueError")}

    @mistake
    def last_class_refused(self, right, y, classes):
        """You refuse the last class. Classes count from 0, so its label is one less than their
        number: only one of `classes` or more is too large."""
        if "table" in right and y.max() + 1 == classes:
            return {"table": raises("ValueError")}

    @mistake
    def last_class_refused_and_named(self, right, y, classes):
        """You refuse the last class, and where it comes first your message does not name the label
        that is wrong. Classes count from 0: only a label of `classes` or more is too large."""
        if "table" in right:
            return self.last_class_refused(right, y, classes)
        first = y[(y < 0) | (y >= classes - 1)][0]
        return {OUTCOME: UNNAMED} if 0 <= first < classes else None

    @mistake
    def transposed(self, right, y, classes):
        """Yours is transposed: examples are rows."""
        return {"table": right["table"].T} if "table" in right else None

    @mistake
    def counted_from_one(self, right, y, classes):
        """Your columns are shifted by one: labels start at 0 here."""
        return {"table": np.eye(classes)[y - 1]} if "table" in right else None

    @mistake
    def whole_columns(self, right, y, classes):
        """Each of your rows holds the labels of all examples, and one entry of each is meant. An
        index like `[:, y]` means these columns of all rows; and in a list like `[row] * n` all rows
        are one and the same."""
        if "table" in right:
            return {"table": np.broadcast_to(right["table"].max(axis=0), right["table"].shape)}

    @mistake
    def truth_values(self, right, y, classes):
        """Your table holds truth values; float64 is asked for, so that it can be subtracted from
        probabilities."""
        return {"table": right["table"] > 0} if "table" in right else None

    @mistake
    def whole_numbers(self, right, y, classes):
        """Your table holds whole numbers. float64 is asked for: a probability that is written
        into a table of whole numbers becomes 0."""
        return {"table": right["table"].astype(np.int64)} if "table" in right else None

    @mistake
    def single_precision(self, right, y, classes):
        """Your table is float32. float64 is asked for, what numpy makes by itself."""
        return {"table": right["table"].astype(np.float32)} if "table" in right else None
