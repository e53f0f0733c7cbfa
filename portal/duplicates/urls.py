"""Doors of duplicates."""

from django.urls import path

from portal.duplicates import views

urlpatterns = [
    path("duplicates/", views.pairs, name="duplicates"),
    path("duplicates/<int:pk>/", views.pair, name="duplicate"),
    path("duplicates/<int:pk>/merge/", views.merge, name="duplicate_merge"),
    path("duplicates/<int:pk>/apart/", views.apart, name="duplicate_apart"),
    path("duplicates/merges/<int:pk>/undo/", views.undo, name="merge_undo"),
]
