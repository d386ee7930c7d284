# Times survival::coxph on a file of doubles (start, stop, event, x1 … xp by column) and writes the coefficients.
# Rscript cox.R FILE ROWS COLUMNS REPEATS ENTRY(0/1); reading is outside the timing.
suppressPackageStartupMessages(library(survival))
given <- commandArgs(trailingOnly = TRUE)
n <- as.integer(given[2]); p <- as.integer(given[3]); repeats <- as.integer(given[4]); entry <- given[5] == "1"
values <- readBin(given[1], "double", n * (p + 3L), size = 8L, endian = "little")
data <- as.data.frame(matrix(values, nrow = n))
names(data) <- c("start", "stop", "event", paste0("x", seq_len(p)))
rm(values)
left <- if (entry) "Surv(start, stop, event) ~" else "Surv(stop, event) ~"
model <- as.formula(paste(left, paste(names(data)[-(1:3)], collapse = " + ")))
seconds <- numeric(0)
for (i in seq_len(repeats)) {
  gc(FALSE)
  spent <- system.time(fit <- coxph(model, data = data))
  seconds <- c(seconds, spent[["user.self"]] + spent[["sys.self"]])
}
cat("survival", as.character(packageVersion("survival")), "\n")
cat("seconds", format(seconds, digits = 8), "\n")
cat("coef", format(unname(coef(fit)), digits = 15), "\n")
