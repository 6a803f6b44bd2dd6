"""How long a reader waits for an explorer: from a moved control to the finished picture.

Measured here, told as a table; nothing is asserted.

    python benchmarks/explorers.py [PART OF A NAME]...
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

from course_utils.explorers import every
from course_utils.explorers.explorer import Explorer

PLACES = 12  # of a slider that are visited, evenly from one end to the other
AIM = 0.1  # seconds; below it a change feels like the hand's own (Miller 1968; Nielsen 1993)


def places(widget: Any) -> list[Any]:
    """Values that a control is moved to: a list's options, a slider's places from end to end."""
    import ipywidgets as widgets

    if isinstance(widget, widgets.Dropdown):
        return list(widget.options)
    if isinstance(widget, widgets.Checkbox):
        return [True, False]
    if isinstance(widget, widgets.Text):
        return ["1 0 -1", "1 2 1; 0 0 0; -1 -2 -1", "1 2; 3"]
    steps = [widget.min + (widget.max - widget.min) * i / (PLACES - 1) for i in range(PLACES)]
    if isinstance(widget, widgets.FloatLogSlider):
        return [widget.base**step for step in steps]
    if isinstance(widget, widgets.IntSlider):
        return sorted({round(step) for step in steps})
    return steps


def waits(explorer: Explorer) -> dict[str, list[float]]:
    """Seconds from a control's new value to the picture's, for each place of each control.

    All other controls stand at their start. Raises RuntimeError when a value could not be drawn.
    """
    controls = explorer.widget().children[: len(explorer.values)]
    found = {}
    for control in controls:
        start, seconds = control.value, []
        for place in places(control):
            if place == control.value:
                continue
            begin = time.perf_counter()
            control.value = place  # drawn before this returns, since no event loop runs here
            seconds.append(time.perf_counter() - begin)
            if explorer.sentence.startswith("Nothing could be drawn"):
                raise RuntimeError(explorer.sentence)
        control.value = start
        found[control.description] = seconds
    return found


def main(wanted: list[str]) -> None:
    """Print a line for each control, slowest explorer first."""
    rows = []
    for name, make in every().items():
        if wanted and not any(part in name for part in wanted):
            continue
        begin = time.perf_counter()
        explorer = make()
        explorer.outputs()
        rows.append((name, time.perf_counter() - begin, waits(explorer)))
    rows.sort(key=lambda row: -statistics.median(s for times in row[2].values() for s in times))
    print(f"From a moved control to the picture, in ms (aim: under {1000 * AIM:.0f})")
    print(f"  {'explorer':<44} {'median':>7} {'worst':>7}   shown first after")
    for name, first, controls in rows:
        together = [s for times in controls.values() for s in times]
        print(f"  {name:<44} {_ms(together)}   {1000 * first:7.0f}")
        for label, times in controls.items():
            print(f"    {label:<42} {_ms(times)}")
    every_wait = [s for _, _, controls in rows for times in controls.values() for s in times]
    if every_wait:
        slow = sum(s > AIM for s in every_wait)
        print(f"  {f'all {len(every_wait)} changes, {slow} above the aim':<44} {_ms(every_wait)}")


def _ms(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):7.0f} {1000 * max(seconds):7.0f}"


if __name__ == "__main__":
    main(sys.argv[1:])
