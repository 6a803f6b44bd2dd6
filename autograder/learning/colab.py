"""Where a learner's work is kept on Colab, whose machines are taken away after some hours.

The set-up cell of each notebook calls `settle`. Installing the course is that cell's own business.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

CONTENT = Path("/content")  # Colab's working folder; a mounted Drive is drive/MyDrive in it
FOLDER = "training-cnns"  # made in the learner's Drive
KEPT = (".progress.json", "my_layers.py")


def settle(content: Path = CONTENT) -> None:
    """Keep progress and my_layers.py in the learner's Drive where it is mounted; say where.

    Without a Drive they are kept in Colab's own folder. What was kept there moves along as soon as
    there is a Drive that has none of its own yet. Files that COURSE_PROGRESS or COURSE_LAYERS name
    already stay where they are named.

    Parameters
    ----------
    content : Colab's working folder
    """
    drive = content / "drive" / "MyDrive"
    home, said = content, (
        "Your progress and your layers are kept on this machine, which Colab takes away after some "
        "hours. To keep them, mount your Google Drive (the folder symbol on the left, then 'Mount "
        "Drive') and run this cell again."
    )  # fmt: skip
    if drive.is_dir():
        home = drive / FOLDER
        try:
            home.mkdir(exist_ok=True)
            for name in KEPT:
                if (content / name).is_file() and not (home / name).exists():
                    shutil.copyfile(content / name, home / name)
            said = f"Your progress and your layers are kept in your Drive, in {FOLDER}."
        except OSError as trouble:
            home, said = content, (
                f"Your Drive does not take files ({trouble.strerror}), so your progress is kept on "
                "this machine, which Colab takes away after some hours. Make room in your Drive, "
                "or mount it again, and run this cell again."
            )  # fmt: skip
    for variable, name in zip(("COURSE_PROGRESS", "COURSE_LAYERS"), KEPT, strict=True):
        # What this function chose before gives way: a Drive may have come since, or gone.
        if os.environ.get(variable) in (None, str(content / name), str(drive / FOLDER / name)):
            os.environ[variable] = str(home / name)
    layers = Path(os.environ["COURSE_LAYERS"])
    folder = str(layers.parent)
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)
    if layers.is_file():
        sys.modules.pop("my_layers", None)  # perhaps the one from before
    print(said)
