"""The Lambda package's entry: the Chalice app and what it is made of. See chalicelib for everything else."""

import logging

from chalice.app import Chalice

from chalicelib import about as meta
from chalicelib.insights import feeds
from chalicelib.insights import routes as insights
from chalicelib.insights.stream import streams
from chalicelib.pages import dashboard, embeds, pictures
from chalicelib.pages import scripts as browser
from chalicelib.voting import routes as votes
from chalicelib.voting import tally_routes as tallies
from chalicelib.voting import voter_routes as voters

app = Chalice(app_name="article-votes")
app.log.setLevel(logging.WARNING)  # Chalice's own choice is ERROR: lost answers and throttling would go unseen
for room in (meta, tallies, voters, votes, browser, pictures, embeds, insights, feeds, dashboard):
    app.register_blueprint(room.routes)
app.register_blueprint(streams)
