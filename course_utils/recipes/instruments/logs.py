"""TensorBoard logs in a temporary folder, written by a learner's code and read back."""

from __future__ import annotations

import contextlib
import tempfile
import warnings


class Log:
    """A log being written: hand `writer` out, then ask `read()` for what has been written."""

    def __init__(self, folder: str):
        from torch.utils.tensorboard import SummaryWriter

        self.folder = folder
        self.writer = SummaryWriter(folder)

    def read(self) -> dict:
        """Close the log and return what is in it.

        Returns
        -------
        dict
            `scalars`: tag → {"steps": [...], "values": [...]} in the order written;
            `histograms`: tag → {"steps": [...], "counts": [...]}, the number of values in each;
            `graph`: whether one was written.
        """
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        self.writer.close()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the reader's own, about its own dependencies
            # 0 keeps every event; the default would thin out long logs.
            events = EventAccumulator(self.folder, size_guidance={"scalars": 0, "histograms": 0})
            events.Reload()
        tags = events.Tags()
        return {
            "scalars": {
                tag: {
                    "steps": [event.step for event in events.Scalars(tag)],
                    "values": [event.value for event in events.Scalars(tag)],
                }
                for tag in tags["scalars"]
            },
            "histograms": {
                tag: {
                    "steps": [event.step for event in events.Histograms(tag)],
                    "counts": [event.histogram_value.num for event in events.Histograms(tag)],
                }
                for tag in tags["histograms"]
            },
            "graph": bool(tags["graph"]),
        }


@contextlib.contextmanager
def temporary_log():
    """A `Log` in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="log-") as folder:
        log = Log(folder)
        try:
            yield log
        finally:
            log.writer.close()
