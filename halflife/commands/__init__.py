"""One command (or one noun's commands) a module: parse what was asked, call the floors below, print what came.

Nothing is computed here; libraries that take long to import are imported inside the commands.
"""
