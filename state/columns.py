"""What the tables have in common: how keys are named, what a later column holds."""

from sqlalchemy import false
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


EMPTY = {"server_default": ""}
"""What a column that came later holds in the rows that were there before."""
ZERO = {"server_default": "0"}
NO = {"server_default": false()}
