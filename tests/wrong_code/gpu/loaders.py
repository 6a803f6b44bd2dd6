"""Notebook 12: loaders that read ahead, wrong in what they promise besides the batches."""

import queue
import threading

from wrong_code import wrong


class Loader:
    """A loader that is right; what is wrong overrides a part of it."""

    patience = None

    def __init__(self, loader, device, ahead=2):
        self.loader, self.device, self.ahead = loader, device, ahead

    def __len__(self):
        return len(self.loader)

    def room(self):
        return queue.Queue(self.ahead)

    def read(self, waiting):
        yield from self.loader

    def pin(self, tensor):
        return tensor.pin_memory() if self.device.type == "cuda" else tensor

    def send(self, batch):
        return tuple(self.pin(t).to(self.device, non_blocking=True) for t in batch)

    def fail(self, error):
        raise error

    def __iter__(self):
        waiting, failures = self.room(), []
        stop = self.stop = threading.Event()

        def put(item):
            while not stop.is_set():
                try:
                    return waiting.put(item, timeout=0.01)
                except queue.Full:
                    pass

        def work():
            try:
                for batch in self.read(waiting):
                    put((self.send(batch), None))
                    if stop.is_set():
                        return
                put((None, None))
            except (OSError, RuntimeError, ValueError) as error:
                failures.append(error)
                put((None, error))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while True:
                try:
                    batch, error = waiting.get(timeout=self.patience)
                except queue.Empty:
                    return
                if error is not None:
                    self.fail(error)
                if batch is None:
                    return
                yield batch
        finally:
            stop.set()
            thread.join()


@wrong("PrefetchLoader", "room_for_more")
class PrefetchLoader(Loader):
    def room(self):
        return queue.Queue(self.ahead + 2)


@wrong("PrefetchLoader", "one_reads_without_end")
class PrefetchLoader(Loader):
    def room(self):
        return queue.Queue(self.ahead - 1)


class Counted(queue.Queue):
    """A queue with permits to read: one comes back with each batch that is taken."""

    def __init__(self, permits):
        super().__init__()
        self.permits = threading.Semaphore(permits)

    def get(self, *args, **options):
        item = super().get(*args, **options)
        self.permits.release()
        return item


class ByPermit(Loader):
    """It asks for a batch only when there is room for it."""

    def room(self):
        return Counted(self.ahead)

    def read(self, waiting):
        batches = iter(self.loader)
        while not self.stop.is_set():
            if waiting.permits.acquire(timeout=0.01):
                try:
                    yield next(batches)
                except StopIteration:
                    return


@wrong("PrefetchLoader", "room_for_fewer")
class PrefetchLoader(ByPermit):
    def room(self):
        return Counted(max(self.ahead - 1, 1))


@wrong("PrefetchLoader", "another_default")
class PrefetchLoader(ByPermit):
    def __init__(self, loader, device, ahead=1):
        super().__init__(loader, device, ahead)


@wrong("PrefetchLoader", "whole_loader_first")
class PrefetchLoader(Loader):
    def read(self, waiting):
        return list(self.loader)


@wrong("PrefetchLoader", "pinned_after_sending")
class PrefetchLoader(Loader):
    def send(self, batch):
        sent = [t.to(self.device, non_blocking=True) for t in batch]
        return tuple(self.pin(t) for t in sent)


@wrong("PrefetchLoader", "pinned_elsewhere_too")
class PrefetchLoader(Loader):
    def pin(self, tensor):
        return tensor if self.device.type == "cpu" else tensor.pin_memory()


@wrong("PrefetchLoader", "first_tensor_alone")
class PrefetchLoader(Loader):
    def send(self, batch):
        first, *others = batch
        return (*super().send([first]), *(t.to(self.device) for t in others))


@wrong("PrefetchLoader", "first_tensor_alone_is_pinned")
class PrefetchLoader(Loader):
    def send(self, batch):
        first, *others = batch
        return (*super().send([first]), *(t.to(self.device, non_blocking=True) for t in others))


@wrong("PrefetchLoader", "targets_left_behind")
class PrefetchLoader(Loader):
    def send(self, batch):
        return (*super().send(batch[:1]), *batch[1:])


@wrong("PrefetchLoader", "waits_elsewhere")
class PrefetchLoader(Loader):
    def send(self, batch):
        if self.device.type == "cuda":
            return super().send(batch)
        return tuple(t.to(self.device) for t in batch)


@wrong("PrefetchLoader", "not_sent_elsewhere")
class PrefetchLoader(Loader):
    def send(self, batch):
        return super().send(batch) if self.device.type == "cuda" else tuple(batch)


@wrong("PrefetchLoader", "first_cuda_device")
class PrefetchLoader(Loader):
    def send(self, batch):
        return tuple(self.pin(t).to(self.device.type, non_blocking=True) for t in batch)


@wrong("PrefetchLoader", "pairs_alone")
class PrefetchLoader(Loader):
    def send(self, batch):
        x, y = batch
        return super().send((x, y))


@wrong("PrefetchLoader", "another_error")
class PrefetchLoader(Loader):
    def fail(self, error):
        raise RuntimeError("the loader failed") from error


@wrong("PrefetchLoader", "pause_taken_for_the_end")
class PrefetchLoader(Loader):
    patience = 0.03


@wrong("PrefetchLoader", "batches_left_over")
class PrefetchLoader(Loader):
    def __init__(self, loader, device, ahead=2):
        super().__init__(loader, device, ahead)
        self.waiting = queue.Queue(ahead)

    def room(self):
        return self.waiting


@wrong("PrefetchLoader", "goes_on_where_it_stopped")
class PrefetchLoader(Loader):
    def __init__(self, loader, device, ahead=2):
        super().__init__(loader, device, ahead)
        self.batches = iter(loader)

    def read(self, waiting):
        return self.batches  # `yield from` would close them when the loop is left


@wrong("PrefetchLoader", "error_before_its_turn")
class PrefetchLoader(Loader):
    def room(self):
        self.failures = []
        return queue.Queue(self.ahead)

    def read(self, waiting):
        try:
            yield from self.loader
        except OSError as error:
            self.failures.append(error)
            raise

    def __iter__(self):
        inner = super().__iter__()
        try:
            for batch in inner:
                if self.failures:
                    raise self.failures[0]
                yield batch
        finally:
            inner.close()
