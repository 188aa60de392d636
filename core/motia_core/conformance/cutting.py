"""Stands between a sidecar and its core and cuts their connection again and again; runs by itself, as a program.

    python cutting.py PROGRAM [ARGUMENT…]

PROGRAM is the sidecar. It is given another address to dial; what it says is passed on to the core.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ADDRESS = "MOTIA_SIDECAR_ADDRESS"
FIRST_S = 2.0  # before the first cut
EVERY_S = 1.0
UNIX = "unix://"


def main() -> int:
    """Run the sidecar; the exit code is its own."""
    upstream = os.environ[ADDRESS]
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:
        path = Path(folder) / "cut.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        cutter = _Cutter(upstream)
        threading.Thread(target=cutter.serve, args=(listener,), daemon=True).start()
        threading.Thread(target=cutter.cut_again_and_again, daemon=True).start()
        sidecar = subprocess.Popen(sys.argv[1:], env={**os.environ, ADDRESS: f"{UNIX}{path}"})
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda given, _frame: sidecar.send_signal(given))
        code = sidecar.wait()
        return code if code >= 0 else 128 - code


class _Cutter:
    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        while True:
            near, _ = listener.accept()
            try:
                far = self._dial()
            except OSError:
                near.close()
                continue
            with self._lock:
                self._sockets += [near, far]
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()
            threading.Thread(target=_pump, args=(far, near), daemon=True).start()

    def _dial(self) -> socket.socket:
        if self._upstream.startswith(UNIX):
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._upstream.removeprefix(UNIX))
            return far
        host, _, port = self._upstream.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)))

    def cut_again_and_again(self) -> None:
        time.sleep(FIRST_S)
        while True:
            with self._lock:
                sockets, self._sockets = self._sockets, []
            for each in sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            if sockets:
                print("connection cut", flush=True)
            time.sleep(EVERY_S)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    sys.exit(main())
