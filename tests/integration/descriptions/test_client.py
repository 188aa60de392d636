"""The generated client: the strictest TypeScript compiles it, and it talks to a core."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conformance.core import COMMAND, RunningCore
from tests.fakes.tsc import TSC, compile_errors
from tests.integration.descriptions.conftest import LIBRARY

USE = (Path(__file__).parent / "use-client.ts").read_text()
STRICTEST = {
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noPropertyAccessFromIndexSignature": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "erasableSyntaxOnly": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
}
SAID = """\
added Emma true
again there is one already
refused body required
thrown 400
listed Emma 1
wrong 400
got Emma
missing there is no such book
removed 204
blurb en: a book for everybody | de: a book for you
french 404
cover true 4
lent loan-1234
loans 1234 null
aborted AbortError
"""


def test_the_client_compiles_and_calls_the_core(library: RunningCore, tmp_path: Path) -> None:
    target = tmp_path / "motia-client.ts"
    done = subprocess.run(
        [COMMAND, "generate", "client", LIBRARY, "-o", target], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    sources = {"motia-client.ts": target.read_text(), "use-client.ts": USE, "package.json": '{"type": "module"}'}
    assert compile_errors(tmp_path, sources, **STRICTEST) == []
    build = [TSC, "-p", tmp_path, "--noEmit", "false", "--outDir", tmp_path / "out"]
    assert subprocess.run(build, capture_output=True, text=True, timeout=50, check=False).returncode == 0
    ran = subprocess.run(
        ["node", tmp_path / "out" / "use-client.js", library.url],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == (SAID, "")
