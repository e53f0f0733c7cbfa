"""Doors of the contact view."""

from django.urls import path

from portal.contact import views
from portal.contact.actions import (
    cautions,
    conversations,
    gestures,
    hints,
    incidents,
    overrides,
    pins,
    preferences,
    promises,
    recoveries,
    rooms,
)

_CUSTOMER = "customers/<uuid:public_id>/"

urlpatterns = [
    path(_CUSTOMER, views.contact_view, name="contact"),
    path(f"{_CUSTOMER}here/", views.here, name="contact_here"),
    path(f"{_CUSTOMER}interactions/", conversations.open_interaction, name="interaction_open"),
    path(f"{_CUSTOMER}interactions/<int:pk>/close/", conversations.close_interaction, name="interaction_close"),
    path(f"{_CUSTOMER}interactions/<int:pk>/take-back/", conversations.take_back, name="interaction_take_back"),
    path(f"{_CUSTOMER}preferences/", preferences.note_preference, name="preference_note"),
    path(f"{_CUSTOMER}preferences/<int:pk>/retire/", preferences.retire_preference, name="preference_retire"),
    path(f"{_CUSTOMER}preferences/<int:pk>/confirm/", preferences.confirm_preference, name="preference_confirm"),
    path(f"{_CUSTOMER}sensitive/withdraw/", preferences.withdraw_consent, name="consent_withdraw"),
    path("sensitive/hint/", preferences.hint_at_category, name="preference_hint"),
    path(f"{_CUSTOMER}cautions/", cautions.note_caution, name="caution_note"),
    path(f"{_CUSTOMER}cautions/<int:pk>/retire/", cautions.retire_caution, name="caution_retire"),
    path(f"{_CUSTOMER}promises/", promises.make_promise, name="promise_make"),
    path(f"{_CUSTOMER}promises/<int:pk>/keep/", promises.keep_promise, name="promise_keep"),
    path(f"{_CUSTOMER}promises/<int:pk>/break/", promises.break_promise, name="promise_break"),
    path(f"{_CUSTOMER}promises/<int:pk>/take-back/", promises.take_back_promise, name="promise_take_back"),
    path(f"{_CUSTOMER}promises/read/", promises.read_due, name="promise_read"),
    path(f"{_CUSTOMER}pins/<slug:key>/", pins.pin, name="pin"),
    path(f"{_CUSTOMER}pins/<int:pk>/unpin/", pins.unpin, name="unpin"),
    path(f"{_CUSTOMER}incidents/", incidents.record_incident, name="incident_record"),
    path(f"{_CUSTOMER}incidents/<int:pk>/resolve/", incidents.resolve_incident, name="incident_resolve"),
    path(f"{_CUSTOMER}recoveries/<int:pk>/contacted/", recoveries.contact_owed, name="recovery_contacted"),
    path(f"{_CUSTOMER}gestures/", gestures.give, name="gesture_give"),
    path(f"{_CUSTOMER}gestures/<int:pk>/take-back/", gestures.take_back, name="gesture_take_back"),
    path(f"{_CUSTOMER}gesture-requests/<int:pk>/withdraw/", gestures.withdraw, name="gesture_withdraw"),
    path(f"{_CUSTOMER}overrides/", overrides.set_override, name="override_set"),
    path(f"{_CUSTOMER}overrides/<int:pk>/end/", overrides.end_override, name="override_end"),
    path(f"{_CUSTOMER}recoveries/<int:pk>/close/", recoveries.close_owed, name="recovery_close"),
    path(f"{_CUSTOMER}rooms/", rooms.make, name="room_make"),
    path(f"{_CUSTOMER}rooms/<int:pk>/send/", rooms.send, name="room_send"),
    path(f"{_CUSTOMER}rooms/<int:pk>/end/", rooms.end, name="room_end"),
    path(f"{_CUSTOMER}hints/<str:key>/", hints.press, name="hint_press"),
]
