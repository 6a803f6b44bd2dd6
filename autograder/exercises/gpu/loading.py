"""Exercises of notebook 12 about feeding a device: reading ahead in a thread, one file for all.

What is sent to a worker process and how a file is kept are in `packing`.
"""

from autograder.exercise import Case, mistake, raises
from autograder.exercises.gpu.sending import Sending, looked_at


class PrefetchLoader(Sending):
    """A loader that fetches the next batches, and sends them off, while this one is computed."""

    signature = "PrefetchLoader(loader, device, ahead=2)"
    minutes = 25
    extra = True
    difficulty = 3
    library = "any"
    counted = ("threads left", "in advance", "sent by the thread")
    reads = {
        "batches": "the list of batches that the loop got",
        "error": "the error that reaches the loop ('' for none) is {seen}; {right} is right",
        "same error": "the error that reaches the loop is the loader's own: {seen}; {right} is "
        "right",
        "batches next time": "the list of batches that the loop got when it began anew",
        "length": "`len` of your loader",
        "threads left": "{seen} of your threads still run when the iteration has ended; {right} "
        "should",
        "in advance": "your thread has read {seen} in advance; {right} is right",
        "on the device": "whether your tensors are on the device",
        "from pinned memory": "whether your tensors leave from pinned memory",
        "without waiting": "whether your tensors are sent without waiting",
        "sent by the thread": "your tensors are sent by the thread that reads ahead: {seen}; "
        "{right} is right",
        "tuples": "your batches are tuples: {seen}; {right} is right",
    }
    hints = (
        "One thread fills a queue.Queue that has room for `ahead` batches; the loop takes from it. "
        "How does the loop learn that there is no more to come?",
        "Let __iter__ be a generator. What stands in the finally of its try runs when the loop "
        "ends, and also when it is left by break or by an error.",
        "A thread that waits to put a batch into a full queue sleeps for ever when nobody takes. "
        "Put with a short timeout, and between two tries look whether it should stop. An error in "
        "the thread is a value like any other: put it into the queue, raise it in the loop.",
    )

    def cases(self, rng):
        n = int(rng.integers(8, 30))
        many = int(rng.integers(280, 320))
        usual = {"n": n, "take": None, "fail_at": None, "ahead": 2, "device": None,
                 "twice": False, "width": 2, "pause": 0.0}  # fmt: skip

        def case(name, points, **other):
            return Case(name, points, **usual | other)

        yield case("all batches", 2, ahead=None)
        yield case("two epochs, three tensors a batch", 1, twice=True, width=3)
        yield case("the loop is left early", 1, n=many, take=int(rng.integers(5, 12)), ahead=3)
        yield case("the loop is left at once", 1, n=many + 1, take=1, ahead=1)
        yield case("the loader fails on the way", 2, fail_at=n // 2 + 1)
        yield case("the loader fails at once", 1, fail_at=0)
        yield case("an empty loader", 0.5, n=0)
        yield case("a loader that pauses", 0.5, n=int(rng.integers(4, 20)), width=1, pause=0.055)
        few = int(rng.integers(4, 30))
        yield case("to a CUDA device (recorded)", 2, n=few, device="cuda:1")
        yield case("to another device (recorded)", 1, n=few // 2 + 3, device="mps", width=3)

    def observe(self, code, n, take, fail_at, ahead, device, twice, width, pause):
        import threading
        import time

        import torch

        from course_utils.recipes import loading
        from course_utils.recipes.instruments.threads import Left, quiet_failures, within

        recorded = device is not None
        device = torch.device(device) if recorded else loading.working_device()
        register, senders, consumers = [], [], []
        failed = threading.Event()

        class Recorded(loading.RecordedTensor):
            """It notes the thread that sends it, and can be pinned on the host alone."""

            def pin_memory(self):
                if self.device.type != "cpu":
                    raise RuntimeError("cannot pin a tensor that is not on the CPU")
                pinned = super().pin_memory()
                pinned.__class__ = Recorded
                return pinned

            def to(self, device, non_blocking=False):
                senders.append(threading.get_ident())
                sent = super().to(device, non_blocking)
                sent.__class__ = Recorded
                return sent

        class Watched(loading.TensorBatches):
            """Batches of `width` tensors; it pauses in the middle, and tells when it fails."""

            def __iter__(self):
                try:
                    for i, (x, y) in enumerate(super().__iter__()):
                        if i == n // 2:
                            time.sleep(pause)
                        if recorded:
                            yield tuple(Recorded(i, register) for _ in range(width))
                        else:
                            yield (x, y, y + 0.5)[:width]
                except OSError:
                    failed.set()
                    raise

        batches = Watched(n, fail_at)
        taken, next_time = [], []
        facts = {"in advance": "`ahead` batches", "threads left": "none", "tuples": True}
        usual = 2 if ahead is None else ahead

        def look():
            """How many batches are read while the loop has taken only one."""
            if not batches.wait_for(1 + usual, seconds=1.0):
                few = "fewer than `ahead` batches"
                facts["in advance"] = few if batches.given > 1 else "nothing"
            elif batches.wait_for(3 + usual, seconds=0.01):
                end = batches.wait_for(min(n, 3 * usual + 8), seconds=0.03)
                facts["in advance"] = "all it can" if end else "more than `ahead` batches"

        def consume():
            left = Left()
            consumers.append(threading.get_ident())
            try:
                iterate()
            finally:
                facts["threads left"] = "some" if left.count(0.0) else "none"

        def iterate():
            given = (batches, device) if ahead is None else (batches, device, ahead)
            loader = code.PrefetchLoader(*given)
            facts["length"] = len(loader)
            for _ in range(2 if twice else 1):
                one_pass(loader, taken, take)
            if take is not None and usual > 1:
                one_pass(loader, next_time, 2)

        def one_pass(loader, into, most):
            iterator = iter(loader)
            for batch in iterator:
                facts["tuples"] &= isinstance(batch, tuple)
                into.append(tuple(batch))
                if into is taken and len(taken) == 1 and (take or ahead is None):
                    look()
                if fail_at is not None and len(into) == fail_at + 1 - usual:
                    # The error is there while batches before it wait.
                    failed.wait(0.05)
                    time.sleep(0.002)
                if len(into) == most:
                    batches.wait_for(most + usual, seconds=0.05)  # so that some wait
                    break
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
            del iterator

        def told(problem):
            """The loader's error inside another one."""
            text = f"batch {fail_at} cannot be read"
            while problem is not None and text not in str(problem):
                problem = problem.__cause__ or problem.__context__
            return "" if problem is None else text

        error, same = "", True
        with quiet_failures():
            try:
                within(3.0, consume)
            except (OSError, TimeoutError) as problem:
                error = str(problem)
            except Exception as problem:
                error, same = told(problem), False
                if not error:
                    raise
        if recorded:
            items = [[t.index for t in batch] for batch in taken]
            sent = [tensor for batch in taken for tensor in batch]
            facts["sent by the thread"] = not set(senders) & set(consumers)
            facts["on the device"] = [tensor.device == device for tensor in sent]
            facts["from pinned memory"] = [tensor.pinned for tensor in sent]
            facts["without waiting"] = [not tensor.waited for tensor in sent]
        else:
            items = [[x for t in batch for x in t.tolist()] for batch in taken]
            facts["on the device"] = all(
                tensor.device.type == device.type for batch in taken for tensor in batch
            )
            again = [[x for t in batch for x in t.tolist()] for batch in next_time]
            later = again and again[0][0] > take  # by how much is a matter of threads
            facts["batches next time"] = "from where reading had stopped" if later else again
        return {"batches": items, "error": error, "same error": same, **facts}

    def reference(self, n, take, fail_at, ahead, device, twice, width, pause):
        stop = next(s for s in (take, fail_at, n) if s is not None)
        one = [[float(i), 10.0 * i, i, i + 0.5][: width + 1] for i in range(max(stop, 2))]
        if device is not None:
            one = [[i] * width for i in range(stop)]
        right = {
            "batches": one[:stop] * (2 if twice else 1),
            "error": "" if fail_at is None else f"batch {fail_at} cannot be read",
            "same error": True,
            "length": n,
            "threads left": "none",
            "in advance": "`ahead` batches",
            "tuples": True,
            "on the device": True,
        }
        if device is None:
            return right | {"batches next time": one[:2] if take is not None and ahead > 1 else []}
        every = [True] * (width * n)
        return right | {
            "sent by the thread": True,
            "on the device": every,
            "from pinned memory": [device.startswith("cuda")] * (width * n),
            "without waiting": every,
        }

    @mistake
    def error_swallowed(self, right, fail_at, **inputs):
        """An error in the thread has to reach the loop. Yours ends there, and the loop thinks that
        all batches have been read."""
        return {"error": ""} if fail_at is not None else {}

    @mistake
    def error_hangs(self, right, fail_at, **inputs):
        """When the loader fails your loop waits for ever: the thread has died without a word. Tell
        the loop, whatever ends the thread."""
        if fail_at is not None:
            return {"error": "not done after 3 s: does it wait for something for ever?"}

    @mistake
    def end_not_told(self, right, take, fail_at, twice, **inputs):
        """When the loader has no more batches your loop waits for ever for another one: nobody
        tells it that this was the last."""
        if take is None and fail_at is None:
            told = len(right["batches"]) // (2 if twice else 1)
            return {"error": "not done after 3 s: does it wait for something for ever?",
                    "batches": right["batches"][:told]}  # fmt: skip

    @mistake
    def leaving_hangs(self, right, take, **inputs):
        """The loop was left early, and your code waits for ever for its thread, which waits for
        room in the queue. Let neither wait without looking up now and then."""
        if take is not None:
            return {"error": "not done after 3 s: does it wait for something for ever?"}

    @mistake
    def thread_left_behind(self, right, take, **inputs):
        """The loop was left early, and your thread still runs. Tell it to stop when the iteration
        ends, and wait (`join`) until it has."""
        return {"threads left": "some"} if take is not None else {}

    @mistake
    def no_thread(self, right, take, **inputs):
        """You read the next batch when it is asked for. While one batch is computed the next ones
        must already be on their way."""
        shown = {"in advance": "nothing"} if looked_at(take, **inputs) else {}
        return shown | ({"sent by the thread": False} if inputs["device"] else {})

    @mistake
    def reads_without_end(self, right, take, **inputs):
        """Your thread reads as far as it can. Batches that wait take memory: no more than `ahead`
        of them."""
        return {"in advance": "all it can"} if looked_at(take, **inputs) else {}

    @mistake
    def one_reads_without_end(self, right, take, ahead, **inputs):
        """With `ahead` = 1 your thread reads as far as it can: a `queue.Queue(0)` has room without
        end. As many as `ahead` may wait, besides the one in the thread's hands."""
        return {"in advance": "all it can"} if take is not None and ahead == 1 else {}

    @mistake
    def room_for_more(self, right, take, **inputs):
        """More than `ahead` batches wait in yours, besides the one in the thread's hands. Give the
        queue room for `ahead` and no more."""
        shown = looked_at(take, **inputs)
        return {"in advance": "more than `ahead` batches"} if shown else {}

    @mistake
    def room_for_fewer(self, right, take, ahead, **inputs):
        """Your thread stops reading before `ahead` batches wait."""
        if looked_at(take, ahead=ahead, **inputs) and ahead != 1:
            return {"in advance": "fewer than `ahead` batches"}

    @mistake
    def another_default(self, right, ahead, **inputs):
        """Where `ahead` is not given, your thread stops before two batches wait. Its default is
        2."""
        if ahead is None:
            return {"in advance": "fewer than `ahead` batches"}

    @mistake
    def whole_loader_first(self, right, take, fail_at, **inputs):
        """Your thread reads the whole loader before it hands over the first batch. Hand over each
        as it comes, and let no more than `ahead` wait."""
        shown = {"in advance": "all it can"} if looked_at(take, **inputs) else {}
        return shown | ({"batches": []} if fail_at else {})

    @mistake
    def pairs_alone(self, right, width, **inputs):
        """Your code takes batches of two tensors only. A batch is a tuple of any number of them."""
        if right["batches"] and width != 2:
            problem = "not enough values" if width == 1 else "too many values"
            return dict.fromkeys(right, raises("ValueError", problem))

    @mistake
    def another_error(self, right, fail_at, **inputs):
        """You raise another error than the loader's. The loop gets the very error that stopped
        the loader, so that it can be caught by its type."""
        return {"same error": False} if fail_at is not None else {}

    @mistake
    def batches_left_over(self, right, take, ahead, **inputs):
        """What still waited when the loop was left comes first in the next iteration. Queue and
        thread belong to one iteration: begin anew in `__iter__`."""
        if take is not None and ahead > 1:
            return {"batches next time": [[float(i), 10.0 * i, i] for i in (take, take + 1)]}

    @mistake
    def pause_taken_for_the_end(self, right, pause, n, **inputs):
        """When the loader takes its time over a batch, your loop ends, as though that had been
        all. Wait until a batch comes, or word that there is none."""
        return {"batches": right["batches"][: n // 2]} if pause else {}

    @mistake
    def one_epoch_only(self, right, twice, **inputs):
        """Your second epoch is empty, as when the thread, its queue or the iterator of the loader
        inside is made once for all epochs. Each belongs to one iteration: begin anew in
        __iter__."""
        if twice:
            return {"batches": right["batches"][: len(right["batches"]) // 2]}

    @mistake
    def goes_on_where_it_stopped(self, right, take, ahead, twice, **inputs):
        """A second loop over yours goes on where reading had stopped in the first, and gets nothing
        where all was read: the loader inside is iterated once for all. Begin it anew in
        `__iter__`."""
        if twice:
            return {"batches": right["batches"][: len(right["batches"]) // 2]}
        if take is not None and ahead > 1:
            return {"batches next time": "from where reading had stopped"}

    @mistake
    def last_batch_lost(self, right, take, **inputs):
        """Your last batch never arrives. Does the end of the loader overtake what still waits?"""
        if take is None and not inputs["device"] and right["error"] == "" and right["batches"]:
            return {"batches": right["batches"][:-1]} if not inputs["twice"] else {}

    @mistake
    def newest_first(self, right, take, device, twice, **inputs):
        """Your batches come in another order than the loader gives them. First in, first out."""
        if take is None and not device and not twice and len(right["batches"]) > 1:
            return {"batches": right["batches"][::-1]}

    @mistake
    def lists_for_tuples(self, right, **inputs):
        """Your batches are lists, or something else that is no tuple. The loader gives tuples, and
        so should you."""
        return {"tuples": False} if right["batches"] else {}

    @mistake
    def length_is_ahead(self, right, ahead, **inputs):
        """The `len` of your loader is `ahead`. It is the number of batches, that of the loader
        inside."""
        return {"length": 2 if ahead is None else ahead}

    @mistake
    def length_with_those_that_wait(self, right, ahead, **inputs):
        """The `len` of your loader has those that may wait added to it. They are batches of the
        loader inside already: its `len` is yours."""
        return {"length": right["length"] + (2 if ahead is None else ahead)}

    @mistake
    def error_before_its_turn(self, right, fail_at, ahead, **inputs):
        """The error overtakes batches that were read before it. It should be raised in the loop
        after those, as one more entry of the queue."""
        if fail_at:
            return {"batches": right["batches"][:-1]}
