"""What goes wrong with the shear in `random_affine`, and with its ranges; no exercise."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.data.moves import BEYOND, rotation, sheared, stretched

ALIKE = "one picture"
DRAWN = {"calls": "different ones"}


def drawn_about_zero(part, words, size=False):
    """The mistake of drawing a part from −high to high, or between the sizes of high."""

    def show(self, right, **inputs):
        low, high = inputs[part]
        if inputs["draws"]:
            return {part: "from -high to high"}
        if high < 0 and not size:
            return dict.fromkeys(right, raises("ValueError", "high - low < 0"))
        return DRAWN if high else None

    ends = "−|high| and |high|" if size else "−high and high"
    show.__doc__ = f"{words} between {ends}: low is not read. Draw from low to high."
    return mistake(show)


def radians_about(centre, words):
    """The mistake of another centre, together with an angle of shear in degrees."""

    def show(self, right, **inputs):
        def home(d):
            there = d.R @ sheared(np.tan(d.shear)) @ d.St
            return d.home(back=np.linalg.inv(there), about=centre(d))

        return self._maps(inputs, home)

    show.__doc__ = f"""Two things: your centre is {words}, where it is at ((W − 1)/2, (H − 1)/2);
        and your shear takes degrees for radians, where np.tan takes radians."""
    return mistake(show)


class ShearedBadly(Exercise, abstract=True):
    """For `random_affine`: mistakes about the angle of shear and where its tangent stands, and
    about ranges whose low end is not read."""

    turn_about_zero = drawn_about_zero("degrees", "Your angles of turning lie")
    shear_about_zero = drawn_about_zero("shear", "Your angles of shear lie")
    shift_about_zero = drawn_about_zero("translate", "Your shifts lie")
    turn_about_zero_by_size = drawn_about_zero("degrees", "Your angles of turning lie", size=True)
    shear_about_zero_by_size = drawn_about_zero("shear", "Your angles of shear lie", size=True)
    shift_about_zero_by_size = drawn_about_zero("translate", "Your shifts lie", size=True)

    def _sheared(self, inputs, factor):
        return self._matrix(inputs, lambda d: d.R @ sheared(factor(np.deg2rad(d.shear))) @ d.St)

    @mistake
    def shear_in_radians(self, right, **inputs):
        """Your shear takes degrees for radians. np.tan takes radians."""
        if inputs["draws"]:
            return {"shear": BEYOND}
        return self._matrix(inputs, lambda d: d.R @ sheared(np.tan(d.shear)) @ d.St)

    shear_in_radians_half_a_pixel_off = radians_about(
        lambda d: (d.width / 2, d.height / 2), "at (W/2, H/2), half a pixel too far"
    )
    shear_in_radians_about_the_corner = radians_about(lambda d: (0, 0), "the upper left corner")

    @mistake
    def degrees_taken_for_radians(self, right, **inputs):
        """Your angles are in degrees, but np.cos and its like take radians."""
        return self._matrix(inputs, lambda d: (
            rotation(np.rad2deg(d.degrees)) @ sheared(np.tan(d.shear)) @ d.St
        ))  # fmt: skip

    @mistake
    def shear_without_tangent(self, right, **inputs):
        """You shear by the angle itself, in radians. The formula has its tangent."""
        return self._sheared(inputs, lambda kappa: kappa)

    @mistake
    def shear_by_degrees(self, right, **inputs):
        """You shear by the angle itself, in degrees. The formula has its tangent, and np.tan takes
        radians."""
        if inputs["draws"]:
            return {"shear": BEYOND}
        return self._sheared(inputs, np.rad2deg)

    @mistake
    def sign_of_the_shear_lost(self, right, **inputs):
        """A negative shear comes out as a positive one: its sign is lost. The tangent of a negative
        angle is negative."""
        return self._sheared(inputs, lambda kappa: np.tan(np.abs(kappa)))

    @mistake
    def shear_by_the_sine(self, right, **inputs):
        """You shear by the sine of the angle. The formula has its tangent."""
        return self._sheared(inputs, np.sin)

    @mistake
    def shear_that_squeezes(self, right, **inputs):
        """Your shear makes the picture lower: its matrix has sine and cosine, as a slanted axis of
        the same length does. In the formula rows slide by the tangent, and heights stay."""

        def there(d):
            sine, cosine = np.sin(np.deg2rad(d.shear)), np.cos(np.deg2rad(d.shear))
            squeezed = stretched(np.stack([np.ones_like(cosine), cosine], -1))
            return d.R @ (sheared(sine / cosine) @ squeezed) @ d.St

        return self._matrix(inputs, there)

    @mistake
    def shears_the_other_way(self, right, **inputs):
        """Your shear goes the other way: its sign is wrong."""
        return self._sheared(inputs, lambda kappa: -np.tan(kappa))

    @mistake
    def shear_forgotten(self, right, **inputs):
        """Your picture does not shear: shear does nothing."""
        return self._sheared(inputs, lambda kappa: 0 * kappa)

    @mistake
    def shears_along_y(self, right, **inputs):
        """Your shear moves columns up and down. Here it moves rows left and right: the tangent
        stands in the first row."""
        return self._matrix(inputs, lambda d: d.R @ d.Sh.swapaxes(1, 2) @ d.St)

    # The shear alone, where the drawn pictures show another fault besides.

    @mistake
    def fixed_shear_in_radians(self, right, **inputs):
        """Your shear takes degrees for radians. np.tan takes radians."""
        return None if inputs["draws"] else self.shear_in_radians(right, **inputs)

    @mistake
    def fixed_angles_in_radians(self, right, **inputs):
        """Your angles are in degrees, but np.cos and its like take radians."""
        return None if inputs["draws"] else self.degrees_taken_for_radians(right, **inputs)

    @mistake
    def fixed_shear_along_y(self, right, **inputs):
        """Your shear moves columns up and down. Here it moves rows left and right: the tangent
        stands in the first row."""
        return None if inputs["draws"] else self.shears_along_y(right, **inputs)
