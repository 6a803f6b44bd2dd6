"""A stochastic function judged by its distribution: samples in, statistics of them judged."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, statistic

NOTEBOOK = "odd_kinds"


class noisy_gate(Exercise):
    """Inverted dropout: keep a value with probability p, scaled so that its mean stays."""

    signature = "noisy_gate(x, p, rng)"

    def cases(self, rng):
        for p in (0.25, 0.7):
            x, seed = rng.uniform(1, 2, 20_000), int(rng.integers(1e6))
            yield Case(f"keep {p:g}", 1, x=x, p=p, seed=seed)

    def observe(self, code, x, p, seed):
        return {"out": code.noisy_gate(x, p, np.random.default_rng(seed))}

    def read(self, seen, x, p, seed):
        ratio = np.asarray(seen["out"]) / x
        kept = ratio != 0
        return {
            "share kept": kept.mean(),
            "mean of out/x": ratio.mean(),
            "shape of out": list(ratio.shape),
        }

    def reference(self, x, p, seed):
        error = np.sqrt(p * (1 - p) / x.size)
        return {
            "share kept": statistic(p, error),
            "mean of out/x": statistic(1.0, error / p),
            "shape of out": list(x.shape),
        }

    @mistake
    def not_scaled(self, right, x, p, seed):
        """What is kept has to be scaled up, so that the mean stays what it was."""
        return {"mean of out/x": p}

    @mistake
    def p_drops(self, right, x, p, seed):
        """p is the probability to keep a value; yours drops with it."""
        return {"share kept": 1 - p, "mean of out/x": (1 - p) / p}


RIGHT = '''
def noisy_gate(x, p, rng):
    return x * (rng.random(x.shape) < p) / p
'''
STUB = '''
def noisy_gate(x, p, rng):
    raise NotImplementedError
'''
WRONG = {"not_scaled": RIGHT.replace(" / p", ""), "p_drops": RIGHT.replace("< p)", "> p)")}
