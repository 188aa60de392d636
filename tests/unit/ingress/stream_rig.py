"""An ingress with streams over fakes."""

from __future__ import annotations

from motia_core.clock import SystemClock
from motia_core.ingress.places import Places
from motia_core.ingress.streams import StreamsApp
from motia_core.ingress.subscriptions import StreamServices
from motia_core.settings import HttpSettings, StreamSettings
from tests.fakes.requests import FakeLog
from tests.fakes.stream_services import CHAT, PLAIN, FakeAccess, FakeFeed, FakeInternal, FixedStreams
from tests.unit.ingress.rig import Rig


class StreamRig(Rig):
    """A `Rig` whose streams are `chat`, which has presence, and `plain`."""

    def __init__(
        self, http: HttpSettings | None = None, settings: StreamSettings | None = None, *, has_streams: bool = True
    ) -> None:
        self.streams = FixedStreams(*([CHAT, PLAIN] if has_streams else []))
        self.feed, self.access = FakeFeed(), FakeAccess(self.streams)
        self.internal = FakeInternal(self.streams)
        http = http or HttpSettings()
        places = Places(http.max_sockets)
        self.stream_log = FakeLog()
        services = StreamServices(self.streams, self.feed, self.access, SystemClock(), self.stream_log, self.internal)
        app = StreamsApp(services, places, settings or StreamSettings(), http=http)
        super().__init__(http=http, routes=("GET /hello", "WEBSOCKET /step"), streams=app, places=places)
