"""Doors of the contact view."""

from django.urls import path

from portal.contact import actions, views

_CUSTOMER = "customers/<uuid:public_id>/"

urlpatterns = [
    path(_CUSTOMER, views.contact_view, name="contact"),
    path(f"{_CUSTOMER}interactions/", actions.open_interaction, name="interaction_open"),
    path(f"{_CUSTOMER}interactions/<int:pk>/close/", actions.close_interaction, name="interaction_close"),
    path(f"{_CUSTOMER}preferences/", actions.note_preference, name="preference_note"),
    path(f"{_CUSTOMER}preferences/<int:pk>/retire/", actions.retire_preference, name="preference_retire"),
    path(f"{_CUSTOMER}promises/", actions.make_promise, name="promise_make"),
    path(f"{_CUSTOMER}promises/<int:pk>/keep/", actions.keep_promise, name="promise_keep"),
    path(f"{_CUSTOMER}promises/<int:pk>/break/", actions.break_promise, name="promise_break"),
    path(f"{_CUSTOMER}incidents/", actions.record_incident, name="incident_record"),
    path(f"{_CUSTOMER}incidents/<int:pk>/resolve/", actions.resolve_incident, name="incident_resolve"),
    path(f"{_CUSTOMER}recoveries/<int:pk>/contacted/", actions.contact_owed, name="recovery_contacted"),
    path(f"{_CUSTOMER}overrides/", actions.set_override, name="override_set"),
    path(f"{_CUSTOMER}overrides/<int:pk>/end/", actions.end_override, name="override_end"),
    path(f"{_CUSTOMER}recoveries/<int:pk>/close/", actions.close_owed, name="recovery_close"),
]
