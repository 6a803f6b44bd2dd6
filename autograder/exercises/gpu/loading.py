"""Exercises of notebook 12 about feeding a device: reading ahead in a thread, one file for all.

What is sent to a worker process and how a file is kept are in `packing`.
"""

from autograder.exercise import Case, Exercise, mistake, raises


class PrefetchLoader(Exercise):
    """A loader that fetches the next batches, and sends them off, while this one is computed."""

    signature = "PrefetchLoader(loader, device, ahead=2)"
    minutes = 25
    difficulty = 3
    library = "any"
    counted = ("threads left", "reads ahead", "holds back", "sent by the thread")
    reads = {
        "batches": "the list of batches that the loop got",
        "error": "the error that reaches the loop is {seen}; {right} is right",
        "length": "`len` of your loader",
        "threads left": "{seen} of your threads still run when the iteration has ended; {right} "
        "should",
        "reads ahead": "your loader reads `ahead` batches before they are asked for: {seen}; "
        "{right} is right",
        "holds back": "your loader stops reading when `ahead` batches wait: {seen}; {right} is "
        "right",
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

        def case(name, points, n=n, take=None, fail_at=None, ahead=2, recorded=False, twice=False):
            return Case(name, points, n=n, take=take, fail_at=fail_at, ahead=ahead,
                        recorded=recorded, twice=twice)  # fmt: skip

        yield case("all batches", 2)
        yield case("two epochs", 1, twice=True)
        yield case("the loop is left early", 1, n=many, take=int(rng.integers(5, 12)), ahead=3)
        yield case("the loop is left at once", 1, n=many + 1, take=1)
        yield case("the loader fails on the way", 2, fail_at=n // 2 + 1)
        yield case("the loader fails at once", 1, fail_at=0)
        yield case("an empty loader", 1, n=0)
        yield case("to a CUDA device (recorded)", 3, n=int(rng.integers(4, 10)), recorded=True)

    def observe(self, code, n, take, fail_at, ahead, recorded, twice):
        import threading

        import torch

        from course_utils.recipes import loading
        from course_utils.recipes.instruments.threads import Left, quiet_failures, within

        device = torch.device("cuda") if recorded else loading.working_device()
        make = loading.RecordedBatches if recorded else loading.TensorBatches
        batches = make(n) if recorded else make(n, fail_at)
        items, taken = [], []
        facts = {"reads ahead": take is None, "holds back": True, "threads left": 0,
                 "tuples": True}  # fmt: skip
        senders, consumers = [], []

        class Register(list):
            """Of what is sent, which notes the thread that sends it."""

            def append(self, tensor):
                senders.append(threading.get_ident())
                super().append(tensor)

        if recorded:
            batches.tensors = Register()

        def consume():
            left = Left()
            consumers.append(threading.get_ident())
            try:
                iterate()
            finally:
                facts["threads left"] = left.count(0.0)

        def iterate():
            ahead_of_it = code.PrefetchLoader(batches, device, ahead)
            facts["length"] = len(ahead_of_it)
            for _ in range(2 if twice else 1):
                iterator = iter(ahead_of_it)
                for batch in iterator:
                    facts["tuples"] &= isinstance(batch, tuple)
                    x, y = batch
                    taken.append((x, y))
                    if take is not None and len(taken) == 1:
                        facts["reads ahead"] = batches.wait_for(1 + ahead, seconds=1.0)
                        facts["holds back"] = not batches.wait_for(n // 2, seconds=0.03)
                    if len(taken) == take:
                        break
                close = getattr(iterator, "close", None)
                if close is not None:
                    close()
                del iterator

        error = ""
        with quiet_failures():
            try:
                within(3.0, consume)
            except (OSError, TimeoutError) as problem:
                error = str(problem)
        if recorded:
            items = [[x.index, y.index] for x, y in taken]
            sent = [tensor for pair in taken for tensor in pair]
            facts["sent by the thread"] = not set(senders) & set(consumers)
            facts["on the device"] = [tensor.device.type == "cuda" for tensor in sent]
            facts["from pinned memory"] = [tensor.pinned for tensor in sent]
            facts["without waiting"] = [not tensor.waited for tensor in sent]
        else:
            items = [[*x.tolist(), *y.tolist()] for x, y in taken]
            facts["on the device"] = all(
                tensor.device.type == device.type for pair in taken for tensor in pair
            )
        return {"batches": items, "error": error, **facts}

    def reference(self, n, take, fail_at, ahead, recorded, twice):
        stop = next(s for s in (take, fail_at, n) if s is not None)
        one = [[i, i] if recorded else [float(i), 10.0 * i, i] for i in range(stop)]
        right = {
            "batches": one * (2 if twice else 1),
            "error": "" if fail_at is None else f"batch {fail_at} cannot be read",
            "length": n,
            "threads left": 0,
            "reads ahead": True,
            "holds back": True,
            "tuples": True,
            "on the device": [True] * (2 * n) if recorded else True,
        }
        if recorded:
            right |= {"sent by the thread": True}
            right |= {"from pinned memory": [True] * (2 * n), "without waiting": [True] * (2 * n)}
        return right

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
        """The loop was left early, and your thread still waits to hand over its next batch. Tell it
        to stop when the iteration ends, and wait until it has."""
        return {"threads left": 1} if take is not None else {}

    @mistake
    def no_thread(self, right, take, **inputs):
        """You read the next batch when it is asked for. While one batch is computed the next ones
        must already be on their way."""
        if inputs["recorded"]:
            return {"sent by the thread": False}
        return {"reads ahead": False} if take is not None else {}

    @mistake
    def reads_without_end(self, right, take, **inputs):
        """Your thread reads as far as it can. Batches that wait take memory: no more than `ahead`
        of them."""
        return {"holds back": False} if take is not None else {}

    @mistake
    def from_pageable_memory(self, right, recorded, **inputs):
        """Your batches leave from ordinary memory, which the driver must first copy to page-locked
        memory. Pin them when the device is CUDA."""
        if recorded:
            return {"from pinned memory": [False] * len(right["from pinned memory"])}

    @mistake
    def waits_for_the_copy(self, right, recorded, **inputs):
        """Your copies make the host wait, pinned or not. Say non_blocking=True."""
        if recorded:
            return {"without waiting": [False] * len(right["without waiting"])}

    @mistake
    def targets_left_behind(self, right, recorded, **inputs):
        """You send x and leave y on the host. The loss needs both in one place."""
        if recorded:
            half = [True, False] * (len(right["on the device"]) // 2)
            pinned = {"from pinned memory": half} if right["from pinned memory"] else {}
            return {"on the device": half, "without waiting": [True] * len(half), **pinned}

    @mistake
    def one_epoch_only(self, right, twice, **inputs):
        """Your second epoch is empty: the thread and its queue belong to one iteration. Begin anew
        in __iter__."""
        if twice:
            return {"batches": right["batches"][: len(right["batches"]) // 2]}

    @mistake
    def last_batch_lost(self, right, take, **inputs):
        """Your last batch never arrives. Does the end of the loader overtake what still waits?"""
        if take is None and not inputs["recorded"] and right["error"] == "" and right["batches"]:
            return {"batches": right["batches"][:-1]} if not inputs["twice"] else {}

    @mistake
    def newest_first(self, right, take, recorded, twice, ahead, **inputs):
        """Your batches come in another order than the loader gives them. First in, first out."""
        if take is None and not recorded and not twice and len(right["batches"]) > 1:
            return {"batches": right["batches"][::-1]}

    @mistake
    def sent_when_asked_for(self, right, recorded, **inputs):
        """Your thread reads ahead, but the tensors are sent only when the loop asks for them. Send
        them in the thread too, so that they travel while the batch before is computed."""
        return {"sent by the thread": False} if recorded else {}

    @mistake
    def lists_for_tuples(self, right, **inputs):
        """Your batches are lists, or something else that is no tuple. The loader gives tuples, and
        so should you."""
        return {"tuples": False} if right["batches"] else {}

    @mistake
    def pinned_everywhere(self, right, recorded, **inputs):
        """You pin the tensors for every device, and without an accelerator torch refuses. Pin them
        where the device's type is "cuda"."""
        if not recorded and right["batches"]:
            return dict.fromkeys(right, raises("RuntimeError", "accelerator"))

    @mistake
    def length_is_ahead(self, right, ahead, **inputs):
        """The `len` of your loader is `ahead`. It is the number of batches, that of the loader
        inside."""
        return {"length": ahead}

    @mistake
    def error_before_its_turn(self, right, fail_at, ahead, **inputs):
        """The error overtakes batches that were read before it. It should be raised in the loop
        after those, as one more entry of the queue."""
        if fail_at:
            return {"batches": right["batches"][:-1]}
