"""What can be taken along: annotated films, tables, reports."""

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from formats.dicom_objects.files import MEASUREMENTS, studies_of, write_report
from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.software import Software
from formats.film_reading.listing import ANNOTATED
from reports.films.annotated_film import draw_annotated_film
from reports.films.picture_files import PictureFormat, encode_picture
from serving.kept_films import ReadFilm

NOT_POSSIBLE = 400


def annotated_film(film: ReadFilm) -> Response:
    """Return the film with its boxes as PNG."""
    picture = encode_picture(draw_annotated_film(film.pixels, film.result), PictureFormat.png)
    name = f"{Path(film.result.file_name).stem}{ANNOTATED}.{PictureFormat.png}"
    return as_file(picture, name, "image/png")


def structured_report(films: list[ReadFilm], software: Software) -> Response:
    """Return the report of one study as a DICOM file.

    Raises:
        HTTPException: the films are of several studies, or a film is no DICOM file.
        InputError: no report can be made of the films' headers.
    """
    findings = [FilmFindings(f.source, f.result) for f in films if f.source is not None]
    if len(findings) < len(films) or len(studies_of(findings)) != 1:
        raise HTTPException(
            NOT_POSSIBLE, "a structured report is of the DICOM films of one study; show these alone"
        )
    with TemporaryDirectory() as folder:
        path = write_report(studies_of(findings)[0], software, MEASUREMENTS, Path(folder))
        return as_file(path.read_bytes(), path.name, "application/dicom")


def as_file(content: bytes, name: str, media_type: str) -> Response:
    """Return what a browser saves under a name, whatever signs are in it."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
