"""What goes wrong in `symmetry_after` with how far units spread. No exercise lives here."""

import numpy as np

from autograder.exercise import Exercise, mistake


class Spreads(Exercise, abstract=True):
    """For `symmetry_after`: mistakes about its spread alone."""

    @mistake
    def biases_left_out_of_the_spread(self, right, **case):
        """Your spread looks at weights only. Units may differ in their biases, too."""
        return {"spread": float(np.ptp(self.table(case, lambda p: p[0]), axis=0).max())}

    @mistake
    def within_a_unit(self, right, **case):
        """Your spread is taken within a unit, from its largest weight to its smallest. Take it over
        the units, for each weight by itself."""
        return {"spread": float(np.ptp(self.table(case), axis=1).max())}

    @mistake
    def mean_of_the_differences(self, right, **case):
        """Your spread is the mean of the differences. The largest of them is asked for."""
        return {"spread": float(np.ptp(self.table(case), axis=0).mean())}

    @mistake
    def distance_from_the_first(self, right, **case):
        """Your spread is the largest difference from the first unit. Take the largest value over
        the units less the smallest: no unit is special."""
        table = self.table(case)
        return {"spread": float(np.abs(table - table[0]).max())}

    @mistake
    def of_rounded_numbers(self, right, **case):
        """Your spread is taken of rounded numbers. They are rounded for the count only."""
        return {"spread": float(np.ptp(np.round(self.table(case), 6), axis=0).max())}

    @mistake
    def biased_deviation_for_spread(self, right, **case):
        """Your spread is a standard deviation. Asked for is the largest value less the smallest
        one, at the weight or bias where that is largest."""
        return {"spread": float(self.table(case).std(0).max())}
