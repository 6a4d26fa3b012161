"""The page as a browser sees it: Debian's Chromium on a real ``stentor serve`` over practice nodes."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.remote.webelement import WebElement
from starlette.routing import Route

from stentor import lab as labs
from stentor.api.fleet import Fleet
from stentor.ssh.limits import raise_descriptor_limit
from stentor.web.access import access_of
from stentor.web.app import make_app
from stentor.web.service import Service
from stentor.web.settings import Settings
from tests.integration.conftest import end_all, living
from tests.practice import FLEET
from tests.readers import program
from tests.support import ROOT, need
from tests.web import Gateway, self_signed

# The first test starts nodes, a page and a browser.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

WIDTHS = (360, 1280, 1920)
PATIENCE = 60.0


class Page:
    """A ``stentor serve`` of its own, and the command line beside it."""

    def __init__(self, base: Path, lab: labs.Lab, *options: str) -> None:
        self.environ = {
            "HOME": str(base),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', os.defpath)}",
            "STENTOR_FLEET": str(lab.fleet_dir),
            "STENTOR_TEST": str(base),
            "USER": "tester",
            "XDG_RUNTIME_DIR": str(base / "run"),
            "XDG_STATE_HOME": str(base / "state"),
        }
        (base / "run").mkdir(mode=0o700, exist_ok=True)
        self.log = base / "serve.log"
        words = [sys.executable, "-m", "stentor", "serve", "--listen", "127.0.0.1:0", *options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(words, env=self.environ, stderr=log, cwd=base)
        end = time.monotonic() + 60
        while not (found := re.search(r" on (https?://\S+);", self.log.read_text())):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        self.url = found[1]

    def stentor(self, *words: str) -> str:
        """Run a command beside it; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "stentor", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def link(self, *words: str) -> str:
        """A link that signs somebody in."""
        return self.stentor("serve", "login", *words).strip()

    def serving_port(self) -> int:
        """Where it really listens."""
        said = (Path(self.environ["XDG_STATE_HOME"]) / "stentor/serve/serving.json").read_text()
        return int(json.loads(said)["port"])

    def stop(self) -> str:
        """End it as systemd does; return what it said."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return self.log.read_text()


@pytest.fixture(scope="module")
def page(five: labs.Lab, playground: Path) -> Iterator[Page]:
    """The page of five practice nodes, on which something was done already."""
    base = Path(tempfile.mkdtemp(prefix="", dir=playground))
    made = Page(base, five)
    try:
        made.stentor("run", "@core", "echo the same on all; uname -s")
        made.stentor("run", "@core", "hostname; echo oops >&2; exit 3")
        yield made
        said = made.stop()
        assert "Traceback" not in said, said
        assert not (base / "state/stentor/serve/serving.json").exists()
    finally:
        made.process.kill()
        assert not end_all(living(base))


def start_browser(folder: Path, *, javascript: bool = True) -> Chrome:
    """Start a Chromium of its own."""
    need("chromium", "chromedriver")
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={folder}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not javascript:
        off = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", off)
    return Chrome(options=options, service=Driver("/usr/bin/chromedriver"))


@pytest.fixture(scope="module")
def browser(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser whose user is signed in as an operator."""
    made = start_browser(tmp_path_factory.mktemp("chromium"))
    try:
        sign_in(made, page.link())
        yield made
    finally:
        made.quit()


def sign_in(browser: Chrome, link: str) -> None:
    """Open a link and press its button."""
    browser.get(link)
    press(browser, "button.main")


def press(browser: Chrome, selector: str) -> None:
    """Press a button, and wait for the page that follows."""
    button = browser.find_element(By.CSS_SELECTOR, selector)
    button.click()
    wait(lambda: gone(button))


def gone(element: WebElement) -> bool:
    """Whether an element is of a page that was left."""
    try:
        element.is_enabled()
    except Exception:
        return True
    return False


def wait(condition: Callable[[], Any]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def text(browser: Chrome, selector: str) -> str:
    """What an element shows; it may be replaced just now."""
    for _ in range(5):
        try:
            return browser.find_element(By.CSS_SELECTOR, selector).text
        except Exception:
            time.sleep(0.05)
    return browser.find_element(By.CSS_SELECTOR, selector).text


def sized(browser: Chrome, width: int, scheme: str = "light") -> None:
    """Be a screen of this width, of a user who likes it light or dark."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})


PAGES = (
    "/",
    "/passkeys",
    "/?q=@gpu",
    "/nodes/crtr",
    "/operations",
    "/operations/2",
    "/services",
    "/deliveries",
    "/doctor",
)
PLANS = ("/plan?do=reboot&node=crtr&node=drtr", "/plan?do=rerun&operation=2")


@pytest.mark.parametrize("path", [*PAGES, *PLANS, "/nodes/nobody"])
def test_a_page_fits_every_screen_and_is_accessible(page: Page, browser: Chrome, path: str) -> None:
    logged(browser)
    for width in WIDTHS:
        sized(browser, width)
        browser.get(page.url + path)
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide on {width}"
        small = [
            button.text
            for button in browser.find_elements(By.CSS_SELECTOR, "button, .button")
            if button.is_displayed() and button.size["height"] < 24
        ]
        assert not small
    for scheme in ("light", "dark"):
        sized(browser, 1280, scheme)
        browser.get(page.url + path)
        assert not serious(browser)
    odd = [entry for entry in logged(browser) if "404 (Not Found)" not in entry["message"]]
    assert not odd


def test_no_page_is_left_out(tmp_path: Path) -> None:
    service = Service(Fleet(FLEET, environ={"XDG_STATE_HOME": str(tmp_path)}), Settings())
    served = {
        route.path
        for route in make_app(service, working=False).routes
        if isinstance(route, Route)
        and "GET" in (route.methods or ())
        and access_of(route) in ("viewer", "operator")
    }
    looked_at = {
        re.sub(r"^/(nodes|operations)/[^/]+$", r"/\1", urlsplit(path).path) for path in (*PAGES, *PLANS)
    }
    left_out = {re.sub(r"/{\w+}$", "", path) for path in served if not path.startswith("/api/")} - looked_at
    assert left_out == {"/events", "/metrics", "/passkeys/new"}, "none of these is a page"


@pytest.mark.parametrize("path", ["/login", "/login?key=wrong", "link"])
def test_who_is_not_signed_in_has_pages_that_fit_and_are_accessible(
    page: Page, tmp_path: Path, path: str
) -> None:
    url = page.link() if path == "link" else page.url + path
    browser = start_browser(tmp_path)
    try:
        for width in WIDTHS:
            sized(browser, width)
            browser.get(url)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            sized(browser, 1280, scheme)
            browser.get(url)
            assert not serious(browser)
    finally:
        browser.quit()


@pytest.mark.parametrize("path", [*PAGES, *PLANS])
def test_every_control_is_reached_by_keyboard(page: Page, browser: Chrome, path: str) -> None:
    sized(browser, 1280)
    browser.get(page.url + path)
    names = browser.execute_script(f"return {CONTROLS}.map({NAMED})")
    assert names
    reached = set()
    for _ in range(len(names) + 10):
        typed(browser, Keys.TAB)
        reached.add(browser.execute_script(f"return ({NAMED})(document.activeElement)"))
        seen = f"return ({OUTLINE})(document.activeElement)"
        assert browser.execute_script(seen) != "none", "where the focus is must be seen"
    assert set(names) <= reached


# What can be pressed or typed into and is shown, and what names one of them.
CONTROLS = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)"""
OUTLINE = "(one) => one === document.body || getComputedStyle(one).outlineStyle"
NAMED = "(one) => [one.tagName, one.href ?? '', one.value ?? '', one.textContent.trim()].join(' ')"


def logged(browser: Chrome) -> list[dict[str, str]]:
    """What the browser has written to its log since it was asked last."""
    found: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's
    return found


def serious(browser: Chrome) -> list[str]:
    """What axe-core finds that is serious."""
    script = files("axe_core_python").joinpath("axe.min.js").read_text()
    found = browser.execute_async_script(
        f"const done = arguments[arguments.length - 1]; {script};"
        "axe.run(document, {resultTypes: ['violations']}).then((found) => done(found.violations));"
    )
    return [
        f"{one['id']}: {node['html'][:200]}: {node.get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_what_others_do_reaches_an_open_page(page: Page, browser: Chrome) -> None:
    browser.get(f"{page.url}/operations")
    before = len(browser.find_elements(By.CSS_SELECTOR, "tbody tr"))
    assert before >= 2
    browser.get(f"{page.url}/nodes/drtr")
    page.stentor("run", "drtr", "echo from a terminal")
    wait(lambda: "echo from a terminal" in text(browser, "#node-operations"))
    wait(lambda: "Debian" in text(browser, "#node-now"))


def test_an_operation_is_followed_to_its_end_without_a_reload(page: Page, browser: Chrome) -> None:
    page.stentor("run", "crtr,drtr,trtr", "sleep 5; echo here it is; test $(id -un) != drtr")
    number = re.search(r"^ *(\d+)", page.stentor("history").splitlines()[1])
    assert number
    browser.get(f"{page.url}/operations/{number[1]}")
    press(browser, "button[name=which][value='']")
    assert "sleep 5" in text(browser, "pre.command")
    press(browser, "form[action='/do'] button")
    assert re.fullmatch(rf"{page.url}/operations/\d+", browser.current_url)
    browser.execute_script("window.same = true")
    assert "running" in text(browser, "#operation-head")
    assert "Stop" in text(browser, "#operation-stop")
    wait(lambda: "1 failed, 2 ok" in text(browser, "#operation-head"))
    wait(lambda: not text(browser, "#operation-stop"))
    wait(lambda: "Run again where it is not ok" in text(browser, "#operation-again"))
    assert "here it is" in text(browser, "#operation-output")
    assert browser.execute_script("return window.same")
    assert "tester@" in text(browser, "#operation-head")
    assert "127.0.0.1" in text(browser, "#operation-head")


def test_all_is_done_by_keyboard(page: Page, browser: Chrome) -> None:
    sized(browser, 1280)
    browser.get(page.url)
    typed(browser, Keys.TAB)
    assert focused(browser, "textContent").strip() == "Skip to the content"
    tab_to(browser, "value", "crtr")
    typed(browser, Keys.SPACE)
    tab_to(browser, "value", "drtr")
    typed(browser, Keys.SPACE)
    assert "2 ticked" in text(browser, "#picked")
    browser.execute_script("document.activeElement.closest('tr').dataset.old = 'yes'")
    page.stentor(
        "run", "drtr", "true"
    )  # so its row is replaced; what was ticked stays, and so does the focus
    wait(lambda: not browser.find_elements(By.CSS_SELECTOR, "[data-old]"))
    assert focused(browser, "value") == "drtr"
    assert "2 ticked" in text(browser, "#picked")
    tab_to(browser, "value", "shutdown", back=True)
    button = browser.switch_to.active_element
    typed(browser, Keys.ENTER)
    wait(lambda: gone(button))
    assert "Shut down" in text(browser, "h1")
    tab_to(browser, "id", "count")
    typed(browser, "3", Keys.ENTER)  # a wrong number: the browser itself holds it back
    assert "/plan" in browser.current_url
    tab_to(browser, "textContent", "Cancel")
    typed(browser, Keys.ENTER)
    wait(lambda: browser.current_url == f"{page.url}/")


def typed(browser: Chrome, *keys: str) -> None:
    """Press keys for whatever has the focus now: an element named before may have been replaced meanwhile."""
    ActionChains(browser).send_keys(*keys).perform()


def focused(browser: Chrome, what: str) -> str:
    """Return a property of what has the focus, in one look."""
    found = browser.execute_script(f"return String(document.activeElement.{what} ?? '')")
    assert isinstance(found, str)
    return found


def tab_to(browser: Chrome, what: str, wanted: str, *, back: bool = False) -> None:
    """Press Tab until the element with a property that is wanted has the focus, which must be seen."""
    for _ in range(80):
        press = ActionChains(browser)
        if back:
            press.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        else:
            press.send_keys(Keys.TAB).perform()
        if focused(browser, what).strip() == wanted:
            seen = "return getComputedStyle(document.activeElement).outlineStyle"
            assert browser.execute_script(seen) != "none"
            return
    raise AssertionError("Tab does not lead there")


def test_pages_work_without_javascript(page: Page, tmp_path: Path) -> None:
    browser = start_browser(tmp_path, javascript=False)
    try:
        sign_in(browser, page.link())
        assert "crtr" in text(browser, "table")
        browser.find_element(By.ID, "q").send_keys("@gpu", Keys.ENTER)
        wait(lambda: "q=%40gpu" in browser.current_url)
        assert "crtr" not in text(browser, "tbody")
        browser.find_element(By.CSS_SELECTOR, "input[value=drtr]").click()
        press(browser, "button[value=doctor]")

        def found() -> bool:
            browser.refresh()
            return "nothing is wrong" in text(browser, ".doctor") or "seen" in text(browser, ".doctor")

        wait(found)
        for path in (*PAGES, *PLANS):
            browser.get(page.url + path)
            assert text(browser, "h1") and len(text(browser, "main")) > len(text(browser, "h1")), path
        browser.get(f"{page.url}/operations/1")
        assert "the same on all" in text(browser, "#operation-output")
        press(browser, ".who button")
        assert browser.current_url.endswith("/login")
        browser.get(page.url)
        assert browser.current_url.endswith("/login")
    finally:
        browser.quit()


def test_a_viewer_sees_no_button_that_acts(page: Page, tmp_path: Path) -> None:
    browser = start_browser(tmp_path)
    try:
        sign_in(browser, page.link("--role", "viewer", "--name", "ann"))
        for path in PAGES:
            browser.get(page.url + path)
            shown = {button.text for button in browser.find_elements(By.TAG_NAME, "button")}
            assert shown <= {"Sign out", "Filter"}, path
        browser.get(page.url + PLANS[0])
        assert "ann is a viewer" in text(browser, "h1")
    finally:
        browser.quit()


def test_sessions_end_when_they_are_ended_at_the_terminal(page: Page, tmp_path: Path) -> None:
    browser = start_browser(tmp_path)
    try:
        sign_in(browser, page.link("--name", "ann"))
        cookie = browser.get_cookie("stentor")
        assert cookie
        assert (cookie["sameSite"], cookie["httpOnly"]) == ("Strict", True)
        assert browser.execute_script("return document.cookie") == ""
    finally:
        browser.quit()
    assert http_get(page.url, "/operations", f"stentor={cookie['value']}") == 200
    page.stentor("serve", "login", "--sign-out")
    assert http_get(page.url, "/operations", f"stentor={cookie['value']}") == 303


def test_a_passkey_signs_in_until_it_is_removed(page: Page, tmp_path: Path) -> None:
    browser = start_browser(tmp_path)
    here = page.url.replace("127.0.0.1", "localhost")  # browsers have no passkeys for addresses
    try:
        browser.add_virtual_authenticator(authenticator())
        sign_in(browser, page.link("--name", "ann"))
        browser.get(f"{page.url}/passkeys")
        assert "call this page localhost" in text(browser, "main")
        sign_in(browser, page.link("--name", "ann").replace("127.0.0.1", "localhost"))
        for width in WIDTHS:
            sized(browser, width)
            browser.get(f"{here}/passkeys")
            assert not serious(browser)
        browser.find_element(By.CSS_SELECTOR, "button[data-passkey]").click()
        wait(lambda: "operator" in text(browser, "main"))
        assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1
        press(browser, ".who button")
        browser.get(f"{here}/operations")
        button = browser.find_element(By.CSS_SELECTOR, "button[data-passkey=get]")
        assert not serious(browser)
        button.click()
        wait(lambda: browser.current_url == f"{here}/operations")
        assert "ann operator" in text(browser, ".who")
        assert browser.execute_async_script(TWICE) == [200, 403], "a challenge is good once"
        page.stentor("serve", "login", "--remove-passkeys", "ann")
        browser.get(f"{here}/operations")
        assert "/login" in browser.current_url, "the session has ended with its passkey"
        assert not browser.find_elements(By.CSS_SELECTOR, "button[data-passkey]")
    finally:
        browser.quit()
    assert re.search(
        r"passkey [0-9a-f]{12} of ann \(operator\) was registered from 127", page.log.read_text()
    )


TWICE = """
const done = arguments[arguments.length - 1];
(async () => {
  const asked = await (await fetch("/login/passkey", {headers: {Accept: "application/json"}})).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
  const made = await navigator.credentials.get({publicKey});
  const found = [];
  for (let turn = 0; turn < 2; turn++)
    found.push((await fetch("/login/passkey", {method: "POST", body: JSON.stringify(made)})).status);
  done(found);
})();
"""


def authenticator() -> VirtualAuthenticatorOptions:
    """A device with passkeys, whose user is there and has proved it."""
    return VirtualAuthenticatorOptions(
        transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
        has_resident_key=True,
        has_user_verification=True,
        is_user_verified=True,
    )


def test_a_thousand_connections_are_not_too_many(page: Page) -> None:
    raise_descriptor_limit()
    where = ("127.0.0.1", page.serving_port())
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(socket.create_connection(where, timeout=30))
        assert http_get(page.url, "/healthz") == 200


def test_prometheus_finds_nothing_wrong_with_the_metrics(page: Page) -> None:
    need("promtool")
    connection = http.client.HTTPConnection(page.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(
            "POST", "/login", f"key={page.link('--role', 'viewer').partition('key=')[2]}", FORM
        )
        answer = connection.getresponse()
        answer.read()
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}

        def metrics() -> bytes:
            connection.request("GET", "/metrics", headers=cookie)
            return connection.getresponse().read()

        connection.request("GET", "/api/status", headers=cookie)  # asks the nodes, where nobody has yet
        connection.getresponse().read()
        wait(lambda: b"stentor_node_disk_used_ratio{" in metrics())
        done = subprocess.run(["promtool", "check", "metrics"], input=metrics(), capture_output=True)
    finally:
        connection.close()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def http_get(url: str, path: str, cookie: str = "") -> int:
    """The status of an answer."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        return connection.getresponse().status
    finally:
        connection.close()


def test_over_tls_and_ended_in_the_middle_of_an_operation(lab: labs.Lab, playground: Path) -> None:
    need("openssl")
    base = Path(tempfile.mkdtemp(prefix="", dir=playground))
    both = self_signed(base / "own.pem", "localhost")
    page = Page(base, lab, "--tls-cert", f"{both}.crt", "--tls-key", str(both))
    try:
        page.stentor("run", "crtr,drtr", "test ! -e go || sleep 60")
        for alias in ("crtr", "drtr"):
            (lab.home(alias) / "go").touch()
        ask = Asking(int(page.url.rpartition(":")[2]), f"{both}.crt")
        cookie = ask("POST", "/login", f"key={page.link().partition('key=')[2]}")[1]["Set-Cookie"]
        assert cookie.startswith("__Host-stentor=")
        assert "Secure" in cookie
        ask.headers["Cookie"] = cookie.partition(";")[0]
        shown, headers = ask("GET", "/operations")
        assert "max-age" in headers["Strict-Transport-Security"]
        found = re.search(r'name="csrf" value="(\w+)"', shown)
        assert found
        ask.headers["X-CSRF-Token"] = found[1]
        assert '"type":"began"' in ask("POST", "/api/do/rerun", '{"operation": 1}')[0]
        ask.close()
        said = page.stop()
        assert "Traceback" not in said
        assert "stopping; first to be stopped or reverted: operation 2\n" in said
        assert said.endswith("stentor: stopped\n")
        past = page.stentor("show", "--json")
        assert '"state":"done"' in past
        assert past.count('"kind":"cancelled"') == 2
        assert "the page is being stopped" in past
    finally:
        page.process.kill()
        assert not end_all(living(base))


def test_behind_caddy_with_its_tls(five: labs.Lab, playground: Path) -> None:
    base = Path(tempfile.mkdtemp(prefix="", dir=playground))
    page = Page(base, five, "--host", "fleet.lan", "--proxy", "127.0.0.1")
    inner = page.serving_port()
    gateway = Gateway(program("caddy"), base)
    # The Caddyfile that the document shows.
    shown = Path(ROOT, "docs/serve.md").read_text().partition("fleet.lan {\n")[2].partition("```")[0]
    site = f"fleet.lan {{\n\tbind 127.0.0.1\n{shown}".replace(":8440", f":{inner}")
    try:
        assert page.url == "https://fleet.lan"
        gateway.start(gateway.options + site, "fleet.lan")
        ask = Asking(gateway.port, f"{base}/store/pki/authorities/local/root.crt", "fleet.lan")
        cookie = ask("POST", "/login", f"key={page.link('--name', 'ann').partition('key=')[2]}")[1][
            "Set-Cookie"
        ]
        assert cookie.startswith("__Host-stentor=")
        ask.headers["Cookie"] = cookie.partition(";")[0]
        assert ">ann <" in ask("GET", "/operations")[0]
        ask.close()
        asked = f"127.0.0.1:{inner}, behind the proxy of https://fleet.lan, answers (process"
        assert asked in page.stentor("serve", "doctor")
        # Past the proxy nobody comes in, whatever he says.
        direct = http.client.HTTPConnection("127.0.0.1", inner, timeout=10)
        direct.request("GET", "/login", headers={"Host": "fleet.lan"})
        assert direct.getresponse().status == 403
        direct.close()
    finally:
        gateway.stop()
        page.stop()
        assert not end_all(living(base))


class Asking:
    """A program that asks over TLS, and looks whom it asks."""

    def __init__(self, port: int, certificate: str, name: str = "localhost") -> None:
        context = ssl.create_default_context(cafile=certificate)
        self._connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30)
        plain = socket.create_connection(("127.0.0.1", port), 30)
        self._connection.sock = context.wrap_socket(plain, server_hostname=name)
        self.headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": name}
        self.close = self._connection.close

    def __call__(self, method: str, path: str, body: str = "") -> tuple[str, http.client.HTTPMessage]:
        """Ask; return the body and the headers of the answer."""
        self._connection.request(method, path, body, self.headers)
        answer = self._connection.getresponse()
        return answer.read().decode(), answer.headers
