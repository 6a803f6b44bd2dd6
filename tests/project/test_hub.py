"""The recipe for a JupyterHub, as far as it can be tried without one: its parts exist and agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from autograder.authoring.kits.student_kit import readme

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "docs" / "hub"
# Top-level keys of the chart's schema, version 4.
CHART = {
    "fullnameOverride", "nameOverride", "enabled", "custom", "imagePullSecret", "imagePullSecrets",
    "hub", "proxy", "singleuser", "scheduling", "prePuller", "ingress", "httpRoute", "cull",
    "debug", "rbac", "global",
}  # fmt: skip
SINGLEUSER = {
    "networkTools", "cloudMetadata", "networkPolicy", "events", "extraAnnotations", "extraLabels",
    "extraFiles", "extraEnv", "lifecycleHooks", "initContainers", "extraContainers",
    "allowPrivilegeEscalation", "uid", "fsGid", "serviceAccountName", "storage", "image",
    "startTimeout", "cpu", "memory", "extraResource", "cmd", "defaultUrl", "extraPodConfig",
    "profileList",
}  # fmt: skip


@pytest.fixture(scope="module")
def values() -> dict:
    return yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))


def instructions() -> list[str]:
    """The Dockerfile's instructions, each on one line."""
    text = re.sub(r"^#.*\n", "", (HUB / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    return [line.strip() for line in re.sub(r"\\\n\s*", "", text).splitlines() if line.strip()]


def test_the_charts_values_have_keys_that_it_knows(values):
    assert set(values) <= CHART and set(values["singleuser"]) <= SINGLEUSER
    memory = values["singleuser"]["memory"]
    assert float(memory["guarantee"][:-1]) < float(memory["limit"][:-1])
    assert values["singleuser"]["extraEnv"]["OMP_NUM_THREADS"] == "1"


def test_image_and_values_name_one_image(values):
    image = values["singleuser"]["image"]
    text = (HUB / "Dockerfile").read_text(encoding="utf-8")
    assert f"-t {image['name']}:{image['tag']} ." in text
    assert values["singleuser"]["cmd"] in instructions()[-1]


def test_the_dockerfile_copies_what_is_there_and_runs_as_nobody_special():
    found = instructions()
    known = ("FROM", "RUN", "ARG", "WORKDIR", "COPY", "USER", "ENV", "CMD")
    assert all(line.split()[0] in known for line in found) and found[0].startswith("FROM python:3.")
    (copied,) = [line.split()[1:-1] for line in found if line.startswith("COPY")]
    assert all((ROOT / name).is_file() for name in copied)
    assert [line for line in found if line.startswith("USER")] == ["USER 1000"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the image's Python is 3.11, with tomllib")
def test_its_list_of_packages_is_that_of_the_course():
    (code,) = re.findall(r'python -c "(.*?)" > packages\.txt', "\n".join(instructions()))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("torch>=") for line in lines)
    assert any(line.startswith("jupyterlab>=") for line in lines)
    assert not any(line.startswith("nbgrader") for line in lines)


def test_the_index_of_small_builds_is_the_installers():
    from autograder.learning.install import CPU_BUILDS

    assert f"ARG TORCH_INDEX={CPU_BUILDS}" in instructions()


def test_the_kits_link_to_a_hub_has_the_form_that_nbgitpuller_documents():
    where = {"repository": "https://git.example.org/ml/handout", "branch": "main", "slug": ""}
    text = readme({"00_start": '{"cells": []}'}, where, "https://hub.example.org/")
    (link,) = re.findall(r"<(https://hub\.example\.org\S+)>", text)
    parts = urlsplit(link)
    asked = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert parts.path == "/hub/user-redirect/git-pull"
    assert asked == {
        "repo": where["repository"], "branch": "main",
        "urlpath": "lab/tree/handout/notebooks/00_start.ipynb",
    }  # fmt: skip
