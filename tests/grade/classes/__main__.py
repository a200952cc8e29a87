"""Write the notebooks of all small classes."""

from . import GRADED, submissions

for word in GRADED:
    for path, text in submissions(word).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
