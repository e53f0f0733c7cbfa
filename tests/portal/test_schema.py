"""The OpenAPI file is honest: valid, complete, and every operation answers as it says, whatever is sent."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from portal.api.urls import urlpatterns
from portal.wsgi import application
from tests.portal.known import make_known_customer, with_token

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
# Random ids are of customers and currencies that are not there, which is a 400: what is accepted has its own tests.


def test_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_schema_is_served_and_names_every_door() -> None:
    response = Client().get("/api/schema/?format=json")
    assert response.status_code == 200
    names = {name for name in (route.name for route in urlpatterns) if name not in {"api-schema", "api-docs"}}
    assert len(response.json()["paths"]) == len(names)
    for path, methods in response.json()["paths"].items():
        for method, operation in methods.items():
            expected = {"401", "403"} | ({"400", "413", "415"} if method == "post" else set())
            assert expected <= operation["responses"].keys(), path


def test_docs_page_is_served() -> None:
    page = Client().get(reverse("api-docs"))
    assert page.status_code == 200
    assert b"<style" not in page.content
    assert Client().get(reverse("api-docs") + "?script=").status_code == 200


@pytest.fixture
def api(db: None) -> Iterator[Any]:
    """The schema over WSGI, on the test's database, whose connection a real request would close behind it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    make_known_customer()
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    for signal in signals:
        signal.connect(close_old_connections)


def test_every_operation_answers_as_the_schema_says(api: Any) -> None:
    """Runs the operations here: schemathesis's own pytest integration does not know the pytest of this house."""
    bearer = str(with_token()._credentials["HTTP_AUTHORIZATION"])  # type: ignore[attr-defined]
    tried: dict[str, int] = {}
    for found in api.get_all_operations():
        operation = found.ok()
        tried[operation.label] = 0

        @settings(
            max_examples=25,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=one_of(
                operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
                operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
            )
        )
        def answers(case: schemathesis.Case) -> None:
            tried[case.operation.label] += 1
            case.call_and_validate(headers={"Authorization": bearer}, checks=CHECKS)

        answers()
    assert len(tried) == 13
    assert all(tried.values()), tried
