"""Doors of the feedback.

Any text of bounded length may stand in a token's place: that it is none is found out where all tokens are looked up.
"""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from feedback.public.answering import answer
from feedback.public.decoy import decoy
from feedback.public.mended import mended
from feedback.public.stopping import stop


class TokenConverter(StringConverter):
    """One segment of at most 200 characters."""

    regex = "[^/]{1,200}"


register_converter(TokenConverter, "token")

app_name = "feedback"
urlpatterns = [
    path("<token:token>/", answer, name="answer"),
    path("stop/<token:token>/", stop, name="stop"),
    # Its address says nothing of what it is for.
    path("more/<token:token>/", decoy, name="decoy"),
    path("mended/<token:token>/", mended, name="mended"),
]
