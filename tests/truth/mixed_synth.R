# Linear mixed models of the generated scores in synth_als_*.csv.gz, for mixed_synth.json.
# Rscript mixed_synth.R > mixed_synth.json (R 4.2.2, lme4 1.1-31, lmerTest 3.1-3)
suppressMessages({library(lme4); library(lmerTest); library(jsonlite)})
v <- read.csv(gzfile("synth_als_visits.csv.gz"))
p <- read.csv(gzfile("synth_als_patients.csv.gz"))
v$anti <- p$antidepressants[v$patient + 1]
v$anx <- p$anxiolytics[v$patient + 1]
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), calc.derivs = FALSE,
                     check.conv.grad = "ignore")
one <- function(formula, reml) {
  fit <- lmer(formula, data = v, REML = reml, control = tight)
  d <- unclass(VarCorr(fit))
  list(formula = deparse1(formula), reml = reml, beta = unname(fixef(fit)), vcov = as.matrix(vcov(fit)),
       D = lapply(d, function(m) matrix(m, nrow(m))), sigma = sigma(fit), loglik = as.numeric(logLik(fit)),
       df = unname(summary(fit)$coefficients[, "df"]), ranef = as.matrix(ranef(fit)$patient))
}
forms <- list(slope = delivered ~ time + time:anti + (time | patient),
              intercept = delivered ~ time + anx + (1 | patient),
              uncorrelated = latent ~ time + (time || patient),
              quadratic = latent ~ time + I(time^2) + (time + I(time^2) | patient))
out <- list()
for (name in names(forms)) for (reml in c(TRUE, FALSE))
  out[[paste0(name, if (reml) "_REML" else "_ML")]] <- one(forms[[name]], reml)
cat(toJSON(out, digits = 17, auto_unbox = TRUE, matrix = "rowmajor"))
