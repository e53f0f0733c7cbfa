"""The door of cards from outside."""

from django.urls import path

from portal.outside import views

urlpatterns = [path("customers/<uuid:public_id>/outside/<int:pk>/", views.card, name="outside_card")]
