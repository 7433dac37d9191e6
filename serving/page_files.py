"""The page's own files, by name: nothing else of the disk can be asked for."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from formats.labels import LABEL_COLOURS
from formats.notice import NOTICE
from reports.colours import DARK_PAGE, LIGHT_PAGE

FOLDER = Path(__file__).parent / "page"
PAGE = "page.html"
COLOURS = "colours.css"
MEDIA_TYPES = {
    PAGE: "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "film_view.js": "text/javascript",
    COLOURS: "text/css",
}
NOT_FOUND = 404


async def page_file(request: Request) -> Response:
    """Send one of the page's files.

    Raises:
        HTTPException: the page has no such file.
    """
    name = request.path_params.get("name", PAGE)
    if name not in MEDIA_TYPES:
        raise HTTPException(NOT_FOUND, "there is nothing at this address")
    text = _colours() if name == COLOURS else (FOLDER / name).read_text(encoding="utf-8")
    return Response(text.replace("{{ notice }}", NOTICE), media_type=MEDIA_TYPES[name])


def _colours() -> str:
    """Return the colours that everything else of this project has, too."""
    labels = {f"label-{label.lower()}": colour for label, colour in LABEL_COLOURS.items()}
    dark = f"@media (prefers-color-scheme: dark) {{ {_properties(DARK_PAGE)} }}"
    return f"{_properties(LIGHT_PAGE | labels)}\n{dark}\n"


def _properties(colours: dict[str, str]) -> str:
    return ":root { " + " ".join(f"--{name}: {value};" for name, value in colours.items()) + " }"
