"""A plugin for pytest where there is no torch: what needs it is skipped, and is counted."""

from __future__ import annotations

import pytest

ABSENT = ("torch", "torchvision")


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    if report.failed and wants_torch(str(report.longrepr)):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, "Skipped: it needs torch")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    # In another process it may have been, whose words are in what the test says.
    if report.failed and wants_torch(f"{report.longreprtext}\n{report.capstdout}"):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1], "Skipped: it needs torch")


def wants_torch(told: str) -> bool:
    return any(
        f"No module named '{name}'" in told or f"{name} is not installed here" in told
        for name in ABSENT
    )
