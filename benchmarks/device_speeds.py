"""What a device can do: products, convolutions, transfers, launches, memory. For notebook 12.

    python benchmarks/device_speeds.py                      # prints a table
    python benchmarks/device_speeds.py --store data/results # and writes NAME/device_speeds.json

Measures the GPU when there is one and the CPU beside it in the same run; every time is the median
of several synchronised calls after a warm-up. A notebook without a GPU plots the stored file.
`make gpu` does the same, and more, with a clock.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from course_utils import results
from course_utils.devices import describe_device, synchronize, timed

MATRIX_SIZES = (128, 256, 512, 1024, 2048, 4096, 8192)
# VGG-E's 3x3 layers at batch 64: (channels in, channels out, height and width).
VGG_LAYERS = ((3, 64, 224), (64, 128, 112), (128, 256, 56), (256, 512, 28), (512, 512, 14))
TRANSFER_MEGABYTES = (1, 4, 16, 64, 256)


def median_seconds(call, device) -> float:
    """The median time of a synchronised call; a CPU gets fewer, since its calls take long."""
    return timed(call, device, repeats=5 if device.type == "cpu" else 20, warmup=1)


def products(device, dtype: torch.dtype, tf32: bool, largest: int) -> list[dict]:
    """TFLOP/s of square matrix products; 2n^3 operations each."""
    torch.backends.cuda.matmul.allow_tf32 = tf32
    rows = []
    for n in (size for size in MATRIX_SIZES if size <= largest):
        a, b = (torch.randn(n, n, device=device).to(dtype) for _ in range(2))
        seconds = median_seconds(lambda a=a, b=b: a @ b, device)
        rows.append({"n": n, "seconds": seconds, "tflops": 2 * n**3 / seconds / 1e12})
    torch.backends.cuda.matmul.allow_tf32 = False
    return rows


def convolutions(
    device, dtype: torch.dtype, batch: int, memory_format, layers=VGG_LAYERS
) -> list[dict]:
    """Forward and forward-plus-backward times of VGG-E's 3x3 layers."""
    rows = []
    for c_in, c_out, side in layers:
        x = torch.randn(batch, c_in, side, side, device=device).to(dtype)
        x = x.contiguous(memory_format=memory_format).requires_grad_()
        w = torch.randn(c_out, c_in, 3, 3, device=device).to(dtype).requires_grad_()
        dout = torch.ones_like(F.conv2d(x, w, padding=1))

        def forward(x=x, w=w):
            return F.conv2d(x, w, padding=1)

        def both(x=x, w=w, dout=dout):
            torch.autograd.grad(F.conv2d(x, w, padding=1), (x, w), dout)

        flop = 2 * batch * side * side * c_in * c_out * 9
        seconds = median_seconds(forward, device)
        rows.append(
            {
                "c_in": c_in, "c_out": c_out, "side": side, "batch": batch,
                "forward_seconds": seconds, "forward_tflops": flop / seconds / 1e12,
                "both_seconds": median_seconds(both, device),
            }
        )  # fmt: skip
    return rows


def transfers(device, sizes=TRANSFER_MEGABYTES) -> list[dict]:
    """GB/s of copies to the device and back, with ordinary and with page-locked memory."""
    rows = []
    for megabytes in sizes:
        ordinary = torch.empty(megabytes * 2**20, dtype=torch.uint8).fill_(1)
        there = torch.empty_like(ordinary, device=device)
        row = {"megabytes": megabytes}
        # Page-locked memory is for copies to another device: a CPU has nobody to lock it for.
        kinds = {"pageable": ordinary}
        if device.type == "cuda":
            kinds["pinned"] = ordinary.pin_memory()
        for name, here in kinds.items():
            for way, target, source in (("", there, here), ("_back", here, there)):
                copy = partial(target.copy_, source, non_blocking=True)
                seconds = median_seconds(copy, device)
                row[f"{name}{way}_gb_per_s"] = ordinary.numel() / seconds / 1e9
        rows.append(row)
    return rows


def memory_bandwidth(device, gigabytes: float) -> float:
    """GB/s of a copy inside the device's memory; bytes read and written both count."""
    a = torch.empty(int(gigabytes * 2**30) // 4, device=device).fill_(1.0)
    b = torch.empty_like(a)
    return 2 * a.numel() * 4 / median_seconds(lambda: b.copy_(a), device) / 1e9


def launches(device) -> dict:
    """Microseconds per tiny operation, issued one by one; and by a CUDA graph where there is one.

    `issue_us` is what the Python side takes to hand the work over without waiting for it.
    """
    x, many = torch.zeros(1, device=device), 1000

    def chain():
        for _ in range(many):
            x.add_(1)

    chain()
    synchronize(device)
    start = time.perf_counter()
    chain()
    issued = time.perf_counter() - start
    synchronize(device)
    result = {
        "issue_us": issued / many * 1e6,
        "total_us": median_seconds(chain, device) / many * 1e6,
    }
    if device.type == "cuda":
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            chain()
        result["graph_us"] = median_seconds(graph.replay, device) / many * 1e6
    return result


def timing_trap(device) -> dict:
    """A product timed with and without waiting for the device."""
    a = torch.randn(4096, 4096, device=device)
    a @ a
    synchronize(device)
    start = time.perf_counter()
    a @ a
    without = time.perf_counter() - start
    synchronize(device)
    return {
        "launch_only_seconds": without,
        "synchronised_seconds": median_seconds(lambda: a @ a, device),
    }


def alexnet_memory(device, batch: int = 256) -> dict | None:
    """Peak gigabytes (10^9 bytes) of one training step of torchvision's AlexNet."""
    if device.type != "cuda":
        return None
    from course_utils.vision import import_torchvision

    import_torchvision()
    from torchvision.models import alexnet

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    net = alexnet(weights=None).to(device)
    parameters = sum(p.numel() for p in net.parameters()) * 4
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x = torch.randn(batch, 3, 224, 224, device=device)
    y = torch.zeros(batch, dtype=torch.long, device=device)
    for _ in range(2):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    peak = torch.cuda.max_memory_allocated()
    return {"batch": batch, "parameters_gb": parameters / 1e9, "peak_gb": peak / 1e9}


def measure(device: torch.device) -> dict:
    """Everything about one device."""
    return dict(sections(device))


def sections(device: torch.device, quick: bool = False) -> Iterator[tuple[str, object]]:
    """Everything about one device, name by name; `quick` is for trying the script, not a device."""
    gpu = device.type != "cpu"
    largest = 256 if quick else 8192 if gpu else 2048
    batch = 1 if quick else 64 if gpu else 2
    last, first = torch.channels_last, torch.contiguous_format
    layers = VGG_LAYERS[-1:] if quick else VGG_LAYERS
    yield "device", describe_device(device)
    yield "matmul_float32", products(device, torch.float32, False, largest)
    yield "matmul_bfloat16", products(device, torch.bfloat16, False, largest)
    if device.type == "cuda":
        yield "matmul_tf32", products(device, torch.float32, True, largest)
        yield "matmul_float16", products(device, torch.float16, False, largest)
    yield "conv_float32", convolutions(device, torch.float32, batch, first, layers)
    if device.type == "cuda":
        yield "conv_bfloat16_channels_last", convolutions(
            device, torch.bfloat16, batch, last, layers
        )
    if gpu or quick:
        yield "transfer", transfers(device, TRANSFER_MEGABYTES[:1] if quick else TRANSFER_MEGABYTES)
    yield "memory_gb_per_s", memory_bandwidth(device, 0.01 if quick else 4.0 if gpu else 0.5)
    yield "launch", launches(device)
    if not quick:
        yield "timing_trap", timing_trap(device)
    if device.type == "cuda":
        yield "alexnet", alexnet_memory(device)


def table(found: dict) -> str:
    lines = [found["device"]]
    for name, rows in found.items():
        if name.startswith("matmul"):
            best = max(rows, key=lambda r: r["tflops"])
            lines.append(f"  {name:28} {best['tflops']:9.2f} TFLOP/s at n = {best['n']}")
        elif name.startswith("conv"):
            total = sum(r["forward_seconds"] for r in rows) * 1e3
            lines.append(f"  {name:28} {total:9.2f} ms forward, batch {rows[0]['batch']}")
        elif name == "transfer":
            shown = ", ".join(
                f"{way.removesuffix('_gb_per_s').replace('_', ' ')} {speed:.1f}"
                for way, speed in rows[-1].items() if way != "megabytes"
            )  # fmt: skip
            lines.append(f"  transfer, {rows[-1]['megabytes']} MiB, GB/s: {shown}")
        elif isinstance(rows, dict):
            shown = ", ".join(f"{k} {v:.4g}" for k, v in rows.items())
            lines.append(f"  {name:28} {shown}")
        elif isinstance(rows, float):
            lines.append(f"  {name:28} {rows:9.1f}")
    return "\n".join(lines)


def settle() -> None:
    """cuDNN may try out its algorithms, and computes in what it is given."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, help="a folder to write NAME/device_speeds.json to")
    args = parser.parse_args()
    settle()
    devices = [torch.device("cpu")]
    if torch.cuda.is_available():
        devices.insert(0, torch.device("cuda"))
    measured = [measure(device) for device in devices]
    for found in measured:
        print(table(found))
    if args.store:
        name = torch.cuda.get_device_name() if len(devices) > 1 else platform.machine() + " CPU"
        path = args.store / results.slug(name) / "device_speeds.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = {
            "gpu": name if len(devices) > 1 else None,
            "command": "python benchmarks/device_speeds.py --store data/results",
            "date": datetime.now(timezone.utc).date().isoformat(),
            "torch": torch.__version__,
            "cpu_threads": torch.get_num_threads(),
            "measured": measured,
        }
        path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        print(f"Stored in {path}.")


if __name__ == "__main__":
    main()
