"""What happens to models over time, in journals: the states that they go through, and marks of drift."""
