"""Who may not attach, and how both sides say why."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

import grpc.aio
import pytest

from motia._gen.motia.v1 import failure_pb2, lifecycle_pb2, sidecar_pb2
from motia.transport import SESSION
from tests.integration.remote.certificates import Authority
from tests.integration.remote.conftest import NODE, PYTHON, RUBY, Site
from tests.integration.remote.elsewhere import TOKEN, Core, Sidecar

STEPS = {"python": {"api_step_py": PYTHON}, "node": {"api.step_js": NODE}, "ruby": {"api.step_rb": RUBY}}
NOT_SIGNED = "the certificate of this core (sidecars.tls_cert) is not signed by an authority that it trusts"
HAS_EXPIRED = "the certificate of this core (sidecars.tls_cert) has expired, it says"
both = pytest.mark.parametrize("language", ["python", "node", "ruby"])


def refused(core: Core, sidecar: Sidecar, why: str) -> None:
    """Both say why, and the sidecar ends."""
    assert sidecar.ended() > 0
    assert why in sidecar.said(why)
    assert json.loads(core.said(why))["level"] == "error"


@both
def test_a_wrong_token(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    sidecar = site.sidecar(language, core, MOTIA_SIDECAR_TOKEN="another")
    refused(core, sidecar, "the token is not the one of this core")
    assert TOKEN not in "".join(core.lines) and "another" not in "".join(core.lines)


def test_a_token_from_a_file_can_be_changed(site: Site) -> None:
    site.write(**STEPS["python"])
    file = site.folder / "token"
    file.write_text("the-first-token-of-all\n")
    core = site.core(MOTIA_SIDECARS_TOKEN="", MOTIA_SIDECARS_TOKEN_FILE=str(file))
    refused(core, site.sidecar("python", core), "the token is not the one of this core")
    file.write_text(TOKEN)
    site.sidecar("python", core)
    core.ready()


@both
def test_another_language(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    sidecar = site.sidecar(language, core, MOTIA_SIDECAR_LANGUAGE="go")
    refused(core, sidecar, f"the project has no go files; sidecars are wanted for {language}")


@both
def test_other_files(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    site.sidecar(language, core)
    core.ready()
    newer = site.folder / "newer"
    shutil.copytree(site.project, newer)
    (file,) = (newer / "steps").glob("api*")
    file.write_text(file.read_text() + "\n\n")
    refused(core, site.sidecar(language, core, newer), "deploy the same version of the project to both")
    file.unlink()
    refused(core, site.sidecar(language, core, newer), f"steps/{file.name} is not there")


@both
def test_a_core_with_other_files_than_were_loaded(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    sidecar = site.sidecar(language, core)
    core.ready()
    assert core.stop() == 0
    (file,) = (site.project / "steps").glob("api*")
    file.write_text(file.read_text() + "\n\n")
    again = site.core(MOTIA_SIDECARS_LISTEN=core.address)
    refused(again, sidecar, "this process has loaded")
    site.sidecar(language, again)
    again.ready()


def test_files_that_define_something_else_elsewhere(site: Site) -> None:
    named = PYTHON.replace('"name": "py"', '"name": os.environ["NAME"]').replace("config =", "import os\nconfig =")
    site.write(api_step_py=named)
    core = site.core()
    site.sidecar("python", core, NAME="one")
    core.ready()
    refused(core, site.sidecar("python", core, NAME="two"), "the config of steps/api_step.py differs")
    why = "steps/api_step.py is missing"
    refused(core, site.sidecar("python", core), why)


def test_an_sdk_of_the_revision_before(site: Site) -> None:
    site.write(**STEPS["python"])
    core = site.core()
    hello = lifecycle_pb2.Hello(
        token=TOKEN, revisions=[1], sdk_name="motia-python", sdk_version="0.1", language="python"
    )
    error = asyncio.run(answer_to(core.address, hello)).protocol_error
    assert error.code == failure_pb2.PROTOCOL_ERROR_CODE_REVISION
    assert error.message == (
        "motia-python 0.1 speaks protocol revision 1; sidecars that are not launched by the core need 2: upgrade the "
        "SDK"
    )
    core.said(error.message)


async def answer_to(address: str, hello: lifecycle_pb2.Hello) -> sidecar_pb2.CoreFrame:
    async with grpc.aio.insecure_channel(address) as channel:
        stream = channel.stream_stream(SESSION)()
        request = sidecar_pb2.SessionRequest(frames=[sidecar_pb2.SidecarFrame(hello=hello)])
        await stream.write(request.SerializeToString())
        return sidecar_pb2.SessionResponse.FromString(await stream.read()).frames[0]


def test_an_app_hook_needs_a_sidecar_of_the_core(site: Site) -> None:
    site.write(**STEPS["node"])
    (site.project / "motia.config.ts").write_text("export default { app: (app) => app.use((_, res) => res.end()) }\n")
    core = site.core()
    site.sidecar("node", core)
    core.ready()
    (found,) = (json.loads(line) for line in core.lines if '"event":"found"' in line)
    (problem,) = found["problems"]
    assert problem["file"] == "motia.config.ts" and "let the core launch the node sidecars" in problem["cause"]


class Trusted:
    """Certificates of an authority that the core trusts, and of one that it does not."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.others = Authority(folder, "ours"), Authority(folder, "others")
        self.of_core = self.ours.sign("core")
        self.of_sidecar = self.ours.sign("sidecar")

    def core(self, certificate: tuple[Path, Path] | None = None, *, mutual: bool = False) -> dict[str, str]:
        """Settings of a core."""
        shown, key = map(str, certificate or self.of_core)
        settings = {"MOTIA_SIDECARS_TLS_CERT": shown, "MOTIA_SIDECARS_TLS_KEY": key}
        return settings | ({"MOTIA_SIDECARS_TLS_CLIENT_CA": str(self.ours.certificate)} if mutual else {})

    def sidecar(self, certificate: tuple[Path, Path] | None = None) -> dict[str, str]:
        """Variables of a sidecar."""
        trusts = {"MOTIA_SIDECAR_CA": str(self.ours.certificate)}
        if certificate is None:
            return trusts
        return trusts | {"MOTIA_SIDECAR_CERT": str(certificate[0]), "MOTIA_SIDECAR_KEY": str(certificate[1])}


@pytest.fixture
def trusted(tmp_path: Path) -> Trusted:
    return Trusted(tmp_path)


def its_reason(language: str, reason: str) -> str:
    """What the core can say of a sidecar that does not trust it: Node ends the connection without a word."""
    return "it ended the connection when it had seen the certificate of this core" if language == "node" else reason


def not_trusted(core: Core, sidecar: Sidecar, why: str, core_why: str) -> None:
    """The sidecar says why and ends, and the core says who was refused and why."""
    assert sidecar.ended() > 0
    assert why in sidecar.said(why)
    line = json.loads(core.said(core_why))
    assert line["level"] == "error"
    assert re.search(r"^a sidecar at 127\.0\.0\.1:\d+ was refused: ", line["message"])


@both
def test_tls_with_certificates_of_both(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core(mutual=True))
    sidecar = site.sidecar(language, core, **trusted.sidecar(trusted.of_sidecar))
    core.ready()
    assert core.stop() == 0
    again = site.core(MOTIA_SIDECARS_LISTEN=core.address, **trusted.core(mutual=True))
    again.ready()
    assert sidecar.process.poll() is None


@both
def test_a_core_that_somebody_else_has_signed(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core(trusted.others.sign("stranger")))
    sidecar = site.sidecar(language, core, **trusted.sidecar())
    not_trusted(core, sidecar, "the certificate of the core is not trusted", its_reason(language, NOT_SIGNED))


@both
def test_a_core_whose_certificate_has_expired(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core(trusted.ours.sign("old", days=-1)))
    sidecar = site.sidecar(language, core, **trusted.sidecar())
    not_trusted(core, sidecar, "the certificate of the core has expired", its_reason(language, HAS_EXPIRED))


@both
def test_a_core_with_another_name(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core())
    named = {"MOTIA_SIDECAR_SERVER_NAME": "elsewhere"}
    sidecar = site.sidecar(language, core, **trusted.sidecar(), **named)
    not_trusted(core, sidecar, "is not for elsewhere", "which is not for elsewhere (MOTIA_SIDECAR_SERVER_NAME)")
    site.sidecar(language, core, **trusted.sidecar(), MOTIA_SIDECAR_SERVER_NAME="core")
    core.ready()


@both
def test_a_sidecar_without_a_certificate(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core(mutual=True))
    sidecar = site.sidecar(language, core, **trusted.sidecar())
    not_trusted(core, sidecar, "the core wants to see a certificate", "it shows no certificate")


@both
@pytest.mark.parametrize("what", ["of somebody else", "expired"])
def test_a_sidecar_whose_certificate_is_no_good(site: Site, trusted: Trusted, language: str, what: str) -> None:
    site.write(**STEPS[language])
    shown = trusted.others.sign("stranger") if what == "of somebody else" else trusted.ours.sign("old", days=-1)
    core = site.core(**trusted.core(mutual=True))
    sidecar = site.sidecar(language, core, **trusted.sidecar(shown))
    found = "is not signed by sidecars.tls_client_ca" if what == "of somebody else" else "has expired"
    its = f"its certificate (MOTIA_SIDECAR_CERT) {found}"
    not_trusted(core, sidecar, "the core does not accept the certificate of this sidecar", its)


@pytest.mark.parametrize("language", ["python", "node"])
def test_files_that_cannot_be_used_end_it_before_it_dials(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    mixed = trusted.of_sidecar[0], trusted.of_core[1]
    sidecar = site.sidecar(language, "127.0.0.1:1", **trusted.sidecar(mixed))
    assert sidecar.ended() == 2
    sidecar.said("MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY do not fit each other")
    assert len(sidecar.lines) == 1


@both
def test_a_core_without_tls(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    sidecar = site.sidecar(language, core, **trusted.sidecar())
    assert sidecar.ended() > 0
    sidecar.said("the core does not speak TLS at")


@both
def test_a_sidecar_without_tls_is_told_that_there_may_be_some(site: Site, trusted: Trusted, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(**trusted.core())
    site.sidecar(language, core).said("if it has sidecars.tls_cert, set MOTIA_SIDECAR_CA")
    core.said("it does not speak TLS: sidecars of this core need MOTIA_SIDECAR_CA")


def test_a_certificate_that_is_replaced_is_shown_from_then_on(site: Site, trusted: Trusted) -> None:
    site.write(**STEPS["python"])
    shown, key = trusted.ours.sign("old", days=-1)
    core = site.core(**trusted.core((shown, key)))
    sidecar = site.sidecar("python", core, **trusted.sidecar())
    not_trusted(core, sidecar, "the certificate of the core has expired", HAS_EXPIRED)
    key.write_bytes(trusted.of_core[1].read_bytes())
    shown.write_bytes(trusted.of_core[0].read_bytes())
    site.sidecar("python", core, **trusted.sidecar())
    core.ready()
