"""Write the golden files anew, on purpose: python -m tests.golden.make

What changes with that is a change of behaviour: its commit says why.
"""

import gc
import gzip
import json
from pathlib import Path

from tests.golden import backwards, engine, money
from tests.golden.sales import sale_stories
from tests.golden.undoing import undo_stories
from tests.golden.worlds import stories

HERE = Path(__file__).parent
RECORDS, SENTENCES = HERE / "golden.json.gz", HERE / "messages.json.gz"


def played():
    """Return all records and all sentences, by the name of their world."""
    records, sentences = {}, {}
    gc.disable()  # hundreds of thousands of small values, and no circle among them
    plays = [(engine.play, one) for one in stories()]
    plays += [(money.play, one) for one in sale_stories()]
    plays += [(backwards.play, one) for one in undo_stories()]
    for play, story in plays:
        record, said = play(story)
        records[story.name] = {"world": story.mark, **record}
        sentences[story.name] = said
    gc.enable()
    return records, sentences


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def write(path, content):
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    for path, content in zip((RECORDS, SENTENCES), played(), strict=True):
        write(path, content)
