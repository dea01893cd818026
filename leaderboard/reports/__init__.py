"""What pages and commands show together: several rooms' results read once and joined."""
