# Integers and texts whose size is in the doing: each takes for ever to print, hash or compare.
import sys

sys.set_int_max_str_digits(0)
huge = 7 ** (10**6)


class Endless:
    def __repr__(self):
        return "x" * 10**9

    def __hash__(self):
        return hash(tuple(range(10**8)))

    def _repr_html_(self):
        return "<p>" * 10**8


print(huge)
print(Endless())
Endless()
