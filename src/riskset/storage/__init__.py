"""Where things are kept: private folders, files that appear whole, locks, finished stages, and their digests."""
