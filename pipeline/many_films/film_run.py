"""A run over many films, or over a part of them: what is finished is kept, and goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from formats.results import ImageResult, Results
from formats.shards import Shard, films_sha256, part_of
from pipeline.many_films.journal import Journal
from pipeline.many_films.result_files import write_result_files
from pipeline.tumour_finder import TumourFinder


class FilmRun:
    """Gathers the results of films in their order, and writes them where they are to be kept."""

    def __init__(
        self,
        films: Sequence[Path],
        shard: Shard | None,
        finder: TumourFinder,
        options: Mapping[str, Any],
    ) -> None:
        """Take the films of the part, or all.

        Args:
            films: of the whole run.
            shard: which part of it; None for all.
            finder: what the results are of.
            options: what results depend on beside the models, as JSON has it.
        """
        self._finder = finder
        self._shard = shard
        nothing = finder.results([])
        self._run = {
            "method": nothing.method,
            "models": [asdict(model) for model in nothing.models],
            "box_convention": nothing.box_convention,
            **options,
        }
        self.file_names = [film.as_posix() for film in films]
        """Of the whole run."""
        self.films = shard.of(films) if shard else list(films)
        """Of this part."""
        self._finished: dict[str, ImageResult] = {}
        self._output: Path | None = None
        self._journal: Journal | None = None

    def keep_in(self, output: Path, *, goes_on: bool) -> None:
        """Keep finished results beside the results file until the end.

        Args:
            output: the whole's results file; a part's has its number in its name.
            goes_on: take what an interrupted run has finished.

        Raises:
            InputError: the interrupted run was of other films, models or options; or there is one,
                and this one is to start anew.
        """
        self._output = self._shard.beside(output) if self._shard else output
        # Pictures are called by all films of the list, equal names being numbered.
        films = {"films_sha256": films_sha256(self.file_names)}
        self._journal = Journal(self._output, {**self._run, **films}, Path())
        if goes_on:
            self._finished = self._journal.read()
        else:
            self._journal.start_anew()

    def open_films(self) -> list[Path]:
        """Return the films without a result."""
        return [film for film in self.films if film.as_posix() not in self._finished]

    def images(self) -> list[ImageResult]:
        """Return the finished results, in the films' order."""
        names = [film.as_posix() for film in self.films]
        return [self._finished[name] for name in names if name in self._finished]

    def document(self) -> Results:
        """Return the results file's document of what is finished."""
        part = part_of(self._shard, self.file_names, self._run) if self._shard else None
        return self._finder.results(self.images(), part)

    def add(self, result: ImageResult) -> None:
        """Take a result."""
        self._finished[result.file_name] = result

    def finish(self, result: ImageResult) -> None:
        """Let a result, all of whose files are written, outlast an interruption."""
        if self._journal:
            self._journal.append([result])

    def end(self) -> None:
        """Write everything, where it is kept; there is nothing more to go on with.

        An earlier run's results stay until then, and where no film could be read; a part of a run
        is written all the same, for its merging.
        """
        if self._output and (self._finished or self._shard or not self.films):
            write_result_files(self.document(), self._output, self.file_names)
        if self._journal:
            self._journal.delete()
