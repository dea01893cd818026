"""The routing table: its schema, how it is built, checked, compared and explained."""
