"""Chromium without a screen, spoken to by the DevTools protocol over two pipes."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

NAME = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: In continuous integration the browser has to be there: a check that is left out proves nothing.
needed = pytest.mark.skipif(
    NAME is None and not os.environ.get("CI"), reason="needs chromium (apt-get install chromium)"
)


class Chromium:
    """A browser with one page.

    Args:
        folder: For its profile; removed by nobody.

    Attributes:
        complaints: What the page wrote to the console as warnings or errors, and what it threw.
    """

    def __init__(self, folder: Path) -> None:
        assert NAME is not None, "chromium is not installed: apt-get install chromium"
        ours, theirs = os.pipe(), os.pipe()
        command = [NAME, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        command += ["--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        # The browser reads commands from descriptor 3 and writes answers to 4.
        script = f'exec "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "chromium", *command],
            pass_fds=(ours[0], theirs[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for unused in (ours[0], theirs[1]):
            os.close(unused)
        self._writing, self._reading = os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb")
        self._rest, self._count, self._session = b"", 0, ""
        self.complaints: list[str] = []
        self.loaded = 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._writing.close()
        self._reading.close()

    def call(self, method: str, **arguments: Any) -> Any:
        """Send a command and wait for its answer; what happens meanwhile is taken note of."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        self._writing.write(json.dumps(message).encode() + b"\0")
        self._writing.flush()
        while (answer := self._read()).get("id") != self._count:
            self._note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def ask(self, expression: str) -> Any:
        """The value of an expression on the page, which may be a promise."""
        how = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        found = self.call("Runtime.evaluate", expression=expression, **how)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def open(self, path: Path, width: int = 1000, height: int = 900, scheme: str = "light") -> None:
        """Open a file on a screen of this size, and wait until all its figures are drawn."""
        self.resize(width, height)
        self.shade(scheme)
        self.complaints.clear()
        self.loaded = 0
        self.call("Page.navigate", url=path.absolute().as_uri())
        while not self.loaded:
            self._note(self._read())
        self.drawn()

    def resize(self, width: int, height: int = 900) -> None:
        """Give the page a screen of this size, and time to fit itself to it."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.ask("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 500))")

    def shade(self, scheme: str) -> None:
        """Make the page light or dark."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media="", features=[feature])

    def paper(self) -> None:
        """Lay the page out as it is printed."""
        self.call("Emulation.setEmulatedMedia", media="print", features=[])

    def drawn(self) -> None:
        """Wait until every figure that can be seen is drawn."""
        self.ask(
            """new Promise((resolve, reject) => {
              const start = Date.now();
              const look = () => {
                const open = [...document.querySelectorAll(".drawing:not([data-drawn])")]
                  .filter((figure) => figure.offsetParent);
                if (!open.length) resolve(true);
                else if (Date.now() - start > 60000) reject(new Error("not drawn: " + open.length));
                else setTimeout(look, 50);
              };
              look();
            })"""
        )

    def unfold(self) -> None:
        """Open all that is folded, and wait until it is drawn."""
        self.ask("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        self.drawn()

    def picture(self, path: Path) -> None:
        """Write the whole page as a PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}
        shot = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _read(self) -> Any:
        while b"\0" not in self._rest:
            more = os.read(self._reading.fileno(), 1 << 16)
            assert more, "chromium ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)

    def _note(self, event: dict[str, Any]) -> None:
        name, told = event.get("method"), event.get("params", {})
        if name == "Page.loadEventFired":
            self.loaded += 1
        elif name == "Runtime.exceptionThrown":
            self.complaints.append(str(told["exceptionDetails"]))
        elif name == "Runtime.consoleAPICalled" and told["type"] in ("warning", "error", "assert"):
            self.complaints.append(str(told["args"]))
        elif name == "Log.entryAdded" and told["entry"]["level"] in ("warning", "error"):
            self.complaints.append(str(told["entry"]["text"]))
