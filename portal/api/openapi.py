"""What drf-spectacular cannot know of our bodies."""

from typing import Any


def close_bodies(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Say that bodies take no other fields than those named (`customers.api.fields.Strict` refuses them)."""
    for name, component in result["components"]["schemas"].items():
        if name.endswith("Request"):
            component["additionalProperties"] = False
    return result
