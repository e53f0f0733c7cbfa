"""What was merged, and what that did to which rows: to look at."""

from django.contrib import admin

from customers.admin.base import ReadOnlyAdmin, ReadOnlyInline
from customers.models import Merge, MergeStep


class MergeStepInline(ReadOnlyInline):
    """Without what was before: that may be what not every role sees."""

    model = MergeStep
    fields = ("deed", "table", "column", "rows")


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    """Every merging. They are made and undone on the page of duplicates."""

    list_display = ("survivor", "absorbed", "by", "merged_at", "undone_at", "undone_by")
    list_select_related = ("survivor", "absorbed", "by", "undone_by")
    ordering = ("-pk",)
    inlines = (MergeStepInline,)
