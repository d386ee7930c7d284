"""The front for journals: a Word document, and its tables for spreadsheets and LaTeX."""
