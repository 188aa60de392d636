"""The api steps of a project as an OpenAPI 3.1 document."""

from __future__ import annotations

from collections.abc import Iterable

from motia_core.model.description.answers import PROBLEM, PROBLEM_SCHEMA, request_body, responses, shared_responses
from motia_core.model.description.components import Components
from motia_core.model.description.dialect import Schema
from motia_core.model.description.info import Info
from motia_core.model.description.naming import operation_names
from motia_core.model.description.parameters import (
    header_parameters,
    members,
    path_parameters,
    query_parameters,
    wants_authorization,
)
from motia_core.model.description.paths import PathParam, PathTemplate, path_templates
from motia_core.model.project import Project
from motia_core.model.schema_refs import type_name, unique_name
from motia_core.model.step import Step, StepType

VERSION = "3.1.0"
AUTHORIZATION = "authorization"  # the security scheme of steps that speak of this header


def openapi(project: Project, info: Info, servers: Iterable[str] = ("/",)) -> Schema:
    """The document, as JSON-able values.

    Args:
        project: Whose api steps are described; those that get OPTIONS are not, as the core answers it.
        info: What the document says about itself.
        servers: URLs at which the project is served.
    """
    steps = [step for step in project.steps if step.type is StepType.API and step.method != "OPTIONS"]
    described = _Operations(steps)
    schemas = described.components.finish()
    document: Schema = {
        "openapi": VERSION,
        "info": info.describe(),
        "servers": [{"url": url} for url in servers],
        "tags": [{"name": flow} for flow in dict.fromkeys(flow for step in steps for flow in step.flows)],
        "paths": described.paths,
        "components": {"schemas": schemas, "responses": shared_responses()},
    }
    if described.has_authorization:
        scheme = {"type": "apiKey", "in": "header", "name": "Authorization"}
        document["components"] = {
            "schemas": schemas,
            "responses": shared_responses(),
            "securitySchemes": {AUTHORIZATION: scheme},
        }
    return document


class _Operations:
    """Collects the operations of steps."""

    def __init__(self, steps: list[Step]) -> None:
        self.components = Components({PROBLEM: PROBLEM_SCHEMA})
        self.paths: dict[str, Schema] = {}
        self.has_authorization = False
        self._templates: dict[str, PathTemplate] = {}  # by shape: the one that names its parameters
        self._names = operation_names(steps)
        self._ids = set(self._names.values())
        for step in steps:
            self._add(step)

    def _add(self, step: Step) -> None:
        templates = path_templates(step.route)
        first = self._names[step.id]
        for template in templates:
            known = self._templates.setdefault(template.shape, template)
            methods = self.paths.setdefault(known.text, {})
            method = step.method.lower()
            if method in methods:
                _also(methods[method], step)
                continue
            operation_id = first
            if template is not templates[-1]:
                operation_id = unique_name(_without(first, templates[-1], template), self._ids)
                self._ids.add(operation_id)
            methods[method] = self._operation(step, operation_id, _renamed(template, known), template)

    def _operation(self, step: Step, operation_id: str, shown: tuple[PathParam, ...], template: PathTemplate) -> Schema:
        components, name = self.components, type_name(self._names[step.id], "Step")
        query = members(components, step, "querySchema", f"{name}Query")
        headers = members(components, step, "headersSchema", f"{name}Headers")
        path = members(components, step, "pathSchema", f"{name}Path")
        parameters = path_parameters(components, template.params, path)
        for parameter, param in zip(parameters, shown, strict=True):
            parameter["name"] = param.name
        parameters += query_parameters(components, step, query)
        parameters += header_parameters(components, headers)
        operation: Schema = {"operationId": operation_id, "summary": step.name}
        if step.description:
            operation["description"] = step.description
        if step.flows:
            operation["tags"] = list(step.flows)
        if parameters:
            operation["parameters"] = parameters
        if body := request_body(components, step, name):
            operation["requestBody"] = body
        operation["responses"] = responses(components, step, name, has_params=bool(template.params))
        if wants_authorization(headers):
            self.has_authorization = True
            operation["security"] = [{AUTHORIZATION: []}]
            if headers is not None and not any(one.lower() == "authorization" for one in headers.required):
                operation["security"] = [{}, {AUTHORIZATION: []}]
        return operation


def _renamed(template: PathTemplate, known: PathTemplate) -> tuple[PathParam, ...]:
    """A template's parameters under the names of the one that stands for both in the document."""
    return known.params if known.text != template.text else template.params


def _without(name: str, whole: PathTemplate, part: PathTemplate) -> str:
    """The id of an operation whose path lacks some of the optional parameters."""
    there = {param.name for param in part.params}
    missing = [type_name(param.name, "Rest") for param in whole.params if param.name not in there]
    return f"{name}Without{'And'.join(missing)}" if missing else f"{name}Also"


def _also(operation: object, step: Step) -> None:
    """Another step serves the same path where the first one's pattern does not match."""
    if isinstance(operation, dict):
        note = f"Where its pattern does not match, `{step.method} {step.route}` ({step.name}) may serve."
        given = operation.get("description")
        operation["description"] = f"{given}\n\n{note}" if given else note
