"""What goes wrong in `run_graph` with the order of what is returned. No exercise lives here."""

from autograder.exercise import Exercise, mistake
from autograder.exercises.gradients.runner import NOTHING


class Ordered(Exercise, abstract=True):
    """For `run_graph`: the right values in another order than that of `fetches`."""

    def _in_another_order(self, right, runs, turned):
        """What is shown where `turned` says that the fetches' values come in another order."""
        return {
            f"names of run {i + 1}" if i else "names": "those fetched, in another order"
            for i, run in enumerate(runs)
            if right[f"stop of run {i + 1}" if i else "stop"] == NOTHING and turned(run["fetches"])
        }

    @mistake
    def in_the_order_of_the_graph(self, right, lines, runs):
        """You return the values in the order in which the graph has their nodes. They come in the
        order of `fetches`."""
        order = [line["name"] for line in lines]
        return self._in_another_order(right, runs, lambda f: sorted(f, key=order.index) != f)

    @mistake
    def in_the_order_of_computation(self, right, lines, runs):
        """You return the values in the order in which they were computed, so what a fetched node is
        made of comes before it. They come in the order of `fetches`."""
        return self._in_another_order(right, runs, lambda f: f == ["loss", "prediction"])

    @mistake
    def from_the_last_fetch_to_the_first(self, right, lines, runs):
        """You return the values from the last fetch to the first. They come in the order of
        `fetches`."""
        return self._in_another_order(right, runs, lambda f: len(f) > 1)

    @mistake
    def in_alphabetical_order(self, right, lines, runs):
        """You return the values sorted by name. They come in the order of `fetches`."""
        return self._in_another_order(right, runs, lambda f: sorted(f) != f)
