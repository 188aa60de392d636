"""What model/typescript.py writes, read by the TypeScript compiler."""

from __future__ import annotations

from pathlib import Path

from motia_core.model.typescript import TypeScriptTypes
from tests.fakes.tsc import compile_errors
from tests.unit.model.test_typescript import CASES

LEFT, RIGHT, TEXT = {"$ref": "#/$defs/Left"}, {"$ref": "#/$defs/Right"}, {"type": "string"}
ENDLESS = [
    {"$ref": "#"},
    {**LEFT, "$defs": {"Left": LEFT}},
    {**LEFT, "$defs": {"Left": RIGHT, "Right": {"anyOf": [LEFT, TEXT]}}},
    {**LEFT, "$defs": {"Left": {"anyOf": [{"properties": {"r": RIGHT}}, RIGHT]}, "Right": {"anyOf": [LEFT, TEXT]}}},
    {**LEFT, "$defs": {"Left": {"allOf": [{"properties": {"r": RIGHT}}, RIGHT]}, "Right": {"allOf": [TEXT, LEFT]}}},
]
JSON = {"$ref": "#/$defs/Json"}
RECURSIVE = [
    {**JSON, "$defs": {"Json": {"anyOf": [TEXT, {"type": "array", "items": JSON}]}}},
    {**JSON, "$defs": {"Json": {"anyOf": [TEXT, {"type": "object", "additionalProperties": JSON}]}}},
    {**JSON, "$defs": {"Json": {"properties": {"a": TEXT}, "additionalProperties": JSON}}},
    {**JSON, "$defs": {"Json": {"type": "array", "prefixItems": [TEXT, JSON], "items": JSON}}},
    {**LEFT, "$defs": {"Left": {"properties": {"right": RIGHT}}, "Right": {"additionalProperties": LEFT}}},
]


def test_every_type_compiles(tmp_path: Path) -> None:
    types = TypeScriptTypes()
    schemas = [*(schema for schema, _ in CASES), *ENDLESS, *RECURSIVE]
    asked = [types.type_of(schema, name=f"Case{at}") for at, schema in enumerate(schemas)]
    written = [f"export type {name} = {text}" for name, text in types.declarations.items()]
    written += [f"export type Asked{at} = {text}" for at, text in enumerate(asked)]
    assert compile_errors(tmp_path, {"types.ts": "\n".join(written)}) == []


def test_types_take_and_refuse_what_their_schemas_do(tmp_path: Path) -> None:
    types = TypeScriptTypes()
    order = {
        "type": "object",
        "properties": {
            "id": TEXT,
            "state": {"enum": ["new", "paid"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        },
        "required": ["id"],
        "$defs": {"Line": {"properties": {"sku": TEXT, "parts": {"type": "array", "items": {"$ref": "#/$defs/Line"}}}}},
    }
    open_object = {"properties": {"id": TEXT}, "additionalProperties": True}
    text = f"""
        type Order = {types.type_of(order)}
        type Open = {types.type_of(open_object)}
        {"".join(f"type {name} = {declared};" for name, declared in types.declarations.items())}
        interface Wide {{ id: string; more: number }}
        declare const wide: Wide
        export const taken: Order[] = [{{ id: 'a', state: 'paid', lines: [{{ parts: [{{ sku: 's' }}] }}] }}]
        export const open: Open[] = [wide, {{ id: 'a', whatever: [1] }}]
        // @ts-expect-error
        export const missing: Order = {{}}
        // @ts-expect-error
        export const wrong: Order = {{ id: 1 }}
        // @ts-expect-error
        export const unknownState: Order = {{ id: 'a', state: 'lost' }}
        // @ts-expect-error
        export const unknownKey: Order = {{ id: 'a', idd: 'b' }}
        // @ts-expect-error
        export const deep: Order = {{ id: 'a', lines: [{{ parts: [{{ sku: 1 }}] }}] }}
        """
    assert compile_errors(tmp_path, {"types.ts": text}) == []
