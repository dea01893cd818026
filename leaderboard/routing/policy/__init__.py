"""What decides: the policy's rules as values, and the file that a user writes."""
