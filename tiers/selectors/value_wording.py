"""What a fit of predicted value means, in sentences: its warnings and its parameters."""

from datetime import date
from enum import Enum

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from tiers.enums import ValueModel as ValueModelName
from tiers.selectors.wording import money
from tiers.value.fitting import (
    LEAST_CUSTOMERS,
    LEAST_REPEATERS,
    LEAST_VALUED,
    Caution,
    Fit,
    Model,
    ValueModel,
)


class Concern(Enum):
    """Which numbers a warning is about."""

    PURCHASES = "purchases"
    VALUE = "value"
    CHECK = "check"


_EVERYTHING = frozenset(Concern)
_VALUES = frozenset([Concern.VALUE])
_CONCERNS: dict[Caution, frozenset[Concern]] = {
    Caution.NO_PURCHASES: _EVERYTHING,
    Caution.TOO_FEW: _EVERYTHING,
    Caution.ONE_TIME_BUYERS: _EVERYTHING,
    Caution.NOT_IDENTIFIED: _EVERYTHING,
    Caution.NO_DROP_OUT: frozenset([Concern.PURCHASES, Concern.CHECK]),
    Caution.DROP_OUT_ALIKE: frozenset([Concern.PURCHASES, Concern.CHECK]),
    Caution.RATES_ALIKE: frozenset([Concern.PURCHASES, Concern.CHECK]),
    Caution.TOO_FEW_VALUES: _VALUES,
    Caution.VALUE_NOT_IDENTIFIED: _VALUES,
    Caution.CORRELATED: frozenset([Concern.VALUE, Concern.CHECK]),
    Caution.RETURNS_EXCEED: _VALUES,
    Caution.ZERO_VALUES: _VALUES,
    Caution.SAMPLED: frozenset([Concern.PURCHASES, Concern.VALUE]),
    Caution.NO_HOLDOUT: _EVERYTHING,
}


def warning(code: Caution, fit: Fit) -> str:
    """Return a warning as a person reads it: what is wrong, and what is done instead."""
    names = {
        "customers": number(fit.customers),
        "population": number(fit.population),
        "repeaters": number(fit.repeaters),
        "valued": number(fit.valued),
        "zero": number(fit.zero),
        "negative": number(fit.negative),
        "least": LEAST_CUSTOMERS,
        "least_repeaters": LEAST_REPEATERS,
        "least_valued": LEAST_VALUED,
        "gain": decimal(fit.gain or 0, 2),
        "correlation": decimal(fit.correlation or 0, 2),
    }
    return _sentences()[code] % names


def _sentences() -> dict[Caution, str]:
    return {
        Caution.NO_PURCHASES: _("There is no purchase in these days yet: nothing is predicted."),
        Caution.TOO_FEW: _(
            "%(customers)s customers, of whom %(repeaters)s came back, are too few to learn from: nothing is "
            "predicted. It takes %(least)s customers, and %(least_repeaters)s who came back."
        ),
        Caution.ONE_TIME_BUYERS: _(
            "Nobody has come back on another day yet: how often customers return cannot be known, and nothing is "
            "predicted."
        ),
        Caution.NOT_IDENTIFIED: _(
            "The search for the rate of purchases ran to the edge of what is possible: these orders do not settle it, "
            "and nothing is predicted."
        ),
        Caution.NO_DROP_OUT: _(
            "No drop-out is identified: that customers leave explains these orders hardly better than that all stay "
            "(log-likelihood better by %(gain)s). So NBD is used, in which nobody leaves. Predictions for customers "
            "who have been quiet for long may be too high."
        ),
        Caution.DROP_OUT_ALIKE: _(
            "The chance of leaving seems to be the same for everybody: the search ran to an edge. Look at the table "
            "below before you trust the predictions."
        ),
        Caution.RATES_ALIKE: _(
            "All customers seem to buy equally often: the search ran to an edge. Look at the table below before you "
            "trust the predictions."
        ),
        Caution.TOO_FEW_VALUES: _(
            "Only %(valued)s customers brought something on a repeat purchase; it takes %(least_valued)s to tell "
            "customers apart by value. With fewer than %(least_repeaters)s no value is predicted, otherwise everybody "
            "gets the mean."
        ),
        Caution.VALUE_NOT_IDENTIFIED: _(
            "These orders do not settle how purchases differ in value between customers: a purchase of everybody is "
            "taken to bring the mean."
        ),
        Caution.CORRELATED: _(
            "Customers who come often differ in what a purchase brings (rank correlation %(correlation)s). The model "
            "takes the two for independent: predictions for the most and the least frequent customers are doubtful."
        ),
        Caution.RETURNS_EXCEED: _(
            "%(negative)s customers came back and sent back more than they bought: a purchase of theirs counts as "
            "nothing, and they are left out of the model of value."
        ),
        Caution.ZERO_VALUES: _(
            "%(zero)s customers came back and brought nothing at all: they count for how often, and are left out of "
            "the model of value."
        ),
        Caution.SAMPLED: _("Fitted on %(customers)s customers, chosen by chance from %(population)s."),
        Caution.NO_HOLDOUT: _(
            "These orders do not reach far enough back to hold some out: whether the predictions hold has not been "
            "checked."
        ),
    }


def warnings(fit: Fit) -> list[str]:
    """Return all warnings of a fit."""
    return [warning(code, fit) for code in fit.warnings]


def doubts(fit: Fit, concern: Concern) -> list[str]:
    """Return the warnings that concern some of its numbers."""
    return [warning(code, fit) for code in fit.warnings if concern in _CONCERNS[code]]


def buying(fit: Fit) -> list[tuple[str, str]]:
    """Return the parameters of how often customers buy, as they are written, each with what it means."""
    if fit.model == Model.NONE:
        return [("", _("How often customers come back could not be found out."))]
    r, alpha = fit.buying["r"], fit.buying["alpha"]
    sentence = _(
        "While they are with us, customers buy again once in %(weeks)s weeks on average. r says how alike they are in "
        "this: %(alike)s."
    )
    alike = _("they differ widely") if r < 1 else _("they differ") if r < 10 else _("they are much alike")
    return [
        (f"r {decimal(r, 3)}, α {decimal(alpha, 3)}", sentence % {"weeks": decimal(alpha / r, 1), "alike": alike}),
    ]


def leaving(fit: Fit) -> list[tuple[str, str]]:
    """The same for whether they leave, with the likelihood of both together."""
    if fit.model == Model.NONE:
        return []
    if fit.model == Model.NBD:
        sentence = _("That customers leave is not identified: nobody is taken to leave.")
        return [("a, b –", sentence), _likelihood(fit.log_likelihood)]
    a, b = fit.buying["a"], fit.buying["b"]
    sentence = _("After each repeat purchase, %(percent)s of customers leave for good, on average.")
    percent = f"{decimal(100 * a / (a + b), 0)} %"
    written = f"a {decimal(a, 3)}, b {decimal(b, 3)}"
    return [(written, sentence % {"percent": percent}), _likelihood(fit.log_likelihood)]


def spending(fit: Fit, currency: str) -> list[tuple[str, str]]:
    """The same for what a purchase brings. The sentences give money away."""
    if fit.value_model == ValueModel.NONE:
        return [("p, q, γ –", _("What a purchase brings could not be found out: no value is predicted."))]
    if fit.value_model == ValueModel.MEAN:
        sentence = _("A purchase of every customer is taken to bring %(mean)s, the mean of repeat days so far.")
        return [("p, q, γ –", sentence % {"mean": money(round(100 * (fit.mean_value or 0)), currency)})]
    p, q, v = fit.spending["p"], fit.spending["q"], fit.spending["v"]
    sentence = _(
        "A purchase brings %(mean)s on average over all customers. After one repeat purchase a customer's own value "
        "weighs %(percent)s in the prediction, and the more the oftener they come."
    )
    names = {"mean": money(round(100 * p * v / (q - 1)), currency), "percent": f"{decimal(100 * p / (p + q - 1), 0)} %"}
    written = f"p {decimal(p, 2)}, q {decimal(q, 2)}, γ {decimal(v, 2)}"
    return [(written, sentence % names), _likelihood(fit.value_log_likelihood)]


def _likelihood(found: float | None) -> tuple[str, str]:
    sentence = _("The log-likelihood: how well this explains these orders. To be compared on the same orders alone.")
    return (f"ln L {decimal(found or 0, 1)}", sentence)


def window(fit: Fit) -> str:
    """Return from when to when the orders are that a fit is made of."""
    last = date_format(date.fromordinal(fit.last_day), "j F Y")
    if not fit.first_day:
        return _("up to %(last)s") % {"last": last}
    return _("%(first)s to %(last)s") % {"first": date_format(date.fromordinal(fit.first_day), "j F Y"), "last": last}


def day(iso: str) -> str:
    """Return a day as people write it."""
    return date_format(date.fromisoformat(iso), "j F Y")


def model(name: str) -> str:
    """Return the name of a model of purchases."""
    return str(ValueModelName(name).label)


def number(count: int) -> str:
    """Return a count with its thousands parted."""
    return number_format(count, force_grouping=True)


def decimal(value: float, places: int) -> str:
    """Return a number rounded to so many places."""
    return number_format(f"{value:.{places}f}", places, force_grouping=True)
