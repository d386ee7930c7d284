"""The public's page: what was compared and seen, in plain words, made by rules from cleared results alone."""

from riskset.report.public.public_page import PUBLIC, render_public, write_public

__all__ = ["PUBLIC", "render_public", "write_public"]
