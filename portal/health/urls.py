"""Doors of the health."""

from django.urls import URLPattern, URLResolver, path

from portal.health import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
