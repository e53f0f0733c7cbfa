"""The map of roles by itself: who may see and do what is most delicate, and what no role may do at all."""

import re

import pytest
from django.contrib.auth.models import Permission

from portal import roles
from portal.roles import PERMISSIONS, Role, permissions_of

AGENT, LEAD, MANAGER, ANALYST, ADMINISTRATOR, INTEGRATION = Role
ABOVE = {MANAGER, ADMINISTRATOR}
LEADING = {LEAD, *ABOVE}
SPEAKING = {AGENT, *LEADING}
# The permissions that the map names one by one → whose they are.
MATRIX: dict[str, set[Role]] = {
    "portal.use_desk": {*SPEAKING, ANALYST},
    "portal.add_pop": {INTEGRATION},
    "customers.view_money": set(Role),
    "customers.view_margin": {*LEADING, ANALYST},
    "customers.view_contact_points": {*SPEAKING, INTEGRATION},
    "customers.view_all_promises": {*LEADING, ANALYST},
    "customers.erase_customer": ABOVE,
    "customers.view_private": LEADING,
    "customers.view_special": SPEAKING,
    "customers.lift_suppression": ABOVE,
    "customers.merge_customer": LEADING,
    "customers.take_back_incident": LEADING,
    "customers.tell_apart_customer": SPEAKING,
    "customers.add_person": SPEAKING,
    "customers.change_person": SPEAKING,
    "tiers.export_preview": {*ABOVE, ANALYST},
    "tiers.add_videoroom": SPEAKING,
    "tiers.add_openended_override": ABOVE,
    "feedback.view_all_recoveries": {*LEADING, ANALYST},
    "feedback.add_givingentry": SPEAKING,
    "feedback.change_gesturerequest": LEADING,
    "feedback.answer_any_request": ABOVE,
    "feedback.view_insight": {*LEADING, ANALYST},
    "feedback.view_all_agents": {*ABOVE, ANALYST},
    "feedback.export_insight": {*ABOVE, ANALYST},
}
WRITES = re.compile(r"\.(add|change|delete|erase|merge|tell_apart|answer|lift|take_back)_")


def writes(role: Role) -> set[str]:
    return {name for name in PERMISSIONS[role] if WRITES.search(name)}


def test_every_permission_that_the_map_names_has_its_row() -> None:
    named = re.findall(r"`(\w+\.\w+)`", (roles.__doc__ or "").partition("- ")[2])
    assert set(named) == set(MATRIX)


@pytest.mark.parametrize("permission", MATRIX)
def test_who_may(permission: str) -> None:
    assert {role for role in Role if permission in PERMISSIONS[role]} == MATRIX[permission]


def test_each_role_has_what_the_one_below_has() -> None:
    for less, more in ((AGENT, LEAD), (LEAD, MANAGER), (ANALYST, MANAGER), (MANAGER, ADMINISTRATOR)):
        assert PERMISSIONS[less] < PERMISSIONS[more], (less, more)
    assert permissions_of("nobody") == frozenset()


def test_who_counts_writes_nothing_and_a_program_writes_what_it_sends() -> None:
    assert not writes(ANALYST)
    assert writes(INTEGRATION) == {
        "portal.add_pop",
        "portal.add_hintpress",
        "customers.add_order",
        "customers.add_interaction",
        "customers.change_interaction",
    }


def test_what_happened_is_changed_or_deleted_by_nobody() -> None:
    """Rules and lists are; the record of what was bought, said, decided and read is not, whatever the role."""
    record: dict[str, tuple[str, ...]] = {
        "customers": (
            "order",
            "consent",
            "gesture",
            "rating",
            "promisestep",
            "suppression",
            "merge",
            "liftedsuppression",
            "takenbackincident",
        ),
        "tiers": ("standing", "move", "measures", "shard"),
        "feedback": ("answer", "visit", "invitation", "link", "reply", "givingentry", "recoverystep", "putright"),
        "portal": ("reading", "hintpress"),
    }
    every = frozenset[str]().union(*PERMISSIONS.values())
    for app, nouns in record.items():
        assert not {f"{app}.{verb}_{noun}" for verb in ("change", "delete") for noun in nouns} & every
    assert not {name for name in every if ".delete_" in name} & {
        f"customers.delete_{noun}" for noun in ("customer", "contactpoint", "interaction", "incident", "promise")
    }


@pytest.mark.django_db
def test_every_permission_of_the_map_is_one_of_djangos_or_of_ours() -> None:
    """A name that is misspelt would be granted, and asked for by nobody."""
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    ours = {"tiers.add_openended_override"}
    assert frozenset[str]().union(*PERMISSIONS.values()) - known <= ours
