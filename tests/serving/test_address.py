import pytest

from formats.errors import InputError
from serving.access import Access
from serving.address import listen, page_address


def test_the_address_is_the_one_that_is_listened_at() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert page_address(listening, Access(None)) == f"http://127.0.0.1:{port}/"
        assert page_address(listening, Access("t")) == f"http://127.0.0.1:{port}/?token=t"


def test_every_address_is_shown_as_one_that_can_be_opened() -> None:
    with listen("0.0.0.0", 0) as listening:
        assert "0.0.0.0" not in page_address(listening, Access("t"))


def test_a_port_that_is_taken_is_said_before_anything_is_loaded() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(InputError, match=rf"--port {port}: .*give another port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(InputError, match="ports go from 0"):
        listen("127.0.0.1", port)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"--host no\.such\.host\.invalid"):
        listen("no.such.host.invalid", 0)
