"""What goes wrong in `standardize` with the centre of a column. No exercise lives here."""

import numpy as np

from autograder.exercise import Exercise, mistake


class Centred(Exercise, abstract=True):
    """For `standardize`: columns about something else than their mean."""

    def about(self, x, centre, spread):
        """Columns about another centre, divided by another spread where there is any."""
        off = x - centre
        size = spread(off)
        return {"z": off / np.where(size > 0, size, 1.0)}

    @mistake
    def median_and_absolute_deviation(self, right, x, far):
        """You subtract the median of each column, and divide by the mean of the absolute
        deviations. Subtract its mean, and divide by its standard deviation."""
        return self.about(x, np.median(x, axis=0), lambda off: np.abs(off).mean(0))

    @mistake
    def median_of_deviations(self, right, x, far):
        """You subtract the median of each column, and divide by the median of the absolute
        deviations. Subtract its mean, and divide by its standard deviation."""
        return self.about(x, np.median(x, axis=0), lambda off: np.median(np.abs(off), axis=0))

    @mistake
    def median_and_quartiles(self, right, x, far):
        """You subtract the median of each column, and divide by the distance of its quartiles.
        Subtract its mean, and divide by its standard deviation."""
        between = lambda off: np.subtract(*np.percentile(off, [75, 25], axis=0))
        return self.about(x, np.median(x, axis=0), between)

    @mistake
    def about_the_median(self, right, x, far):
        """You subtract the median of each column, and your deviations are those from it. Subtract
        the mean, and take the deviations from that."""
        return self.about(x, np.median(x, axis=0), lambda off: np.sqrt((off**2).mean(0)))

    @mistake
    def about_the_first_row(self, right, x, far):
        """You subtract the first row, and your deviations are those from it. Subtract each column's
        mean, and take the deviations from that."""
        return self.about(x, x[0], lambda off: np.sqrt((off**2.0).mean(0)))

    @mistake
    def centred_on_the_first_row(self, right, x, far):
        """You subtract the first row. Subtract each column's mean."""
        return self.about(x, x[0], lambda off: off.std(0))
