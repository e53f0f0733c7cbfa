"""A row that comes from elsewhere: recorded once, however often it is sent."""

from collections.abc import Callable
from typing import Any

from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer


def record_once(
    view: GenericAPIView[Any],
    request: Request,
    *,
    record: Callable[..., tuple[Any, bool]],
    shown_by: type[BaseSerializer[Any]],
) -> Response:
    """Check what was sent, record it, and show the row: 201 where it is new, 200 where it was there before.

    `record` takes the checked fields, and returns the row and whether it is new.
    """
    said = view.get_serializer(data=request.data)
    said.is_valid(raise_exception=True)
    row, is_new = record(**said.validated_data)
    shown = shown_by(row, context=view.get_serializer_context())
    return Response(shown.data, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
