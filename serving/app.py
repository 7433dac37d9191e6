"""The page and its door for programs, as one ASGI application."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from formats.dicom_objects.software import software_of
from formats.errors import InputError
from formats.film_reading.intensity_window import intensity_window
from formats.results import Results, results_to_json
from pipeline.many_films.result_lines import results_to_csv
from pipeline.operating_points import operating_score
from pipeline.two_stage import TwoStage
from serving.access import SECURITY_HEADERS, Access, guard
from serving.downloads import NOT_POSSIBLE, annotated_film, as_file, structured_report
from serving.example_films import draw_example_films
from serving.film_reader import FilmReader, at_score
from serving.kept_films import KeptFilms, ReadFilm
from serving.limits import MOST_FILE_BYTES, MOST_FILMS_ASKED_FOR
from serving.page_files import page_file
from serving.uploads import place_for_upload, receive, shown_name
from serving.work_queue import WorkQueue

logger = logging.getLogger(__name__)
CREATED, NO_CONTENT, NOT_FOUND, UNREADABLE, FAILED = 201, 204, 404, 422, 500
SWEEP_SECONDS = 60


class ReadingPage:
    """What the page's addresses answer."""

    def __init__(self, model: TwoStage, folder: Path, version: str) -> None:
        """Make ready for films.

        Args:
            model: what finds and names.
            folder: uploads lie there until they are read.
            version: of this program.

        Raises:
            InputError: the pair is not calibrated.
        """
        self._reader = FilmReader(model)
        self._folder = folder
        self._version = version
        self._films = KeptFilms()
        self._queue = WorkQueue()

    def routes(self) -> list[Route]:
        """Return what is answered, and by what."""
        return [
            Route("/", page_file),
            Route("/{name:str}", page_file),
            Route("/api/model", self.describe_model),
            Route("/api/predict", self.predict, methods=["POST"]),
            Route("/api/films", self.add_film, methods=["POST"]),
            Route("/api/examples", self.add_examples, methods=["POST"]),
            Route("/api/films/{key:str}", self.forget_film, methods=["DELETE"]),
            Route("/api/films/{key:str}/pixels", self.send_pixels),
            Route("/api/films/{key:str}/annotated.png", self.send_annotated_film),
            Route("/api/results.json", self.send_results),
            Route("/api/results.csv", self.send_table),
            Route("/api/report.dcm", self.send_report),
        ]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Forget old films while the server runs, and everything at its end."""
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            self._queue.close()

    async def describe_model(self, request: Request) -> Response:
        """Say which scores there are, and what they mean on the validation part."""
        return JSONResponse(
            {
                "default_score": self._reader.default_score,
                "lowest_score": self._reader.lowest_score,
                "operating_points": self._reader.operating_points,
                "operating_curve": [asdict(point) for point in self._reader.operating_curve],
                "most_file_bytes": MOST_FILE_BYTES,
                "models": [asdict(model) for model in self._document([]).models],
            }
        )

    async def predict(self, request: Request) -> Response:
        """Answer a film with its results file; nothing of it is kept."""
        score = self._asked_score(request)
        film = await self._read_upload(request)
        return JSONResponse(results_to_json(self._document([film], score)))

    async def add_film(self, request: Request) -> Response:
        """Read a film, keep it, and say what is on it."""
        return JSONResponse(self._keep(await self._read_upload(request)), CREATED)

    async def add_examples(self, request: Request) -> Response:
        """Do the same with films of our own."""
        with self._queue.place():
            films = await self._queue.run(self._read_examples)
        return JSONResponse([self._keep(film) for film in films], CREATED)

    async def forget_film(self, request: Request) -> Response:
        """Drop a film at once."""
        self._films.forget(request.path_params["key"])
        return Response(status_code=NO_CONTENT)

    async def send_pixels(self, request: Request) -> Response:
        """Send a film's grey levels, row by row, of 16 bits with the low byte first."""
        pixels = self._kept(request.path_params["key"]).pixels
        levels = pixels if pixels.dtype.itemsize == 1 else pixels.astype("<u2", copy=False)
        return Response(levels.tobytes(), media_type="application/octet-stream")

    async def send_annotated_film(self, request: Request) -> Response:
        """Send a film with the boxes from a score on."""
        film = at_score(self._kept(request.path_params["key"]), self._asked_score(request))
        return await self._queue.run(partial(annotated_film, film))

    async def send_results(self, request: Request) -> Response:
        """Send the results file of some films."""
        document = results_to_json(self._asked_document(request))
        content = json.dumps(document, indent=1).encode()
        return as_file(content, "results.json", "application/json")

    async def send_table(self, request: Request) -> Response:
        """Send the table of some films."""
        content = results_to_csv(self._asked_document(request)).encode()
        return as_file(content, "results.csv", "text/csv; charset=utf-8")

    async def send_report(self, request: Request) -> Response:
        """Send the DICOM report of some films."""
        score = self._asked_score(request)
        films = [at_score(film, score) for film in self._asked_films(request)]
        software = software_of(self._document([], score), self._version)
        return await self._queue.run(partial(structured_report, films, software))

    async def _read_upload(self, request: Request) -> ReadFilm:
        name = shown_name(request)
        with self._queue.place(), place_for_upload(self._folder) as path:
            await receive(request, path)
            return await self._queue.run(partial(self._reader.read, path, name))

    def _read_examples(self) -> list[ReadFilm]:
        with TemporaryDirectory(dir=self._folder) as folder:
            drawn = draw_example_films(Path(folder))
            return [self._reader.read(path, name) for path, name in drawn]

    def _keep(self, film: ReadFilm) -> dict[str, Any]:
        """Keep a film, and return what the page has to know of it."""
        (image,) = results_to_json(self._document([film], self._reader.lowest_score))["images"]
        low, high = intensity_window(film.pixels)
        return {
            "key": self._films.keep(film),
            "bits": 8 * film.pixels.dtype.itemsize,
            "window": [float(low), float(high)],
            "has_report": film.source is not None,
            "result": image,
        }

    def _kept(self, key: str) -> ReadFilm:
        film = self._films.get(key)
        if film is None:
            raise HTTPException(NOT_FOUND, "no such film, or no longer; give it again")
        return film

    def _asked_films(self, request: Request) -> list[ReadFilm]:
        keys = request.query_params.getlist("film")
        if not 0 < len(keys) <= MOST_FILMS_ASKED_FOR:
            raise HTTPException(NOT_POSSIBLE, f"ask for 1 to {MOST_FILMS_ASKED_FOR} films")
        return [self._kept(key) for key in keys]

    def _asked_document(self, request: Request) -> Results:
        return self._document(self._asked_films(request), self._asked_score(request))

    def _document(self, films: list[ReadFilm], score: float | None = None) -> Results:
        lowest = self._reader.default_score if score is None else score
        return self._reader.results([film.result for film in films], lowest)

    def _asked_score(self, request: Request) -> float:
        if "score" not in request.query_params:
            point = request.query_params.get("operating_point", "balanced")
            return operating_score(self._reader.operating_points, point)
        given = request.query_params["score"]
        with suppress(ValueError):
            if self._reader.lowest_score <= float(given) <= 1:
                return float(given)
        raise HTTPException(
            NOT_POSSIBLE, f"score is a number from {self._reader.lowest_score:.4f} to 1"
        )

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._films.forget_old()


def reading_app(model: TwoStage, folder: Path, access: Access, version: str) -> Starlette:
    """Return the application.

    Args:
        model: what finds and names.
        folder: uploads lie there until they are read.
        access: who may ask.
        version: of this program.

    Raises:
        InputError: the pair is not calibrated.
    """
    page = ReadingPage(model, folder, version)
    handlers: dict[Any, Callable[..., Response]] = {
        HTTPException: _say_refusal,
        InputError: _say_unreadable,
        Exception: _say_failure,
    }
    return Starlette(
        routes=page.routes(),
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard(access))],
        exception_handlers=handlers,
        lifespan=page.lifespan,
    )


def _say_refusal(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _say_unreadable(request: Request, error: InputError) -> Response:
    return JSONResponse({"error": str(error)}, UNREADABLE)


def _say_failure(request: Request, error: Exception) -> Response:
    # Where it was, and not what it says: that may quote a film's header.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    code = place.tb_frame.f_code if place is not None else None
    where = f"{Path(code.co_filename).name}, {code.co_name}" if code else "unknown"
    logger.error("error: a request failed: %s in %s", type(error).__name__, where)
    said = {"error": "this could not be done; the server's log says where it failed"}
    return JSONResponse(said, FAILED, SECURITY_HEADERS)
