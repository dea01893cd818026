"""What a policy would have done, and the fewest models that serve every category."""
