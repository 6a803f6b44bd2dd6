"""How well a small net learns `colour_shapes`, with and without augmentation. Run by hand.

python benchmarks/colour_shapes.py
"""

import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import torch
from torch import nn

from course_utils.datasets import colour_shapes, to_nchw
from course_utils.training import evaluate, fit, seeded, seeds

EPOCHS = 30


def small_cnn():
    def block(c_in, c_out):
        return [nn.Conv2d(c_in, c_out, 3, padding=1), nn.BatchNorm2d(c_out), nn.ReLU(),
                nn.MaxPool2d(2)]  # fmt: skip

    return nn.Sequential(
        *block(3, 16), *block(16, 32), *block(32, 64), nn.Flatten(), nn.Linear(64 * 16, 10)
    )


def flip_shift_colour(x, generator):
    """Mirror, shift by up to 4 pixels, and shuffle and scale the colour channels."""
    n = len(x)
    mirrored = torch.rand(n, generator=generator) < 0.5
    x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
    shifts = torch.randint(-4, 5, (n, 2), generator=generator).tolist()
    x = torch.stack([image.roll(shift, (1, 2)) for image, shift in zip(x, shifts, strict=True)])
    order = torch.stack([torch.randperm(3, generator=generator) for _ in range(n)])
    x = x[torch.arange(n)[:, None], order]
    return x * (0.7 + 0.6 * torch.rand(n, 1, 1, 1, generator=generator))


def accuracy(n, augment, difficulty, epochs):
    x, y = colour_shapes(n, seed=1, difficulty=difficulty)
    test_x, test_y = colour_shapes(2000, seed=2, difficulty=difficulty)
    test = (to_nchw(test_x), test_y)

    def run(seed):
        with seeded(seed):
            model = small_cnn()
        sgd = lambda p: torch.optim.Adam(p, lr=2e-3)
        fit(model, (to_nchw(x), y), None, sgd, epochs, 32, seed, augment=augment, progress=False)
        return evaluate(model, test)[1]

    return seeds(run, 3)


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, 2000 test pictures")
    for difficulty in (0.25, 0.5, 0.75):
        for n, epochs in ((300, EPOCHS), (3000, 10)):
            for name, augment in (("none", None), ("flip, shift, colour", flip_shift_colour)):
                start = time.perf_counter()
                got = accuracy(n, augment, difficulty, epochs)
                seconds = (time.perf_counter() - start) / 3
                print(f"difficulty {difficulty}, {n} pictures, {epochs} epochs, "
                      f"augmentation {name}: {got}, {seconds:.0f} s a run", flush=True)  # fmt: skip
