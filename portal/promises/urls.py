"""Doors of the promises."""

from django.urls import path

from portal.promises import views

urlpatterns = [
    path("promises/", views.promises, name="promises"),
    path("promises/rates.csv", views.rates_file, name="promises_file"),
    path("promises/<int:pk>/", views.one, name="promise_one"),
    path("promises/<int:pk>/hand-over/", views.handed_over, name="promise_hand_over"),
]
