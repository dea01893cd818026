"""An exact law: a polynomial with rational coefficients that says a component's FLOPs at any shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from data.flops.flops import KINDS, Flops
from data.flops.variables import BATCH, Monomial


@dataclass(frozen=True)
class CostPolynomial:
    """The FLOPs of one call: for each kind a coefficient to every monomial of the natural variables.

    It is of one medium, unless the batch is among its variables.
    """

    terms: Mapping[Monomial, tuple[Fraction, Fraction, Fraction]]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names that the law reads, each once."""
        return tuple(dict.fromkeys(name for monomial in self.terms for name in monomial))

    def media(self, batch: int) -> int:
        """Return how often a call with a batch counts: once where the batch is a variable, else once a medium."""
        return 1 if BATCH in self.variables else batch

    def flops(self, values: Mapping[str, int]) -> Flops:
        """Return the FLOPs by kind at those variables. Raises KeyError for a variable that is not there."""
        attention = linear = convolution = 0
        for monomial, (of_attention, of_linear, of_convolution) in self._whole:
            product = 1
            for name in monomial:
                product *= values[name]
            attention += of_attention * product
            linear += of_linear * product
            convolution += of_convolution * product
        over = self._over
        return Flops(attention // over, linear // over, convolution // over)

    def total(self, values: Mapping[str, int]) -> int:
        """Return the FLOPs of all kinds at those variables, faster than `flops`."""
        total = 0
        for monomial, coefficient in self._sums:
            product = coefficient
            for name in monomial:
                product *= values[name]
            total += product
        return total // self._over

    def coefficient(self, *monomial: str) -> Fraction:
        """Return what all kinds together have before a monomial, 0 where the law does not have it."""
        return sum(self.terms.get(monomial, (Fraction(0),)), Fraction(0))

    @classmethod
    def from_json(cls, terms: Mapping[str, list[int | str]]) -> "CostPolynomial":
        """Return the law that `as_json` wrote."""
        return cls({_monomial(name): _fractions(coefficients) for name, coefficients in terms.items()})

    def as_json(self) -> dict[str, Any]:
        """Return `{"n*n": [attention, linear, convolution], …}`; fractions are strings "p/q"."""
        return {
            "*".join(monomial) or "1": [int(c) if c.denominator == 1 else str(c) for c in coefficients]
            for monomial, coefficients in self.terms.items()
        }

    @cached_property
    def _over(self) -> int:
        return lcm(*(c.denominator for coefficients in self.terms.values() for c in coefficients))

    @cached_property
    def _whole(self) -> tuple[tuple[Monomial, tuple[int, ...]], ...]:
        return tuple((m, tuple(int(c * self._over) for c in coefficients)) for m, coefficients in self.terms.items())

    @cached_property
    def _sums(self) -> tuple[tuple[Monomial, int], ...]:
        return tuple((monomial, sum(coefficients)) for monomial, coefficients in self._whole)


def _monomial(name: str) -> Monomial:
    return () if name == "1" else tuple(name.split("*"))


def _fractions(coefficients: list[int | str]) -> tuple[Fraction, Fraction, Fraction]:
    if len(coefficients) != len(KINDS):
        raise ValueError(f"Expected a coefficient for each of {', '.join(KINDS)}, got {coefficients}.")
    attention, linear, convolution = (Fraction(coefficient) for coefficient in coefficients)
    return attention, linear, convolution
