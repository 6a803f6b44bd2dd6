"""Static graphs are written down as given, and both kinds of graph are drawn with words."""

import numpy as np
import pytest
import torch

from course_utils import graph_pictures
from course_utils.static_graph import Graph


def small():
    graph = Graph()
    x, w = graph.placeholder("x"), graph.variable("w", np.ones(2))
    return graph, graph.operation("out", np.multiply, x, w)


def test_a_graph_knows_its_nodes_in_the_order_of_writing():
    graph, out = small()
    assert list(graph.nodes) == ["x", "w", "out"]
    assert [node.name for node in out.inputs] == ["x", "w"]


def test_a_name_is_given_once():
    graph, _ = small()
    with pytest.raises(ValueError, match="'x' already"):
        graph.placeholder("x")


def test_only_what_is_fetched_is_drawn():
    graph, out = small()
    graph.operation("unused", np.negative, graph.nodes["x"])
    figure = graph_pictures.static([out], "a product")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert [word for word in words if word] == ["x", "w", "out"]
    assert figure.course_alt == "A graph: a product. It computes out from x, w."


def test_the_recorded_graph_names_leaves_and_steps():
    w = torch.ones(3, requires_grad=True)
    alt = graph_pictures.recorded((w * 2).relu().sum(), {"w": w}).course_alt
    assert alt == "A graph. It computes Mul from w; Relu from Mul; Sum from Relu."


def test_nothing_recorded_is_told():
    with pytest.raises(ValueError, match="asks? for gradients"):
        graph_pictures.recorded(torch.ones(1), {})
