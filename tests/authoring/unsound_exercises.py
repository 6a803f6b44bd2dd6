"""Exercises for tests of `verify`: a sound one, and others that are each unsound in one way."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake

NOTEBOOK = "98_unsound"


def doubled(value):
    return 2 * value


class Sum(Exercise, abstract=True):
    """The sum of x times a factor; each exercise is a copy of it with something amiss."""

    signature = "total(x, factor)"
    reads = {"total": "your sum"}

    def __init_subclass__(cls, **kwargs):
        cls.signature = f"{cls.__name__}(x, factor)"
        super().__init_subclass__(**kwargs)

    def cases(self, rng):
        yield Case("a few numbers", 1, x=rng.uniform(1, 2, 5), factor=3.0)
        yield Case("two numbers", 1, x=rng.uniform(1, 2, 2), factor=-2.0)

    def observe(self, code, x, factor):
        return {"total": code.right_sum(x, factor)}

    def reference(self, x, factor):
        return {"total": float(np.dot(x, np.full(len(x), factor)))}

    @mistake
    def mean_taken(self, right, x, factor):
        """A mean is a sum divided by how many there are; here the sum is asked for."""
        return {"total": factor * x.mean()}


class right_sum(Sum):
    """Nothing is amiss here."""


class wrongly_solved(Sum):
    """Its solution is wrong."""

    def observe(self, code, x, factor):
        return {"total": code.wrongly_solved(x, factor)}


class no_markers(Sum):
    """Its solution has no markers, so that nothing of it is left."""

    def observe(self, code, x, factor):
        return {"total": code.no_markers(x, factor)}


class stopping(Sum):
    """Its reference stops."""

    def observe(self, code, x, factor):
        return {"total": code.stopping(x, factor)}

    def reference(self, x, factor):
        return {"total": x.total()}


class half_a_stub(Sum):
    """Its stub answers."""

    def observe(self, code, x, factor):
        return {"total": code.half_a_stub(x, factor)}


class invisible(Sum):
    """One of its mistakes shows nowhere."""

    def observe(self, code, x, factor):
        return {"total": code.invisible(x, factor)}

    @mistake
    def not_seen(self, right, x, factor):
        """Something that none of the cases brings to light."""
        return {"total": right["total"] * (1 + 1e-12)}


class twins(Sum):
    """Two of its mistakes show the same."""

    def observe(self, code, x, factor):
        return {"total": code.twins(x, factor)}

    @mistake
    def average_taken(self, right, x, factor):
        """An average is not a sum."""
        return {"total": factor * x.mean()}


class hiding(Sum):
    """Two of its mistakes show in the same single cell."""

    def observe(self, code, x, factor):
        return {"total": code.hiding(x, factor)}

    @mistake
    def sign_lost(self, right, x, factor):
        """A negative factor counts too."""
        return {"total": abs(factor) * x.sum()} if factor < 0 else None

    @mistake
    def negative_ignored(self, right, x, factor):
        """A negative factor is a factor like others."""
        return {"total": float(x.sum())} if factor < 0 else None


class telling(Sum):
    """A hint holds the solution's code."""

    hints = ("Try (x * factor).sum() + 0 * len(x), and see.",)

    def observe(self, code, x, factor):
        return {"total": code.telling(x, factor)}


class blind(Sum):
    """Its cases see nothing: most mutants survive."""

    def cases(self, rng):
        yield Case("zeros", 1, x=np.zeros(3), factor=0.0)

    def observe(self, code, x, factor):
        return {"total": code.blind(x, factor)}

    @mistake
    def mean_taken(self, right, x, factor):
        """One too many."""
        return {"total": 1.0}


class forgeable(Sum):
    """All that it looks at is a counter."""

    counted = ("total",)

    def observe(self, code, x, factor):
        return {"total": code.forgeable(x, factor)}


class restless(Sum):
    """Its key is another one each time."""

    def cases(self, rng):
        yield Case("drawn anywhere", 1, x=np.random.uniform(1, 2, 4), factor=3.0)

    def observe(self, code, x, factor):
        return {"total": code.restless(x, factor)}


class homebound(Sum):
    """Its observe uses what does not exist beside the learner's code."""

    def observe(self, code, x, factor):
        return {"total": doubled(code.homebound(x, factor)) / 2}


class stowaway(Sum):
    """Its observe imports what does not exist beside the learner's code."""

    def observe(self, code, x, factor):
        from autograder.exercises import activations

        return {"total": code.stowaway(x, factor) if activations else 0.0}


class counting(Sum):
    """Its solution loops; some mutants of it for ever."""

    def observe(self, code, x, factor):
        return {"total": code.counting(x, factor)}
