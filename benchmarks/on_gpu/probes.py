"""What the tests' stand-in accelerator cannot prove, tried on the device itself.

Each probe returns what it saw as plain data, and raises AssertionError with a sentence when the
device does not do what the course relies on. What has to be probed is `only_on_a_gpu.UNPROVEN`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from cuda_alone import PROBES as MORE
from parts import Failed, LeftOut, Run
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def only_here(run: Run) -> dict:
    """Every probe; one that fails is told with the others."""
    device, seen, wrong = torch.device(run.device), {}, []
    for name, probe in PROBES.items():
        try:
            seen[name] = probe(device)
        except LeftOut as reason:
            seen[name] = {"left out": str(reason)}
        except Exception as error:  # noqa: BLE001 - told below
            seen[name] = {"failed": f"{type(error).__name__}: {error}"[:500]}
            wrong.append(f"{name}: {seen[name]['failed']}")
        run.keep(probes=seen)
    run.keep(unproven=unproven())
    if wrong:
        raise Failed("; ".join(wrong))
    return {}


def unproven() -> dict[str, str]:
    """What the stand-in leaves open, with its reasons, and which of it has no probe here."""
    from only_on_a_gpu import UNPROVEN

    return {
        name: reason if name in PROBES else f"{reason} (nothing here tries it)"
        for name, reason in UNPROVEN.items()
    }


def small_net(device: torch.device) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
                        nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(256, 10))  # fmt: skip
    x, y = torch.randn(32, 3, 16, 16), torch.randint(10, (32,))
    return net.to(device), x.to(device), y.to(device)


def autocast(device: torch.device) -> dict:
    """Products in the short type, the loss and the weights in float32, scores near float32's."""
    found = {}
    kinds = (torch.float16, torch.bfloat16) if device.type == "cuda" else (torch.bfloat16,)
    for kind in kinds:
        net, x, y = small_net(device)
        exact = net(x)
        with torch.autocast(device.type, dtype=kind):
            scores = net(x)
            loss = nn.functional.cross_entropy(scores, y)
        assert scores.dtype == kind and loss.dtype == torch.float32, (scores.dtype, loss.dtype)
        assert next(net.parameters()).dtype == torch.float32
        off = float((scores.float() - exact).detach().abs().max())
        assert off < 0.1, f"scores in {kind} are off by {off:.3g}"
        found[str(kind).removeprefix("torch.")] = {"largest difference of a score": off}
    return found


def grad_scaler(device: torch.device) -> dict:
    """A step whose gradients overflow is skipped and halves the scale; the next one is taken."""
    if device.type != "cuda":
        raise LeftOut("float16 gradients are scaled on CUDA only")
    net, x, y = small_net(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda", init_scale=2.0**40)
    before = [p.detach().clone() for p in net.parameters()]
    taken = []
    for _ in range(30):
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.float16):
            loss = nn.functional.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        taken.append(any(not torch.equal(a, b) for a, b in zip(before, net.parameters(),
                                                                strict=True)))  # fmt: skip
    assert not taken[0], "the first step overflows at a scale of 2**40 and was taken"
    assert taken[-1], "no step was ever taken"
    return {"steps skipped": taken.index(True), "scale found": scaler.get_scale()}


def pinned_memory(device: torch.device) -> dict:
    """A batch sent from page-locked memory without waiting arrives whole."""
    if device.type != "cuda":
        raise LeftOut("only CUDA copies from page-locked memory")
    sent = torch.arange(2**24, dtype=torch.int32).pin_memory()
    assert sent.is_pinned()
    there = sent.to(device, non_blocking=True)
    assert torch.equal(there.cpu(), torch.arange(2**24, dtype=torch.int32))
    return {"bytes": sent.numel() * 4}


def streams(device: torch.device) -> dict:
    """What one stream waits for another is there when the wait is over."""
    if device.type != "cuda":
        raise LeftOut("streams are CUDA's here")
    side, a = torch.cuda.Stream(), torch.randn(2048, 2048, device=device)
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        product = a @ a
        for _ in range(20):
            product = (product @ a) / 50
    torch.cuda.current_stream().wait_stream(side)
    seen = product + 0
    torch.cuda.synchronize()
    assert torch.equal(seen, product)
    return {}


def events(device: torch.device) -> dict:
    """An event's clock and a synchronised wall clock agree on long work."""
    if device.type != "cuda":
        raise LeftOut("events are CUDA's here")
    a = torch.randn(4096, 4096, device=device)
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    a @ a
    torch.cuda.synchronize()
    start = time.perf_counter()
    first.record()
    for _ in range(50):
        a @ a
    last.record()
    torch.cuda.synchronize()
    wall, own = time.perf_counter() - start, first.elapsed_time(last) / 1e3
    assert 0.5 < own / wall < 1.5, f"events say {own:.4f} s, the wall clock {wall:.4f} s"
    return {"by events (s)": own, "by the wall clock (s)": wall}


def launches_return_at_once(device: torch.device) -> dict:
    """A clock read without waiting sees the launch only: the trap that notebook 12 is about."""
    if device.type == "cpu":
        raise LeftOut("a CPU returns when it has finished")
    from course_utils.devices import synchronize, timed

    a = torch.randn(4096, 4096, device=device)
    a @ a
    synchronize(device)
    start = time.perf_counter()
    a @ a
    launch = time.perf_counter() - start
    whole = timed(lambda: a @ a, device, repeats=5)
    assert launch < whole / 2, f"launching took {launch:.2g} s of {whole:.2g} s"
    return {"launch (s)": launch, "whole (s)": whole}


def generators(device: torch.device) -> dict:
    """The device's own random state is given back by `training.seeded`."""
    from course_utils import training

    def drawn():
        with training.seeded(3, device):
            return torch.randn(8, device=device).cpu()

    before = torch.randn(1, device=device)
    assert torch.equal(drawn(), drawn())
    generator = torch.Generator(device).manual_seed(5)
    one = torch.randn(8, device=device, generator=generator)
    again = torch.randn(8, device=device, generator=torch.Generator(device).manual_seed(5))
    assert torch.equal(one, again) and before.device.type == device.type
    return {}


def triton_kernel(device: torch.device) -> dict:
    """The kernel of notebook 12, compiled for the device."""
    from speeds import fused

    return fused(device, rows=1000, features=300)


PROBES: dict[str, Callable[[torch.device], dict]] = {
    "autocast": autocast,
    "grad_scaler": grad_scaler,
    "pinned_memory": pinned_memory,
    "streams": streams,
    "events": events,
    "launches": launches_return_at_once,
    "generators": generators,
    "triton": triton_kernel,
    **MORE,
}
