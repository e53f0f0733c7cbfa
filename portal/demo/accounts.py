"""The colleagues of the demo. Some may sign in; some only appear in the history."""

from django.contrib.auth.hashers import make_password

from portal.demo import DEMO_PASSWORD
from portal.models import User
from portal.roles import Role

DOMAIN = "@demo.test"
LEAD = f"lead{DOMAIN}"
AGENT = f"agent{DOMAIN}"
MANAGER = f"manager{DOMAIN}"
ADMIN = f"admin{DOMAIN}"

# Address before the @, name, role. They share the printed password.
_WHO_SIGN_IN = (
    ("lead", "Marcus Adeyemi", Role.LEAD),
    ("agent", "Hanna Whitlock", Role.AGENT),
    ("manager", "Priya Sandhu", Role.MANAGER),
    ("analyst", "Tom Eastwood", Role.ANALYST),
    ("admin", "Greta Falk", Role.ADMINISTRATOR),
)
# Colleagues in the history, who cannot sign in.
_WHO_DO_NOT = (
    ("owen", "Owen Prosser"),
    ("zofia", "Zofia Wrona"),
    ("leroy", "Leroy Hinds"),
    ("catriona", "Catriona Muir"),
)


def has_own_colleagues() -> bool:
    """Whether somebody other than the demo's colleagues works here: then this is a real house."""
    return User.objects.exclude(email__endswith=DOMAIN).exists()


def ensure_accounts(*, may_sign_in: bool) -> list[User]:
    """Make the demo's colleagues where they are missing, and return the agents, the one who signs in first.

    In a house that is somebody's own nobody gets the printed password: `may_sign_in=False`.
    """
    # Hashed once: it takes its time, and everybody knows this password.
    password = make_password(DEMO_PASSWORD if may_sign_in else None)
    for name, display_name, role in _WHO_SIGN_IN:
        _ensure(name, display_name, role, password)
    for name, display_name in _WHO_DO_NOT:
        _ensure(name, display_name, Role.AGENT, make_password(None))
    lead = User.objects.get(email=LEAD)
    User.objects.filter(email__endswith=DOMAIN, role=Role.AGENT, lead=None).update(lead=lead)
    return sorted(User.objects.filter(email__endswith=DOMAIN, role=Role.AGENT), key=lambda user: user.email != AGENT)


def _ensure(name: str, display_name: str, role: str, password: str) -> None:
    known = {"display_name": display_name, "role": role, "password": password}
    User.objects.get_or_create(email=f"{name}{DOMAIN}", defaults=known)
