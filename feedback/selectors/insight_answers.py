"""The answers behind a number, and comments by their words: a page at a time, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch

from customers.selectors.paging import Place
from feedback.enums import Doubt, Tone
from feedback.models import Answer, Reply
from feedback.selectors.answers import WRITTEN_IN
from feedback.selectors.insight import BESIDE, Slice, conditions
from feedback.wording import say

PER_PAGE = 50
# For an answer that does not count.
LEFT_OUT = "left_out"

# The language of the page on which the comment was written.
_LANGUAGE = "coalesce(nullif(answer.language, ''), letter.language)"
_WORDS = f"""(
    to_tsvector('simple', coalesce(answer.comment, '')) @@ websearch_to_tsquery('simple', %(words)s)
    OR to_tsvector('english', coalesce(answer.comment, '')) @@ websearch_to_tsquery('english', %(words)s)
       AND ({_LANGUAGE} = 'en' OR {_LANGUAGE} LIKE 'en-%%')
)"""
# As the replies are counted: of answers that count, while the question follows the answer.
_REPLIED = """answer.is_counted AND EXISTS (
    SELECT FROM feedback_reply AS reply JOIN feedback_question AS question ON question.id = reply.question_id
    WHERE reply.answer_id = answer.id AND reply.question_id = %(question)s AND answer.enjoyed = ANY (question.after)
      AND (%(picked)s::bigint IS NULL OR coalesce(reply.choice_id, reply.number) = %(picked)s))"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which answers of a slice are wanted.

    `said`: "yes", "partly", "no" among those that count, or `LEFT_OUT`. `words`: as one writes them into a search box.
    `tone`: as it was told of comments. `has_comment`: those with words alone. `question`: the key of one that they
    reply to, and `picked` the key of the choice, or the number, that they reply.
    """

    said: str = ""
    words: str = ""
    tone: str = ""
    has_comment: bool = False
    question: int | None = None
    picked: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer. `tier_id`: of the tier at the time. `language`: of the page it was given on, "" where not known."""

    answer: Answer
    tier_id: int | None
    language: str

    @property
    def tone(self) -> str:
        """How its comment sounds, as it is written; "" where nobody has listened to it, or there is no telling."""
        noted = getattr(self.answer, "tone", None)
        return noted.get_tone_display() if noted and noted.tone != Tone.UNKNOWN else ""

    @property
    def replies(self) -> list[tuple[str, str]]:
        """What else was asked, and the reply, in the house's language; only what follows the answer as it stands."""
        house = settings.LANGUAGE_CODE
        return [
            (
                say(reply.question.text, language=house, house=house).text,
                say(reply.choice.text, language=house, house=house).text if reply.choice else str(reply),
            )
            for reply in self.answer.replies.all()
            if self.answer.enjoyed in reply.question.after
        ]

    @property
    def doubts(self) -> list[str]:
        """Why it is left out."""
        labels = dict(Doubt.choices)
        return [str(labels.get(doubt, doubt)) for doubt in self.answer.doubts]


@dataclass(frozen=True, slots=True)
class Answers:
    """A page of answers. `after`: where the next one begins, None on the last. `by_letters`: no whole word was found,
    so these are the comments in which the letters stand somewhere."""

    rows: list[Heard]
    after: Place | None
    by_letters: bool


def answers_page(
    *, chosen: Slice, wanted: Wanted, after: Place | None = None, by_letters: bool = False, size: int = PER_PAGE
) -> Answers:
    """Return a page of answers (3 queries, one more where words are looked for by their letters).

    Words are found by the stems of English in English comments, and as they stand in all others. Where that finds
    nothing on the first page, the letters are looked for anywhere: for languages that are written without spaces or
    join small words to large ones.
    """
    found = _find(chosen, wanted, after, by_letters, size)
    if not found and wanted.words and after is None and not by_letters:
        by_letters = True
        found = _find(chosen, wanted, after, by_letters, size)
    shown, is_more = found[:size], len(found) > size
    known = {
        answer.pk: answer
        for answer in Answer.objects.filter(pk__in=[answer_id for answer_id, _tier in shown])
        .select_related(
            "tone",
            "invitation__customer",
            "invitation__interaction__touch_point",
            "invitation__interaction__agent",
        )
        .prefetch_related(Prefetch("replies", Reply.objects.select_related("question", "choice")))
        .annotate(written_in=WRITTEN_IN)
    }
    rows = [
        Heard(known[answer_id], tier_id, getattr(known[answer_id], "written_in", ""))
        for answer_id, tier_id in shown
        if answer_id in known
    ]
    last = rows[-1].answer if rows and is_more else None
    return Answers(rows, Place(last.answered_at, last.pk) if last else None, by_letters)


def all_answers(*, chosen: Slice, wanted: Wanted, size: int = 500) -> Iterator[list[Heard]]:
    """Yield all answers in batches, each read when it is asked for."""
    page = answers_page(chosen=chosen, wanted=wanted, size=size)
    while page.rows:
        yield page.rows
        if page.after is None:
            return
        page = answers_page(chosen=chosen, wanted=wanted, after=page.after, by_letters=page.by_letters, size=size)


def _find(
    chosen: Slice, wanted: Wanted, after: Place | None, by_letters: bool, size: int
) -> list[tuple[int, int | None]]:
    """Return the primary keys of answers and of the tiers at the time, one more than a page holds."""
    holds, parameters = conditions(chosen)
    for condition, more in _wanted(wanted, by_letters):
        holds += f" AND {condition}"
        parameters |= more
    if after is not None:
        holds += " AND (answer.answered_at, answer.id) < (%(after_at)s, %(after_id)s)"
        parameters |= {"after_at": after.at, "after_id": after.number}
    with connection.cursor() as cursor:
        cursor.execute(_FIND.replace("{holds}", holds), parameters | {"limit": size + 1})
        return cursor.fetchall()


def _wanted(wanted: Wanted, by_letters: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    if wanted.said == LEFT_OUT:
        yield "NOT answer.is_counted", {}
    elif wanted.said:
        yield "answer.is_counted AND answer.enjoyed = %(said)s", {"said": wanted.said}
    if wanted.question is not None:
        yield _REPLIED, {"question": wanted.question, "picked": wanted.picked}
    if wanted.has_comment or wanted.words or wanted.tone:
        yield "NOT answer.comment = ''", {}
    if wanted.words and by_letters:
        escaped = wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        yield "answer.comment ILIKE %(letters)s", {"letters": f"%{escaped}%"}
    elif wanted.words:
        yield _WORDS, {"words": wanted.words}
    if wanted.tone:
        # What nobody has listened to yet is not known either.
        told = "SELECT FROM feedback_commenttone AS told WHERE told.answer_id = answer.id AND told.tone "
        if wanted.tone == Tone.UNKNOWN:
            yield f"NOT EXISTS ({told} <> 'unknown')", {}
        else:
            yield f"EXISTS ({told} = %(tone)s)", {"tone": wanted.tone}


_FIND = f"""
    SELECT answer.id, standing.tier_id
    FROM feedback_answer AS answer JOIN feedback_invitation AS invitation ON invitation.id = answer.invitation_id
    {BESIDE}
    LEFT JOIN customers_letter AS letter ON letter.id = invitation.letter_id
    WHERE {{holds}}
    ORDER BY answer.answered_at DESC, answer.id DESC LIMIT %(limit)s
"""  # noqa: S608 (the words are ours)
