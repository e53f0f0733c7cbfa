"""Doors of the feedback.

Any text of bounded length may stand in a token's place: that it is none is found out where all tokens are looked up.
"""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from feedback import public


class TokenConverter(StringConverter):
    """One segment of at most 200 characters."""

    regex = "[^/]{1,200}"


register_converter(TokenConverter, "token")

app_name = "feedback"
urlpatterns = [
    path("<token:token>/", public.answer, name="answer"),
    path("stop/<token:token>/", public.stop, name="stop"),
]
