"""Noting how comments sound."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from feedback.models import Answer, CommentTone
from feedback.selectors.answers import WRITTEN_IN
from feedback.tones import maker, tone_of

# Few at a time: while they are read, their customers cannot change them.
_BATCH = 100


def note_tones(*, limit: int = 20 * _BATCH) -> int:
    """Note the tone of comments that have none, or one told by another version; return how many, at most `limit`."""
    done = 0
    while done < limit and (some := _note_some(min(_BATCH, limit - done))):
        done += some
    return done


@transaction.atomic
def _note_some(limit: int) -> int:
    """Note some in one transaction. Answers are locked, so that no tone is left beside words that have changed."""
    told_by = maker()
    waiting = Answer.objects.exclude(comment="").filter(Q(tone=None) | ~Q(tone__told_by=told_by))
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    locked = (
        Answer.objects.filter(pk__in=ids)
        .exclude(comment="")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .annotate(written_in=WRITTEN_IN)
    )
    tones = [
        CommentTone(answer=answer, tone=tone_of(answer.comment, answer.written_in), told_by=told_by, told_at=Now())
        for answer in locked
    ]
    CommentTone.objects.bulk_create(
        tones, update_conflicts=True, unique_fields=["answer"], update_fields=["tone", "told_by", "told_at"]
    )
    return len(tones)
