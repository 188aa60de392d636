"""Containers on one network, and what may happen to them. They are run by the testcontainers package."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

WAIT_S = 60


class Box:
    """One container.

    Args:
        name: Others on the network find it by this.
        volumes: Where in it, by the name of a volume or a folder of this machine.
        is_public: It is on the network of the clients as well.
        command: Instead of the image's own.
    """

    def __init__(
        self,
        fleet: Fleet,
        name: str,
        image: str,
        environment: Mapping[str, str],
        volumes: Mapping[str, str],
        is_public: bool,
        command: str,
    ) -> None:
        self.name, self._fleet = name, fleet
        self.container = f"{fleet.prefix}-{name}"  # which stays, whatever it is called later
        box = DockerContainer(image).with_name(self.container).with_envs(**environment)
        self._box = box.with_network(fleet.network).with_network_aliases(name)
        if command:
            self._box.with_command(command)
        for source, target in volumes.items():
            self._box.with_volume_mapping(source, target, "rw")
        self._box.start()
        self._raw = self._box.get_wrapped_container()
        self._reached_by = fleet.clients if is_public else fleet.network
        if is_public:
            fleet.clients.connect(self._raw.id)

    @property
    def address(self) -> str:
        """Where this machine reaches it: on the network of the clients, if it is on that."""
        self._raw.reload()
        return str(self._raw.attrs["NetworkSettings"]["Networks"][self._reached_by.name]["IPAddress"])

    @property
    def url(self) -> str:
        """Where it serves HTTP, if it is a core."""
        return f"http://{self.address}:3000"

    @property
    def log(self) -> str:
        """What it has printed."""
        return str(self._raw.logs().decode("utf-8", "replace"))

    @property
    def status(self) -> str:
        """`running`, `paused`, `exited`."""
        self._raw.reload()
        return str(self._raw.status)

    def run(self, *command: str) -> tuple[int, str]:
        """Run something in it: its exit code and what it printed."""
        done = self._raw.exec_run(list(command))
        return int(done.exit_code), str(done.output.decode("utf-8", "replace"))

    def pause(self) -> None:
        """Freeze its processes."""
        self._raw.pause()

    def unpause(self) -> None:
        """Let them go on."""
        self._raw.unpause()

    def cut(self) -> None:
        """Take it off the network; clients reach it all the same."""
        self._fleet.raw_network.disconnect(self._raw, force=True)

    def mend(self) -> None:
        """Put it back."""
        self._fleet.raw_network.connect(self._raw, aliases=[self.name])

    def kill(self) -> None:
        """End it at once, and remove it."""
        self._raw.remove(force=True, v=False)
        self._fleet.forget(self)

    def stop(self, within_s: int = 40) -> int:
        """Tell it to stop (SIGTERM); its exit code. It stays, for its log."""
        self._raw.stop(timeout=within_s)
        return int(self._raw.wait()["StatusCode"])

    def says(self, text: str, within_s: float = WAIT_S) -> None:
        """Wait until it has printed a text."""
        wait_until(lambda: text in self.log, f"{self.name} says {text!r}", within_s, lambda: self.log)


class Fleet:
    """What runs for a test."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.network, self.clients = Network(), Network()
        self.network.create()
        self.clients.create()
        self.boxes: list[Box] = []

    @property
    def raw_network(self) -> Any:
        return self.network._network  # testcontainers has no other way to disconnect

    def start(
        self,
        name: str,
        image: str,
        environment: Mapping[str, str],
        volumes: Mapping[str, str] | None = None,
        *,
        is_public: bool = False,
        command: str = "",
    ) -> Box:
        """Start a container.

        Args:
            volumes: Where in it, by the name of a volume or a folder of this machine.
            is_public: It is on the network of the clients as well, who reach it also when it is cut off.
            command: Instead of the image's own.
        """
        box = Box(self, name, image, environment, volumes or {}, is_public, command)
        self.boxes.append(box)
        return box

    def box(self, name: str) -> Box:
        """What was started by that name."""
        return next(box for box in self.boxes if box.name == name)

    def forget(self, box: Box) -> None:
        """It is not there any more."""
        self.boxes.remove(box)

    def close(self) -> None:
        """Remove everything."""
        for box in list(self.boxes):
            box.kill()
        self.network.remove()
        self.clients.remove()


def wait_until(
    is_so: Callable[[], bool], what: str, within_s: float = WAIT_S, more: Callable[[], str] = lambda: ""
) -> float:
    """Wait for something; the seconds that it took.

    Raises:
        AssertionError: It did not come in time.
    """
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < within_s, f"not within {within_s} s: {what}\n{more()[-5000:]}"
        time.sleep(0.1)
    return time.monotonic() - began_s
