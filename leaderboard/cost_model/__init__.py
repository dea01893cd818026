"""What a shape will take and cost: rates calibrated on measured cells, predictions with intervals, prices."""
