"""A prefetching loader with a thread: order kept, exception arrives, stops cleanly, reads ahead."""

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.instruments.threads import Batches, Left, quiet_failures, within

NOTEBOOK = "odd_kinds"


class ReadAhead(Exercise):
    """A loader that fetches the next batches in a thread while this one is worked on."""

    signature = "ReadAhead(loader, ahead)"
    library = "any"

    def cases(self, rng):
        n = int(rng.integers(8, 20))
        yield Case("all batches", 1, n=n, take=None, fail_at=None)
        yield Case("the loop is left early", 1, n=n, take=2, fail_at=None)
        yield Case("the loader fails on the way", 1, n=n, take=None, fail_at=n // 2)

    def observe(self, code, n, take, fail_at):
        batches, left, seen = Batches(n, fail_at), Left(), []
        ahead = False

        def consume():
            nonlocal ahead
            iterator = iter(code.ReadAhead(batches, 2))
            for item in iterator:
                seen.append(item)
                if len(seen) == 1:
                    ahead = batches.wait_for(2, seconds=1.0)
                if len(seen) == take:
                    break
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

        error = ""
        with quiet_failures():
            try:
                within(5.0, consume)
            except (OSError, TimeoutError) as problem:
                error = type(problem).__name__
            threads = left.count()
        return {"items": seen, "error": error, "threads left": threads, "reads ahead": ahead}

    def reference(self, n, take, fail_at):
        stop = next(s for s in (take, fail_at, n) if s is not None)
        return {
            "items": list(range(stop)),
            "error": "" if fail_at is None else "OSError",
            "threads left": 0,
            "reads ahead": True,
        }

    @mistake
    def error_swallowed(self, right, n, take, fail_at):
        """An error in the thread has to reach the loop; yours ends as if all had been read."""
        return {"error": ""}

    @mistake
    def thread_left_behind(self, right, n, take, fail_at):
        """When the loop is left early your thread still waits to hand over its batch: tell it to
        stop."""
        return {"threads left": 1} if take is not None else {}


RIGHT = '''
import queue
import threading

class ReadAhead:
    def __init__(self, loader, ahead):
        self.loader, self.ahead = loader, ahead

    def __iter__(self):
        batches, stop, end = queue.Queue(self.ahead), threading.Event(), object()

        def put(item):
            while not stop.is_set():
                try:
                    return batches.put(item, timeout=0.01)
                except queue.Full:
                    pass

        def work():
            try:
                for batch in self.loader:
                    if stop.is_set():
                        return
                    put((batch, None))
                put((end, None))
            except Exception as error:
                put((end, error))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while True:
                batch, error = batches.get()
                if error is not None:
                    raise error
                if batch is end:
                    return
                yield batch
        finally:
            stop.set()
            thread.join()
'''
STUB = '''
class ReadAhead:
    def __init__(self, loader, ahead):
        raise NotImplementedError

    def __iter__(self):
        raise NotImplementedError
'''
WRONG = {
    "error_swallowed": RIGHT.replace("put((end, error))", "put((end, None))"),
    "thread_left_behind": RIGHT.replace("stop.set()\n            thread.join()", "pass"),
}
