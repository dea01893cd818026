"""What decides: the policy's words as values, and the file that a user writes."""
