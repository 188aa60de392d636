"""Compares answers of the management API with its own description."""

from __future__ import annotations

import copy
import re
from typing import Any

import httpx
import jsonschema_rs

FREE = {"Log"}  # has the members that a user gave it


class Described:
    """A description; its shapes are taken as closed, so that nothing is answered that they do not name."""

    def __init__(self, document: Any) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self.seen: set[tuple[str, str]] = set()  # operations whose good answers were compared
        self._components = copy.deepcopy(document["components"])
        for name, schema in self._components["schemas"].items():
            if "properties" in schema and name not in FREE:
                schema.setdefault("additionalProperties", False)

    def operation(self, method: str, path: str) -> tuple[str, Any]:
        """The most particular template that a path is of, and its operation."""
        for template in sorted(self.paths, key=lambda one: -len(re.sub(r"{\w+}", "", one))):
            pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in self.paths[template]:
                return template, self.paths[template][method.lower()]
        raise AssertionError(f"{method} {path} is not described")

    def check(self, response: httpx.Response) -> Any:
        """Its JSON, which is as described; or its text."""
        request = response.request
        template, operation = self.operation(request.method, request.url.path)
        where = f"{request.method} {template} {response.status_code}"
        described = operation["responses"].get(str(response.status_code))
        assert described is not None, f"{where} is not described: {response.text[:300]}"
        if response.is_success:
            self.seen.add((request.method.lower(), template))
        kind = response.headers.get("content-type", "").partition(";")[0]
        content = described.get("content", {})
        assert kind in content or "*/*" in content or (not content and not response.content), f"{where}: {kind}"
        if kind != "application/json":
            return response.text
        schema = {**content.get(kind, {"schema": {}})["schema"], "components": self._components}
        found = response.json()
        errors = [f"{list(error.instance_path)}: {error.message}" for error in _validator(schema).iter_errors(found)]
        assert not errors, f"{where}: {errors[:5]}"
        return found


def _validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema)
