"""A component's FLOPs at any shape, exactly: a polynomial with rational coefficients."""

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

    It counts one medium, unless the batch is among its variables.

    >>> quadratic = CostPolynomial.from_json({"1": [0, 5, 0], "n*n": [2, 0, 0]})
    >>> quadratic.flops({"n": 10})
    Flops(attention=200, linear=5, convolution=0)
    >>> quadratic.total({"n": 10}), quadratic.coefficient("n", "n"), quadratic.coefficient("n")
    (205, Fraction(2, 1), Fraction(0, 1))
    """

    terms: Mapping[Monomial, tuple[Fraction, Fraction, Fraction]]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, each once.

        >>> CostPolynomial.from_json({"n*t": [1, 0, 0], "n": [1, 0, 0]}).variables
        ('n', 't')
        """
        return tuple(dict.fromkeys(name for monomial in self.terms for name in monomial))

    def media(self, batch: int) -> int:
        """Return how often a call with a batch counts: once where the batch is a variable, else once a medium.

        >>> CostPolynomial.from_json({"n": [1, 0, 0]}).media(4), CostPolynomial.from_json({"b*n": [1, 0, 0]}).media(4)
        (4, 1)
        """
        return 1 if BATCH in self.variables else batch

    def flops(self, values: Mapping[str, int]) -> Flops:
        """Return the FLOPs by kind at those variables. Raises KeyError for a variable that is not there."""
        attention = linear = convolution = 0
        for monomial, (of_attention, of_linear, of_convolution) in self._integer_terms:
            product = 1
            for name in monomial:
                product *= values[name]
            attention += of_attention * product
            linear += of_linear * product
            convolution += of_convolution * product
        denominator = self._denominator
        return Flops(attention // denominator, linear // denominator, convolution // denominator)

    def total(self, values: Mapping[str, int]) -> int:
        """Return the FLOPs of all kinds at those variables, faster than `flops`."""
        total = 0
        for monomial, coefficient in self._summed_terms:
            product = coefficient
            for name in monomial:
                product *= values[name]
            total += product
        return total // self._denominator

    def coefficient(self, *monomial: str) -> Fraction:
        """Return the coefficient of a monomial, all kinds together; 0 where the polynomial does not have it."""
        return sum(self.terms.get(monomial, (Fraction(0),)), Fraction(0))

    @classmethod
    def from_json(cls, terms: Mapping[str, list[int | str]]) -> "CostPolynomial":
        """Return the polynomial that `as_json` wrote."""
        return cls({_monomial(name): _fractions(coefficients) for name, coefficients in terms.items()})

    def as_json(self) -> dict[str, Any]:
        """Return `{"n*n": [attention, linear, convolution], …}`; fractions are strings "p/q".

        >>> CostPolynomial.from_json({"n": ["1/2", 3, 0]}).as_json()
        {'n': ['1/2', 3, 0]}
        """
        return {
            "*".join(monomial) or "1": [int(c) if c.denominator == 1 else str(c) for c in coefficients]
            for monomial, coefficients in self.terms.items()
        }

    @cached_property
    def _denominator(self) -> int:
        """The common denominator of all coefficients, so that whole numbers are summed and divided once."""
        return lcm(*(c.denominator for coefficients in self.terms.values() for c in coefficients))

    @cached_property
    def _integer_terms(self) -> tuple[tuple[Monomial, tuple[int, ...]], ...]:
        return tuple(
            (monomial, tuple(int(c * self._denominator) for c in coefficients))
            for monomial, coefficients in self.terms.items()
        )

    @cached_property
    def _summed_terms(self) -> tuple[tuple[Monomial, int], ...]:
        return tuple((monomial, sum(coefficients)) for monomial, coefficients in self._integer_terms)


def _monomial(name: str) -> Monomial:
    return () if name == "1" else tuple(name.split("*"))


def _fractions(coefficients: list[int | str]) -> tuple[Fraction, Fraction, Fraction]:
    if len(coefficients) != len(KINDS):
        raise ValueError(f"Expected a coefficient for each of {', '.join(KINDS)}, got {coefficients}.")
    attention, linear, convolution = (Fraction(coefficient) for coefficient in coefficients)
    return attention, linear, convolution
