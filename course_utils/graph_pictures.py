"""Pictures of computational graphs: of a static one, and of what autograd recorded.

Running and differentiating them is elsewhere; here they are only laid out and drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.static_graph import Node, Operation, Variable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHADES = {"operation": "#ffffff", "variable": "#d9e8f6", "placeholder": "#ececec"}


def static(fetches: list[Node], title: str = "") -> Figure:
    """What `fetches` are computed from, from left to right: placeholders and variables shaded."""
    labels, kinds, edges, waiting = {}, {}, [], list(fetches)
    while waiting:
        node = waiting.pop(0)
        if node.name in labels:
            continue
        labels[node.name] = node.name
        kinds[node.name] = (
            "operation" if isinstance(node, Operation)
            else "variable" if isinstance(node, Variable) else "placeholder"
        )  # fmt: skip
        edges += [(given.name, node.name) for given in node.inputs]
        waiting += node.inputs
    return _draw(labels, kinds, edges, title)


def recorded(loss, names: dict[str, object], title: str = "") -> Figure:
    """What autograd recorded on the way to a tensor, in the order of the computation.

    Parameters
    ----------
    loss : a tensor with a `grad_fn`; ValueError when it has none
    names : name → leaf tensor, for the leaves' labels
    """
    if loss.grad_fn is None:
        raise ValueError(
            "Nothing was recorded: this tensor has no grad_fn. Does any of what it was computed "
            "from ask for gradients?"
        )
    leaves = {id(tensor): name for name, tensor in names.items()}
    labels, kinds, edges, waiting = {}, {}, [], [loss.grad_fn]
    while waiting:
        step = waiting.pop(0)
        if step in labels:
            continue
        leaf = getattr(step, "variable", None)
        kinds[step] = "operation" if leaf is None else "variable"
        labels[step] = (
            step.name().removesuffix("0").removesuffix("Backward") if leaf is None
            else leaves.get(id(leaf), f"{tuple(leaf.shape)}")
        )  # fmt: skip
        for given, _ in step.next_functions:
            if given is not None:
                edges.append((given, step))
                waiting.append(given)
    return _draw(labels, kinds, edges, title)


def _draw(labels: dict, kinds: dict, edges: list, title: str) -> Figure:
    """Columns by the longest way from an input; leaves stand just before their first use."""
    from matplotlib.figure import Figure

    inputs = {node: [a for a, b in edges if b == node] for node in labels}
    column: dict = {}

    def depth(node) -> int:
        if node not in column:
            column[node] = 1 + max((depth(given) for given in inputs[node]), default=-1)
        return column[node]

    for node in labels:
        depth(node)
    for node in labels:
        if not inputs[node] and (uses := [column[b] for a, b in edges if a == node]):
            column[node] = min(uses) - 1
    rows: dict = {}
    for node in sorted(labels, key=lambda n: (column[n], kinds[n] != "operation")):
        rows.setdefault(column[node], []).append(node)
    wide, high = max(rows) + 1, max(len(row) for row in rows.values())
    figure = Figure(figsize=(min(1.5 * wide, 10), 0.6 + 0.75 * high))
    axes = figure.subplots()
    places = {n: (c, -i) for c, row in rows.items() for i, n in enumerate(row)}
    boxes = {}
    for node, (x, y) in places.items():
        style = {"boxstyle": "round,pad=0.4", "fc": _SHADES[kinds[node]], "ec": "#555555"}
        text = axes.text(x, y, labels[node], ha="center", va="center", size=9, bbox=style)
        boxes[node] = text.get_bbox_patch()
    for a, b in edges:
        axes.annotate("", places[b], places[a], arrowprops={
            "arrowstyle": "-|>", "color": "#555555", "shrinkA": 2, "shrinkB": 2,
            "patchA": boxes[a], "patchB": boxes[b]})  # fmt: skip
    axes.set(xlim=(-0.6, wide - 0.4), ylim=(0.5 - high, 0.5))
    axes.set_axis_off()
    if title:
        axes.set_title(title, loc="left", size=11)
    figure.subplots_adjust(0.01, 0.02, 0.99, 0.86)
    ways = "; ".join(f"{labels[b]} from {', '.join(labels[a] for a in inputs[b])}"
                     for b in sorted(labels, key=column.get) if inputs[b])  # fmt: skip
    figure.course_alt = f"A graph{': ' + title if title else ''}. It computes {ways}."
    return figure
