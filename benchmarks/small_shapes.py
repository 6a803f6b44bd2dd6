"""Trains the small net that ships in data/small_shapes.pt, and says how good it is. Run by hand.

python benchmarks/small_shapes.py
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "2")

from pathlib import Path

import torch

from course_utils.datasets import colour_shapes, to_nchw
from course_utils.shipped import FILE, SIDE, small_shapes_net
from course_utils.training import evaluate, fit, seeded

SEED, PICTURES, EPOCHS, DIFFICULTY = 0, 3000, 12, 0.5


def crop_and_flip(x, generator):
    """A random SIDE×SIDE piece of each picture, mirrored half of the time."""
    room = x.shape[2] - SIDE
    corners = torch.randint(room + 1, (len(x), 2), generator=generator).tolist()
    mirrored = (torch.rand(len(x), generator=generator) < 0.5).tolist()
    crops = [image[:, t : t + SIDE, left : left + SIDE]
             for image, (t, left) in zip(x, corners, strict=True)]  # fmt: skip
    return torch.stack([c.flip(2) if m else c for c, m in zip(crops, mirrored, strict=True)])


def main():
    x, y = colour_shapes(PICTURES, seed=1000, difficulty=DIFFICULTY)
    test_x, test_y = colour_shapes(2000, seed=1001, difficulty=DIFFICULTY)
    start = (32 - SIDE) // 2
    middle = to_nchw(test_x)[:, :, start : start + SIDE, start : start + SIDE]
    with seeded(SEED):
        net = small_shapes_net()
    adam = lambda p: torch.optim.Adam(p, lr=4e-3)
    history = fit(net, (to_nchw(x), y), (middle, test_y), adam, EPOCHS, 64, SEED,
                  augment=crop_and_flip, progress=False)  # fmt: skip
    print(history)
    print(f"test accuracy on the middle of each picture: {evaluate(net, (middle, test_y))[1]:.3f}")
    file = Path(__file__).resolve().parent.parent / "data" / FILE
    file.parent.mkdir(exist_ok=True)
    torch.save(net.state_dict(), file)
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
