"""How fast a device is: the numbers that notebooks 07, 12 and 13 show. Whether what it gives is
right is asked in `proofs`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import torch
from parts import ROOT, Failed, LeftOut, Run
from torch import nn

BENCHMARKS = ROOT / "benchmarks"
SQUEEZED = 32  # the picture's side in the training step
DATA = "COURSE_DATA"


def device_speeds(run: Run) -> dict:
    """What `device_speeds.py` measures, section by section, so that a stop keeps what there is."""
    sys.path.insert(0, str(BENCHMARKS))
    import device_speeds as script

    script.settle()
    measured: list[dict] = []
    for place in dict.fromkeys((run.device, "cpu")):
        found: dict = {}
        measured.append(found)
        for section, values in script.sections(torch.device(place), run.quick):
            found[section] = values
            run.keep(cpu_threads=torch.get_num_threads(), measured=measured)
    return {}


# A training step by type.


def wide_net(narrowest: int = 64) -> nn.Module:
    """Eight 3×3 convolutions, 64 to 512 channels: VGG's in small, all arithmetic."""
    layers: list[nn.Module] = []
    channels = 3
    for width in (narrowest * times for times in (1, 1, 2, 2, 4, 4, 8, 8)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if channels == width else []
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def mixed_precision(run: Run) -> dict:
    """Pictures a second of a whole training step, and how the loss moves, by type."""
    from course_utils.devices import timed

    device = torch.device(run.device)
    batch = 8 if run.quick else 512
    torch.manual_seed(0)
    x = torch.randn(batch, 3, SQUEEZED, SQUEEZED, device=device)
    y = torch.randint(10, (batch,), device=device)
    rows = []
    for name, kind, tf32, channels_last in ways(device):
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        layout = torch.channels_last if channels_last else torch.contiguous_format
        net = wide_net(2 if run.quick else 64).to(device, memory_format=layout)
        step, losses = training_step(net, x.to(memory_format=layout), y, kind)
        for _ in range(2 if run.quick else 30):
            step()
        seconds = timed(step, device, repeats=1 if run.quick else 15, warmup=1)
        rows.append({
            "name": name, "images_per_s": batch / seconds, "seconds": seconds,
            "first_loss": float(losses[0]), "last_loss": float(losses[-1]),
        })  # fmt: skip
        run.keep(net="VGG in small: eight 3×3 convolutions, 64 to 512 channels, pictures 32×32",
                 batch=batch, rows=rows)  # fmt: skip
    lost = [row["name"] for row in rows if not row["last_loss"] < row["first_loss"]]
    if lost and not run.quick:
        raise Failed(f"the loss does not fall in {', '.join(lost)}")
    return {}


def ways(device: torch.device):
    """Name, autocast's type, TF32, channels last."""
    yield "float32", None, False, False
    if device.type == "cuda":
        yield "TF32", None, True, False
        yield "float16", torch.float16, True, False
        yield "float16, channels last", torch.float16, True, True
        yield "bfloat16, channels last", torch.bfloat16, True, True
    else:
        yield "bfloat16", torch.bfloat16, False, False


def training_step(net: nn.Module, x, y, kind: torch.dtype | None):
    """One step of SGD as notebook 13 takes it, and the list that its losses go to."""
    device = x.device
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    scaler = torch.amp.GradScaler(device.type, enabled=kind == torch.float16)
    losses: list[torch.Tensor] = []

    def step():
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=kind or torch.bfloat16, enabled=kind is not None):
            loss = nn.functional.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.detach())

    return step, losses


# Triton.


def fused_kernel(run: Run) -> dict:
    """Notebook 12's kernel beside torch's way, which goes through memory three times."""
    device = torch.device(run.device)
    sizes = ((100, 300),) if run.quick else ((1000, 300), (2**14, 1024), (2**17, 1024))
    rows = []
    for n, features in sizes:
        rows.append(fused(device, n, features))
        run.keep(rows=rows)
    return {}


def fused(device: torch.device, rows: int, features: int) -> dict:
    """Whether the kernel gives what torch gives, and GB/s of both (read once, written once)."""
    if device.type != "cuda":
        os.environ["TRITON_INTERPRET"] = "1"  # read when triton is imported
    try:
        import triton
    except ImportError:
        raise LeftOut("the package triton is not installed") from None
    from course_utils.devices import timed

    kernel = triton.jit(the_notebooks_kernel())
    torch.manual_seed(0)
    x = torch.randn(rows, features, device=device)
    scale, shift = torch.rand(features, device=device), torch.randn(features, device=device)
    out = torch.zeros_like(x)

    def ours():
        kernel[(triton.cdiv(x.numel(), 1024),)](
            x, scale, shift, out, x.numel(), features, BLOCK=1024
        )

    ours()
    torch.testing.assert_close(out, torch.relu(x * scale + shift))
    fused_seconds = timed(ours, device, repeats=10)
    torch_seconds = timed(lambda: torch.relu(x * scale + shift), device, repeats=10)
    gigabytes = 2 * 4 * x.numel() / 1e9
    return {
        "rows": rows, "features": features,
        "fused_gb_per_s": gigabytes / fused_seconds, "torch_gb_per_s": gigabytes / torch_seconds,
    }  # fmt: skip


def the_notebooks_kernel():
    """The kernel as the master of notebook 12 has it; Triton reads its source from a file."""
    import importlib.util
    import tempfile
    import textwrap

    master = (ROOT / "notebooks" / "source" / "12_gpu.py").read_text(encoding="utf-8")
    _, _, rest = master.partition("    def batchnorm_relu_kernel(")
    body = rest.partition("\n\n    kernel = ")[0]
    if not body:
        raise Failed("notebook 12 has no batchnorm_relu_kernel any more")
    source = textwrap.dedent("    def batchnorm_relu_kernel(" + body)
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False, encoding="utf-8") as file:
        file.write("import triton.language as tl\n\n\n" + source)
    spec = importlib.util.spec_from_file_location("kernel_of_12", file.name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.batchnorm_relu_kernel


# Notebook 07's figure.


def optimizers_figure(run: Run) -> dict:
    """The net at the paper's size on 4,000 pictures: what is done before the stop is kept.

    Photographs where they are at hand, else the course's own coloured shapes.
    """
    made = run.out.with_suffix(".making")
    options = ["--images", "4000"]
    if run.quick:
        options = ["--images", "256", "--reduced", "--epochs", "1"]
    done = subprocess.Popen(
        [sys.executable, BENCHMARKS / "optimizers_figure.py", "--device", run.device,
         "--out", made, *options, *pictures()],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = []
    for line in done.stdout:
        said.append(line)
        if made.exists():
            run.keep(**json.loads(made.read_text(encoding="utf-8")))
    made.unlink(missing_ok=True)
    if done.wait():
        raise Failed(f"optimizers_figure.py stopped: {''.join(said)[-800:]}")
    return {}


def pictures() -> list[str]:
    """CIFAR-10 where somebody has put it, else drawn shapes."""
    folders = [os.environ.get(DATA), ROOT / "shared" / "data", ROOT.parent / "shared" / "data",
               ROOT / "data"]  # fmt: skip
    for folder in (Path(folder) for folder in folders if folder):
        if any(folder.glob("cifar10*.npz")) or (folder / "cifar-10-batches-py").is_dir():
            return ["--data", str(folder)]
    return ["--shapes"]
