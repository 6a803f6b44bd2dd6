"""The recipes that `observe` builds: they behave as what they stand for, and remember."""

import threading
import time

import numpy as np
import pytest
import torch

from course_utils.recipes.instruments.devices import (
    WHILE_WAITING,
    AsyncDevice,
    VirtualClock,
)
from course_utils.recipes.instruments.logs import temporary_log
from course_utils.recipes.instruments.spies import Guarded, Spy, Tally, values
from course_utils.recipes.instruments.threads import Batches, Left, within
from course_utils.recipes.modules import hooks, seeded, weights


def test_a_matrix_product_of_counting_numbers_counts_its_products():
    tally = Tally()
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    out = tally.array(a) @ tally.array(b)
    np.testing.assert_allclose(values(out), a @ b)
    assert tally.products == 2 * 3 * 4
    assert tally.sums == 2 * 2 * 4


@pytest.mark.parametrize(
    "use",
    [lambda n: 2 * n, lambda n: n * 2, lambda n: n / 2, lambda n: 2 / n, lambda n: n**2,
     lambda n: np.float64(2) * n],
)  # fmt: skip
def test_every_kind_of_product_counts_once(use):
    tally = Tally()
    assert float(use(tally.number(3.0))) == float(use(3.0))
    assert (tally.products, tally.sums) == (1, 0)


def test_numbers_compare_as_numbers_do():
    three = Tally().number(3.0)
    assert three == 3 and three > 2 and 2 < three <= 3.0 and three != "3"


def test_a_spy_remembers_its_calls_and_passes_on_what_they_give():
    spy = Spy(max)
    assert spy(1, 2) == 2 and spy([3], key=abs) == 3
    assert spy.calls == [((1, 2), {}), (([3],), {"key": abs})]
    assert spy.count == 2


def test_a_guarded_set_tells_a_look_from_a_question_of_size():
    test = Guarded([1.0, 2.0])
    assert len(test) == 2 and test.looks == 0
    assert test[0] == 1.0 and list(test) == [1.0, 2.0] and np.sum(test) == 3.0
    assert test.looks == 3


def test_the_virtual_clock_is_read_by_its_own_thread_only():
    clock, elsewhere = VirtualClock(), []
    with clock.installed():
        begin = time.perf_counter(), time.monotonic_ns()
        time.sleep(1000)
        took = time.perf_counter() - begin[0], time.monotonic_ns() - begin[1]
        reader = threading.Thread(target=lambda: elsewhere.append(time.perf_counter()))
        reader.start()
        reader.join()
    assert took == (pytest.approx(1000), pytest.approx(1000e9))
    assert abs(elsewhere[0] - begin[0]) < 500
    assert abs(time.perf_counter() - begin[0]) < 500


def test_the_processor_s_clocks_hardly_go_on_while_the_program_waits():
    clock = VirtualClock()
    device = AsyncDevice(clock, launch_seconds=0.5)

    def measured(now=time.process_time, *, again=time.process_time):
        assert now() == again()
        return now()

    wanted, real = 1 + 0.5 + WHILE_WAITING * (40 + 10), time.process_time
    with clock.installed(measured):
        begin = time.perf_counter(), time.process_time(), time.thread_time_ns(), measured()
        clock.advance(1)
        time.sleep(40)
        device.launch(10)
        device.synchronize()
        ends = time.perf_counter(), time.process_time(), time.thread_time_ns(), measured()
    took = [end - start for start, end in zip(begin, ends, strict=True)]
    assert took == pytest.approx([51.5, wanted, 1e9 * wanted, wanted])
    assert time.process_time is real is measured.__defaults__[0]


def test_work_on_the_device_queues_up_until_it_is_waited_for():
    clock = VirtualClock()
    device = AsyncDevice(clock, launch_seconds=0.001, warm_up=1, slowdown=10)
    device.launch(1.0)
    device.launch(2.0)
    assert clock.now == pytest.approx(0.002)
    device.synchronize()
    assert clock.now == pytest.approx(0.001 + 10 + 2)
    device.synchronize()
    assert clock.now == pytest.approx(0.001 + 10 + 2)


def test_a_seeded_module_is_always_the_same_and_leaves_the_generator_alone():
    before = torch.get_rng_state()
    first, second = (seeded(lambda: torch.nn.Linear(3, 2), 5) for _ in range(2))
    assert torch.equal(weights(first)["weight"], weights(second)["weight"])
    assert torch.equal(torch.get_rng_state(), before)


def test_hooks_are_counted_wherever_they_are():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.ReLU()))
    handles = [
        model.register_forward_pre_hook(print),
        model[1][0].register_forward_hook(print),
        model[0].register_full_backward_hook(print),
    ]
    assert hooks(model) == 3
    for handle in handles:
        handle.remove()
    assert hooks(model) == 0


def test_a_log_is_read_back_and_its_folder_is_gone():
    from pathlib import Path

    with temporary_log() as log:
        log.writer.add_scalar("loss", 0.5, 3)
        log.writer.add_histogram("w", np.arange(7.0), 2)
        seen = log.read()
    assert seen["scalars"] == {"loss": {"steps": [3], "values": [0.5]}}
    assert seen["histograms"] == {"w": {"steps": [2], "counts": [7]}}
    assert seen["graph"] is False
    assert not Path(log.folder).exists()


def test_batches_fail_where_they_are_told_to():
    batches, seen = Batches(5, fail_at=2), []
    with pytest.raises(OSError, match="batch 2 cannot be read"):
        seen += batches
        seen.extend(iter(batches))
    assert batches.given == 2
    assert batches.wait_for(2) and not batches.wait_for(3, seconds=0)


def test_a_thread_left_behind_is_counted_until_it_ends():
    left, go = Left(), threading.Event()
    thread = threading.Thread(target=go.wait, daemon=True)
    thread.start()
    assert left.count(seconds=0) == 1
    go.set()
    assert left.count() == 0


def test_within_gives_the_result_the_error_or_an_end():
    assert within(5, max, 1, 2) == 2
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)
    never = threading.Event()
    with pytest.raises(TimeoutError, match="does it wait for something for ever"):
        within(0.01, never.wait)
    never.set()
