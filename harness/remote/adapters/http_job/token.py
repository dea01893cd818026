"""The header that a provider's key goes in: the key itself, or a token that it signs."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from data.catalogue.provider_spec import ProviderSpec
from data.errors import ServiceError
from data.vocabulary import RemoteSource
from harness.credential import Credential

TOKEN_SECONDS = 1800
CLOCK_SKEW_SECONDS = 5


def key_headers(
    spec: ProviderSpec, source: RemoteSource, credential: Credential, *, environ: Mapping[str, str], now: float
) -> dict[str, str]:
    """Return the header with the key at `now` (seconds since 1970); none where the provider wants no key.

    Raises ServiceError where the variable of the access key is not set.
    """
    if spec.key is None or credential.name is None:
        return {}
    key = credential.reveal()
    if spec.key.issuer is not None:
        issuer = environ.get(spec.key.issuer, "").strip()
        if not issuer:
            raise ServiceError(f"Expected the environment variable {spec.key.issuer}, got none. Set it and try again.")
        key = signed_token(issuer, key, int(now))
    return {source.key_header: f"{spec.key.prefix}{key}"}


def signed_token(issuer: str, secret: str, now: int) -> str:
    """Return a JSON web token (RFC 7519, HS256) that holds half an hour from `now`, seconds since 1970.

    >>> signed_token("studio", "secret", 0).partition(".")[0]
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'
    """
    claims = {"iss": issuer, "exp": now + TOKEN_SECONDS, "nbf": now - CLOCK_SKEW_SECONDS}
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":"))) for part in (HEAD, claims))
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


HEAD = {"alg": "HS256", "typ": "JWT"}


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
