"""ONE QUESTION EACH: from sets and measures to estimates."""
