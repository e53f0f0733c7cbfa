"""Doors of the API."""

from typing import Any

from django.urls import path
from django.views import View
from django.views.decorators.cache import never_cache
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from customers.api.views import InteractionCloseView, InteractionListView, OrderListView
from portal.api.hints import HintPressView
from portal.api.views import (
    ContextView,
    CustomerListView,
    CustomerView,
    ExplanationView,
    OverrideEndView,
    OverrideListView,
    RootView,
)
from portal.pops.api import PopListView


def _private(view: type[View]) -> Any:
    """Nothing about customers stays in a cache."""
    return never_cache(view.as_view())


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="portal/api/docs.html"),
        name="api-docs",
    ),
    path("v1/", _private(RootView), name="api-root"),
    path("v1/customers/", _private(CustomerListView), name="api-customers"),
    path("v1/customers/<str:public_id>/", _private(CustomerView), name="api-customer"),
    path("v1/customers/<str:public_id>/context/", _private(ContextView), name="api-context"),
    path("v1/customers/<str:public_id>/explanation/", _private(ExplanationView), name="api-explanation"),
    path("v1/customers/<str:public_id>/overrides/", _private(OverrideListView), name="api-overrides"),
    path("v1/customers/<str:public_id>/overrides/<str:pk>/end/", _private(OverrideEndView), name="api-override-end"),
    path("v1/orders/", _private(OrderListView), name="api-orders"),
    path("v1/interactions/", _private(InteractionListView), name="api-interactions"),
    path("v1/pops/", _private(PopListView), name="api-pops"),
    path("v1/interactions/<str:public_id>/close/", _private(InteractionCloseView), name="api-interaction-close"),
    path("v1/interactions/<str:public_id>/hints/", _private(HintPressView), name="api-hint-press"),
]
