"""Notebook 02: one number for each unit, and slopes with two things missing."""

import numpy as np
from wrong_code import wrong


def _share(identity, times):
    def saturation_fraction(a, kind, threshold=0.05):
        if kind == "relu":
            flat = a <= 0
        else:
            slope = 4 * a * (1 - a) if kind == "sigmoid" else 1 - a * a
            flat = slope < threshold
        return times * np.mean(flat, axis=0)

    wrong("saturation_fraction", identity)(saturation_fraction)


_share("share_for_each_unit", 1)
_share("percent_for_each_unit", 100)


@wrong("joints_and_slopes", "phi_forgotten_and_leftmost_missing")
def joints_and_slopes(theta, phi):
    offsets, slopes = theta.T
    joints = -offsets / slopes
    order = np.argsort(joints)
    so_far = slopes[slopes < 0].sum()
    return joints[order], so_far + np.add.accumulate(np.abs(slopes[order]))
