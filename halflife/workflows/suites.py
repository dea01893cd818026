"""Suites as runs take them: read, and their metric checked, before anything is made."""

from data.suites import read_suite
from data.suites.library import SuiteReading
from data.suites.tables.reader import GUESSED, TableOptions
from evaluators.primary_metric import check_primary_metric


def checked_suite(name_or_path: str, table: TableOptions = GUESSED) -> SuiteReading:
    """Return a suite that can be run and ranked, with notes on how it was read. Errors as in `read_suite`.

    Raises HalflifeError too where no evaluator has its primary metric, or not for what its task makes.
    """
    reading = read_suite(name_or_path, table)
    check_primary_metric(reading.suite)
    return reading
