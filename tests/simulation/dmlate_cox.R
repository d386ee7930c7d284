# Calendar-time Cox models of death in DMlate with insulin as a time-varying exposure, stratified on sex and birth year:
# what a nested case-control study matched on these two estimates. Days are counted from 1970; who dies or is
# censored on a day is at risk on it, so follow-up is (first day - 1, last day].
# Rscript dmlate_cox.R DMlate.csv
library(survival)
options(digits = 10)
d <- read.csv(commandArgs(TRUE)[1])
day <- function(years) round((years - 1970) * 365.25)
d$id <- seq_len(nrow(d))
d$entry <- day(d$dodm); d$last <- day(d$dox); d$dead <- !is.na(d$dodth); d$insulin <- day(d$doins)
d$byear <- as.integer(format(as.Date(day(d$dobth), origin = "1970-01-01"), "%Y"))
split_at_insulin <- function(d) {
  # Insulin counts from the day after its date: the index day itself is in no window.
  before <- d; before$stop <- pmin(d$last, d$insulin, na.rm = TRUE); before$start <- d$entry - 1
  before$event <- d$dead & (is.na(d$insulin) | d$insulin >= d$last); before$use <- 0
  after <- d[!is.na(d$insulin) & d$insulin < d$last, ]
  after$start <- pmax(after$insulin, after$entry - 1); after$stop <- after$last; after$event <- after$dead; after$use <- 1
  both <- rbind(before, after); both[both$stop > both$start, ]
}
tell <- function(name, d, ties) {
  f <- coxph(Surv(start, stop, event) ~ use + strata(sex, byear), data = split_at_insulin(d), ties = ties)
  cat(sprintf("%-48s %s  %.5f (%.5f)  %d deaths\n", name, ties, coef(f), sqrt(vcov(f)), f$nevent))
}
some <- d[d$last > d$entry, ]
for (ties in c("breslow", "efron")) {
  tell("everyone, at risk on the day of diagnosis", d, ties)
  tell("without the four who have no follow-up", some, ties)
}
