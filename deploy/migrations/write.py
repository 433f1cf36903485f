"""Write the next migration from what differs between the migrations so far and the tables of the code; then read it.

python -m deploy.migrations.write 0002 "batches know their campaign"
"""

import sys
from tempfile import TemporaryDirectory

from alembic import command

from alerting.database import connect
from streams import schema


def main(number: str, message: str) -> None:
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/so-far.db")
        with engine.begin() as connection:
            command.upgrade(schema.config(connection), "head")
            command.revision(schema.config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
