"""Doors of prevention."""

from django.urls import path

from portal.prevention import views

urlpatterns = [
    path("prevention/", views.prevention, name="prevention"),
    path("prevention/open/", views.open_one, name="prevention_open"),
    path("prevention/<int:pk>/change/", views.change, name="prevention_change"),
    path("prevention/<int:pk>/begin/", views.begin, name="prevention_begin"),
    path("prevention/<int:pk>/done/", views.finish, name="prevention_done"),
    path("prevention/<int:pk>/not-begun/", views.not_begun, name="prevention_not_begun"),
    path("prevention/<int:pk>/not-done/", views.not_done, name="prevention_not_done"),
]
