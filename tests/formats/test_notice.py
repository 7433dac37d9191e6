from pathlib import Path

from formats.notice import NOTICE, SHORT_NOTICE

ROOT = Path(__file__).parents[2]
ROOMS = [
    *("commands", "converters", "evaluation", "formats", "phantoms", "pipeline", "reports"),
    "serving",
]


def test_the_notice_is_worded_once() -> None:
    wordings = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".jinja", ".html", ".js"}
        and "not a medical device" in path.read_text(encoding="utf-8").casefold()
    ]

    assert wordings == ["formats/notice.py"]
    assert NOTICE.startswith(SHORT_NOTICE)
