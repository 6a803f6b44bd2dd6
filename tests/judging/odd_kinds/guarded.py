"""A search whose test set is guarded by a spy; its right trace is not unique, so it is read."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.instruments.spies import Guarded, Spy

NOTEBOOK = "odd_kinds"


class pick_best(Exercise):
    """Choose a rate by `score(rate, data)`, larger is better, in `budget` trials at most."""

    signature = "pick_best(score, validation, test, rng, budget)"
    library = "any"

    def cases(self, rng):
        for name, budget in (("a small budget", 6), ("a larger budget", 15)):
            target = float(rng.uniform(0.2, 0.8))
            yield Case(name, 1, target=target, budget=budget, seed=int(rng.integers(1e6)))

    def observe(self, code, target, budget, seed):
        validation = Guarded(np.array([target]), "validation")
        # Whoever is best on the test set is worst on the validation set.
        test = Guarded(np.array([target + (10 if target < 0.5 else -10)]), "test")
        score = Spy(lambda rate, data: -abs(rate - float(data[0])))
        best = code.pick_best(score, validation, test, np.random.default_rng(seed), budget)
        tried = [float(args[0]) for args, _ in score.calls]
        return {"best": float(best), "tried": tried, "looks at test": test.looks}

    def read(self, seen, target, budget, seed):
        scores = [-abs(rate - target) for rate in seen["tried"]]
        best = seen["tried"][int(np.argmax(scores))]
        worst = seen["tried"][int(np.argmin(scores))]
        chosen = {best: "the best tried", worst: "the worst tried"}
        return {
            "choice": chosen.get(seen["best"], "another"),
            "within budget": 2 <= len(seen["tried"]) <= budget,
            "test untouched": seen["looks at test"] == 0,
        }

    def reference(self, target, budget, seed):
        return {"choice": "the best tried", "within budget": True, "test untouched": True}

    @mistake
    def chosen_on_the_test_set(self, right, **inputs):
        """The test set is for the last number you report: choose on the validation set."""
        return {"choice": "the worst tried", "test untouched": False}

    @mistake
    def worst_chosen(self, right, **inputs):
        """A larger score is better; yours keeps the smallest."""
        return {"choice": "the worst tried"}


RIGHT = '''
def pick_best(score, validation, test, rng, budget):
    rates = [0.0, 1.0] + list(rng.random(budget - 2))
    return max(rates, key=lambda rate: score(rate, validation))
'''
STUB = '''
def pick_best(score, validation, test, rng, budget):
    raise NotImplementedError
'''
WRONG = {
    "chosen_on_the_test_set": RIGHT.replace("score(rate, validation)", "score(rate, test)"),
    "worst_chosen": RIGHT.replace("max(", "min("),
}
