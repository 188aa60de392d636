"""What docs/guides/remote-sidecars.md shows, run as it is written but for hosts and ports."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
from pathlib import Path

import httpx

from tests.integration.remote.conftest import NODE, PYTHON, Site
from tests.integration.remote.elsewhere import BIN, Running
from tests.repo.repository import ROOT, blocks

GUIDE = [block for block in blocks(ROOT / "docs" / "guides" / "remote-sidecars.md") if block.language in ("sh", "toml")]


def block(beginning: str) -> str:
    (found,) = (block.text for block in GUIDE if block.text.startswith(beginning))
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run(site: Site, line: str, port: int, folder: Path, env: dict[str, str]) -> Running:
    """A command of motia-core, in the background."""
    host = re.sub(r"[\w.]+:7777", f"localhost:{port}", line)
    started: Running = site.remember(Running((str(BIN / "motia-core"), *shlex.split(host)[1:]), folder, env))
    return started


def shell(text: str, folder: Path) -> None:
    """Commands of a block that end by themselves."""
    for line in text.splitlines():
        if not line.startswith("motia-core"):
            subprocess.run(["bash", "-ec", line], cwd=folder, check=True, capture_output=True)


def test_core_and_sidecars_of_the_first_page(site: Site) -> None:
    site.write(api_step_py=PYTHON, **{"api.step_js": NODE})
    token, start = block("export MOTIA_SIDECARS_TOKEN").splitlines()
    made = subprocess.run(["bash", "-ec", f"{token}\necho -n $MOTIA_SIDECARS_TOKEN"], check=True, capture_output=True)
    own = {"MOTIA_SIDECARS_TOKEN": made.stdout.decode(), "MOTIA_HTTP_PORT": "0", "PATH": os.environ["PATH"]}
    port = free_port()
    core = run(site, start, port, site.project, own)
    core.said("answers 503")
    shared, *sidecars = block("export MOTIA_SIDECAR_TOKEN").splitlines()
    assert shared == "export MOTIA_SIDECAR_TOKEN=$MOTIA_SIDECARS_TOKEN"
    for line in sidecars:
        run(site, line, port, site.project, {"MOTIA_SIDECAR_TOKEN": own["MOTIA_SIDECARS_TOKEN"]})
    url = re.findall(r'"urls":\["(.*?)"\]', core.said('"event":"ready"'))[0]
    assert [httpx.get(url + path).status_code for path in ("/py", "/js")] == [200, 200]


def test_certificates_of_the_guide_are_trusted(site: Site) -> None:
    site.write(**{"api.step_js": NODE})
    shell(block("openssl req -x509"), site.project)
    mutual = block("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=sidecar")
    shell(mutual, site.project)
    port = free_port()
    (site.folder / "token").write_text("a token that nobody guesses\n")
    settings = block("# motia.toml").replace("/run/secrets/sidecar-token", str(site.folder / "token"))
    settings = settings.replace(":7777", f":{port}") + 'tls_client_ca = "ca.pem"\n'
    (site.project / "motia.toml").write_text(settings)
    core = run(site, "motia-core serve --port 0", port, site.project, {})
    core.said("answers 503")
    env = {"MOTIA_SIDECAR_TOKEN": "a token that nobody guesses"}
    alone = run(site, block("motia-core sidecar node --core core.example.com").strip(), port, site.project, env)
    assert alone.ended() != 0
    alone.said("the core wants to see a certificate")
    run(site, mutual.splitlines()[-1], port, site.project, env)
    core.said('"event":"ready"')
