"""Fitting both models to a house's purchases, and saying openly what could not be found out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from tiers.value import bgnbd, gamma_gamma
from tiers.value.purchases import Histories, Real, Tallies, histories

# Below these nothing is fitted: so few say next to nothing about the rest.
LEAST_CUSTOMERS, LEAST_REPEATERS, LEAST_VALUED = 50, 10, 30
# Leaving has two parameters. It must raise the log-likelihood by this much, or chance explains it as well: half of
# 5.99, the 95 % point of chi-square with 2 degrees of freedom (cautious, as a = 0 is the edge of what is possible).
LEAST_GAIN = 3.0
# Fader and Hardie take 0.11 (0.21 by rank) in the CDNOW data for small.
MOST_CORRELATION = 0.3


class Model(StrEnum):
    """How repeat purchases are predicted. NBD: nobody is seen to leave."""

    BG_NBD = "bg_nbd"
    NBD = "nbd"
    NONE = "none"


class ValueModel(StrEnum):
    """How the value of a purchase is predicted. MEAN: the same for everybody, what repeat days have brought so far."""

    GAMMA_GAMMA = "gamma_gamma"
    MEAN = "mean"
    NONE = "none"


class Caution(StrEnum):
    """What a reader of the numbers must know."""

    NO_PURCHASES = "no_purchases"
    TOO_FEW = "too_few"
    ONE_TIME_BUYERS = "one_time_buyers"
    NOT_IDENTIFIED = "not_identified"
    NO_DROP_OUT = "no_drop_out"
    DROP_OUT_ALIKE = "drop_out_alike"
    RATES_ALIKE = "rates_alike"
    TOO_FEW_VALUES = "too_few_values"
    VALUE_NOT_IDENTIFIED = "value_not_identified"
    CORRELATED = "correlated"
    RETURNS_EXCEED = "returns_exceed"
    ZERO_VALUES = "zero_values"
    SAMPLED = "sampled"
    NO_HOLDOUT = "no_holdout"


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit of both models. Times in weeks, money in whole units, days as ordinals (0 where there is none).

    r, alpha, a, b: BG/NBD (a = 0 and b = 1 for NBD). p, q, v: Gamma-Gamma (v is its gamma). None where not fitted.
    `mean_value`: what a repeat day brought on average. `gain`: by how much drop-out raises the log-likelihood.
    `correlation`: of frequency and value, by rank. `customers` were fitted on, of `population` with a purchase;
    `repeaters` came back, of whom `valued` brought something, `zero` nothing, and `negative` sent back more than
    they bought.
    """

    model: Model
    value_model: ValueModel
    horizon_days: int
    first_day: int
    last_day: int
    customers: int
    population: int
    repeaters: int
    valued: int
    zero: int
    negative: int
    r: float | None = None
    alpha: float | None = None
    a: float | None = None
    b: float | None = None
    p: float | None = None
    q: float | None = None
    v: float | None = None
    mean_value: float | None = None
    log_likelihood: float | None = None
    gain: float | None = None
    value_log_likelihood: float | None = None
    correlation: float | None = None
    warnings: tuple[Caution, ...] = ()

    @property
    def buying(self) -> dict[str, float]:
        """The parameters of the purchases, as `bgnbd` takes them."""
        if self.r is None or self.alpha is None or self.a is None or self.b is None:
            raise ValueError("no model of purchases is fitted")
        return {"r": self.r, "alpha": self.alpha, "a": self.a, "b": self.b}

    @property
    def spending(self) -> dict[str, float]:
        """The parameters of the value, as `gamma_gamma` takes them."""
        if self.p is None or self.q is None or self.v is None:
            raise ValueError("no model of value is fitted")
        return {"p": self.p, "q": self.q, "v": self.v}

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers, words and lists; days as "2026-03-31" or None."""
        plain = asdict(self) | {"warnings": [str(code) for code in self.warnings]}
        plain |= {"model": str(self.model), "value_model": str(self.value_model)}
        return plain | {name: _iso(plain[name]) for name in ("first_day", "last_day")}

    def but(self, *codes: Caution) -> "Fit":
        """Return this fit with further warnings."""
        return replace(self, warnings=(*self.warnings, *codes))

    def ahead(self, horizon_days: int) -> "Fit":
        """Return this fit for a horizon of so many days."""
        return replace(self, horizon_days=horizon_days)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Fit":
        """Return what `as_json` was made of; names that are not ours are passed over.

        Raises:
            ValueError, TypeError, KeyError: it is not such a fit.
        """
        names = {name: plain[name] for name in cls.__slots__ if name in plain}
        fit = cls(
            **names
            | {
                "model": Model(plain["model"]),
                "value_model": ValueModel(plain["value_model"]),
                "warnings": tuple(Caution(code) for code in plain.get("warnings", ())),
                "first_day": _ordinal(plain["first_day"]),
                "last_day": _ordinal(plain["last_day"]),
            }
        )
        fit._check()
        return fit

    def _check(self) -> None:
        """Raise `ValueError` where a parameter that the models need is missing or cannot be."""
        wanted = dict(self.buying) if self.model != Model.NONE else {}
        # NBD is the edge a = 0, so a alone may be 0.
        is_wrong = wanted.pop("a", 0) < 0
        if self.value_model == ValueModel.GAMMA_GAMMA:
            wanted |= self.spending | {"q - 1": (self.q or 0) - 1}
        if self.value_model == ValueModel.MEAN:
            wanted["mean_value"] = 1 + (-1 if self.mean_value is None else self.mean_value)
        if is_wrong or any(not 0 < number < float("inf") for number in wanted.values()) or self.horizon_days < 1:
            raise ValueError("a parameter cannot be")


def _iso(day: int) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def _ordinal(day: str | None) -> int:
    return date.fromisoformat(day).toordinal() if day else 0


def fit(tallies: Tallies, *, until: int, horizon_days: int = 365, population: int | None = None) -> Fit:
    """Fit both models to purchases up to the end of a day (an ordinal). Never fails: what cannot be found out is None.

    `population`: how many customers there are in all, where `tallies` are a sample of them.
    """
    customers = len(tallies.customer)
    known = histories(tallies, until)
    came_back = known.frequency > 0
    base = Fit(
        model=Model.NONE,
        value_model=ValueModel.NONE,
        horizon_days=horizon_days,
        first_day=int(tallies.first_day.min()) if customers else 0,
        last_day=int(until),
        customers=customers,
        population=customers if population is None else population,
        repeaters=int(came_back.sum()),
        valued=int((came_back & (tallies.repeat_cents > 0)).sum()),
        zero=int((came_back & (tallies.repeat_cents == 0)).sum()),
        negative=int((came_back & (tallies.repeat_cents < 0)).sum()),
    )
    bought = _fit_buying(base, known)
    valued = _fit_value(bought, known) if bought.model != Model.NONE else bought
    cautions = {
        Caution.SAMPLED: valued.population > customers,
        Caution.ZERO_VALUES: valued.zero > 0,
        Caution.RETURNS_EXCEED: valued.negative > 0,
    }
    return replace(valued, warnings=(*valued.warnings, *(code for code, holds in cautions.items() if holds)))


def _fit_buying(base: Fit, known: Histories) -> Fit:
    """Fill in the model of purchases."""
    if not base.customers:
        return replace(base, warnings=(Caution.NO_PURCHASES,))
    if not base.repeaters:
        return replace(base, warnings=(Caution.ONE_TIME_BUYERS,))
    if base.customers < LEAST_CUSTOMERS or base.repeaters < LEAST_REPEATERS:
        return replace(base, warnings=(Caution.TOO_FEW,))
    full, plain = bgnbd.fit_bgnbd(known), bgnbd.fit_nbd(known)
    gain = full.log_likelihood - plain.log_likelihood
    leaves = gain >= LEAST_GAIN and "a low" not in full.edges and full.edges & {"a high", "b high"} != {"b high"}
    best = full if leaves else plain
    if best.edges & {"r low", "alpha low", "alpha high"}:
        return replace(base, gain=gain, warnings=(Caution.NOT_IDENTIFIED,))
    cautions = {
        Caution.NO_DROP_OUT: not leaves,
        Caution.DROP_OUT_ALIKE: leaves and bool(full.edges & {"a high", "b low"}),
        Caution.RATES_ALIKE: "r high" in best.edges,
    }
    return replace(
        base,
        model=Model.BG_NBD if leaves else Model.NBD,
        r=best.r,
        alpha=best.alpha,
        a=best.a,
        b=best.b,
        log_likelihood=best.log_likelihood,
        gain=gain,
        warnings=tuple(code for code, holds in cautions.items() if holds),
    )


def _fit_value(bought: Fit, known: Histories) -> Fit:
    """Fill in the model of value."""
    is_valued = known.value > 0
    x, value = known.frequency[is_valued], known.value[is_valued]
    if len(x) < LEAST_REPEATERS:
        return replace(bought, warnings=(*bought.warnings, Caution.TOO_FEW_VALUES))
    mean = float(known.frequency @ known.value / known.frequency.sum())
    with_mean = replace(bought, value_model=ValueModel.MEAN, mean_value=mean, correlation=_rank_correlation(x, value))
    codes = list(bought.warnings)
    if abs(with_mean.correlation or 0) > MOST_CORRELATION:
        codes.append(Caution.CORRELATED)
    if len(x) < LEAST_VALUED:
        return replace(with_mean, warnings=(*codes, Caution.TOO_FEW_VALUES))
    best = gamma_gamma.fit_gamma_gamma(x, value)
    if best.is_on_edge or best.q <= 1:
        # With q up to 1 the mean over customers is infinite, and so would be the value of somebody new.
        return replace(with_mean, warnings=(*codes, Caution.VALUE_NOT_IDENTIFIED))
    return replace(
        with_mean,
        value_model=ValueModel.GAMMA_GAMMA,
        p=best.p,
        q=best.q,
        v=best.v,
        value_log_likelihood=best.log_likelihood,
        warnings=tuple(codes),
    )


def _rank_correlation(x: Real, value: Real) -> float:
    """Return Spearman's rank correlation, equal ones sharing their mean rank; 0 where one of the two never varies."""
    one, two = _ranks(x), _ranks(value)
    spread = float(np.std(one) * np.std(two))
    return float(np.mean((one - one.mean()) * (two - two.mean()))) / spread if spread else 0.0


def _ranks(numbers: Real) -> Real:
    _, place, count = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Real = (last - (count - 1) / 2)[place]
    return ranks
