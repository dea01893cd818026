"""What happens to models: their states and the marks of drift, in journals."""
