"""Where data sets lie: a folder of the reader's, the cache, or the public address.

``manifest.json`` has the facts about each set: files, sizes, SHA-256, addresses and
licences. A file that is not the published one, byte for byte, is never used.
"""

import gzip
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from course_pkg.arrays import expect
from course_pkg.datasets.download import fetch, sha256

MANIFEST = Path(__file__).parents[1] / "manifest.json"


@dataclass(frozen=True)
class File:
    """A file of a data set: path, size and SHA-256 as stored, and the public address.

    Some files are stored gzip-compressed while the address serves them plain; these
    have a url_sha256 and url_bytes of their own.
    """

    path: str
    bytes: int
    sha256: str
    url: str
    url_bytes: int = 0
    url_sha256: str = ""

    @property
    def served(self) -> tuple[str, int, str]:
        """Return path, size and SHA-256 of the file as the address serves it."""
        if self.url_sha256:
            return self.path.removesuffix(".gz"), self.url_bytes, self.url_sha256
        return self.path, self.bytes, self.sha256

    @property
    def forms(self) -> tuple[tuple[str, str], ...]:
        """List each path and SHA-256 under which the file may lie in a folder."""
        return (self.path, self.sha256), self.served[::2]


@dataclass(frozen=True)
class DataSet:
    """The facts about a data set: what it is for, who made it, what is allowed."""

    name: str
    task: str
    status: str
    licence: str
    citation: str
    home: str
    files: tuple[File, ...]

    @property
    def megabytes(self) -> float:
        """Return the size of the download, in MB."""
        return sum(file.served[1] for file in self.files) / 1e6


@cache
def manifest() -> dict[str, DataSet]:
    """Return the facts about every data set, by name."""
    facts = json.loads(MANIFEST.read_text("utf8"))
    for name, fact in facts.items():
        files = tuple(File(**file) for file in fact.pop("files"))
        facts[name] = DataSet(name, files=files, **fact)
    return facts


def about(name: str) -> DataSet:
    """Return the facts about one data set. Raises ValueError for an unknown name."""
    sets = manifest()
    expect(name in sets, "name", f"one of {', '.join(sets)}", repr(name))
    return sets[name]


def cache_folder() -> Path:
    """Return the folder for downloads in the user's cache folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "unrolled" / "data"


def folders(root: str | os.PathLike[str] | None = None) -> list[Path]:
    """List where to look: root alone, or COURSE_DATA (if set) and then the cache.

    Downloads go into the last of them, so COURSE_DATA may be read-only.
    """
    if root is not None:
        return [Path(root)]
    given = os.environ.get("COURSE_DATA")
    return [*([Path(given)] if given else []), cache_folder()]


def read(
    name: str, *, root: str | os.PathLike[str] | None = None, download: bool = False
) -> dict[str, bytes]:
    """Return the content of each file of a set by file name, checked and unzipped.

    Only gzip is undone, and ``.gz`` is left out of the name. Errors: as in `load`.
    """
    places, content = folders(root), {}
    for file in about(name).files:
        found = _find(file, places)
        if found is None:
            if not download:
                raise FileNotFoundError(_absent(name, file, places))
            found = _get(name, file, places[-1])
        path, data = found
        zipped = path.suffix == ".gz"
        label = path.name.removesuffix(".gz")
        content[label] = gzip.decompress(data) if zipped else data
    return content


def paths(name: str, *, root: str | os.PathLike[str] | None = None) -> list[Path]:
    """List where the files of a set lie, unread; empty where one of them is missing.

    Raises ValueError for an unknown name. Looks in the folders of `folders`.
    """
    found = [_lies(file, folders(root)) for file in about(name).files]
    return [there[0] for there in found if there] if all(found) else []


def _lies(file: File, places: list[Path]) -> tuple[Path, str] | None:
    for place in places:
        for relative, digest in file.forms:
            if (place / relative).is_file():
                return place / relative, digest
    return None


def _find(file: File, places: list[Path]) -> tuple[Path, bytes] | None:
    there = _lies(file, places)
    if there is None:
        return None
    path, digest = there
    # What is checked here is what is parsed later: one read, no second.
    data = path.read_bytes()
    want = f"the published file, SHA-256 {digest}"
    got = f"{sha256(data)}; remove the file to load it anew"
    expect(sha256(data) == digest, str(path), want, got)
    return path, data


def _get(name: str, file: File, place: Path) -> tuple[Path, bytes]:
    relative, size, digest = file.served
    try:
        path = fetch(file.url, place / relative, size, digest)
    except ConnectionError as error:
        raise ConnectionError(f"{name}: {error}. {_OFFLINE}") from error
    return path, path.read_bytes()


_OFFLINE = (
    "Without a network, set COURSE_DATA to a folder that holds the set, or use a "
    "generator such as datasets.dates(rng, B) or datasets.adding(rng, T, B)"
)


def _absent(name: str, file: File, places: list[Path]) -> str:
    facts = about(name)
    host = urlsplit(file.url).hostname
    looked = " or ".join(str(place / file.path) for place in places)
    return (
        f"{name}: no {looked}. To download {facts.megabytes:.1f} MB from {host} "
        f"(licence: {facts.licence}), call datasets.load({name!r}, download=True). "
        f"{_OFFLINE}"
    )
