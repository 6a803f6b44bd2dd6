"""Whether the Python that runs has what the course needs, and what to do where it has not: a
sentence for each place a notebook is opened in. The standard library is all it needs itself."""

from __future__ import annotations

import importlib.util
import os
import sys

# Package → what is imported of it: pyproject.toml's dependencies.
NEEDED = {
    "click": "click",
    "cloudpickle": "cloudpickle",
    "filelock": "filelock",
    "ipywidgets": "ipywidgets",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "packaging": "packaging",
    "psutil": "psutil",
    "rich": "rich",
    "scikit-learn": "sklearn",
    "tensorboard": "tensorboard",
    "threadpoolctl": "threadpoolctl",
    "torch": "torch",
    "torchvision": "torchvision",
    "tqdm": "tqdm",
}

WHAT_TO_DO = {
    "Colab": "Run the first cell again: it installs them. If that does not help, choose Runtime → "
    "Disconnect and delete runtime, and begin once more.",
    "Binder": "This Binder was built without the course's packages. Start it anew from the link "
    "that your course gives.",
    "VS Code": "Choose the course's own kernel: click the kernel's name at the top right, then "
    "'Select Another Kernel', 'Python Environments', '.venv'. If there is no .venv yet, run "
    "'make setup EXTRAS=lab' in the course's folder first.",
    "Jupyter": "In the course's folder run 'make lab' and open the notebook there, or choose the "
    "course's kernel in the menu Kernel.",
    "a terminal": "In the course's folder run 'make lab', which installs what is needed; from "
    "then on it is .venv/bin/course.",
}


def lacking() -> list[str]:
    """The packages that every notebook needs and this Python does not have."""
    return [name for name, module in NEEDED.items() if importlib.util.find_spec(module) is None]


def place() -> str:
    """Where this runs: a key of WHAT_TO_DO."""
    if "google.colab" in sys.modules:
        return "Colab"
    if os.environ.get("BINDER_SERVICE_HOST") or os.environ.get("BINDER_LAUNCH_HOST"):
        return "Binder"
    if "ipykernel" not in sys.modules:
        return "a terminal"
    return "VS Code" if os.environ.get("VSCODE_PID") else "Jupyter"


def advice(missing: list[str]) -> str:
    """What is missing here and what to do about it, in two sentences or three."""
    first, more = missing[:3], len(missing) - 3
    names = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    return f"{sys.executable} lacks {names}, which the course needs. {WHAT_TO_DO[place()]}"
