-- The attributes that an app has: a number from 0 to 9, and whose they are: 0 of users, 1 of installations.
CREATE TABLE attribute_names (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    type BIGINT NOT NULL DEFAULT 0
);
