# Sets with several cases, weights, offset and clusters in R's survival; writes clogit_several_cases.json.
# Rscript clogit_several_cases.R > clogit_several_cases.json
suppressPackageStartupMessages(library(survival))
set.seed(20, kind = "Mersenne-Twister", normal.kind = "Inversion")
size <- rep(c(4, 5, 7), 12)
set <- rep(seq_along(size), size)
n <- length(set)
x1 <- rbinom(n, 1, 0.4); x2 <- round(rnorm(n), 3)
rank_in_set <- ave(-(0.7 * x1 - 0.4 * x2 - log(-log(runif(n)))), set, FUN = rank)
case <- as.integer(rank_in_set <= 1 + set %% 4)
w <- round(runif(n, 0.3, 2), 3); off <- round(rnorm(n, 0, 0.5), 3); person <- sample(40, n, TRUE)
data <- data.frame(set, case, x1, x2, w, off, person)

number <- function(v) paste0("[", paste(format(v, digits = 15, trim = TRUE), collapse = ", "), "]")
fits <- list()
for (ties in c("efron", "breslow")) {
  fit <- clogit(case ~ x1 + x2 + offset(off) + strata(set) + cluster(person), data, weights = w, method = ties,
                control = coxph.control(eps = 1e-13, iter.max = 50))
  fits[[ties]] <- fit
}
fits[["exact"]] <- clogit(case ~ x1 + x2 + offset(off) + strata(set), data, method = "exact",
                          control = coxph.control(eps = 1e-13, iter.max = 50))
cat("{\n")
cat(sprintf(' "about": {"R": "%s", "survival": "%s"},\n', getRversion(), packageVersion("survival")))
for (name in names(data)) cat(sprintf(' "%s": %s,\n', name, number(data[[name]])))
shown <- sapply(names(fits), function(ties) {
  f <- fits[[ties]]
  naive <- if (is.null(f$naive.var)) f$var else f$naive.var
  sprintf(' "%s": {"coef": %s, "var": %s, "naive_var": %s, "loglik": %s, "score": %s, "robust_score": %s}', ties,
          number(coef(f)), number(f$var), number(naive), number(f$loglik), number(f$score),
          if (is.null(f$rscore)) "null" else number(f$rscore))
})
cat(paste(shown, collapse = ",\n"), "\n}\n")
