cat(sprintf("\nThe largest difference of logarithms: %.1e\n", largest))
cat(sprintf("%d of %d estimates agree\n", agreeing, compared))
if (!interactive() && agreeing < compared) quit(status = 1)
