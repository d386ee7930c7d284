# Seconds of R's JM for benchmarks/joint.py: Rscript joint.R FOLDER
suppressMessages({library(JM)})
folder <- commandArgs(TRUE)[1]
v <- read.csv(file.path(folder, "visits.csv"))
p <- read.csv(file.path(folder, "patients.csv"))
v$antidepressants <- p$antidepressants[v$id + 1]
p <- p[sort(unique(v$id)) + 1, ] # JM takes no patient without visits
started <- proc.time()
mixed <- lme(y ~ time + time:antidepressants, random = ~ time | id, data = v, control = lmeControl(opt = "optim"))
cox <- coxph(Surv(stop, event) ~ anxiolytics + hypnotics + antidepressants + age + bulbar, data = p, x = TRUE)
fit <- jointModel(mixed, cox, timeVar = "time", method = "piecewise-PH-aGH")
cat(sum((proc.time() - started)[c("user.self", "sys.self")]), "\n")
