"""Open a page in the browser for films and what is found on them, and a door for programs."""

import argparse
from pathlib import Path

from commands.shared.options import add_device

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        metavar="ADDRESS",
        help="listen for other machines too, such as 0.0.0.0; they need the token that is printed "
        f"(default: {DEFAULT_HOST}, this machine alone)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help=f"0 takes a free one (default: {DEFAULT_PORT})",
    )
    parser.add_argument("--detector", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument("--classifier", type=Path, help="checkpoint instead of the embedded one")
    parser.add_argument(
        "--box-convention",
        metavar="NAME",
        help="draw boxes as a data set does, named in the detector (default: as they are found)",
    )
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    import logging

    from commands import __version__
    from formats.extras import require_extra
    from formats.notice import NOTICE
    from serving.access import access_for

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    require_extra("web", "starlette", "uvicorn")

    from training.allocation import share_one_heap

    # Before torch is imported, which starts threads.
    share_one_heap()

    from pipeline.two_stage import load_two_stage
    from serving.address import listen, page_address
    from serving.app import reading_app
    from serving.server import page_server
    from serving.upload_folder import upload_folder

    access = access_for(arguments.host)
    with listen(arguments.host, arguments.port) as listening:
        model = load_two_stage(
            arguments.detector, arguments.classifier, arguments.device, arguments.box_convention
        )
        with upload_folder(listening) as folder:
            app = reading_app(model, folder, access, __version__)
            logging.info("%s", NOTICE)
            print(page_address(listening, access), flush=True)
            logging.info("Open this address in a browser; Ctrl-C ends the page.")
            page_server(app).run(sockets=[listening])
    return 0
