"""Every door of the house."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # First, for they are looked through in turn: here customers wait.
    path("feedback/", include("feedback.urls")),
    path("", include("portal.desk.urls")),
    path("", include("portal.pops.urls")),
    path("", include("portal.contact.urls")),
    path("", include("portal.duplicates.urls")),
    path("", include("portal.profile.urls")),
    path("", include("portal.selves.urls")),
    path("", include("portal.outside.urls")),
    path("", include("portal.mending.urls")),
    path("", include("portal.promises.urls")),
    path("", include("portal.prevention.urls")),
    path("", include("portal.insight.urls")),
    path("", include("portal.hints.urls")),
    path("", include("portal.health.urls")),
    path("", include("portal.post.urls")),
    path("", include("portal.video.urls")),
    path("api/", include("portal.api.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
