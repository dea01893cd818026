"""One thing that is wrong with a table, and text that looks like a credential, which no complaint may repeat."""

import re
from dataclasses import dataclass
from typing import Final

CREDENTIAL: Final = re.compile(
    r"(?:\bsk-[A-Za-z0-9_-]{8,}|\bhf_[A-Za-z0-9]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[A-Za-z0-9_-]{20,}|\bBearer\s+\S{8,}"
    r"|[?&](?:X-Amz-Signature|sig|signature|token|api_key|key)=)"
)


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One thing that does not hold: a short code, the place in the table, and the sentence."""

    code: str
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"
