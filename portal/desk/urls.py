"""Doors of the desk."""

from django.urls import path

from portal.desk import giving, views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("customers/", views.customers, name="customers"),
    path("customers/add/", views.customer_add, name="customer_add"),
    path("gesture-requests/<int:pk>/answer/", giving.answer_request, name="gesture_answer"),
    path("keys/", views.keys, name="keys"),
]
