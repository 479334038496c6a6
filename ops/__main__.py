"""`python -m ops`: parse the command line, run one command, exit with its status."""

from __future__ import annotations

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import VotingError
from ops import articles, keys, pepper, recounting, restoring, seeding, sites, token_keys
from ops.seeding import SeedFailed
from ops.target import NoTarget, fail


def build_parser() -> argparse.ArgumentParser:
    """Every command, with its help."""
    parser = argparse.ArgumentParser(prog="python -m ops", description="Article Votes for operators.")
    parser.add_argument("--local", action="store_true", help="work on the stack of `make run`")
    commands = parser.add_subparsers(required=True, metavar="command")

    sites.add_commands(commands)

    articles.add_commands(commands)
    keys.add_commands(commands)
    pepper.add_commands(commands)
    token_keys.add_commands(commands)

    recount = commands.add_parser("recount", help="count the stored votes again and compare; exit status 1 on drift")
    recount.add_argument("--site")
    recount.add_argument("--article", help="needs --site")
    recount.add_argument("--repair", action="store_true", help="set drifted counts to what was counted")
    recount.set_defaults(run=recounting.run)

    restored = commands.add_parser("restore-check", help="is a restored table complete, and does it fit the secrets?")
    restored.set_defaults(run=restoring.run)

    project = commands.add_parser("project", help="derive projected tallies, histories, leaderboards and totals again")
    project.add_argument("--site")
    project.set_defaults(run=recounting.run_projection)

    seed = commands.add_parser("seed", help="cast votes through the API, for demos and load")
    seed.add_argument("api", help="what /v1/... is appended to")
    seed.add_argument("site")
    seed.add_argument("article")
    seed.add_argument("--votes", type=int, default=132)
    seed.set_defaults(run=seeding.run)
    return parser


def main() -> int:
    """The exit status: 0 success, 1 drift is left, 2 the command failed."""
    arguments = build_parser().parse_args()
    try:
        return int(arguments.run(arguments))
    except (NoTarget, VotingError, SeedFailed, BotoCoreError, ClientError) as error:
        return fail(str(error))


if __name__ == "__main__":
    sys.exit(main())
