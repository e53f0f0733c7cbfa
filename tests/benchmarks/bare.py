"""The yardstick of the posts: a Django view that reads a form and does one `INSERT … ON CONFLICT`, and nothing else."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.bare_settings")
os.environ.setdefault("DATABASE_POOL", "8")

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

_VOTE = """
    INSERT INTO bench_vote (invitation, enjoyed) VALUES (%s, %s)
    ON CONFLICT (invitation) DO UPDATE SET enjoyed = excluded.enjoyed
"""


@csrf_exempt
def vote(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a vote, and lead on as the real page does."""
    with connection.cursor() as cursor:
        cursor.execute(_VOTE, [key, request.POST["enjoyed"]])
    return HttpResponse(status=303, headers={"Location": f"/vote/{key}/?then=thanks"})


urlpatterns = [path("vote/<str:key>/", vote)]

application = get_wsgi_application()
