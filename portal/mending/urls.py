"""Doors of the board."""

from django.urls import path

from portal.mending import actions, views

urlpatterns = [
    path("mending/", views.board, name="mending"),
    path("mending/<int:pk>/", views.one, name="mending_one"),
    path("mending/<int:pk>/contacted/", actions.contacted, name="mending_contacted"),
    path("mending/<int:pk>/hand-over/", actions.handed_over, name="mending_hand_over"),
    path("mending/<int:pk>/close/", actions.closed, name="mending_close"),
]
