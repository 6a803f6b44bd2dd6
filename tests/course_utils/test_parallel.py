"""Notebook 14's links, explorer and processes: what goes wrong is told in a sentence."""

import os
import socket

import numpy as np
import pytest

from course_utils.explorers.parallel import stable_product, stale_explorer, stale_path
from course_utils.recipes.parallel import ProcessRing, Ring, train_together
from course_utils.recipes.processes import RankFailed, run_ranks

SHAPES = (5, 6), (5,), (3, 5), (3,)


def together(function):
    rng = np.random.default_rng(0)
    weights = [[rng.normal(size=shape) for shape in SHAPES] for _ in range(2)]
    return train_together(function, weights, rng.normal(size=(4, 6)), np.arange(4) % 3, 0.1, 1)


def test_a_ring_moves_to_the_right_and_counts():
    ring = Ring(3)
    received = ring.shift([np.zeros(1), None, np.ones(4, np.float32)])
    assert received[0].tolist() == [1.0] * 4 and received[1].tolist() == [0.0]
    assert received[2] is None
    assert ring.steps == 1 and ring.bytes == [8, 0, 16]


def test_a_ring_says_how_many_messages_it_wants():
    with pytest.raises(ValueError, match="one message for each of the 3 workers"):
        Ring(3).shift([np.zeros(1)])


def test_in_a_ring_of_processes_each_receives_from_its_left_neighbour():
    def shifts(rank, world):
        ring = ProcessRing(rank, world)
        mine = np.full((2, 3), rank + 1.0)
        messages = [mine if i == rank else np.zeros((2, 3)) for i in range(world)]
        once = ring.shift(messages)
        silent = ring.shift([None if i == 1 else message[0] for i, message in enumerate(messages)])
        return once, silent[rank], ring.steps, ring.bytes

    for rank, (once, then, steps, sent) in enumerate(run_ranks(shifts, [()] * 3)):
        left = (rank - 1) % 3
        np.testing.assert_array_equal(once[rank], np.full((2, 3), left + 1.0))
        assert not once[left].any(), "of the one before it this process knows nothing"
        if left == 1:
            assert then is None
        else:
            np.testing.assert_array_equal(then, np.full(3, left + 1.0))
        assert steps == 2 and sent == (48 if rank == 1 else 72)


def test_a_rank_that_dies_is_named():
    def dies(rank, world, meeting, model, x, y, lr, steps):
        if rank == 1:
            os._exit(3)
        return list(model.parameters())

    with pytest.raises(RankFailed, match="rank 1.*ended early"):
        together(dies)


def test_a_port_that_is_taken_is_told_with_the_way_on():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        def by_port(rank, world, meeting, model, x, y, lr, steps):
            import torch.distributed as dist

            address = f"tcp://127.0.0.1:{port}"
            dist.init_process_group("gloo", init_method=address, rank=rank, world_size=world)

        with pytest.raises(RankFailed, match="another program holds this port. Meet at the file"):
            together(by_port)


def test_a_group_left_behind_is_seen():
    def stays(rank, world, meeting, model, x, y, lr, steps):
        import torch.distributed as dist

        dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
        model(x)
        return list(model.parameters())

    for rank in together(stays):
        assert rank["group left"] and rank["rows"] == [4]


@pytest.mark.parametrize("delay", [0, 1, 5])
def test_the_explorer_settles_below_its_bound_and_bursts_above(delay):
    for factor, settles in ((0.9, True), (1.1, False)):
        path = stale_path((1.0, 1.0), factor * stable_product(delay), delay, 600)
        assert (np.abs(path[-50:]).max() < 0.1) == settles


def test_the_explorer_says_what_it_shows():
    words = " ".join(sentence for _, sentence in stale_explorer().still_pictures())
    assert "the bound 0.347, so it does not settle" in words
