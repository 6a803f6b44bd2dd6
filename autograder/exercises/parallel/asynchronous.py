"""Exercises of notebook 14: workers that wait for each other, and workers that do not."""

import heapq

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.parallel import quadratic_workers


def run_workers(workers, delay, w, lr, updates, sync, gradient=None, step=1.0, waits=np.max,
                from_read=False, adds=True):  # fmt: skip
    """path, times and staleness of a run, by a queue of arrivals; `gradient`, `step` and `waits`
    change one thing.

    Parameters
    ----------
    gradient : `gradient(worker, w_read, w_now, w_first)`, default that at w_read
    step : factor of every step
    waits : which of the workers' times a round of synchronous training takes
    from_read : whether an asynchronous step begins at the weights that were read
    adds : whether a worker's next arrival is counted from its last one
    """
    n = len(workers)
    gradient = gradient or (lambda worker, read, now, first: workers[worker](read))
    path, times, staleness = [w], [0.0], []
    if sync:
        for k in range(updates):
            rows = [gradient(i, path[-1], path[-1], w) for i in range(n)]
            path.append(path[-1] - step * lr * np.mean(rows, axis=0))
            times.append(times[-1] + float(waits(delay[:, k])))
        return np.array(path), np.array(times[1:]), [0] * updates
    queue = [(delay[i, 0], i, 0, 0) for i in range(n)]
    heapq.heapify(queue)
    while len(path) <= updates:
        now, i, k, read = heapq.heappop(queue)
        staleness.append(len(path) - 1 - read)
        begins = path[read] if from_read else path[-1]
        path.append(begins - step * lr * gradient(i, path[read], path[-1], w))
        times.append(now)
        heapq.heappush(queue, (adds * now + delay[i, k + 1], i, k + 1, len(path) - 1))
    return np.array(path), np.array(times[1:]), staleness


class async_sgd(Exercise):
    """Synchronous and asynchronous SGD on a simulated clock (DistBelief's Downpour SGD, 2012)."""

    signature = "async_sgd(workers, delay, w, lr, updates, sync=False) -> path, times, staleness"
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
        yield case("asynchronous, arrivals at the same time", 1, 3, [2.0, 1.0, 1.0], jitter=False)
        yield case("no update", 1, 2, [1.0, 2.0], updates=0)

    def observe(self, code, curvatures, minima, w, delay, lr, updates, sync):
        workers = quadratic_workers(curvatures, minima)
        path, times, staleness = code.async_sgd(workers, delay, w, lr, updates, sync)
        return {
            "path": np.array(path), "times": np.array(times, dtype=float),
            "staleness": [int(s) for s in staleness],
        }  # fmt: skip

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

    def reference(self, curvatures, minima, w, delay, lr, updates, sync):
        workers = self.gradients(curvatures, minima)
        path, times, staleness = run_workers(workers, delay, w, lr, updates, sync)
        return {
            "path": near(path, rtol=1e-7, atol=1e-9), "times": times, "staleness": staleness
        }  # fmt: skip

    @mistake
    def fresh_gradients(self, right, **inputs):
        """You take each gradient at the newest weights. The worker began before they existed: it
        is at the weights that it read."""
        workers = quadratic_workers(inputs["curvatures"], inputs["minima"])
        if not inputs["sync"]:
            shown = self.run(**inputs, gradient=lambda i, read, now, first: workers[i](now))
            return {"path": shown["path"]}

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
        """Your workers take turns. Who is ready first comes first: a slow worker must not hold the
        others up."""
        if inputs["sync"] or len(inputs["minima"]) == 1:
            return None
        n, updates = len(inputs["minima"]), inputs["updates"]
        even = np.ones_like(inputs["delay"]) + 1e-9 * np.arange(n)[:, None]
        shown = self.run(**inputs | {"delay": even})
        return {"path": shown["path"], "staleness": shown["staleness"]} if updates else None

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
        """With sync=True yours does not wait either: every gradient is applied as it comes."""
        if inputs["sync"]:
            return self.run(**inputs | {"sync": False})

    @mistake
    def slowest_in_all(self, right, **inputs):
        """Your synchronous clock is that of the worker that is slowest in all. Each round waits for
        the one that is slowest in it, and these times add up."""
        if inputs["sync"]:
            sums = np.cumsum(inputs["delay"], axis=1).max(axis=0)
            return {"times": sums[: inputs["updates"]]}

    @mistake
    def durations_for_times(self, right, **inputs):
        """Your times are how long each update took. Asked is what the clock shows: it goes on."""
        return {"times": np.diff(right["times"], prepend=0.0)}

    @mistake
    def staleness_counts_itself(self, right, **inputs):
        """Your staleness counts the update itself. It is how many updates of OTHERS were applied
        since the weights were read: 0 for a worker alone."""
        if not inputs["sync"]:
            return {"staleness": [s + 1 for s in right["staleness"]]}

    @mistake
    def last_of_equals(self, right, **inputs):
        """When gradients arrive at the same time you take the last of these workers. Take the
        first."""
        n = len(inputs["minima"])
        late = inputs["delay"] - 1e-9 * np.arange(n)[:, None] * np.arange(
            1, inputs["delay"].shape[1] + 1)[::-1]  # fmt: skip
        shown = self.run(**inputs | {"delay": late})
        return {"path": shown["path"], "staleness": shown["staleness"]}

    @mistake
    def path_without_start(self, right, **inputs):
        """Your path lacks the weights that it starts from: updates + 1 rows."""
        return {"path": right["path"][1:]}

    @mistake
    def uphill(self, right, **inputs):
        """You go along the gradient, uphill."""
        return {"path": self.run(**inputs, step=-1.0)["path"]}


class stable_rate(Exercise):
    """How large a rate may be when gradients come late."""

    signature = "stable_rate(curvatures, delay)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Along one axis of curvature λ the recursion is w ← w − ηλ·w_old. Its bound falls with λ: "
        "which axis leaves the smallest?",
        "Test yours: without delay it is the rate at which gradient descent on λ/2·w² just jumps "
        "from w to −w, and with a delay of one update it is half of that.",
    )

    def cases(self, rng):
        low, high = rng.uniform(0.2, 0.9), rng.uniform(3.0, 9.0)
        curvatures = rng.permutation([low, 1.7, high])
        for name, delay in ("no delay", 0), ("one update late", 1), ("seven updates late", 7):
            yield Case(f"three axes, {name}", 1, curvatures=curvatures, delay=delay)
        yield Case("one axis, two updates late", 1, curvatures=np.array([rng.uniform(2, 5)]),
                   delay=2)  # fmt: skip

    def observe(self, code, curvatures, delay):
        return {"rate": float(code.stable_rate(curvatures, delay))}

    def reference(self, curvatures, delay):
        """By bisection on the largest root of r^(d+1) = r^d − ηλ, by its companion matrix."""
        companion = torch.zeros(delay + 1, delay + 1, dtype=torch.float64)
        companion[0, 0] = 1.0
        companion += torch.diag(torch.ones(delay, dtype=torch.float64), -1)
        low, high = 0.0, 4.0
        for _ in range(60):
            middle = (low + high) / 2
            step = companion.clone()
            step[0, delay] -= middle
            inside = torch.linalg.eigvals(step).abs().max() <= 1
            low, high = (middle, high) if inside else (low, middle)
        return {"rate": near(low / float(curvatures.max()), rtol=1e-6, atol=0.0)}

    def bound(self, angle, curvature):
        return {"rate": float(2 * np.sin(angle) / curvature)}

    @mistake
    def delay_left_out(self, right, curvatures, delay):
        """That is the bound without delay. A gradient that comes late pushes on when the weights
        have long passed the minimum."""
        return {"rate": 2 / curvatures.max()}

    @mistake
    def angle_for_its_sine(self, right, curvatures, delay):
        """You take the sine's angle for the sine. That comes near for a long delay; without any it
        is π in place of 2."""
        return {"rate": float(np.pi / (2 * delay + 1) / curvatures.max())}

    @mistake
    def smallest_curvature(self, right, curvatures, delay):
        """You take the flattest axis. The steepest bursts first."""
        return {"rate": right["rate"] * curvatures.max() / curvatures.min()}

    @mistake
    def mean_curvature(self, right, curvatures, delay):
        """You take the mean of the curvatures. The steepest axis bursts first, whatever the others
        do."""
        return {"rate": right["rate"] * curvatures.max() / curvatures.mean()}

    @mistake
    def divided_by_delay(self, right, curvatures, delay):
        """You divide by the delay plus one. That is right for a delay of 0 and of 1, and too
        much for more: the bound is a sine."""
        return {"rate": 2 / (delay + 1) / curvatures.max()}

    @mistake
    def half_angle_forgotten(self, right, curvatures, delay):
        """The angle is twice too large: it is π/2 divided by 2d + 1."""
        return self.bound(np.pi / (2 * delay + 1), curvatures.max())

    @mistake
    def delay_not_doubled(self, right, curvatures, delay):
        """The angle is π/2 divided by 2d + 1; you divide by d + 1."""
        return self.bound(np.pi / 2 / (delay + 1), curvatures.max())

    @mistake
    def two_forgotten(self, right, curvatures, delay):
        """That is half of the bound: without delay it is 2 divided by the curvature."""
        return {"rate": right["rate"] / 2}
