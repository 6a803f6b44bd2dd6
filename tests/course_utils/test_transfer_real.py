"""Transfer for real: ImageNet's SqueezeNet on photographs of CIFAR-10, where both are at hand.

The whole of it is benchmarks/transfer_real.py; this is its smallest part.
"""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from benchmark_file import loaded

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("COURSE_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def benchmark():
    missing = [p for p in ("squeezenet1_0*.pth", "cifar10*.npz") if not list(REAL.glob(p))]
    if missing:
        reason = f"no {' and no '.join(missing)} in {REAL}: real transfer is NOT tested"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    return loaded("transfer_real")


def test_features_of_imagenet_beat_scratch_at_five_a_class(benchmark):
    ways = ("scratch, small net", "features")
    found = benchmark.measure(REAL, sizes=(5,), seeds=2, steps=60, ways=ways, per_class=(10, 30))
    scratch, features = (np.mean(found[way]["5"]) for way in ways)
    assert features > scratch + 0.08
    for classifier in ("logistic regression", "linear SVM"):
        assert np.mean(found[classifier]["5"]) > scratch + 0.1


def test_training_sets_grow_and_keep_to_their_part(benchmark):
    (_, y), (_, test_y) = benchmark.photographs(REAL)
    small, large = (set(benchmark.drawn(y, n, 0).tolist()) for n in (5, 20))
    assert small < large and len(small) == 50 and len(large) == 200
    assert len(test_y) == 600
