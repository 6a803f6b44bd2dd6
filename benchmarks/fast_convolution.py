"""The ratios that notebook 11 states: its experiment cells, run with the course's solutions.

    python benchmarks/fast_convolution.py            # three rounds; a quiet machine, please
    python benchmarks/fast_convolution.py --rounds 1

Prints the lowest and the highest of the rounds beside what is promised of it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.authoring.build import masters

CELLS = ("the_loop", "experiment_columns", "experiment_fft", "since_tiles", "experiment_strassen",
         "experiment_best")  # fmt: skip


def one_round() -> dict[str, float]:
    """Run the cells once, from the imports on, and read the numbers off their names."""
    master = masters.load(masters.SOURCE / "11_fast_convolution.py")
    names = masters.namespace(master)
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in CELLS:
            masters.run(master.cell(cell).source, names, cell)
    seconds, errors, depth = names["seconds"], names["errors"], names["by_depth"].middle
    return {
        "torch against the loop": seconds["four loops"] / seconds["torch"],
        "im2col against the loop (at least 100)": seconds["four loops"] / seconds["your im2col"],
        "strides against torch, time (at most 4)": seconds["your strides"] / seconds["torch"],
        "strides, share of the peak": names["rates"]["your strides"] / names["peak"],
        "torch, share of the peak": names["rates"]["torch"] / names["peak"],
        "kernel from which FFT is faster (9 to 21)": names["crossing"],
        "FFT against strides at 31×31": names["by_kernel"]["strides"][-1]
        / names["by_kernel"]["Fourier"][-1],
        **{f"error of F(6×6) against F(2×2), {name}": spread.middle[-1] / spread.middle[0]
           for name, spread in errors.items()},
        "Strassen's error, five levels against none": depth[-1] / depth[0],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often (default: 3)")
    rounds = [one_round() for _ in range(parser.parse_args().rounds)]
    for name in rounds[0]:
        values = [each[name] for each in rounds]
        print(f"{name:50s} {min(values):10.3g} to {max(values):.3g}")


if __name__ == "__main__":
    main()
