"""External ratings: rating histories that a user has, kept by source and never mixed with what was measured here.

`ratings` reads CSV and Parquet, `artificial_analysis` the JSON of that site's media API, `store` keeps what was read
under the home (`history/<source>/<digest>.json`), from where the warehouse is filled and filled again.
"""

from data.history.artificial_analysis import read_artificial_analysis
from data.history.ratings import Rating, alike, read_ratings
from data.history.store import Imported, save_import

__all__ = ["Imported", "Rating", "alike", "read_artificial_analysis", "read_ratings", "save_import"]
