"""Doors of the match and of the pops."""

from django.urls import path

from portal.pops import actions, views

urlpatterns = [
    path("pop/", views.pop, name="pop"),
    path("pop/attach/", actions.attach, name="pop_attach"),
    path("pops/standing/", views.standing, name="pops_standing"),
    path("pops/stream/", views.stream, name="pops_stream"),
    path("pops/<uuid:public_id>/answer/", actions.answer, name="pop_answer"),
    path("pops/<uuid:public_id>/dismiss/", actions.dismiss, name="pop_dismiss"),
    path("pops/<uuid:public_id>/choose/", actions.choose, name="pop_choose"),
]
