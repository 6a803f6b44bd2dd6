"""The explorer of notebook 12: when loading, transfer and computing wait for each other."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.plots import ACCENT, STYLE

_BATCHES = 8
_MOST_WORKERS = 4
_GREY = {"load": "#9a9a9a", "transfer": "#444444", "compute": ACCENT}


def explore_pipeline() -> Explorer:
    """A Gantt picture of eight batches: who works on which of them, and when."""
    import matplotlib
    from matplotlib.figure import Figure

    # rc_context: the style belongs to this figure, not to the notebook's own plots.
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 3.2))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.11, right=0.98, top=0.88, bottom=0.16)

    def draw(prefetch, load, transfer, compute, workers):
        overlap = prefetch == "with prefetch"
        loaders = int(workers) if overlap else 1
        plan = timeline(load, transfer, compute, overlap, loaders)
        names = [*(f"worker {k + 1}" for k in range(loaders)), "link", "device"]
        with matplotlib.rc_context(STYLE):
            axes.clear()
            for kind, batch, row, begin, end in plan:
                if end <= begin:
                    continue
                axes.barh(row, end - begin, left=begin, height=0.7, color=_GREY[kind],
                          edgecolor="white", linewidth=1.0)  # fmt: skip
                if end - begin < 0.013 * plan[-1][-1]:
                    continue  # no room for its number
                ink = "#1a1a1a" if kind == "load" else "white"
                axes.text((begin + end) / 2, row, str(batch + 1), color=ink, ha="center",
                          va="center", fontsize=8, clip_on=True)  # fmt: skip
            total = plan[-1][-1]
            axes.set_yticks(range(len(names)), names)
            axes.set_ylim(len(names) - 0.4, -0.6)
            axes.set_xlim(0, 1.02 * total)
            axes.set_xlabel("time (ms); the numbers are batches")
            busy = _BATCHES * compute / total
            axes.set_title(f"{total:.0f} ms; the device works for {busy:.0%} of it", loc="left")
        serial = _BATCHES * (load + transfer + compute)
        return figure, (
            f"{_BATCHES} batches {prefetch}, {loaders} worker{'s' if loaders > 1 else ''}: load "
            f"{load:.0f} ms, transfer {transfer:.0f} ms, compute {compute:.0f} ms a batch. All are "
            f"done after {total:.0f} ms, against {serial:.0f} ms one after the other; the device "
            f"works for {busy:.0%} of the time."
        )

    return explore(
        draw,
        still=[
            {"prefetch": "without prefetch"},
            {"prefetch": "with prefetch", "workers": 1},
            {"prefetch": "with prefetch", "workers": 3},
        ],
        prefetch=choice("prefetch", ("without prefetch", "with prefetch")),
        load=slider("load a batch (ms)", 1, 60, 30, step=1),
        transfer=slider("transfer it (ms)", 0, 30, 4, step=1),
        compute=slider("compute with it (ms)", 1, 60, 12, step=1),
        workers=slider("workers", 1, _MOST_WORKERS, 1, step=1),
    )


def timeline(load, transfer, compute, overlap: bool, workers: int) -> list[tuple]:
    """Who does what: (kind, batch, row, begin, end) in order; the device's last entry ends it.

    Workers take turns, as in torch's DataLoader; rows are the workers, the link, the device.
    """
    plan = []
    free = np.zeros(workers + 2)
    for batch in range(_BATCHES):
        ready = 0.0 if overlap else free[-1]
        for kind, row, seconds in (
            ("load", batch % workers, load),
            ("transfer", workers, transfer),
            ("compute", workers + 1, compute),
        ):
            begin = max(ready, free[row])
            ready = free[row] = begin + seconds
            plan.append((kind, batch, row, float(begin), float(ready)))
    return plan
