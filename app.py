"""The Lambda package's entry: the Chalice app and what it is made of. See chalicelib for everything else."""

from chalice.app import Chalice

from chalicelib.events import streams
from chalicelib.web import meta, tallies, voters, votes

app = Chalice(app_name="article-votes")
for routes in (meta.routes, tallies.routes, voters.routes, votes.routes):
    app.register_blueprint(routes)
app.register_blueprint(streams)
