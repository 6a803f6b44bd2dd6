"""The stand-in behaves towards its users as CUDA does: what may meet, what is refused and in which
words, and that results are there only after waiting for them."""

from __future__ import annotations

import copy
import io
import os

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from standin import queue
from standin.tensors import OnDevice
from torch import nn

D = torch.device("standin")


@pytest.fixture
def x() -> torch.Tensor:
    return torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=D)


TWO = "Expected all tensors to be on the same device, but found at least two devices"
GOT = "Expected all tensors to be on the same device, but got {} is on {}, different from other"
REFUSED = {
    "a sum": (lambda x, h: x + h, TWO),
    "a sum in place": (lambda x, h: h.add_(x), TWO),
    "one number of the device": (lambda x, h: h * x.sum(), TWO),
    "where": (lambda x, h: torch.where(x > 2, x, h), TWO),
    "a product": (lambda x, h: x @ h, GOT.format("mat2", "cpu")),
    "a product, the other way": (lambda x, h: h @ x, GOT.format("mat2", "standin:0")),
    "joining": (lambda x, h: torch.cat([x, h]), GOT.format("tensors", "cpu")),
    "gather": (lambda x, h: x.gather(0, h.long() * 0), GOT.format("index", "cpu")),
    "a layer": (lambda x, h: nn.Linear(2, 2)(x), "Expected all tensors to be on the same device"),
    "a loss": (lambda x, h: F.cross_entropy(x, torch.tensor([0, 1])), GOT.format("target", "cpu")),
    "values put in": (lambda x, h: x.index_put_((torch.tensor([0]),), h[:1]), TWO),
    "indices of the device": (lambda x, h: h[torch.tensor([0], device=D)], "indices should be"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_two_devices_do_not_mix(x, name):
    mix, words = REFUSED[name]
    with pytest.raises(RuntimeError, match=words):
        mix(x, torch.ones(2, 2))


def test_numbers_and_indices_of_the_host_are_legal(x):
    assert (x * torch.tensor(3.0)).tolist() == [[3, 6], [9, 12]]
    assert x.clamp(min=torch.tensor(2.0)).tolist() == [[2, 2], [3, 4]]
    assert x[torch.tensor([1])].tolist() == [[3, 4]]
    assert x[torch.tensor([True, False])].tolist() == [[1, 2]]
    x[torch.tensor([0])] = torch.tensor(9.0)
    assert x.tolist() == [[9, 9], [3, 4]]


def test_numpy_is_refused_and_the_way_by_the_cpu_is_open(x):
    words = r"can't convert standin:0 device type tensor to numpy. Use Tensor.cpu\(\)"
    for way in (x.numpy, lambda: np.asarray(x), lambda: np.array([1.0, 2.0]) @ x.numpy()):
        with pytest.raises(TypeError, match=words):
            way()
    assert x.cpu().numpy().tolist() == x.numpy(force=True).tolist() == [[1, 2], [3, 4]]


def test_single_values_reach_the_host(x):
    one = x[1, 0]
    assert (one.item(), float(one), int(one), f"{one:.1f}") == (3.0, 3.0, 3, "3.0")
    assert bool((x > 0).all()) and torch.equal(x, x.clone())
    assert torch.tensor([x[0, 0], x[1, 1]]).tolist() == [1, 4]
    assert "device='standin:0'" in repr(x)


def test_there_is_one_device():
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.ones(2, device="standin:1")
    assert torch.accelerator.current_accelerator() == D and torch.accelerator.device_count() == 1


def test_what_is_changed_in_place_keeps_its_name(x):
    view = x[0]
    view += 10
    assert x.tolist() == [[11, 12], [3, 4]]
    assert x.unsqueeze_(0).shape == (1, 2, 2) and x.squeeze_(0).t_().tolist() == [[11, 3], [12, 4]]
    into = torch.empty(0, device=D)
    torch.mm(x, x, out=into)
    assert into.shape == (2, 2)
    x.data = torch.zeros(3, device=D)
    assert x.tolist() == [0, 0, 0]


# Chance.


def test_the_devices_chance_is_its_own():
    def drawn(device, generator=None):
        torch.manual_seed(5)
        return torch.randn(4, device=device, generator=generator).tolist()

    assert drawn(D) == drawn(D) != drawn("cpu")
    before = torch.get_rng_state()
    F.dropout(torch.ones(4, device=D))
    torch.randperm(4, device=D)
    assert torch.equal(before, torch.get_rng_state())
    draw = torch.Generator(device=D).manual_seed(3)
    assert draw.device == torch.device("standin:0") and draw.initial_seed() == 3
    first = torch.randn(4, device=D, generator=draw).tolist()
    draw.manual_seed(3)
    assert torch.randn(4, device=D, generator=draw).tolist() == first
    with pytest.raises(RuntimeError, match="'standin' device type for generator but found 'cpu'"):
        torch.randn(4, device=D, generator=torch.Generator())


# Nets.


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(16, 3))  # fmt: skip


def steps(device, optimizer) -> tuple[list, nn.Module]:
    draw = torch.Generator().manual_seed(1)
    model, losses = net(), []
    update = optimizer(model.parameters())
    model.to(device)  # as on CUDA, the optimizer goes on with the parameters that it was given
    for _ in range(5):
        x, y = torch.randn(8, 1, 7, 7, generator=draw), torch.randint(3, (8,), generator=draw)
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        update.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        update.step()
        losses.append(loss.item())
    return losses, model


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop])
def test_a_net_learns_as_on_the_cpu(optimizer):
    (there, model), (here, same) = steps(D, optimizer), steps("cpu", optimizer)
    assert there == pytest.approx(here, rel=1e-5)
    for (name, mine), its in zip(
        model.state_dict().items(), same.state_dict().values(), strict=True
    ):
        assert isinstance(mine, OnDevice), name
        torch.testing.assert_close(mine.cpu(), its)


def test_a_nets_parameters_stay_the_same_ones():
    model = net()
    before = [id(p) for p in model.parameters()]
    assert [id(p) for p in model.to(D).parameters()] == before
    assert all(p.device.type == "standin" for p in model.parameters())
    assert [id(p) for p in model.cpu().parameters()] == before
    assert all(type(p) is nn.Parameter for p in model.parameters())


def test_a_net_can_be_copied_saved_and_loaded():
    model = net().to(D)
    twin = copy.deepcopy(model)
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in twin.parameters())
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    with torch.no_grad():
        model[0].weight.zero_()
    file.seek(0)
    twin.load_state_dict(torch.load(file, weights_only=False))
    assert twin[0].weight.device.type == "standin" and bool(twin[0].weight.any())


def test_under_autocast_products_are_short_and_losses_are_not():
    model = net().to(D)
    with torch.autocast("standin", dtype=torch.bfloat16):
        scores = model(torch.ones(2, 1, 7, 7, device=D))
        loss = F.cross_entropy(scores, torch.tensor([0, 1], device=D))
    loss.backward()
    assert (scores.dtype, loss.dtype) == (torch.bfloat16, torch.float32)
    assert model[0].weight.grad.dtype == torch.float32


# The queue.


def test_a_copy_that_nobody_waited_for_is_not_there(x):
    host = x.to("cpu", non_blocking=True)
    assert host.tolist() == [[85, 85], [85, 85]]
    torch.accelerator.synchronize()
    assert host.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("pinned", [False, True])
def test_pinned_memory_is_read_when_its_turn_comes(pinned):
    host = torch.ones(3)
    host = host.pin_memory() if pinned else host
    assert host.is_pinned() == pinned
    there = host.to(D, non_blocking=True)
    host.fill_(7)  # before anybody has waited
    assert there.tolist() == ([7, 7, 7] if pinned else [1, 1, 1])
    with pytest.raises(RuntimeError, match="only dense CPU tensors can be pinned"):
        there.pin_memory()


def test_events_tell_the_time_of_the_device():
    a = torch.ones(300, 300, device=D)
    torch.standin.synchronize()
    begin, end = (torch.standin.Event(enable_timing=True) for _ in range(2))
    begin.record()
    a @ a
    end.record()
    assert not end.query()
    with pytest.raises(RuntimeError, match="not ready"):
        begin.elapsed_time(end)
    end.synchronize()
    assert begin.elapsed_time(end) > 1e3 * 2 * 300**3 * queue.PER_PRODUCT


def test_a_copy_of_a_process_cannot_use_the_device(x):
    child = os.fork()
    if child == 0:
        try:
            torch.ones(2, device=D)
        except RuntimeError as error:
            os._exit(7 if "in forked subprocess" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
