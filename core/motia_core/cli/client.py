"""Talks to a running core over HTTP, for the commands that need one."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from motia_core.cli.failing import CommandError, NoCoreError, WrongUseError
from motia_core.project.env import project_environment
from motia_core.settings import HttpSettings
from motia_core.settings_load import load_settings

TIMEOUT_S = 30
QUIET_S = 60  # a feed says something every 15 s
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class CoreClient:
    """One core."""

    url: str
    token: str | None = None
    certificate: Path | None = None  # trusted in addition to the system's

    @classmethod
    def of(cls, url: str | None, port: int | None) -> CoreClient:
        """The core at a URL or port; without them the one of the project in the current folder."""
        project = Path.cwd()
        http = load_settings(project, project_environment(project), {"http.port": port}).http
        return cls(url.rstrip("/") if url else default_url(http), http.admin_token, None if url else http.tls_cert)

    def get(self, path: str, query: Mapping[str, object] | None = None) -> dict[str, object]:
        """Read something; parameters that are None or empty are left out."""
        params = {key: value for key, value in (query or {}).items() if value not in (None, "")}
        return self._request("GET", f"{path}?{urlencode(params)}" if params else path, None)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        """Do something."""
        return self._request("POST", path, json.dumps(body, ensure_ascii=False).encode())

    def events(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Server-sent events, each with its name and its JSON; the first, empty, says that they have begun.

        Raises:
            CommandError: No core answers, it says no, or it has gone away.
        """
        connection = self._connection()
        connection.timeout = QUIET_S
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            connection.request("GET", f"/__motia{path}", None, headers)
            response = connection.getresponse()
            if response.status != 200:
                raise CommandError(f"the core does not tell what happens (status {response.status})")
            yield "", {}
            name = ""
            while line := response.readline():
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    name = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    yield name, json.loads(text.removeprefix("data: "))
        except (OSError, HTTPException) as error:
            raise self._unreachable(f"no core answers at {self.url} any more: {error}") from error
        finally:
            connection.close()
        raise self._unreachable(f"the core at {self.url} has ended")

    def _request(self, method: str, path: str, body: bytes | None) -> dict[str, object]:
        """
        Raises:
            CommandError: No core answers, or it says no.
        """
        connection = self._connection()
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, f"/__motia{path}", body, headers)
            response = connection.getresponse()
            status, data = response.status, response.read()
        except (OSError, HTTPException) as error:
            raise self._unreachable(f"no core answers at {self.url}: {error}") from error
        finally:
            connection.close()
        try:
            content = json.loads(data)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise self._unreachable(f"what answers at {self.url} is not motia-core (status {status})")
        if status >= 400:
            remedy = "give the token in MOTIA_HTTP_ADMIN_TOKEN" if status == 401 else ""
            raise CommandError(f"{content.get('error', 'refused')} (status {status})", remedy)
        return content

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme not in ("http", "https") or not host:
            remedy = "write for example --url http://127.0.0.1:3000"
            raise WrongUseError(f"{self.url!r} is not a URL of a core", remedy)
        if parts.scheme == "http":
            return HTTPConnection(host, port, timeout=TIMEOUT_S)
        context = ssl.create_default_context()
        if self.certificate:
            # the project's own certificate: it need not be made for the loopback address
            context.load_verify_locations(os.fspath(self.certificate))
            context.check_hostname = False
        return HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)

    def _unreachable(self, message: str) -> NoCoreError:
        return NoCoreError(message, "start it with `motia-core serve`, or say where it runs with --url or --port")


def default_url(http: HttpSettings) -> str:
    """Where a core with these settings is reached from the same machine."""
    host = ANY_ADDRESS.get(http.host, http.host)
    scheme = "https" if http.tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{http.port}"
