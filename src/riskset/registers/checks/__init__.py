"""What delivered rows must satisfy: the rules, what is set aside, what is corrected, and what is remarked on."""
