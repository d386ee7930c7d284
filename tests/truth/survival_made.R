# Made data with heavy ties, delayed entry, weights, strata, clusters and two causes; R's answers on them.
# Rscript survival_made.R > survival_made.json
suppressPackageStartupMessages({library(survival); library(cmprsk); library(jsonlite)})
set.seed(20, kind = "Mersenne-Twister", normal.kind = "Inversion")
n <- 160
x1 <- rbinom(n, 1, 0.4); x2 <- round(rnorm(n), 3)
layer <- sample(c("a", "b", "c"), n, TRUE, c(0.5, 0.3, 0.2))
group <- sample(1:3, n, TRUE)
cause <- sample(0:2, n, TRUE, c(0.3, 0.4, 0.3))
stop <- pmin(30, ceiling(rexp(n, 0.07 * exp(0.5 * x1 - 0.3 * x2)))) + 1
start <- ifelse(runif(n) < 0.5, 0, floor(stop * runif(n) * 0.8))
w <- round(runif(n, 0.3, 2), 3); off <- round(rnorm(n, 0, 0.4), 3); person <- sample(60, n, TRUE)
d <- data.frame(x1, x2, layer, group, cause, stop, start, w, off, person, id = seq_len(n))
d$event <- as.integer(d$cause == 1); d$any <- as.integer(d$cause > 0)
d$state <- factor(d$cause, 0:2, c("censored", "one", "two"))
tight <- coxph.control(eps = 1e-13, iter.max = 50)

cox <- function(ties) {
  f <- coxph(Surv(start, stop, event) ~ x1 + x2 + offset(off) + strata(layer), d, weights = w, ties = ties,
             control = tight, cluster = person)
  plain <- coxph(Surv(start, stop, event) ~ x1 + x2 + strata(layer), d, weights = w, ties = ties, control = tight)
  model <- coxph(Surv(start, stop, event) ~ x1 + x2 + strata(layer), d, ties = ties, control = tight)
  s <- survfit(model, newdata = data.frame(x1 = c(0, 1), x2 = c(0.5, -1), layer = c("b", "c")), conf.type = "log-log")
  zph <- function(how) cox.zph(plain, transform = how, terms = FALSE)$table
  list(coef = coef(f), var = f$var, naive_var = f$naive.var, loglik = f$loglik, score = f$score,
       martingale = unname(resid(plain, "martingale")), deviance = unname(resid(plain, "deviance")),
       score_residuals = unname(resid(plain, "score")), dfbeta = unname(resid(plain, "dfbeta", weighted = TRUE)),
       schoenfeld = unname(resid(plain, "schoenfeld")), schoenfeld_time = as.numeric(names(resid(plain, "schoenfeld")[, 1])),
       zph_km = zph("km"), zph_rank = zph("rank"), zph_identity = zph("identity"), zph_log = zph("log"),
       survival = list(strata = unname(s$strata), time = s$time, surv = s$surv, std_err = s$std.err,
                       cumhaz = s$cumhaz, lower = s$lower, upper = s$upper))
}

fine_gray <- function(delayed, cause, ties) {
  y <- if (delayed) quote(Surv(start, stop, state)) else quote(Surv(stop, state))
  long <- finegray(as.formula(bquote(.(y) ~ .)), d[c("x1", "x2", "off", "start", "stop", "state", "id")],
                   etype = cause, id = id)
  f <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2 + offset(off), long, weights = fgwt, ties = ties,
             control = tight, cluster = id)
  list(coef = coef(f), var = f$var, naive_var = f$naive.var, loglik = f$loglik)
}

curve <- function(s) list(time = s$time, n_risk = s$n.risk, pstate = s$pstate, std_err = s$std.err, lower = s$lower, upper = s$upper)
logrank <- function(f) list(observed = unname(f$obs), expected = unname(f$exp), chisq = f$chisq)
delayed_exact <- coxph(Surv(start, stop, any) ~ factor(group) + strata(layer), d, ties = "exact", control = tight)
gray <- function(strata) unname(cuminc(d$stop, d$cause, d$group, strata)$Tests[, "stat"])
quantiles <- function(t, e) {
  s <- survfit(Surv(t, e) ~ 1, conf.type = "log-log"); q <- quantile(s, c(0.1, 0.25, 0.5, 0.75))
  list(time = t, event = e, quantile = unname(q$quantile), lower = unname(q$lower), upper = unname(q$upper))
}
out <- list(
  about = list(R = as.character(getRversion()), survival = as.character(packageVersion("survival")),
               cmprsk = as.character(packageVersion("cmprsk"))),
  data = as.list(d[c("x1", "x2", "layer", "group", "cause", "stop", "start", "w", "off", "person")]),
  cox = list(efron = cox("efron"), breslow = cox("breslow")),
  fine_gray = list(entry_one_efron = fine_gray(TRUE, "one", "efron"), entry_two_efron = fine_gray(TRUE, "two", "efron"),
                   entry_one_breslow = fine_gray(TRUE, "one", "breslow"), plain_two_efron = fine_gray(FALSE, "two", "efron")),
  aalen_johansen = list(plain = curve(survfit(Surv(stop, state) ~ 1, d)),
                        entry = curve(survfit(Surv(start, stop, state) ~ 1, d, id = id)),
                        weights = curve(survfit(Surv(stop, state) ~ 1, d, weights = w))),
  log_rank = list(groups = logrank(survdiff(Surv(stop, any) ~ group, d)),
                  strata = logrank(survdiff(Surv(stop, any) ~ group + strata(layer), d)),
                  entry_strata_score = delayed_exact$score),
  gray = list(groups = gray(rep(1, n)), strata = gray(d$layer)),
  quantiles = list(quantiles(1:4, c(1, 1, 1, 1)), quantiles(1:6, c(1, 1, 1, 0, 0, 0)), quantiles(1:8, c(0, 1, 1, 0, 1, 1, 1, 0))),
  rates = list(events = c(0, 1, 7, 250), limits = t(sapply(c(0, 1, 7, 250), function(k) poisson.test(k)$conf.int)))
)
cat(toJSON(out, digits = I(17), matrix = "rowmajor", na = "null", auto_unbox = TRUE, pretty = FALSE), "\n")
