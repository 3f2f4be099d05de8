"""`GET /v1/openapi.json`: the API's description (OpenAPI 3.1), for whoever has a key."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.routing import BaseRoute

from activities.access.roles import Caller
from starter.http.api.access import Guard
from starter.http.problems import ProblemDetails
from workflows.procedure.events import EVENTS
from workflows.procedure.intake import Complaint

VERSION = "1.0.0"
_REFS = "#/components/schemas/{model}"


def description_routes(guard: Guard, routes: Sequence[BaseRoute]) -> APIRouter:
    """Give the route that describes `routes`."""
    router = APIRouter()

    @cache
    def described() -> dict[str, Any]:
        return describe(routes)

    @router.get("/v1/openapi.json", include_in_schema=False)
    async def description(_: Annotated[Caller, Depends(guard.needs(None))]) -> JSONResponse:
        """Answer with the description."""
        return JSONResponse(described())

    return router


def describe(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Describe `routes`, with what is read by hand: complaints, events, refusals."""
    found = get_openapi(
        title="complaints",
        version=VERSION,
        summary="Insurance complaints handled to the day.",
        routes=routes,
        separate_input_output_schemas=False,
    )
    schemas: dict[str, Any] = found["components"]["schemas"]
    _add(schemas, "ProblemDetails", ProblemDetails)
    _add(schemas, "Complaint", Complaint)
    for kind, event in EVENTS.items():
        schema = _add(schemas, event.__name__, event)
        schema["properties"] = {"type": {"const": kind}, **schema["properties"]}
        schema["required"] = ["type", *schema.get("required", [])]
    refs = {kind: _REFS.format(model=event.__name__) for kind, event in EVENTS.items()}
    schemas["AnyEvent"] = {
        "description": "One event. Give its `id` here or as `Idempotency-Key`.",
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }
    return found


def _add(schemas: dict[str, Any], name: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REFS)
    for inner, said in schema.pop("$defs", {}).items():
        schemas.setdefault(inner, said)
    schemas[name] = schema
    return schema
