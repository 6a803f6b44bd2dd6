"""More of what the stand-in accelerator cannot prove: what CUDA alone has, or does in its own way.
The form of a probe is `probes`'s, which runs these with its own."""

from __future__ import annotations

from collections.abc import Callable

import torch
from parts import LeftOut


def _on_cuda(device: torch.device) -> None:
    if device.type != "cuda":
        raise LeftOut("this is CUDA's alone")


def full_precision(device: torch.device) -> dict:
    """A float32 product and, as references ask for them, a convolution are not rounded to TF32."""
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(256, 256, generator=draw)
    x, w = torch.randn(4, 64, 16, 16, generator=draw), torch.randn(64, 64, 3, 3, generator=draw)
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        there = torch.nn.functional.conv2d(x.to(device), w.to(device)).cpu().double()
        product = (a.to(device) @ a.to(device)).cpu().double()
    finally:
        torch.backends.cudnn.allow_tf32 = before
    pairs = ((product, a.double() @ a.double()),
             (there, torch.nn.functional.conv2d(x.double(), w.double())))  # fmt: skip
    off = [float((found - right).abs().max() / right.abs().max()) for found, right in pairs]
    assert max(off) < 1e-5, f"products and convolutions are off by {off}: rounded to TF32"
    return {"product off by": off[0], "convolution off by": off[1]}


def foreach_optimizers(device: torch.device) -> dict:
    """Adam updates all parameters with one kernel as it does one by one."""

    def updated(foreach):
        draw = torch.Generator().manual_seed(0)
        held = [torch.randn(50, 20, generator=draw).to(device).requires_grad_() for _ in range(3)]
        optimizer = torch.optim.Adam(held, lr=0.1, foreach=foreach)
        for _ in range(3):
            optimizer.zero_grad()
            sum((p**2).sum() for p in held).backward()
            optimizer.step()
        return [p.detach().cpu() for p in held]

    off = max(
        float((a - b).abs().max()) for a, b in zip(updated(True), updated(False), strict=True)
    )
    assert off < 1e-5, f"the two ways differ by {off:.3g}"
    return {"largest difference": off}


def memory(device: torch.device) -> dict:
    """The device's bytes are counted, and a run goes on after they have not sufficed."""
    _on_cuda(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    held = torch.empty(2**24, device=device)
    assert torch.cuda.max_memory_allocated(device) - before >= held.nbytes
    try:
        torch.empty(2**42, device=device)
    except torch.cuda.OutOfMemoryError:
        return {
            "counted": held.nbytes,
            "after out of memory": float(torch.ones(2, device=device)[0]),
        }
    raise AssertionError("16 TiB were given")


def graphs(device: torch.device) -> dict:
    """A recorded step, played again, computes with what its input holds by then."""
    _on_cuda(device)
    x = torch.ones(1000, device=device)
    torch.cuda.synchronize(device)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = x * 2 + 1
    x.fill_(5)
    graph.replay()
    torch.cuda.synchronize(device)
    assert bool((y == 11).all()), "the graph did not see the new input"
    return {}


def loader_pins(device: torch.device) -> dict:
    """A DataLoader that is asked to gives batches in page-locked memory."""
    _on_cuda(device)
    data = torch.utils.data.TensorDataset(torch.arange(64.0))
    for (batch,) in torch.utils.data.DataLoader(data, batch_size=16, pin_memory=True):
        assert batch.is_pinned()
    return {}


def other_generator(device: torch.device) -> dict:
    """An operator of the CPU refuses the device's generator, and the other way round."""
    _on_cuda(device)
    for draws, at in ((torch.Generator(device), "cpu"), (torch.Generator(), device)):
        try:
            torch.randn(2, device=at, generator=draws)
        except RuntimeError:
            continue
        raise AssertionError(f"a generator of {draws.device} is taken on {at}")
    return {}


def several_devices(device: torch.device) -> dict:
    """The course trains on another GPU than the first where it is told to."""
    _on_cuda(device)
    if torch.cuda.device_count() < 2:
        raise LeftOut("there is one GPU")
    from course_utils import training

    second = torch.device("cuda", 1)
    data = torch.randn(64, 4), torch.arange(64) % 3
    with training.seeded(0, second):
        net = torch.nn.Linear(4, 3).to(second)
    training.fit(net, data, epochs=1, progress=False)
    assert {p.device for p in net.parameters()} == {second}
    return {"devices": torch.cuda.device_count()}


def rounding(device: torch.device) -> dict:
    """Answer keys that rest on the device's convolutions, batch norms and sums agree with the
    CPU's. (`make gpu` tries every check besides.)"""
    from autograder.exercise import oracle_on
    from autograder.exercises import find
    from autograder.judging.compare import difference
    from autograder.judging.keys import answer_key

    seen = 0
    for name in ("conv_forward_naive", "conv_backward_naive", "batchnorm_forward",
                 "batchnorm_backward", "softmax_loss", "adam"):  # fmt: skip
        with oracle_on("cpu"):
            here = answer_key(find(name))
        with oracle_on(device.type):
            there = answer_key(find(name))
        for mine, its in zip(here.cases, there.cases, strict=True):
            for what, right in mine.right.items():
                assert difference(its.right[what].value, right) is None, (name, mine.name, what)
                seen += 1
    return {"values compared": seen}


PROBES: dict[str, Callable[[torch.device], dict]] = {
    "full_precision": full_precision,
    "rounding": rounding,
    "foreach_optimizers": foreach_optimizers,
    "memory": memory,
    "graphs": graphs,
    "loader_pins": loader_pins,
    "other_generator": other_generator,
    "several_devices": several_devices,
}
