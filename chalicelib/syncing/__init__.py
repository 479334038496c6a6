"""Syncing: the publisher's own feed is read on a schedule, and keeps what is known about its articles current."""
