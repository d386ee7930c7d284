"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

from tests.examples import examples

settings.register_profile("riskset", max_examples=examples(100), deadline=None)
settings.load_profile("riskset")

# Started in the background of a script, processes ignore Ctrl-C, and so would those that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
