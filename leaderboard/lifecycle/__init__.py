"""How long a place lasts: who was in the field on which day, tenures in the top k, and the half-life of a lead."""
