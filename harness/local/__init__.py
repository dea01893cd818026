"""Local generation: pipelines of diffusers, loaded, timed, and their output encoded."""
