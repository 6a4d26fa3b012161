"""What runs where, as rows of a table."""

import pytest

from stentor.fleet.service import Service
from stentor.fleet.services import Services
from stentor.webnames.overview import service_rows


@pytest.mark.parametrize(
    ("bind", "listens"),
    [("", "80"), ("*", "80"), ("::", "80"), ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")],
)
def test_where_a_service_listens(bind: str, listens: str) -> None:
    service = Service("a", "systemd", ("crtr",), ports=(80,), bind=bind)
    assert service_rows(Services(services={"a": service}))[1][4] == listens
