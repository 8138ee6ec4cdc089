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


def plays():
    """Return every story with what plays it."""
    told = [(engine.play, story) for story in stories()]
    told += [(money.play, story) for story in sale_stories()]
    told += [(backwards.play, story) for story in undo_stories()]
    return told


def played(told):
    """Return all records and all sentences of stories, by the name of their world."""
    records, sentences = {}, {}
    gc.disable()  # hundreds of thousands of small values, and no circle among them
    for play, story in told:
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
    for path, content in zip((RECORDS, SENTENCES), played(plays()), strict=True):
        write(path, content)
