"""``stentor serve`` over nodes that answer anything: pages, parts of them, records and metrics are whole."""

from __future__ import annotations

import http.client
import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import lab as labs
from tests.hostile import make_hostile
from tests.integration.conftest import end_all, living
from tests.integration.test_web import Page

pytestmark = pytest.mark.integration

# What stands in every answer of a node: the end of an attribute, of a text, of a line; a control sequence.
_ENDS = r"""mark; real | sed "s/\$/ '\"><script>alert(1)<\/script>{{7*7}}\x1b]0;title\x07\r\xc2\x9b/" """
SAID = {
    "drtr": _ENDS,
    "prtr": "mark; yes stentor_inventory=1 | head -c 200000000",
    "trtr": "mark; real | head -c 300",
}
MEMORY = 400_000_000  # of what serves, beside 200 MB that a node says
PATHS = ["/", "/?q=<script>alert(2)</script>", "/nodes/crtr", "/nodes/drtr", "/nodes/prtr", "/nodes/trtr"]
PATHS += ["/operations", "/operations/1", "/operations/2", "/doctor?nodes=@all", "/services", "/deliveries"]
PATHS += ["/passkeys", "/plan?do=apply&node=<script>", "/nodes/<script>", "/x<script>alert(3)</script>"]


class Browser:
    """Somebody who is signed in, without a browser's mercy."""

    def __init__(self, page: Page) -> None:
        self.host = page.url.removeprefix("http://")
        answer = self.ask("POST", "/login", f"key={page.link().partition('key=')[2]}")
        self.cookie = answer[1]["Set-Cookie"].partition(";")[0]

    cookie = ""

    def ask(self, method: str, path: str, body: str = "") -> tuple[str, http.client.HTTPMessage, int]:
        """Return the text, the headers and the code of an answer."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path.replace("<", "%3C").replace(">", "%3E"), body, headers)
            answer = connection.getresponse()
            return answer.read().decode(), answer.headers, answer.status
        finally:
            connection.close()

    def events(self, topic: str, seconds: float) -> str:
        """What an open page is sent meanwhile."""
        connection = http.client.HTTPConnection(self.host, timeout=5)
        said, end = b"", time.monotonic() + seconds
        try:
            connection.request("GET", f"/events?topic={topic}", headers={"Cookie": self.cookie})
            answer = connection.getresponse()
            while time.monotonic() < end:
                try:
                    said += answer.read1(65536)
                except TimeoutError:
                    break
        finally:
            connection.close()
        return said.decode()


@pytest.fixture
def served(lab: labs.Lab, playground: Path) -> Iterator[tuple[Page, Browser]]:
    services = lab.fleet_dir / "services.yaml"
    services.write_text('services:\n  web: {node: "@core", type: systemd, port: 8080}\n')
    for alias, said in SAID.items():
        make_hostile(lab, alias, "", said=said)
    base = Path(tempfile.mkdtemp(prefix="", dir=playground))
    page = Page(base, lab)
    try:
        page.stentor("run", "crtr,drtr,trtr", "hostname")
        page.stentor("run", "crtr,drtr", "echo '<script>alert(4)</script>'; hostname >&2; exit 3")
        yield page, Browser(page)
    finally:
        services.unlink()
        page.process.kill()
        page.process.wait()
        assert not end_all(living(base))


def test_no_page_obeys_a_node(served: tuple[Page, Browser]) -> None:
    page, browser = served
    sent = browser.events("nodes", 8) + browser.events("operations", 1)
    html = [
        "".join(json.loads(data).values()) for data in re.findall(r"^data: (\{.*\})$", sent, re.MULTILINE)
    ]
    assert html
    shown = {path: browser.ask("GET", path) for path in PATHS}
    for path, (text, headers, code) in shown.items():
        assert code in (200, 400, 404), (path, code, text[:500])
        assert "text/html" in headers["Content-Type"]
        assert "script-src" in headers["Content-Security-Policy"]
    for text in (*html, *(text for text, _, _ in shown.values())):
        assert not re.search(r"<script>|\{\{|49\b.*alert", text.replace("{{7*7}}", "")), text[:500]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), repr(text[:500])
    assert "<script>alert" not in shown["/operations/2"][0]
    assert "&lt;script&gt;alert(4)" in shown["/operations/2"][0]
    assert "crtr" in shown["/"][0]
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{page.process.pid}/status").read_text())
    assert peak and int(peak[1]) * 1024 < MEMORY
    print(f"serve: {int(peak[1]) // 1024} MB")
    assert "Traceback" not in page.stop()


def test_records_and_metrics_are_whole(served: tuple[Page, Browser]) -> None:
    _, browser = served
    browser.events("nodes", 6)
    text, headers, code = browser.ask("GET", "/metrics")
    assert code == 200
    line = re.compile(r'# (HELP|TYPE) .+|\w+(\{(\w+="([^"\\\n]|\\[\\"n])*",?)+\})? [-+.\deE]+')
    assert all(line.fullmatch(one) for one in text.splitlines()), text
    assert 'stentor_node_up{node="crtr"' in text
    paths = json.loads(browser.ask("GET", "/api/openapi.json")[0])["paths"]
    for path in [path for path, verbs in paths.items() if "get" in verbs and "{" not in path]:
        said, headers, code = browser.ask("GET", path)
        assert code in (200, 400, 404), (path, code)
        assert "json" in headers["Content-Type"]
        assert isinstance(json.loads(said), (list, dict))
        assert headers["X-Content-Type-Options"] == "nosniff"
