"""Doors of the post."""

from django.urls import URLPattern, URLResolver, path

from portal.post import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("post/sample/", views.sample, name="letter_sample"),
    path("post/anymail/<slug:provider>/", views.report, name="letter_report"),
]
