suppressPackageStartupMessages(library(survival))

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given) > 0) given[1] else "."

# Files of data ---------------------------------------------------------------------------------------------------

read_file <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), fileEncoding = "UTF-8-BOM")

# Each file is read once. Rows that are in the same models are a group; the groups of a model have a 1 in its column.
files <- new.env()
rows_in <- function(model, name) {
  if (is.null(files[[name]])) {
    files[[name]] <- list(rows = read_file(name), groups = read_file(paste0(name, "_groups")))
  }
  file <- files[[name]]
  file$rows[file$groups[[paste0("m", model)]][file$rows$group] == 1, , drop = FALSE]
}

# Columns of a model ----------------------------------------------------------------------------------------------
# A term makes columns of rows d; informs(columns) tells which of some columns say anything there.

# A column for each level but the reference, which is 0.
levels_of <- function(x) function(d, informs) {
  codes <- sort(unique(d[[x]][d[[x]] > 0]))
  columns <- outer(d[[x]], codes, "==") + 0
  if (length(codes) > 0) colnames(columns) <- paste(x, codes, sep = "_")
  columns
}

number <- function(x) function(d, informs) matrix(d[[x]], dimnames = list(NULL, x))

spline <- function(x, columns) function(d, informs) as.matrix(d[paste(x, seq_len(columns), sep = "_")])

# Each column in each stratum.
in_each_stratum <- function(term, by) function(d, informs) {
  columns <- term(d, informs)
  parts <- lapply(colnames(columns), parts_of, columns = columns, stratum = d[[by]], by = by)
  if (length(parts) > 0) do.call(cbind, parts) else columns
}

parts_of <- function(name, columns, stratum, by) {
  strata <- sort(unique(stratum))
  parts <- columns[, name] * outer(stratum, strata, "==")
  colnames(parts) <- paste(name, by, strata, sep = "_")
  parts
}

# Each column, and beside it the same in each stratum but the first that informs it: ratios of ratios.
against_first <- function(term, by) function(d, informs) {
  columns <- term(d, informs)
  beside <- lapply(colnames(columns), function(name) {
    parts <- parts_of(name, columns, d[[by]], by)
    parts <- parts[, informs(parts), drop = FALSE]
    cbind(columns[, name, drop = FALSE], parts[, -1, drop = FALSE])
  })
  if (length(beside) > 0) do.call(cbind, beside) else columns
}

# Each column, and its product with a number.
times <- function(term, by) function(d, informs) {
  columns <- term(d, informs)
  products <- columns * d[[by]]
  if (ncol(columns) > 0) colnames(products) <- paste(colnames(columns), by, sep = "_")
  cbind(columns, products)
}

design <- function(terms, d, informs) {
  columns <- do.call(cbind, lapply(terms, function(term) term(d, informs)))
  columns[, informs(columns), drop = FALSE]
}

within_sets <- function(d) function(columns) {
  first <- match(d$set, d$set)
  colSums(columns != columns[first, , drop = FALSE]) > 0
}

at_all <- function(columns) apply(columns, 2, function(column) any(column != column[1]))

# Fits ------------------------------------------------------------------------------------------------------------

precise <- coxph.control(eps = 1e-11, toler.chol = 1e-13, iter.max = 60)

ratio <- function(column, stored, label) list(column = column, stored = stored, label = label)

# Conditional logistic regression within matched sets.
odds <- function(model, title, data, ties, terms, ratios) compare(title, ratios, function() {
  d <- rows_in(model, data)
  x <- design(terms, d, within_sets(d))
  coef_of(clogit(case ~ x + strata(set), data = d, method = ties, control = precise), x)
})

# Cox regression; the events that do not count end follow-up.
hazards <- function(model, title, data, entry, events, terms, ratios) compare(title, ratios, function() {
  d <- rows_in(model, data)
  x <- design(terms, d, at_all)
  coef_of(coxph(Surv(d[[entry]], d$stop, d$event %in% events) ~ x, ties = "efron", control = precise), x)
})

# Fine and Gray: who has another event stays at risk, weighted for censoring and, where some enter late, truncation.
subdistribution <- function(model, title, data, entry, events, terms, ratios) compare(title, ratios, function() {
  d <- rows_in(model, data)
  x <- design(terms, d, at_all)
  d$person <- seq_len(nrow(d))
  d$state <- factor(d$event, levels = 0:max(d$event, events))
  response <- if (any(d[[entry]] > 0)) Surv(d[[entry]], d$stop, d$state) else Surv(d$stop, d$state)
  weighted <- finegray(response ~ person, data = d, etype = as.character(events), id = person)
  x <- x[weighted$person, , drop = FALSE]
  coef_of(coxph(Surv(fgstart, fgstop, fgstatus) ~ x, data = weighted, weights = fgwt, ties = "efron",
                control = precise), x)
})

coef_of <- function(fit, x) setNames(coef(fit), colnames(x))

# Comparison ------------------------------------------------------------------------------------------------------

agreeing <- 0
compared <- 0
largest <- 0

compare <- function(title, ratios, fit) {
  cat("\n", title, "\n", sep = "")
  fitted <- tryCatch(fit(), error = function(problem) {
    cat("  not fitted:", conditionMessage(problem), "\n")
    numeric()
  })
  for (one in ratios) {
    now <- unname(fitted[one$column])
    difference <- now - one$stored
    # Half of the last digit that is stored, and what two programs may differ by.
    allowed <- 1e-6 + 0.5 * 10^(floor(log10(abs(one$stored))) + 1 - digits)
    agrees <- !is.na(difference) && abs(difference) <= allowed
    agreeing <<- agreeing + agrees
    compared <<- compared + 1
    largest <<- max(largest, abs(difference), na.rm = TRUE)
    cat(sprintf("  %-44s ratio %12.6f   printed %12.6f   difference of logarithms %9.1e%s\n",
                one$label, exp(now), exp(one$stored), difference, if (agrees) "" else "   DIFFERS"))
  }
}

# Models ----------------------------------------------------------------------------------------------------------
