"""THE COMMAND LINE: what is typed, what is told, how it ends. The only importer of `nation`."""

from riskset.cli.commands import app, main

__all__ = ["app", "main"]
