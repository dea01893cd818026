-- What each group of tables that mirrors files was read from (ratings, lifecycle, cells), in the place of a table each.

CREATE TABLE mirrors (name VARCHAR NOT NULL, files VARCHAR NOT NULL);

DROP TABLE ratings_state;
DROP TABLE lifecycle_state;
DROP TABLE cells_state;
