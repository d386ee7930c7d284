# Times survival::clogit on a file of doubles (set, case, x1 … xp by column) and writes the coefficients.
# Rscript clogit.R FILE ROWS COLUMNS REPEATS; reading is outside the timing.
suppressPackageStartupMessages(library(survival))
given <- commandArgs(trailingOnly = TRUE)
n <- as.integer(given[2]); p <- as.integer(given[3]); repeats <- as.integer(given[4])
values <- readBin(given[1], "double", n * (p + 2L), size = 8L, endian = "little")
data <- as.data.frame(matrix(values, nrow = n))
names(data) <- c("set", "case", paste0("x", seq_len(p)))
rm(values)
model <- as.formula(paste("case ~", paste(names(data)[-(1:2)], collapse = " + "), "+ strata(set)"))
seconds <- numeric(0)
for (i in seq_len(repeats)) {
  gc(FALSE)
  spent <- system.time(fit <- clogit(model, data = data))
  seconds <- c(seconds, spent[["user.self"]] + spent[["sys.self"]])
}
cat("survival", as.character(packageVersion("survival")), "\n")
cat("seconds", format(seconds, digits = 8), "\n")
cat("coef", format(unname(coef(fit)), digits = 15), "\n")
