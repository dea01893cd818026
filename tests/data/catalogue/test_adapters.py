"""The table of remote adapters: each row names a module that is there, and nothing is imported for it."""

import importlib.util
import subprocess
import sys

import pytest

from data.catalogue.adapters import ADAPTERS, adapter_entry
from data.errors import UnknownNameError


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_each_row_names_itself_and_a_module_that_is_there(name: str) -> None:
    entry = adapter_entry(name)
    assert entry.name == name
    assert importlib.util.find_spec(entry.module) is not None
    assert entry.tasks
    assert entry.modalities


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown adapter 'openai'\. Did you mean 'openai_images'\? Known:"):
        adapter_entry("openai")


def test_the_table_imports_no_adapter() -> None:
    code = "import sys, data.catalogue.adapters; print([name for name in sys.modules if name.startswith('harness')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
