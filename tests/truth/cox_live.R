# Fits of survival::coxph for test_cox_live_r.py: Rscript cox_live.R FILE, whose columns are the variables below.
suppressPackageStartupMessages(library(survival))
data <- read.csv(commandArgs(trailingOnly = TRUE)[1])
exactly <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
say <- function(name, fit) {
  model <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  numbers <- c(coef(fit), fit$var, model, fit$loglik, fit$score)
  cat(name, format(unname(numbers), digits = 17), "\n")
}
for (ties in c("efron", "breslow", "exact")) {
  fit <- function(...) do.call(coxph, list(..., data = data, ties = ties, control = exactly))
  say(paste0("plain_", ties), fit(Surv(stop, event) ~ x1 + x2))
  say(paste0("strata_", ties), fit(Surv(stop, event) ~ x1 + x2 + strata(s)))
  if (ties == "exact") next # under delayed entry R goes through all subsets of those at risk
  say(paste0("entry_", ties), fit(Surv(start, stop, event) ~ x1 + x2))
  say(paste0("entry_strata_", ties), fit(Surv(start, stop, event) ~ x1 + x2 + strata(s)))
  say(paste0("weights_", ties), fit(Surv(stop, event) ~ x1 + x2, weights = data$w, cluster = data$row))
  say(paste0("cluster_", ties), fit(Surv(stop, event) ~ x1 + x2, cluster = data$g))
  say(paste0("all_", ties), fit(Surv(start, stop, event) ~ x1 + x2 + strata(s), weights = data$w, cluster = data$g))
}
