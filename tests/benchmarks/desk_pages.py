"""The house's pages, and among them the yardstick: a page with session, user and one indexed query."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from customers.models import Customer


@login_required
def bare_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The bare page of DESIGN section 9: whoever is signed in sees a name."""
    customer = get_object_or_404(Customer.objects.only("full_name"), pk=pk)
    return render(request, "bench/bare.html", {"customer": customer})


urlpatterns = [path("bare/<int:pk>/", bare_page), path("", include("portal.urls"))]
