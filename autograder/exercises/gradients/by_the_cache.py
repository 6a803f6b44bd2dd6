"""What goes wrong with the cache of a layer's way back (notebooks 01, 02, 06, 10 and 11)."""

from autograder.exercise import Exercise, Expected, mistake
from course_utils.recipes.passes import another


class ByTheCache(Exercise, abstract=True):
    """A way back by the cache that it is given: `observe` calls `forward_again` in between."""

    def found_behind(self, **inputs):
        """What code observes that goes back from this batch."""
        return self.reference(**inputs)

    @mistake
    def cache_of_the_last_call(self, right, **inputs):
        """Your way back goes by the last forward pass, not by the one whose cache it is given: a
        layer may go forward again before it goes back. Whatever you need belongs in the cache, in
        arrays that no later call overwrites."""
        shown = self.found_behind(
            **{name: v if name == "dout" else another(v) for name, v in inputs.items()}
        )
        return {name: v.value if isinstance(v, Expected) else v for name, v in shown.items()}
