"""A real JupyterLab and a real Chromium, one of each for all tests of this folder."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

TOKEN = "for-tests-only"  # noqa: S105 - the server listens on loopback, for the time of the tests
READY = """() => { const w = window.jupyterapp?.shell.currentWidget;
  return w?.context?.isReady && w.sessionContext.isReady && w.sessionContext.session?.kernel?.status === 'idle' }"""
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
CHROMIUM = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip


class Lab:
    """A running JupyterLab: where it is, and the folder that it serves."""

    def __init__(self, port: int, root: Path) -> None:
        self.port, self.root = port, root

    def open(self, page: Page, notebook: str) -> None:
        """Open a notebook, and wait until its kernel answers."""
        workspace = Path(notebook).stem.replace(".", "-")
        page.goto(f"http://127.0.0.1:{self.port}/lab/workspaces/{workspace}/tree/{notebook}?token={TOKEN}&reset")
        page.wait_for_function(READY, timeout=90_000)

    def run_all(self, page: Page) -> None:
        """Run all cells, and wait until the last has."""
        page.evaluate(
            "window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.allRan = true })"
        )
        page.wait_for_function("window.allRan === true", timeout=120_000)


def _die_with_parent() -> None:
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGTERM)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with nothing of the user's, on a free port of loopback."""
    home = tmp_path_factory.mktemp("home")
    root = tmp_path_factory.mktemp("root")
    settings = home / "appsettings"
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(OVERRIDES))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {name: str(home / name.lower()) for name in (
        "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR",
    )}  # fmt: skip
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
        f"--LabApp.app_settings_dir={settings}",
    ]  # fmt: skip
    log = (home / "server.log").open("wb")
    server = subprocess.Popen(
        command,
        stdout=log,
        stderr=log,
        env={**os.environ, **folders},
        preexec_fn=_die_with_parent,  # noqa: PLW1509
    )
    try:
        _wait_for(port, server, home / "server.log")
        yield Lab(port, root)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3_000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that sends requests to loopback only."""
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    foreign = [url for url in asked if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))]
    assert foreign == []
