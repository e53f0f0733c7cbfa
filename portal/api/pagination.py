"""How long lists are cut."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """Pages by number; a page that is not there is a 404 with a sentence."""

    page_size_query_param = "page_size"
    max_page_size = 200
