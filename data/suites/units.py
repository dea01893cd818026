"""Which entries of a suite are one prompt: public suites repeat texts, and a repeated text is not new evidence."""

from collections.abc import Iterable

from data.vocabulary import Prompt, Suite


def prompt_units(prompts: Iterable[Prompt]) -> dict[str, str]:
    """Return the statistical unit of each prompt by its id: the id of the first that asks a model for the same thing.

    That is the same text with the same inputs, wherever their files lie. Category, tags and expectation are what is
    asked about the result, and do not make another prompt.

    >>> same = [Prompt(id=name, text="a red cup", category=name) for name in ("colour", "object")]
    >>> prompt_units([*same, Prompt(id="other", text="a red cup.", category="colour")])
    {'colour': 'colour', 'object': 'colour', 'other': 'other'}
    """
    first: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
    return {prompt.id: first.setdefault(_content(prompt), prompt.id) for prompt in prompts}


def repetition(suite: Suite) -> str | None:
    """Return the sentence that says that a suite has fewer prompts than entries, None where it has not."""
    units = prompt_units(suite.prompts)
    distinct = len(set(units.values()))
    if distinct == len(units):
        return None
    kind = "prompts (text and inputs)" if any(prompt.inputs for prompt in suite.prompts) else "texts"
    return (
        f"Suite {suite.name!r} has {len(units):,} entries and {distinct:,} different {kind}: entries that are the same "
        "count as one prompt in means, intervals, ranks and routes."
    )


def _content(prompt: Prompt) -> tuple[str, frozenset[tuple[str, str]]]:
    return prompt.text, frozenset((role, given.sha256) for role, given in prompt.inputs.items())
