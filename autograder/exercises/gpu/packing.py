"""The exercise of notebook 12 on one file for all pictures, mapped into memory."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, raises


class PackedDataset(Exercise):
    """Many pictures in one file that is mapped into memory, read where it is asked for."""

    signature = ("pack_dataset(images, path)", "PackedDataset(path)")
    minutes = 20
    difficulty = 2
    extra = True
    library = "any"
    counted = ("reads of each",)
    reads = {
        "file": "the file that your `pack_dataset` writes",
        "reads of each": "how often your `pack_dataset` reads each picture",
        "packs one at a time": "your `pack_dataset` holds few pictures at a time: {seen}; {right} "
        "is right",
        "length": "`len` of your data set",
        "pictures": "what `data[i]` gives, stacked for all i,",
        "last": "the last picture of your data set",
        "arrays of their own": "your pictures are arrays of their own: {seen}; {right} is right",
        "may be changed": "your pictures may be changed: {seen}; {right} is right",
        "holds no copy": "your data set leaves the pictures in the file: {seen}; {right} is right",
        "holds no copy in a worker": "your data set leaves the pictures in the file after it has "
        "been pickled, too: {seen}; {right} is right",
        "reads one at a time": "`data[i]` reads one picture only: {seen}; {right} is right",
        "past the end": "`data[len(data)]` gives {seen}; {right} is right",
        "travels light": "the pickle of your data set is small: {seen}; {right} is right",
        "arrives in a worker": "your data set can be read after it has been pickled: {seen}; "
        "{right} is right",
        "file unchanged": "the file stays as it was: {seen}; {right} is right",
    }
    hints = (
        "np.lib.format.open_memmap makes a file that looks like an array, of the shape and dtype "
        "that you give; np.load(..., mmap_mode=...) opens one without reading it.",
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
        # So many bytes that it can be told whether they are in memory.
        yield case("many pictures", 24, 28 + n, 30, 3)

    def observe(self, code, images, order):
        import pickle
        import tempfile
        import tracemalloc
        from pathlib import Path

        import numpy as np

        from course_utils.recipes.loading import Pictures, bytes_to_send

        started = not tracemalloc.is_tracing()
        enough = images.nbytes > 50_000

        def attributes(data):
            """What an object holds: by name in its dictionary, or in slots of its class."""
            slots = [slot for kind in type(data).__mro__ for slot in np.atleast_1d(
                getattr(kind, "__slots__", [])) if hasattr(data, slot)]  # fmt: skip
            return getattr(data, "__dict__", {}) | {slot: getattr(data, slot) for slot in slots}

        def leaves_them_in_the_file(data):
            held = [v for v in attributes(data).values()
                    if isinstance(v, (np.ndarray, bytes, list))]  # fmt: skip
            own = [v for v in held if not isinstance(v, np.memmap)]
            return sum(map(bytes_to_send, own)) < 0.6 * images.nbytes

        def in_memory():
            return tracemalloc.get_traced_memory()[0]

        class Watched(Pictures):
            """Looks at each read how much memory is in use."""

            most = 0

            def __getitem__(self, index):
                self.most = max(self.most, in_memory())
                return super().__getitem__(index)

        def sent(data):
            """What a pickle of it holds, how many bytes that is, and what comes out of it."""
            make, args, *rest = data.__reduce_ex__(2)
            args = [a for a in args if a is not type(data)]
            state = rest[0] if rest else None
            size = bytes_to_send((args, state))
            args, state = pickle.loads(pickle.dumps((args, state)))
            new = make.__name__ in ("__newobj__", "__reduce_ex__")
            clone = make(type(data), *args) if new else make(*args)
            if state is None or (not state and not isinstance(state, dict)):
                return size, clone
            if hasattr(clone, "__setstate__"):
                clone.__setstate__(state)
            else:
                state, slots = state if isinstance(state, tuple) else (state, {})
                getattr(clone, "__dict__", {}).update(state or {})
                for name, value in slots.items():
                    setattr(clone, name, value)
            return size, clone

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pictures.npy"
            source = Watched(images)
            if started:
                tracemalloc.start()
            try:
                used = in_memory()
                code.pack_dataset(source, path)
                frugal = source.most - used < 0.6 * images.nbytes
            finally:
                if started:
                    tracemalloc.stop()
            packed = np.load(path, mmap_mode="r")
            seen = {"file": np.array(packed), "reads of each": list(source.reads),
                    "packs one at a time": frugal or not enough}  # fmt: skip
            before = path.read_bytes()
            data = code.PackedDataset(path)
            seen["length"] = len(data)
            try:
                data[len(images) - 1]
            except IndexError as problem:
                if len(images) > 1:
                    data[0]
                problem.args = (f"{problem}, of the last picture",)
                raise
            got = [data[index] for index in order]
            if started:
                tracemalloc.start()
            try:
                used = in_memory()
                tracemalloc.reset_peak()
                data[order[0]]
                most = tracemalloc.get_traced_memory()[1] - used
            finally:
                if started:
                    tracemalloc.stop()
            seen["reads one at a time"] = most < 0.6 * images.nbytes or not enough
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
            seen["holds no copy"] = leaves_them_in_the_file(data)
            beyond = []
            for index in range(len(images), len(images) + 3):
                try:
                    data[index]
                    beyond.append("a picture")
                except IndexError:
                    beyond.append("IndexError")
                except Exception:  # noqa: BLE001 - whatever it is, it is another one
                    beyond.append("another error")
            seen["past the end"] = next((b for b in beyond if b != "IndexError"), "IndexError")
            if "IndexError" in beyond and "a picture" in beyond:
                late = "a picture, and an IndexError comes too late"
                early = "IndexError, and a picture further on"
                seen["past the end"] = early if beyond[0] == "IndexError" else late
            clone, seen["holds no copy in a worker"] = None, seen["holds no copy"]
            try:
                size, clone = sent(data)
                seen["travels light"] = size < 600
                seen["arrives in a worker"] = np.array_equal(clone[0], data[0])
                seen["holds no copy in a worker"] = leaves_them_in_the_file(clone)
            except Exception as problem:  # noqa: BLE001 - as a worker would stop
                # pickle itself refuses an open file, a lock, a local function
                refused = isinstance(problem, (TypeError, pickle.PicklingError)) and clone is None
                own_way = hasattr(data, "__getstate__")
                state = data.__getstate__() if own_way else attributes(data)
                seen["travels light"] = not refused and bytes_to_send(state) < 600
                seen["arrives in a worker"] = False
            del clone
            seen["file unchanged"] = path.read_bytes() == before
            del data, packed
        return seen

    def reference(self, images, order):
        return {
            "file": images,
            "reads of each": [1] * len(images),
            "packs one at a time": True,
            "reads one at a time": True,
            "length": len(images),
            "pictures": images[np.array(order)],
            "arrays of their own": True,
            "may be changed": True,
            "last": images[-1],
            "holds no copy": True,
            "holds no copy in a worker": True,
            "past the end": "IndexError",
            "travels light": True,
            "arrives in a worker": True,
            "file unchanged": True,
        }

    @mistake
    def views_of_the_file(self, right, **inputs):
        """You hand out a piece of the map itself. Code that augments it in place gets an error, or
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
        return {"holds no copy": False, "holds no copy in a worker": False,
                "travels light": False}  # fmt: skip

    @mistake
    def read_when_opened(self, right, **inputs):
        """You read the whole file when it is opened, in every worker process anew. A map reads what
        is asked for, when it is asked for."""
        return {"holds no copy": False, "holds no copy in a worker": False}

    @mistake
    def read_in_the_worker(self, right, **inputs):
        """A data set of yours that comes out of a pickle holds all pictures in memory: it reads the
        whole file in every worker process. Map it there as you do at first."""
        return {"holds no copy in a worker": False}

    @mistake
    def read_but_in_the_worker(self, right, **inputs):
        """A data set that you make from a path holds all pictures in memory; only what comes out of
        a pickle maps the file. Map it from the start."""
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
    def header_among_the_pictures(self, right, images, order):
        """You make the number of pictures from the size of the file, and its header, of 128 bytes,
        is in it: where pictures are small that is one more. The mapped array knows its length."""
        return {"length": (128 + images.nbytes) // images[0].nbytes}

    @mistake
    def read_twice(self, right, images, order):
        """You read one of the pictures twice. Each is a file on a slow disk: once is enough."""
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

    def handed_out(self, right, first=False, share=False):
        change = lambda a: np.moveaxis(a, -1, -3) if first else a
        below = (lambda a: a / np.float32(255)) if share else lambda a: a
        return {name: below(change(right[name])) for name in ("pictures", "last")}

    @mistake
    def handed_out_channels_first(self, right, **inputs):
        """Your data set turns its pictures to C×H×W. They come as they are in the file: H×W×C."""
        return self.handed_out(right, first=True)

    @mistake
    def handed_out_from_0_to_1(self, right, **inputs):
        """Your data set divides by 255. Pictures come as they are in the file: uint8."""
        return self.handed_out(right, share=True)

    @mistake
    def handed_out_as_by_to_tensor(self, right, **inputs):
        """Your data set gives floats from 0 to 1 and C×H×W, as torchvision's ToTensor does. They
        come as they are in the file: uint8 and H×W×C."""
        return self.handed_out(right, first=True, share=True)

    @mistake
    def no_end(self, right, **inputs):
        """data[len(data)] gives a picture, and so do the numbers that follow. An IndexError belongs
        there: it is what a for-loop over a data set stops at."""
        return {"past the end": "a picture"}

    @mistake
    def ends_too_late(self, right, **inputs):
        """data[len(data)] gives a picture, and the IndexError comes only behind it: a for-loop over
        your data set gets one picture too many, or more. The last one has the number N − 1."""
        return {"past the end": "a picture, and an IndexError comes too late"}

    @mistake
    def another_error_past_the_end(self, right, **inputs):
        """From `data[len(data)]` on your data set stops with another error than IndexError, which
        is what a for-loop ends at. Compare the number with N first."""
        return {"past the end": "another error"}

    @mistake
    def last_one_refused(self, right, **inputs):
        """Your data set raises an IndexError for its last picture already. The last one has the
        number N − 1, and the IndexError belongs to the numbers from N on."""
        return dict.fromkeys(right, raises("IndexError", "of the last picture"))

    @mistake
    def changes_stay(self, right, images, order):
        """Whoever changes one of your pictures finds it changed when it is asked for again, as
        when a piece of the map is handed out. Hand out a copy each time."""
        shown = {"arrays of their own": False}
        if order[0] == len(images) - 1:
            shown["last"] = np.full_like(images[-1], 77)
        if order[0] == 0:
            shown["arrives in a worker"] = False
        return shown

    @mistake
    def first_picture_blank(self, right, images, order):
        """Your first picture is black: you read it for its shape and never wrote it."""
        file, pictures = images.copy(), right["pictures"].copy()
        file[0], pictures[np.array(order) == 0] = 0, 0
        return {"file": file, "pictures": pictures, "last": file[-1]}

    @mistake
    def nothing_written(self, right, images, order):
        """All pictures in your file are black: it has the right size, and no picture was written to
        it, as when blocks are written only once they are full."""
        return {"file": np.zeros_like(images), "pictures": np.zeros_like(images),
                "last": np.zeros_like(images[-1])}  # fmt: skip

    @mistake
    def nothing_written_but_all_held(self, right, images, order):
        """All pictures in your file are black: you read them all and wrote none, as when blocks are
        written only once they are full. Write each picture before the next is read."""
        shown = {"packs one at a time": False} if images.nbytes > 50_000 else {}
        return {"file": np.zeros_like(images), "pictures": np.zeros_like(images),
                "last": np.zeros_like(images[-1])} | shown  # fmt: skip

    @mistake
    def all_packed_at_once(self, right, images, order):
        """Your `pack_dataset` has all pictures of a case in memory at once. They need not fit:
        write each before the next is read."""
        return {"packs one at a time": False} if images.nbytes > 50_000 else {}

    @mistake
    def whole_file_each_time(self, right, images, order):
        """For one picture you read the whole file. Map it, and only what is asked for is read."""
        return {"reads one at a time": False} if images.nbytes > 50_000 else {}

    @mistake
    def as_doubles(self, right, images, order):
        """Your file holds floats of eight bytes, which is numpy's default. Keep uint8; convert
        after loading."""
        return {"file": images.astype(float), "pictures": right["pictures"].astype(float),
                "last": images[-1].astype(float)}  # fmt: skip

    @mistake
    def no_header(self, right, images, order):
        """Your file holds the bytes of the pictures and no header, so it is no .npy file. The
        header says shape and dtype, and numpy can map a file that has one."""
        return dict.fromkeys(right, raises("ValueError", "pickled"))

    @mistake
    def another_path(self, right, images, order):
        """After your `pack_dataset` there is no file at `path`. The path ends in .npy already:
        take it as it is."""
        return dict.fromkeys(right, raises("FileNotFoundError", "pictures.npy"))
