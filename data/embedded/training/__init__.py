"""How the embedded models were trained, measured and exported; nothing here is needed to run them."""
