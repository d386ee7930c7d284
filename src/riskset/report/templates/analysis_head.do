version 14
clear all
set more off
args folder
if "`folder'" == "" local folder "."
scalar compared = 0
scalar agreeing = 0

* Columns of a model. A term makes columns, something may part them, and they enter the model.

* A column for each level but the reference, which is 0.
program define by_level
    args variable
    global latest ""
    quietly levelsof `variable', local(codes)
    foreach code of local codes {
        if `code' > 0 {
            quietly generate double `variable'_`code' = `variable' == `code'
            global latest $latest `variable'_`code'
        }
    }
end

* Columns that are in the data.
program define numbers
    global latest `0'
end

* Each column in each stratum.
program define in_each_stratum
    args by
    local parts ""
    quietly levelsof `by', local(strata)
    foreach column of global latest {
        foreach stratum of local strata {
            quietly generate double `column'_`by'_`stratum' = `column' * (`by' == `stratum')
            local parts `parts' `column'_`by'_`stratum'
        }
    }
    global latest `parts'
end

* Each column, and beside it the same in each stratum but the first that informs it: ratios of ratios.
program define against_first
    args by set
    local beside ""
    quietly levelsof `by', local(strata)
    foreach column of global latest {
        local beside `beside' `column'
        local first = 1
        foreach stratum of local strata {
            quietly generate double `column'_`by'_`stratum' = `column' * (`by' == `stratum')
            informs_model `column'_`by'_`stratum' `set'
            if r(informs) == 1 {
                if `first' == 0 {
                    local beside `beside' `column'_`by'_`stratum'
                }
                local first = 0
            }
        }
    }
    global latest `beside'
end

* Each column, and its product with a number.
program define times_number
    args by
    local products ""
    foreach column of global latest {
        quietly generate double `column'_`by' = `column' * `by'
        local products `products' `column'_`by'
    }
    global latest $latest `products'
end

program define enter_model
    global columns $columns $latest
end

* Whether a column differs between members of some set; or, without sets, at all.
program define informs_model, rclass
    args column set
    if "`set'" == "" {
        quietly summarize `column'
        return scalar informs = r(max) > r(min)
    }
    else {
        tempvar low high
        quietly egen double `low' = min(`column'), by(`set')
        quietly egen double `high' = max(`column'), by(`set')
        quietly count if `low' != `high'
        return scalar informs = r(N) > 0
    }
end

program define keep_informative
    args set
    local kept ""
    foreach column of global columns {
        informs_model `column' `set'
        if r(informs) == 1 {
            local kept `kept' `column'
        }
    }
    global columns `kept'
end

* The coefficient of a column beside the printed one; half of its last digit and 1e-6 are allowed between them.
program define set_beside
    args column stored
    scalar compared = compared + 1
    capture scalar now = _b[`column']
    if _rc == 0 {
        scalar difference = now - `stored'
        scalar allowed = 1e-6 + 0.5 * 10^(floor(log10(abs(`stored'))) + 1 - $digits)
        scalar agreeing = agreeing + (abs(difference) <= allowed)
        display as text "  ratio " as result %12.6f exp(now) as text "   printed " as result %12.6f exp(`stored') ///
            as text "   difference of logarithms " as result %9.1e difference
    }
    else {
        display as text "  not estimated"
    }
end

