"""Mistakes in what comes back of settings drawn at random, and in where their chance comes from;
`sampling` has the rest."""

from autograder.exercise import Exercise, mistake
from autograder.exercises.tuning.spreads import FORM, VALUES


class GivenBack(Exercise, abstract=True):
    """The form of the settings, their number, and the generator."""

    @mistake
    def one_dictionary_of_lists(self, right, space, n, seed):
        """You give one dictionary, with all the values of a name together. Asked for is a list of n
        dictionaries, one for each setting."""
        return {FORM: "a dict"}

    @mistake
    def generator_for_a_list(self, right, space, n, seed):
        """You give a generator, as `yield` makes it. Asked for is a list, which can be gone through
        more than once."""
        return {FORM: "a generator"}

    @mistake
    def values_without_names(self, right, space, n, seed):
        """Your settings are not dictionaries. Each of them maps the names to their values."""
        return {FORM: "a list of other things"}

    @mistake
    def one_too_many(self, right, space, n, seed):
        """You give one setting more than n."""
        return {"number of settings": n + 1}

    @mistake
    def one_too_few(self, right, space, n, seed):
        """You give one setting less than n."""
        return {"number of settings": n - 1}

    @mistake
    def same_dictionary(self, right, space, n, seed):
        """All your settings are one and the same dictionary, n times in the list, so they are all
        equal. Make a new one for each."""
        return {"one dictionary each": False} | self.all_equal(right)

    @mistake
    def drawn_once(self, right, space, n, seed):
        """All your settings are equal: drawn once and repeated. Draw inside the loop."""
        return self.all_equal(right)

    def all_equal(self, right):
        return {VALUES: "all equal"} if VALUES in right else {}

    @mistake
    def generator_made_anew(self, right, space, n, seed):
        """Every call gives the same settings: you make a generator of your own from a fixed seed.
        Use the one that is passed in."""
        if n < 10:
            return {"goes on drawing": False, "another generator, other settings": False}

    @mistake
    def generator_copied(self, right, space, n, seed):
        """Two calls with the same generator give the same settings: you draw from a copy of it.
        Draw from the generator itself, so that it moves on."""
        if n < 10:
            return {"goes on drawing": False}

    @mistake
    def generator_ignored(self, right, space, n, seed):
        """The same generator gives other settings each time: something is drawn from another one,
        such as numpy's global one. Use the one that is passed in for everything, or no search can
        be repeated."""
        if n < 10:
            return {"same generator, same settings": False}
