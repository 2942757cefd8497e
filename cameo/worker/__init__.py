"""Runs generations as durable workflows: an outbox poller and DBOS."""
