"""`python -m halflife` is `halflife`."""

from halflife.cli import main

main()
