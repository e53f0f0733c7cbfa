"""Doors of what was learned of hints."""

from django.urls import path

from portal.hints import views

urlpatterns = [path("hints/", views.hints, name="hints")]
