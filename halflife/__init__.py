"""The front door: command line, settings, wiring. Computes nothing."""
