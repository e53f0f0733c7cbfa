"""Doors of calls by video: the customer's, and the host's."""

from django.urls import path

# It registers the converter of tokens.
import feedback.urls  # noqa: F401
from portal.video.host import join
from portal.video.public import video

urlpatterns = [
    path("video/<token:token>/", video, name="video"),
    path("customers/<uuid:public_id>/rooms/<int:pk>/join/", join, name="room_join"),
]
