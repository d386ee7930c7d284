display as text _newline as result agreeing as text " of " as result compared as text " estimates agree"
