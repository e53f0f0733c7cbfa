"""Doors of roles and relationships."""

from django.urls import path

from portal.selves import views

_CUSTOMER = "customers/<uuid:public_id>/selves/"

urlpatterns = [
    path(_CUSTOMER, views.selves, name="selves"),
    path(f"{_CUSTOMER}add/", views.add, name="self_add"),
    path(f"{_CUSTOMER}role/", views.change, name="self_role"),
    path(f"{_CUSTOMER}link/", views.link, name="self_link"),
    path(f"{_CUSTOMER}unlink/", views.unlink, name="self_unlink"),
    path(f"{_CUSTOMER}relationships/", views.relate, name="relationship_note"),
    path(f"{_CUSTOMER}relationships/<int:pk>/end/", views.end, name="relationship_end"),
]
