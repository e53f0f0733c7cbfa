"""Doors of the API."""

from django.urls import path
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

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="portal/api/docs.html"),
        name="api-docs",
    ),
    path("v1/", RootView.as_view(), name="api-root"),
    path("v1/customers/", CustomerListView.as_view(), name="api-customers"),
    path("v1/customers/<str:public_id>/", CustomerView.as_view(), name="api-customer"),
    path("v1/customers/<str:public_id>/context/", ContextView.as_view(), name="api-context"),
    path("v1/customers/<str:public_id>/explanation/", ExplanationView.as_view(), name="api-explanation"),
    path("v1/customers/<str:public_id>/overrides/", OverrideListView.as_view(), name="api-overrides"),
    path("v1/customers/<str:public_id>/overrides/<str:pk>/end/", OverrideEndView.as_view(), name="api-override-end"),
    path("v1/orders/", OrderListView.as_view(), name="api-orders"),
    path("v1/interactions/", InteractionListView.as_view(), name="api-interactions"),
    path("v1/pops/", PopListView.as_view(), name="api-pops"),
    path("v1/interactions/<str:public_id>/close/", InteractionCloseView.as_view(), name="api-interaction-close"),
    path("v1/interactions/<str:public_id>/hints/", HintPressView.as_view(), name="api-hint-press"),
]
