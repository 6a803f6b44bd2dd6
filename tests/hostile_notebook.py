"""A graded notebook whose every cell wants the page to act, and a class that has it: what stands
here is in `autograded/`, behind all that grading does about it."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat
from graded_class import NAME, make, released
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.api import Gradebook

from autograder.grading.classroom.configuration import database

RUN = "document.title='ran'"
# Reserved for examples: no machine answers there.
OUT = "http://outside.example"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{RUN}\"><script>{RUN}</script>"
SVG += (
    f"<a href=\"javascript:{RUN}\"><text y='20'>press</text></a><image href='{OUT}/s.png'/></svg>"
)
IN_BASE64 = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()

LINKS = (
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java&#115;cript:{RUN}", f"java&#x73;cript:{RUN}",
    f"java&Tab;script:{RUN}", f"java&NewLine;script:{RUN}", f"javascript&colon;{RUN}",
    f"&#1;javascript:{RUN}", f"vbscript:{RUN}", f"data:text/html;base64,{IN_BASE64}",
    f"data&colon;text/html;base64,{IN_BASE64}", f"data:image/svg+xml,{SVG}", "file:///etc/passwd",
    "//outside.example/p", "../../../../api/delete", "blob:x", f"livescript:{RUN}",
    "ms-office:x", "intent:x",
)  # fmt: skip
MARKDOWN = [
    *(f"[press]({link.replace(' ', '%20')})" for link in LINKS if "'" not in link),
    *(f"[press](<{link}>)" for link in LINKS),
    *(f"[press][r{n}]\n\n[r{n}]: <{link}>" for n, link in enumerate(LINKS)),
    f"[press]\n\n[press]: java&#115;cript:{RUN}",
    f"<javascript:{RUN}>",
    f"![p]({OUT}/m.png) ![p][far]\n\n[far]: {OUT}/r.png",
    f"![p](javascript:{RUN})",
    f"# <a href='javascript:{RUN}'>press</a>",
    f"```mermaid\n<img src=x onerror={RUN}>\n```",
    f"$$ a<b \\href{{javascript:{RUN}}}{{x}} $$",
]
MARKUP = [
    *(f'<a href="{link.replace(chr(34), "&quot;")}">press</a>' for link in LINKS),
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<img src='{OUT}/i.png'>",
    f"<img srcset='{OUT}/i2.png 2x'>", f"<div style='background:url({OUT}/c.png)'>press</div>",
    f"<div style='background-image:u\\72l({OUT}/c2.png)'>press</div>",
    f"<div style='list-style:image-set(\"{OUT}/c3.png\" 1x)'>press</div>",
    f"<style>body{{background:url({OUT}/s.png)}} @import '{OUT}/s.css';</style>",
    f"<table background='{OUT}/t.png'><tr><td onclick={RUN}>press</td></tr></table>",
    f"<iframe src='{OUT}/f'></iframe><iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<object data='{OUT}/o'></object><embed src='{OUT}/e'>",
    f"<form action='{OUT}/form'><button>press</button><input type=submit></form>",
    f"<button formaction='javascript:{RUN}'>press</button>",
    f"<meta http-equiv=refresh content='0;url={OUT}/meta'><base href='{OUT}/'>",
    f"<link rel=stylesheet href='{OUT}/l.css'><link rel=prefetch href='{OUT}/l'>",
    f"<video src='{OUT}/v' poster='{OUT}/vp' autoplay></video><audio src='{OUT}/a'></audio>",
    f"<details ontoggle=\"{RUN}\" open><summary>press</summary>x</details>",
    f"<math href='javascript:{RUN}'><mtext>press</mtext></math>",
    f"<math><maction actiontype='statusline' xlink:href='javascript:{RUN}'>press</maction></math>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror={RUN}>'>",
    SVG, f"<svg><use href='{OUT}/u.svg#x'/></svg>", f"<svg><animate onbegin={RUN} dur=1s>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<a ping='{OUT}/ping' href='#top'>press</a>", f"<p onclick={RUN} onmouseover={RUN}>press</p>",
    f"<template><script>{RUN}</script></template><!--[if IE]><script>{RUN}</script><![endif]-->",
    f"<marquee onstart={RUN}>press</marquee><textarea autofocus onfocus={RUN}></textarea>",
    f"<xss contenteditable onfocus={RUN} tabindex=1 autofocus>press</xss>",
    f"<body onload={RUN}><input autofocus onfocus={RUN}><select onfocus={RUN} autofocus></select>",
    "<span class='full-credit mark-graded'>press</span><a data-link='x'>press</a>",
    "<div class='navbar-fixed-top'>press</div><p id='relu_backward'>press</p>",
]  # fmt: skip
BUNDLES = [
    {"text/markdown": "\n\n".join(MARKDOWN)},
    {"image/svg+xml": SVG},
    {"application/javascript": RUN},
    {"image/png": f'{PIXEL}" onerror="{RUN}'},
    {"image/jpeg": f'x"><script>{RUN}</script>'},
    {"text/latex": f"<img src=x onerror={RUN}>$x$"},
    {"text/plain": f"<img src=x onerror={RUN}>"},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    {"text/vnd.mermaid": f"<img src=x onerror={RUN}>"},
    {"application/pdf": "x"},
    *({"text/html": piece} for piece in MARKUP),
]
SIZES = {"image/png": {"width": f"1 onload={RUN}", "alt": f'"><script>{RUN}</script>'}}
# What has to stay, and be read.
HARMLESS = [
    new_markdown_cell("A picture ![of mine](attachment:mine.png) stays.",
                      attachments={"mine.png": {"image/png": PIXEL}}),
    new_markdown_cell("## A heading\n\nA formula $a<b$ and `x < y`, [a paper](https://arxiv.org)."),
    new_markdown_cell("A picture ![of nobody](attachment:gone.png) is missing."),
    new_markdown_cell("| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted"),
    new_markdown_cell("```python\ndef f(): pass\n```"),
]  # fmt: skip


def notebook(folder: Path):
    """The class's released notebook with all of this in it."""
    made = released(folder)
    texts = [*MARKDOWN, *MARKUP]
    made.cells += [new_markdown_cell(text) for text in texts]
    made.cells += [new_raw_cell(text, metadata={"raw_mimetype": "text/html"}) for text in MARKUP]
    shown = [new_output("display_data", bundle) for bundle in BUNDLES]
    shown += [new_output("display_data", {"text/html": MARKUP[0]},
                         metadata={"text/html": {"isolated": True}})]  # fmt: skip
    shown += [new_output("display_data", {"image/png": PIXEL}, metadata=SIZES)]
    shown += [new_output("stream", name="stdout", text=f"<script>{RUN}</script>")]
    shown += [new_output("error", ename="E", evalue="", traceback=[f"<script>{RUN}</script>"])]
    shown.append(new_output("display_data", {"image/png": PIXEL}))
    made.cells.append(new_code_cell(f"# <script>{RUN}</script>", outputs=shown))
    made.cells += HARMLESS
    made.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    made.metadata["title"] = f"</title><script>{RUN}</script>"
    return made


def graded(folder: Path, made, student: str = "ada") -> Path:
    """Put a notebook into a class as if it had been graded; where its feedback page will be."""
    place = folder / "autograded" / student / NAME
    place.mkdir(parents=True)
    nbformat.write(made, place / f"{NAME}.ipynb")
    with Gradebook(database(folder)) as gradebook:
        gradebook.update_or_create_submission(NAME, student)
    return folder / "feedback" / student / NAME / f"{NAME}.html"


def hostile_class(folder: Path) -> Path:
    """A class with the hostile notebook, graded."""
    make(folder)
    graded(folder, notebook(folder))
    return folder
