"""What a clip's frames show over time, as pure functions of frames and their times; evaluators call them."""
