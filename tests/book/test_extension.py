"""The book's own Sphinx extension: what decides about running pages again, repairs."""

import importlib
import sys
from types import SimpleNamespace

import pytest
from building import ROOT


@pytest.fixture
def extension(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    yield importlib.import_module("unrolled_book")
    del sys.modules["unrolled_book"]


@pytest.fixture
def package(extension, monkeypatch, tmp_path):
    """A package of one module in place of ours."""
    folder = tmp_path / "package"
    (folder / "grade").mkdir(parents=True)
    (folder / "__init__.py").write_text("STEP = 1\n")
    spec = SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(extension, "find_spec", lambda name: spec)
    return folder


def test_the_digest_follows_the_package(extension, package):
    before = extension.package_digest()
    assert extension.package_digest() == before
    (package / "cell.py").write_text("")
    added = extension.package_digest()
    (package / "__init__.py").write_text("STEP = 2\n")
    assert len({before, added, extension.package_digest()}) == 3


def test_the_digest_ignores_the_grader(extension, package):
    before = extension.package_digest()
    (package / "grade" / "run.py").write_text("LATER = True\n")
    assert extension.package_digest() == before


def test_old_executions_are_thrown_away(extension, package, tmp_path):
    caches = tmp_path / "_build" / ".jupyter_cache"
    now = extension.package_digest()
    for name in ("stale", now):
        (caches / name).mkdir(parents=True)
    config = SimpleNamespace()
    extension.choose_cache(SimpleNamespace(outdir=tmp_path / "_build" / "html"), config)
    assert [p.name for p in caches.iterdir()] == [now]
    assert config.nb_execution_cache_path == str(caches / now)
    assert config.package_digest == now


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ('<th class="head"></th>', "<td></td>"),
        ('<th class="stub"><p></p></th>', "<td></td>"),
        ('<th class="head"><p>T</p></th>', '<th class="head"><p>T</p></th>'),
        ('<div role="doc-biblioentry">', '<div role="listitem">'),
    ],
)
def test_repairs(extension, written, repaired):
    context = {"body": written}
    extension.repair_html(None, "page", "page.html", context, None)
    assert context["body"] == repaired
