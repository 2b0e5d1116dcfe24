"""`python -m service` is `farsow`."""

from service.cli import main

main()
