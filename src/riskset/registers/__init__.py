"""WHERE DATA COME FROM: delivered registers become canonical tables."""
