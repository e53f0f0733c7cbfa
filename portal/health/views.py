"""Answers for whoever watches the house: a load balancer, a supervisor, an operator."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.health import checks


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that this process lives; asks nobody else."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say part by part whether the house can do its work: 200 if all is well, else 503."""
    parts = checks.parts()
    is_ready = all(state == checks.OK for state in parts.values())
    return JsonResponse(
        {"status": "ready" if is_ready else "not ready", "parts": parts}, status=200 if is_ready else 503
    )
