"""The public page as a person uses it: its address, a press on it, and the answers that stand then."""

from typing import Any

from django.test import Client
from django.urls import reverse

from feedback.models import Answer

PRESS = {"confirm": "yes"}


def at(token: str, query: str = "") -> str:
    return reverse("feedback:answer", args=[token]) + query


def press(client: Client, token: str, enjoyed: str, **more: Any) -> Any:
    """Open the page and press, as a person does."""
    client.get(at(token))
    return client.post(at(token), PRESS | {"enjoyed": enjoyed}, **more)


def said() -> list[tuple[str, bool]]:
    return list(Answer.objects.order_by("pk").values_list("enjoyed", "is_counted"))
