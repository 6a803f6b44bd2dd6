"""A spy that counts products; what the products give is looked at too."""

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.instruments.spies import Tally

NOTEBOOK = "odd_kinds"


class three_products(Exercise):
    """The product of two complex numbers with three real products (Gauss)."""

    signature = "three_products(a, b, c, d) -> real, imaginary"

    def cases(self, rng):
        for name in ("one pair", "another pair"):
            a, b, c, d = (float(v) for v in rng.uniform(1, 3, 4))
            yield Case(name, 1, a=a, b=b, c=c, d=d)

    def observe(self, code, a, b, c, d):
        tally = Tally()
        real, imaginary = code.three_products(*(tally.number(v) for v in (a, b, c, d)))
        return {"real": float(real), "imaginary": float(imaginary), "products": tally.products}

    def reference(self, a, b, c, d):
        product = complex(a, b) * complex(c, d)
        return {"real": product.real, "imaginary": product.imag, "products": 3}

    @mistake
    def four_products(self, right, **inputs):
        """That is the schoolbook way, with four products. One of them can be saved."""
        return {"products": 4}

    @mistake
    def plus_in_the_real_part(self, right, a, b, c, d):
        """i² is -1: the product of the imaginary parts is taken away."""
        return {"real": a * c + b * d}


RIGHT = '''
def three_products(a, b, c, d):
    ac, bd = a * c, b * d
    return ac - bd, (a + b) * (c + d) - ac - bd
'''
STUB = '''
def three_products(a, b, c, d):
    raise NotImplementedError
'''
WRONG = {
    "four_products": "def three_products(a, b, c, d):\n    return a * c - b * d, a * d + b * c\n",
    "plus_in_the_real_part": RIGHT.replace("return ac - bd", "return ac + bd"),
}
