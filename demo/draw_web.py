"""Take the pictures of the page anew, from ``stentor serve`` on a fresh practice fleet, by Chromium.

``make picture`` runs it.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from demo.drawing import DOCS, HERE, surroundings
from stentor import lab as labs

IMAGES = DOCS / "images"
# Name, path, width, height, scheme.
PICTURES = (
    ("web-nodes", "/", 1280, 560, "light"),
    ("web-plan", "/plan?do=reboot&node=crtr&node=drtr", 360, 780, "light"),
    ("web-operation", "/operations/1", 1280, 760, "dark"),
    ("web-node", "/nodes/drtr", 1920, 900, "light"),
)
COMMAND = "echo; uname -s; test $(id -un) != drtr || { echo 'no space left' >&2; exit 3; }"


def start_browser(folder: str) -> Chrome:
    """Start a Chromium of its own."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={folder}")
    return Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def take(browser: Chrome, url: str, width: int, height: int, scheme: str) -> bytes:
    """Return a PNG of a page as a screen of this size shows it."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(url)
    time.sleep(2)
    return base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])


def pictures(environ: dict[str, str], folder: str) -> None:
    """Serve, sign in, and take every picture."""
    stentor = [sys.executable, "-m", "stentor"]
    subprocess.run([*stentor, "run", "@core,trtr", COMMAND], env=environ, capture_output=True, check=False)
    subprocess.run([*stentor, "facts", "@all"], env=environ, capture_output=True, check=False)
    log = Path(folder, "serve.log")
    with log.open("w") as writing:
        serving = subprocess.Popen(
            [*stentor, "serve", "--listen", "127.0.0.1:0"], env=environ, stderr=writing
        )
    browser = start_browser(f"{folder}/chromium")
    try:
        while not (found := re.search(r" on (http://\S+);", log.read_text())):
            time.sleep(0.1)
        login = [*stentor, "serve", "login", "--name", "ann"]
        browser.get(
            subprocess.run(login, env=environ, capture_output=True, text=True, check=True).stdout.strip()
        )
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        time.sleep(4)
        for name, path, width, height, scheme in PICTURES:
            (IMAGES / f"{name}.png").write_bytes(take(browser, found[1] + path, width, height, scheme))
    finally:
        browser.quit()
        serving.terminate()
        serving.wait()


def main() -> int:
    """Take the pictures."""
    with tempfile.TemporaryDirectory(prefix="s-") as folder:
        lab = labs.up(Path(folder, "lab"))
        try:
            pictures(surroundings(folder, str(lab.fleet_dir)), folder)
        finally:
            lab.down()
    return 0


if __name__ == "__main__":
    os.chdir(HERE.parent)
    sys.exit(main())
