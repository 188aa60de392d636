"""What is in containers/: what validators accept, and what must be the same everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import kubernetes_validate
import pytest
import yaml

from motia_core.project.container_files import container_files
from tests.repo.repository import ROOT, blocks, table

FOLDER = ROOT / "containers"
CONTAINERFILES = sorted(FOLDER.glob("*.Containerfile"))
MANIFESTS = sorted((FOLDER / "kubernetes").glob("*.yaml"))
OLDEST, NEWEST = "1.29", None  # of Kubernetes; None: the newest whose schemas there are
GRACE_S = 30  # drain_grace_ms


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_valid(path: Path, version: str | None) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, version or kubernetes_validate.latest_version(), strict=True)


def test_compose_file_is_valid() -> None:
    schema = json.loads((ROOT / "tests/vendor/compose-spec/compose-spec.json").read_text())
    (compose,) = documents(FOLDER / "compose.yaml")
    errors = [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(compose)]
    assert errors == []


def pods(path: Path) -> list[dict[str, Any]]:
    found = [one["spec"]["template"]["spec"] for one in documents(path) if "template" in one.get("spec", {})]
    assert found
    return found


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_pods_have_time_to_drain_and_no_rights(path: Path) -> None:
    for pod in pods(path):
        assert pod["terminationGracePeriodSeconds"] > GRACE_S + 5
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["enableServiceLinks"] is False
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_what_manifests_refer_to_is_there(path: Path) -> None:
    secrets = {one["metadata"]["name"]: one["stringData"] for one in documents(path) if one["kind"] == "Secret"}
    for pod in pods(path):
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert mounted <= {volume["name"] for volume in pod["volumes"]} | {"data"}
            for variable in container["env"]:
                if (reference := variable.get("valueFrom", {}).get("secretKeyRef")) is not None:
                    assert reference["key"] in secrets[reference["name"]]


@pytest.mark.parametrize("path", CONTAINERFILES, ids=lambda path: path.name)
def test_images_run_as_nobody_in_particular_and_say_how_they_are(path: Path) -> None:
    last = path.read_text().rpartition("\nFROM ")[2]
    assert "\nUSER 10001\n" in last
    assert "\nSTOPSIGNAL SIGTERM\n" in last
    assert "\nHEALTHCHECK " in last
    assert re.search(r'^ENTRYPOINT \["', last, re.MULTILINE), "a shell before it would keep signals for itself"
    assert path.read_text().lstrip("#").count("\nARG BASE=") == 1


def test_dockerfile_of_projects_is_the_one_in_the_guide_and_in_containers() -> None:
    ours = container_files()["Dockerfile"]
    assert (FOLDER / "all-in-one.Containerfile").read_text() == ours
    guide = ROOT / "docs" / "guides" / "migrating-from-motia.md"
    assert [block.text for block in blocks(guide) if block.language == "dockerfile"] == [ours]


def test_guide_names_every_file_of_a_deployment() -> None:
    guide = (ROOT / "docs" / "guides" / "containers.md").read_text()
    written = {name.removeprefix("containers/") for name in container_files(apart=True) if "/" in name}
    assert written and all(f"`{name}`" in guide for name in written)


def test_nothing_was_lost_in_the_log_of_faults() -> None:
    rows = table(ROOT / "docs" / "fault-log.md", "Log of faults")
    assert {(row[0].split()[0], row[4]) for row in rows} == {
        (fault, "0") for fault in ("killed,", "frozen", "off", "replaced")
    }
