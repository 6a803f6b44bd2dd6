"""The global random generators while a learner's code runs: seeded, watched, and put back."""

from __future__ import annotations

import contextlib
import random
import sys

import numpy as np

# Far from 0 and 42: a learner who seeds the global generator must not land where it stands.
SEEDS_START = 1_618_033_988


@contextlib.contextmanager
def global_random(seed: int):
    """Seed the global generators for a case and put them back afterwards.

    Gives a function that names the generators drawn from since.
    """
    torch = sys.modules.get("torch")
    kept = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()
    seed += SEEDS_START
    random.seed(seed)
    np.random.seed(seed)
    if torch:
        torch.default_generator.manual_seed(seed)
    start = _states(torch)

    def touched() -> list[str]:
        now = _states(torch)
        return [name for name in start if start[name] != now[name]]

    try:
        yield touched
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
        if torch:
            torch.set_rng_state(kept[2])


def _states(torch) -> dict:
    kind, keys, position, *gauss = np.random.get_state()
    states = {"random": random.getstate(), "np.random": (kind, keys.tobytes(), position, *gauss)}
    if torch:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states
