"""Cuts an exercise's `read` out of its room, with what it uses and nothing more: a student's kit
judges with it where reference, solution and mistakes do not exist."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
import types

from autograder.exercise import Exercise

# Rooms that a kit has too: what comes from them is imported there.
SHARED = ("autograder.exercise", "autograder.judging.plain_data")


class CannotSlice(Exception):
    """Something that `read` uses cannot be taken along."""


def reader(kind: type[Exercise]) -> str | None:
    """Source that defines `read`, for `kit.reader`; None where the exercise has none of its own.

    Raises CannotSlice, naming what is in the way.
    """
    if kind.read is Exercise.read:
        return None
    piece = _Slice(kind)
    piece.take_method("read")
    body = "\n\n".join([*piece.constants.values(), *piece.methods.values()])
    parts = [*sorted(piece.imports), *piece.definitions.values()]
    parts += [f"class Reader:\n{textwrap.indent(body, '    ')}", "read = Reader().read"]
    return "\n\n".join(parts) + "\n"


class _Slice:
    """What has been taken so far, each thing once, in an order in which it can be run."""

    def __init__(self, kind: type[Exercise]):
        self.kind = kind
        self.imports: set[str] = set()
        self.definitions: dict[tuple[str, str], str | None] = {}
        self.constants: dict[str, str] = {}
        self.methods: dict[str, str] = {}

    def take_method(self, name: str) -> None:
        """A method of the exercise, or what stands in its class under that name."""
        if name in self.methods or name in self.constants:
            return
        value = inspect.getattr_static(self.kind, name, None)
        if name == "device":  # where references run; a kit has the CPU
            self.constants[name] = 'device = "cpu"'
            return
        function = getattr(value, "__func__", value)
        if not isinstance(function, types.FunctionType):
            self.constants[name] = f"{name} = {_literal(value, f'{self.kind.name}.{name}')}"
            return
        if getattr(function, "is_mistake", False) or name in ("reference", "observe", "cases"):
            raise CannotSlice(f"{self.kind.name}.read uses {name}, which stays with the author")
        source = textwrap.dedent(inspect.getsource(function))
        self.methods[name] = source.strip()
        tree = ast.parse(source)
        me = function.__code__.co_varnames[:1]
        for node in ast.walk(tree):
            own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            if own and (node.value.id,) == me:
                self.take_method(node.attr)
        self._take_names(tree, function.__globals__)

    def _take_names(self, tree: ast.AST, scope: dict) -> None:
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        for name in sorted(used & scope.keys() - set(dir(builtins))):
            self._take_name(name, scope)

    def _take_name(self, name: str, scope: dict) -> None:
        value = scope[name]
        if isinstance(value, types.ModuleType):
            self.imports.add(f"import {value.__name__} as {name}")
            return
        home = getattr(value, "__module__", None) or scope["__name__"]
        if home in SHARED or not (home == scope["__name__"] or home.startswith("autograder.")):
            own = getattr(value, "__qualname__", name)
            self.imports.add(f"from {home} import {own} as {name}")
            return
        if home.startswith("autograder.") and not home.startswith("autograder.exercises."):
            raise CannotSlice(f"{self.kind.name}.read uses {name} of {home}, which no kit has")
        self._take_definition(name, sys.modules[home])

    def _take_definition(self, name: str, module: types.ModuleType) -> None:
        """A function, class or constant as it stands in its room, what it uses before it."""
        if (module.__name__, name) in self.definitions:
            return
        self.definitions[module.__name__, name] = None
        text = inspect.getsource(module)
        for node in ast.parse(text).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            # Several at once, too: MEAN, SPREAD = ...
            bound = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if name in {getattr(node, "name", None), *bound}:
                self._take_names(node, vars(module))
                del self.definitions[module.__name__, name]
                self.definitions[module.__name__, name] = ast.unparse(node)
                return
        for node in ast.walk(ast.parse(text)):  # a constant of another room
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if (alias.asname or alias.name) == name and node.module in sys.modules:
                    del self.definitions[module.__name__, name]
                    self._take_definition(alias.name, sys.modules[node.module])
                    if alias.asname:
                        self.definitions[module.__name__, name] = f"{name} = {alias.name}"
                    return
        raise CannotSlice(f"{self.kind.name}.read uses {name}, no definition of {module.__name__}")


def _literal(value, where: str) -> str:
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise CannotSlice(f"read uses {where}, which is not written out as plain data") from None
    return text
