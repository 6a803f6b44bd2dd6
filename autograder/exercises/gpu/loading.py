"""Exercises of notebook 12 about feeding a device: reading ahead in a thread, one file for all.

Peaks and prices are in `gpu`, time in `gpu_timing`, memory in `gpu_memory`, questions in
`gpu_questions`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake


class PrefetchLoader(Exercise):
    """A loader that fetches the next batches, and sends them off, while this one is computed."""

    signature = "PrefetchLoader(loader, device, ahead=2)"
    minutes = 25
    difficulty = 3
    library = "any"
    counted = ("threads left", "reads ahead", "holds back")
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
        n = int(rng.integers(8, 15))

        def case(name, points, n=n, take=None, fail_at=None, ahead=2, recorded=False, twice=False):
            return Case(name, points, n=n, take=take, fail_at=fail_at, ahead=ahead,
                        recorded=recorded, twice=twice)  # fmt: skip

        yield case("all batches", 2)
        yield case("two epochs", 1, twice=True)
        yield case("the loop is left early", 1, n=300, take=8, ahead=3)
        yield case("the loop is left at once", 1, n=300, take=1)
        yield case("the loader fails on the way", 2, fail_at=n // 2)
        yield case("the loader fails at once", 1, fail_at=0)
        yield case("an empty loader", 1, n=0)
        yield case("to a CUDA device (recorded)", 3, n=5, recorded=True)

    def observe(self, code, n, take, fail_at, ahead, recorded, twice):
        import torch

        from course_utils.recipes import loading
        from course_utils.recipes.instruments.threads import Left, quiet_failures, within

        device = torch.device("cuda") if recorded else loading.working_device()
        make = loading.RecordedBatches if recorded else loading.TensorBatches
        batches = make(n) if recorded else make(n, fail_at)
        items, taken = [], []
        facts = {"reads ahead": take is None, "holds back": True, "threads left": 0}

        def consume():
            left = Left()
            try:
                iterate()
            finally:
                facts["threads left"] = left.count(0.0)

        def iterate():
            ahead_of_it = code.PrefetchLoader(batches, device, ahead)
            facts["length"] = len(ahead_of_it)
            for _ in range(2 if twice else 1):
                iterator = iter(ahead_of_it)
                for x, y in iterator:
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
            "on the device": [True] * (2 * n) if recorded else True,
        }
        if recorded:
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


class PackedDataset(Exercise):
    """Many pictures in one file that is mapped into memory, read where it is asked for."""

    signature = ("pack_dataset(images, path)", "PackedDataset(path)")
    minutes = 20
    difficulty = 2
    extra = True
    library = "any"
    counted = ("reads of each",)
    hints = (
        "numpy can make a file that looks like an array, np.lib.format.open_memmap, and can open "
        "one without reading it, np.load(..., mmap_mode=...).",
        "images is asked for one picture at a time. What comes out of the map is a piece of the "
        "file: what must happen before it is handed to someone who may write on it?",
        "A worker process gets the data set as a pickle, and a pickled map is the whole file. Say "
        "in __getstate__ what to send (the path), and open the file when it is first needed.",
    )

    def cases(self, rng):
        def case(name, n, h, w, c):
            return Case(name, 2, images=rng.integers(0, 256, (n, h, w, c)).astype(np.uint8),
                        order=rng.permutation(n).tolist())  # fmt: skip

        n = int(rng.integers(6, 12))
        yield case("colour pictures", n, 13, 9, 3)
        yield case("grey pictures", n + 2, 8, 11, 1)
        yield case("one picture", 1, 30, 17, 3)

    def observe(self, code, images, order):
        import tempfile
        from pathlib import Path

        import numpy as np

        from course_utils.recipes.loading import Pictures, bytes_to_send

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pictures.npy"
            source = Pictures(images)
            code.pack_dataset(source, path)
            packed = np.load(path, mmap_mode="r")
            seen = {"file": np.array(packed), "reads of each": list(source.reads)}
            before = path.read_bytes()
            data = code.PackedDataset(path)
            seen["length"] = len(data)
            got = [data[index] for index in order]
            seen["pictures"] = np.stack(got)
            seen["arrays of their own"] = not any(
                np.shares_memory(a, b) for a in got for b in (data[order[0]], packed)
            )
            try:
                got[0][:] = 77
                seen["may be changed"] = True
            except ValueError:
                seen["may be changed"] = False
            seen["last"] = np.array(data[len(images) - 1])
            held = [v for v in vars(data).values() if isinstance(v, (np.ndarray, bytes, list))]
            seen["holds no copy"] = all(isinstance(v, np.memmap) for v in held)
            try:
                data[len(images)]
                seen["past the end"] = "a picture"
            except IndexError:
                seen["past the end"] = "IndexError"
            worker = type(data).__getstate__(data) if hasattr(data, "__getstate__") else None
            state = vars(data) if worker is None else worker
            seen["travels light"] = bytes_to_send(state) < 600
            clone = object.__new__(type(data))
            try:
                if hasattr(clone, "__setstate__"):
                    clone.__setstate__(dict(state))
                else:
                    vars(clone).update(state)
                seen["arrives in a worker"] = np.array_equal(clone[0], images[0])
            except (AttributeError, TypeError, KeyError):
                seen["arrives in a worker"] = False
            del clone
            seen["file unchanged"] = path.read_bytes() == before
            del data, packed
        return seen

    def reference(self, images, order):
        return {
            "file": images,
            "reads of each": [1] * len(images),
            "length": len(images),
            "pictures": images[np.array(order)],
            "arrays of their own": True,
            "may be changed": True,
            "last": images[-1],
            "holds no copy": True,
            "past the end": "IndexError",
            "travels light": True,
            "arrives in a worker": True,
            "file unchanged": True,
        }

    @mistake
    def views_of_the_file(self, right, **inputs):
        """You hand out a piece of the map itself. Who augments it in place gets an error, or
        changes the file: hand out a copy."""
        return {"arrays of their own": False, "may be changed": False}

    @mistake
    def file_can_be_changed(self, right, images, order):
        """Whoever changes one of your pictures changes the file. Open it for reading, and hand out
        copies."""
        return {"arrays of their own": False, "file unchanged": False}

    @mistake
    def all_in_memory(self, right, **inputs):
        """You read the whole file when it is opened. A map reads what is asked for, when it is
        asked for."""
        return {"holds no copy": False, "travels light": False}

    @mistake
    def read_when_opened(self, right, **inputs):
        """You read the whole file when it is opened, in every worker process anew. A map reads what
        is asked for, when it is asked for."""
        return {"holds no copy": False}

    @mistake
    def map_is_pickled(self, right, **inputs):
        """Sent to a worker process, your map is written out as a whole. Send the path alone, and
        open the file where it is needed."""
        return {"travels light": False}

    @mistake
    def not_opened_again(self, right, **inputs):
        """In a worker process your data set has a path and no pictures. Open the file again when it
        arrives, or when it is first needed."""
        return {"arrives in a worker": False}

    @mistake
    def read_twice(self, right, images, order):
        """You read pictures more than once. Each is a file on a slow disk: once is enough."""
        return {"reads of each": [2] + [1] * (len(images) - 1)}

    @mistake
    def read_twice_each(self, right, images, order):
        """You go over all the pictures twice. The first one tells the shape, and len() how many."""
        return {"reads of each": [2] * len(images)}

    @mistake
    def as_floats(self, right, images, order):
        """Your file holds floats, four or eight times as many bytes to read. Keep uint8; convert
        after loading."""
        return {"file": images.astype(np.float32),
                "pictures": right["pictures"].astype(np.float32),
                "last": images[-1].astype(np.float32)}  # fmt: skip

    @mistake
    def channels_first(self, right, images, order):
        """Your file has the channels first. On disk pictures are H×W×C."""
        return {"file": images.transpose(0, 3, 1, 2),
                "pictures": right["pictures"].transpose(0, 3, 1, 2),
                "last": images[-1].transpose(2, 0, 1)}  # fmt: skip

    @mistake
    def no_end(self, right, **inputs):
        """data[len(data)] gives a picture; for-loops stop at an IndexError that never comes."""
        return {"past the end": "a picture"}

    @mistake
    def first_picture_blank(self, right, images, order):
        """Your first picture is black: you read it for its shape and never wrote it."""
        file, pictures = images.copy(), right["pictures"].copy()
        file[0], pictures[np.array(order) == 0] = 0, 0
        return {"file": file, "pictures": pictures, "last": file[-1]}
