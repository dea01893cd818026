"""Why a provider declines a request, read from the codes and the words that providers and gateways use.

Gateways such as LiteLLM replace the provider's code by the HTTP status and keep its words, so both are read. What is
"lasting" stays true for each further request of the model, until somebody mends it: it is not sent again.
"""

import re
from typing import Literal

from harness.remote.error_reply import ErrorReply

Cause = Literal["refused", "unpaid", "unauthorised", "unsupported", "not-found", "other"]
LASTING: frozenset[Cause] = frozenset({"unpaid", "unauthorised", "unsupported", "not-found"})

_POLICY_CODE = re.compile(
    "contentpolicy|contentfilter|contentmoderat|contentblocked|moderationblocked|requestmoderated|safetyviolation"
    "|policyviolation|sensitivecontent|prohibitedcontent|datainspection|nsfw|imagesafety|safetyblock"
)
_POLICY_CODES = frozenset({"safety", "blocklist", "spii", "recitation", "moderated"})
_POLICY_WORDS = re.compile(
    r"(?i)safety.?system|safety_violations|content.?policy|content management policy|responsible ?ai"
    r"|violat\w+ (\w+ ){0,6}(polic|guideline)"
)
_WORDS_OF_A_FILTER = re.compile(
    r"(?i)safety.?(filter|check)|content.?(filter|moderation|checker)|nsfw|prohibited.?content"
    r"|(inappropriate|sensitive|harmful|unsafe|explicit) (content|information|words|text)|moderation (system|block)"
    r"|(prompt|input|content|image|request) (was |were |is |has been |have been )?(flagged|moderated|blocked)"
)
_UNPAID_CODE = re.compile(
    "insufficient(user)?(quota|balance|credit|fund)|billinghardlimit|billingnotactive|paymentrequired|arrear"
    "|accountoverdue|creditsexhausted|outofcredits|quotaexhausted|balanceexhausted"
)
_UNPAID_WORDS = re.compile(
    r"(?i)(insufficient|not enough|no remaining|no more|out of) (\w+ ){0,3}(quota|balance|credit|fund)"
    r"|(quota|balance|credits?)( \w+){0,3} (exhausted|depleted|too low|insufficient|not enough|used up)"
    r"|exhausted balance|exceeded your current quota|billing (hard )?limit|billing (is )?not active|payment required"
    r"|overdue payment|in arrears|top up"
)
_KEY_CODES = frozenset({"invalidapikey", "apikeyinvalid", "unauthenticated", "invalidauthentication"})
_KEY_WORDS = re.compile(r"(?i)(invalid|incorrect|expired|missing|wrong|unknown) (\w+ ){0,2}(api.?key|token|credential)")
_ACCOUNT_WORDS = re.compile(r"(?i)\b(account|organi[sz]ation|suspended|verif\w+)\b")
_FIELD_CODE = re.compile("unknownparameter|unsupported|invalidparameter|unrecognized|extraforbidden|unknownname")
_FIELD_WORDS = re.compile(
    r"(?i)(unknown|unrecogni[sz]ed|unsupported|unexpected|invalid) (\w+ ){0,2}"
    r"(parameter|argument|value|field|name|size)"
    r"|(not|n't) (currently )?support|unsupported|extra (inputs|fields)|not permitted|must be one of|not a valid"
    r"|unexpected keyword|does not (exist|accept)|additional properties"
)


def cause_of(status: int, error: ErrorReply) -> Cause:
    """Return why a request with this error was declined, "other" where that is not known.

    >>> cause_of(429, ErrorReply(code="", message="You exceeded your current quota.", created=False))
    'unpaid'
    """
    codes = [_plain(code) for code in error.codes or (error.code,)]
    if any(map(is_policy_code, codes)) or _is_refused_by_words(status, error, codes):
        return "refused"
    if status == 402 or _is_unpaid(status, error, codes):
        return "unpaid"
    if status in (401, 403) or _KEY_CODES & set(codes) or _KEY_WORDS.search(error.message):
        return "unauthorised"
    if status in (400, 422) and _is_about_a_field(error, codes):
        return "unsupported"
    return "not-found" if status in (404, 405) else "other"


def is_policy_code(code: str) -> bool:
    """Whether a code, in any spelling, says that a filter or a policy declined.

    >>> is_policy_code("contentFilter"), is_policy_code("CONTENT_FILTERED"), is_policy_code("success")
    (True, True, False)
    """
    return _plain(code) in _POLICY_CODES or _POLICY_CODE.search(_plain(code)) is not None


def _plain(code: str) -> str:
    return re.sub("[^a-z0-9]", "", code.lower())


def _is_refused_by_words(status: int, error: ErrorReply, codes: list[str]) -> bool:
    if status in (401, 402, 404, 405, 429) or (status == 403 and _ACCOUNT_WORDS.search(error.message)):
        return False
    if _POLICY_WORDS.search(error.message):
        return True
    return _WORDS_OF_A_FILTER.search(error.message) is not None and not _is_about_a_field(error, codes)


def _is_unpaid(status: int, error: ErrorReply, codes: list[str]) -> bool:
    if "ratelimitexceeded" in codes or (status == 429 and error.wait_seconds is not None):
        return False
    return any(_UNPAID_CODE.search(code) for code in codes) or _UNPAID_WORDS.search(error.message) is not None


def _is_about_a_field(error: ErrorReply, codes: list[str]) -> bool:
    return any(_FIELD_CODE.search(code) for code in codes) or _FIELD_WORDS.search(error.message) is not None
