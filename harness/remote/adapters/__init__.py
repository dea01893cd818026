"""One adapter a provider's protocol; the table in `data/catalogue/adapters.py` lists them."""
