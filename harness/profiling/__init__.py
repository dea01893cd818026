"""What a pipeline's networks cost: counted without weights, measured on a device at hand.

`building` makes the real classes on any device and the inputs of a call (`inputs/`, one noun a module), `counting`
counts a call's FLOPs, `fitting` turns counts into exact laws, `rebuilding` makes the committed FLOPs model again.
"""
