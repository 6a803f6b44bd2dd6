"""What notebooks cite is listed with a link, at the notebook's end and on a page."""

import re

import pytest

from autograder.authoring.build.masters import load, masters
from autograder.authoring.build.notebooks import teachers_notebook
from autograder.authoring.build.sources import PAGE, PREFIXES, Source, cited_in, page, sources

TOPICS = [path for path in masters() if re.match(r"[01]\d_", path.name)]
# One name or several, then a year: "Glorot, Bengio 2010", "Dean and others 2012", "Zhang (2019)".
NAME = r"[A-ZÉ][\w'’é-]*[\wéö]"
CITATION = re.compile(
    rf"((?:{NAME}(?:,? (?:&|and) |, ))*{NAME})(?: and others| et al\.)?,? \(?((?:19|20)\d\d)\b"
)
# Products, contests, standards and times that look like it.
NONE = {"JAX", "In", "ILSVRC", "AdaGrad", "GoogLeNet", "Maxwell", "PyTorch", "Theano", "CIFAR"}


def said(path) -> str:
    """A master's text with its lines joined."""
    return re.sub(r"\n *#? *", " ", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_whatever_a_notebook_cites_is_in_its_list(path):
    listed = [source for source in sources() if path.stem[:2] in source.notebooks]
    missing = []
    for found in CITATION.finditer(said(path)):
        names = set(re.split(r",? (?:&|and) |, ", found[1]))
        fits = [s for s in listed if str(s.year) == found[2] and any(n in s.by for n in names)]
        if not fits and not names & NONE:
            missing.append(found[0])
    assert not missing


@pytest.mark.parametrize("source", sources(), ids=lambda source: f"{source.by[:24]} {source.year}")
def test_what_is_listed_is_cited_where_the_list_says(source):
    surname = re.split(r",| and others| \(", source.by)[0].split()[-1]
    for number in source.notebooks:
        (path,) = (path for path in TOPICS if path.name.startswith(f"{number}_"))
        # Where a title stands between name and year there is more between them.
        assert re.search(rf"\b{surname}\b", said(path)), (source.by, number)
        assert str(source.year) in said(path) or "micrograd" in source.title, (source.by, number)


def test_every_link_is_an_address_and_none_is_listed_twice():
    assert len({source.at for source in sources()}) == len(sources())
    for source in sources():
        assert re.fullmatch(r"https?://[^\s()<>]+", source.link.replace("(", "").replace(")", ""))
        if source.at.startswith("arXiv:"):
            assert re.fullmatch(r"arXiv:\d{4}\.\d{4,5}", source.at)
            # An arXiv number begins with the year in which it was given; a few came late.
            assert -1 <= source.year - (2000 + int(source.at[6:8])) <= 4, source.at


def test_addresses_are_made_of_what_is_short():
    paper = Source("A. Author", 2015, "Title", "doi:10.1016/0041-5553(64)90137-5", ("07",))
    assert paper.link == PREFIXES["doi:"] + "10.1016/0041-5553(64)90137-5"
    assert paper.line().endswith("[Title](https://doi.org/10.1016/0041-5553%2864%2990137-5)")


def test_a_notebook_ends_with_its_list():
    (path,) = (path for path in TOPICS if path.name.startswith("06_"))
    *_, listed, panel = teachers_notebook(load(path)).cells
    assert panel.id == "progress"
    assert listed.source == cited_in("06_batchnorm")
    assert "(https://arxiv.org/abs/1502.03167)" in listed.source
    assert not cited_in("98_pretest")


def test_the_page_is_made_of_the_list():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m autograder.authoring.build.sources writes it anew")
