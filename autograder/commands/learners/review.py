"""`course review`: what is due, asked in a terminal. When it is due is `learning.review`'s."""

from __future__ import annotations

import click


@click.command("review")
@click.option("--more", is_flag=True, help="Ask three questions, due or not.")
def command(more: bool) -> None:
    """Answer questions again that you have met, with other numbers than before.

    Each question comes back after a longer and longer time, as long as you answer it correctly.
    What has been due longest comes first. Nothing is marked. An empty answer goes on to the next.

    \b
    Examples:
      course review          # what is due today
      course review --more   # three questions, due or not
    """
    from autograder.learning import progress_file, review
    from autograder.learning.catalogue import shelf
    from autograder.learning.kit import Kit

    if isinstance(shelf(), Kit):
        raise click.ClickException(review.IN_A_KIT)
    path = progress_file.reading_path()
    if path is None:
        raise click.ClickException(review.NOT_KEPT)
    try:
        entries = progress_file.load(path)["exercises"]
    except progress_file.ProgressUnreadable as trouble:
        raise click.ClickException(str(trouble)) from trouble
    now = review.today()
    items = review.coming(entries)
    if not more:
        waiting, items = items, [item for item in items if item.due <= now]
        if not items:
            click.echo(nothing_due(waiting))
            return
    for number, item in enumerate(items[: review.AT_ONCE], 1):
        if number > 1:
            click.echo()
        click.echo(f"{item.notebook}\n\n{item.text}\n")
        ask(item, now)


def nothing_due(waiting: list) -> str:
    """What to say where nothing is due."""
    if not waiting:
        return "No question has been answered so far: what you have answered comes again here."
    return (
        f"Nothing is due. The next question is on {waiting[0].due.isoformat()}; course review "
        "--more asks three now."
    )


def ask(item, now) -> None:
    """Ask until there is an answer that can be one, or none."""
    from autograder.learning import questions, review

    wanted = questions.may_be_written(item.name, item.seed).replace('"', "")
    while True:
        answer = click.prompt(f"Your answer ({wanted}; Enter goes on)", default="",
                              show_default=False)  # fmt: skip
        if not answer.strip():
            return
        if review.can_be_one(item, answer):
            click.echo(review.answered(item, answer, now))
            return
        click.echo(f"{answer!r:.40} is no answer: it is {wanted}.")
