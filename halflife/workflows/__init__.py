"""What commands do: wiring of the packages below, without printing."""
