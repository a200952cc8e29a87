"""Finding, checking and downloading data sets, with a server in this process.

Nothing here reaches the internet: every address is this machine's own.
"""

import gzip
import re
import tomllib

import pytest
from data_server import DATA, NAMES, Server

from course_pkg import datasets
from course_pkg.datasets import download, store
from course_pkg.datasets.download import fetch, sha256

DIGEST = sha256(DATA)


@pytest.fixture
def goal(tmp_path):
    return tmp_path / "set" / "set.txt"


def part(goal):
    return goal.with_name("set.txt.part")


def get(server, goal, **kwargs):
    return fetch(server.url, goal, len(DATA), DIGEST, **kwargs)


def test_a_file_comes_whole_and_leaves_no_part(server, goal):
    seen = []
    assert get(server, goal, progress=lambda *now: seen.append(now)) == goal
    assert goal.read_bytes() == DATA
    assert not part(goal).exists()
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)
    assert len(seen) > 3


def test_the_bar_speaks_on_standard_output_and_ends_the_line(server, goal, capsys):
    get(server, goal)
    out, err = capsys.readouterr()
    assert out.endswith(f"set.txt [{'#' * 20}] 0.2 of 0.2 MB\n")
    assert out.startswith(f"\rset.txt [{' ' * 20}] 0.0 of 0.2 MB")
    assert err == ""


def test_a_cut_connection_keeps_the_part_and_the_next_call_goes_on(server, goal):
    server.cut = 100_000
    message = f"broke off after 100000 of {len(DATA)} bytes; call again"
    with pytest.raises(ConnectionError, match=message):
        get(server, goal)
    assert not goal.exists()
    assert part(goal).read_bytes() == DATA[:100_000]
    server.cut = None
    assert get(server, goal).read_bytes() == DATA
    assert server.asked == [None, "bytes=100000-"]


def test_a_server_that_cannot_go_on_is_asked_for_the_whole(server, goal):
    goal.parent.mkdir()
    part(goal).write_bytes(DATA[:5000])
    server.ranges = False
    assert get(server, goal).read_bytes() == DATA


def test_an_answer_from_another_place_is_not_appended(server, goal):
    """A piece of another range would make a file with a seam."""
    goal.parent.mkdir()
    part(goal).write_bytes(DATA[:5000])
    server.shift = 10
    with pytest.raises(ConnectionError, match="another piece; call again"):
        get(server, goal)
    assert list(goal.parent.iterdir()) == []
    assert get(server, goal).read_bytes() == DATA


@pytest.mark.parametrize("content", [b"x" * len(DATA), DATA + b"more"])
def test_other_content_is_refused_and_not_kept(server, goal, content):
    server.content = content
    with pytest.raises(ValueError, match=f"expected SHA-256 {DIGEST}, got .*kept"):
        get(server, goal)
    assert list(goal.parent.iterdir()) == []
    server.content = DATA
    assert get(server, goal).read_bytes() == DATA


@pytest.mark.parametrize("left", [DATA, DATA + b"too long"])
def test_a_part_as_long_as_the_file_is_checked_or_thrown_away(server, goal, left):
    goal.parent.mkdir()
    part(goal).write_bytes(left)
    assert get(server, goal).read_bytes() == DATA
    assert server.asked == ([] if left == DATA else [None])


def test_a_damaged_part_is_not_taken_for_the_file(server, goal):
    goal.parent.mkdir()
    part(goal).write_bytes(b"?" * 1000)
    with pytest.raises(ValueError, match="SHA-256"):
        get(server, goal)
    assert not goal.exists()
    assert get(server, goal).read_bytes() == DATA


def test_a_missing_page_is_named(server, goal):
    server.status = 404
    with pytest.raises(ConnectionError, match=r"set.txt: the server answers 404"):
        get(server, goal)
    assert not goal.exists()


def test_a_silent_network_is_named(goal):
    with Server() as server:
        url = server.url
    with pytest.raises(ConnectionError, match=r"no download .*refused"):
        fetch(url, goal, len(DATA), DIGEST)


def test_a_silent_server_is_left_after_a_while(goal, monkeypatch):
    monkeypatch.setattr(download, "SECONDS", 0.05)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as server, pytest.raises(ConnectionError, match="timed out"):
        fetch(server.url, goal, len(DATA), DIGEST)


# The whole way, with a set of two files, one of which is stored zipped.


def test_without_permission_one_line_says_what_to_do(server, published):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.load("first_names")
    (line,) = str(caught.value).splitlines()
    assert str(published / "names.txt.gz") in line
    assert "datasets.load('first_names', download=True)" in line
    assert "0.0 MB from 127.0.0.1 (licence: MIT)" in line
    assert "COURSE_DATA" in line
    assert "datasets.dates(rng, B)" in line
    assert server.asked == []
    assert not published.exists()


def test_without_network_one_line_says_what_to_do(server, published):
    server.status = 503
    with pytest.raises(ConnectionError) as caught:
        datasets.load("first_names", download=True)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("first_names: http://127.0.0.1")
    assert "503" in line
    assert "set COURSE_DATA" in line
    assert "datasets.adding(rng, T, B)" in line


def test_what_was_downloaded_is_found_again(server, published):
    want = {"all": ["emma", "mia", "zoe"]}
    assert datasets.load("first_names", download=True) == want
    assert [path.name for path in published.iterdir()] == ["names.txt"]
    assert datasets.load("first_names") == want
    assert datasets.load("first_names", download=True) == want
    assert server.asked == [None]


def test_the_readers_folder_comes_before_the_cache(server, published, monkeypatch):
    mine = published.parents[1] / "mine"
    (mine / "first_names").mkdir(parents=True)
    (mine / "first_names" / "names.txt.gz").write_bytes(gzip.compress(NAMES))
    monkeypatch.setenv("COURSE_DATA", str(mine))
    assert datasets.load("first_names", download=True)["all"] == ["emma", "mia", "zoe"]
    assert server.asked == []
    with pytest.raises(FileNotFoundError, match="elsewhere"):
        datasets.load("first_names", root=published / "elsewhere")


def test_downloads_go_into_the_cache_not_into_the_readers_folder(
    published, monkeypatch, tmp_path
):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mine"))
    datasets.load("first_names", download=True)
    assert (published / "names.txt").exists()
    assert not (tmp_path / "mine").exists()


def test_a_root_takes_the_place_of_all_folders(published, tmp_path):
    datasets.load("first_names", root=str(tmp_path / "root"), download=True)
    assert (tmp_path / "root" / "first_names" / "names.txt").exists()
    assert not published.exists()


def test_a_changed_file_is_not_used(server, published):
    datasets.load("first_names", download=True)
    file = published / "names.txt"
    file.write_bytes(NAMES.replace(b"mia", b"ian"))
    message = "expected the published file, SHA-256 .*; remove the file"
    with pytest.raises(ValueError, match=message):
        datasets.load("first_names", download=True)
    file.unlink()
    assert datasets.load("first_names", download=True)["all"][1] == "mia"


def test_a_part_is_not_taken_for_the_set(server, published):
    server.cut = 10
    with pytest.raises(ConnectionError, match="broke off after 10 of 17 bytes"):
        datasets.load("first_names", download=True)
    with pytest.raises(FileNotFoundError):
        datasets.load("first_names")


def test_an_unknown_set_is_named():
    with pytest.raises(ValueError, match=r"name: expected one of tinyshakespeare, "):
        datasets.load("shakespeare")
    for f in (datasets.about, store.read, store.paths):
        with pytest.raises(ValueError, match=r"wikitext2, got 'no such'$"):
            f("no such")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_cache_is_in_the_users_cache_folder(platform, monkeypatch, tmp_path):
    monkeypatch.setattr(store.sys, "platform", platform)
    monkeypatch.setattr(store.Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    parts = {"linux": ".cache", "darwin": "Library/Caches", "win32": "AppData/Local"}
    want = tmp_path / parts[platform] / "unrolled" / "data"
    assert store.cache_folder() == want
    monkeypatch.setenv("COURSE_DATA", "there")
    assert store.folders() == [store.Path("there"), want]
    if platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert store.cache_folder() == tmp_path / "xdg" / "unrolled" / "data"


# The facts that come with the package.


def test_the_manifest_pins_every_file():
    sets = datasets.manifest()
    files = [file for facts in sets.values() for file in facts.files]
    assert len(sets) == 12
    assert len(files) == 50
    for file in files:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert re.search("/[0-9a-f]{40}/", file.url), "an address that may change"
        assert file.url.startswith("https://")
        assert file.bytes > 0
        assert bool(file.url_sha256) == bool(file.url_bytes)
    assert all(facts.licence and facts.citation for facts in sets.values())
    assert set(sets) == set(datasets.sets.SETS)


def test_a_file_served_plain_loses_its_gz_and_only_that_one():
    tree = datasets.about("ud_english_ewt").files[1]
    path, size, digest = tree.served
    assert path == "ud_english_ewt/en_ewt-ud-dev.conllu"
    assert (size, digest) == (tree.url_bytes, tree.url_sha256)
    flickr = datasets.about("multi30k").files[0]
    assert flickr.served == (flickr.path, flickr.bytes, flickr.sha256)
    assert flickr.path.endswith(".gz")


def test_the_manifest_is_installed_with_the_package():
    project = tomllib.loads((store.MANIFEST.parents[1] / "pyproject.toml").read_text())
    packed = project["tool"]["setuptools"]["package-data"]["course_pkg"]
    assert store.MANIFEST.name in packed
