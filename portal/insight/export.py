"""The same as files: rates, and the answers behind them. Cells are written for a program: no words in numbers."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext as _

from customers.sheets import MARK, csv_line
from feedback.enums import Tone
from feedback.rates import Rate
from feedback.selectors.insight import Slice
from feedback.selectors.insight_answers import Heard, Wanted, all_answers
from feedback.selectors.insight_page import Names, Page, Row, Told
from feedback.selectors.insight_replies import OfSurvey


def rate_lines(page: Page) -> Iterator[str]:
    """Yield the lines of a file with every rate; shares are from 0 to 1."""
    head = [_("By"), _("Which"), _("Letters"), _("Answers"), _("Response"), _("Yes"), _("In part"), _("No")]
    for name in (_("As answered"), _("Weighted"), _("To compare")):
        head += [name, _("%(rate)s, low") % {"rate": name}, _("%(rate)s, high") % {"rate": name}]
    yield MARK + csv_line([*head, _("Answers the weighted are worth"), _("Left out"), _("Enough to say")])
    yield csv_line(_figures(_("All"), page.whole))
    for group in page.groups:
        for row in group.rows:
            yield csv_line(_figures(group.title, row))


def _figures(title: str, row: Row) -> list[str]:
    tally = row.tally
    counts = [tally.asked, tally.said, f"{tally.response:.4f}", tally.yes, tally.partly, tally.no]
    # A colleague's rate is told to be compared, and then it is the shrunk one.
    weighted = None if row.fair else row.weighted
    worth = f"{weighted.rate.worth:.1f}" if weighted else ""
    return [
        str(title),
        row.name,
        *map(str, counts),
        *_ends(row.raw),
        *_ends(weighted),
        *_ends(row.fair),
        worth,
        str(tally.doubtful),
        _("yes") if row.is_told else _("no"),
    ]


def _ends(told: Told | None) -> list[str]:
    rate: Rate | None = told.rate if told else None
    return [f"{value:.4f}" for value in (rate.share, rate.low, rate.high)] if rate else [""] * 3


def reply_lines(surveys: Iterable[OfSurvey]) -> Iterator[str]:
    """Yield the lines of a file with what was replied to each question; shares are from 0 to 1."""
    head = [_("Survey"), _("Version"), _("Question"), _("Asked"), _("Replied"), _("Reply"), _("How often")]
    yield MARK + csv_line([*head, _("Share"), _("Share, low"), _("Share, high"), _("Enough to say")])
    for one in surveys:
        for told in one.questions:
            first = [one.survey.name, str(one.survey.version), told.text, str(told.asked), str(told.said)]
            enough = _("yes") if told.is_told else _("no")
            for row in told.rows:
                yield csv_line([*first, row.name, str(row.count), *_ends(row.share), enough])
            if not told.rows:
                yield csv_line([*first, *[""] * 5, enough])


def answer_lines(
    *,
    chosen: Slice,
    wanted: Wanted,
    known: Names,
    sees_customers: bool,
    leaving: Callable[[Iterable[Heard]], None],
) -> Iterator[str]:
    """Yield the lines of a file with every answer wanted; `leaving` hears of those about to leave the house."""
    head = [_("When"), _("Answer"), _("Counted"), _("Doubts"), _("Comment"), _("Language"), _("Tone (a hint)")]
    head += [_("Tier then"), _("Touch point"), _("Channel"), _("Colleague")]
    if sees_customers:
        head += [_("Customer"), _("Source"), _("Number there"), _("Name")]
    yield MARK + csv_line(map(str, head))
    for batch in all_answers(chosen=chosen, wanted=wanted):
        if sees_customers:
            leaving(batch)
        yield "".join(csv_line(_cells(heard, known, sees_customers=sees_customers)) for heard in batch)


def _cells(heard: Heard, known: Names, *, sees_customers: bool) -> list[str]:
    answer = heard.answer
    interaction, customer = answer.invitation.interaction, answer.invitation.customer
    cells = [
        answer.answered_at.isoformat(timespec="seconds"),
        str(answer.get_enjoyed_display()),
        _("yes") if answer.is_counted else _("no"),
        "; ".join(heard.doubts),
        answer.comment,
        heard.language,
        heard.tone or (str(Tone.UNKNOWN.label) if answer.comment else ""),
        known.tier(heard.tier_id),
        interaction.touch_point.name,
        str(interaction.get_channel_display()),
        known.agents.get(interaction.agent_id or 0, ""),
    ]
    if sees_customers:
        cells += [str(customer.pk), customer.source, customer.external_id or "", customer.full_name]
    return cells
