# Asks for 30 GB, in one piece and in small ones.
import numpy as np

try:
    np.ones(30 * 2**30, np.uint8)
    print("reached")
except MemoryError:
    pass
pieces = []
try:
    while len(pieces) < 30 * 1024:
        pieces.append(bytearray(2**20))
    print("reached")
except MemoryError:
    pieces.clear()
