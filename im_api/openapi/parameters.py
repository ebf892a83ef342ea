"""The parameters of a query string, as the document has them."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct

from im_api.params import Parameter, parameters_of

_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer"}


def describe_query(query: type[Struct] | None) -> list[dict[str, Any]]:
    """Return the parameters that `query` declares; none for None."""
    return [_describe(parameter) for parameter in parameters_of(query)] if query is not None else []


def _describe(parameter: Parameter) -> dict[str, Any]:
    metas = [note for note in parameter.notes if isinstance(note, Meta)]
    (description,) = (meta.description for meta in metas if meta.description is not None)
    schema = _type(parameter.type)
    for meta in metas:
        schema |= _limits(meta)
    if parameter.default not in (NODEFAULT, None):
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "description": description,
        "schema": schema,
        **({"style": "form", "explode": False} if schema["type"] == "array" else {}),
        **({"required": True} if parameter.default is NODEFAULT else {}),
    }


def _type(kind: Any) -> dict[str, Any]:
    """Several values are separated by commas."""
    if get_origin(kind) is frozenset:
        return {"type": "array", "items": _type(*get_args(kind)), "minItems": 1}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    return {"type": _TYPE_NAMES[kind]}


def _limits(meta: Meta) -> dict[str, Any]:
    said = {"minimum": meta.ge, "maximum": meta.le, "examples": meta.examples}
    return {**(meta.extra_json_schema or {}), **{word: value for word, value in said.items() if value is not None}}
