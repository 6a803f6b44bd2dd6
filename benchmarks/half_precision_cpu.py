"""Half precision products in torch on this CPU, with and without its instructions for them.

Prints the time of a 256×256 product by type, once with everything the processor has and once with
oneDNN, torch's library for them, held to AVX2. Numbers in notebook 13 come from here:

    python benchmarks/half_precision_cpu.py
"""

from __future__ import annotations

import os
import subprocess
import sys

SIZE, REPEATS = 256, 3


def measure() -> None:
    """Print milliseconds by type, on one thread, for what ONEDNN_MAX_CPU_ISA allows."""
    import torch

    from course_utils.devices import timed

    torch.set_num_threads(1)
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        a, b = torch.randn(2, SIZE, SIZE).to(kind)
        seconds = [timed(lambda a=a, b=b: a @ b) for _ in range(REPEATS)]
        print(f"  {kind}: {1e3 * min(seconds):.3f} to {1e3 * max(seconds):.3f} ms")


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure()
    else:
        for instructions in ("DEFAULT", "AVX2"):
            # oneDNN reads the variable once in a process.
            print(f"ONEDNN_MAX_CPU_ISA={instructions}", flush=True)
            subprocess.run([sys.executable, __file__, "--here"], check=True,
                           env={**os.environ, "ONEDNN_MAX_CPU_ISA": instructions})  # fmt: skip
