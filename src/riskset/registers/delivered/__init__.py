"""Reading what was delivered: which files, in which encoding, under which columns, and as which canonical values."""
