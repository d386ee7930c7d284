"""One module an engine; ``registers.engine`` says what they have in common, and nothing else knows what differs."""
