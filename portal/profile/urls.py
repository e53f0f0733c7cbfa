"""Doors of a customer's profile."""

from django.urls import path

from portal.profile import views

_CUSTOMER = "customers/<uuid:public_id>/profile/"

urlpatterns = [
    path(_CUSTOMER, views.profile, name="profile"),
    path(f"{_CUSTOMER}change/", views.change, name="profile_change"),
    path(f"{_CUSTOMER}points/add/", views.add_point, name="point_add"),
    path(f"{_CUSTOMER}points/<int:pk>/prefer/", views.prefer, name="point_prefer"),
    path(f"{_CUSTOMER}points/<int:pk>/retire/", views.retire, name="point_retire"),
    path(f"{_CUSTOMER}consents/<str:purpose>/", views.note_word, name="consent_note"),
]
