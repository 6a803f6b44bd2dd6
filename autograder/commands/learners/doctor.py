"""`course doctor`: says what works on this machine, and with --teach whether learners' code can be
locked in. What a learner needs is looked at in `learning.machine`. Nothing is changed."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from autograder.learning.machine import LOOKS, SYMBOLS, Finding, examine, packages_to_teach
from autograder.paths import ANSWERS


@click.command("doctor")
@click.option("--teach", is_flag=True,
              help="Also check what a teacher needs, and try whether the "
              "sandbox keeps code in.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(teach: bool, as_json: bool) -> None:
    """Say what works on this machine, and how to mend what does not.

    \b
    Examples:
      course doctor
      course doctor --teach                   # before a class is graded here
      course doctor --json > findings.json    # to send to whoever helps you

    The exit status is 1 when something that every learner needs is broken, else 0.
    With --teach, too, only that counts.
    """
    findings = []
    with _progress(as_json) as say:
        for finding in examine((*LOOKS, *((packages_to_teach, sandbox) if teach else ()))):
            findings.append(finding)
            say(finding.subject)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        show(findings)
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)


@contextlib.contextmanager
def _progress(quiet: bool):
    """A line that says what is being looked at; the probes of the sandbox take seconds."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda subject: None
        return
    with console.status("Looking around") as status:
        yield lambda subject: status.update(f"Looked at {subject}")


# Runs by itself: a process with threads, as this one is after torch was imported, may not enter
# a new user namespace. CLONE_NEWUSER | CLONE_NEWNET, from linux/sched.h.
def sandbox() -> Iterator[Finding]:
    """Whether `course grade` can lock learners' code in, each promise tried live."""
    if ANSWERS.is_dir():  # a student's kit grades nobody
        return
    from autograder.grading.pipeline.workers import forked
    from autograder.grading.sandbox import probes, runner

    topic, refusal = "grading", runner.availability()
    if refusal:
        yield Finding(topic, "sandbox", "note", refusal, "Only for grading others' code: grade on "
                      "Linux, in WSL 2 or in a Linux container.")  # fmt: skip
        return
    tried = probes.run_probes()
    judged = forked.tried()
    tried.append(probes.Kept("reading and judging have a clock and a bound on memory",
                             judged == "kept", "" if judged == "kept" else judged))  # fmt: skip
    kept = sum(probe.kept for probe in tried)
    yield Finding(topic, "sandbox", "ok", f"learners' code is locked in; {kept} of {len(tried)} "
                  "promises are kept")  # fmt: skip
    yield Finding(topic, "memory", "ok", memory_bound())
    for number, probe in enumerate(tried, 1):
        if probe.kept:
            yield Finding(topic, f"promise {number}", "ok", f"{probe.promise}: kept")
        else:
            found = f"{probe.promise}: not kept ({probe.detail})"
            yield Finding(topic, f"promise {number}", "note", found,
                          "Only for grading others' code: do not grade strangers' work on this "
                          "machine.")  # fmt: skip


def memory_bound() -> str:
    """Who bounds the memory of all of a submission's processes together here, and why."""
    from autograder.grading.sandbox.processes import cgroup

    group, why = cgroup.place()
    if group is not None:
        return f"of a submission is bounded by the kernel, in control groups within {group}"
    return f"of a submission is looked at from outside, 20 times a second; control groups: {why}"


def show(findings: list[Finding]) -> None:
    """Print the findings as a table, and what to mend below it."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("")
    table.add_column("what", no_wrap=True)
    table.add_column("found", overflow="fold")
    topic = None
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            table.add_section()
            table.add_row("", f"[bold]{topic}[/]", "")
        # What everything else will be slow or fast by, so it is seen at a glance.
        style = "bold" if finding.subject == "device" else None
        table.add_row(
            SYMBOLS[finding.state], escape(finding.subject), escape(finding.found), style=style
        )
    console.print(table)
    worries = [finding for finding in findings if finding.state != "ok"]
    for finding in worries:
        mark = SYMBOLS[finding.state]
        console.print(f"{mark} {finding.subject}: {finding.mend}", markup=False, soft_wrap=True)
    broken = sum(finding.state == "broken" for finding in findings)
    verdict = (
        f"{broken} of {len(findings)} things are broken: mend them first (✗)."
        if broken
        else "Everything that the course needs works here."
    )
    console.print(verdict, markup=False)
