# Outputs nested so deep, and so many, that whoever walks through them would fall.
from IPython.display import display

deep = []
for _ in range(100_000):
    deep = [deep]
wide = {str(n): n for n in range(200_000)}
for _ in range(200):
    display({"application/json": deep, "text/plain": "x"}, raw=True)
    display({"application/json": wide, "text/html": "<div>" * 50_000}, raw=True)
    display({"text/latex": "$" * 10**6, "\ud800": "\ud800", "image/png": "no \x00"}, raw=True)
display({"text/plain": {"a": {"b": 1}}, 5: 6, "image/svg+xml": ["<svg>"] * 10**5}, raw=True)
