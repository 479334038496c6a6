"""The Lambda package's entry: the Chalice app and what it is made of. See chalicelib for everything else."""

import logging

from chalice.app import Chalice

from chalicelib.events import streams
from chalicelib.web import browser, dashboard, embeds, feeds, insights, meta, pictures, tallies, voters, votes

app = Chalice(app_name="article-votes")
app.log.setLevel(logging.WARNING)  # Chalice's own choice is ERROR: lost answers and throttling would go unseen
for room in (meta, tallies, voters, votes, browser, pictures, embeds, insights, feeds, dashboard):
    app.register_blueprint(room.routes)
app.register_blueprint(streams)
