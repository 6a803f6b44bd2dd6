# Writes to every open descriptor what the grader's own messages look like.
import json
import os
import pickle
import struct


def frame(kind, head, body=b""):
    text = json.dumps(head).encode()
    return struct.pack(">cII", kind, len(text), len(body)) + text + body


class Boom:
    def __reduce__(self):
        return os.system, ("true",)


mine = {"cell": 0, "exercise": "double", "seed": 0}
forged = [
    frame(b"R", mine, pickle.dumps(Boom())),
    frame(b"R", mine | {"exercise": "other_exercise"}, b""),
    frame(b"R", mine | {"seed": 99}, b""),
    frame(b"R", mine | {"missing": "x" * 10**6}),
    frame(b"C", {"cell": -1, "outputs": [], "count": 1}),
    frame(b"C", {"cell": 10**9, "outputs": 3, "count": "x"}),
    frame(b"C", {"cell": 0, "state": "perfect", "outputs": [{"output_type": "score"}], "count": 0}),
    frame(b"X", {"why": "the sandbox is broken"}),
    frame(b"S", {"cell": "first"}),
    frame(b"N", {"text": "score: 1000\n" * 100}),
    frame(b"Z", {}),
    struct.pack(">cII", b"C", 3, 0) + b"{]}",
    struct.pack(">cII", b"C", 10**5, 0) + b"[" * 10**5,
]
for name in os.listdir("/proc/self/fd"):
    number = int(name)
    if number > 2:
        for piece in forged:
            try:
                os.write(number, piece)
            except OSError:
                break
