"""``course feedback | report | export | similarity``: what comes out of a graded class.

All take the folders that ``course grade`` took, which comes first.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.answer import (
    NEEDS_A_PERSON,
    STDOUT,
    answer,
    expect_writable,
    write,
)
from course_pkg.grade.options import Gradebook, Json, Submitted, To, Word
from course_pkg.grade.places import room_of, short
from course_pkg.grade.submissions import plain

app = typer.Typer()

Book = Annotated[
    str | None,
    typer.Option(
        help="Address of the book, for links.",
        show_default="http://127.0.0.1:8000, where course serve has it",
    ),
]


@app.command()
def feedback(
    word: Word,
    submitted: Submitted = None,
    to: To = None,
    gradebook: Gradebook = None,
    book: Book = None,
    json: Json = None,
) -> None:
    """Write a feedback page per student, and an index of them.

    Points are the gradebook's, so those that a person gave count.

    \b
    Examples:
      course feedback bptt
      course feedback bptt --submitted downloads/week3
      course feedback bptt --book https://example.org/unrolled --json -
    """
    from course_pkg.grade.feedback import BOOK, write_feedback
    from course_pkg.grade.screen import progress

    room = room_of(word, submitted, to, gradebook)
    with progress() as bar:
        job = bar.add_task("", total=None, student="")
        told = partial(bar.update, job)
        index, rows = write_feedback(room, word, book or BOOK, told)
    lines = [f"feedback  {short(index)}  ({len(rows)} students)"]
    lines += [
        f"  {plain(row['student'])}: {row['state']}"
        for row in rows
        if row["page"] is None
    ]
    answer(lines, {"index": str(index), "students": rows}, json)


@app.command()
def report(
    word: Word,
    submitted: Submitted = None,
    to: To = None,
    gradebook: Gradebook = None,
    json: Json = None,
) -> None:
    """Sum up a class: distribution, mean, hard questions, misconceptions, persons.

    The page lies beside the results, away from what is handed to students.

    \b
    Examples:
      course report bptt
      course report bptt --submitted downloads/week3 --json -
    """
    from course_pkg.grade.frame import write
    from course_pkg.grade.standings import standings
    from course_pkg.grade.summary import lines, summarise
    from course_pkg.grade.summary_page import summary_page

    room = room_of(word, submitted, to, gradebook)
    found = standings(room, word)
    summary = summarise(room.course, word, found)
    path = room.results(word).with_suffix(".html")
    write(path, summary_page(summary, found, room.course.words[word].title))
    answer([*lines(summary), f"page  {short(path)}"], summary.as_plain(), json)


@app.command()
def export(
    word: Word,
    format: Annotated[
        str, typer.Option(help="csv (nbgrader's columns), canvas or moodle.")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file; - prints the table alone.",
            callback=expect_writable,
            show_default="<word>-<format>.csv",
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="Name of the assignment there.", show_default="the word"),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="A gradebook exported from Canvas: keeps its rows and ids."),
    ] = None,
    submitted: Submitted = None,
    to: To = None,
    gradebook: Gradebook = None,
    json: Json = None,
) -> None:
    """Write the scores for nbgrader's readers, Canvas or Moodle.

    A score that waits for a person is left empty and told; the exit code is then 3.

    \b
    Examples:
      course export bptt
      course export bptt --format moodle --out moodle.csv
      course export bptt --format canvas --roster grades.csv --column "bptt (4711)"
    """
    from course_pkg.grade.exports import export as make

    room = room_of(word, submitted, to, gradebook)
    made = make(room, word, format, column, roster)
    path = out or Path(f"{word}-{format}.csv")
    if path == STDOUT:
        typer.echo(made.text, nl=False)
    else:
        write(made.text, path)
    lines = [f"export    {short(path)}  ({made.scored} scores)"]
    lines += [f"  empty: {plain(name)}: {why}" for name, why in made.empty.items()]
    lines += [f"  note: {note}" for note in made.notes]
    told = {"scored": made.scored, "empty": made.empty, "notes": made.notes}
    answer(() if path == STDOUT else lines, {"file": str(path), **told}, json)
    if made.empty:
        raise typer.Exit(NEEDS_A_PERSON)


@app.command()
def similarity(
    word: Word,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Tell pairs from this share on.")
    ] = 0.5,
    submitted: Submitted = None,
    to: To = None,
    gradebook: Gradebook = None,
    json: Json = None,
) -> None:
    """Find answers that are alike, what was released taken away, and show them.

    Alike is not copied: a person reads the page and decides.

    \b
    Examples:
      course similarity bptt
      course similarity bptt --least 0.8 --json pairs.json
    """
    from course_pkg.grade.similarity import compare, write_page

    room = room_of(word, submitted, to, gradebook)
    pairs = compare(room, word, least)
    path = write_page(room, word, pairs)
    lines = [
        f"{pair.shares[0]:4.0%} {pair.shares[1]:4.0%}  "
        f"{plain(pair.students[0], 40)} and {plain(pair.students[1], 40)}"
        for pair in pairs
    ]
    data = [{"students": pair.students, "shares": pair.shares} for pair in pairs]
    answer(
        [*lines, f"page  {short(path)}  ({len(pairs)} pairs)"],
        {"page": str(path), "pairs": data},
        json,
    )
