# A fork bomb, bounded should nothing else bound it.
import os

for _ in range(12):
    try:
        os.fork()
    except OSError:
        pass
