"""Exercise of notebook 14: workers that wait for each other, and workers that do not.

How large a rate late gradients allow is in `stability`.
"""

import numpy as np
import torch

from autograder.exercise import Case, mistake, near
from autograder.exercises.parallel.runs import StalenessMistaken, run_workers, together
from course_utils.recipes.parallel import quadratic_workers


class async_sgd(StalenessMistaken):
    """Synchronous and asynchronous SGD on a simulated clock (DistBelief's Downpour SGD, 2012)."""

    signature = "async_sgd(workers, delay, w, lr, updates, sync=False) -> path, times, staleness"
    growth = {"minima": 1, "w": 1}, {"path": 1}
    minutes = 18
    difficulty = 3
    hints = (
        "Keep, for each worker, three things: the weights that it read, how many updates had been "
        "made when it read them, and when its gradient will arrive.",
        "Asynchronous: find the worker whose arrival is earliest, apply its gradient (taken at the "
        "weights that it READ), note clock and staleness, let it read the new weights and set its "
        "next arrival. Ties go to the first of them, as with np.argmin.",
        "Synchronous: every round is as long as its slowest worker, and the step is along the mean "
        "of the workers' gradients.",
    )

    def cases(self, rng):
        def case(name, points, n, speeds, sync=False, updates=7, lr=0.1, d=3, jitter=True):
            roots = rng.normal(size=(n, d, d))
            spread = rng.uniform(0.7, 1.3, (n, updates + 1)) if jitter else 1.0
            return Case(
                name, points, curvatures=roots @ roots.transpose(0, 2, 1) + 0.5 * np.eye(d),
                minima=rng.normal(size=(n, d)), w=rng.normal(size=d),
                delay=np.ones((n, updates + 1)) * np.array(speeds)[:, None] * spread,
                lr=lr, updates=updates, sync=sync,
            )  # fmt: skip

        yield case("one worker", 1, 1, [2.0])
        yield case("synchronous, one of three slow", 2, 3, [1.0, 4.0, 1.2], True, updates=5)
        yield case("synchronous, two alike", 1, 2, [1.5, 1.5], True, updates=12)
        yield case("asynchronous, three alike", 2, 3, [1.0, 1.0, 1.0], updates=9)
        yield case("asynchronous, one of four slow", 3, 4, [1.0, 1.2, 6.0, 0.9], updates=20)
        # Of workers that arrive together the first need not be the one that began first.
        speeds = [[1.0, 2.0, 1.0], [1.0, 1.0, 2.0]][rng.integers(2)]
        yield case("asynchronous, arrivals at the same time", 1, 3, speeds, jitter=False)
        yield case("no update", 1, 2, [1.0, 2.0], updates=0)

    def observe(self, code, curvatures, minima, w, delay, lr, updates, sync):
        workers = quadratic_workers(curvatures, minima)
        path, times, staleness = code.async_sgd(workers, delay, w, lr, updates, sync)
        return {
            "path": np.array(path), "times": np.array(times, dtype=float),
            "staleness": [int(s) for s in staleness],
        }  # fmt: skip

    def read(self, seen, w, **inputs):
        """A path without any row has no width: it is no other than the empty one that has."""
        path = np.asarray(seen["path"])
        return seen | {"path": np.zeros((0, len(w)))} if path.shape == (0,) else seen

    def gradients(self, curvatures, minima):
        """Each worker's gradient by autograd of ½(w − c)ᵀA(w − c)."""

        def worker(A, c):
            A, c = (torch.tensor(a, device=self.device) for a in (A, c))

            def gradient(w):
                w = torch.tensor(w, device=self.device, requires_grad=True)
                (0.5 * (w - c) @ A @ (w - c)).backward()
                return w.grad.cpu().numpy()

            return gradient

        return [worker(A, c) for A, c in zip(curvatures, minima, strict=True)]

    def run(self, curvatures, minima, w, delay, lr, updates, sync, **change):
        workers = quadratic_workers(curvatures, minima)
        path, times, staleness = run_workers(workers, delay, w, lr, updates, sync, **change)
        return {"path": path, "times": times, "staleness": staleness}

    def run_together(self, joined, curvatures, minima, w, delay, lr, updates, sync):
        """What is shown when gradients that arrive at once make one step."""
        workers = quadratic_workers(curvatures, minima)
        path, times, staleness = together(workers, delay, w, lr, updates, joined)
        return {"path": path, "times": times, "staleness": staleness}

    def turns_in_sync(self, step, curvatures, minima, w, lr, updates, **inputs):
        """The path when each worker's gradient is applied before the next one is taken."""
        path = [w]
        for _ in range(updates):
            for worker in quadratic_workers(curvatures, minima):
                w = w - step * lr * worker(w)
            path.append(w)
        return {"path": np.array(path)}

    def reference(self, curvatures, minima, w, delay, lr, updates, sync):
        workers = self.gradients(curvatures, minima)
        path, times, staleness = run_workers(workers, delay, w, lr, updates, sync)
        return {
            "path": near(path, rtol=1e-7, atol=1e-9), "times": times, "staleness": staleness
        }  # fmt: skip

    @mistake
    def fresh_gradients(self, right, **inputs):
        """You take each gradient at the newest weights, as when what a worker has read is the very
        array that you change in place. The worker began before they existed: its gradient is at the
        weights that it read."""
        workers = quadratic_workers(inputs["curvatures"], inputs["minima"])
        if not inputs["sync"]:
            shown = self.run(**inputs, gradient=lambda i, read, now, first: workers[i](now))
            return {"path": shown["path"]}

    @mistake
    def fresh_after_the_first(self, right, **inputs):
        """A worker's first gradient is taken at the weights that it read, the later ones at the
        newest: what it reads after an update is the array itself, which you change in place. Let
        it read a copy."""
        if inputs["sync"]:
            return None
        workers = quadratic_workers(inputs["curvatures"], inputs["minima"])

        def gradient(i, read, now, first):
            return workers[i](read if np.array_equal(read, first) else now)

        return {"path": self.run(**inputs, gradient=gradient)["path"]}

    def all_one_array(self, shown):
        """The path where each of its rows is the array that the last update has written to."""
        return {"path": np.repeat(shown["path"][-1:], len(shown["path"]), axis=0)}

    @mistake
    def one_array_for_path_and_readings(self, right, **inputs):
        """Asynchronous, all rows of your path are the last weights, and your gradients are those
        at the newest ones: the path, and what the workers read, are one array, which you change in
        place. Make a new one at each update."""
        if not inputs["sync"]:
            return self.all_one_array(self.fresh_gradients(right, **inputs))

    @mistake
    def one_array_in_both_modes(self, right, **inputs):
        """All rows of your path are the last weights, and your gradients are those at the newest
        ones: the path, and what the workers read, are one array, which you change in place. Make a
        new one at each update."""
        fresh = right if inputs["sync"] else self.fresh_gradients(right, **inputs)
        return self.all_one_array(fresh)

    @mistake
    def never_reads_again(self, right, **inputs):
        """Your workers read the weights once, at the start. After each update a worker reads the
        new ones."""
        workers = quadratic_workers(inputs["curvatures"], inputs["minima"])
        if not inputs["sync"]:
            shown = self.run(**inputs, gradient=lambda i, read, now, first: workers[i](first))
            return {"path": shown["path"]}

    @mistake
    def round_robin(self, right, **inputs):
        """Your workers take turns. Apply gradients in the order in which they arrive: a slow worker
        must not hold the others up."""
        if not inputs["sync"]:
            return self.run(**inputs, order="turns")

    @mistake
    def delay_by_update(self, right, **inputs):
        """You take a worker's delays by the number of updates that all have made. Its k-th gradient
        takes delay[i, k]: count each worker's own."""
        if not inputs["sync"]:
            return self.run(**inputs, delays="by update")

    @mistake
    def first_delay_skipped(self, right, **inputs):
        """You never use the first column of delay. Gradients are counted from 0: the first one
        takes delay[i, 0]."""
        late = np.hstack([inputs["delay"][:, 1:], inputs["delay"][:, -1:]])
        return self.run(**inputs | {"delay": late})

    @mistake
    def queue_order(self, right, **inputs):
        """When gradients arrive at the same time, whoever began first comes first in yours. The
        first worker does, by its number."""
        if not inputs["sync"]:
            return self.run(**inputs, order="queue")

    @mistake
    def last_and_by_update(self, right, **inputs):
        """Delays are taken by the number of all updates in yours, and of equals the last worker
        comes. Count each worker's own gradients, and take the first of equals."""
        if not inputs["sync"]:
            return self.run(**inputs, order="last", delays="by update")

    @mistake
    def one_step_for_all_that_arrive(self, right, **inputs):
        """Gradients that arrive at the same time are one update in yours, along their mean. Each of
        them is an update of its own."""
        if not inputs["sync"]:
            return self.run_together(np.mean, **inputs)

    @mistake
    def one_sum_for_all_that_arrive(self, right, **inputs):
        """Gradients that arrive at the same time are one update in yours, along their sum. Each of
        them is an update of its own."""
        if not inputs["sync"]:
            return self.run_together(np.sum, **inputs)

    @mistake
    def reads_too_early(self, right, **inputs):
        """Your worker reads the weights before its own update is applied, so it is always one
        update further behind. First apply, then read."""
        if not inputs["sync"]:
            return self.run(**inputs, reads="too early")

    @mistake
    def takes_the_weights_too_early(self, right, **inputs):
        """Your worker goes on with the weights from before its own update, though your staleness
        counts from after it. First apply the update, then let it read the weights."""
        if not inputs["sync"]:
            return {"path": self.run(**inputs, reads="too early")["path"]}

    @mistake
    def everybody_reads(self, right, **inputs):
        """After an update all workers read the new weights in yours. Only the one whose gradient
        has arrived does; the others are still at work on what they read."""
        if not inputs["sync"]:
            return self.run(**inputs, reads="all")

    @mistake
    def reads_after_all_that_arrive(self, right, **inputs):
        """Of gradients that arrive at the same time all are applied in yours before any of their
        workers reads. Each worker reads as soon as its own is applied."""
        if not inputs["sync"]:
            return self.run(**inputs, reads="all at once")

    @mistake
    def same_array_again(self, right, **inputs):
        """All rows of your path are the last weights: the same array is put in again and again, and
        changed in place. Put copies in."""
        return {"path": np.repeat(right["path"][-1:], len(right["path"]), axis=0)}

    @mistake
    def one_after_another(self, right, **inputs):
        """Your synchronous workers take their gradients one after the other, each at weights that
        the others have just changed. All read the same weights."""
        if inputs["sync"]:
            return self.turns_in_sync(1 / len(inputs["minima"]), **inputs)

    @mistake
    def one_whole_step_after_another(self, right, **inputs):
        """Your synchronous workers make whole steps one after the other, each at weights that the
        others have just changed. All read the same weights, and the step is along the mean."""
        if inputs["sync"]:
            return self.turns_in_sync(1.0, **inputs)

    @mistake
    def summed_in_sync(self, right, **inputs):
        """You add the workers' gradients up. A synchronous step goes along their mean."""
        if inputs["sync"]:
            return {"path": self.run(**inputs, step=len(inputs["minima"]))["path"]}

    @mistake
    def fastest_decides(self, right, **inputs):
        """Your synchronous round ends with its fastest worker. It has to wait for the slowest."""
        if inputs["sync"]:
            return {"times": self.run(**inputs, waits=np.min)["times"]}

    @mistake
    def mean_time(self, right, **inputs):
        """Your synchronous round takes the mean of the workers' times. It has to wait for the
        slowest."""
        if inputs["sync"]:
            return {"times": self.run(**inputs, waits=np.mean)["times"]}

    @mistake
    def times_added_up(self, right, **inputs):
        """You add the workers' times up, as if they worked one after another. They work at once."""
        if inputs["sync"]:
            return {"times": self.run(**inputs, waits=np.sum)["times"]}

    @mistake
    def divided_by_workers(self, right, **inputs):
        """Asynchronous steps are whole steps: one worker's gradient, not divided by the number of
        workers."""
        if not inputs["sync"]:
            return {"path": self.run(**inputs, step=1 / len(inputs["minima"]))["path"]}

    @mistake
    def first_delay_for_ever(self, right, **inputs):
        """You use delay[i, 0] for all of a worker's gradients. Its k-th takes delay[i, k]."""
        still = np.repeat(inputs["delay"][:, :1], inputs["delay"].shape[1], axis=1)
        return self.run(**inputs | {"delay": still})

    @mistake
    def first_delay_when_asynchronous(self, right, **inputs):
        """Without waiting, all of a worker's gradients take as long as its first in yours. Its
        k-th takes delay[i, k]."""
        if not inputs["sync"]:
            still = np.repeat(inputs["delay"][:, :1], inputs["delay"].shape[1], axis=1)
            return self.run(**inputs | {"delay": still})

    @mistake
    def next_arrival_from_zero(self, right, **inputs):
        """A worker's next gradient arrives in yours when its delay has passed since time 0. It
        begins when the last one has arrived: add the delay to that."""
        if not inputs["sync"]:
            return self.run(**inputs, adds=False)

    @mistake
    def begins_at_the_weights_read(self, right, **inputs):
        """Your step begins at the weights that the worker read, so what others did since is thrown
        away. The gradient is an old one; it is applied to the newest weights."""
        if not inputs["sync"]:
            return {"path": self.run(**inputs, from_read=True)["path"]}

    @mistake
    def never_waits(self, right, **inputs):
        """With sync=True your server does not wait either: it applies every gradient as it comes.
        Wait for all workers, then step along the mean."""
        if inputs["sync"]:
            return self.run(**inputs | {"sync": False})

    @mistake
    def slowest_in_all(self, right, **inputs):
        """Your synchronous workers run on without waiting for each other: the clock shows the
        largest of their own sums. A round waits for the one that is slowest in it, and these times
        add up."""
        if inputs["sync"]:
            sums = np.cumsum(inputs["delay"], axis=1).max(axis=0)
            return {"times": sums[: inputs["updates"]]}

    @mistake
    def durations_for_times(self, right, **inputs):
        """Your times are how long each update took. Return what the clock shows at each update; it
        only goes up."""
        return {"times": np.diff(right["times"], prepend=0.0)}

    @mistake
    def last_of_equals(self, right, **inputs):
        """When gradients arrive at the same time you take the last of these workers. Take the
        first."""
        if not inputs["sync"]:
            return self.run(**inputs, order="last")

    @mistake
    def staleness_in_seconds(self, right, **inputs):
        """Your staleness is in seconds. It is how many updates were made between reading and
        updating."""
        if not inputs["sync"]:
            return {"staleness": self.run(**inputs, stale="seconds")["staleness"]}

    @mistake
    def start_counted(self, right, **inputs):
        """Your times and your staleness begin with a 0 for the start. Both have one entry for each
        update."""
        return {"times": np.concatenate([[0.0], right["times"]]),
                "staleness": [0, *right["staleness"]]}  # fmt: skip

    @mistake
    def times_with_start(self, right, **inputs):
        """Your times begin with the 0 of the start. There is one for each update."""
        return {"times": np.concatenate([[0.0], right["times"]])}

    @mistake
    def path_without_start(self, right, **inputs):
        """Your path lacks the weights that it starts from: updates + 1 rows."""
        return {"path": right["path"][1:]}

    @mistake
    def uphill(self, right, **inputs):
        """You go along the gradient, uphill."""
        return {"path": self.run(**inputs, step=-1.0)["path"]}
