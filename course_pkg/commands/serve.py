"""``course serve``: book and feedback in a browser on this machine."""

import time
from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.answer import answer
from course_pkg.grade.course import find_course
from course_pkg.grade.options import Json

app = typer.Typer()
Port = Annotated[int, typer.Option(min=0, max=65534, help="The book's port.")]
Folder = Annotated[
    Path | None, typer.Option(help="Feedback folder.", show_default="written last")
]


@app.command()
def serve(port: Port = 8000, feedback: Folder = None, json: Json = None) -> None:
    """Serve book and feedback on this machine, on two ports, until Ctrl-C.

    \b
    Examples:
      course serve
      course serve --port 9000 --feedback term/week3/feedback
    """
    from course_pkg.grade.serve import serving

    with serving(find_course(Path.cwd()), port, feedback) as lines:
        sites = dict(line.split()[:2] for line in lines)
        answer([*lines, "Ctrl-C ends."], sites, json)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            typer.echo("")
