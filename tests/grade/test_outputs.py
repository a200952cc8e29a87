"""A student's outputs keep what no page runs."""

import base64
import io

import pytest
from PIL import Image

from course_pkg.grade.outputs import MAX_TEXT, error, safe, score, value


def picture(kind: str, width: int = 3, height: int = 2) -> str:
    """Return a picture in base64."""
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", (width, height)).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


PNG = picture("PNG")
EVIL = "<script>alert(1)</script>"


def shown(**data: object) -> list:
    """Return what is left of a display of these forms."""
    forms = {name.replace("_", "/", 1).replace("_", "+"): x for name, x in data.items()}
    return safe(
        [{"output_type": "display_data", "data": forms, "metadata": {"x": EVIL}}]
    )


def test_text_and_pictures_stay():
    [output] = shown(text_plain="a < b", image_png=PNG)
    assert output["data"] == {"text/plain": "a < b", "image/png": PNG}
    assert output["metadata"] == {}


@pytest.mark.parametrize(
    "media",
    ["text/html", "image/svg+xml", "application/javascript", "text/markdown",
     "text/latex", "application/vnd.unrolled.check+json",
     "application/vnd.jupyter.widget-view+json", "application/vnd.plotly.v1+json"],
)  # fmt: skip
def test_what_a_page_may_run_goes(media):
    forms = {media: EVIL, "text/plain": "x"}
    [output] = safe([{"output_type": "execute_result", "data": forms}])
    assert output["data"] == {"text/plain": "x"}
    assert safe([{"output_type": "display_data", "data": {media: EVIL}}]) == []


@pytest.mark.parametrize(
    "picture", [f'{PNG}" onerror="x', EVIL, "", "!", 7, None, [EVIL], "R0lGODlh"]
)
def test_a_picture_is_a_picture(picture):
    for output in shown(image_png=picture):
        found = base64.b64decode(output["data"]["image/png"], validate=True)
        assert found.startswith(b"\x89PNG")
        assert '"' not in output["data"]["image/png"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_that_unfolds_to_too_much_goes(kind):
    """A browser would need gigabytes for a file of a few kilobytes."""
    media = f"image_{kind.lower()}"
    small, large = picture(kind), picture(kind, 21_000, 1_000)
    assert len(large) < 1_000_000
    [output] = shown(**{media: small, "text_plain": "x"})
    assert output["data"][media.replace("_", "/")] == small
    [output] = shown(**{media: large, "text_plain": "x"})
    assert output["data"] == {"text/plain": "x"}
    swapped = picture("JPEG" if kind == "PNG" else "PNG")
    assert shown(**{media: swapped}) == []


def test_text_is_cut_and_can_be_written():
    [stream] = safe([{"output_type": "stream", "name": "evil", "text": "x" * 10**6}])
    assert len(stream["text"]) < MAX_TEXT + 100
    assert stream["name"] == "stdout"
    [odd] = safe([{"output_type": "stream", "name": "stderr", "text": "a\ud800b"}])
    odd["text"].encode("utf-8")
    assert odd["name"] == "stderr"


def test_what_is_no_output_goes():
    junk = [{}, {"output_type": "update_display_data"}, {"output_type": "display_data"}]
    assert safe(junk) == []


def test_an_error_keeps_its_traceback():
    said = {"ename": "E\n", "evalue": "no", "traceback": ["one", 2, "three"]}
    [output] = safe([{"output_type": "error", **said}])
    assert output["traceback"] == ["one", "", "three"]
    assert error("E", "no")["traceback"] == ["E: no"]


@pytest.mark.parametrize(
    ("x", "points"), [(2.5, 2.5), (0, 0), (6.0, None), (-1.0, None), ("x", None)]
)
def test_a_score_is_a_number_of_points(x, points):
    cell = {"outputs": [value(x, 1)], "metadata": {"nbgrader": {"points": 5}}}
    assert score(cell) == points
