"""The session of a transaction, which this room only hands on."""

from milepost.storage.engine import Session

DatabaseSession = Session
