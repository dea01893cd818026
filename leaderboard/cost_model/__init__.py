"""What a call computes, takes and costs: FLOPs over a calibrated rate, times the price of the machine.

Here belong pure functions of measurements, architectures and prices: `calibration` and `prediction` give seconds,
`cost` the price of seconds, `target` where a call runs, `measurements` what was measured, `list_prices` what providers
ask, `surface` and `surface_tables` all of it over resolution, duration and steps. Reading measurements from an
observatory is `data.measurements`; pages are in `board`.
"""
