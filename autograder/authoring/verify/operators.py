"""What a mutant changes into what: cosmic-ray's operators that fit array code, and a few that it
lacks. Making the mutants of a solution is `mutants`'s."""

from __future__ import annotations

from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso.python import tree

ARITHMETIC = ("Add", "Sub", "Mul", "Div", "FloorDiv", "Pow")
BITS = ("BitOr", "BitAnd", "BitXor")
ORDER = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
PLAIN = (
    "AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd "
    "ReplaceBreakWithContinue ReplaceContinueWithBreak NumberReplacer ZeroIterationForLoop "
    "ReplaceUnaryOperator_USub_UAdd ReplaceUnaryOperator_Delete_USub "
    "ReplaceUnaryOperator_Delete_Invert ReplaceUnaryOperator_Delete_Not"
).split()


def operators() -> list[Operator]:
    """cosmic-ray's operators that fit array code, and a few that it lacks.

    Left out are those that swap arithmetic for bit operations, which floats refuse at once and
    which would only flatter the count, those that draw at random, and those for decorators and
    exceptions.
    """
    names = [*PLAIN, "ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"]
    for kind, family in (("Binary", ARITHMETIC), ("Binary", BITS), ("Comparison", ORDER)):
        names += [f"Replace{kind}Operator_{a}_{b}" for a in family for b in family if a != b]
    names += [f"ReplaceBinaryOperator_Mod_{other}" for other in ARITHMETIC]
    own = (
        AugmentedAssignment, SwapOperands, OtherFunction, DropKeyword, DropFromTuple, DropMethod,
        DropStatement,
    )  # fmt: skip
    return [get_operator(f"core/{name}")() for name in names] + [operator() for operator in own]


class AugmentedAssignment(Operator):
    """`a += b` becomes `a -= b` and `a = b`."""

    OTHERS = {"+=": ("-=", "="), "-=": ("+=", "="), "*=": ("/=", "="), "/=": ("*=", "="),
              "|=": ("&=", "="), "&=": ("|=", "="), "**=": ("*=",), "//=": ("/=",)}  # fmt: skip

    def mutation_positions(self, node):
        if node.type == "operator" and node.value in self.OTHERS:
            for _ in self.OTHERS[node.value]:
                yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = self.OTHERS[node.value][index]
        return node

    @classmethod
    def examples(cls):
        return Example("a += b", "a -= b"), Example("a += b", "a = b", occurrence=1)


class SwapOperands(Operator):
    """`a @ b` becomes `b @ a`; so do the other operators for which it matters."""

    def mutation_positions(self, node):
        for place in self._places(node):
            yield node.children[place].start_pos, node.children[place].end_pos

    def mutate(self, node, index):
        place = self._places(node)[index]
        left, right = node.children[place - 1], node.children[place + 1]
        a, b = left.get_first_leaf(), right.get_first_leaf()
        a.prefix, b.prefix = b.prefix, a.prefix
        node.children[place - 1], node.children[place + 1] = right, left
        return node

    @staticmethod
    def _places(node) -> list[int]:
        # Of a - b - c only a - b: (a - c) - b is the same. So is (b - a) ** 2.
        if node.type not in ("term", "arith_expr") or node.children[1].type != "operator":
            return []
        sign = node.children[1].value
        squared = sign == "-" and _is_squared(node)
        return [1] if sign in ("@", "-", "/", "//") and not squared else []

    @classmethod
    def examples(cls):
        return Example("a @ b", "b @ a"), Example("a - b", "b - a")


def _is_squared(node) -> bool:
    around = node.parent
    if around is None or around.type != "atom" or around.children[0] != "(":
        return False
    after = around.get_next_leaf()
    return after.value == "**" and after.get_next_leaf().value == "2"


class OtherFunction(Operator):
    """A reduction or a filling becomes the one it is taken for: `mean` becomes `sum`."""

    OTHER = {
        **{"mean": "sum", "sum": "mean", "max": "min", "min": "max", "argmax": "argmin"},
        **{"argmin": "argmax", "maximum": "minimum", "minimum": "maximum", "std": "var"},
        **{"var": "std", "floor": "ceil", "ceil": "floor", "any": "all", "all": "any"},
        **{"zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like"},
    }

    def mutation_positions(self, node):
        if isinstance(node, tree.Name) and node.value in self.OTHER:
            after, before = node.get_next_leaf(), node.get_previous_leaf()
            if (after and after.value == "(") and not (before and before.value == "def"):
                yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = self.OTHER[node.value]
        return node

    @classmethod
    def examples(cls):
        return (Example("x.mean(0)", "x.sum(0)"),)


class DropKeyword(Operator):
    """An argument given by name is left out: `f(x, axis=0)` becomes `f(x)`."""

    def mutation_positions(self, node):
        for argument in self._named(node):
            yield argument.start_pos, argument.end_pos

    def mutate(self, node, index):
        argument = self._named(node)[index]
        place = node.children.index(argument)
        if node.type == "trailer":
            del node.children[place]
        elif place:
            del node.children[place - 1 : place + 1]
        else:
            del node.children[:2]
        return node

    @staticmethod
    def _named(node) -> list:
        if node.type not in ("arglist", "trailer") or node.children[0] == "[":
            return []
        return [c for c in node.children if c.type == "argument" and c.children[1] == "="]

    @classmethod
    def examples(cls):
        return Example("f(x, axis=0)", "f(x)"), Example("f(axis=0)", "f()")


class DropFromTuple(Operator):
    """A tuple of numbers, such as axes, loses one of them; of two, the other stays alone."""

    def mutation_positions(self, node):
        for number in self._numbers(node):
            yield number.start_pos, number.end_pos

    def mutate(self, node, index):
        place = node.children.index(self._numbers(node)[index])
        del node.children[max(place - 1, 0) : max(place, 1) + 1]
        return node

    @staticmethod
    def _numbers(node) -> list:
        if node.type != "testlist_comp" or not node.parent or node.parent.children[0] != "(":
            return []
        elements = node.children[::2]
        plain = all(isinstance(e, tree.Number) or e.type == "factor" for e in elements)
        return elements if plain and len(elements) > 1 else []

    @classmethod
    def examples(cls):
        return Example("x.sum((0, 2, 3))", "x.sum(( 2, 3))"), Example("f((1, 2))", "f(( 2))")


class DropMethod(Operator):
    """`.T`, `.copy()` and the like are left out."""

    CALLED = ("copy", "ravel", "squeeze", "clone", "detach", "transpose", "astype", "reshape")

    def mutation_positions(self, node):
        # A list, as cosmic-ray goes on asking after the node has been changed.
        yield from [(node.children[i].start_pos, node.children[i].end_pos)
                    for i, _ in self._found(node)]  # fmt: skip

    def mutate(self, node, index):
        place, length = self._found(node)[index]
        del node.children[place : place + length]
        return node

    def _found(self, node) -> list[tuple[int, int]]:
        if node.type not in ("atom_expr", "power"):
            return []
        found = []
        names = [c.children[1].value if c.type == "trailer" and c.children[0] == "." else None
                 for c in node.children]  # fmt: skip
        for place, name in enumerate(names):
            # np.reshape(x, ...) is a function, not a method: what stands before it is a module.
            if place == 1 and getattr(node.children[0], "value", "") in ("np", "torch"):
                continue
            if name in ("T", "mT"):
                found.append((place, 1))
            elif name in self.CALLED and place + 1 < len(names):
                found.append((place, 2))
        return found

    @classmethod
    def examples(cls):
        return Example("x.T", "x"), Example("x.copy()", "x")


class DropStatement(Operator):
    """A statement that stores into something that exists already, or only calls, is left out."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and self._acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node, index):
        prefix = node.get_first_leaf().prefix
        node.children[0] = tree.Keyword("pass", node.start_pos, prefix)
        return node

    @staticmethod
    def _acts(statement) -> bool:
        if statement.type in ("atom_expr", "power"):
            return True
        if statement.type != "expr_stmt":
            return False
        target, sign = statement.children[:2]
        return target.type in ("atom_expr", "power") or getattr(sign, "value", "=") != "="

    @classmethod
    def examples(cls):
        return Example("x[0] = 1\n", "pass\n"), Example("f(x)\n", "pass\n")
