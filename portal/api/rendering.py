"""Writes answers."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class _Ascii(JSONRenderer):
    ensure_ascii = True


class Json(JSONRenderer):
    r"""JSON in UTF-8. A refusal may repeat half a character (`\ud800`) out of the body; then it is JSON in ASCII."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return _Ascii().render(data, accepted_media_type, renderer_context)
