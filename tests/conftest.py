import os
import signal
from pathlib import Path

import pytest
import torch
from blobs import BlobData, make_blobs

from phantoms.data_set import make_phantoms
from training.examples.film_cache import FOLDER_VARIABLE, FilmCache

# Tests run side by side; more threads than cores would only wait for each other.
torch.set_num_threads(1)
# A shell that starts tests in the background lets them ignore Ctrl-C, which some send.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where trainings keep decoded films, those that tests start as commands included."""
    folder = tmp_path_factory.mktemp("films")
    os.environ[FOLDER_VARIABLE] = str(folder)
    return folder


@pytest.fixture
def film_cache(tmp_path: Path) -> FilmCache:
    return FilmCache(tmp_path / "films", most_bytes=1e9)


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    """The folder with mini-ddsm-sample, mini-ddsm-metadata.csv and cbis-ddsm-mass-train."""
    folder = os.environ.get("MAMMO_DATA_DIR", "")
    if not folder:
        pytest.skip("MAMMO_DATA_DIR is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def phantom_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine synthetic cases in Mini-DDSM's layout, with every oddity that phantoms have."""
    root = tmp_path_factory.mktemp("phantoms") / "mini-ddsm"
    make_phantoms(root, cases=9, seed=0)
    return root


@pytest.fixture(scope="session")
def blob_data(tmp_path_factory: pytest.TempPathFactory) -> BlobData:
    return make_blobs(tmp_path_factory.mktemp("blobs"))
