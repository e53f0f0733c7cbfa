"""How long lists are cut."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class Pages(PageNumberPagination):
    """Pages by number. A page that is not there is a 404 with a sentence, a page size of rubbish a 400."""

    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        number = request.query_params.get(self.page_query_param, "1")
        if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number)):
            raise NotFound(_("There is no page “%(number)s”: page counts from 1.") % {"number": number[:20]})
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound:
            raise NotFound(_("There is no page %(number)s: the list ends before.") % {"number": number}) from None

    def get_page_size(self, request: Request) -> int:
        size = request.query_params.get(self.page_size_query_param)
        if size is None:
            return int(self.page_size or self.max_page_size)
        if not (size.isascii() and size.isdigit() and len(size) < 10 and 1 <= int(size) <= self.max_page_size):
            raise ValidationError(
                {self.page_size_query_param: [_("page_size goes from 1 to %(most)d.") % {"most": self.max_page_size}]}
            )
        return int(size)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Say in the schema where the numbers begin and end."""
        return [
            {
                "name": "page",
                "in": "query",
                "required": False,
                "description": "Counts from 1.",
                "schema": {"type": "integer", "minimum": 1},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "How many at a time.",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size},
            },
        ]
