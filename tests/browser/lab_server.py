"""JupyterLab as a process of its own, on a folder that may be written to. What is done with it in
a browser is `conftest`'s."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
# Seconds until it answers: it takes about five, more where many things run at once.
START = 120
# A reader's own settings: all cells are in the page at once, not only those in sight, and
# nothing is asked or fetched at the first start.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false", "checkForUpdates": False,
    },
}  # fmt: skip


@contextlib.contextmanager
def lab(root: Path, own: Path, **environment: str) -> Iterator[str]:
    """JupyterLab on the folder `root`; gives its address, without a slash at the end.

    All that Jupyter keeps for a user lies in `own`, so the developer's settings neither count nor
    change. `environment` goes to the kernels too. Its log is `own / "lab.log"`.

    Raises RuntimeError, with the end of the log, when it does not start.
    """
    places = {
        f"JUPYTER_{kind}_DIR": str(own / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    for plugin, values in SETTINGS.items():
        path = own / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    places["JUPYTERLAB_SETTINGS_DIR"] = str(own / "settings")
    places["JUPYTERLAB_WORKSPACES_DIR"] = str(own / "workspaces")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            "--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={root}",
            # Nobody but this machine reaches it, and for a minute.
            "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
            "--LabApp.expose_app_in_browser=True",
        ],
        cwd=root, env={**os.environ, **places, **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    log, heard, address = own / "lab.log", threading.Event(), []

    def listen():
        with log.open("w", encoding="utf-8") as file:
            for line in process.stderr:
                file.write(line)
                file.flush()
                if "is running at" not in line and not address and (found := ADDRESS.search(line)):
                    address.append(found[0].rstrip("/"))
                    heard.set()
        heard.set()  # it has ended

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        heard.wait(START)
        if not address or not _answers(process, address[0]):
            tail = log.read_text(encoding="utf-8")[-2000:]
            raise RuntimeError(f"JupyterLab did not start within {START} s. Its log ends:\n{tail}")
        yield address[0]
    finally:
        process.terminate()  # it shuts its kernels down
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        listener.join(30)


def _answers(process: subprocess.Popen, address: str) -> bool:
    """Wait until the port is open: the address is told a moment before it is."""
    port, deadline = int(address.rsplit(":", 1)[1]), time.monotonic() + START
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), START).close()
            return True
        except ConnectionRefusedError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
                return False
    return False
