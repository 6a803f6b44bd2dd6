"""Transfer with real nets and real photographs: ImageNet's SqueezeNet on a part of CIFAR-10.

python benchmarks/transfer_real.py FOLDER [--quick | --all]

FOLDER holds `squeezenet1_0*.pth` (torchvision's keys) and `cifar10*.npz` with uint8 train_x,
train_y and the rows `balanced_train_idx`, `balanced_heldout_idx`. Scratch, features and fine-tuning
at 5, 20 and 100 pictures a class under three seeds, and two classifiers on the features, as DeCAF
had them. Prints the table and stores it in data/results/transfer_real.json; --quick makes the
smallest part of it, and stores nothing; --all trains SqueezeNet from scratch as well, which takes
half an hour more on a CPU. Scratch is otherwise the course's small net, on 32×32: it has batch norm
and gets further in as many updates.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import shipped, training
from course_utils.datasets import CIFAR10_CLASSES, to_nchw
from course_utils.results import FOLDER as RESULTS
from course_utils.transfer import fit_steps
from course_utils.vision import import_torchvision

SIDE = 96  # the photographs' 32 pixels enlarged to what leaves SqueezeNet a map of 5×5
SPLIT = 11  # features.11 and features.12, its last two fire modules, are fine-tuned
SIZES, SEEDS, STEPS, RATE = (5, 20, 100), 3, 200, 3e-3
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as torchvision has them


def one_file(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(f"There is no {pattern} in {folder}.")
    return found[0]


def photographs(folder: Path):
    """((x, y) to draw training sets from, (x, y) to test on); x float N×3×32×32 in [0, 1]."""
    with np.load(one_file(folder, "cifar10*.npz")) as data:
        x, y = to_nchw(data["train_x"]), data["train_y"].astype(np.int64)
        rows = data["balanced_train_idx"], data["balanced_heldout_idx"]
    return [(torch.from_numpy(x[some]), torch.from_numpy(y[some])) for some in rows]


def squeezenet(folder: Path) -> nn.Module:
    """SqueezeNet 1.0 with ImageNet's weights."""
    net = import_torchvision().models.squeezenet1_0(weights=None)
    weights = torch.load(one_file(folder, "squeezenet1_0*.pth"), weights_only=True)
    net.load_state_dict(weights)
    return net.eval()


def enlarged(x):
    large = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (MEAN, STD))
    return (large - mean) / std


def maps(body: nn.Module, x):
    """What the frozen part makes of photographs; computed once, as it never changes."""
    with torch.no_grad():
        return torch.cat([body(enlarged(part)) for part in x.split(100)])


def accuracy(net, data):
    return training.evaluate(net, data)[1]


def drawn(y, n, seed):
    """n rows a class; those of a smaller n are among those of a larger one."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(y.numpy() == c))[:n] for c in range(int(y.max()) + 1)]
    return torch.from_numpy(np.concatenate(rows))


def top(net, classes, seed):
    """The last two fire modules, copied, the mean over all places, and a new head."""
    import copy

    with training.seeded(seed):
        head = nn.Linear(512, classes)
    middle = copy.deepcopy(net.features[SPLIT:])
    return nn.Sequential(middle, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def groups(model, middle_rate):
    model[0].requires_grad_(middle_rate > 0)
    found = [{"params": list(model[-1].parameters()), "lr": RATE}]
    if middle_rate:
        found.append({"params": list(model[0].parameters()), "lr": middle_rate})
    return found


def one_run(way, net, photos, frozen, n, seed, steps):
    """Accuracy on the held-out photographs of one net trained on n a class."""
    (x, y), (test_x, test_y) = photos
    rows, classes = drawn(y, n, seed), int(y.max()) + 1
    if way == "scratch, small net":
        with training.seeded(seed):
            model = shipped.source_shapes_net(classes)
        fit_steps(model, [{"params": list(model.parameters()), "lr": 3e-3}], (x[rows], y[rows]),
                  steps, seed=seed)  # fmt: skip
        return accuracy(model, (test_x, test_y))
    if way == "scratch, SqueezeNet":
        with training.seeded(seed):
            empty = import_torchvision().models.squeezenet1_0(weights=None, num_classes=classes)
        fit_steps(empty, [{"params": list(empty.parameters()), "lr": 3e-4}],
                  (enlarged(x[rows]), y[rows]), steps, seed=seed)  # fmt: skip
        return accuracy(empty, (enlarged(test_x), test_y))
    model = top(net, classes, seed)
    rates = groups(model, 0 if way == "features" else RATE / 10)
    fit_steps(model, rates, (frozen[0][rows], y[rows]), steps, seed=seed)
    return accuracy(model, (frozen[1], test_y))


def classifiers(net, photos, frozen, n, seed):
    """Accuracies of logistic regression and of a linear SVM on the pooled features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    with torch.no_grad():
        rows = [net.features[SPLIT:](part).mean((2, 3)).numpy() for part in frozen]
    y, test_y = photos[0][1], photos[1][1].numpy()
    some = drawn(y, n, seed)
    found = {}
    for name, kind in (("logistic regression", LogisticRegression(C=0.01, max_iter=2000)),
                       ("linear SVM", LinearSVC(C=0.001, max_iter=20000))):  # fmt: skip
        fitted = make_pipeline(StandardScaler(), kind).fit(rows[0][some], y[some].numpy())
        found[name] = float(fitted.score(rows[1], test_y))
    return found


WAYS = ("scratch, small net", "features", "fine-tuned")


def measure(folder, sizes=SIZES, seeds=SEEDS, steps=STEPS, ways=WAYS, per_class=None):
    """{way: {size: [one accuracy a seed]}}; `per_class` shortens the data."""
    net, photos = squeezenet(folder), photographs(folder)
    if per_class is not None:
        photos = [(x[some], y[some]) for (x, y), n in zip(photos, per_class, strict=True)
                  for some in [drawn(y, n, 0)]]  # fmt: skip
    frozen = [maps(net.features[:SPLIT], x) for x, _ in photos]
    found = {way: {str(n): [] for n in sizes} for way in ways}
    plain = {"logistic regression": {}, "linear SVM": {}}
    for n in sizes:
        for way in ways:
            for seed in range(seeds):
                found[way][str(n)].append(one_run(way, net, photos, frozen, n, seed, steps))
            values = ", ".join(f"{v:.3f}" for v in found[way][str(n)])
            print(f"{n:4d} a class  {way:20s} {values}")
        for seed in range(seeds):
            for name, value in classifiers(net, photos, frozen, n, seed).items():
                plain[name].setdefault(str(n), []).append(value)
        for name in plain:
            values = ", ".join(f"{v:.3f}" for v in plain[name][str(n)])
            print(f"{n:4d} a class  {name:20s} {values}")
    return found | plain


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    if options.quick:
        measure(options.folder, (5,), 1, 40, ("scratch, small net", "features"), (20, 20))
        return
    ways = (*WAYS, "scratch, SqueezeNet") if options.all else WAYS
    found = measure(options.folder, ways=ways)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stored = {
        "made by": "python benchmarks/transfer_real.py FOLDER" + " --all" * options.all,
        "with": f"torch {torch.__version__}, CPU, {torch.get_num_threads()} threads",
        "source": "SqueezeNet 1.0, ImageNet",
        "target": f"CIFAR-10, {', '.join(CIFAR10_CLASSES)}; 600 held-out photographs",
        "updates": STEPS,
        "seconds": round(time.perf_counter() - start),
        "accuracies": found,
    }
    path = RESULTS / "transfer_real.json"
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"{path.name} in {stored['seconds']} s")


if __name__ == "__main__":
    main()
