"""Trains the net that ships in data/source_shapes.pt, and says how good it is. Run by hand.

python benchmarks/source_shapes.py
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "2")

from pathlib import Path

import torch

from course_utils.datasets import SOURCE_SHAPES, colour_shapes, to_nchw
from course_utils.shipped import SOURCE_FILE, source_shapes_net
from course_utils.training import evaluate, fit, seeded

SEED, PICTURES, EPOCHS, DIFFICULTY, RATE, BATCH = 0, 15000, 14, 0.4, 3e-3, 64


def main():
    data = [
        (to_nchw(x), y)
        for x, y in (
            colour_shapes(n, seed=seed, difficulty=DIFFICULTY, shapes=SOURCE_SHAPES)
            for n, seed in ((PICTURES, 2000), (3000, 2001))
        )
    ]
    with seeded(SEED):
        net = source_shapes_net(len(SOURCE_SHAPES))
    adam = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01)
    steps = EPOCHS * -(-PICTURES // BATCH)
    one_cycle = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=steps)
    # A schedule per update: the loop takes whatever has the optimizer's own step.
    adam.register_step_post_hook(lambda *_: one_cycle.step())
    history = fit(net, data[0], None, adam, EPOCHS, BATCH, SEED, progress=False)
    print(history)
    print(f"accuracy on 3,000 other pictures: {evaluate(net, data[1])[1]:.3f}")
    file = Path(__file__).resolve().parent.parent / "data" / SOURCE_FILE
    file.parent.mkdir(exist_ok=True)
    torch.save(net.state_dict(), file)
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
