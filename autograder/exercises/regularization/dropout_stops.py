"""Mistakes that make dropout stop: what is absent from its dict, what a Generator does not have."""

from autograder.exercise import Exercise, mistake, raises


class DropoutStops(Exercise, abstract=True):
    """For `dropout`: where code stops that wants more than it is given."""

    @mistake
    def called_like_the_old_generator(self, right, x, param, rng_seed):
        """A numpy Generator has no rand: what is meant is called random, and takes the shape as
        one argument."""
        if "share kept" in right and rng_seed is not None:
            return dict.fromkeys(right, raises("AttributeError", "Generator"))

    @mistake
    def all_called_like_the_old_one(self, right, x, param, rng_seed):
        """A numpy Generator has no rand: what is meant is called random, and takes the shape as
        one argument. That holds for the one that you make from the seed as well."""
        if "share kept" in right:
            return dict.fromkeys(right, raises("AttributeError", "Generator"))

    @mistake
    def two_axes_only(self, right, x, param, rng_seed):
        """Your code wants an x of two axes. Any shape should do: draw a mask of the shape of x."""
        return dict.fromkeys(right, raises("ValueError", "unpack")) if x.ndim != 2 else None

    @mistake
    def seed_wanted_beside_a_generator(self, right, x, param, rng_seed):
        """Your code looks for a seed although there is a generator. The default of dict.get is
        worked out in any case: read the seed only where no generator is given."""
        if "share kept" in right and "seed" not in param:
            return dict.fromkeys(right, raises("KeyError", "seed"))

    @mistake
    def seed_always_wanted(self, right, x, param, rng_seed):
        """Your code looks for a seed in every call. It may be absent: where there is a generator,
        and in test mode."""
        if "seed" not in param:
            return dict.fromkeys(right, raises("KeyError", "seed"))

    @mistake
    def generator_wanted_at_test(self, right, x, param, rng_seed):
        """In test mode your code looks for a generator or a seed. Both may be absent there: look at
        the mode first."""
        if "at test" in right and rng_seed is None:
            return dict.fromkeys(right, raises("KeyError"))

    @mistake
    def generator_always_wanted(self, right, x, param, rng_seed):
        """Your code wants a generator where only a seed is given. Then make one from the seed."""
        if "share kept" in right and rng_seed is None:
            return dict.fromkeys(right, raises("KeyError", "rng"))

    @mistake
    def generator_wanted_even_at_test(self, right, x, param, rng_seed):
        """Your code wants a generator in every call. Where there is none, make one from the seed;
        in test mode both may be absent."""
        return dict.fromkeys(right, raises("KeyError", "rng")) if rng_seed is None else None

    @mistake
    def no_generator_made(self, right, x, param, rng_seed):
        """Where only a seed is given your generator is None. Make one from the seed."""
        if "share kept" in right and rng_seed is None:
            return dict.fromkeys(right, raises("AttributeError", "NoneType"))
