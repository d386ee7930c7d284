"""HOW IT LOOKS: tables, figures, the page. Sees released results only."""
