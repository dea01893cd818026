"""The address of a remote model: the base of an API; whatever else people paste is refused with the right form."""

import pytest

from data.catalogue.endpoint import check_base_url, check_key_header, check_query

AZURE = "https://mine.openai.azure.com/openai/deployments/painter"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/v1",
        "https://api.example",
        "http://127.0.0.1:8000/v1/",
        "http://[::1]:8000/v1",
        "https://api.example/accounts/@me/v1",
        AZURE,
    ],
)
def test_a_base_is_taken_as_it_is(url: str) -> None:
    assert check_base_url(url) == url


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://api.example/v1/images/generations", 'base_url = "https://api.example/v1"'),
        ("https://api.example/v1/images/generations/", 'base_url = "https://api.example/v1"'),
        ("https://api.example/v1/images/edits", 'base_url = "https://api.example/v1"'),
        ("https://api.example/v1/chat/completions", 'base_url = "https://api.example/v1"'),
        ("http://[::1]:8000/v1/videos", 'base_url = "http://[::1]:8000/v1"'),
        ("https://api.example/v1#images", 'base_url = "https://api.example/v1"'),
        (f"{AZURE}/images/generations?api-version=2025-04-01-preview", f'base_url = "{AZURE}" and query'),
        ("https://api.example/v1?api-version=1", 'query = { api-version = "1" }'),
    ],
)
def test_a_query_a_fragment_or_an_endpoint_is_refused_with_the_right_form(url: str, right: str) -> None:
    with pytest.raises(ValueError, match="Expected the base of an API") as caught:
        check_base_url(url)
    assert right in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://api.example/v1?key=s3cret", "https://me:s3cret@api.example/v1", "https://a.example/?token=s3cret"]
)
def test_a_key_in_the_address_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="credential_env") as caught:
        check_base_url(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["api.example/v1", "ftp://api.example", "https://", "http://::1:8000/v1", "https://a b.example", "http://a:x/"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Expected a base_url such as"):
        check_base_url(url)


@pytest.mark.parametrize("name", ["api-key", "key", "access_token", "sig", "a b", ""])
def test_a_query_holds_no_key_and_nothing_that_a_url_does_not(name: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        check_query({name: "1"})


@pytest.mark.parametrize("name", ["Host", "content-type", "cookie", "a b", "", "proxy-authorization"])
def test_a_key_goes_in_a_header_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="Expected the header of a key"):
        check_key_header(name)
