"""Films: the record and its states, who may see which, and how they are found.

Knows neither HTTP nor how films are encoded. `film.py` has the words (types, states, transitions), `layout.py` the
keys in the buckets, `store.py` the DynamoDB items, `intake.py` and `work.py` what happens to a film, `access.py` the
one decision of who may see it.
"""
