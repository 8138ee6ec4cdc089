"""The standings: how a sale stands that is not in step, in the order that matters."""

from connector.reports.words.word import Word

STANDINGS = {
    "twice": Word(
        "there twice",
        "One key stands more than once on one side.",
        "Look whether its commission was paid twice; nothing is pushed.",
    ),
    "refunded": Word(
        "taken back on one side only",
        "One side has refunded, archived or deleted the sale, the other has not.",
        "Take it back on the other side too, or its commission stays.",
    ),
    "quarantined": Word(
        "to be judged by a person",
        "A payment left, and three runs over a day did not find it on the target.",
        "Look there. `decide ID --keep`: it is there; `--as-proposed`: send it again.",
    ),
    "lookalike": Word(
        "perhaps the same as another sale",
        "The target has a sale of the same buyer and amount within two days, or a key "
        "that is equal but for case or blanks; or it had one, which nobody has judged.",
        "`decide ID --keep`: it is the same; `--as-proposed`: it is another one.",
    ),
    "differs": Word(
        "with two amounts",
        "The sale is on both sides, with an amount of its own on each.",
        "Correct it on one side; nothing is sent again.",
    ),
    "unproven": Word(
        "in doubt",
        "What decides about it is not known: a list that was not read to its end, an "
        "answer that says nothing.",
        "Nothing: it is asked again in each run.",
    ),
    "missing_on_partnero": Word(
        "missing on Partnero",
        "Tolt has the sale, and Partnero does not.",
        'Nothing, or `redemptions = "to-partnero"` or `"both"` in `[pairs.policy]`.',
    ),
    "missing_on_tolt": Word(
        "missing on Tolt",
        "Partnero has the sale, and Tolt does not.",
        'Nothing, or `redemptions = "to-tolt"` or `"both"`, which pays commissions.',
    ),
    "without_key": Word(
        "without a key",
        "A use that names no sale: it cannot be told from another one.",
        "Nothing: it is counted by code, and never pushed.",
    ),
}
